#include "tests/lane/lane_world.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "ticketing/postgres/postgres.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/postgres_cluster.h"

namespace ticketing {
namespace {

constexpr Duration kHold = Duration::Minutes(5);

std::vector<Migration> ShopSchema() {
  Migration first{1, LaneSchema()};
  first.statements.push_back(
      "CREATE TABLE orders (id INTEGER PRIMARY KEY, hold_id INTEGER NOT NULL UNIQUE,"
      " body BLOB NOT NULL)");
  first.statements.push_back(
      "CREATE TABLE outbox (order_id INTEGER PRIMARY KEY REFERENCES orders (id),"
      " body TEXT NOT NULL)");
  return {std::move(first)};
}

class SqliteEngine final : public Engine {
 public:
  SqliteEngine() : factory_(SqliteOptions{.data_dir = dir_.path()}) {}
  std::unique_ptr<Database> Open() override {
    auto database = factory_.Open("shop", ShopSchema());
    EXPECT_OK(database);
    return *std::move(database);
  }

 private:
  TempDir dir_;
  SqliteDatabaseFactory factory_;
};

// One server for all tests of the program; a schema for each.
class PostgresEngine final : public Engine {
 public:
  PostgresEngine() : factory_(PostgresOptions{.url = Cluster().url()}) {
    EXPECT_OK(
        Cluster().Sql("SET client_min_messages = warning;"
                      " DROP SCHEMA IF EXISTS shop CASCADE"));
  }
  std::unique_ptr<Database> Open() override {
    auto database = factory_.Open("shop", ShopSchema());
    EXPECT_OK(database);
    return *std::move(database);
  }

 private:
  static PostgresCluster& Cluster() {
    static const std::unique_ptr<PostgresCluster> cluster = [] {
      StatusOr<std::unique_ptr<PostgresCluster>> started = PostgresCluster::Start();
      if (!started.ok()) {
        std::fprintf(stderr, "%s\n", std::string(MessageOf(started.status())).c_str());
        std::exit(1);
      }
      return *std::move(started);
    }();
    return *cluster;
  }

  PostgresFactory factory_;
};

// One that may fail at every statement.
class FailingTransaction final : public SqlTransaction {
 public:
  FailingTransaction(SqlTransaction& real, std::function<bool()> step)
      : real_(real), step_(std::move(step)) {}

  StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) override {
    TICKETING_RETURN_IF_ERROR(Step());
    return real_.Execute(sql, args);
  }
  StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) override {
    if (rows.empty()) return 0;
    TICKETING_RETURN_IF_ERROR(Step());
    return real_.ExecuteMany(sql, rows);
  }
  Status Query(std::string_view sql, const SqlArgs& args,
               const std::function<Status(const SqlRow&)>& row) override {
    TICKETING_RETURN_IF_ERROR(Step());
    return real_.Query(sql, args, row);
  }

 private:
  Status Step() {
    return step_() ? OkStatus() : MakeError(ErrorCode::kUnavailable, "The disk is full.");
  }

  SqlTransaction& real_;
  const std::function<bool()> step_;
};

}  // namespace

std::string NameOf(const ::testing::TestParamInfo<EngineKind>& info) {
  switch (info.param) {
    case EngineKind::kSqlite:
      return "Sqlite";
    case EngineKind::kPostgres:
      return "Postgres";
  }
  return "";
}

std::unique_ptr<Engine> Engine::Make(EngineKind kind) {
  switch (kind) {
    case EngineKind::kSqlite:
      return std::make_unique<SqliteEngine>();
    case EngineKind::kPostgres:
      return std::make_unique<PostgresEngine>();
  }
  return nullptr;
}

// --- TrickyDatabase

bool TrickyDatabase::Step() {
  return --left_ != 0;
}

void TrickyDatabase::FailAt(int n) {
  left_ = n;
}

Status TrickyDatabase::Run(SqlTransaction& tx, const SqlFunction& fn) {
  FailingTransaction failing(tx, [this] { return Step(); });
  TICKETING_RETURN_IF_ERROR(fn(failing));
  if (Step()) return OkStatus();
  return MakeError(ErrorCode::kUnavailable, "The commit failed.");
}

Status TrickyDatabase::Heard(Status status) {
  if (!status.ok() || Step()) return status;
  return MakeError(ErrorCode::kUnavailable, "Nobody knows what became of the commit.");
}

Status TrickyDatabase::Read(const SqlFunction& fn) {
  ++reads;
  return real_.Read(fn);
}

