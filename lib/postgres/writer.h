// Group commit: many writes, one transaction, one sync, on a connection that may come and go.
#ifndef TICKETING_LIB_POSTGRES_WRITER_H_
#define TICKETING_LIB_POSTGRES_WRITER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "lib/postgres/connection.h"
#include "ticketing/base/status.h"
#include "ticketing/env/database.h"

namespace ticketing::postgres {

struct PendingWrite {
  SqlFunction fn;
  std::function<void(Status)> done;
};

// Not thread-safe.
class Writer {
 public:
  Writer(ConnectionConfig config, Duration reconnect_for)
      : config_(std::move(config)), reconnect_for_(reconnect_for) {}

  // Runs the writes in order, each all or nothing, and gives their outcomes in the same order. An
  // outcome is OK only when the commit that holds the write is durable. Does not call `done`. A
  // function runs again when the database asks for it or the connection is lost before the commit.
  std::vector<Status> CommitTogether(const std::vector<PendingWrite>& writes);

 private:
  class Batch;

  // Makes sure that there is a connection; waits for a lost server for as long as it may.
  Status Connect();

  const ConnectionConfig config_;
  const Duration reconnect_for_;
  std::unique_ptr<Connection> connection_;
  // When the first of a row of attempts to connect failed, and when the next may be made.
  std::chrono::steady_clock::time_point lost_at_, next_attempt_;
  bool away_ = false;
  Status last_failure_;
};

}  // namespace ticketing::postgres

#endif  // TICKETING_LIB_POSTGRES_WRITER_H_
