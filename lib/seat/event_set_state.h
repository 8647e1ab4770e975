// How the events of a set stand to each other. Commands are in event_set.cc, what changes the set
// itself in event_set_head.cc.
#ifndef TICKETING_LIB_SEAT_EVENT_SET_STATE_H_
#define TICKETING_LIB_SEAT_EVENT_SET_STATE_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ticketing/seat/event_set.h"

namespace ticketing::seat {

struct EventSet::State {
  explicit State(std::shared_ptr<const Chart> of) : chart(std::move(of)) {}

  // What an event must look at before it sells: `shared` are the matches through which the two
  // meet; empty when they meet as a season and its part that has no matches yet.
  struct Relation {
    uint32_t slot = 0;
    std::vector<uint32_t> shared;
  };

  bool IsSeason(uint32_t slot) const {
    return entries[slot].kind == EventKind::kSeason ||
           entries[slot].kind == EventKind::kPartialSeason;
  }
  bool IsTaken(uint32_t slot, uint32_t unit) const {
    return !entries[slot].removed && events[slot].status(unit) != SeatStatus::kFree;
  }
  // Whether somebody has chairs of the unit, in whichever form they were sold.
  bool HasChairs(uint32_t slot, uint32_t unit) const;
  // Whether `fits` is true of the unit, or of another unit with the same chairs: the table of a
  // seat, the seats of a table. Events of one season may sell them in different forms.
  template <typename Fits>
  bool AnyWithSameChairs(uint32_t unit, Fits fits) const {
    if (fits(unit)) return true;
    const Object& object = chart->object(unit);
    if (object.table != kNone) return fits(object.table);
    if (object.kind != ObjectKind::kTable) return false;
    const TableSeats seats = chart->seats_of_table(unit);
    for (uint32_t seat = seats.first; seat < seats.first + seats.count; ++seat) {
      if (fits(seat)) return true;
    }
    return false;
  }
  int64_t TakenPlaces(uint32_t slot, uint32_t area) const;
  // Places of an area that an order has.
  uint32_t PlacesOf(uint32_t slot, uint32_t area, OrderId order) const;
  // How many places of an object the match sells by itself, as far as their owners still have them.
  uint32_t Overridden(uint32_t match, uint32_t season, uint32_t index) const;
  // The places of one entry; 0 for none.
  uint32_t EntryOf(uint32_t match, uint32_t season, uint32_t index, OrderId order) const;
  void SetOverride(uint32_t match, const Override& wanted);
  // Labels of areas that a match has sold beyond their capacity, because what a season has of them
  // got another owner than the one whose places the match sells.
  std::vector<std::string> Overfull(const Changes& changes) const;
  // Whether the one cannot have `unit` while the other has `theirs`, which shares its chairs.
  bool Excludes(uint32_t slot, const Relation& relation, uint32_t unit, uint32_t theirs) const;
  bool IsBlocked(uint32_t slot, uint32_t unit) const;
  int64_t BlockedPlaces(uint32_t slot, uint32_t area) const;
  // Places of an area that are gone on a match, whoever has them.
  int64_t GoneOnMatch(uint32_t match, uint32_t area) const;

  void Relate();  // works out `relations`
  // Makes blocks agree again after one object changed. Slots in which a block changed go into
  // `touched`.
  void Refresh(uint32_t index, std::set<uint32_t>& touched);
  void RefreshOne(uint32_t index, std::set<uint32_t>& touched);
  void RefreshAll(std::set<uint32_t>& touched);
  // Objects that two events of the set have at once; at most `max`.
  std::vector<std::string> Overlaps(size_t max) const;

  std::shared_ptr<const Chart> chart;
  std::vector<EventEntry> entries;
  std::vector<Inventory> events;
  std::vector<std::vector<Override>> overrides;  // by match
  std::vector<std::vector<Relation>> relations;  // by slot
  std::vector<uint64_t> head_versions;           // by slot, as the head was stored with
  bool marked = false;
};

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_EVENT_SET_STATE_H_
