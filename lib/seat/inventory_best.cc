// Choosing seats: best available and the orphan rule, as the sale rules let them.
#include <algorithm>

#include "lib/seat/faults.h"
#include "lib/seat/inventory_checks.h"
#include "lib/seat/inventory_state.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// The positions that names mean, as flags; a name that is unknown is a fault.
template <typename Find>
std::vector<bool> Flags(std::string_view field, const std::vector<std::string>& names, size_t size,
                        std::vector<FieldError>& faults, Find find) {
  std::vector<bool> flags;
  if (names.empty()) return flags;
  flags.resize(size);
  for (size_t i = 0; i < names.size(); ++i) {
    if (const std::optional<uint32_t> at = find(names[i])) {
      flags[*at] = true;
    } else {
      faults.push_back({ItemField(field, i), "the chart does not have " + Quoted(names[i])});
    }
  }
  return flags;
}

StatusOr<SeatQuery> MakeQuery(const Chart& chart, const SaleTerms& terms,
                              const BestAvailableRequest& request) {
  SeatQuery query;
  std::vector<FieldError> faults;
  const auto most = static_cast<int64_t>(limits::kBestAvailableMax);
  if (request.quantity < 1 || request.quantity > most) {
    faults.push_back({"quantity", "must be 1 to " + std::to_string(most)});
  } else if (request.accessible < 0 || request.accessible > request.quantity) {
    faults.push_back({"accessible", "must be 0 to " + std::to_string(request.quantity)});
  } else {
    query.count = static_cast<uint32_t>(request.quantity);
    query.accessible = static_cast<uint32_t>(request.accessible);
  }
  query.adjacent_only = request.adjacent_only;
  query.avoid_orphans = request.avoid_orphans;
  const Drawing& d = chart.drawing();
  query.categories =
      Flags("categories", request.categories, d.categories.size() + terms.rules.categories.size(),
            faults, [&](const std::string& key) { return terms.FindCategory(chart, key); });
  query.sections = Flags("sections", request.sections, d.sections.size(), faults,
                         [&](const std::string& label) { return chart.FindSection(label); });
  query.zones = Flags("zones", request.zones, d.zones.size(), faults,
                      [&](const std::string& id) { return chart.FindZone(id); });
  if (!faults.empty()) return InvalidFields("the request cannot be met as written", faults);
  return query;
}

}  // namespace

// What a caller may choose from, when the rules leave something out; null when they do not.
class Inventory::Chooser {
 public:
  Chooser(const State& state, const SaleAccess& access, const SeatQuery& query)
      : s_(state), access_(access), query_(query) {
    for (const std::string& key : access.channels) {
      const Channel* channel = s_.terms.FindChannel(key);
      if (channel == nullptr) continue;
      const bool again = std::find(open_.begin(), open_.end(), channel->id) != open_.end();
      // A block of the wanted size must not break the quota, wherever it lies.
      if (!again && s_.QuotaLeft(*channel) >= query.count) open_.push_back(channel->id);
    }
  }

  bool IsRestricted() const {
    return !s_.terms.channel_of.empty() || !s_.terms.not_for_sale.empty() || HasOwnCategories() ||
           !MayUse(0);
  }
  bool HasOwnCategories() const {
    return !s_.terms.category_of.empty() && !query_.categories.empty();
  }

  bool MayTake(uint32_t unit) const {
    if (HasOwnCategories() && !query_.categories[s_.terms.category_of[unit]]) return false;
    if ((s_.units[unit].flags & kNotForSale) && !access_.ignore_for_sale) return false;
    return MayUse(s_.ChannelOf(unit));
  }
  bool MayUse(uint16_t channel) const {
    if (access_.all_channels) return true;
    if (channel == 0) return access_.without_channel;
    return std::find(open_.begin(), open_.end(), channel) != open_.end();
  }

  // Masks are kept until the rules change: a presale asks the same question again and again.
  const std::vector<uint64_t>& Mask() const {
    std::string key = {access_.all_channels ? 'a' : '-', access_.without_channel ? 'w' : '-',
                       access_.ignore_for_sale ? 'i' : '-'};
    for (const uint16_t id : open_) key.append(std::to_string(id)).push_back(',');
    if (HasOwnCategories()) {
      for (const bool wanted : query_.categories) key.push_back(wanted ? '1' : '0');
    }
    constexpr size_t kMasksMax = 64;
    if (s_.masks.size() >= kMasksMax && !s_.masks.contains(key)) s_.masks.clear();
    const auto [mask, is_new] = s_.masks.try_emplace(std::move(key));
    if (is_new) {
      mask->second = s_.search.EmptyMask();
      for (uint32_t seat = 0; seat < s_.chart->seat_count(); ++seat) {
        if (MayTake(seat)) s_.search.AddToMask(mask->second, seat);
      }
    }
    return mask->second;
  }

  bool Fits(const Object& object, uint32_t index) const {
    const uint32_t category = s_.terms.CategoryOf(*s_.chart, index);
    if (!query_.categories.empty() && !query_.categories[category]) return false;
    if (!query_.sections.empty() && (object.section == kNone || !query_.sections[object.section])) {
      return false;
    }
    return query_.zones.empty() || (object.zone != kNone && query_.zones[object.zone]);
  }

