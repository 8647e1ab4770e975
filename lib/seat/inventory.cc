#include "ticketing/seat/inventory.h"

#include <algorithm>
#include <functional>

#include "lib/seat/faults.h"
#include "lib/seat/inventory_state.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

std::string ItemField(std::string_view list, size_t i, std::string_view field = {}) {
  std::string text = std::string(list) + "[" + std::to_string(i) + "]";
  if (!field.empty()) text.append(".").append(field);
  return text;
}

Status InvalidFields(std::string_view message, std::vector<FieldError> fields) {
  ErrorDetails details;
  details.fields = std::move(fields);
  return MakeError(ErrorCode::kInvalidField, message, details);
}

// The message names the first of the objects, the details all of them.
Status AboutObjects(ErrorCode code, std::string_view message, std::vector<std::string> labels) {
  constexpr size_t kNamedMax = 5;
  std::string text(message);
  for (size_t i = 0; i < std::min(labels.size(), kNamedMax); ++i)
    text.append(i == 0 ? ": " : ", ").append(labels[i]);
  if (labels.size() > kNamedMax)
    text.append(" and ").append(std::to_string(labels.size() - kNamedMax)).append(" more");
  ErrorDetails details;
  details.objects = std::move(labels);
  return MakeError(code, text, details);
}

Status CheckCount(size_t count) {
  if (count == 0) return InvalidField("objects", "must not be empty");
  if (count <= limits::kObjectsPerCommandMax) return OkStatus();
  return InvalidField("objects",
                      "must be at most " + std::to_string(limits::kObjectsPerCommandMax));
}

// What is wrong with a list of picks whatever the state of the inventory.
Status CheckPicks(const Chart& chart, std::span<const Pick> picks) {
  TICKETING_RETURN_IF_ERROR(CheckCount(picks.size()));
  std::vector<std::string> unknown;
  std::vector<FieldError> faults;
  std::vector<uint32_t> seen;  // short: a list has limits::kObjectsPerCommandMax items
  seen.reserve(picks.size());
  for (size_t i = 0; i < picks.size(); ++i) {
    const Pick& pick = picks[i];
    if (pick.index >= chart.object_count()) {
      unknown.push_back("#" + std::to_string(pick.index));
      continue;
    }
    const Object& object = chart.object(pick.index);
    if (std::find(seen.begin(), seen.end(), pick.index) != seen.end()) {
      faults.push_back({ItemField("objects", i), object.label + " is named twice"});
    }
    seen.push_back(pick.index);
    const bool unit = chart.IsUnit(pick.index);
    const int64_t most = unit ? 1 : object.capacity;
    if (pick.quantity >= 1 && pick.quantity <= most) continue;
    faults.push_back({ItemField("objects", i, "quantity"),
                      unit ? object.label + " is one: the quantity must be 1"
                           : "must be 1 to " + std::to_string(most) + " for " + object.label});
  }
  if (!unknown.empty()) {
    return AboutObjects(ErrorCode::kUnknownObject, "the chart does not have these objects",
                        std::move(unknown));
  }
  if (faults.empty()) return OkStatus();
  return InvalidFields("some objects cannot be asked for like that", std::move(faults));
}

// Expiries that are in the past or beyond the ceiling, counted from the creation of the hold.
Status CheckExpiry(Timestamp expires_at, Timestamp created_at, Timestamp now) {
  if (expires_at <= now) return InvalidField("expires_at", "must be in the future");
  if (expires_at <= created_at + limits::kHoldMax) return OkStatus();
  return InvalidField("expires_at", "must be within " +
                                        std::to_string(limits::kHoldMax.seconds() / 60) +
                                        " minutes of the first hold");
}

Status Expired() {
  return MakeError(ErrorCode::kHoldExpired, "the hold has expired; hold the seats again");
}

Status NoSuchHold() {
  return MakeError(ErrorCode::kHoldNotFound, "there is no such hold: it ended or never was");
}

void SortChanges(Changes& changes) {
  std::sort(changes.seats.begin(), changes.seats.end(),
            [](const SeatChange& a, const SeatChange& b) {
              return std::pair(a.index, a.part) < std::pair(b.index, b.part);
            });
}

}  // namespace

