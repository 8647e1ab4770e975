// Selling seats from your own program: a durable event lane over SQLite, one hold, one booking with
// the order's row in the same transaction, and the history of what happened. Run it twice: the
// seats are still sold.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "ticketing/lane/event_lane.h"
#include "ticketing/lane/history.h"
#include "ticketing/seat/chart.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/system/clock.h"
#include "ticketing/system/json_log.h"
#include "ticketing/system/prometheus_metrics.h"
#include "ticketing/system/random.h"

namespace {

using namespace ticketing;  // NOLINT: a program of one file

constexpr EventId kEvent{1};

StatusOr<std::shared_ptr<const seat::Chart>> MakeHall() {
  seat::Drawing hall;
  hall.name = "Hall";
  hall.focal_point = seat::Point{0, 0};
  hall.categories = {{"A", "Stalls", "#c8102e"}};
  hall.sections = {{.label = "1", .category = "A"}};
  hall.sections[0].rows = {{.label = "F"}};
  for (int n = 1; n <= 10; ++n)
    hall.sections[0].rows[0].seats.push_back({std::to_string(n), {50 * n, 900}});
  TICKETING_ASSIGN_OR_RETURN(seat::Chart chart, seat::Chart::Build(std::move(hall)));
  return std::make_shared<const seat::Chart>(std::move(chart));
}

// Two seats side by side, booked with the row of their order: all of it, or nothing.
Status Sell(EventLane& lane, OrderId order) {
  const HoldId hold{order.value};
  TICKETING_RETURN_IF_ERROR(lane.Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(
        effect.changes,
        state.seats.HoldBestAvailable(0, hold, {.quantity = 2}, now + Duration::Minutes(15), now));
    effect.note = {"example", "hold", ""};
    return effect;
  }));
  // Here the customer pays.
  return lane.Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Book(hold, order, now));
    effect.note = {"example", "order", "paid"};
    effect.inserts.push_back(
        {"INSERT INTO orders (id, buyer) VALUES (?, ?)", {order.ToSql(), std::string("Ana")}});
    return effect;
  });
}

Status Run(const std::string& folder) {
  SystemClock clock;
  SystemRandom random;
  TICKETING_ASSIGN_OR_RETURN(const auto log, JsonLog::Open({}, clock));
  PrometheusMetrics metrics;
  TICKETING_ASSIGN_OR_RETURN(const auto hall, MakeHall());
  Migration schema{1, LaneSchema()};
  schema.statements.push_back("CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer TEXT NOT NULL)");
  TICKETING_ASSIGN_OR_RETURN(const auto database,
                             SqliteDatabaseFactory({.data_dir = folder}).Open("shop", {schema}));
  int64_t lanes = 0;
  TICKETING_RETURN_IF_ERROR(database->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT COUNT(*) FROM lanes", {}, [&](const SqlRow& row) {
      lanes = row.Int(0);
      return OkStatus();
    });
  }));
  if (lanes == 0) {
    TICKETING_RETURN_IF_ERROR(database->Write([&](SqlTransaction& tx) {
      return EventLane::Create(tx, kEvent, hall, seat::EventKind::kEvent, {}, clock.Now());
    }));
  }
  EventLane lane(Env{clock, random, *log, metrics}, *database, kEvent, hall);
  const Status sold = Sell(lane, OrderId::FromEntropy(random.Next64()));
  if (!sold.ok()) std::printf("%s\n", std::string(MessageOf(sold)).c_str());
  return database->Read([&](SqlTransaction& tx) {
    return ReadHistory(tx, kEvent, {}, [&](const HistoryEntry& entry) {
      std::printf("%s  %-6s %s\n", FormatTimestamp(entry.at).c_str(),
                  std::string(seat::NameOfStatus(entry.row.status)).c_str(),
                  hall->object(entry.row.index).label.c_str());
      return true;
    });
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: embed_sale FOLDER\n");
    return 2;
  }
  const Status status = Run(argv[1]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(MessageOf(status)).c_str());
  return 1;
}
