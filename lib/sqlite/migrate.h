// Brings a database to its schema.
#ifndef TICKETING_LIB_SQLITE_MIGRATE_H_
#define TICKETING_LIB_SQLITE_MIGRATE_H_

#include <vector>

#include "lib/sqlite/connection.h"
#include "ticketing/base/status.h"
#include "ticketing/env/database.h"

namespace ticketing::sqlite {

// Runs the migrations that did not run yet, each in one transaction. Errors as of
// SqliteDatabaseFactory::Open.
Status Migrate(Connection& connection, const std::vector<Migration>& schema);

}  // namespace ticketing::sqlite

#endif  // TICKETING_LIB_SQLITE_MIGRATE_H_
