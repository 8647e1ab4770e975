#include "lib/sqlite/connection.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <array>
#include <exception>
#include <list>
#include <unordered_map>
#include <utility>

#include "lib/sqlite/errors.h"
#include "ticketing/base/assert.h"

namespace ticketing::sqlite {
namespace {

constexpr size_t kStatementsMax = 256;

// Pages in the log that start a checkpoint. With SQLite's 1,000 checkpoints are too frequent, far
// above 4,000 a single one holds up commits for long.
constexpr char kCheckpointPages[] = "4000";

// The port hands in time and randomness; what the engine would draw by itself cannot be replayed.
bool IsBannedFunction(std::string_view name) {
  constexpr std::array<std::string_view, 13> kBanned = {
      "random",    "randomblob",     "current_timestamp", "current_date", "current_time",
      "date",      "time",           "datetime",          "julianday",    "strftime",
      "unixepoch", "load_extension", "timediff",
  };
  for (const std::string_view banned : kBanned) {
    if (name.size() == banned.size() &&
        sqlite3_strnicmp(name.data(), banned.data(), banned.size()) == 0)
      return true;
  }
  return false;
}

// Whether nothing but spaces and semicolons follows the first statement.
bool IsBlank(std::string_view tail) {
  return tail.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

class Row final : public SqlRow {
 public:
  explicit Row(SQLite::Statement& statement) : statement_(statement) {}

  bool IsNull(int column) const override { return statement_.isColumnNull(Checked(column)); }
  int64_t Int(int column) const override {
    return statement_.getColumn(Checked(column)).getInt64();
  }
  std::string Text(int column) const override {
    return statement_.getColumn(Checked(column)).getString();
  }
  std::string Bytes(int column) const override { return Text(column); }

 private:
  int Checked(int column) const {
    TICKETING_ASSERT(column >= 0 && column < statement_.getColumnCount());
    return column;
  }

  SQLite::Statement& statement_;
};

void Bind(SQLite::Statement& statement, const SqlArgs& args) {
  int index = 0;
  for (const SqlValue& value : args) {
    ++index;
    if (const auto* number = std::get_if<int64_t>(&value)) {
      statement.bind(index, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      statement.bindNoCopy(index, *text);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      statement.bindNoCopy(index, blob->bytes.data(), static_cast<int>(blob->bytes.size()));
    } else {
      statement.bind(index);
    }
  }
}

}  // namespace

class Connection::Impl {
 public:
  explicit Impl(const ConnectionConfig& config)
      : database_(config.file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
                  static_cast<int>(config.busy_timeout.millis()), config.vfs) {
    sqlite3_extended_result_codes(database_.getHandle(), 1);
    if (config.exclusive) database_.exec("PRAGMA locking_mode=EXCLUSIVE");
    SetJournal(config.file == ":memory:");
    database_.exec("PRAGMA synchronous=FULL");
    database_.exec("PRAGMA foreign_keys=ON");
    database_.exec("PRAGMA trusted_schema=OFF");
    database_.exec("PRAGMA temp_store=MEMORY");
    database_.exec("PRAGMA journal_size_limit=67108864");
    database_.exec(config.small_cache ? "PRAGMA cache_size=-8192" : "PRAGMA cache_size=-65536");
    database_.exec(std::string("PRAGMA wal_autocheckpoint=") + kCheckpointPages);
    // From here on only Control() may touch transactions.
    sqlite3_set_authorizer(database_.getHandle(), &Impl::Authorize, this);
  }

  ~Impl() { sqlite3_set_authorizer(database_.getHandle(), nullptr, nullptr); }

  void set_read_only(bool read_only) { read_only_ = read_only; }

  Status Control(std::string_view sql) {
    control_ = true;
    const StatusOr<int64_t> result = Execute(sql, {});
    control_ = false;
    return result.status();
  }

  bool InTransaction() const { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

  StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) {
    const int before = database_.getTotalChanges();
    TICKETING_RETURN_IF_ERROR(Step(sql, args, [](const SqlRow&) { return OkStatus(); }));
    // SQLite's own count of changes is that of the last statement that changed anything.
    return database_.getTotalChanges() == before ? 0 : database_.getChanges();
  }

  // Runs a statement to its end or until `on_row` returns an error.
  Status Step(std::string_view sql, const SqlArgs& args,
              const std::function<Status(const SqlRow&)>& on_row) {
    try {
      TICKETING_ASSIGN_OR_RETURN(const Lease lease, Acquire(sql));
      SQLite::Statement& statement = lease.statement();
      if (read_only_ && !lease.reads_only()) {
        return MakeError(ErrorCode::kInternal, "a statement of a read would write");
      }
      if (statement.getBindParameterCount() != static_cast<int>(args.size())) {
        return MakeError(ErrorCode::kInternal, "a statement was given a wrong number of arguments");
      }
      Bind(statement, args);
      const Row row(statement);
      while (true) {
        const int result = statement.tryExecuteStep();
        if (result == SQLITE_DONE) return OkStatus();
        if (result != SQLITE_ROW) return LastError();
        TICKETING_RETURN_IF_ERROR(on_row(row));
      }
    } catch (const SQLite::Exception& error) {
      return ErrorOf(error.getExtendedErrorCode(), error.what());
    }
  }

 private:
  struct Entry {
    Entry(SQLite::Database& database, const std::string& sql, bool reads, bool by_control)
        : statement(database, sql), reads_only(reads), control(by_control) {}
    SQLite::Statement statement;
    const bool reads_only;
    const bool control;
    bool busy = false;
  };
  using Entries = std::list<std::pair<std::string, Entry>>;

  // A statement in use; reset and given back at the end, so that it holds neither locks nor
  // borrowed arguments.
  class Lease {
   public:
    explicit Lease(Entry* cached) : entry_(cached) { entry_->busy = true; }
    explicit Lease(std::unique_ptr<Entry> own) : own_(std::move(own)), entry_(own_.get()) {}
    Lease(Lease&& other) noexcept
        : own_(std::move(other.own_)), entry_(std::exchange(other.entry_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (entry_ == nullptr) return;
      entry_->statement.tryReset();
      try {
        entry_->statement.clearBindings();
      } catch (const SQLite::Exception&) {
        // Clearing cannot fail on a prepared statement.
      }
      entry_->busy = false;
    }
    SQLite::Statement& statement() const { return entry_->statement; }
    bool reads_only() const { return entry_->reads_only; }

   private:
    std::unique_ptr<Entry> own_;
    Entry* entry_;
  };

  StatusOr<Lease> Acquire(std::string_view sql) {
    const auto found = index_.find(sql);
    if (found != index_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      // A query whose rows run the same query again needs a second statement.
      Entry& entry = found->second->second;
      // The authorizer judged the statement when it was prepared, perhaps by Control().
      if (entry.control && !control_) {
        return MakeError(ErrorCode::kInternal,
                         "transactions are not the business of a database function");
      }
      if (!entry.busy) return Lease(&entry);
      return Lease(
          std::make_unique<Entry>(database_, std::string(sql), entry.reads_only, control_));
    }
    TICKETING_ASSIGN_OR_RETURN(const bool reads_only, Inspect(sql));
    const std::string text(sql);
    entries_.emplace_front(std::piecewise_construct, std::forward_as_tuple(text),
                           std::forward_as_tuple(database_, text, reads_only, control_));
    index_.emplace(entries_.front().first, entries_.begin());
    // The front is about to be used, and the busy ones further back must live on.
    for (auto last = std::prev(entries_.end());
         index_.size() > kStatementsMax && last != entries_.begin();) {
      const auto candidate = last--;
      if (candidate->second.busy) continue;
      index_.erase(candidate->first);
      entries_.erase(candidate);
    }
    return Lease(&entries_.front().second);
  }

  // Whether a statement only reads. Refuses what SQLite would silently ignore: a second statement
  // in the text.
  StatusOr<bool> Inspect(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const int result = sqlite3_prepare_v2(database_.getHandle(), sql.data(),
                                          static_cast<int>(sql.size()), &statement, &tail);
    const bool empty = statement == nullptr;
    const bool reads_only = !empty && sqlite3_stmt_readonly(statement) != 0;
    sqlite3_finalize(statement);
    if (result != SQLITE_OK) return LastError();
    if (empty || !IsBlank(sql.substr(static_cast<size_t>(tail - sql.data())))) {
      return MakeError(ErrorCode::kInternal, "a text must hold exactly one SQL statement");
    }
    return reads_only;
  }

  Status LastError() const {
    return ErrorOf(database_.getExtendedErrorCode(), database_.getErrorMsg());
  }

  void SetJournal(bool memory) {
    const std::string mode = database_.execAndGet("PRAGMA journal_mode=WAL").getString();
    // A file system or VFS that cannot do it leaves another mode in place, without an error.
    if (!memory && mode != "wal")
      throw SQLite::Exception("write-ahead logging is not possible here", SQLITE_CANTOPEN);
  }

  static int Authorize(void* self, int action, const char*, const char* second, const char*,
                       const char*) {
    switch (action) {
      case SQLITE_TRANSACTION:
      case SQLITE_SAVEPOINT:
      case SQLITE_PRAGMA:
        return static_cast<Impl*>(self)->control_ ? SQLITE_OK : SQLITE_DENY;
      case SQLITE_ATTACH:
      case SQLITE_DETACH:
        return SQLITE_DENY;
      case SQLITE_FUNCTION:
        return second != nullptr && IsBannedFunction(second) ? SQLITE_DENY : SQLITE_OK;
      default:
        return SQLITE_OK;
    }
  }

  SQLite::Database database_;
  bool control_ = false;
  bool read_only_ = false;
  Entries entries_;                                                // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> index_;  // keys live in entries_
};

class Connection::Transaction final : public SqlTransaction {
 public:
  explicit Transaction(Impl& impl) : impl_(impl) {}

  StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) override {
    TICKETING_RETURN_IF_ERROR(failure_);
    StatusOr<int64_t> result = impl_.Execute(sql, args);
    if (!result.ok()) failure_ = result.status();
    return result;
  }

  Status Query(std::string_view sql, const SqlArgs& args,
               const std::function<Status(const SqlRow&)>& on_row) override {
    TICKETING_RETURN_IF_ERROR(failure_);
    bool stopped = false;
    Status status = impl_.Step(sql, args, [&](const SqlRow& row) {
      Status verdict = on_row(row);
      stopped = !verdict.ok();
      return verdict;
    });
    if (!status.ok() && !stopped) failure_ = status;
    return status;
  }

  const Status& failure() const { return failure_; }

 private:
  Impl& impl_;
  Status failure_;
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionConfig& config) {
  try {
    return std::unique_ptr<Connection>(new Connection(std::make_unique<Impl>(config)));
  } catch (const SQLite::Exception& error) {
    return ErrorOf(
        error.getExtendedErrorCode() > 0 ? error.getExtendedErrorCode() : error.getErrorCode(),
        error.what());
  }
}

Status Connection::Control(std::string_view sql) {
  return impl_->Control(sql);
}
bool Connection::InTransaction() const {
  return impl_->InTransaction();
}

Status Connection::Run(const SqlFunction& fn, Access access) {
  impl_->set_read_only(access == Access::kRead);
  Transaction transaction(*impl_);
  Status status;
  try {
    status = fn(transaction);
  } catch (const std::exception& error) {
    status =
        MakeError(ErrorCode::kInternal, std::string("a database function threw: ") + error.what());
  } catch (...) {
    status = MakeError(ErrorCode::kInternal, "a database function threw");
  }
  impl_->set_read_only(false);
  if (status.ok()) return transaction.failure();
  return status;
}

}  // namespace ticketing::sqlite
