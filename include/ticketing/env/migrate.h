// Brings a database to its schema: what every adapter of the database port does when it opens one.
#ifndef TICKETING_ENV_MIGRATE_H_
#define TICKETING_ENV_MIGRATE_H_

#include <functional>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"

namespace ticketing {

// Runs a function as one transaction that no other process's migration can overlap.
using SchemaTransaction = std::function<Status(const SqlFunction&)>;

// Runs the migrations that did not run yet, each in one transaction, and remembers them in the
// table schema_migrations with a checksum of their text. Errors: kDataLoss when a migration that
// ran before is missing from `schema` or was edited since; those of the transaction. Versions count
// from 1 without a gap.
Status Migrate(const std::vector<Migration>& schema, const SchemaTransaction& transact);

}  // namespace ticketing

#endif  // TICKETING_ENV_MIGRATE_H_