Status TrickyDatabase::Write(const SqlFunction& fn) {
  ++writes;
  if (before_write) before_write();
  return Heard(real_.Write([&](SqlTransaction& tx) { return Run(tx, fn); }));
}

void TrickyDatabase::WriteAsync(SqlFunction fn, std::function<void(Status)> done) {
  ++writes;
  if (before_write) before_write();
  real_.WriteAsync(
      [this, fn = std::move(fn)](SqlTransaction& tx) {
        {
          std::unique_lock lock(mutex_);
          opened_.wait(lock, [&] { return open_; });
        }
        return Run(tx, fn);
      },
      [this, done = std::move(done)](Status status) { done(Heard(std::move(status))); });
}

void TrickyDatabase::Close() {
  const std::lock_guard lock(mutex_);
  open_ = false;
}

void TrickyDatabase::Open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  opened_.notify_all();
}

// --- The hall.

std::shared_ptr<const seat::Chart> SmallHall(int rows, int seats) {
  seat::Drawing drawing;
  drawing.name = "Hall";
  drawing.focal_point = seat::Point{0, 0};
  drawing.categories = {{"A", "All", "#112233"}};
  seat::DrawnSection section;
  section.label = "N";
  section.category = "A";
  for (int r = 0; r < rows; ++r) {
    seat::DrawnRow row;
    row.label = std::to_string(r + 1);
    for (int s = 0; s < seats; ++s) {
      seat::DrawnSeat seat;
      seat.label = std::to_string(s + 1);
      seat.at = {s * 50, 500 + r * 90};
      row.seats.push_back(seat);
    }
    section.rows.push_back(row);
  }
  seat::DrawnTable table;
  table.label = "T";
  table.at = {3000, 300};
  table.radius = 60;
  for (int s = 0; s < 4; ++s) {
    seat::DrawnSeat seat;
    seat.label = std::to_string(s + 1);
    seat.at = {3000 + (s % 2 == 0 ? 80 : -80), 300 + s * 50};
    table.seats.push_back(seat);
  }
  section.tables = {table};
  drawing.sections = {section};
  seat::DrawnArea area;
  area.label = "Floor";
  area.category = "A";
  area.capacity = 50;
  drawing.areas = {area};
  StatusOr<seat::Chart> chart = seat::Chart::Build(std::move(drawing));
  EXPECT_OK(chart);
  return std::make_shared<const seat::Chart>(*std::move(chart));
}

// --- Shop

namespace {

LaneApply HoldPicks(uint64_t hold, std::vector<seat::Pick> picks, uint32_t slot) {
  return [=](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    const seat::EventStep step{slot,
                               {.to = seat::SeatStatus::kHeld,
                                .picks = picks,
                                .hold = HoldId{hold},
                                .expires_at = now + kHold}};
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Apply({&step, 1}, now));
    effect.note = {.actor = "buyer " + std::to_string(hold), .origin = "test"};
    return effect;
  };
}

}  // namespace

LaneApply Shop::Hold(uint64_t hold, std::vector<uint32_t> objects, uint32_t slot) {
  std::vector<seat::Pick> picks;
  for (const uint32_t object : objects) picks.push_back({object, 1});
  return HoldPicks(hold, std::move(picks), slot);
}

LaneApply Shop::HoldPlaces(uint64_t hold, int64_t places, uint32_t slot) {
  return HoldPicks(hold, {{kHallArea, places}}, slot);
}

LaneApply Shop::Release(uint64_t hold) {
  return [=](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Release(HoldId{hold}));
    effect.note = {.origin = "test", .reason = "changed his mind"};
    return effect;
  };
}

LaneApply Shop::Book(uint64_t hold, uint64_t order) {
  return [=](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Book(HoldId{hold}, OrderId{order}, now));
    effect.note = {.origin = "test"};
    state.counters[0].next_ordinal += 1;
    effect.inserts.push_back(
        {"INSERT INTO orders (id, hold_id, body) VALUES (?, ?, ?)",
         {static_cast<int64_t>(order), static_cast<int64_t>(hold), Blob{std::string(200, 'o')}}});
    effect.inserts.push_back({"INSERT INTO outbox (order_id, body) VALUES (?, ?)",
                              {static_cast<int64_t>(order), std::string(200, 'm')}});
    return effect;
  };
}

