// Events, seasons and partial seasons as rows, and the lanes that have their seats.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_EVENT_STORE_H_
#define TICKETING_LIB_SERVICE_SEATSIO_EVENT_STORE_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/seatsio/chart_store.h"
#include "lib/service/seatsio/lru.h"
#include "ticketing/lane/event_lane.h"

namespace ticketing::seatsio {

struct EventRow {
  int64_t id = 0;
  int64_t workspace = 0;
  std::string key;
  int64_t chart = 0;
  std::string chart_key;
  int64_t drawing = 0;
  LaneId lane;
  uint32_t slot = 0;
  seat::EventKind kind = seat::EventKind::kEvent;
  int64_t season = 0;  // row of the top-level season; 0 in none
  std::string season_key;
  Json season_config;  // null in none
  int64_t season_version = 0;
  std::string name;
  std::string day;  // "2026-11-22" or empty
  Json config;      // event_config.h
  int64_t config_version = 0;
  Timestamp created_at;
  Timestamp updated_at;  // 0: never

  bool IsSeason() const {
    return kind == seat::EventKind::kSeason || kind == seat::EventKind::kPartialSeason;
  }
};
extern const std::string_view kEventColumns;
EventRow EventOf(const SqlRow& row);

// Writes a new row within a transaction; fills in `id`. A key that is taken is a refusal.
Status InsertEvent(SqlTransaction& tx, EventRow& event, Timestamp now);
// Writes a changed configuration if nobody changed it in between: else kPreconditionFailed.
Status UpdateConfig(SqlTransaction& tx, const EventRow& event, const Json& config, Timestamp now);

// Makes an edit that read this event's (or its season's) configuration fail if it is not as it was
// read, and every other edit that did.
Status TouchConfig(SqlTransaction& tx, int64_t event, int64_t config_version);
// Only sees that it is as it was read.
Status CheckConfig(SqlTransaction& tx, int64_t event, int64_t config_version);

// An event with all that describing its objects takes beside their state.
struct KnownEvent {
  EventRow row;
  std::shared_ptr<const ChartView> view;
  std::map<std::string, std::string> category_labels;  // by key
  std::map<uint32_t, std::string> season_keys;         // by slot
};

// Thread-safe.
class EventStore {
 public:
  EventStore(const Context& context, ChartStore& charts)
      : context_(context),
        charts_(charts),
        known_(context.setup, kKnownMax),
        lanes_(context.options.lanes_max) {}

  // Errors: EVENT_NOT_FOUND.
  StatusOr<EventRow> Find(const Principal& principal, std::string_view key);
  // The same for those who change seats, who come often: remembered (memo.h).
  StatusOr<std::shared_ptr<const KnownEvent>> Recall(const Principal& principal,
                                                     std::string_view key);
  // `where` ends the query; the events in the order of `order`.
  StatusOr<std::vector<EventRow>> Query(std::string_view where, const SqlArgs& args);
  StatusOr<std::vector<EventRow>> MatchesOf(int64_t season);   // oldest first
  StatusOr<std::vector<EventRow>> PartialsOf(int64_t season);  // oldest first
  StatusOr<std::vector<EventRow>> MatchesOfPartial(int64_t partial);
  StatusOr<std::vector<EventRow>> PartialsOfMatch(int64_t match);
  // What goes with a row, read anew.
  StatusOr<KnownEvent> Know(EventRow event);
  // Keys of the seasons and partial seasons of a lane, by slot.
  StatusOr<std::map<uint32_t, std::string>> SeasonKeys(LaneId lane);

  StatusOr<std::shared_ptr<const ChartView>> View(const EventRow& event) {
    return charts_.View(event.drawing);
  }
  // Whoever uses a lane keeps what this gave him: as long as he does, there is no second one.
  StatusOr<std::shared_ptr<EventLane>> Lane(const EventRow& event);
  size_t lanes() const;  // in memory

  // Frees what expired holds had.
  Status ExpireHolds();
  // Brings the lanes of hold tokens into memory, so that ExpireHolds reaches them.
  Status Wake();

  ChartStore& charts() { return charts_; }

 private:
  static constexpr size_t kKnownMax = 512;

  Status WakeExpired();

  const Context& context_;
  ChartStore& charts_;
  Memo<KnownEvent> known_;  // by workspace and key
  Timestamp swept_;         // of whoever calls ExpireHolds: holds that ended before are free
  mutable std::mutex mutex_;
  Lru<LaneId, EventLane> lanes_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_EVENT_STORE_H_
