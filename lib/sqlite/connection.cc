#include "lib/sqlite/connection.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <array>
#include <exception>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "lib/sqlite/errors.h"
#include "ticketing/base/assert.h"

namespace ticketing::sqlite {
namespace {

constexpr size_t kStatementsMax = 256;
constexpr size_t kAddressSlots = 128;

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
        sqlite3_strnicmp(name.data(), banned.data(), static_cast<int>(banned.size())) == 0)
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
  explicit Row(sqlite3_stmt* statement)
      : statement_(statement), columns_(sqlite3_column_count(statement)) {}

  bool IsNull(int column) const override {
    return sqlite3_column_type(statement_, Checked(column)) == SQLITE_NULL;
  }
  int64_t Int(int column) const override {
    return sqlite3_column_int64(statement_, Checked(column));
  }
  std::string Text(int column) const override {
    // The pointer first: asking for it may convert the value and change its size.
    const void* data = sqlite3_column_blob(statement_, Checked(column));
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr ? std::string()
                           : std::string(static_cast<const char*>(data), static_cast<size_t>(size));
  }
  std::string Bytes(int column) const override { return Text(column); }

 private:
  int Checked(int column) const {
    TICKETING_ASSERT(column >= 0 && column < columns_);
    return column;
  }

  sqlite3_stmt* const statement_;
  const int columns_;
};

int BindOne(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value))
    return sqlite3_bind_int64(statement, index, *number);
  if (const auto* text = std::get_if<std::string>(&value))
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  if (const auto* blob = std::get_if<Blob>(&value))
    return sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(),
                               SQLITE_STATIC);
  return sqlite3_bind_null(statement, index);
}

// Borrows the arguments until the statement is reset and its bindings are cleared or replaced.
int Bind(sqlite3_stmt* statement, const SqlArgs& args) {
  int index = 0;
  for (const SqlValue& value : args) {
    const int result = BindOne(statement, ++index, value);
    if (result != SQLITE_OK) return result;
  }
  return SQLITE_OK;
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;

}  // namespace

class Connection::Impl {
 public:
  explicit Impl(const ConnectionConfig& config)
      : database_(config.file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX,
                  static_cast<int>(config.busy_timeout.millis()), config.vfs) {
    sqlite3_extended_result_codes(database_.getHandle(), 1);
    if (config.exclusive) database_.exec("PRAGMA locking_mode=EXCLUSIVE");
    database_.exec("PRAGMA page_size=" + std::to_string(config.page_size));
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
    return ExecuteMany(sql, {&args, 1});
  }

  StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) {
    if (rows.empty()) return 0;
    TICKETING_ASSIGN_OR_RETURN(const Lease lease, AcquireFor(sql, rows.front().size()));
    sqlite3* const handle = database_.getHandle();
    int64_t changed = 0;
    int total = sqlite3_total_changes(handle);
    for (const SqlArgs& args : rows) {
      if (args.size() != rows.front().size()) return WrongArguments();
      if (Bind(lease.statement(), args) != SQLITE_OK) return LastError();
      int result = SQLITE_ROW;
      while (result == SQLITE_ROW) result = sqlite3_step(lease.statement());
      if (result != SQLITE_DONE) return LastError();
      sqlite3_reset(lease.statement());
      // SQLite's own count of changes is that of the last statement that changed anything.
      const int now = sqlite3_total_changes(handle);
      if (now != total) changed += sqlite3_changes(handle);
      total = now;
    }
    return changed;
  }

  // Runs a statement to its end or until `on_row` returns an error.
  Status Step(std::string_view sql, const SqlArgs& args,
              const std::function<Status(const SqlRow&)>& on_row) {
    TICKETING_ASSIGN_OR_RETURN(const Lease lease, AcquireFor(sql, args.size()));
    if (Bind(lease.statement(), args) != SQLITE_OK) return LastError();
    const Row row(lease.statement());
    while (true) {
      const int result = sqlite3_step(lease.statement());
      if (result == SQLITE_DONE) return OkStatus();
      if (result != SQLITE_ROW) return LastError();
      TICKETING_RETURN_IF_ERROR(on_row(row));
    }
  }

 private:
  struct Entry {
    StatementPtr statement;
    bool reads_only = false;
    bool control = false;
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
      sqlite3_reset(statement());
      sqlite3_clear_bindings(statement());
      entry_->busy = false;
    }
    sqlite3_stmt* statement() const { return entry_->statement.get(); }
    bool reads_only() const { return entry_->reads_only; }

   private:
    std::unique_ptr<Entry> own_;
    Entry* entry_;
  };

  static Status WrongArguments() {
    return MakeError(ErrorCode::kInternal, "a statement was given a wrong number of arguments");
  }

  // A statement that may run now and takes so many arguments.
  StatusOr<Lease> AcquireFor(std::string_view sql, size_t arguments) {
    TICKETING_ASSIGN_OR_RETURN(Lease lease, Acquire(sql));
    if (read_only_ && !lease.reads_only())
      return MakeError(ErrorCode::kInternal, "a statement of a read would write");
    if (sqlite3_bind_parameter_count(lease.statement()) != static_cast<int>(arguments))
      return WrongArguments();
    return lease;
  }

  // The statement of this text, if it is kept. Most texts are constants: they are known again by
  // their address, which is cheaper than a hash of hundreds of characters.
  Entries::iterator Find(std::string_view sql) {
    Entries::iterator& last = by_address_[AddressSlot(sql.data())];
    if (last != Entries::iterator() && last->first == sql) return last;
    const auto found = index_.find(sql);
    if (found == index_.end()) return entries_.end();
    last = found->second;
    return last;
  }

  static size_t AddressSlot(const char* text) {
    return (reinterpret_cast<uintptr_t>(text) >> 3) % kAddressSlots;
  }

  StatusOr<Lease> Acquire(std::string_view sql) {
    const auto found = Find(sql);
    if (found != entries_.end()) {
      if (found != entries_.begin()) entries_.splice(entries_.begin(), entries_, found);
      // A query whose rows run the same query again needs a second statement.
      Entry& entry = found->second;
      // The authorizer judged the statement when it was prepared, perhaps by Control().
      if (entry.control && !control_) {
        return MakeError(ErrorCode::kInternal,
                         "transactions are not the business of a database function");
      }
      if (!entry.busy) return Lease(&entry);
      TICKETING_ASSIGN_OR_RETURN(Entry second, Prepare(sql, 0));
      return Lease(std::make_unique<Entry>(std::move(second)));
    }
    TICKETING_ASSIGN_OR_RETURN(Entry entry, Prepare(sql, SQLITE_PREPARE_PERSISTENT));
    entries_.emplace_front(std::string(sql), std::move(entry));
    index_.emplace(entries_.front().first, entries_.begin());
    // The front is about to be used, and the busy ones further back must live on.
    for (auto last = std::prev(entries_.end());
         index_.size() > kStatementsMax && last != entries_.begin();) {
      const auto candidate = last--;
      if (candidate->second.busy) continue;
      by_address_.fill({});
      index_.erase(candidate->first);
      entries_.erase(candidate);
    }
    return Lease(&entries_.front().second);
  }

  // Refuses what SQLite would silently ignore: a second statement in the text.
  StatusOr<Entry> Prepare(std::string_view sql, unsigned flags) {
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const int result = sqlite3_prepare_v3(database_.getHandle(), sql.data(),
                                          static_cast<int>(sql.size()), flags, &statement, &tail);
    Entry entry{.statement = StatementPtr(statement), .control = control_};
    if (result != SQLITE_OK) return LastError();
    if (statement == nullptr || !IsBlank(sql.substr(static_cast<size_t>(tail - sql.data()))))
      return MakeError(ErrorCode::kInternal, "a text must hold exactly one SQL statement");
    entry.reads_only = sqlite3_stmt_readonly(statement) != 0;
    return entry;
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
  std::array<Entries::iterator, kAddressSlots> by_address_{};      // not all of them
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

  StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) override {
    TICKETING_RETURN_IF_ERROR(failure_);
    StatusOr<int64_t> result = impl_.ExecuteMany(sql, rows);
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

void ConfigureSqlite() {
  // Statistics of memory that nobody reads put one lock around all of SQLite's allocations.
  static const int ignored = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)ignored;
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionConfig& config) {
  ConfigureSqlite();
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
