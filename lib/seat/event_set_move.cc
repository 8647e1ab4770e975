// A set on another chart.
#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "lib/seat/event_set_state.h"

namespace ticketing::seat {
namespace {

using Numbers = std::span<const uint32_t>;

SaleRules Renumbered(SaleRules rules, Numbers numbers) {
  for (Channel& channel : rules.channels) {
    std::vector<uint32_t> objects;
    for (const uint32_t object : channel.objects) {
      if (numbers[object] != kNone) objects.push_back(numbers[object]);
    }
    channel.objects = std::move(objects);
    std::map<uint32_t, uint32_t> places;
    for (const auto& [area, count] : channel.area_places) {
      if (numbers[area] != kNone) places[numbers[area]] = count;
    }
    channel.area_places = std::move(places);
  }
  return rules;
}

Changes Renumbered(Changes changes, Numbers numbers) {
  for (SeatChange& change : changes.seats) change.row.index = numbers[change.row.index];
  std::ranges::stable_sort(changes.seats, {},
                           [](const SeatChange& change) { return change.row.index; });
  std::erase_if(changes.extras,
                [&](const ExtraChange& extra) { return numbers[extra.index] == kNone; });
  for (ExtraChange& extra : changes.extras) extra.index = numbers[extra.index];
  return changes;
}

}  // namespace

std::vector<ObjectInUse> EventSet::InUse() const {
  std::map<uint32_t, uint64_t> taken;
  const auto use = [&](uint32_t index, uint64_t places) {
    uint64_t& most = taken[index];
    most = std::max(most, places);
  };
  for (uint32_t slot = 0; slot < size(); ++slot) {
    const Inventory& event = at(slot);
    for (const SeatRow& row : event.Rows()) {
      if (state_->chart->IsUnit(row.index)) use(row.index, 1);
    }
    for (uint32_t area = state_->chart->unit_count(); area < state_->chart->object_count();
         ++area) {
      const AreaState totals = event.area(area);
      const uint64_t places = uint64_t{totals.held} + totals.booked + totals.blocked;
      if (places > 0) use(area, places);
    }
    for (const Channel& channel : event.rules().channels) {
      for (const uint32_t unit : channel.objects) use(unit, 1);
      for (const auto& [area, places] : channel.area_places) use(area, places);
    }
    for (const Override& override : overrides(slot)) use(override.index, override.places);
  }
  std::vector<ObjectInUse> in_use;
  in_use.reserve(taken.size());
  for (const auto& [index, places] : taken) in_use.push_back({index, places});
  return in_use;
}

StatusOr<EventSet> EventSet::MovedTo(std::shared_ptr<const Chart> chart, Numbers numbers,
                                     Timestamp now) const {
  EventSet moved(std::move(chart));
  State& s = *moved.state_;
  for (uint32_t slot = 0; slot < size(); ++slot) {
    s.entries.push_back(entry(slot));
    std::vector<Override>& list = s.overrides.emplace_back();
    for (Override override : overrides(slot)) {
      override.index = numbers[override.index];
      if (override.index != kNone) list.push_back(override);
    }
    Inventory& event = s.events.emplace_back(s.chart);
    TICKETING_RETURN_IF_ERROR(
        event.SetRules(Renumbered(at(slot).rules(), numbers), now, at(slot).last_channel()));
    Changes all = Renumbered(at(slot).Snapshot(), numbers);
    all.version += 1;
    TICKETING_RETURN_IF_ERROR(event.Restore(all));
  }
  TICKETING_RETURN_IF_ERROR(moved.Settle(now));
  return moved;
}

}  // namespace ticketing::seat
