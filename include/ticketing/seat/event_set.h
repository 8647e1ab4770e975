// Events that share their seats: a season, its partial seasons and its matches, or one event alone.
// Each has an inventory of the same chart. What is taken in one blocks the same object in those it
// is related to:
//
//    season          <-> each of its matches, each of its partial seasons
//    partial season  <-> each of its matches, its season, and partial seasons that share a match
//
// A booking on a season covers all its matches, also those that are added later. An override takes
// one object of one match out of the season's reach: the match sells it by itself. A table and its
// seats are the same chairs: whole in the one event, they are taken seat by seat in the other, and
// the other way round.
//
// A pure state machine, as Inventory is, and owned by one lane. Slots number the events in the
// order in which they were added and never change. With one event everything costs what it costs
// there.
#ifndef TICKETING_SEAT_EVENT_SET_H_
#define TICKETING_SEAT_EVENT_SET_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/seat/inventory.h"
#include "ticketing/seat/replacement.h"

namespace ticketing {
class ByteReader;
}

namespace ticketing::seat {

// Stored: append, never renumber.
enum class EventKind : uint8_t { kEvent = 0, kSeason = 1, kPartialSeason = 2, kMatch = 3 };

struct EventEntry {
  EventId id;
  EventKind kind = EventKind::kEvent;
  bool removed = false;           // no longer for sale; its slot stays
  std::vector<uint32_t> matches;  // of a season or partial season: slots, in the order of adding
  bool operator==(const EventEntry&) const = default;
};

// How many places of an object a match sells by itself although the season `season` has them.
struct Override {
  uint32_t season = 0;  // slot of the season or partial season
  uint32_t index = 0;
  uint32_t places = 0;  // 0: none any more
  // Of an area: the order of the season whose places these are, and only as many as it still has.
  // Zero: places of whoever has them.
  OrderId order = {};
  bool operator==(const Override&) const = default;
};

// A step on one event of the set.
struct EventStep {
  uint32_t slot = 0;
  Step step;
};

class EventSet {
 public:
  explicit EventSet(std::shared_ptr<const Chart> chart);
  ~EventSet();
  EventSet(EventSet&&) noexcept;
  EventSet& operator=(EventSet&&) noexcept;

  // --- The events.

  // Adds an event and gives its slot. A kMatch belongs to the season in slot 0 from then on.
  // kConflict for an id that is there, or an event beside one of kind kEvent.
  StatusOr<uint32_t> Add(EventId id, EventKind kind);
  // Puts matches into a partial season. kConflict names objects that both have taken.
  Status AddMatches(uint32_t partial, std::span<const uint32_t> matches);
  Status RemoveMatch(uint32_t partial, uint32_t match);
  Status Remove(uint32_t slot);

  size_t size() const;
  const EventEntry& entry(uint32_t slot) const;
  std::optional<uint32_t> SlotOf(EventId id) const;
  const Inventory& at(uint32_t slot) const;

  // --- Commands. As those of Inventory; the answer has one Changes per event whose inventory
  // changed, those that only saw seats blocked or freed included. All or nothing.

  StatusOr<std::vector<Changes>> Apply(std::span<const EventStep> steps, Timestamp now);
  StatusOr<std::vector<Changes>> HoldBestAvailable(uint32_t slot, HoldId hold,
                                                   const BestAvailableRequest& request,
                                                   Timestamp expires_at, Timestamp now,
                                                   BestAvailable* found = nullptr);
  // On every event where the hold has something. kHoldNotFound when it has nothing anywhere.
  StatusOr<std::vector<Changes>> Extend(HoldId hold, Timestamp expires_at, Timestamp now,
                                        Duration hold_max = Duration());
  StatusOr<std::vector<Changes>> Release(HoldId hold);
  StatusOr<std::vector<Changes>> Book(HoldId hold, OrderId order, Timestamp now);
  std::vector<Changes> ExpireHolds(Timestamp now);
  StatusOr<std::vector<Changes>> SetExtra(uint32_t slot, uint32_t index, std::string extra);

  Status SetRules(uint32_t slot, SaleRules rules, Timestamp now);

  // Lets the match in `slot` sell objects whatever a season does with them, or gives them back.
  // `season` limits it to one season; nullopt: whichever has it, else the first. Places of an area
  // must be taken by the season; each pick that names the area is one more of them. kConflict names
  // objects of which there are no more to give, or that the match has sold itself.
  //
  // With an `order`, which needs a `season`, the picks are of areas and of that order's places:
  // what it gives back on the season later no longer counts, and the places of others stay theirs.
  Status OverrideSeason(uint32_t slot, std::span<const Pick> picks, std::optional<uint32_t> season,
                        OrderId order = {});
  Status UseSeason(uint32_t slot, std::span<const Pick> picks, std::optional<uint32_t> season,
                   OrderId order = {});
  const std::vector<Override>& overrides(uint32_t slot) const;

  std::optional<Timestamp> NextExpiry() const;

  // --- Undo: for commands that span several sets.

  struct Savepoint {
    std::vector<size_t> marks;
  };
  Savepoint Mark();
  void Rollback(const Savepoint& savepoint);  // only for the commands that give Changes
  void Forget();                              // no way back any more

  // --- Another chart.

  // Everything that must not be lost with a chart: objects that are not free in some event, that
  // are set aside in a channel, or that a match overrides.
  std::vector<ObjectInUse> InUse() const;
  // The same events on `chart`, with what is held, booked and set aside; `numbers` has for each
  // object its number there (CheckReplacement with InUse). Versions grow by one. An error, and no
  // set, when the rules of an event or its bookings contradict the chart.
  StatusOr<EventSet> MovedTo(std::shared_ptr<const Chart> chart, std::span<const uint32_t> numbers,
                             Timestamp now) const;

  // --- Storage. A snapshot of one event has its entry, rules, overrides, version, rows and holds.
  // The head of a set (entries, rules, overrides: what changes rarely) is stored whole when it
  // changes.

  std::string EncodeHead() const;
  std::string EncodeEvent(uint32_t slot) const;  // its version, rows, extras and holds
  // kDataLoss for anything that could not have been stored. Snapshots of different moments may
  // contradict each other until the changes between them are restored: Settle looks at that.
  static StatusOr<EventSet> Load(std::shared_ptr<const Chart> chart, std::string_view head,
                                 std::span<const std::string> events);
  Status Restore(const Changes& changes);
  // After the last Restore: works out again what is not stored. Versions are those of the changes,
  // or of the head if that is later; sale windows stand as they stood `at` that time, that of the
  // last command. kDataLoss when two events have one chair.
  Status Settle(Timestamp at);

 private:
  struct State;
  class Command;

  template <typename Do>
  StatusOr<std::vector<Changes>> ForHold(HoldId hold, Do what);
  Status CheckOverride(uint32_t slot, std::span<const Pick> picks, std::optional<uint32_t> season,
                       OrderId order) const;
  Status LoadEntry(ByteReader& in, uint64_t count, bool orders);
  std::string_view WhyBadHead() const;
  Status Resume();
  void Resettle();

  std::unique_ptr<State> state_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_EVENT_SET_H_