  // Free units of a kind that fit, the nearest first.
  std::vector<uint32_t> FreeUnits(ObjectKind kind) const {
    std::vector<uint32_t> found;
    for (uint32_t unit = s_.chart->seat_count(); unit < s_.chart->unit_count(); ++unit) {
      const Object& object = s_.chart->object(unit);
      if (object.kind != kind || !IsOpen(s_.units[unit])) continue;
      if (Fits(object, unit) && MayTake(unit)) found.push_back(unit);
    }
    std::stable_sort(found.begin(), found.end(), [&](uint32_t a, uint32_t b) {
      return s_.chart->object(a).distance < s_.chart->object(b).distance;
    });
    return found;
  }

  std::vector<Pick> Elsewhere() const;

 private:
  std::vector<Pick> Area() const;
  int64_t Leaving(uint32_t area, uint16_t id) const;

  const State& s_;
  const SaleAccess& access_;
  const SeatQuery& query_;
  std::vector<uint16_t> open_;
};

// When no seats fit: booths, the smallest table that takes the party, places of one area.
std::vector<Pick> Inventory::Chooser::Elsewhere() const {
  std::vector<Pick> picks;
  const std::vector<uint32_t> booths = FreeUnits(ObjectKind::kBooth);
  if (booths.size() >= query_.count) {
    for (uint32_t i = 0; i < query_.count; ++i) picks.push_back({booths[i], 1});
    std::sort(picks.begin(), picks.end(),
              [](const Pick& a, const Pick& b) { return a.index < b.index; });
    return picks;
  }
  std::optional<uint32_t> table;
  for (const uint32_t found : FreeUnits(ObjectKind::kTable)) {
    const Object& object = s_.chart->object(found);
    if (object.capacity < query_.count || (object.variable && object.min_people > query_.count)) {
      continue;
    }
    if (!table || object.capacity < s_.chart->object(*table).capacity) table = found;
  }
  if (table) return {{*table, 1}};
  return Area();
}

// Places of an area that a channel has left and may give.
int64_t Inventory::Chooser::Leaving(uint32_t area, uint16_t id) const {
  const int64_t places = s_.FreePlaces(area, id);
  for (const Channel& channel : s_.terms.rules.channels) {
    if (channel.id == id) return std::min(places, s_.QuotaLeft(channel));
  }
  return places;
}

std::vector<Pick> Inventory::Chooser::Area() const {
  uint32_t chosen = kNone;
  for (uint32_t i = s_.chart->unit_count(); i < s_.chart->object_count(); ++i) {
    const Object& object = s_.chart->object(i);
    const AreaState& totals = s_.AreaAt(i).totals;
    if (!Fits(object, i) || totals.free() < query_.count) continue;
    if (object.whole && (totals.free() != totals.capacity || query_.count < object.min_people ||
                         query_.count > object.max_people)) {
      continue;
    }
    const uint32_t taken = totals.capacity - totals.free();
    const uint32_t want = object.whole ? totals.capacity : query_.count;
    if (!access_.ignore_for_sale && taken + want > s_.terms.PlacesForSale(*s_.chart, i)) {
      continue;
    }
    int64_t places = access_.all_channels ? totals.free() : 0;
    if (!access_.all_channels) {
      if (access_.without_channel) places += s_.FreePlaces(i, 0);
      for (const uint16_t channel : open_) places += Leaving(i, channel);
    }
    if (places < want) continue;
    if (chosen == kNone || object.distance < s_.chart->object(chosen).distance) chosen = i;
  }
  if (chosen == kNone) return {};
  return {{chosen, query_.count}};
}

StatusOr<BestAvailable> Inventory::FindBestAvailable(const BestAvailableRequest& request) const {
  const State& s = *state_;
  TICKETING_ASSIGN_OR_RETURN(const SeatQuery asked, MakeQuery(*s.chart, s.terms, request));
  const Chooser chooser(s, request.access, asked);
  SeatQuery query = asked;
  if (chooser.IsRestricted()) {
    query.allowed = &chooser.Mask();
    if (chooser.HasOwnCategories()) query.categories.clear();  // the mask has them
  } else if (!query.categories.empty()) {
    query.categories.resize(s.chart->drawing().categories.size());
  }
  BestAvailable best;
  if (const std::optional<SeatBlock> block = s.search.Find(query)) {
    for (const uint32_t seat : block->seats) best.picks.push_back({seat, 1});
    best.adjacent = block->adjacent;
    best.orphans = block->orphans;
    return best;
  }
  // What is not a seat has no wheelchair places to promise.
  if (request.areas && asked.accessible == 0) best.picks = chooser.Elsewhere();
  if (best.picks.empty()) {
    return MakeError(ErrorCode::kNoAdjacentSeats, "there are not enough seats that fit");
  }
  return best;
}

Status Inventory::CheckOrphans(std::span<const Pick> picks) const {
  const State& s = *state_;
  std::vector<uint32_t> seats;
  for (const Pick& pick : picks) {
    if (pick.index < s.chart->row_seat_count()) seats.push_back(pick.index);
  }
  std::sort(seats.begin(), seats.end());
  std::vector<std::string> labels;
  for (const uint32_t seat : s.search.Orphans(seats)) {
    labels.push_back(s.chart->object(seat).label);
  }
  if (labels.empty()) return OkStatus();
  return AboutObjects(ErrorCode::kLeavesSingleSeat,
                      "these seats would be left alone; move the selection by one seat",
                      std::move(labels));
}

}  // namespace ticketing::seat
