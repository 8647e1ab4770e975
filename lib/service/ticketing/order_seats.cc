#include "lib/service/ticketing/order_seats.h"

#include <algorithm>
#include <utility>

#include "ticketing/base/assert.h"
#include "ticketing/env/wait.h"

namespace ticketing {

void OrderPlaces::Add(EventOnLane at) {
  EventLane* const lane = at.lane.get();
  size_t number = 0;
  while (number < lanes_.size() && lanes_[number] != lane) ++number;
  if (number == lanes_.size()) lanes_.push_back(lane);
  events_.push_back(std::move(at));
  lane_of_.push_back(number);
}

Status OrderPlaces::Run(
    const std::function<Status(OrderSeats& seats, Timestamp now)>& command) const {
  TICKETING_ASSERT(!lanes_.empty());
  if (lanes_.size() == 1) {
    const WaitsAside aside;
    return lanes_[0]->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
      LaneState* const one = &state;
      OrderSeats seats(*this, {&one, 1});
      TICKETING_RETURN_IF_ERROR(command(seats, now));
      return std::move(seats.TakeEffects()[0]);
    });
  }
  return RunTogether(
      lanes_,
      [&](std::span<LaneState* const> states, Timestamp now) -> StatusOr<std::vector<LaneEffect>> {
        OrderSeats seats(*this, states);
        TICKETING_RETURN_IF_ERROR(command(seats, now));
        return seats.TakeEffects();
      });
}

size_t OrderSeats::NumberOf(const Order& order, const OrderLine& line) const {
  const EventId event = line.event ? line.event : order.event;
  const auto& events = places_.events_;
  const auto found = std::ranges::find(events, event, [](const auto& at) { return at.event->id; });
  TICKETING_ASSERT(found != events.end());
  return static_cast<size_t>(found - events.begin());
}

void OrderSeats::Keep(size_t lane, std::vector<seat::Changes> changes) {
  std::vector<seat::Changes>& kept = effects_[lane].changes;
  if (kept.empty()) {
    kept = std::move(changes);
  } else {
    std::ranges::move(changes, std::back_inserter(kept));
  }
}

std::optional<seat::Hold> OrderSeats::FindHold(HoldId hold) const {
  std::optional<seat::Hold> first;
  for (size_t i = 0; i < places_.events_.size(); ++i) {
    const LaneState& state = *states_[places_.lane_of_[i]];
    const std::optional<seat::Hold> here = state.seats.at(places_.events_[i].slot()).FindHold(hold);
    if (!here) return std::nullopt;
    if (!first || here->expires_at < first->expires_at) first = here;
  }
  return first;
}

// `steps` are of the events in their order.
Status OrderSeats::Apply(std::vector<seat::EventStep> steps, Timestamp now) {
  TICKETING_ASSERT(steps.size() == places_.events_.size());
  for (size_t lane = 0; lane < states_.size(); ++lane) {
    std::vector<seat::EventStep> own;
    for (size_t i = 0; i < steps.size(); ++i) {
      if (places_.lane_of_[i] == lane) own.push_back(std::move(steps[i]));
    }
    TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Changes> changes,
                               states_[lane]->seats.Apply(own, now));
    Keep(lane, std::move(changes));
  }
  return OkStatus();
}

Status OrderSeats::Extend(HoldId hold, Timestamp until, Timestamp now, Duration hold_max) {
  for (size_t lane = 0; lane < states_.size(); ++lane) {
    TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Changes> changes,
                               states_[lane]->seats.Extend(hold, until, now, hold_max));
    Keep(lane, std::move(changes));
  }
  return OkStatus();
}

void OrderSeats::Release(HoldId hold) {
  for (size_t lane = 0; lane < states_.size(); ++lane) {
    StatusOr<std::vector<seat::Changes>> changes = states_[lane]->seats.Release(hold);
    if (changes.ok()) Keep(lane, *std::move(changes));  // else it ran out there
  }
}

// The order's objects on the events of a lane, one step for each event. By label: the numbers of
// objects are those of the chart of the day.
std::vector<seat::EventStep> OrderSeats::StepsOf(const Order& order, size_t lane,
                                                 const seat::Step& like) const {
  std::vector<seat::EventStep> steps;
  for (size_t i = 0; i < places_.events_.size(); ++i) {
    if (places_.lane_of_[i] != lane) continue;
    const EventOnLane& at = places_.events_[i];
    seat::EventStep step{at.slot(), like};
    for (const OrderLine& line : order.lines) {
      if (NumberOf(order, line) != i) continue;
      const std::optional<uint32_t> index = at.event->chart->Find(line.object);
      if (index) step.step.picks.push_back({*index, line.quantity});
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

bool OrderSeats::Book(const Order& order, Timestamp now) {
  const auto is_held = [&](size_t lane) {
    for (size_t i = 0; i < places_.events_.size(); ++i) {
      if (places_.lane_of_[i] != lane) continue;
      const auto hold = states_[lane]->seats.at(places_.events_[i].slot()).FindHold(order.hold);
      if (!hold || hold->expires_at <= now) return false;
    }
    return true;
  };
  std::vector<size_t> held, lost;
  for (size_t lane = 0; lane < states_.size(); ++lane)
    (is_held(lane) ? held : lost).push_back(lane);
  // What may fail comes first. They were for sale to him when he held them.
  const seat::Step again{.to = seat::SeatStatus::kBooked,
                         .hold = order.hold,
                         .order = order.id,
                         .access = {.all_channels = true, .ignore_for_sale = true}};
  for (size_t i = 0; i < lost.size(); ++i) {
    auto changes = states_[lost[i]]->seats.Apply(StepsOf(order, lost[i], again), now);
    if (changes.ok()) {
      Keep(lost[i], *std::move(changes));
      continue;
    }
    const seat::Step back{.to = seat::SeatStatus::kFree, .of_order = order.id};
    for (size_t done = 0; done < i; ++done) {
      auto undone = states_[lost[done]]->seats.Apply(StepsOf(order, lost[done], back), now);
      TICKETING_ASSERT(undone.ok());
      Keep(lost[done], *std::move(undone));
    }
    Release(order.hold);
    return false;
  }
  for (const size_t lane : held) {
    auto changes = states_[lane]->seats.Book(order.hold, order.id, now);
    TICKETING_ASSERT(changes.ok());
    Keep(lane, *std::move(changes));
  }
  return true;
}

Status OrderSeats::FreeBooked(const Order& order, Timestamp now) {
  const seat::Step free{.to = seat::SeatStatus::kFree, .of_order = order.id};
  for (size_t lane = 0; lane < states_.size(); ++lane) {
    TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Changes> changes,
                               states_[lane]->seats.Apply(StepsOf(order, lane, free), now));
    Keep(lane, std::move(changes));
  }
  return OkStatus();
}

void OrderSeats::SetNote(const LaneNote& note) {
  for (LaneEffect& effect : effects_) effect.note = note;
}

void OrderSeats::AlsoWrite(std::function<Status(SqlTransaction&)> rows) {
  auto& all = effects_[0].rows;
  if (!all) {
    all = std::move(rows);
    return;
  }
  all = [before = std::move(all), rows = std::move(rows)](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(before(tx));
    return rows(tx);
  };
}

}  // namespace ticketing
