#include "lib/seat/event_set_state.h"

#include <algorithm>

namespace ticketing::seat {

int64_t EventSet::State::TakenPlaces(uint32_t slot, uint32_t area) const {
  if (entries[slot].removed) return 0;
  const AreaState totals = events[slot].area(area);
  return int64_t{totals.held} + totals.booked;
}

uint32_t EventSet::State::PlacesOf(uint32_t slot, uint32_t area, OrderId order) const {
  uint32_t places = 0;
  for (const SeatRow& row : events[slot].AreaRows(area)) {
    if (row.order == order) places += row.quantity;
  }
  return places;
}

uint32_t EventSet::State::Overridden(uint32_t match, uint32_t season, uint32_t index) const {
  uint64_t places = 0;
  for (const Override& override : overrides[match]) {
    if (override.season != season || override.index != index) continue;
    places += override.order ? std::min(override.places, PlacesOf(season, index, override.order))
                             : override.places;
  }
  return static_cast<uint32_t>(std::min<uint64_t>(places, UINT32_MAX));
}

uint32_t EventSet::State::EntryOf(uint32_t match, uint32_t season, uint32_t index,
                                  OrderId order) const {
  for (const Override& override : overrides[match]) {
    if (override.season == season && override.index == index && override.order == order) {
      return override.places;
    }
  }
  return 0;
}

void EventSet::State::SetOverride(uint32_t match, const Override& wanted) {
  std::vector<Override>& list = overrides[match];
  const auto found = std::find_if(list.begin(), list.end(), [&](const Override& override) {
    return override.season == wanted.season && override.index == wanted.index &&
           override.order == wanted.order;
  });
  if (found == list.end()) {
    if (wanted.places > 0) list.push_back(wanted);
  } else if (wanted.places == 0) {
    list.erase(found);
  } else {
    found->places = wanted.places;
  }
}

std::vector<std::string> EventSet::State::Overfull(const Changes& changes) const {
  std::vector<std::string> labels;
  for (const SeatChange& change : changes.seats) {
    const uint32_t index = change.row.index;
    if (chart->IsUnit(index)) continue;
    const bool full = std::ranges::any_of(entries[changes.slot].matches, [&](uint32_t match) {
      return !entries[match].removed && !overrides[match].empty() &&
             GoneOnMatch(match, index) > chart->object(index).capacity;
    });
    const std::string& label = chart->object(index).label;
    if (full && (labels.empty() || labels.back() != label)) labels.push_back(label);
  }
  return labels;
}

bool EventSet::State::HasChairs(uint32_t slot, uint32_t unit) const {
  return AnyWithSameChairs(unit, [&](uint32_t same) { return IsTaken(slot, same); });
}

// They meet on a match unless it sells the object by itself; a season and a part of it that has no
// matches yet always meet.
bool EventSet::State::Excludes(uint32_t slot, const Relation& relation, uint32_t unit,
                               uint32_t theirs) const {
  if (relation.shared.empty()) return true;
  return std::any_of(relation.shared.begin(), relation.shared.end(), [&](uint32_t match) {
    if (overrides[match].empty()) return true;
    return std::none_of(
        overrides[match].begin(), overrides[match].end(), [&](const Override& override) {
          return (override.season == slot || override.season == relation.slot) &&
                 (override.index == unit || override.index == theirs) && override.places > 0;
        });
  });
}

bool EventSet::State::IsBlocked(uint32_t slot, uint32_t unit) const {
  for (const Relation& relation : relations[slot]) {
    const bool blocked = AnyWithSameChairs(unit, [&](uint32_t theirs) {
      return IsTaken(relation.slot, theirs) && Excludes(slot, relation, unit, theirs);
    });
    if (blocked) return true;
  }
  return false;
}

int64_t EventSet::State::GoneOnMatch(uint32_t match, uint32_t area) const {
  int64_t gone = TakenPlaces(match, area);
  for (const Relation& relation : relations[match]) {
    gone += std::max<int64_t>(
        TakenPlaces(relation.slot, area) - Overridden(match, relation.slot, area), 0);
  }
  return gone;
}

// What the others leave of an area: a season needs a place on each of its matches, so the fullest
// one counts.
int64_t EventSet::State::BlockedPlaces(uint32_t slot, uint32_t area) const {
  const int64_t own = TakenPlaces(slot, area);
  if (!IsSeason(slot)) return GoneOnMatch(slot, area) - own;
  int64_t most = 0;
  for (const uint32_t match : entries[slot].matches) {
    if (entries[match].removed) continue;
    most = std::max(most, GoneOnMatch(match, area) - own);
  }
  for (const Relation& relation : relations[slot]) {
    if (relation.shared.empty()) most = std::max(most, TakenPlaces(relation.slot, area));
  }
  return most;
}

void EventSet::State::Relate() {
  relations.assign(entries.size(), {});
  for (uint32_t a = 0; a < entries.size(); ++a) {
    if (entries[a].removed || !IsSeason(a)) continue;
    for (const uint32_t match : entries[a].matches) {
      if (entries[match].removed) continue;
      relations[a].push_back({match, {match}});
      relations[match].push_back({a, {match}});
    }
    for (uint32_t b = a + 1; b < entries.size(); ++b) {
      if (entries[b].removed || !IsSeason(b)) continue;
      std::vector<uint32_t> shared;
      for (const uint32_t match : entries[b].matches) {
        const std::vector<uint32_t>& others = entries[a].matches;
        const bool both = std::find(others.begin(), others.end(), match) != others.end();
        if (both && !entries[match].removed) shared.push_back(match);
      }
      const bool part = entries[a].kind == EventKind::kSeason;
      if (shared.empty() && !part) continue;
      relations[a].push_back({b, shared});
      relations[b].push_back({a, std::move(shared)});
    }
  }
}

void EventSet::State::Refresh(uint32_t index, std::set<uint32_t>& touched) {
  if (!chart->IsUnit(index)) return RefreshOne(index, touched);
  AnyWithSameChairs(index, [&](uint32_t same) {
    RefreshOne(same, touched);
    return false;
  });
}

void EventSet::State::RefreshOne(uint32_t index, std::set<uint32_t>& touched) {
  for (uint32_t slot = 0; slot < events.size(); ++slot) {
    if (relations[slot].empty()) continue;
    const bool changed =
        chart->IsUnit(index)
            ? events[slot].Block(index, IsBlocked(slot, index))
            : events[slot].BlockPlaces(
                  index, static_cast<uint32_t>(std::max<int64_t>(BlockedPlaces(slot, index), 0)));
    if (changed) touched.insert(slot);
  }
}

void EventSet::State::RefreshAll(std::set<uint32_t>& touched) {
  if (events.size() < 2) return;
  for (uint32_t index = 0; index < chart->object_count(); ++index) RefreshOne(index, touched);
  // An event that is related to nothing any more keeps no blocks.
  for (uint32_t slot = 0; slot < events.size(); ++slot) {
    if (!relations[slot].empty()) continue;
    for (uint32_t index = 0; index < chart->object_count(); ++index) {
      const bool changed = chart->IsUnit(index) ? events[slot].Block(index, false)
                                                : events[slot].BlockPlaces(index, 0);
      if (changed) touched.insert(slot);
    }
  }
}

std::vector<std::string> EventSet::State::Overlaps(size_t max) const {
  std::vector<std::string> labels;
  for (uint32_t index = 0; index < chart->object_count() && labels.size() < max; ++index) {
    bool overlaps = false;
    for (uint32_t slot = 0; slot < events.size() && !overlaps; ++slot) {
      if (entries[slot].removed) continue;
      if (chart->IsUnit(index)) {
        overlaps = IsTaken(slot, index) && IsBlocked(slot, index);
      } else {
        overlaps =
            TakenPlaces(slot, index) + BlockedPlaces(slot, index) > chart->object(index).capacity;
      }
    }
    if (overlaps) labels.push_back(chart->object(index).label);
  }
  return labels;
}

}  // namespace ticketing::seat
