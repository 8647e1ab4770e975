// The history of a lane: every change of every object with who, when and why, as its log has them.
#ifndef TICKETING_LANE_HISTORY_H_
#define TICKETING_LANE_HISTORY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ticketing/lane/event_lane.h"

namespace ticketing {

// One change of one object. In an area one entry per group of places with the same owner.
struct HistoryEntry {
  // Grows with time in a lane and never changes: for cursors. The lane's version << 20, plus the
  // position in that commit.
  uint64_t id = 0;
  Timestamp at;
  uint32_t slot = 0;
  LaneNote note;
  seat::SeatStatus was = seat::SeatStatus::kFree;
  // As it is after the change, with the number of places that changed. For places that became free
  // `status` is kFree and the rest says whose they were, for units as far as the change tells. When
  // only extra data changed, the quantity is 0 and neither status says anything.
  seat::SeatRow row;
  std::string extra;  // as the change set it; empty when it did not
};

struct HistoryQuery {
  std::optional<uint32_t> slot;
  std::optional<uint32_t> index;  // of one object
  uint64_t before = UINT64_MAX;   // only entries with a smaller id
  uint64_t after = 0;             // only entries with a larger id
};

// Calls `use` for entries, newest first, until it returns false. Cost: that of the part of the log
// that was looked at.
Status ReadHistory(SqlTransaction& tx, LaneId lane, const HistoryQuery& query,
                   const std::function<bool(const HistoryEntry&)>& use);

}  // namespace ticketing

#endif  // TICKETING_LANE_HISTORY_H_
