// What changes a set itself: events, partial seasons, rules and overrides; and how it is stored.
#include <algorithm>

#include "lib/seat/event_set_state.h"
#include "lib/seat/inventory_checks.h"
#include "ticketing/base/limits.h"
#include "ticketing/base/varint.h"

namespace ticketing::seat {
namespace {

constexpr uint8_t kHeadFormat = 2;
constexpr uint8_t kHeadWithoutOrders = 1;  // overrides had no orders; still read
constexpr uint8_t kEventFormat = 1;
constexpr size_t kNamedMax = 100;

Status NoSuchEvent() {
  return MakeError(ErrorCode::kNotFound, "There is no such event.");
}

Status Damaged(std::string_view why) {
  return MakeError(ErrorCode::kDataLoss, "the stored events are damaged: " + std::string(why));
}

}  // namespace

// --- Events ---

StatusOr<uint32_t> EventSet::Add(EventId id, EventKind kind) {
  State& s = *state_;
  if (SlotOf(id)) return MakeError(ErrorCode::kConflict, "This event is there already.");
  const bool first = s.entries.empty();
  const bool season = kind == EventKind::kSeason;
  if (first ? kind == EventKind::kPartialSeason || kind == EventKind::kMatch
            : season || kind == EventKind::kEvent || s.entries[0].kind != EventKind::kSeason) {
    return MakeError(ErrorCode::kConflict,
                     "Only a season can have other events, and only matches and partial seasons.");
  }
  if (size() >= limits::kEventsPerSetMax) {
    return MakeError(ErrorCode::kConflict, "A season can have at most " +
                                               std::to_string(limits::kEventsPerSetMax) +
                                               " matches and partial seasons.");
  }
  const auto slot = static_cast<uint32_t>(size());
  s.entries.push_back({id, kind, false, {}});
  s.events.emplace_back(s.chart);
  s.overrides.emplace_back();
  if (kind == EventKind::kMatch) s.entries[0].matches.push_back(slot);
  Resettle();
  return slot;
}

Status EventSet::AddMatches(uint32_t partial, std::span<const uint32_t> matches) {
  State& s = *state_;
  if (partial >= size() || s.entries[partial].removed ||
      s.entries[partial].kind != EventKind::kPartialSeason) {
    return NoSuchEvent();
  }
  const std::vector<uint32_t> before = s.entries[partial].matches;
  std::vector<uint32_t>& list = s.entries[partial].matches;
  for (const uint32_t match : matches) {
    if (match >= size() || s.entries[match].removed || s.entries[match].kind != EventKind::kMatch) {
      list = before;
      return NoSuchEvent();
    }
    if (std::find(list.begin(), list.end(), match) == list.end()) list.push_back(match);
  }
  s.Relate();
  std::vector<std::string> both = s.Overlaps(kNamedMax);
  if (!both.empty()) {
    s.entries[partial].matches = before;
    s.Relate();
    return AboutObjects(ErrorCode::kConflict,
                        "these are taken in the partial season and in the match", std::move(both));
  }
  Resettle();
  return OkStatus();
}

Status EventSet::RemoveMatch(uint32_t partial, uint32_t match) {
  State& s = *state_;
  if (partial >= size() || s.entries[partial].removed ||
      s.entries[partial].kind != EventKind::kPartialSeason) {
    return NoSuchEvent();
  }
  if (std::erase(s.entries[partial].matches, match) == 0) return NoSuchEvent();
  if (match < size()) {
    std::erase_if(s.overrides[match],
                  [&](const Override& override) { return override.season == partial; });
  }
  Resettle();
  return OkStatus();
}

Status EventSet::Remove(uint32_t slot) {
  if (slot >= size() || entry(slot).removed) return NoSuchEvent();
  state_->entries[slot].removed = true;
  Resettle();
  return OkStatus();
}

// After the relations of events changed. Events whose map changed get a new version.
void EventSet::Resettle() {
  state_->Relate();
  std::set<uint32_t> touched;
  state_->RefreshAll(touched);
  for (const uint32_t slot : touched) state_->events[slot].NoteVersion();
}

Status EventSet::SetRules(uint32_t slot, SaleRules rules, Timestamp now) {
  if (slot >= size() || entry(slot).removed) return NoSuchEvent();
  return state_->events[slot].SetRules(std::move(rules), now);
}

// --- Overrides ---

namespace {

// Adds up picks of the same object.
std::vector<Pick> Joined(std::span<const Pick> picks) {
  std::vector<Pick> joined(picks.begin(), picks.end());
  std::stable_sort(joined.begin(), joined.end(),
                   [](const Pick& a, const Pick& b) { return a.index < b.index; });
  std::vector<Pick> out;
  for (const Pick& pick : joined) {
    if (!out.empty() && out.back().index == pick.index) {
      out.back().quantity += pick.quantity;
    } else {
      out.push_back(pick);
    }
  }
  return out;
}

}  // namespace

Status EventSet::CheckOverride(uint32_t slot, std::span<const Pick> picks,
                               std::optional<uint32_t> season, OrderId order) const {
  if (slot >= size() || entry(slot).removed || entry(slot).kind != EventKind::kMatch) {
    return InvalidField("event", "is not a match of a season");
  }
  if (season) {
    const bool has =
        *season < size() && !entry(*season).removed && state_->IsSeason(*season) &&
        std::count(entry(*season).matches.begin(), entry(*season).matches.end(), slot) > 0;
    if (!has) return InvalidField("season", "does not have this match");
  }
  if (order && !season) return InvalidField("season", "is needed with an order");
  TICKETING_RETURN_IF_ERROR(CheckCount(picks.size()));
  const Chart& chart = *state_->chart;
  for (const Pick& pick : picks) {
    if (pick.index >= chart.object_count() || pick.quantity <= 0) {
      return InvalidField("objects", "must be objects of the chart");
    }
    if (order && chart.IsUnit(pick.index)) {
      return InvalidField("objects", chart.object(pick.index).label + " is not an area");
    }
  }
  return OkStatus();
}

Status EventSet::OverrideSeason(uint32_t slot, std::span<const Pick> picks,
                                std::optional<uint32_t> season, OrderId order) {
  State& s = *state_;
  TICKETING_RETURN_IF_ERROR(CheckOverride(slot, picks, season, order));
  std::vector<std::string> not_theirs;
  std::vector<Override> wanted;
  for (const Pick& pick : Joined(picks)) {
    int64_t left = s.chart->IsUnit(pick.index) ? 1 : pick.quantity;
    for (const State::Relation& relation : s.relations[slot]) {
      if (season && relation.slot != *season) continue;
      const uint32_t entry = s.EntryOf(slot, relation.slot, pick.index, order);
      const int64_t has = s.chart->IsUnit(pick.index)
                              ? static_cast<int64_t>(s.HasChairs(relation.slot, pick.index))
                              : s.TakenPlaces(relation.slot, pick.index);
      int64_t more = std::min(left, has - s.Overridden(slot, relation.slot, pick.index));
      if (order) {
        more = std::min(more, int64_t{s.PlacesOf(relation.slot, pick.index, order)} - entry);
      }
      if (more <= 0) continue;
      wanted.push_back({relation.slot, pick.index, entry + static_cast<uint32_t>(more), order});
      left -= more;
    }
    // What no season has yet is kept for the match when one comes for it.
    if (left > 0 && s.chart->IsUnit(pick.index)) {
      for (const State::Relation& relation : s.relations[slot]) {
        if (season && relation.slot != *season) continue;
        if (s.Overridden(slot, relation.slot, pick.index) == 0) {
          wanted.push_back({relation.slot, pick.index, 1});
          left = 0;
        }
        break;
      }
    }
    if (left > 0) not_theirs.push_back(s.chart->object(pick.index).label);
  }
  if (!not_theirs.empty()) {
    return AboutObjects(ErrorCode::kConflict, "the seasons have no more of these objects",
                        std::move(not_theirs));
  }
  for (const Override& override : wanted) s.SetOverride(slot, override);
  Resettle();
  return OkStatus();
}

Status EventSet::UseSeason(uint32_t slot, std::span<const Pick> picks,
                           std::optional<uint32_t> season, OrderId order) {
  State& s = *state_;
  TICKETING_RETURN_IF_ERROR(CheckOverride(slot, picks, season, order));
  const std::vector<Override> before = s.overrides[slot];
  for (const Pick& pick : Joined(picks)) {
    int64_t left = s.chart->IsUnit(pick.index) ? 1 : pick.quantity;
    for (const State::Relation& relation : s.relations[slot]) {
      if (season && relation.slot != *season) continue;
      const uint32_t has = s.EntryOf(slot, relation.slot, pick.index, order);
      const auto less = static_cast<uint32_t>(std::min<int64_t>(left, has));
      if (less > 0) s.SetOverride(slot, {relation.slot, pick.index, has - less, order});
      left -= less;
    }
  }
  std::vector<std::string> both = s.Overlaps(kNamedMax);
  if (!both.empty()) {
    s.overrides[slot] = before;
    return AboutObjects(ErrorCode::kConflict, "the match has sold these objects itself",
                        std::move(both));
  }
  Resettle();
  return OkStatus();
}

// --- Storage ---

std::string EventSet::EncodeHead() const {
  std::string out(1, static_cast<char>(kHeadFormat));
  AppendVarint(out, size());
  for (uint32_t slot = 0; slot < size(); ++slot) {
    const EventEntry& e = entry(slot);
    AppendVarint(out, e.id.value);
    AppendVarint(out, static_cast<uint64_t>(e.kind));
    AppendVarint(out, e.removed);
    AppendVarint(out, e.matches.size());
    for (const uint32_t match : e.matches) AppendVarint(out, match);
    AppendVarint(out, overrides(slot).size());
    for (const Override& override : overrides(slot)) {
      AppendVarint(out, override.season);
      AppendVarint(out, override.index);
      AppendVarint(out, override.places);
      AppendVarint(out, override.order.value);
    }
    AppendVarint(out, at(slot).version());
    AppendVarint(out, at(slot).last_channel());
    AppendText(out, EncodeRules(at(slot).rules()));
  }
  return out;
}

std::string EventSet::EncodeEvent(uint32_t slot) const {
  std::string out(1, static_cast<char>(kEventFormat));
  Changes all = at(slot).Snapshot();
  all.slot = slot;
  AppendChanges(out, all);
  return out;
}

Status EventSet::LoadEntry(ByteReader& in, uint64_t count, bool orders) {
  State& s = *state_;
  EventEntry entry;
  entry.id.value = in.Varint();
  entry.kind = static_cast<EventKind>(in.Bounded(static_cast<uint64_t>(EventKind::kMatch)));
  entry.removed = in.Bounded(1) == 1;
  const uint64_t matches = in.Bounded(count);
  for (uint64_t i = 0; i < matches && in.ok(); ++i) {
    entry.matches.push_back(static_cast<uint32_t>(in.Bounded(count - 1)));
  }
  std::vector<Override> list;
  const uint64_t overrides = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < overrides && in.ok(); ++i) {
    Override override;
    override.season = static_cast<uint32_t>(in.Bounded(count - 1));
    override.index = static_cast<uint32_t>(in.Bounded(s.chart->object_count() - 1));
    override.places = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
    if (orders) override.order.value = in.Varint();
    list.push_back(override);
  }
  s.head_versions.push_back(in.Varint());
  const auto last_channel = static_cast<uint16_t>(in.Bounded(UINT16_MAX));
  std::optional<SaleRules> rules = DecodeRules(in.Text());
  if (!in.ok() || !entry.id || !rules) return Damaged("the head cannot be read");
  s.entries.push_back(std::move(entry));
  s.overrides.push_back(std::move(list));
  s.events.emplace_back(s.chart);
  if (!s.events.back().SetRules(*std::move(rules), Timestamp(), last_channel).ok()) {
    return Damaged("the head has rules that contradict themselves");
  }
  return s.events.back().Restore({});  // nothing is known of it yet, not even a version
}

