// Durable sales: hold two seats, book them with an order row and an outbox row, everything on disk
// before the answer. Through the event lane on both engines, and the way that most shops do it: row
// locks in PostgreSQL, a transaction per step, 32 connections.
#include <benchmark/benchmark.h>
#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bench/house.h"
#include "bench/scratch.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/postgres/postgres.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/postgres_cluster.h"

namespace ticketing {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr uint32_t kSeats = 25'000;
constexpr uint32_t kSales = kSeats / 2;
constexpr size_t kRowBytes = 150;  // of what an order and a message say, beside their keys

enum Engine { kSqlite, kPostgres };

PostgresCluster* Cluster() {
  static const StatusOr<std::unique_ptr<PostgresCluster>> cluster = PostgresCluster::Start();
  return cluster.ok() ? cluster->get() : nullptr;
}

bool DropSchema(const std::string& name) {
  return Cluster() != nullptr &&
         Cluster()
             ->Sql("SET client_min_messages = warning; DROP SCHEMA IF EXISTS " + name + " CASCADE")
             .ok();
}

// Pairs of neighbours in an order that is the same in every run: buyers do not come by row.
std::vector<uint32_t> Pairs() {
  std::vector<uint32_t> pairs(kSales);
  for (uint32_t i = 0; i < kSales; ++i) pairs[i] = 2 * i;
  std::shuffle(pairs.begin(), pairs.end(), std::mt19937(5));
  return pairs;
}

// --- Through the lane.

class Shop {
 public:
  Shop(Engine engine, std::shared_ptr<const seat::Chart> chart) {
    Migration schema{1, LaneSchema()};
    schema.statements.push_back(
        "CREATE TABLE orders (id INTEGER NOT NULL UNIQUE, hold_id INTEGER NOT NULL, body BLOB NOT "
        "NULL)");
    schema.statements.push_back(
        "CREATE TABLE outbox (id INTEGER NOT NULL UNIQUE, body BLOB NOT NULL)");
    StatusOr<std::unique_ptr<Database>> database = nullptr;
    if (engine == kSqlite) {
      database = SqliteDatabaseFactory({.data_dir = scratch_.path()}).Open("shop", {schema});
    } else if (DropSchema("shop")) {
      database = PostgresFactory({.url = Cluster()->url()}).Open("shop", {schema});
    }
    if (!database.ok() || *database == nullptr) return;
    database_ = *std::move(database);
    const Status created = database_->Write([&](SqlTransaction& tx) {
      return EventLane::Create(tx, {1}, chart, seat::EventKind::kEvent, {}, env_.clock.Now());
    });
    if (!created.ok()) return;
    lane_ = std::make_unique<EventLane>(env_.env(), *database_, LaneId{1}, std::move(chart));
  }
  ~Shop() {
    database_ = nullptr;  // calls every `done` before it goes
  }

  bool ok() const { return lane_ != nullptr; }
  EventLane& lane() { return *lane_; }

  static LaneApply Hold(uint32_t seat) {
    return [seat](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
      const seat::Pick picks[] = {{seat, 1}, {seat + 1, 1}};
      const seat::EventStep step = {
          0, seat::Step::ToHold({seat + 1}, picks, now + Duration::Minutes(15))};
      TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Changes> changes,
                                 state.seats.Apply({&step, 1}, now));
      LaneEffect effect;
      effect.changes = std::move(changes);
      return effect;
    };
  }
  static LaneApply Book(uint32_t seat) {
    return [seat](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
      const OrderId order = {seat + 1};
      TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Changes> changes,
                                 state.seats.Book({seat + 1}, order, now));
      LaneEffect effect;
      effect.changes = std::move(changes);
      effect.inserts.push_back(
          {"INSERT INTO orders (id, hold_id, body) VALUES (?, ?, ?)",
           {order.ToSql(), int64_t{seat} + 1, Blob{std::string(kRowBytes, 'o')}}});
      effect.inserts.push_back({"INSERT INTO outbox (id, body) VALUES (?, ?)",
                                {order.ToSql(), Blob{std::string(kRowBytes, 'm')}}});
      return effect;
    };
  }

  // Every sale is there once, with its order and message.
  bool Audit() {
    int64_t orders = 0, messages = 0;
    const Status read = database_->Read([&](SqlTransaction& tx) -> Status {
      TICKETING_RETURN_IF_ERROR(tx.Query("SELECT COUNT(*) FROM orders", {}, [&](const SqlRow& row) {
        orders = row.Int(0);
        return OkStatus();
      }));
      return tx.Query("SELECT COUNT(*) FROM outbox", {}, [&](const SqlRow& row) {
        messages = row.Int(0);
        return OkStatus();
      });
    });
    const auto view = lane_->View();
    return read.ok() && view.ok() && orders == kSales && messages == kSales &&
           (*view)->categories[0].booked == kSeats;
  }

 private:
  const Scratch scratch_;
  BenchEnv env_;
  std::unique_ptr<EventLane> lane_;
  std::unique_ptr<Database> database_;
};

