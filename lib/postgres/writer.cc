#include "lib/postgres/writer.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>

namespace ticketing::postgres {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kAttemptsMax = 12;

// From this attempt on the writes of a batch commit one by one: the less a transaction touches, the
// fewer it collides with.
constexpr int kAttemptsTogether = 3;

constexpr milliseconds kConnectPauseMin{10};
constexpr milliseconds kConnectPauseMax{500};

Status NotCommitted(const Status& cause) {
  const ErrorCode code =
      CodeOf(cause) == ErrorCode::kDataLoss ? ErrorCode::kDataLoss : ErrorCode::kUnavailable;
  return MakeError(code, "the write was not committed: " + std::string(MessageOf(cause)));
}

Status Unknown(const Status& cause) {
  return MakeError(ErrorCode::kUnavailable,
                   "the connection was lost during the commit, the write may or may not have had "
                   "its effect: " +
                       std::string(MessageOf(cause)));
}

// Between attempts: nothing the first time, then longer and longer, 0.3 s in all.
void Pause(int attempt) {
  if (attempt > 1) std::this_thread::sleep_for(milliseconds(1 << std::min(attempt - 2, 6)));
}

}  // namespace

// One pass over the writes of a batch.
class Writer::Batch {
 public:
  explicit Batch(const std::vector<PendingWrite>& writes)
      : writes_(writes), outcomes_(writes.size()) {}

  size_t begin() const { return begin_; }
  bool settled() const { return begin_ == writes_.size(); }
  std::vector<Status> TakeOutcomes() { return std::move(outcomes_); }

  // Runs and commits what is not settled yet, `alone` only the next write. What cannot be settled
  // because of the connection or another transaction stays, and the cause is given.
  Status Commit(Connection& connection, bool alone) {
    const size_t end = alone ? begin_ + 1 : writes_.size();
    if (end - begin_ == 1) return CommitOne(connection);
    connection.Queue("BEGIN");
    for (size_t i = begin_; i < end; ++i) {
      connection.Queue("SAVEPOINT write_");
      outcomes_[i] = connection.Run(writes_[i].fn);
      if (connection.trouble() != Trouble::kNone) return Undo(connection, outcomes_[i]);
      if (!outcomes_[i].ok()) connection.Queue("ROLLBACK TO SAVEPOINT write_");
      connection.Queue("RELEASE SAVEPOINT write_");
    }
    Status status = connection.Control("COMMIT");
    if (status.ok()) {
      begin_ = end;
      return status;
    }
    if (connection.trouble() == Trouble::kRetry) return Undo(connection, status);
    if (connection.trouble() == Trouble::kNone && CodeOf(status) == ErrorCode::kConflict) {
      // A deferred constraint: one write is at fault, and alone each shows whether it is the one.
      alone_until_ = end;
      return OkStatus();
    }
    Settle(end, connection.trouble() == Trouble::kLost ? Unknown(status) : NotCommitted(status));
    return OkStatus();
  }

  // Whether the next write has to be committed alone.
  bool next_alone() const { return begin_ < alone_until_; }

  // Gives `status` to all that is not settled and has no error of its own.
  void Fail(const Status& status) {
    for (size_t i = begin_; i < outcomes_.size(); ++i) outcomes_[i] = OkStatus();
    Settle(outcomes_.size(), status);
  }

 private:
  Status CommitOne(Connection& connection) {
    Status& outcome = outcomes_[begin_];
    connection.Queue("BEGIN");
    outcome = connection.Run(writes_[begin_].fn);
    if (connection.trouble() != Trouble::kNone) return Undo(connection, outcome);
    if (!outcome.ok()) {
      connection.Queue("ROLLBACK");
      connection.Send();
      ++begin_;
      return OkStatus();
    }
    outcome = connection.Control("COMMIT");
    if (connection.trouble() == Trouble::kRetry) return Undo(connection, outcome);
    if (connection.trouble() == Trouble::kLost) {
      outcome = Unknown(outcome);
    } else if (!outcome.ok() && CodeOf(outcome) != ErrorCode::kConflict) {
      outcome = NotCommitted(outcome);
    }
    ++begin_;
    return OkStatus();
  }

  // Takes a copy: what caused it may be the outcome that the next pass overwrites. A function that
  // turned the error into one of its own, or into none, does not change what has to be done.
  static Status Undo(Connection& connection, Status cause) {
    connection.Queue("ROLLBACK");
    connection.Send();
    if (!cause.ok()) return cause;
    return MakeError(ErrorCode::kAborted, "the database asks for a retry");
  }

  void Settle(size_t end, const Status& status) {
    for (; begin_ < end; ++begin_) {
      if (outcomes_[begin_].ok()) outcomes_[begin_] = status;
    }
  }

  const std::vector<PendingWrite>& writes_;
  std::vector<Status> outcomes_;
  size_t begin_ = 0;
  size_t alone_until_ = 0;
};

Status Writer::Connect() {
  if (connection_ != nullptr && connection_->trouble() != Trouble::kLost) return OkStatus();
  connection_ = nullptr;
  milliseconds pause = kConnectPauseMin;
  while (true) {
    // After a long absence each write makes one attempt at most, and not all of them do.
    if (away_ && Clock::now() < next_attempt_) return last_failure_;
    StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(config_);
    if (opened.ok()) {
      connection_ = *std::move(opened);
      away_ = false;
      return OkStatus();
    }
    last_failure_ = opened.status();
    const auto now = Clock::now();
    if (!away_) lost_at_ = now;
    away_ = true;
    if (now + pause >= lost_at_ + std::chrono::microseconds(reconnect_for_.micros)) {
      next_attempt_ = now + kConnectPauseMax;
      return last_failure_;
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kConnectPauseMax);
  }
}

std::vector<Status> Writer::CommitTogether(const std::vector<PendingWrite>& writes) {
  Batch batch(writes);
  int attempts = 0;
  while (!batch.settled()) {
    const Status connected = Connect();
    if (!connected.ok()) {
      batch.Fail(NotCommitted(connected));
      break;
    }
    const size_t before = batch.begin();
    const Status status =
        batch.Commit(*connection_, batch.next_alone() || attempts >= kAttemptsTogether);
    if (batch.begin() > before) {
      attempts = std::min(attempts, kAttemptsTogether);
      continue;
    }
    if (status.ok()) continue;  // a deferred constraint
    if (++attempts < kAttemptsMax) {
      Pause(attempts);
      continue;
    }
    const bool lost = connection_->trouble() == Trouble::kLost;
    batch.Fail(lost ? NotCommitted(status) : MakeError(ErrorCode::kAborted, MessageOf(status)));
  }
  return batch.TakeOutcomes();
}

}  // namespace ticketing::postgres