std::string_view NameOfStatus(SeatStatus status) {
  switch (status) {
    case SeatStatus::kFree:
      return "free";
    case SeatStatus::kHeld:
      return "held";
    case SeatStatus::kBooked:
      return "booked";
  }
  return "unknown";
}

StatusOr<std::vector<Pick>> ResolveLabels(const Chart& chart, std::span<const LabelPick> picks) {
  // The length comes first: a list of a million labels is refused before it is looked up.
  TICKETING_RETURN_IF_ERROR(CheckCount(picks.size()));
  std::vector<Pick> out;
  std::vector<std::string> unknown;
  for (const LabelPick& pick : picks) {
    if (const std::optional<uint32_t> index = chart.Find(pick.label)) {
      out.push_back({*index, pick.quantity});
    } else {
      // Names what was asked for, but never echoes back a text that no label could be.
      const bool plain = WhyBadText(pick.label, limits::kLabelBytesMax).empty();
      unknown.push_back(plain ? pick.label : Quoted(pick.label));
    }
  }
  if (unknown.empty()) return out;
  return AboutObjects(ErrorCode::kUnknownObject, "the chart does not have these objects",
                      std::move(unknown));
}

// --- Holding ---

StatusOr<Changes> Inventory::HoldObjects(HoldId hold, std::span<const Pick> picks,
                                         Timestamp expires_at, Timestamp now, HoldOptions options) {
  State& s = *state_;
  if (!hold) return InvalidField("hold", "must not be zero");
  TICKETING_RETURN_IF_ERROR(CheckPicks(*s.chart, picks));
  const auto existing = s.holds.find(hold.value);
  const bool known = existing != s.holds.end();
  if (known && existing->second.expires_at <= now) return Expired();
  TICKETING_RETURN_IF_ERROR(
      CheckExpiry(expires_at, known ? existing->second.created_at : now, now));
  std::vector<std::string> taken;
  for (const Pick& pick : picks) {
    const bool free =
        s.chart->IsUnit(pick.index)
            ? s.units[pick.index].status == SeatStatus::kFree || s.HeldBy(hold, pick.index) == 1
            : pick.quantity <= s.AreaAt(pick.index).totals.free();
    if (!free) taken.push_back(s.chart->object(pick.index).label);
  }
  if (!taken.empty()) {
    return AboutObjects(ErrorCode::kSeatNotAvailable, "some seats are not available",
                        std::move(taken));
  }
  if (options.refuse_orphans) TICKETING_RETURN_IF_ERROR(CheckOrphans(picks));

  Changes changes;
  HoldRecord& record = s.holds.try_emplace(hold.value, HoldRecord{now, expires_at}).first->second;
  for (const Pick& pick : picks) {
    if (!s.chart->IsUnit(pick.index)) {
      s.AddHeld(hold, record, pick.index, pick.quantity, changes.seats);
    } else if (s.units[pick.index].status == SeatStatus::kFree) {
      s.HoldUnit(hold, record, pick.index, changes.seats);
    }
  }
  const bool later = expires_at > record.expires_at;
  if (later) record.expires_at = expires_at;
  if (!known || later) s.Remember(hold, record);
  if (!changes.seats.empty() || later) {
    ++s.version;
    changes.holds.push_back({hold, record.created_at, record.expires_at, false});
  }
  changes.version = s.version;
  SortChanges(changes);
  return changes;
}

StatusOr<Changes> Inventory::HoldBestAvailable(HoldId hold, const BestAvailableRequest& request,
                                               Timestamp expires_at, Timestamp now,
                                               BestAvailable* found) {
  TICKETING_ASSIGN_OR_RETURN(BestAvailable best, FindBestAvailable(request));
  TICKETING_ASSIGN_OR_RETURN(Changes changes, HoldObjects(hold, best.picks, expires_at, now));
  if (found != nullptr) *found = std::move(best);
  return changes;
}

StatusOr<Changes> Inventory::Extend(HoldId hold, Timestamp expires_at, Timestamp now) {
  State& s = *state_;
  const auto existing = s.holds.find(hold.value);
  if (existing == s.holds.end()) return NoSuchHold();
  HoldRecord& record = existing->second;
  if (record.expires_at <= now) return Expired();
  TICKETING_RETURN_IF_ERROR(CheckExpiry(expires_at, record.created_at, now));
  Changes changes;
  if (record.expires_at != expires_at) {
    record.expires_at = expires_at;
    s.Remember(hold, record);
    ++s.version;
    changes.holds.push_back({hold, record.created_at, expires_at, false});
  }
  changes.version = s.version;
  return changes;
}