// Waits for a number of sales; counts those that failed.
class Tally {
 public:
  void Done(bool ok) {
    if (!ok) failed_.fetch_add(1);
    if (done_.fetch_add(1) + 1 < kSales) return;
    const std::lock_guard lock(mutex_);
    all_.notify_all();
  }
  bool Wait() {
    std::unique_lock lock(mutex_);
    all_.wait(lock, [&] { return done_.load() >= kSales; });
    return failed_.load() == 0;
  }

 private:
  std::atomic<uint32_t> done_ = 0, failed_ = 0;
  std::mutex mutex_;
  std::condition_variable all_;
};

// So many sales outstanding: each that ends begins the next one.
bool SellAsync(Shop& shop, const std::vector<uint32_t>& pairs, uint32_t outstanding) {
  Tally tally;
  std::atomic<uint32_t> next = 0;
  std::function<void()> begin = [&] {
    const uint32_t n = next.fetch_add(1);
    if (n >= kSales) return;
    const uint32_t seat = pairs[n];
    shop.lane().Submit({Shop::Hold(seat), [&, seat](Status held) {
                          if (!held.ok()) {
                            tally.Done(false);
                            return begin();
                          }
                          shop.lane().Submit({Shop::Book(seat), [&](Status booked) {
                                                begin();
                                                tally.Done(booked.ok());
                                              }});
                        }});
  };
  for (uint32_t i = 0; i < outstanding; ++i) begin();
  return tally.Wait();
}

