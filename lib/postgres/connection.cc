#include "lib/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <deque>
#include <exception>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "lib/postgres/statements.h"
#include "lib/postgres/values.h"
#include "ticketing/base/assert.h"

namespace ticketing::postgres {
namespace {

constexpr int kBinary = 1;

// How many lists of arguments are on their way at once when they cannot travel as arrays.
constexpr size_t kPipelineMax = 256;

// What a server may need beyond its own time limit until its answer is here.
constexpr std::chrono::milliseconds kAnswerGrace{5000};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, Clear>;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnPtr = std::unique_ptr<PGconn, Finish>;

std::string_view OrEmpty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string_view BytesOf(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column))};
}

class Row final : public SqlRow {
 public:
  explicit Row(const PGresult* result) : result_(result), columns_(PQnfields(result)) {}
  void set_row(int row) { row_ = row; }

  bool IsNull(int column) const override {
    return PQgetisnull(result_, row_, Checked(column)) != 0;
  }
  int64_t Int(int column) const override {
    if (IsNull(column)) return 0;
    return DecodeInt(PQftype(result_, column), BytesOf(result_, row_, column)).value_or(0);
  }
  std::string Text(int column) const override {
    if (IsNull(column)) return "";
    return DecodeText(PQftype(result_, column), BytesOf(result_, row_, column));
  }
  std::string Bytes(int column) const override { return Text(column); }

 private:
  int Checked(int column) const {
    TICKETING_ASSERT(column >= 0 && column < columns_);
    return column;
  }

  const PGresult* const result_;
  const int columns_;
  int row_ = 0;
};

// Sums come as numbers of any length; one that fits no integer must not read as another.
Status CheckNumbers(const PGresult* result) {
  for (int column = 0; column < PQnfields(result); ++column) {
    if (PQftype(result, column) != kNumeric) continue;
    for (int row = 0; row < PQntuples(result); ++row) {
      if (PQgetisnull(result, row, column) == 0 &&
          !DecodeInt(kNumeric, BytesOf(result, row, column)))
        return MakeError(ErrorCode::kInternal, "a number does not fit 64 bits");
    }
  }
  return OkStatus();
}

int64_t ChangedRows(PGresult* result) {
  const std::string_view command = OrEmpty(PQcmdStatus(result));
  if (!command.starts_with("INSERT") && !command.starts_with("UPDATE") &&
      !command.starts_with("DELETE"))
    return 0;
  const std::string_view count = OrEmpty(PQcmdTuples(result));
  int64_t rows = 0;
  std::from_chars(count.data(), count.data() + count.size(), rows);
  return rows;
}

// The arguments of one execution as libpq wants them.
class Parameters {
 public:
  void Clear() {
    values_.clear();
    lengths_.clear();
    numbers_.clear();
  }
  void Add(std::string_view bytes) {
    values_.push_back(bytes.data());
    lengths_.push_back(static_cast<int>(bytes.size()));
  }
  void Add(const SqlArgs& args) {
    numbers_.reserve(args.size());  // the pointers into it must hold
    for (const SqlValue& value : args) {
      if (const auto* number = std::get_if<int64_t>(&value)) {
        numbers_.push_back(ToNetworkOrder(*number));
        Add({reinterpret_cast<const char*>(&numbers_.back()), sizeof(uint64_t)});
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        Add(*text);
      } else if (const auto* blob = std::get_if<Blob>(&value)) {
        Add(blob->bytes);
      } else {
        values_.push_back(nullptr);
        lengths_.push_back(0);
      }
    }
  }
  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() {
    formats_.resize(std::max(formats_.size(), values_.size()), kBinary);
    return formats_.data();
  }

 private:
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<uint64_t> numbers_;
};

Status WrongArguments() {
  return MakeError(ErrorCode::kInternal, "a statement was given a wrong number of arguments");
}

}  // namespace

