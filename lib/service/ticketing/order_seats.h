// The seats of a hold or an order, wherever they are: of one event, of several events of one
// season, or of events with lanes of their own. One command sees all of them; it happens as a whole
// or not at all.
#ifndef TICKETING_LIB_SERVICE_TICKETING_ORDER_SEATS_H_
#define TICKETING_LIB_SERVICE_TICKETING_ORDER_SEATS_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "lib/service/ticketing/lanes.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/order/order.h"

namespace ticketing {

class OrderSeats;

// The events, each once, and their lanes.
class OrderPlaces {
 public:
  void Add(EventOnLane at);

  const std::vector<EventOnLane>& events() const { return events_; }

  // Runs one command over all lanes. It may run more than once: see LaneApply. What it does after
  // OrderSeats changed something must not fail. Errors: those of `command`, those of EventLane.
  Status Run(const std::function<Status(OrderSeats& seats, Timestamp now)>& command) const;

 private:
  friend class OrderSeats;
  std::vector<EventOnLane> events_;
  std::vector<EventLane*> lanes_;  // each once
  std::vector<size_t> lane_of_;    // by event
};

// Lives for one run of a command. Events are numbered as in OrderPlaces.
class OrderSeats {
 public:
  OrderSeats(const OrderPlaces& places, std::span<LaneState* const> states)
      : places_(places), states_(states), effects_(states.size()) {}

  const std::vector<EventOnLane>& events() const { return places_.events(); }
  LaneState& state(size_t event) { return *states_[places_.lane_of_[event]]; }
  // The number of an event of an order line.
  size_t NumberOf(const Order& order, const OrderLine& line) const;

  // The hold as it is on the event that it ends on first; nullopt unless it is on all of them.
  std::optional<seat::Hold> FindHold(HoldId hold) const;
  // One step per event at most, of whichever events. Nothing is changed after an error, unless a
  // lane before was: then the command must fail.
  Status Apply(std::vector<seat::EventStep> steps, Timestamp now);
  // For a hold that FindHold finds.
  Status Extend(HoldId hold, Timestamp until, Timestamp now, Duration hold_max);
  void Release(HoldId hold);  // wherever it still is
  // Books what the order's hold has; where it has run out, its seats if they are free. All or
  // nothing: false when some are gone, and then the rest of the hold is let go.
  bool Book(const Order& order, Timestamp now);
  // Frees what the order has booked.
  Status FreeBooked(const Order& order, Timestamp now);

  void SetNote(const LaneNote& note);
  void Insert(LaneInsert insert) { effects_[0].inserts.push_back(std::move(insert)); }
  // After what was said before.
  void AlsoWrite(std::function<Status(SqlTransaction&)> rows);
  std::vector<LaneEffect> TakeEffects() { return std::move(effects_); }

 private:
  void Keep(size_t lane, std::vector<seat::Changes> changes);
  std::vector<seat::EventStep> StepsOf(const Order& order, size_t lane,
                                       const seat::Step& like) const;

  const OrderPlaces& places_;
  const std::span<LaneState* const> states_;
  std::vector<LaneEffect> effects_;  // by lane
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_ORDER_SEATS_H_