// So many callers, each waiting for every answer.
bool SellBlocking(Shop& shop, const std::vector<uint32_t>& pairs, uint32_t callers) {
  std::atomic<uint32_t> next = 0, failed = 0;
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < callers; ++i) {
    threads.emplace_back([&] {
      for (uint32_t n = next.fetch_add(1); n < kSales; n = next.fetch_add(1)) {
        const bool sold = shop.lane().Run(Shop::Hold(pairs[n])).ok() &&
                          shop.lane().Run(Shop::Book(pairs[n])).ok();
        if (!sold) failed.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return failed.load() == 0;
}

void LaneSales(benchmark::State& state, bool async) {
  const auto chart = HouseChart(kSeats);
  const std::vector<uint32_t> pairs = Pairs();
  const auto callers = static_cast<uint32_t>(state.range(1));
  for (auto _ : state) {
    Shop shop(static_cast<Engine>(state.range(0)), chart);
    if (!shop.ok()) return state.SkipWithError("no database");
    const auto start = SteadyClock::now();
    const bool sold = async ? SellAsync(shop, pairs, callers) : SellBlocking(shop, pairs, callers);
    const std::chrono::duration<double> time = SteadyClock::now() - start;
    state.SetIterationTime(time.count());
    if (!sold || !shop.Audit()) return state.SkipWithError("a sale failed or was lost");
  }
  state.SetItemsProcessed(state.iterations() * kSales);
}

void LaneAsync(benchmark::State& state) {
  LaneSales(state, true);
}
void LaneBlocking(benchmark::State& state) {
  LaneSales(state, false);
}
BENCHMARK(LaneAsync)
    ->ArgNames({"postgres", "outstanding"})
    ->ArgsProduct({{kSqlite, kPostgres}, {1024}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(LaneBlocking)
    ->ArgNames({"postgres", "callers"})
    ->ArgsProduct({{kSqlite, kPostgres}, {128}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// --- With row locks.

class Connection {
 public:
  explicit Connection(const std::string& url) : pg_(PQconnectdb(url.c_str())) {
    Do("SET search_path TO rowlock");
    Prepare("lock",
            "SELECT status FROM seats WHERE idx IN ($1::bigint, $2::bigint) AND status = 0"
            " ORDER BY idx FOR UPDATE");
    Prepare("hold",
            "UPDATE seats SET status = 1, hold_id = $3::bigint WHERE idx IN ($1::bigint,"
            " $2::bigint)");
    Prepare("book",
            "UPDATE seats SET status = 2, order_id = $3::bigint WHERE idx IN ($1::bigint,"
            " $2::bigint) AND status = 1 AND hold_id = $3::bigint");
    Prepare("order", "INSERT INTO orders (id, hold_id, body) VALUES ($1::bigint, $1::bigint, $2)");
    Prepare("message", "INSERT INTO outbox (id, body) VALUES ($1::bigint, $2)");
  }
  ~Connection() { PQfinish(pg_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool Sell(uint32_t seat) {
    const std::string a = std::to_string(seat), b = std::to_string(seat + 1);
    const std::string& id = b;
    const std::string text(kRowBytes, 'o');
    return Do("BEGIN") && Run("lock", {a, b}) == 2 && Run("hold", {a, b, id}) == 2 &&
           Do("COMMIT") && Do("BEGIN") && Run("book", {a, b, id}) == 2 &&
           Run("order", {id, text}) == 1 && Run("message", {id, text}) == 1 && Do("COMMIT");
  }

 private:
  bool Do(const char* sql) {
    PGresult* result = PQexec(pg_, sql);
    const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return ok;
  }
  void Prepare(const char* name, const char* sql) {
    PQclear(PQprepare(pg_, name, sql, 0, nullptr));
  }
  // The number of rows that it found or changed; -1 when it failed.
  int Run(const char* name, const std::vector<std::string>& arguments) {
    std::vector<const char*> values;
    for (const std::string& argument : arguments) values.push_back(argument.c_str());
    PGresult* result = PQexecPrepared(pg_, name, static_cast<int>(values.size()), values.data(),
                                      nullptr, nullptr, 0);
    const ExecStatusType status = PQresultStatus(result);
    int rows = -1;
    if (status == PGRES_TUPLES_OK) rows = PQntuples(result);
    if (status == PGRES_COMMAND_OK) rows = std::atoi(PQcmdTuples(result));
    PQclear(result);
    return rows;
  }

  PGconn* const pg_;
};

void RowLocks(benchmark::State& state) {
  const std::vector<uint32_t> pairs = Pairs();
  for (auto _ : state) {
    const bool made =
        DropSchema("rowlock") &&
        Cluster()
            ->Sql(
                "CREATE SCHEMA rowlock; SET search_path TO rowlock;"
                "CREATE TABLE seats (idx BIGINT PRIMARY KEY, status BIGINT NOT NULL, hold_id"
                " BIGINT, order_id BIGINT);"
                "CREATE TABLE orders (id BIGINT PRIMARY KEY, hold_id BIGINT NOT NULL, body TEXT"
                " NOT NULL);"
                "CREATE TABLE outbox (id BIGINT PRIMARY KEY, body TEXT NOT NULL);"
                "INSERT INTO seats SELECT n, 0 FROM generate_series(0, " +
                std::to_string(kSeats - 1) +
                ") n; GRANT ALL ON SCHEMA rowlock TO PUBLIC;"
                "GRANT ALL ON ALL TABLES IN SCHEMA rowlock TO PUBLIC")
            .ok();
    if (!made) return state.SkipWithError("no database");
    std::vector<std::unique_ptr<Connection>> connections;
    for (int64_t i = 0; i < state.range(0); ++i)
      connections.push_back(std::make_unique<Connection>(Cluster()->url()));
    std::atomic<uint32_t> next = 0, failed = 0;
    const auto start = SteadyClock::now();
    std::vector<std::thread> threads;
    for (const auto& connection : connections) {
      threads.emplace_back([&, shop = connection.get()] {
        for (uint32_t n = next.fetch_add(1); n < kSales; n = next.fetch_add(1)) {
          if (!shop->Sell(pairs[n])) failed.fetch_add(1);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const std::chrono::duration<double> time = SteadyClock::now() - start;
    state.SetIterationTime(time.count());
    if (failed.load() != 0) return state.SkipWithError("a sale failed");
  }
  state.SetItemsProcessed(state.iterations() * kSales);
}
BENCHMARK(RowLocks)
    ->ArgName("connections")
    ->Arg(32)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ticketing