Status CheckUrl(const std::string& url) {
  PQconninfoOption* const options = PQconninfoParse(url.c_str(), nullptr);
  const bool readable = options != nullptr;
  PQconninfoFree(options);
  if (readable) return OkStatus();
  // libpq's own message would quote from it.
  return InvalidField("database_url", "the connection string cannot be read");
}

class Connection::Impl {
 public:
  Impl(ConnPtr connection, Duration statement_timeout)
      : connection_(std::move(connection)), statement_timeout_(statement_timeout) {
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  Status Start(const ConnectionConfig& config) {
    if (PQsetnonblocking(connection_.get(), 1) != 0 || PQenterPipelineMode(connection_.get()) != 1)
      return MakeError(ErrorCode::kUnavailable, "the connection cannot be prepared");
    return SetUp(config);
  }

  void Queue(std::string_view sql) { PushOwn(sql, Kind::kQueued); }

  void Send() {
    if (lost_ || pending_.empty()) return;
    if (PQpipelineSync(connection_.get()) != 1) return (void)Lose("the connection broke");
    pending_.push_back({Kind::kSync, nullptr});
  }

  Status Control(std::string_view sql) {
    trouble_ = Trouble::kNone;
    PushOwn(sql, Kind::kStatement);
    std::vector<ResultPtr> results;
    TICKETING_RETURN_IF_ERROR(Await(results));
    const std::string_view command = OrEmpty(PQcmdStatus(results.front().get()));
    if (sql.starts_with(command)) return OkStatus();
    return MakeError(ErrorCode::kUnavailable, "the database undid the transaction");
  }

  StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) {
    TICKETING_RETURN_IF_ERROR(PushStatement(sql, args));
    return AwaitChanges();
  }

  StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) {
    if (rows.empty()) return 0;
    for (const SqlArgs& args : rows) {
      if (args.size() != rows.front().size()) return WrongArguments();
    }
    if (rows.size() > 1) {
      TICKETING_ASSIGN_OR_RETURN(const bool pushed, PushArrays(sql, rows));
      if (pushed) return AwaitChanges();
    }
    int64_t changed = 0;
    for (size_t begin = 0; begin < rows.size(); begin += kPipelineMax) {
      for (const SqlArgs& args : rows.subspan(begin, std::min(kPipelineMax, rows.size() - begin)))
        TICKETING_RETURN_IF_ERROR(PushStatement(sql, args));
      TICKETING_ASSIGN_OR_RETURN(const int64_t more, AwaitChanges());
      changed += more;
    }
    return changed;
  }

  Status Query(std::string_view sql, const SqlArgs& args,
               const std::function<Status(const SqlRow&)>& on_row) {
    TICKETING_RETURN_IF_ERROR(PushStatement(sql, args));
    std::vector<ResultPtr> results;
    TICKETING_RETURN_IF_ERROR(Await(results));
    answered_ = true;
    const PGresult* const result = results.front().get();
    TICKETING_RETURN_IF_ERROR(CheckNumbers(result));
    Row row(result);
    const int count = PQntuples(result);
    for (int i = 0; i < count; ++i) {
      row.set_row(i);
      TICKETING_RETURN_IF_ERROR(on_row(row));
    }
    return OkStatus();
  }

  void Begin() {
    trouble_ = Trouble::kNone;
    answered_ = false;
  }
  Trouble trouble() const { return lost_ ? Trouble::kLost : trouble_; }
  bool answered() const { return answered_; }

 private:
  enum class Kind { kPrepare, kDescribe, kQueued, kStatement, kSync };
  struct Pending {
    Kind kind;
    PreparedPtr statement;
  };

  void PushOwn(std::string_view sql, Kind kind) {
    const PreparedPtr statement = statements_.Own(sql);
    parameters_.Clear();
    Push(statement, kind);
  }

  Status PushStatement(std::string_view sql, const SqlArgs& args) {
    TICKETING_ASSIGN_OR_RETURN(const PreparedPtr statement, statements_.For(sql, args));
    parameters_.Clear();
    parameters_.Add(args);
    Push(statement, Kind::kStatement);
    return OkStatus();
  }

  // False when the statement cannot take arrays.
  StatusOr<bool> PushArrays(std::string_view sql, std::span<const SqlArgs> rows) {
    std::vector<TypeId> types;
    TICKETING_ASSIGN_OR_RETURN(const PreparedPtr statement,
                               statements_.ForArrays(sql, rows, types));
    if (statement == nullptr) return false;
    std::vector<std::string> encoded;
    encoded.reserve(types.size());  // the pointers into it must hold
    parameters_.Clear();
    for (size_t i = 0; i < types.size(); ++i) {
      if (types[i] == kUnknownType) continue;
      encoded.push_back(EncodeArray(rows, i, types[i]));
      parameters_.Add(encoded.back());
    }
    Push(statement, Kind::kStatement);
    return true;
  }

  // What was crowded out of the cache.
  void Forget() {
    for (const PreparedPtr& statement : statements_.TakeForgotten()) {
      const std::string sql = "DEALLOCATE " + statement->name;
      if (PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                            kBinary) != 1)
        return (void)Lose("the connection broke");
      pending_.push_back({Kind::kQueued, nullptr});
    }
  }

  // Puts one execution, with parameters_, into the pipeline; they are not needed afterwards.
  void Push(const PreparedPtr& statement, Kind kind) {
    if (lost_) return;
    Forget();
    PGconn* const connection = connection_.get();
    bool sent = true;
    if (!statement->sent) {
      sent = PQsendPrepare(connection, statement->name.c_str(), statement->sql.c_str(),
                           static_cast<int>(statement->types.size()), statement->types.data()) == 1;
      pending_.push_back({Kind::kPrepare, statement});
      statement->sent = true;
      // The server finds the type of what came as NULL; the next one may be a value.
      if (sent && std::ranges::find(statement->types, kUnknownType) != statement->types.end()) {
        sent = PQsendDescribePrepared(connection, statement->name.c_str()) == 1;
        pending_.push_back({Kind::kDescribe, statement});
      }
    }
    sent = sent && PQsendQueryPrepared(connection, statement->name.c_str(), parameters_.count(),
                                       parameters_.values(), parameters_.lengths(),
                                       parameters_.formats(), kBinary) == 1;
    pending_.push_back({kind, nullptr});
    if (!sent) (void)Lose("the connection broke");
  }

  StatusOr<int64_t> AwaitChanges() {
    std::vector<ResultPtr> results;
    TICKETING_RETURN_IF_ERROR(Await(results));
    answered_ = true;
    int64_t changed = 0;
    for (const ResultPtr& result : results) changed += ChangedRows(result.get());
    return changed;
  }

  // Sends the pipeline and reads every answer; those of statements go to `results`. Gives the first
  // error.
  Status Await(std::vector<ResultPtr>& results) {
    Send();
    Status first;
    while (!pending_.empty() && !lost_) {
      const Pending pending = std::move(pending_.front());
      pending_.pop_front();
      ResultPtr result = Next();
      if (lost_) break;
      if (pending.kind == Kind::kSync) {
        if (PQresultStatus(result.get()) != PGRES_PIPELINE_SYNC)
          return Lose("the database answered out of turn");
        continue;
      }
      const Status status = Judge(pending, result.get());
      if (first.ok()) first = status;
      if (lost_) break;
      if (pending.kind == Kind::kStatement) results.push_back(std::move(result));
      while (!lost_ && Next() != nullptr) {
      }
    }
    if (!lost_) return first;
    return first.ok() ? Lose("") : first;
  }

  Status Judge(const Pending& pending, PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      if (pending.kind == Kind::kDescribe) {
        for (size_t i = 0; i < pending.statement->types.size(); ++i)
          pending.statement->types[i] = PQparamtype(result, static_cast<int>(i));
      }
      return OkStatus();
    }
    if (pending.kind == Kind::kPrepare) pending.statement->sent = false;
    // What stands behind an error in the pipeline is not run.
    if (status == PGRES_PIPELINE_ABORTED)
      return MakeError(ErrorCode::kUnavailable, "a statement was not run");
    const std::string_view state = OrEmpty(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    const std::string_view message = OrEmpty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    Trouble trouble = TroubleOf(state, message);
    // BEGIN or a savepoint that fails leaves nothing to build on. A server that takes writes no
    // more has handed over to another one.
    if (trouble == Trouble::kNone &&
        (pending.kind == Kind::kQueued || (state == "25006" && !read_only_)))
      trouble = Trouble::kLost;
    trouble_ = std::max(trouble_, trouble);
    Status error = state == "25006" && !read_only_
                       ? MakeError(ErrorCode::kUnavailable, "the server takes no writes")
                       : ErrorOf(state, state.empty() ? "" : message);
    if (trouble == Trouble::kLost) (void)Lose(MessageOf(error));
    return error;
  }

  // The next result, or null where libpq gives none: at the end of each statement's. Null also when
  // the connection is lost.
  ResultPtr Next() {
    using Clock = std::chrono::steady_clock;
    PGconn* const connection = connection_.get();
    const auto deadline =
        Clock::now() + std::chrono::microseconds(statement_timeout_.micros) + kAnswerGrace;
    while (PQisBusy(connection) == 1) {
      const int unsent = PQflush(connection);
      pollfd wait{PQsocket(connection), static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN),
                  0};
      int timeout = -1;
      if (statement_timeout_.micros > 0) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        timeout = static_cast<int>(std::max<int64_t>(left.count(), 0));
      }
      const int ready = unsent < 0 ? -1 : ::poll(&wait, 1, timeout);
      if (ready == 0) {
        (void)Lose("the database did not answer in time");
        return nullptr;
      }
      // An interrupted poll reads nothing and comes back. At the end of the stream the server's
      // last words may be in the buffer: they say more than that it is gone.
      if (unsent < 0 || PQconsumeInput(connection) != 1) {
        ResultPtr last(PQisBusy(connection) == 1 ? nullptr : PQgetResult(connection));
        if (last != nullptr && PQresultErrorField(last.get(), PG_DIAG_SQLSTATE) != nullptr)
          return last;
        (void)Lose("the connection to the database was lost");
        return nullptr;
      }
    }
    return ResultPtr(PQgetResult(connection));
  }

  // From here on nothing is sent any more.
  Status Lose(std::string_view why) {
    if (!lost_) lost_because_ = why;
    lost_ = true;
    pending_.clear();
    return MakeError(ErrorCode::kUnavailable, lost_because_);
  }

  Status SetUp(const ConnectionConfig& config) {
    using Use = ConnectionConfig::Use;
    read_only_ = config.use == Use::kRead;
    const std::string limit = std::to_string(config.statement_timeout.millis());
    const std::string isolation = config.use == Use::kWrite  ? "serializable"
                                  : config.use == Use::kRead ? "repeatable read"
                                                             : "read committed";
    // Writes touch rows by their keys. A plan made while a table was small must not read all of it
    // later; under SERIALIZABLE that would also collide with every other writer.
    const std::string scans = config.use == Use::kWrite ? "off" : "on";
    const std::string plans = config.use == Use::kWrite ? "force_generic_plan" : "auto";
    const SqlArgs args = {"\"" + config.schema + "\"", limit, isolation,
                          read_only_ ? "on" : "off",   scans, plans};
    parameters_.Clear();
    parameters_.Add(args);
    Push(statements_.Own(kSettings, args.size()), Kind::kStatement);
    std::vector<ResultPtr> results;
    TICKETING_RETURN_IF_ERROR(Await(results));
    if (BytesOf(results.front().get(), 0, 0) == "UTF8") return OkStatus();
    return MakeError(ErrorCode::kUnavailable, "the database must be made with the encoding UTF8");
  }

  // A server may be set to acknowledge before it syncs; that is not durable. Stronger settings
  // stay.
  static constexpr char kSettings[] =
      "SELECT current_setting('server_encoding'), set_config('search_path', $1, false),"
      " set_config('statement_timeout', $2, false),"
      " set_config('idle_in_transaction_session_timeout', $2, false),"
      " set_config('default_transaction_isolation', $3, false),"
      " set_config('default_transaction_read_only', $4, false),"
      " set_config('enable_seqscan', $5, false), set_config('enable_hashjoin', $5, false),"
      " set_config('enable_mergejoin', $5, false), set_config('plan_cache_mode', $6, false),"
      " set_config('jit', 'off', false), set_config('synchronous_commit',"
      " CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
      " ELSE current_setting('synchronous_commit') END, false)";

  ConnPtr connection_;
  const Duration statement_timeout_;
  bool read_only_ = false;
  bool lost_ = false;
  std::string lost_because_;
  Trouble trouble_ = Trouble::kNone;
  bool answered_ = false;
  Parameters parameters_;
  std::deque<Pending> pending_;
  Statements statements_;
};

