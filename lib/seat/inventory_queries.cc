// Questions to an inventory, and what storage gives back to it.
#include <algorithm>

#include "lib/seat/inventory_state.h"

namespace ticketing::seat {

const Chart& Inventory::chart() const {
  return *state_->chart;
}
const std::shared_ptr<const Chart>& Inventory::shared_chart() const {
  return state_->chart;
}
uint64_t Inventory::version() const {
  return state_->version;
}
SeatStatus Inventory::status(uint32_t unit) const {
  return state_->units[unit].status;
}
SeatRow Inventory::row(uint32_t unit) const {
  return state_->UnitRow(unit);
}
bool Inventory::blocked(uint32_t unit) const {
  return (state_->units[unit].flags & kBlocked) != 0;
}
bool Inventory::for_sale(uint32_t index) const {
  if (!state_->chart->IsUnit(index)) return state_->terms.PlacesForSale(chart(), index) > 0;
  return (state_->units[index].flags & kNotForSale) == 0;
}
bool Inventory::sold_here(uint32_t index) const {
  return !state_->chart->IsUnit(index) || (state_->units[index].flags & kOtherForm) == 0;
}
uint16_t Inventory::channel(uint32_t unit) const {
  return state_->ChannelOf(unit);
}
AreaState Inventory::area(uint32_t index) const {
  return state_->AreaAt(index).totals;
}

std::string_view Inventory::category(uint32_t index) const {
  const uint32_t category = state_->terms.CategoryOf(chart(), index);
  const auto& drawn = chart().drawing().categories;
  if (category < drawn.size()) return drawn[category].key;
  return state_->terms.rules.categories[category - drawn.size()].key;
}

const std::string& Inventory::extra(uint32_t index) const {
  static const std::string kEmpty;
  const auto found = state_->extras.find(index);
  return found == state_->extras.end() ? kEmpty : found->second;
}

std::vector<SeatRow> Inventory::AreaRows(uint32_t index) const {
  std::vector<SeatRow> rows;
  for (const auto& [key, quantity] : state_->AreaAt(index).parts) {
    rows.push_back(state_->PartRow(index, key, quantity));
  }
  return rows;
}

std::optional<Hold> Inventory::FindHold(HoldId hold) const {
  const auto found = state_->holds.find(hold.value);
  if (found == state_->holds.end()) return std::nullopt;
  return Hold{hold, found->second.created_at, found->second.expires_at, false};
}

std::vector<SeatRow> Inventory::RowsOf(HoldId hold) const {
  std::vector<SeatRow> rows;
  const auto found = state_->holds.find(hold.value);
  if (found == state_->holds.end()) return rows;
  for (uint32_t unit = found->second.first; unit != kNone; unit = state_->units[unit].next) {
    rows.push_back(state_->UnitRow(unit));
  }
  std::sort(rows.begin(), rows.end(),
            [](const SeatRow& a, const SeatRow& b) { return a.index < b.index; });
  uint32_t left = found->second.parts;
  for (uint32_t index = chart().unit_count(); left > 0; ++index) {
    const auto& parts = state_->AreaAt(index).parts;
    for (auto part = parts.lower_bound({SeatStatus::kHeld, hold.value, 0, {}, {}, {}});
         part != parts.end() && part->first.status == SeatStatus::kHeld &&
         part->first.owner == hold.value;
         ++part) {
      rows.push_back(state_->PartRow(index, part->first, part->second));
      --left;
    }
  }
  return rows;
}

std::vector<SeatRow> Inventory::RowsOf(OrderId order) const {
  std::vector<SeatRow> rows;
  for (SeatRow& row : Rows()) {
    if (row.order == order) rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<SeatRow> Inventory::Rows() const {
  std::vector<SeatRow> rows;
  for (uint32_t unit = 0; unit < state_->units.size(); ++unit) {
    if (state_->units[unit].status != SeatStatus::kFree) rows.push_back(state_->UnitRow(unit));
  }
  for (uint32_t index = chart().unit_count(); index < chart().object_count(); ++index) {
    for (SeatRow& row : AreaRows(index)) rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Hold> Inventory::Holds() const {
  std::vector<Hold> holds;
  for (const auto& [id, record] : state_->holds) {
    holds.push_back({HoldId{id}, record.created_at, record.expires_at, false});
  }
  std::sort(holds.begin(), holds.end(), [](const Hold& a, const Hold& b) { return a.id < b.id; });
  return holds;
}

std::vector<CategoryTotals> Inventory::TotalsByCategory() const {
  const State& s = *state_;
  std::vector<CategoryTotals> totals(chart().drawing().categories.size() +
                                     s.terms.rules.categories.size());
  for (uint32_t unit = 0; unit < chart().unit_count(); ++unit) {
    if (s.units[unit].flags & kOtherForm) continue;  // counted in the form in which it is sold
    CategoryTotals& of = totals[s.terms.CategoryOf(chart(), unit)];
    switch (s.Packed(unit)) {
      case 1:
        ++of.held;
        break;
      case 2:
        ++of.booked;
        break;
      default:
        ++of.free;
    }
  }
  for (uint32_t index = chart().unit_count(); index < chart().object_count(); ++index) {
    CategoryTotals& of = totals[s.terms.CategoryOf(chart(), index)];
    const AreaState& area = s.AreaAt(index).totals;
    of.free += area.free();
    of.held += area.held;
    of.booked += area.booked + area.blocked;
  }
  return totals;
}

void Inventory::PackUnits(std::string& out) const {
  out += state_->packed;
}
uint8_t Inventory::PackedUnit(uint32_t unit) const {
  return state_->Packed(unit);
}

std::optional<Timestamp> Inventory::NextExpiry() const {
  std::optional<Timestamp> next = state_->terms.next_change;
  if (state_->expiries.empty()) return next;
  const Timestamp soonest = state_->expiries.front().first;
  return next && *next < soonest ? next : soonest;
}

size_t Inventory::MemoryBytes() const {
  // A node of std::unordered_map is its value and a link; of std::map its value and four words;
  // both in blocks of the allocator, whose header is a word.
  constexpr size_t kHoldNode = sizeof(std::pair<const uint64_t, HoldRecord>) + 16;
  constexpr size_t kPartNode = sizeof(std::pair<const PartKey, uint32_t>) + 40;
  const State& s = *state_;
  size_t bytes =
      sizeof(State) + s.units.capacity() * sizeof(UnitState) + s.packed.capacity() +
      s.areas.capacity() * sizeof(AreaRecord) + s.holds.size() * kHoldNode +
      s.holds.bucket_count() * sizeof(void*) + s.expiries.capacity() * sizeof(s.expiries[0]) +
      s.search.MemoryBytes() + s.terms.channel_of.capacity() * sizeof(uint16_t) +
      s.terms.category_of.capacity() * sizeof(uint32_t) + s.terms.not_for_sale.capacity() / 8;
  for (const AreaRecord& area : s.areas) bytes += area.parts.size() * kPartNode;
  return bytes;
}

// --- Storage ---

Changes Inventory::Snapshot() const {
  const State& s = *state_;
  Changes all;
  all.version = s.version;
  const auto is_plain = [&](uint32_t unit) {
    return s.units[unit].status == SeatStatus::kFree && !s.texts.contains(unit);
  };
  size_t count = 0;
  for (uint32_t unit = 0; unit < s.units.size(); ++unit) count += is_plain(unit) ? 0 : 1;
  all.seats.reserve(count);
  for (uint32_t unit = 0; unit < s.units.size(); ++unit) {
    if (!is_plain(unit)) s.AppendUnit(unit, SeatStatus::kFree, all.seats);
  }
  for (uint32_t index = chart().unit_count(); index < chart().object_count(); ++index) {
    for (SeatRow& row : AreaRows(index)) {
      const SeatStatus status = row.status;
      all.seats.push_back({std::move(row), status, 0});
    }
  }
  for (const auto& [index, extra] : s.extras) all.extras.push_back({index, extra});
  std::sort(all.extras.begin(), all.extras.end(),
            [](const ExtraChange& a, const ExtraChange& b) { return a.index < b.index; });
  all.holds = Holds();
  return all;
}

namespace {

Status Damaged(const Chart& chart, uint32_t index, std::string_view why) {
  const std::string name =
      index < chart.object_count() ? chart.object(index).label : "#" + std::to_string(index);
  return MakeError(ErrorCode::kDataLoss,
                   "the stored inventory is damaged: " + name + " " + std::string(why));
}

Status Damaged(HoldId hold, std::string_view why) {
  return MakeError(ErrorCode::kDataLoss, "the stored inventory is damaged: hold " +
                                             hold.ToString() + " " + std::string(why));
}

// Why a stored row cannot be; empty when it can.
std::string_view WhyBadRow(const Chart& chart, const SeatRow& row) {
  if (row.index >= chart.object_count()) return "is not in the chart";
  if ((row.status == SeatStatus::kHeld) != bool{row.hold}) return "has no proper owner";
  if (row.hold && row.order) return "has two owners";
  if ((row.status == SeatStatus::kCustom) == row.custom.empty()) return "has no proper status";
  const bool open = row.status == SeatStatus::kFree || row.status == SeatStatus::kResale;
  if (row.status == SeatStatus::kFree && row.order) return "is free and has an owner";
  if (open && row.resale) return "is for resale twice";
  if (chart.IsUnit(row.index)) {
    return row.quantity != 1 || row.channel != 0 ? "is stored like an area" : std::string_view();
  }
  const bool taken = row.status != SeatStatus::kFree && row.status != SeatStatus::kResale;
  if (!taken || row.resale) return "has a status that its places never have";
  return {};
}

}  // namespace

// The rows of one command: holds first, since rows lean on them, and those that ended last.
Status Inventory::Restore(const Changes& changes) {
  State& s = *state_;
  std::vector<SeatChange> ignored;
  for (const Hold& hold : changes.holds) {
    if (!hold.id) return Damaged(hold.id, "has no id");
    if (hold.ended) continue;
    if (s.holds.contains(hold.id.value)) {
      s.MoveHold(hold.id, hold.expires_at);
    } else {
      s.OpenHold(hold.id, hold.created_at, hold.expires_at);
    }
  }
  for (const SeatChange& change : changes.seats) {
    TICKETING_RETURN_IF_ERROR(RestoreRow(change.row));
  }
  std::vector<ExtraChange> no_one_asks;
  for (const ExtraChange& change : changes.extras) {
    if (change.index >= chart().object_count()) {
      return Damaged(chart(), change.index, "is not in the chart");
    }
    s.SetExtra(change.index, change.extra, no_one_asks);
  }
  for (const Hold& hold : changes.holds) {
    if (!hold.ended) continue;
    const auto found = s.holds.find(hold.id.value);
    if (found == s.holds.end()) return Damaged(hold.id, "ended twice");
    if (!s.IsIdle(found->second)) return Damaged(hold.id, "ended with seats");
    s.DropHold(hold.id);
  }
  s.version = changes.version;
  return OkStatus();
}

Status Inventory::RestoreRow(const SeatRow& row) {
  State& s = *state_;
  const std::string_view why = WhyBadRow(chart(), row);
  if (!why.empty()) return Damaged(chart(), row.index, why);
  if (!row.custom.empty() && !s.TakesName(row.custom)) {
    return Damaged(chart(), row.index, "has one name of a status too many");
  }
  const auto hold = s.holds.find(row.hold.value);
  if (row.hold && hold == s.holds.end()) return Damaged(chart(), row.index, "lacks its hold");
  std::vector<SeatChange> ignored;
  if (!chart().IsUnit(row.index)) {
    const PartKey key = {row.status,     row.hold ? row.hold.value : row.order.value,
                         row.channel,    row.custom,
                         row.order_name, row.ticket_type};
    const AreaRecord& area = s.AreaAt(row.index);
    const auto part = area.parts.find(key);
    const int64_t before = part == area.parts.end() ? 0 : part->second;
    const int64_t most = int64_t{area.totals.capacity} - area.totals.held - area.totals.booked;
    // Moves between rows of one command may pass through the sum of both.
    if (row.quantity - before > most + area.totals.capacity) {
      return Damaged(chart(), row.index, "is above its capacity");
    }
    s.AddPlaces(row.index, key, row.quantity - before, ignored);
    return OkStatus();
  }
  const UnitState& before = s.units[row.index];
  if (before.status == SeatStatus::kHeld && before.owner == row.hold.value && row.hold) {
    s.SetText(row.index, {row.order_name, row.ticket_type});
    return OkStatus();
  }
  if (before.status == SeatStatus::kHeld) s.UnlinkUnit(row.index);
  UnitState next;
  next.status = row.status;
  next.owner = row.hold ? row.hold.value : row.order.value;
  next.custom = s.CustomNumber(row.custom);
  next.flags = row.resale ? kWasResale : 0;
  if (row.hold) {
    next.next = hold->second.first;
    hold->second.first = row.index;
  }
  s.SetText(row.index, {row.order_name, row.ticket_type});
  s.SetUnit(row.index, next, ignored);
  return OkStatus();
}

Status Inventory::CheckWhole() const {
  const State& s = *state_;
  for (const Hold& hold : Holds()) {
    if (s.IsIdle(s.holds.at(hold.id.value))) return Damaged(hold.id, "holds nothing");
  }
  for (uint32_t index = chart().unit_count(); index < chart().object_count(); ++index) {
    const AreaState& area = s.AreaAt(index).totals;
    if (area.held + area.booked > area.capacity) {
      return Damaged(chart(), index, "is above its capacity");
    }
  }
  for (uint32_t unit = 0; unit < chart().unit_count(); ++unit) {
    const uint32_t table = chart().object(unit).table;
    if (table == kNone || s.units[unit].status == SeatStatus::kFree) continue;
    if (s.units[table].status != SeatStatus::kFree)
      return Damaged(chart(), unit, "is taken beside its whole table");
  }
  return OkStatus();
}

}  // namespace ticketing::seat
