#include "tests/seat/season_model.h"

#include <algorithm>

namespace ticketing::seat {

void SeasonModel::Cover() {
  covers_.clear();
  for (uint32_t slot = 0; slot < size(); ++slot) covers_.push_back(FindCovers(slot));
}

std::set<uint32_t> SeasonModel::FindCovers(uint32_t slot) const {
  std::set<uint32_t> matches;
  if (removed(slot)) return matches;
  if (kind(slot) == EventKind::kMatch) return {slot};
  if (kind(slot) == EventKind::kPartialSeason) {
    for (const uint32_t match : events_[slot].matches) {
      if (!removed(match)) matches.insert(match);
    }
    if (matches.empty()) matches.insert(1000 + slot);
    return matches;
  }
  for (uint32_t other = 0; other < size(); ++other) {
    if (removed(other) || other == slot) continue;
    if (kind(other) == EventKind::kMatch) matches.insert(other);
    if (kind(other) != EventKind::kPartialSeason) continue;
    const std::set<uint32_t> part = FindCovers(other);
    if (part.contains(1000 + other)) matches.insert(1000 + other);
  }
  return matches;
}

uint32_t SeasonModel::Overridden(uint32_t match, uint32_t season, uint32_t index) const {
  uint32_t places = 0;
  for (const auto& [key, given] : overrides_) {
    const auto [of_match, of_season, of_index, order] = key;
    if (of_match != match || of_season != season || of_index != index) continue;
    places += order == 0 ? given : std::min(given, PlacesOf(season, index, OrderId{order}));
  }
  return places;
}

uint32_t SeasonModel::PlacesOf(uint32_t slot, uint32_t area, OrderId order) const {
  uint32_t places = 0;
  for (const SeatRow& row : at(slot).Rows()) {
    if (row.index == area && row.order == order) places += row.quantity;
  }
  return places;
}

std::vector<uint32_t> SeasonModel::SameChairs(uint32_t unit) const {
  std::vector<uint32_t> units = {unit};
  const Object& object = chart_->object(unit);
  if (object.table != kNone) units.push_back(object.table);
  if (object.kind == ObjectKind::kTable) {
    const TableSeats seats = chart_->seats_of_table(unit);
    for (uint32_t i = 0; i < seats.count; ++i) units.push_back(seats.first + i);
  }
  return units;
}

std::vector<uint32_t> SeasonModel::Taken(uint32_t slot, uint32_t unit) const {
  std::vector<uint32_t> taken;
  for (const uint32_t other : SameChairs(unit)) {
    if (at(slot).unit(other).status != SeatStatus::kFree) taken.push_back(other);
  }
  return taken;
}

uint32_t SeasonModel::TakenPlaces(uint32_t slot, uint32_t area) const {
  if (removed(slot)) return 0;
  return at(slot).Area(area).held + at(slot).Area(area).booked;
}

bool SeasonModel::Blocked(uint32_t slot, uint32_t unit) const {
  for (uint32_t other = 0; other < size(); ++other) {
    if (other == slot) continue;
    for (const uint32_t theirs : Taken(other, unit)) {
      for (const uint32_t match : Covers(slot)) {
        if (!Covers(other).contains(match)) continue;
        uint32_t given = 0;
        for (const uint32_t index : {unit, theirs}) {
          given += Overridden(match, slot, index) + Overridden(match, other, index);
        }
        if (given == 0) return true;
      }
    }
  }
  return false;
}

uint32_t SeasonModel::Gone(uint32_t match, uint32_t area) const {
  uint32_t gone = 0;
  for (uint32_t slot = 0; slot < size(); ++slot) {
    if (!Covers(slot).contains(match)) continue;
    const uint32_t taken = TakenPlaces(slot, area);
    gone += taken - std::min(taken, Overridden(match, slot, area));
  }
  return gone;
}

uint32_t SeasonModel::BlockedPlaces(uint32_t slot, uint32_t area) const {
  uint32_t most = 0;
  for (const uint32_t match : Covers(slot)) most = std::max(most, Gone(match, area));
  const uint32_t own = TakenPlaces(slot, area);
  return most - std::min(most, own);
}

void SeasonModel::Settle() {
  for (uint32_t slot = 0; slot < size(); ++slot) {
    std::set<uint32_t> units;
    std::map<uint32_t, uint32_t> places;
    for (uint32_t i = 0; i < chart_->object_count(); ++i) {
      if (!chart_->IsUnit(i)) places[i] = BlockedPlaces(slot, i);
      if (chart_->IsUnit(i) && Blocked(slot, i)) units.insert(i);
    }
    events_[slot].inventory.SetOutside(std::move(units), std::move(places));
  }
}

std::set<std::string> SeasonModel::Overlaps() const {
  std::set<std::string> labels;
  for (uint32_t slot = 0; slot < size(); ++slot) {
    for (uint32_t i = 0; i < chart_->object_count(); ++i) {
      const std::string& label = chart_->object(i).label;
      if (chart_->IsUnit(i)) {
        const bool has = at(slot).unit(i).status != SeatStatus::kFree;
        if (has && Blocked(slot, i)) labels.insert(label);
        continue;
      }
      for (const uint32_t match : Covers(slot)) {
        if (Gone(match, i) > chart_->object(i).capacity) labels.insert(label);
      }
    }
  }
  return labels;
}

// --- Events.

void SeasonModel::Add(EventKind kind) {
  events_.push_back({kind, false, {}, InventoryModel(chart_)});
  Cover();
  Settle();
}

ErrorCode SeasonModel::AddMatches(uint32_t partial, const std::vector<uint32_t>& matches) {
  if (!Knows(partial) || kind(partial) != EventKind::kPartialSeason) return ErrorCode::kNotFound;
  const std::vector<uint32_t> before = events_[partial].matches;
  for (const uint32_t match : matches) {
    if (!Knows(match) || kind(match) != EventKind::kMatch) {
      events_[partial].matches = before;
      return ErrorCode::kNotFound;
    }
    std::vector<uint32_t>& list = events_[partial].matches;
    if (std::find(list.begin(), list.end(), match) == list.end()) list.push_back(match);
  }
  Cover();
  if (!Overlaps().empty()) {
    events_[partial].matches = before;
    Cover();
    return ErrorCode::kConflict;
  }
  Settle();
  return ErrorCode::kOk;
}

ErrorCode SeasonModel::RemoveMatch(uint32_t partial, uint32_t match) {
  if (!Knows(partial) || kind(partial) != EventKind::kPartialSeason) return ErrorCode::kNotFound;
  if (std::erase(events_[partial].matches, match) == 0) return ErrorCode::kNotFound;
  std::erase_if(overrides_, [&](const auto& entry) {
    return std::get<0>(entry.first) == match && std::get<1>(entry.first) == partial;
  });
  Cover();
  Settle();
  return ErrorCode::kOk;
}

ErrorCode SeasonModel::Remove(uint32_t slot) {
  if (!Knows(slot)) return ErrorCode::kNotFound;
  events_[slot].removed = true;
  Cover();
  Settle();
  return ErrorCode::kOk;
}

// --- Commands: on a copy, which counts if nothing was refused.

ErrorCode SeasonModel::Apply(const std::vector<EventStep>& steps, Timestamp now) {
  if (steps.empty()) return ErrorCode::kInvalidField;
  for (const EventStep& step : steps) {
    if (!Knows(step.slot)) return ErrorCode::kNotFound;
  }
  SeasonModel copy = *this;
  for (const EventStep& step : steps) {
    const Verdict verdict = copy.events_[step.slot].inventory.Apply(step.step, now);
    if (verdict.code != ErrorCode::kOk) return verdict.code;
    copy.Settle();
    // Places that changed hands may be sold by a match already.
    if (!copy.Overlaps().empty()) return ErrorCode::kConflict;
  }
  *this = std::move(copy);
  return ErrorCode::kOk;
}

template <typename Do>
ErrorCode SeasonModel::ForHold(HoldId hold, Do what) {
  SeasonModel copy = *this;
  bool found = false;
  for (Event& event : copy.events_) {
    if (!event.inventory.holds().contains(hold.value)) continue;
    found = true;
    const Verdict verdict = what(event.inventory);
    if (verdict.code != ErrorCode::kOk) return verdict.code;
  }
  if (!found) return ErrorCode::kHoldNotFound;
  copy.Settle();
  *this = std::move(copy);
  return ErrorCode::kOk;
}

ErrorCode SeasonModel::Extend(HoldId hold, Timestamp expires_at, Timestamp now) {
  return ForHold(
      hold, [&](InventoryModel& event) { return event.Extend(hold, expires_at, now, Duration()); });
}
ErrorCode SeasonModel::Release(HoldId hold) {
  return ForHold(hold, [&](InventoryModel& event) { return event.Release(hold); });
}
ErrorCode SeasonModel::Book(HoldId hold, OrderId order, Timestamp now) {
  return ForHold(hold, [&](InventoryModel& event) { return event.Book(hold, order, now); });
}
void SeasonModel::ExpireHolds(Timestamp now) {
  for (Event& event : events_) event.inventory.ExpireHolds(now);
  Settle();
}
ErrorCode SeasonModel::SetExtra(uint32_t slot, uint32_t index, const std::string& extra) {
  if (!Knows(slot)) return ErrorCode::kNotFound;
  return events_[slot].inventory.SetExtra(index, extra).code;
}
void SeasonModel::SetRules(uint32_t slot, const SaleRules& rules, Timestamp now) {
  events_[slot].inventory.SetRules(rules, now);
}

// --- Overrides.

ErrorCode SeasonModel::CheckOverride(uint32_t match, const std::vector<Pick>& picks,
                                     std::optional<uint32_t> season, OrderId order) const {
  if (!Knows(match) || kind(match) != EventKind::kMatch) return ErrorCode::kInvalidField;
  if (season && (*season == match || *season >= size() || !Covers(*season).contains(match))) {
    return ErrorCode::kInvalidField;
  }
  if (!order) return ErrorCode::kOk;
  const bool areas = std::none_of(picks.begin(), picks.end(),
                                  [&](const Pick& pick) { return chart_->IsUnit(pick.index); });
  return season && areas ? ErrorCode::kOk : ErrorCode::kInvalidField;
}

ErrorCode SeasonModel::OverrideSeason(uint32_t match, const std::vector<Pick>& picks,
                                      std::optional<uint32_t> season, OrderId order) {
  const ErrorCode wrong = CheckOverride(match, picks, season, order);
  if (wrong != ErrorCode::kOk) return wrong;
  const auto before = overrides_;
  std::map<uint32_t, int64_t> wanted;
  for (const Pick& pick : picks) wanted[pick.index] += pick.quantity;
  for (auto& [index, places] : wanted) {
    if (chart_->IsUnit(index)) places = 1;
    for (uint32_t slot = 0; slot < size(); ++slot) {
      if (slot == match || !Covers(slot).contains(match) || (season && slot != *season)) continue;
      const int64_t has =
          chart_->IsUnit(index) ? !Taken(slot, index).empty() : TakenPlaces(slot, index);
      const int64_t gone = Overridden(match, slot, index);
      uint32_t& given = overrides_[{match, slot, index, order.value}];
      int64_t more = std::max<int64_t>(0, std::min<int64_t>(places, has - gone));
      if (order) {
        const int64_t own = int64_t{PlacesOf(slot, index, order)} - given;
        more = std::max<int64_t>(0, std::min(more, own));
      }
      given += static_cast<uint32_t>(more);
      places -= more;
    }
    // What no season has yet is kept for the match, from the first season that could come for it.
    for (uint32_t slot = 0; chart_->IsUnit(index) && places > 0 && slot < size(); ++slot) {
      if (slot == match || !Covers(slot).contains(match) || (season && slot != *season)) continue;
      uint32_t& given = overrides_[{match, slot, index, 0}];
      if (given == 0) given = 1, places = 0;
      break;
    }
    if (places > 0) {
      overrides_ = before;
      return ErrorCode::kConflict;
    }
  }
  Settle();
  return ErrorCode::kOk;
}

ErrorCode SeasonModel::UseSeason(uint32_t match, const std::vector<Pick>& picks,
                                 std::optional<uint32_t> season, OrderId order) {
  const ErrorCode wrong = CheckOverride(match, picks, season, order);
  if (wrong != ErrorCode::kOk) return wrong;
  const auto before = overrides_;
  std::map<uint32_t, int64_t> wanted;
  for (const Pick& pick : picks) wanted[pick.index] += pick.quantity;
  for (auto& [index, places] : wanted) {
    if (chart_->IsUnit(index)) places = 1;
    for (uint32_t slot = 0; slot < size(); ++slot) {
      if (slot == match || !Covers(slot).contains(match) || (season && slot != *season)) continue;
      uint32_t& given = overrides_[{match, slot, index, order.value}];
      const uint32_t less = static_cast<uint32_t>(std::min<int64_t>(places, given));
      given -= less;
      places -= less;
    }
  }
  if (!Overlaps().empty()) {
    overrides_ = before;
    return ErrorCode::kConflict;
  }
  Settle();
  return ErrorCode::kOk;
}

}  // namespace ticketing::seat
