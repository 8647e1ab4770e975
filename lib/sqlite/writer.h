// Group commit: many writes, one transaction, one sync.
#ifndef TICKETING_LIB_SQLITE_WRITER_H_
#define TICKETING_LIB_SQLITE_WRITER_H_

#include <functional>
#include <vector>

#include "lib/sqlite/connection.h"
#include "ticketing/base/status.h"
#include "ticketing/env/database.h"

namespace ticketing::sqlite {

struct PendingWrite {
  SqlFunction fn;
  std::function<void(Status)> done;
};

// Runs the writes in order, each all or nothing, and gives their outcomes in the same order. An
// outcome is OK only when the commit that holds the write is durable. Does not call `done`.
std::vector<Status> CommitTogether(Connection& connection, const std::vector<PendingWrite>& writes);

}  // namespace ticketing::sqlite

#endif  // TICKETING_LIB_SQLITE_WRITER_H_