StatusOr<Changes> Inventory::Release(HoldId hold) {
  State& s = *state_;
  const auto existing = s.holds.find(hold.value);
  if (existing == s.holds.end()) return NoSuchHold();
  Changes changes;
  changes.holds.push_back({hold, existing->second.created_at, existing->second.expires_at, true});
  s.EndHold(hold, changes.seats);
  changes.version = ++s.version;
  SortChanges(changes);
  return changes;
}

StatusOr<Changes> Inventory::Release(HoldId hold, std::span<const Pick> picks) {
  State& s = *state_;
  TICKETING_RETURN_IF_ERROR(CheckPicks(*s.chart, picks));
  const auto existing = s.holds.find(hold.value);
  if (existing == s.holds.end()) return NoSuchHold();
  std::vector<std::string> foreign;
  for (const Pick& pick : picks) {
    if (s.HeldBy(hold, pick.index) < pick.quantity) {
      foreign.push_back(s.chart->object(pick.index).label);
    }
  }
  if (!foreign.empty()) {
    return AboutObjects(ErrorCode::kConflict, "the hold does not have these objects",
                        std::move(foreign));
  }
  Changes changes;
  HoldRecord& record = existing->second;
  for (const Pick& pick : picks) {
    if (s.chart->IsUnit(pick.index)) {
      s.UnlinkUnit(record, pick.index);
      s.FreeUnit(pick.index, changes.seats);
    } else {
      s.AddHeld(hold, record, pick.index, -pick.quantity, changes.seats);
    }
  }
  if (record.first == kNone && record.areas == 0) {
    changes.holds.push_back({hold, record.created_at, record.expires_at, true});
    s.holds.erase(existing);
  }
  changes.version = ++s.version;
  SortChanges(changes);
  return changes;
}

Changes Inventory::ExpireHolds(Timestamp now) {
  State& s = *state_;
  Changes changes;
  while (!s.expiries.empty() && s.expiries.front().first <= now) {
    std::pop_heap(s.expiries.begin(), s.expiries.end(), std::greater<>());
    const auto [at, id] = s.expiries.back();
    s.expiries.pop_back();
    const HoldId hold = {id};
    const auto existing = s.holds.find(id);
    // An entry may be of a hold that ended or moved. One that moved has another entry, and comes in
    // that one's turn: the order must not depend on what the heap remembers, which a reload
    // forgets.
    if (existing == s.holds.end() || existing->second.expires_at != at) continue;
    changes.holds.push_back({hold, existing->second.created_at, existing->second.expires_at, true});
    s.EndHold(hold, changes.seats);
  }
  if (!changes.holds.empty()) ++s.version;
  changes.version = s.version;
  SortChanges(changes);
  return changes;
}

// --- Booking ---

StatusOr<Changes> Inventory::Book(HoldId hold, OrderId order, Timestamp now) {
  State& s = *state_;
  if (!order) return InvalidField("order", "must not be zero");
  const auto existing = s.holds.find(hold.value);
  if (existing == s.holds.end()) return NoSuchHold();
  HoldRecord& record = existing->second;
  if (record.expires_at <= now) return Expired();
  Changes changes;
  changes.holds.push_back({hold, record.created_at, record.expires_at, true});
  while (record.first != kNone) {
    const uint32_t unit = record.first;
    record.first = s.units[unit].next;
    s.BookUnit(order, unit, changes.seats);
  }
  for (uint32_t index = s.chart->unit_count(); record.areas > 0; ++index) {
    const int64_t held = s.HeldBy(hold, index);
    if (held == 0) continue;
    s.AddHeld(hold, record, index, -held, changes.seats);
    s.AddBooked(order, index, held, changes.seats);
  }
  s.holds.erase(existing);
  changes.version = ++s.version;
  SortChanges(changes);
  return changes;
}

