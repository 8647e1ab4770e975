#include "ticketing/postgres/postgres.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "lib/postgres/connection.h"
#include "lib/postgres/writer.h"
#include "ticketing/base/assert.h"
#include "ticketing/env/migrate.h"
#include "ticketing/env/wait.h"

namespace ticketing {
namespace {

using postgres::Connection;
using postgres::ConnectionConfig;
using postgres::PendingWrite;
using postgres::Trouble;
using postgres::Writer;

// PostgreSQL cuts longer names.
constexpr size_t kNameMax = 63;

bool IsName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, allowed);
}

// The database whose function this thread is running, to catch calls that would wait for
// themselves.
thread_local const void* running_database = nullptr;

class RunningScope {
 public:
  explicit RunningScope(const void* database) : outer_(std::exchange(running_database, database)) {}
  ~RunningScope() { running_database = outer_; }
  RunningScope(const RunningScope&) = delete;
  RunningScope& operator=(const RunningScope&) = delete;

 private:
  const void* outer_;
};

// Connections for reading, made when needed, up to a number.
class ReadPool {
 public:
  ReadPool(ConnectionConfig config, size_t max)
      : config_(std::move(config)), max_(std::max<size_t>(max, 1)) {}

  StatusOr<std::unique_ptr<Connection>> Take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return taken_ < max_; });
    ++taken_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    lock.unlock();
    StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(config_);
    if (!connection.ok()) Give(nullptr);
    return connection;
  }

  // A lost connection takes the idle ones with it: what ended one has most likely ended all.
  void Give(std::unique_ptr<Connection> connection) {
    std::vector<std::unique_ptr<Connection>> gone;
    const std::lock_guard lock(mutex_);
    --taken_;
    if (connection != nullptr) {
      if (connection->trouble() == Trouble::kLost) {
        gone.swap(idle_);
      } else {
        idle_.push_back(std::move(connection));
      }
    }
    returned_.notify_one();
  }

 private:
  const ConnectionConfig config_;
  const size_t max_;
  std::mutex mutex_;
  std::condition_variable returned_;
  size_t taken_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const PostgresOptions& options, const ConnectionConfig& config)
      : batch_max_(std::max<size_t>(options.batch_max, 1)),
        writer_(config, options.reconnect_for),
        readers_(ReaderConfig(config), options.read_connections) {
    thread_ = std::thread([this] { RunWriter(); });
  }

  ~PostgresDatabase() override {
    {
      const std::lock_guard lock(queue_mutex_);
      stopping_ = true;
    }
    queued_.notify_one();
    thread_.join();
  }

  Status Read(const SqlFunction& fn) override {
    TICKETING_ASSERT(running_database != this);
    const RunningScope scope(this);
    const BlockedThread blocked;  // the server is asked, and may have to be reached first
    for (bool again = false;; again = true) {
      TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, readers_.Take());
      connection->Queue("BEGIN");
      Status status = connection->Run(fn);
      // A function that has seen anything may have kept it: it is not run twice.
      const bool repeat =
          !again && connection->trouble() != Trouble::kNone && !connection->answered();
      connection->Queue("COMMIT");
      connection->Send();
      readers_.Give(std::move(connection));
      if (!repeat) return status;
    }
  }

  Status Write(const SqlFunction& fn) override {
    TICKETING_ASSERT(running_database != this);
    TICKETING_ASSERT(std::this_thread::get_id() != thread_.get_id());
    return WaitFor([&](std::function<void(Status)> done) { WriteAsync(fn, std::move(done)); });
  }

  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
    {
      const std::lock_guard lock(queue_mutex_);
      queue_.push_back({std::move(fn), std::move(done)});
    }
    queued_.notify_one();
  }

 private:
  static ConnectionConfig ReaderConfig(ConnectionConfig config) {
    config.use = ConnectionConfig::Use::kRead;
    return config;
  }

  // Up to batch_max_ of the queue; empty when there is none.
  std::vector<PendingWrite> TakeBatch() {
    std::vector<PendingWrite> batch;
    const size_t count = std::min(queue_.size(), batch_max_);
    batch.reserve(count);
    std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count),
              std::back_inserter(batch));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    return batch;
  }

  void RunWriter() {
    while (true) {
      std::vector<PendingWrite> batch;
      {
        std::unique_lock lock(queue_mutex_);
        queued_.wait(lock, [&] { return !queue_.empty() || stopping_; });
        if (queue_.empty()) return;
        batch = TakeBatch();
      }
      std::vector<Status> outcomes;
      {
        const RunningScope scope(this);
        outcomes = writer_.CommitTogether(batch);
      }
      for (size_t i = 0; i < batch.size(); ++i) {
        if (batch[i].done) batch[i].done(std::move(outcomes[i]));
      }
    }
  }

  const size_t batch_max_;
  Writer writer_;  // the writer thread's own
  ReadPool readers_;

  std::mutex queue_mutex_;
  std::condition_variable queued_;
  std::deque<PendingWrite> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

