#include "lib/seat/inventory_state.h"

#include <algorithm>
#include <functional>

#include "ticketing/base/assert.h"

namespace ticketing::seat {
namespace {

Status Damaged(const Chart& chart, uint32_t index, std::string_view why) {
  const std::string name =
      index < chart.object_count() ? chart.object(index).label : "#" + std::to_string(index);
  return MakeError(ErrorCode::kDataLoss,
                   "the stored inventory is damaged: " + name + " " + std::string(why));
}

}  // namespace

Inventory::State::State(std::shared_ptr<const Chart> of)
    : chart(std::move(of)),
      units(chart->unit_count()),
      packed((chart->unit_count() + 3) / 4, '\0'),
      areas(chart->object_count() - chart->unit_count()),
      search(*chart) {
  for (size_t i = 0; i < areas.size(); ++i) {
    areas[i].totals.capacity =
        chart->object(chart->unit_count() + static_cast<uint32_t>(i)).capacity;
  }
}

// The one place where a unit changes, so that map and search always agree with it.
void Inventory::State::SetUnit(uint32_t unit, UnitState state, std::vector<SeatChange>& out) {
  units[unit] = state;
  const auto shift = unit % 4 * 2;
  const auto byte = static_cast<unsigned char>(packed[unit / 4]);
  packed[unit / 4] =
      static_cast<char>((byte & ~(3u << shift)) | static_cast<unsigned>(state.status) << shift);
  if (unit < chart->seat_count()) search.SetFree(unit, state.status == SeatStatus::kFree);
  out.push_back(UnitRow(unit));
}

void Inventory::State::HoldUnit(HoldId hold, HoldRecord& record, uint32_t unit,
                                std::vector<SeatChange>& out) {
  SetUnit(unit, {hold.value, record.first, SeatStatus::kHeld}, out);
  record.first = unit;
}

void Inventory::State::BookUnit(OrderId order, uint32_t unit, std::vector<SeatChange>& out) {
  SetUnit(unit, {order.value, kNone, SeatStatus::kBooked}, out);
}

void Inventory::State::FreeUnit(uint32_t unit, std::vector<SeatChange>& out) {
  SetUnit(unit, {}, out);
}

void Inventory::State::UnlinkUnit(HoldRecord& record, uint32_t unit) {
  uint32_t* link = &record.first;
  while (*link != unit) {
    TICKETING_ASSERT(*link != kNone);
    link = &units[*link].next;
  }
  *link = units[unit].next;
}

void Inventory::State::AddHeld(HoldId hold, HoldRecord& record, uint32_t index, int64_t delta,
                               std::vector<SeatChange>& out) {
  AreaRecord& area = AreaAt(index);
  const uint64_t key = SeatRow::PartOf(hold);
  AreaPart& part = area.parts[key];
  if (part.quantity == 0) ++record.areas;
  part.owner = hold.value;
  part.status = SeatStatus::kHeld;
  part.quantity = static_cast<uint32_t>(part.quantity + delta);
  area.totals.held = static_cast<uint32_t>(area.totals.held + delta);
  out.push_back(PartRow(index, key, part));
  if (part.quantity > 0) return;
  --record.areas;
  area.parts.erase(key);
}

void Inventory::State::AddBooked(OrderId order, uint32_t index, int64_t delta,
                                 std::vector<SeatChange>& out) {
  AreaRecord& area = AreaAt(index);
  const uint64_t key = SeatRow::PartOf(order);
  AreaPart& part = area.parts[key];
  part.owner = order.value;
  part.status = SeatStatus::kBooked;
  part.quantity = static_cast<uint32_t>(part.quantity + delta);
  area.totals.booked = static_cast<uint32_t>(area.totals.booked + delta);
  out.push_back(PartRow(index, key, part));
  if (part.quantity == 0) area.parts.erase(key);
}

void Inventory::State::EndHold(HoldId hold, std::vector<SeatChange>& out) {
  const auto found = holds.find(hold.value);
  TICKETING_ASSERT(found != holds.end());
  HoldRecord& record = found->second;
  while (record.first != kNone) {
    const uint32_t unit = record.first;
    record.first = units[unit].next;
    FreeUnit(unit, out);
  }
  for (uint32_t index = chart->unit_count(); record.areas > 0; ++index) {
    const int64_t held = HeldBy(hold, index);
    if (held > 0) AddHeld(hold, record, index, -held, out);
  }
  holds.erase(found);
}

void Inventory::State::Remember(HoldId hold, const HoldRecord& record) {
  expiries.push_back({record.expires_at, hold.value});
  std::push_heap(expiries.begin(), expiries.end(), std::greater<>());
  // Holds that moved often must not make the heap grow without bound.
  if (expiries.size() <= 2 * holds.size() + 64) return;
  expiries.clear();
  for (const auto& [id, live] : holds) expiries.push_back({live.expires_at, id});
  std::make_heap(expiries.begin(), expiries.end(), std::greater<>());
}

int64_t Inventory::State::HeldBy(HoldId hold, uint32_t index) const {
  if (chart->IsUnit(index)) {
    return units[index].status == SeatStatus::kHeld && units[index].owner == hold.value ? 1 : 0;
  }
  const auto& parts = AreaAt(index).parts;
  const auto found = parts.find(SeatRow::PartOf(hold));
  return found == parts.end() ? 0 : found->second.quantity;
}

int64_t Inventory::State::BookedBy(OrderId order, uint32_t index) const {
  if (chart->IsUnit(index)) {
    return units[index].status == SeatStatus::kBooked && units[index].owner == order.value ? 1 : 0;
  }
  const auto& parts = AreaAt(index).parts;
  const auto found = parts.find(SeatRow::PartOf(order));
  return found == parts.end() ? 0 : found->second.quantity;
}

SeatRow Inventory::State::UnitRow(uint32_t unit) const {
  const UnitState& state = units[unit];
  SeatRow row = {unit, 0, state.status, 1, {}, {}};
  if (state.status == SeatStatus::kHeld) row.hold.value = state.owner;
  if (state.status == SeatStatus::kBooked) row.order.value = state.owner;
  return row;
}

SeatRow Inventory::State::PartRow(uint32_t area, uint64_t part, const AreaPart& owned) const {
  SeatRow row = {area, part, SeatStatus::kFree, owned.quantity, {}, {}};
  if (owned.quantity == 0) return row;
  row.status = owned.status;
  if (owned.status == SeatStatus::kHeld) row.hold.value = owned.owner;
  if (owned.status == SeatStatus::kBooked) row.order.value = owned.owner;
  return row;
}

// --- Loading ---

namespace {

// Why a stored row cannot be; empty when it can.
std::string_view WhyBadRow(const Chart& chart, const SeatRow& row) {
  if (row.index >= chart.object_count()) return "is not in the chart";
  if (row.status != SeatStatus::kHeld && row.status != SeatStatus::kBooked) {
    return "has a status that is never stored";
  }
  const bool held = row.status == SeatStatus::kHeld;
  if (held ? !row.hold || row.order : !row.order || row.hold) return "has no proper owner";
  if (chart.IsUnit(row.index)) {
    return row.part != 0 || row.quantity != 1 ? "is stored like an area" : std::string_view();
  }
  const uint64_t part = held ? SeatRow::PartOf(row.hold) : SeatRow::PartOf(row.order);
  return row.part != part || row.quantity == 0 ? "has a row with a wrong key" : std::string_view();
}

}  // namespace

StatusOr<Inventory> Inventory::Load(std::shared_ptr<const Chart> chart,
                                    std::span<const SeatRow> rows, std::span<const Hold> holds,
                                    uint64_t version) {
  auto state = std::make_unique<State>(std::move(chart));
  const Chart& c = *state->chart;
  state->version = version;
  for (const Hold& hold : holds) {
    const HoldRecord record = {hold.created_at, hold.expires_at};
    if (!hold.id || !state->holds.emplace(hold.id.value, record).second) {
      return MakeError(ErrorCode::kDataLoss,
                       "the stored inventory is damaged: hold " + hold.id.ToString() + " twice");
    }
    state->Remember(hold.id, record);
  }
  std::vector<SeatChange> ignored;
  for (const SeatRow& row : rows) {
    const std::string_view why = WhyBadRow(c, row);
    if (!why.empty()) return Damaged(c, row.index, why);
    const auto hold = state->holds.find(row.hold.value);
    if (row.hold && hold == state->holds.end()) return Damaged(c, row.index, "lacks its hold");
    ignored.clear();
    if (c.IsUnit(row.index)) {
      if (state->units[row.index].status != SeatStatus::kFree) {
        return Damaged(c, row.index, "has two owners");
      }
      if (row.hold) {
        state->HoldUnit(row.hold, hold->second, row.index, ignored);
      } else {
        state->BookUnit(row.order, row.index, ignored);
      }
      continue;
    }
    const AreaRecord& area = state->AreaAt(row.index);
    if (area.parts.contains(row.part)) return Damaged(c, row.index, "has two rows with one key");
    if (row.quantity > area.totals.free()) return Damaged(c, row.index, "is above its capacity");
    if (row.hold) {
      state->AddHeld(row.hold, hold->second, row.index, row.quantity, ignored);
    } else {
      state->AddBooked(row.order, row.index, row.quantity, ignored);
    }
  }
  for (const Hold& hold : holds) {
    const HoldRecord& record = state->holds.at(hold.id.value);
    if (record.first == kNone && record.areas == 0) {
      return MakeError(ErrorCode::kDataLoss, "the stored inventory is damaged: hold " +
                                                 hold.id.ToString() + " holds nothing");
    }
  }
  return Inventory(std::move(state));
}

// --- Questions ---

Inventory::Inventory(std::shared_ptr<const Chart> chart)
    : state_(std::make_unique<State>(std::move(chart))) {}
Inventory::Inventory(std::unique_ptr<State> state) : state_(std::move(state)) {}
Inventory::~Inventory() = default;
Inventory::Inventory(Inventory&&) noexcept = default;
Inventory& Inventory::operator=(Inventory&&) noexcept = default;

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
AreaState Inventory::area(uint32_t index) const {
  return state_->AreaAt(index).totals;
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
  const uint64_t key = SeatRow::PartOf(hold);
  uint32_t left = found->second.areas;
  for (uint32_t index = state_->chart->unit_count(); left > 0; ++index) {
    const auto& parts = state_->AreaAt(index).parts;
    const auto part = parts.find(key);
    if (part == parts.end()) continue;
    rows.push_back(state_->PartRow(index, key, part->second));
    --left;
  }
  return rows;
}

std::vector<SeatRow> Inventory::RowsOf(OrderId order) const {
  std::vector<SeatRow> rows;
  for (SeatRow& row : Rows()) {
    if (row.status == SeatStatus::kBooked && row.order == order) rows.push_back(row);
  }
  return rows;
}

std::vector<SeatRow> Inventory::Rows() const {
  std::vector<SeatRow> rows;
  for (uint32_t unit = 0; unit < state_->units.size(); ++unit) {
    if (state_->units[unit].status != SeatStatus::kFree) rows.push_back(state_->UnitRow(unit));
  }
  for (uint32_t index = state_->chart->unit_count(); index < state_->chart->object_count();
       ++index) {
    for (const auto& [key, part] : state_->AreaAt(index).parts) {
      rows.push_back(state_->PartRow(index, key, part));
    }
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
  const Chart& chart = *state_->chart;
  std::vector<CategoryTotals> totals(chart.drawing().categories.size());
  for (uint32_t unit = 0; unit < chart.unit_count(); ++unit) {
    CategoryTotals& of = totals[chart.object(unit).category];
    const SeatStatus status = state_->units[unit].status;
    ++(status == SeatStatus::kFree ? of.free : status == SeatStatus::kHeld ? of.held : of.booked);
  }
  for (uint32_t index = chart.unit_count(); index < chart.object_count(); ++index) {
    CategoryTotals& of = totals[chart.object(index).category];
    const AreaState& area = state_->AreaAt(index).totals;
    of.free += area.free();
    of.held += area.held;
    of.booked += area.booked;
  }
  return totals;
}

void Inventory::PackUnits(std::string& out) const {
  out += state_->packed;
}

std::optional<Timestamp> Inventory::NextExpiry() const {
  if (state_->expiries.empty()) return std::nullopt;
  return state_->expiries.front().first;
}

size_t Inventory::MemoryBytes() const {
  // A node of std::unordered_map is its value and a link; of std::map its value and four words;
  // both in blocks of the allocator, whose header is a word.
  constexpr size_t kHoldNode = sizeof(std::pair<const uint64_t, HoldRecord>) + 16;
  constexpr size_t kPartNode = sizeof(std::pair<const uint64_t, AreaPart>) + 40;
  size_t bytes = sizeof(State) + state_->units.capacity() * sizeof(UnitState) +
                 state_->packed.capacity() + state_->areas.capacity() * sizeof(AreaRecord) +
                 state_->holds.size() * kHoldNode + state_->holds.bucket_count() * sizeof(void*) +
                 state_->expiries.capacity() * sizeof(state_->expiries[0]) +
                 state_->search.MemoryBytes();
  for (const AreaRecord& area : state_->areas) bytes += area.parts.size() * kPartNode;
  return bytes;
}

}  // namespace ticketing::seat