StatusOr<Changes> Inventory::BookDirect(OrderId order, std::span<const Pick> picks) {
  State& s = *state_;
  if (!order) return InvalidField("order", "must not be zero");
  TICKETING_RETURN_IF_ERROR(CheckPicks(*s.chart, picks));
  std::vector<std::string> taken;
  for (const Pick& pick : picks) {
    const bool free = s.chart->IsUnit(pick.index)
                          ? s.units[pick.index].status == SeatStatus::kFree
                          : pick.quantity <= s.AreaAt(pick.index).totals.free();
    if (!free) taken.push_back(s.chart->object(pick.index).label);
  }
  if (!taken.empty()) {
    return AboutObjects(ErrorCode::kSeatNotAvailable, "some seats are not available",
                        std::move(taken));
  }
  Changes changes;
  for (const Pick& pick : picks) {
    if (s.chart->IsUnit(pick.index)) {
      s.BookUnit(order, pick.index, changes.seats);
    } else {
      s.AddBooked(order, pick.index, pick.quantity, changes.seats);
    }
  }
  changes.version = ++s.version;
  SortChanges(changes);
  return changes;
}

StatusOr<Changes> Inventory::Unbook(OrderId order, std::span<const Pick> picks) {
  State& s = *state_;
  TICKETING_RETURN_IF_ERROR(CheckPicks(*s.chart, picks));
  std::vector<std::string> foreign;
  for (const Pick& pick : picks) {
    if (s.BookedBy(order, pick.index) < pick.quantity) {
      foreign.push_back(s.chart->object(pick.index).label);
    }
  }
  if (!foreign.empty()) {
    return AboutObjects(ErrorCode::kConflict, "the order does not have these objects",
                        std::move(foreign));
  }
  Changes changes;
  for (const Pick& pick : picks) {
    if (s.chart->IsUnit(pick.index)) {
      s.FreeUnit(pick.index, changes.seats);
    } else {
      s.AddBooked(order, pick.index, -pick.quantity, changes.seats);
    }
  }
  changes.version = ++s.version;
  SortChanges(changes);
  return changes;
}

// --- Choosing ---

namespace {

// The positions that names mean, as flags; a name that the chart lacks is a fault.
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

StatusOr<SeatQuery> MakeQuery(const Chart& chart, const BestAvailableRequest& request) {
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
  query.categories = Flags("categories", request.categories, d.categories.size(), faults,
                           [&](const std::string& key) { return chart.FindCategory(key); });
  query.sections = Flags("sections", request.sections, d.sections.size(), faults,
                         [&](const std::string& label) { return chart.FindSection(label); });
  query.zones = Flags("zones", request.zones, d.zones.size(), faults,
                      [&](const std::string& id) { return chart.FindZone(id); });
  if (!faults.empty()) return InvalidFields("the request cannot be met as written", faults);
  return query;
}

}  // namespace

StatusOr<BestAvailable> Inventory::FindBestAvailable(const BestAvailableRequest& request) const {
  const State& s = *state_;
  TICKETING_ASSIGN_OR_RETURN(const SeatQuery query, MakeQuery(*s.chart, request));
  BestAvailable best;
  if (const std::optional<SeatBlock> block = s.search.Find(query)) {
    for (const uint32_t seat : block->seats) best.picks.push_back({seat, 1});
    best.adjacent = block->adjacent;
    best.orphans = block->orphans;
    return best;
  }
  // An area has no sections and no wheelchair places to promise.
  const bool areas = request.areas && query.sections.empty() && query.accessible == 0;
  uint32_t chosen = kNone;
  for (uint32_t i = s.chart->unit_count(); areas && i < s.chart->object_count(); ++i) {
    const Object& object = s.chart->object(i);
    if (!query.categories.empty() && !query.categories[object.category]) continue;
    if (!query.zones.empty() && (object.zone == kNone || !query.zones[object.zone])) continue;
    if (s.AreaAt(i).totals.free() < query.count) continue;
    if (chosen == kNone || object.distance < s.chart->object(chosen).distance) chosen = i;
  }
  if (chosen == kNone) {
    return MakeError(ErrorCode::kNoAdjacentSeats, "there are not enough seats that fit");
  }
  best.picks.push_back({chosen, request.quantity});
  return best;
}

Status Inventory::CheckOrphans(std::span<const Pick> picks) const {
  const State& s = *state_;
  std::vector<uint32_t> seats;
  for (const Pick& pick : picks) {
    if (pick.index < s.chart->seat_count()) seats.push_back(pick.index);
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
