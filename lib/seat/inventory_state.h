// What an inventory remembers, and the small steps that keep it whole. Commands (inventory.cc,
// inventory_apply.cc) check, then use these steps; questions are in inventory_queries.cc.
#ifndef TICKETING_LIB_SEAT_INVENTORY_STATE_H_
#define TICKETING_LIB_SEAT_INVENTORY_STATE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/seat/sale_terms.h"
#include "lib/seat/seat_search.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

// What is known of a unit beside its status; all but kWasResale follow from something else.
enum UnitFlag : uint8_t {
  kWasResale = 1 << 0,
  kBlockedByEvent = 1 << 1,  // taken in another event of the season
  kBlockedByTable = 1 << 2,  // its table, or a seat of it, is taken
  kOtherForm = 1 << 3,       // its table is sold the other way
  kNotForSale = 1 << 4,
  kSetAside = 1 << 5,  // in a channel
};
inline constexpr uint8_t kBlocked = kBlockedByEvent | kBlockedByTable;

// 16 bytes per unit. The units of a hold form a chain from HoldRecord::first, newest first.
struct UnitState {
  uint64_t owner = 0;  // value of the hold's or order's id
  uint32_t next = kNone;
  uint16_t custom = 0;  // position in State::custom_names
  SeatStatus status = SeatStatus::kFree;
  uint8_t flags = 0;
};
static_assert(sizeof(UnitState) == 16);

struct UnitText {
  std::string order_name;
  std::string ticket_type;
  bool empty() const { return order_name.empty() && ticket_type.empty(); }
};

struct HoldRecord {
  Timestamp created_at;
  Timestamp expires_at;
  uint32_t first = kNone;
  uint32_t parts = 0;  // rows of areas
};

// Which places of an area: those with the same owner and kind share one row.
struct PartKey {
  SeatStatus status = SeatStatus::kHeld;
  uint64_t owner = 0;
  uint16_t channel = 0;
  std::string custom;
  std::string order_name;
  std::string ticket_type;
  auto operator<=>(const PartKey&) const = default;
};

struct AreaRecord {
  AreaState totals;
  std::map<PartKey, uint32_t> parts;
  std::map<uint16_t, uint32_t> taken;  // by channel, 0 for none
};

struct Inventory::State {
  explicit State(std::shared_ptr<const Chart> chart);

  AreaRecord& AreaAt(uint32_t index) { return areas[index - chart->unit_count()]; }
  const AreaRecord& AreaAt(uint32_t index) const { return areas[index - chart->unit_count()]; }

  // --- Units. Each step appends the row that it changed to `out`.

  void SetUnit(uint32_t unit, const UnitState& next, std::vector<SeatChange>& out);
  void SetText(uint32_t unit, UnitText text);
  void SetFlag(uint32_t unit, uint8_t flag, bool on);
  void HoldUnit(HoldId hold, HoldRecord& record, uint32_t unit, std::vector<SeatChange>& out);
  // Frees it, or puts it up for resale again; texts go.
  void FreeUnit(uint32_t unit, std::vector<SeatChange>& out);
  // Takes it out of the chain of the hold that has it.
  void UnlinkUnit(uint32_t unit);
  UnitState Next(uint32_t unit, SeatStatus status, uint64_t owner) const;

  // --- Areas. Adds to (or takes from) one row.
  void AddPlaces(uint32_t area, const PartKey& key, int64_t delta, std::vector<SeatChange>& out);

  // --- Extra data.
  void SetExtra(uint32_t index, std::string extra, std::vector<ExtraChange>& out);

  // --- Holds.
  HoldRecord& OpenHold(HoldId hold, Timestamp created_at, Timestamp expires_at);
  void MoveHold(HoldId hold, Timestamp expires_at);
  void DropHold(HoldId hold);  // that has nothing any more
  bool IsIdle(const HoldRecord& record) const { return record.first == kNone && record.parts == 0; }
  // Frees all that the hold has and forgets it.
  void EndHold(HoldId hold, Changes& out);

  // Grows the version if anything changed, and finishes the answer.
  Changes Finish(Changes changes);

  // --- Terms.
  void ApplyTerms();  // flags and masks of the rules; after they changed or a window did
  void CountChannels();

  // --- Questions.
  int64_t HeldBy(HoldId hold, uint32_t index) const;
  // Places of an area in this status that the hold or order has.
  int64_t PlacesOf(uint32_t area, SeatStatus status, uint64_t owner) const;
  // How many more may leave a channel.
  int64_t QuotaLeft(const Channel& channel) const;
  // Places of an area that a channel (0: none) has left.
  int64_t FreePlaces(uint32_t area, uint16_t channel) const;
  SeatRow UnitRow(uint32_t unit) const;
  void AppendUnit(uint32_t unit, SeatStatus was, std::vector<SeatChange>& out) const;
  SeatRow PartRow(uint32_t area, const PartKey& key, uint32_t quantity) const;
  uint8_t Packed(uint32_t unit) const;
  uint16_t ChannelOf(uint32_t unit) const {
    return terms.channel_of.empty() ? uint16_t{0} : terms.channel_of[unit];
  }
  // Whether there is a number for the name: UnitState has 16 bits for it.
  bool TakesName(const std::string& name) const;
  uint16_t CustomNumber(const std::string& name);

  // Remembers how to undo a change, while somebody may want to.
  template <typename Undo>
  void Remember(Undo undo) {
    if (marked) journal.emplace_back(std::move(undo));
  }

  std::shared_ptr<const Chart> chart;
  uint64_t version = 0;
  std::vector<UnitState> units;
  std::string packed;  // of all units, as PackUnits gives them
  std::vector<AreaRecord> areas;
  std::vector<std::string> custom_names;  // position 0 is no name
  // Never walked where the order can be seen.
  std::unordered_map<uint32_t, UnitText> texts;
  std::unordered_map<uint32_t, std::string> extras;
  std::unordered_map<uint64_t, HoldRecord> holds;
  // A heap, soonest first. Entries of holds that ended or moved stay until they come up.
  std::vector<std::pair<Timestamp, uint64_t>> expiries;
  SaleTerms terms;
  std::map<uint16_t, uint32_t> channel_taken;  // units and places taken out of each channel
  SeatSearch search;
  mutable std::map<std::string, std::vector<uint64_t>> masks;  // for callers with other rights

  // Undoes what was remembered after `mark`. `marked` is off afterwards.
  void Undo(size_t mark);

  bool marked = false;
  std::vector<std::function<void()>> journal;

 private:
  void FillUnit(uint32_t unit, SeatRow& row) const;  // of a new row
  void PutUnit(uint32_t unit, const UnitState& next);
  void SetNext(uint32_t unit, uint32_t next);
  void KeepHold(HoldId hold);
  void QueueExpiry(HoldId hold, Timestamp at);
  void Refresh(uint32_t unit);
  void ShareTable(uint32_t unit);
};

// Free, and nothing else in the way: what the search may give to anybody.
inline bool IsOpen(const UnitState& unit) {
  return unit.status == SeatStatus::kFree && (unit.flags & (kBlocked | kOtherForm)) == 0;
}

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_INVENTORY_STATE_H_