class Connection::Transaction final : public SqlTransaction {
 public:
  explicit Transaction(Impl& impl) : impl_(impl) {}

  StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) override {
    TICKETING_RETURN_IF_ERROR(failure_);
    return Keep(impl_.Execute(sql, args));
  }

  StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) override {
    TICKETING_RETURN_IF_ERROR(failure_);
    return Keep(impl_.ExecuteMany(sql, rows));
  }

  Status Query(std::string_view sql, const SqlArgs& args,
               const std::function<Status(const SqlRow&)>& on_row) override {
    TICKETING_RETURN_IF_ERROR(failure_);
    bool stopped = false;
    Status status = impl_.Query(sql, args, [&](const SqlRow& row) {
      Status verdict = on_row(row);
      stopped = !verdict.ok();
      return verdict;
    });
    if (!status.ok() && !stopped) failure_ = status;
    return status;
  }

  const Status& failure() const { return failure_; }

 private:
  StatusOr<int64_t> Keep(StatusOr<int64_t> result) {
    if (!result.ok()) failure_ = result.status();
    return result;
  }

  Impl& impl_;
  Status failure_;
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionConfig& config) {
  const std::string timeout =
      std::to_string(std::max<int64_t>(config.connect_timeout.seconds(), 2));
  // What the string says wins over what stands before it, and loses to what stands behind.
  const std::array<std::pair<const char*, const char*>, 12> parameters = {{
      {"connect_timeout", timeout.c_str()},
      {"fallback_application_name", "ticketing"},
      {"target_session_attrs", "read-write"},
      {"gssencmode", "disable"},
      {"keepalives", "1"},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "20000"},
      {"dbname", config.url.c_str()},
      {"client_encoding", "UTF8"},
      {nullptr, nullptr},
  }};
  std::array<const char*, parameters.size()> names;
  std::array<const char*, parameters.size()> values;
  for (size_t i = 0; i < parameters.size(); ++i) std::tie(names[i], values[i]) = parameters[i];
  ConnPtr connection(PQconnectdbParams(names.data(), values.data(), 1));
  if (connection == nullptr || PQstatus(connection.get()) != CONNECTION_OK) {
    return MakeError(
        ErrorCode::kUnavailable,
        "cannot connect: " + WithoutSecrets(OrEmpty(PQerrorMessage(connection.get()))));
  }
  auto impl = std::make_unique<Impl>(std::move(connection), config.statement_timeout);
  TICKETING_RETURN_IF_ERROR(impl->Start(config));
  return std::unique_ptr<Connection>(new Connection(std::move(impl)));
}

void Connection::Queue(std::string_view sql) {
  impl_->Queue(sql);
}
void Connection::Send() {
  impl_->Send();
}
Status Connection::Control(std::string_view sql) {
  return impl_->Control(sql);
}
Trouble Connection::trouble() const {
  return impl_->trouble();
}
bool Connection::answered() const {
  return impl_->answered();
}

Status Connection::Run(const SqlFunction& fn) {
  impl_->Begin();
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
  if (status.ok()) return transaction.failure();
  return status;
}

}  // namespace ticketing::postgres
