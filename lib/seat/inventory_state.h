// What an inventory remembers, and the small steps that keep it whole. Commands (inventory.cc)
// check, then use these steps; loading and questions are in inventory_state.cc.
#ifndef TICKETING_LIB_SEAT_INVENTORY_STATE_H_
#define TICKETING_LIB_SEAT_INVENTORY_STATE_H_

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/seat/seat_search.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

// 16 bytes per seat. The units of a hold form a chain from HoldRecord::first, newest first.
struct UnitState {
  uint64_t owner = 0;  // value of the hold's or order's id
  uint32_t next = kNone;
  SeatStatus status = SeatStatus::kFree;
};

struct HoldRecord {
  Timestamp created_at;
  Timestamp expires_at;
  uint32_t first = kNone;
  uint32_t areas = 0;  // in how many areas it has places
};

// Places of one hold or order in an area.
struct AreaPart {
  uint64_t owner = 0;
  SeatStatus status = SeatStatus::kHeld;
  uint32_t quantity = 0;
};

struct AreaRecord {
  AreaState totals;
  std::map<uint64_t, AreaPart> parts;  // by SeatRow::part
};

struct Inventory::State {
  explicit State(std::shared_ptr<const Chart> chart);

  AreaRecord& AreaAt(uint32_t index) { return areas[index - chart->unit_count()]; }
  const AreaRecord& AreaAt(uint32_t index) const { return areas[index - chart->unit_count()]; }

  void SetUnit(uint32_t unit, UnitState state, std::vector<SeatChange>& out);
  // Steps. Each appends the row it changed to `out`; bookkeeping of holds is the caller's where
  // noted.
  void HoldUnit(HoldId hold, HoldRecord& record, uint32_t unit, std::vector<SeatChange>& out);
  void BookUnit(OrderId order, uint32_t unit, std::vector<SeatChange>& out);
  void FreeUnit(uint32_t unit, std::vector<SeatChange>& out);
  void UnlinkUnit(HoldRecord& record, uint32_t unit);
  // Adds to (or takes from) what the owner has in the area.
  void AddHeld(HoldId hold, HoldRecord& record, uint32_t area, int64_t delta,
               std::vector<SeatChange>& out);
  void AddBooked(OrderId order, uint32_t area, int64_t delta, std::vector<SeatChange>& out);

  // Frees all that the hold has and forgets it.
  void EndHold(HoldId hold, std::vector<SeatChange>& out);
  void Remember(HoldId hold, const HoldRecord& record);

  int64_t HeldBy(HoldId hold, uint32_t index) const;
  int64_t BookedBy(OrderId order, uint32_t index) const;

  SeatRow UnitRow(uint32_t unit) const;
  SeatRow PartRow(uint32_t area, uint64_t part, const AreaPart& owned) const;

  std::shared_ptr<const Chart> chart;
  uint64_t version = 0;
  std::vector<UnitState> units;
  std::string packed;  // the statuses of all units, as PackUnits gives them
  std::vector<AreaRecord> areas;
  std::unordered_map<uint64_t, HoldRecord> holds;  // never walked where the order can be seen
  // A heap, soonest first. Entries of holds that ended or moved stay until they come up.
  std::vector<std::pair<Timestamp, uint64_t>> expiries;
  SeatSearch search;
};

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_INVENTORY_STATE_H_
