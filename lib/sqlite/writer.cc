#include "lib/sqlite/writer.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace ticketing::sqlite {
namespace {

void RollBack(Connection& connection) {
  if (connection.InTransaction()) (void)connection.Control("ROLLBACK");
}

Status NotCommitted(const Status& cause) {
  const ErrorCode code =
      CodeOf(cause) == ErrorCode::kDataLoss ? ErrorCode::kDataLoss : ErrorCode::kUnavailable;
  return MakeError(code, "the write was not committed: " + std::string(MessageOf(cause)));
}

// A write alone in its transaction.
Status CommitOne(Connection& connection, const SqlFunction& fn) {
  TICKETING_RETURN_IF_ERROR(connection.Control("BEGIN IMMEDIATE"));
  Status status = connection.Run(fn);
  if (!status.ok()) {
    RollBack(connection);
    return status;
  }
  if (!connection.InTransaction())
    return MakeError(ErrorCode::kUnavailable, "the database undid the write");
  status = connection.Control("COMMIT");
  if (status.ok()) return status;
  RollBack(connection);
  // A constraint that is checked at the end is the write's own fault; anything else is the
  // storage's.
  return CodeOf(status) == ErrorCode::kConflict ? status : NotCommitted(status);
}

// Runs one write in a savepoint. An error of SQLite's bookkeeping, not of the write, comes back in
// `broken`.
Status RunInSavepoint(Connection& connection, const SqlFunction& fn, Status& broken) {
  broken = connection.Control("SAVEPOINT write_");
  if (!broken.ok()) return broken;
  Status status = connection.Run(fn);
  if (!connection.InTransaction()) {
    broken = status.ok() ? MakeError(ErrorCode::kUnavailable, "the database undid the transaction")
                         : status;
    return status;
  }
  if (!status.ok()) broken = connection.Control("ROLLBACK TO write_");
  if (broken.ok()) broken = connection.Control("RELEASE write_");
  return status;
}

class Batch {
 public:
  Batch(Connection& connection, const std::vector<PendingWrite>& writes)
      : connection_(connection), writes_(writes), outcomes_(writes.size()) {}

  std::vector<Status> Commit() && {
    for (size_t begin = 0; begin < writes_.size();) begin = CommitFrom(begin);
    return std::move(outcomes_);
  }

 private:
  // Commits the writes from `begin` on, and gives the index of the first that is not settled yet.
  size_t CommitFrom(size_t begin) {
    if (begin + 1 == writes_.size()) {
      outcomes_[begin] = CommitOne(connection_, writes_[begin].fn);
      return begin + 1;
    }
    Status status = connection_.Control("BEGIN IMMEDIATE");
    if (!status.ok()) {
      Fail(begin, writes_.size(), status);
      return writes_.size();
    }
    for (size_t i = begin; i < writes_.size(); ++i) {
      Status broken;
      outcomes_[i] = RunInSavepoint(connection_, writes_[i].fn, broken);
      if (!broken.ok()) {
        // The transaction is gone and with it every write in it; those behind it get their own
        // chance.
        RollBack(connection_);
        Fail(begin, i + 1, NotCommitted(broken));
        return i + 1;
      }
    }
    status = connection_.Control("COMMIT");
    if (status.ok()) return writes_.size();
    RollBack(connection_);
    if (CodeOf(status) == ErrorCode::kConflict) {
      // A deferred constraint: one write is at fault, and alone each shows whether it is the one.
      for (size_t i = begin; i < writes_.size(); ++i)
        outcomes_[i] = CommitOne(connection_, writes_[i].fn);
    } else {
      Fail(begin, writes_.size(), NotCommitted(status));
    }
    return writes_.size();
  }

  // Writes that failed by themselves keep their own error.
  void Fail(size_t begin, size_t end, const Status& status) {
    for (size_t i = begin; i < end; ++i) {
      if (outcomes_[i].ok()) outcomes_[i] = status;
    }
  }

  Connection& connection_;
  const std::vector<PendingWrite>& writes_;
  std::vector<Status> outcomes_;
};

}  // namespace

std::vector<Status> CommitTogether(Connection& connection,
                                   const std::vector<PendingWrite>& writes) {
  return Batch(connection, writes).Commit();
}

}  // namespace ticketing::sqlite