LaneApply Shop::WithRows(LaneApply apply, Status rows) {
  return [=](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    TICKETING_ASSIGN_OR_RETURN(LaneEffect effect, apply(state, now));
    effect.rows = [rows](SqlTransaction&) { return rows; };
    return effect;
  };
}

// --- LaneTest

LaneTest::LaneTest() : engine_(Engine::Make(GetParam())), chart_(SmallHall()) {
  database_ = engine_->Open();
  CreateLane(kLane);
  tricky_ = std::make_unique<TrickyDatabase>(*database_);
  lane_ = MakeLane(*tricky_);
}

LaneTest::~LaneTest() {
  tricky_->Open();
  database_.reset();  // it tells the lane of its last commits
}

void LaneTest::CreateLane(LaneId id, seat::EventKind kind) {
  EXPECT_OK(database_->Write([&](SqlTransaction& tx) {
    return EventLane::Create(tx, id, chart_, kind, {}, env_.clock.Now());
  }));
}

std::unique_ptr<EventLane> LaneTest::MakeLane(Database& database, LaneId id) {
  return std::make_unique<EventLane>(env_.env(), database, id, chart_);
}

void LaneTest::Submit(LaneApply apply) {
  const std::lock_guard lock(mutex_);
  size_t n = 0;
  {
    const std::lock_guard inner(answer_mutex_);
    n = answers_.size();
    answers_.emplace_back();
  }
  lane_->Submit({std::move(apply), [this, n](Status status) {
                   const std::lock_guard inner(answer_mutex_);
                   answers_[n] = std::move(status);
                   answered_.notify_all();
                 }});
}

std::vector<ErrorCode> LaneTest::WaitForAnswers() {
  std::unique_lock lock(answer_mutex_);
  answered_.wait(lock, [&] {
    for (const auto& answer : answers_) {
      if (!answer) return false;
    }
    return true;
  });
  std::vector<ErrorCode> codes;
  for (const auto& answer : answers_) codes.push_back(CodeOf(*answer));
  answers_.clear();
  return codes;
}

int64_t LaneTest::Sql(const std::string& query) {
  int64_t value = -1;
  EXPECT_OK(database_->Read([&](SqlTransaction& tx) {
    return tx.Query(query, {}, [&](const SqlRow& row) {
      value = row.Int(0);
      return OkStatus();
    });
  }));
  return value;
}

std::string LaneTest::Dump(EventLane& lane) {
  std::string dump;
  EXPECT_OK(lane.Ask([&](const LaneState& state) {
    dump = state.seats.EncodeHead();
    for (uint32_t slot = 0; slot < state.seats.size(); ++slot) {
      dump += "|" + state.seats.EncodeEvent(slot) + "|";
      state.seats.at(slot).PackUnits(dump);
      dump += "|" + std::to_string(state.counters[slot].next_ordinal) + "," +
              std::to_string(state.counters[slot].copy_version);
    }
    return OkStatus();
  }));
  return dump;
}

std::string LaneTest::FreshDump(LaneId id) {
  return Dump(*MakeLane(*database_, id));
}

seat::SeatRow LaneTest::Row(uint32_t index, uint32_t slot, LaneId id) {
  seat::SeatRow row;
  EXPECT_OK(MakeLane(*database_, id)->Ask([&](const LaneState& state) {
    row = state.seats.at(slot).row(index);
    return OkStatus();
  }));
  return row;
}

seat::CategoryTotals LaneTest::Totals(uint32_t slot, LaneId id) {
  seat::CategoryTotals totals;
  EXPECT_OK(MakeLane(*database_, id)->Ask([&](const LaneState& state) {
    totals = state.seats.at(slot).TotalsByCategory().at(0);
    return OkStatus();
  }));
  return totals;
}

void LaneTest::Audit(LaneId id) {
  std::set<int64_t> sold;
  EXPECT_OK(MakeLane(*database_, id)->Ask([&](const LaneState& state) {
    for (const seat::SeatRow& row : state.seats.at(0).Rows()) {
      if (row.status == seat::SeatStatus::kBooked) sold.insert(row.order.ToSql());
    }
    return OkStatus();
  }));
  std::set<int64_t> ordered;
  EXPECT_OK(database_->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT id FROM orders", {}, [&](const SqlRow& row) {
      ordered.insert(row.Int(0));
      return OkStatus();
    });
  }));
  EXPECT_EQ(sold, ordered);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM outbox"), static_cast<int64_t>(ordered.size()));
}

}  // namespace ticketing