// One transaction that holds the lock of its schema, so that migrations of several processes come
// one after the other. The lock is a statement of its own: the next one sees what the others did.
Status InTransaction(Connection& connection, const std::string& schema, const SqlFunction& fn) {
  connection.Queue("BEGIN");
  Status status = connection.Run([&](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(transaction.Query(
        "SELECT pg_advisory_xact_lock(hashtextextended('ticketing schema ' || ?, 0))", {schema},
        [](const SqlRow&) { return OkStatus(); }));
    return fn(transaction);
  });
  if (status.ok()) return connection.Control("COMMIT");
  connection.Queue("ROLLBACK");
  connection.Send();
  return status;
}

// Only when it is missing: a user without the right to make schemas may own the ready ones.
Status MakeSchema(SqlTransaction& transaction, const std::string& schema) {
  bool there = false;
  TICKETING_RETURN_IF_ERROR(transaction.Query("SELECT 1 FROM pg_namespace WHERE nspname = ?",
                                              {schema}, [&](const SqlRow&) {
                                                there = true;
                                                return OkStatus();
                                              }));
  if (there) return OkStatus();
  return transaction.Execute("CREATE SCHEMA \"" + schema + "\"", {}).status();
}

}  // namespace

PostgresFactory::PostgresFactory(PostgresOptions options) : options_(std::move(options)) {}

bool PostgresFactory::IsUrl(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

StatusOr<std::unique_ptr<Database>> PostgresFactory::Open(std::string_view name,
                                                          const std::vector<Migration>& schema) {
  if (!IsName(name)) {
    return InvalidField("name",
                        "a database is named with 1 to 63 small letters, digits, '_' and '-'");
  }
  TICKETING_RETURN_IF_ERROR(postgres::CheckUrl(options_.url));
  const std::string home(name);
  ConnectionConfig config{.url = options_.url,
                          .schema = home,
                          .use = ConnectionConfig::Use::kMigrate,
                          .connect_timeout = options_.connect_timeout,
                          .statement_timeout = Duration()};
  const auto opened = [&]() -> Status {
    TICKETING_ASSIGN_OR_RETURN(const auto connection, Connection::Open(config));
    const SchemaTransaction transact = [&](const SqlFunction& fn) {
      return InTransaction(*connection, home, fn);
    };
    TICKETING_RETURN_IF_ERROR(
        transact([&](SqlTransaction& transaction) { return MakeSchema(transaction, home); }));
    return Migrate(schema, transact);
  }();
  if (!opened.ok())
    return MakeError(CodeOf(opened), "database " + home + ": " + std::string(MessageOf(opened)));
  config.use = ConnectionConfig::Use::kWrite;
  config.statement_timeout = options_.statement_timeout;
  return std::unique_ptr<Database>(std::make_unique<PostgresDatabase>(options_, config));
}

}  // namespace ticketing