// Why the events of a head cannot stand to each other like that; empty when they can.
std::string_view EventSet::WhyBadHead() const {
  const State& s = *state_;
  for (uint32_t slot = 0; slot < size(); ++slot) {
    const EventEntry& e = entry(slot);
    const bool first = e.kind == EventKind::kEvent || e.kind == EventKind::kSeason;
    if (first != (slot == 0)) return "the head has an event of the wrong kind";
    if (slot > 0 && entry(0).kind != EventKind::kSeason) return "the head has a second event";
    if (SlotOf(e.id) != slot) return "the head has an event twice";
    if (!e.matches.empty() && !s.IsSeason(slot)) return "the head has a match of no season";
    for (const uint32_t match : e.matches) {
      if (entry(match).kind != EventKind::kMatch) return "the head has a match that is none";
      if (std::count(e.matches.begin(), e.matches.end(), match) > 1) {
        return "the head has a match twice";
      }
    }
    if (!overrides(slot).empty() && e.kind != EventKind::kMatch) {
      return "the head has an override of what is no match";
    }
    for (const Override& override : overrides(slot)) {
      if (!s.IsSeason(override.season) || override.places == 0) {
        return "the head has an override of no season";
      }
      if (override.order && s.chart->IsUnit(override.index)) {
        return "the head has an override of an order's seat";
      }
    }
  }
  return {};
}

