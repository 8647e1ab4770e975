// Durable writes per second on both engines, in the two shapes that matter: many callers with a
// small write each, which share commits; and the sale lane's single large write at a time, row by
// row and as lists of arguments.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/scratch.h"
#include "ticketing/postgres/postgres.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/postgres_cluster.h"

namespace ticketing {
namespace {

constexpr int64_t kSeats = 25'000;

// A server for the whole program. Its folder lies in TMPDIR: that should be a real disk.
PostgresCluster* Cluster() {
  static const StatusOr<std::unique_ptr<PostgresCluster>> cluster = PostgresCluster::Start();
  return cluster.ok() ? cluster->get() : nullptr;
}

enum Engine { kSqlite, kPostgres };

std::unique_ptr<Database> OpenEmpty(Engine engine, const std::string& folder) {
  const std::vector<Migration> schema = {
      {1,
       {"CREATE TABLE numbers (n INTEGER PRIMARY KEY, text TEXT NOT NULL)",
        "CREATE TABLE lanes (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)",
        "CREATE TABLE seats (idx INTEGER PRIMARY KEY, status INTEGER NOT NULL, order_id INTEGER "
        "NOT NULL)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, body BLOB NOT NULL)",
        "CREATE TABLE outbox (dedupe_key TEXT PRIMARY KEY, order_id INTEGER NOT NULL)",
        "INSERT INTO lanes (id, version) VALUES (1, 0)"}}};
  if (engine == kSqlite) {
    auto database = SqliteDatabaseFactory({.data_dir = folder}).Open("bench", schema);
    return database.ok() ? *std::move(database) : nullptr;
  }
  if (Cluster() == nullptr ||
      !Cluster()
           ->Sql("SET client_min_messages = warning; DROP SCHEMA IF EXISTS bench CASCADE")
           .ok())
    return nullptr;
  auto database = PostgresFactory({.url = Cluster()->url()}).Open("bench", schema);
  return database.ok() ? *std::move(database) : nullptr;
}

// Threads that write one row each and wait for it.
class Writers : public benchmark::Fixture {
 public:
  void SetUp(benchmark::State& state) override {
    if (state.thread_index() != 0) return;
    scratch_ = std::make_unique<Scratch>();
    database_ = OpenEmpty(static_cast<Engine>(state.range(0)), scratch_->path());
  }
  void TearDown(benchmark::State& state) override {
    if (state.thread_index() != 0) return;
    database_ = nullptr;
    scratch_ = nullptr;
  }

 protected:
  std::unique_ptr<Scratch> scratch_;
  std::unique_ptr<Database> database_;
};

BENCHMARK_DEFINE_F(Writers, OneRowEach)(benchmark::State& state) {
  int64_t n = int64_t{state.thread_index()} << 40;
  for (auto _ : state) {
    const Status status = database_->Write([&](SqlTransaction& transaction) {
      return transaction
          .Execute("INSERT INTO numbers (n, text) VALUES (?, ?)", {n, "some text of a row"})
          .status();
    });
    if (!status.ok()) return state.SkipWithError(std::string(MessageOf(status)).c_str());
    ++n;
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(state.range(0) == kSqlite ? "SQLite" : "PostgreSQL");
}
BENCHMARK_REGISTER_F(Writers, OneRowEach)
    ->Arg(kSqlite)
    ->Arg(kPostgres)
    ->Threads(1)
    ->Threads(32)
    ->Threads(128)
    ->UseRealTime();

Status WriteAll(SqlTransaction& transaction, std::string_view sql, bool lists,
                const std::vector<SqlArgs>& rows) {
  if (lists) return transaction.ExecuteMany(sql, rows).status();
  for (const SqlArgs& args : rows)
    TICKETING_RETURN_IF_ERROR(transaction.Execute(sql, args).status());
  return OkStatus();
}

// A commit of so many sales of two seats, as the lane makes it.
void LaneCommit(benchmark::State& state) {
  const auto engine = static_cast<Engine>(state.range(0));
  const int64_t sales = state.range(1);
  const bool lists = state.range(2) != 0;
  const Scratch scratch;
  const auto database = OpenEmpty(engine, scratch.path());
  if (database == nullptr) return state.SkipWithError("no database");
  int64_t version = 0;
  int64_t sale = 0;
  for (auto _ : state) {
    std::vector<SqlArgs> seats, orders, outbox;
    for (int64_t i = 0; i < sales; ++i, ++sale) {
      for (const int64_t seat : {2 * sale, 2 * sale + 1})
        seats.push_back({seat % kSeats, int64_t{2}, sale});
      orders.push_back({sale, Blob{std::string(200, 'o')}});
      outbox.push_back({"order-completed-" + std::to_string(sale), sale});
    }
    const Status status = database->Write([&](SqlTransaction& transaction) -> Status {
      TICKETING_ASSIGN_OR_RETURN(
          const int64_t moved,
          transaction.Execute("UPDATE lanes SET version = ? WHERE id = ? AND version = ?",
                              {version + 1, int64_t{1}, version}));
      if (moved != 1) return MakeError(ErrorCode::kAborted, "somebody else moved the lane");
      TICKETING_RETURN_IF_ERROR(WriteAll(
          transaction,
          "INSERT INTO seats (idx, status, order_id) VALUES (?, ?, ?) ON CONFLICT (idx) DO UPDATE "
          "SET status = excluded.status, order_id = excluded.order_id",
          lists, seats));
      TICKETING_RETURN_IF_ERROR(
          WriteAll(transaction, "INSERT INTO orders (id, body) VALUES (?, ?)", lists, orders));
      return WriteAll(transaction, "INSERT INTO outbox (dedupe_key, order_id) VALUES (?, ?)", lists,
                      outbox);
    });
    if (!status.ok()) return state.SkipWithError(std::string(MessageOf(status)).c_str());
    ++version;
  }
  state.SetItemsProcessed(state.iterations() * sales);
  state.SetLabel(std::string(engine == kSqlite ? "SQLite" : "PostgreSQL") +
                 (lists ? ", lists" : ", row by row"));
}
BENCHMARK(LaneCommit)
    ->ArgsProduct({{kSqlite, kPostgres}, {1, 32, 128, 512}, {0, 1}})
    ->UseRealTime();

}  // namespace
}  // namespace ticketing
