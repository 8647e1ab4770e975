// A season that is too simple to be wrong: it thinks in atoms. An atom is a chair, or a place of an
// area, in one match. Who sells an event needs its object in every match that the event covers.
#ifndef TICKETING_TESTS_SEAT_SEASON_MODEL_H_
#define TICKETING_TESTS_SEAT_SEASON_MODEL_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/seat/inventory_model.h"
#include "ticketing/seat/event_set.h"

namespace ticketing::seat {

class SeasonModel {
 public:
  explicit SeasonModel(std::shared_ptr<const Chart> chart) : chart_(std::move(chart)) {}

  // Slots as EventSet gives them.
  void Add(EventKind kind);
  ErrorCode AddMatches(uint32_t partial, const std::vector<uint32_t>& matches);
  ErrorCode RemoveMatch(uint32_t partial, uint32_t match);
  ErrorCode Remove(uint32_t slot);

  ErrorCode Apply(const std::vector<EventStep>& steps, Timestamp now);
  ErrorCode Extend(HoldId hold, Timestamp expires_at, Timestamp now);
  ErrorCode Release(HoldId hold);
  ErrorCode Book(HoldId hold, OrderId order, Timestamp now);
  void ExpireHolds(Timestamp now);
  ErrorCode SetExtra(uint32_t slot, uint32_t index, const std::string& extra);
  void SetRules(uint32_t slot, const SaleRules& rules, Timestamp now);
  ErrorCode OverrideSeason(uint32_t match, const std::vector<Pick>& picks,
                           std::optional<uint32_t> season, OrderId order);
  ErrorCode UseSeason(uint32_t match, const std::vector<Pick>& picks,
                      std::optional<uint32_t> season, OrderId order);

  size_t size() const { return events_.size(); }
  const InventoryModel& at(uint32_t slot) const { return events_[slot].inventory; }
  bool removed(uint32_t slot) const { return events_[slot].removed; }
  EventKind kind(uint32_t slot) const { return events_[slot].kind; }
  // Places of an object that `match` sells although `season` has them.
  uint32_t Overridden(uint32_t match, uint32_t season, uint32_t index) const;
  // Atoms with two owners, by the object's label; there must be none.
  std::set<std::string> Overlaps() const;

 private:
  struct Event {
    EventKind kind;
    bool removed;
    std::vector<uint32_t> matches;  // of a partial season
    InventoryModel inventory;
  };

  // The matches in which an event needs its objects. Numbers from 1000 on stand for the bond of a
  // season with a part of it that has no matches yet.
  std::set<uint32_t> FindCovers(uint32_t slot) const;
  const std::set<uint32_t>& Covers(uint32_t slot) const { return covers_[slot]; }
  void Cover();
  std::vector<uint32_t> SameChairs(uint32_t unit) const;
  // Objects of `slot` that share a chair with `unit`.
  std::vector<uint32_t> Taken(uint32_t slot, uint32_t unit) const;
  uint32_t TakenPlaces(uint32_t slot, uint32_t area) const;
  bool Blocked(uint32_t slot, uint32_t unit) const;
  uint32_t Gone(uint32_t match, uint32_t area) const;
  uint32_t BlockedPlaces(uint32_t slot, uint32_t area) const;
  uint32_t PlacesOf(uint32_t slot, uint32_t area, OrderId order) const;
  ErrorCode CheckOverride(uint32_t match, const std::vector<Pick>& picks,
                          std::optional<uint32_t> season, OrderId order) const;
  void Settle();
  bool Knows(uint32_t slot) const { return slot < size() && !events_[slot].removed; }
  template <typename Do>
  ErrorCode ForHold(HoldId hold, Do what);

  std::shared_ptr<const Chart> chart_;
  std::vector<Event> events_;
  std::vector<std::set<uint32_t>> covers_;
  // By match, season, object and the order whose places they are (of areas; 0: whoever's).
  std::map<std::tuple<uint32_t, uint32_t, uint32_t, uint64_t>, uint32_t> overrides_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_TESTS_SEAT_SEASON_MODEL_H_