StatusOr<EventSet> EventSet::Load(std::shared_ptr<const Chart> chart, std::string_view head,
                                  std::span<const std::string> events) {
  EventSet set(std::move(chart));
  ByteReader in(head);
  const uint8_t format = in.Byte();
  if (format != kHeadFormat && format != kHeadWithoutOrders) {
    return Damaged("the head has an unknown format");
  }
  const uint64_t count = in.Bounded(limits::kEventsPerSetMax);
  if (count == 0) return Damaged("there are no events");
  for (uint64_t i = 0; i < count; ++i) {
    TICKETING_RETURN_IF_ERROR(set.LoadEntry(in, count, format == kHeadFormat));
  }
  if (!in.ok() || !in.at_end()) return Damaged("the head has more than it should");
  if (const std::string_view why = set.WhyBadHead(); !why.empty()) return Damaged(why);
  for (const std::string& body : events) {
    std::string_view rest = body;
    if (rest.empty() || static_cast<uint8_t>(rest[0]) != kEventFormat) {
      return Damaged("an event has an unknown format");
    }
    rest.remove_prefix(1);
    const std::optional<Changes> all = TakeChanges(rest);
    if (!all || !rest.empty()) return Damaged("an event cannot be read");
    TICKETING_RETURN_IF_ERROR(set.Restore(*all));
  }
  TICKETING_RETURN_IF_ERROR(set.Resume());
  return set;
}

Status EventSet::Restore(const Changes& changes) {
  if (changes.slot >= size()) return Damaged("a change is of an event that is not there");
  return state_->events[changes.slot].Restore(changes);
}

Status EventSet::Settle(Timestamp at) {
  TICKETING_RETURN_IF_ERROR(Resume());
  for (Inventory& event : state_->events) event.SetTime(at);
  if (size() < 2) return OkStatus();
  const std::vector<std::string> both = state_->Overlaps(1);
  if (both.empty()) return OkStatus();
  return Damaged("two events have " + both.front());
}

Status EventSet::Resume() {
  state_->Relate();
  std::set<uint32_t> touched;
  state_->RefreshAll(touched);
  State& s = *state_;
  for (uint32_t slot = 0; slot < size(); ++slot) {
    TICKETING_RETURN_IF_ERROR(s.events[slot].CheckWhole());
    // Rules changed the version without a row to say so.
    if (slot < s.head_versions.size()) s.events[slot].RaiseVersion(s.head_versions[slot]);
  }
  return OkStatus();
}

}  // namespace ticketing::seat
