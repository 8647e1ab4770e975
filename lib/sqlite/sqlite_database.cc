#include "ticketing/sqlite/sqlite_database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "lib/sqlite/connection.h"
#include "lib/sqlite/gather_vfs.h"
#include "lib/sqlite/writer.h"
#include "ticketing/base/assert.h"
#include "ticketing/env/migrate.h"
#include "ticketing/env/wait.h"

namespace ticketing {
namespace {

using sqlite::Connection;
using sqlite::ConnectionConfig;
using sqlite::PendingWrite;

constexpr size_t kNameMax = 64;
constexpr char kMemory[] = ":memory:";

bool IsName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, allowed);
}

Status SyncDirectory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (synced) return OkStatus();
  return MakeError(ErrorCode::kUnavailable,
                   "cannot sync folder " + path + ": " + std::strerror(error));
}

// Makes a folder and those above it. Each is synced into the one above: a database in a folder that
// a power cut takes away is lost.
Status MakeDirectories(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return OkStatus();
    return MakeError(ErrorCode::kUnavailable, path + " is not a folder");
  }
  const size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  if (slash != path.size() - 1 || path.size() == 1)
    TICKETING_RETURN_IF_ERROR(MakeDirectories(parent));
  if (slash == path.size() - 1) return MakeDirectories(parent);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return MakeError(ErrorCode::kUnavailable,
                     "cannot make folder " + path + ": " + std::strerror(errno));
  }
  return SyncDirectory(parent);
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
    returned_.wait(lock, [&] { return !idle_.empty() || taken_ < max_; });
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

  void Give(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
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

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const SqliteOptions& options, const ConnectionConfig& config,
                 std::unique_ptr<Connection> writer)
      : batch_max_(std::max<size_t>(options.batch_max, 1)),
        inline_writes_(options.single_threaded),
        one_connection_(options.single_threaded || config.file == kMemory),
        writer_(std::move(writer)),
        readers_(ReaderConfig(config), options.read_connections) {
    if (!inline_writes_) thread_ = std::thread([this] { RunWriter(); });
  }

  ~SqliteDatabase() override {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(queue_mutex_);
      stopping_ = true;
    }
    queued_.notify_one();
    thread_.join();
  }

  Status Read(const SqlFunction& fn) override {
    TICKETING_ASSERT(running_database != this);
    if (one_connection_) {
      Status status = ReadOnWriter(fn);
      // What `fn` submitted had to wait for its end.
      if (inline_writes_) DrainInline();
      return status;
    }
    const RunningScope scope(this);
    TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, readers_.Take());
    Status status = ReadOn(*connection, fn);
    readers_.Give(std::move(connection));
    return status;
  }

  Status Write(const SqlFunction& fn) override {
    TICKETING_ASSERT(running_database != this);
    TICKETING_ASSERT(inline_writes_ ? !draining_ : std::this_thread::get_id() != thread_.get_id());
    return WaitFor([&](std::function<void(Status)> done) { WriteAsync(fn, std::move(done)); });
  }

  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
    {
      const std::lock_guard lock(queue_mutex_);
      queue_.push_back({std::move(fn), std::move(done)});
    }
    if (inline_writes_) {
      DrainInline();
    } else {
      queued_.notify_one();
    }
  }

 private:
  static ConnectionConfig ReaderConfig(ConnectionConfig config) {
    config.small_cache = true;
    return config;
  }

  Status ReadOnWriter(const SqlFunction& fn) {
    const RunningScope scope(this);
    const std::lock_guard lock(writer_mutex_);
    return ReadOn(*writer_, fn);
  }

  static Status ReadOn(Connection& connection, const SqlFunction& fn) {
    TICKETING_RETURN_IF_ERROR(connection.Control("BEGIN"));
    Status status = connection.Run(fn, Connection::Access::kRead);
    if (connection.InTransaction()) (void)connection.Control("ROLLBACK");
    return status;
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

  void CommitBatch(std::vector<PendingWrite> batch) {
    std::vector<Status> outcomes;
    {
      const RunningScope scope(this);
      const std::lock_guard lock(writer_mutex_);
      outcomes = CommitTogether(*writer_, batch);
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      if (batch[i].done) batch[i].done(std::move(outcomes[i]));
    }
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
      CommitBatch(std::move(batch));
    }
  }

  // One write at a time, in the order of submission also when a `done` submits another.
  void DrainInline() {
    if (draining_ || running_database == this) return;
    draining_ = true;
    while (!queue_.empty()) {
      std::vector<PendingWrite> one;
      one.push_back(std::move(queue_.front()));
      queue_.pop_front();
      CommitBatch(std::move(one));
    }
    draining_ = false;
  }

  const size_t batch_max_;
  const bool inline_writes_;
  const bool one_connection_;

  std::mutex writer_mutex_;  // held while writer_ is used; reads share it only with one_connection_
  std::unique_ptr<Connection> writer_;
  ReadPool readers_;

  std::mutex queue_mutex_;
  std::condition_variable queued_;
  std::deque<PendingWrite> queue_;
  bool stopping_ = false;
  bool draining_ = false;
  std::thread thread_;
};

Status InTransaction(Connection& connection, const SqlFunction& fn) {
  TICKETING_RETURN_IF_ERROR(connection.Control("BEGIN IMMEDIATE"));
  Status status = connection.Run(fn);
  if (status.ok()) status = connection.Control("COMMIT");
  if (!status.ok() && connection.InTransaction()) (void)connection.Control("ROLLBACK");
  return status;
}

Status WithFile(const Status& status, const std::string& file) {
  return MakeError(CodeOf(status), file + ": " + std::string(MessageOf(status)));
}

}  // namespace

SqliteDatabaseFactory::SqliteDatabaseFactory(SqliteOptions options)
    : options_(std::move(options)) {}

StatusOr<std::unique_ptr<Database>> SqliteDatabaseFactory::Open(
    std::string_view name, const std::vector<Migration>& schema) {
  if (!IsName(name)) {
    return InvalidField("name",
                        "a database is named with 1 to 64 small letters, digits, '_' and '-'");
  }
  ConnectionConfig config;
  config.vfs = options_.vfs;
  config.busy_timeout = options_.busy_timeout;
  config.exclusive = options_.single_threaded;
  config.page_size = options_.page_size;
  if (options_.data_dir == kMemory) {
    config.file = kMemory;
  } else {
    // Another VFS has folders of its own.
    if (options_.vfs.empty()) TICKETING_RETURN_IF_ERROR(MakeDirectories(options_.data_dir));
    config.file = options_.data_dir + "/" + std::string(name) + ".db";
    // A simulator counts and spoils writes one by one.
    const std::string gathering = options_.single_threaded ? "" : sqlite::GatheringVfs(config.vfs);
    if (!gathering.empty()) config.vfs = gathering;
  }
  StatusOr<std::unique_ptr<Connection>> writer = Connection::Open(config);
  if (!writer.ok()) return WithFile(writer.status(), config.file);
  const Status migrated =
      Migrate(schema, [&](const SqlFunction& fn) { return InTransaction(**writer, fn); });
  if (!migrated.ok()) return WithFile(migrated, config.file);
  return std::unique_ptr<Database>(
      std::make_unique<SqliteDatabase>(options_, config, *std::move(writer)));
}

}  // namespace ticketing
