#include "lib/seat/inventory_state.h"

#include <algorithm>
#include <functional>

#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

constexpr uint8_t kDerived = static_cast<uint8_t>(~kWasResale);

bool IsTaken(SeatStatus status) {
  return status == SeatStatus::kHeld || status == SeatStatus::kBooked ||
         status == SeatStatus::kCustom;
}

}  // namespace

Inventory::State::State(std::shared_ptr<const Chart> of)
    : chart(std::move(of)),
      units(chart->unit_count()),
      packed((chart->unit_count() + 3) / 4, '\0'),
      areas(chart->object_count() - chart->unit_count()),
      custom_names(1),
      search(*chart) {
  for (size_t i = 0; i < areas.size(); ++i) {
    areas[i].totals.capacity =
        chart->object(chart->unit_count() + static_cast<uint32_t>(i)).capacity;
  }
  ApplyTerms();
}

// --- Units ---

uint8_t Inventory::State::Packed(uint32_t unit) const {
  const UnitState& state = units[unit];
  if (state.status == SeatStatus::kHeld) return 1;
  if (state.status == SeatStatus::kBooked || state.status == SeatStatus::kCustom) return 2;
  if (state.flags & kBlocked) return 2;
  // What somebody offers for resale is for everybody, channels or not, while it may be sold.
  const uint8_t closed = state.status == SeatStatus::kResale
                             ? uint8_t{kOtherForm | kNotForSale}
                             : uint8_t{kOtherForm | kNotForSale | kSetAside};
  return state.flags & closed ? 3 : 0;
}

// Makes map and search agree with the unit.
void Inventory::State::Refresh(uint32_t unit) {
  const auto shift = unit % 4 * 2;
  const auto byte = static_cast<unsigned char>(packed[unit / 4]);
  packed[unit / 4] =
      static_cast<char>((byte & ~(3u << shift)) | static_cast<unsigned>(Packed(unit)) << shift);
  if (unit < chart->seat_count()) search.SetFree(unit, IsOpen(units[unit]));
}

void Inventory::State::SetFlag(uint32_t unit, uint8_t flag, bool on) {
  UnitState& state = units[unit];
  const auto flags = static_cast<uint8_t>(on ? state.flags | flag : state.flags & ~flag);
  if (flags == state.flags) return;
  state.flags = flags;
  Refresh(unit);
}

// A whole table and its seats exclude each other.
void Inventory::State::ShareTable(uint32_t unit) {
  const bool is_table = chart->object(unit).kind == ObjectKind::kTable;
  const uint32_t table = is_table ? unit : chart->object(unit).table;
  if (table == kNone) return;
  const TableSeats seats = chart->seats_of_table(table);
  if (is_table) {
    const bool taken = units[table].status != SeatStatus::kFree;
    for (uint32_t i = 0; i < seats.count; ++i) SetFlag(seats.first + i, kBlockedByTable, taken);
    return;
  }
  bool taken = false;
  for (uint32_t i = 0; i < seats.count; ++i) {
    taken = taken || units[seats.first + i].status != SeatStatus::kFree;
  }
  SetFlag(table, kBlockedByTable, taken);
}

// The one place where the status of a unit changes.
void Inventory::State::PutUnit(uint32_t unit, const UnitState& next) {
  UnitState& state = units[unit];
  const bool was_taken = IsTaken(state.status);
  const bool was_free = state.status == SeatStatus::kFree;
  const auto flags = static_cast<uint8_t>((state.flags & kDerived) | (next.flags & kWasResale));
  state = next;
  state.flags = flags;
  Refresh(unit);
  if (const uint16_t channel = ChannelOf(unit); channel != 0) {
    channel_taken[channel] +=
        static_cast<uint32_t>(IsTaken(state.status)) - static_cast<uint32_t>(was_taken);
  }
  if (was_free != (state.status == SeatStatus::kFree)) ShareTable(unit);
}

void Inventory::State::SetUnit(uint32_t unit, const UnitState& next, std::vector<SeatChange>& out) {
  const UnitState before = units[unit];
  Remember([this, unit, before] { PutUnit(unit, before); });
  PutUnit(unit, next);
  AppendUnit(unit, before.status, out);
}

void Inventory::State::SetText(uint32_t unit, UnitText text) {
  const auto found = texts.find(unit);
  if (found == texts.end() && text.empty()) return;
  Remember([this, unit, before = found == texts.end() ? UnitText() : found->second] {
    if (before.empty()) {
      texts.erase(unit);
    } else {
      texts[unit] = before;
    }
  });
  if (text.empty()) {
    texts.erase(found);
  } else {
    texts[unit] = std::move(text);
  }
}

void Inventory::State::SetNext(uint32_t unit, uint32_t next) {
  Remember([this, unit, before = units[unit].next] { units[unit].next = before; });
  units[unit].next = next;
}

UnitState Inventory::State::Next(uint32_t unit, SeatStatus status, uint64_t owner) const {
  UnitState next;
  next.owner = owner;
  next.status = status;
  const UnitState& now = units[unit];
  // What was for resale goes back there, until it is let go from there.
  const bool resale = now.status == SeatStatus::kResale || (now.flags & kWasResale) != 0;
  const bool ends = status == SeatStatus::kFree || status == SeatStatus::kResale;
  if (resale && !ends) next.flags = kWasResale;
  return next;
}

void Inventory::State::HoldUnit(HoldId hold, HoldRecord& record, uint32_t unit,
                                std::vector<SeatChange>& out) {
  UnitState next = Next(unit, SeatStatus::kHeld, hold.value);
  next.next = record.first;
  KeepHold(hold);
  SetUnit(unit, next, out);
  record.first = unit;
}

void Inventory::State::FreeUnit(uint32_t unit, std::vector<SeatChange>& out) {
  const bool resale = (units[unit].flags & kWasResale) != 0;
  SetText(unit, {});
  SetUnit(unit, Next(unit, resale ? SeatStatus::kResale : SeatStatus::kFree, 0), out);
}

void Inventory::State::UnlinkUnit(uint32_t unit) {
  const HoldId hold = {units[unit].owner};
  KeepHold(hold);
  HoldRecord& record = holds.at(hold.value);
  if (record.first == unit) {
    record.first = units[unit].next;
    return;
  }
  uint32_t before = record.first;
  while (units[before].next != unit) {
    before = units[before].next;
    TICKETING_ASSERT(before != kNone);
  }
  SetNext(before, units[unit].next);
}

// --- Areas ---

void Inventory::State::AddPlaces(uint32_t index, const PartKey& key, int64_t delta,
                                 std::vector<SeatChange>& out) {
  if (delta == 0) return;
  Remember([this, index, key, delta] {
    std::vector<SeatChange> ignored;
    AddPlaces(index, key, -delta, ignored);
  });
  AreaRecord& area = AreaAt(index);
  uint32_t& quantity = area.parts[key];
  const uint32_t before = quantity;
  quantity = static_cast<uint32_t>(quantity + delta);
  uint32_t& total = key.status == SeatStatus::kHeld ? area.totals.held : area.totals.booked;
  total = static_cast<uint32_t>(total + delta);
  uint32_t& taken = area.taken[key.channel];
  taken = static_cast<uint32_t>(taken + delta);
  if (key.channel != 0) {
    uint32_t& out_of = channel_taken[key.channel];
    out_of = static_cast<uint32_t>(out_of + delta);
  }
  out.push_back({PartRow(index, key, quantity), key.status, before});
  if (key.status == SeatStatus::kHeld && (before == 0) != (quantity == 0)) {
    const auto hold = holds.find(key.owner);
    TICKETING_ASSERT(hold != holds.end());
    hold->second.parts += before == 0 ? 1 : UINT32_MAX;
  }
  if (quantity == 0) area.parts.erase(key);
}

// --- Extra data ---

void Inventory::State::SetExtra(uint32_t index, std::string extra, std::vector<ExtraChange>& out) {
  const auto found = extras.find(index);
  std::string before = found == extras.end() ? std::string() : found->second;
  if (before == extra) return;
  out.push_back({index, extra});
  if (extra.empty()) {
    extras.erase(index);
  } else {
    extras[index] = std::move(extra);
  }
  Remember([this, index, before = std::move(before)] {
    if (before.empty()) {
      extras.erase(index);
    } else {
      extras[index] = before;
    }
  });
}

// --- Holds ---

void Inventory::State::KeepHold(HoldId hold) {
  if (!marked) return;
  const auto found = holds.find(hold.value);
  if (found == holds.end()) {
    Remember([this, hold] { holds.erase(hold.value); });
  } else {
    Remember([this, hold, before = found->second] {
      holds[hold.value] = before;
      QueueExpiry(hold, before.expires_at);
    });
  }
}

HoldRecord& Inventory::State::OpenHold(HoldId hold, Timestamp created_at, Timestamp expires_at) {
  KeepHold(hold);
  const auto [it, is_new] = holds.try_emplace(hold.value, HoldRecord{created_at, expires_at});
  if (is_new) QueueExpiry(hold, expires_at);
  return it->second;
}

void Inventory::State::MoveHold(HoldId hold, Timestamp expires_at) {
  KeepHold(hold);
  holds.at(hold.value).expires_at = expires_at;
  QueueExpiry(hold, expires_at);
}

void Inventory::State::DropHold(HoldId hold) {
  KeepHold(hold);
  holds.erase(hold.value);
}

void Inventory::State::EndHold(HoldId hold, Changes& out) {
  HoldRecord& record = holds.at(hold.value);
  out.holds.push_back({hold, record.created_at, record.expires_at, true});
  KeepHold(hold);
  while (record.first != kNone) {
    const uint32_t unit = record.first;
    record.first = units[unit].next;
    SetExtra(unit, {}, out.extras);
    FreeUnit(unit, out.seats);
  }
  for (uint32_t index = chart->unit_count(); record.parts > 0; ++index) {
    auto& parts = AreaAt(index).parts;
    auto part = parts.lower_bound({SeatStatus::kHeld, hold.value, 0, {}, {}, {}});
    while (part != parts.end() && part->first.status == SeatStatus::kHeld &&
           part->first.owner == hold.value) {
      const auto [key, quantity] = *part++;
      AddPlaces(index, key, -int64_t{quantity}, out.seats);
    }
  }
  DropHold(hold);
}

void Inventory::State::QueueExpiry(HoldId hold, Timestamp at) {
  expiries.push_back({at, hold.value});
  std::push_heap(expiries.begin(), expiries.end(), std::greater<>());
  // Holds that moved often must not make the heap grow without bound.
  if (expiries.size() <= 2 * holds.size() + 64) return;
  expiries.clear();
  for (const auto& [id, live] : holds) expiries.push_back({live.expires_at, id});
  std::make_heap(expiries.begin(), expiries.end(), std::greater<>());
}

Changes Inventory::State::Finish(Changes changes) {
  if (!changes.empty()) {
    Remember([this, before = version] { version = before; });
    ++version;
  }
  changes.version = version;
  const auto by_index = [](const SeatChange& a, const SeatChange& b) {
    return a.row.index < b.row.index;
  };
  // Mostly they are in order, and stable_sort takes memory even then.
  if (!std::is_sorted(changes.seats.begin(), changes.seats.end(), by_index))
    std::stable_sort(changes.seats.begin(), changes.seats.end(), by_index);
  return changes;
}

void Inventory::State::Undo(size_t mark) {
  marked = false;  // undoing is not to be undone
  while (journal.size() > mark) {
    const std::function<void()> undo = std::move(journal.back());
    journal.pop_back();
    undo();
  }
}

// --- Terms ---

void Inventory::State::ApplyTerms() {
  masks.clear();
  for (uint32_t unit = 0; unit < chart->unit_count(); ++unit) {
    const Object& object = chart->object(unit);
    bool other_form = false;
    if (object.kind == ObjectKind::kTable) other_form = !terms.IsWhole(*chart, unit);
    if (object.table != kNone) other_form = terms.IsWhole(*chart, object.table);
    SetFlag(unit, kOtherForm, other_form);
    SetFlag(unit, kNotForSale, !terms.not_for_sale.empty() && terms.not_for_sale[unit]);
    SetFlag(unit, kSetAside, ChannelOf(unit) != 0);
  }
}

void Inventory::State::CountChannels() {
  channel_taken.clear();
  for (uint32_t unit = 0; unit < terms.channel_of.size(); ++unit) {
    if (terms.channel_of[unit] != 0 && IsTaken(units[unit].status)) {
      ++channel_taken[terms.channel_of[unit]];
    }
  }
  for (const AreaRecord& area : areas) {
    for (const auto& [channel, places] : area.taken) {
      if (channel != 0) channel_taken[channel] += places;
    }
  }
}

bool Inventory::State::TakesName(const std::string& name) const {
  return custom_names.size() <= limits::kStatusNamesMax ||
         std::find(custom_names.begin(), custom_names.end(), name) != custom_names.end();
}

uint16_t Inventory::State::CustomNumber(const std::string& name) {
  if (name.empty()) return 0;
  for (size_t i = 1; i < custom_names.size(); ++i) {
    if (custom_names[i] == name) return static_cast<uint16_t>(i);
  }
  custom_names.push_back(name);
  return static_cast<uint16_t>(custom_names.size() - 1);
}

// --- Questions ---

int64_t Inventory::State::HeldBy(HoldId hold, uint32_t index) const {
  if (chart->IsUnit(index)) {
    return units[index].status == SeatStatus::kHeld && units[index].owner == hold.value ? 1 : 0;
  }
  return PlacesOf(index, SeatStatus::kHeld, hold.value);
}

int64_t Inventory::State::PlacesOf(uint32_t area, SeatStatus status, uint64_t owner) const {
  const auto& parts = AreaAt(area).parts;
  int64_t sum = 0;
  for (auto part = parts.lower_bound({status, owner, 0, {}, {}, {}});
       part != parts.end() && part->first.status == status && part->first.owner == owner; ++part) {
    sum += part->second;
  }
  return sum;
}

int64_t Inventory::State::QuotaLeft(const Channel& channel) const {
  if (!channel.quota) return INT64_MAX;
  const auto taken = channel_taken.find(channel.id);
  return int64_t{*channel.quota} - (taken == channel_taken.end() ? 0 : int64_t{taken->second});
}

int64_t Inventory::State::FreePlaces(uint32_t index, uint16_t channel) const {
  const AreaRecord& area = AreaAt(index);
  const auto left = [&](uint16_t id, uint32_t count) {
    const auto taken = area.taken.find(id);
    return std::max<int64_t>(int64_t{count} - (taken == area.taken.end() ? 0 : taken->second), 0);
  };
  // What is free and not set aside is for all. Places may have been taken out of a channel that
  // sets fewer aside today, so this counts from what is free, not from what was taken.
  int64_t open = area.totals.free();
  const auto found = terms.areas.find(index);
  if (found != terms.areas.end()) {
    for (const auto& [id, count] : found->second.channels) {
      if (id == channel) return left(id, count);
      open -= left(id, count);
    }
  }
  return channel == 0 ? std::max<int64_t>(open, 0) : 0;
}

SeatRow Inventory::State::UnitRow(uint32_t unit) const {
  SeatRow row;
  FillUnit(unit, row);
  return row;
}

// In its place: moving a row costs more than making it.
void Inventory::State::AppendUnit(uint32_t unit, SeatStatus was,
                                  std::vector<SeatChange>& out) const {
  SeatChange& change = out.emplace_back();
  FillUnit(unit, change.row);
  change.was = was;
  change.quantity_was = 1;
}

void Inventory::State::FillUnit(uint32_t unit, SeatRow& row) const {
  const UnitState& state = units[unit];
  row.index = unit;
  row.status = state.status;
  row.resale = (state.flags & kWasResale) != 0;
  if (state.status == SeatStatus::kHeld) {
    row.hold.value = state.owner;
  } else {
    row.order.value = state.owner;
  }
  if (state.custom != 0) row.custom = custom_names[state.custom];
  if (texts.empty()) return;
  if (const auto text = texts.find(unit); text != texts.end()) {
    row.order_name = text->second.order_name;
    row.ticket_type = text->second.ticket_type;
  }
}

SeatRow Inventory::State::PartRow(uint32_t area, const PartKey& key, uint32_t quantity) const {
  SeatRow row;
  row.index = area;
  row.quantity = quantity;
  row.status = key.status;
  row.channel = key.channel;
  (key.status == SeatStatus::kHeld ? row.hold.value : row.order.value) = key.owner;
  row.custom = key.custom;
  row.order_name = key.order_name;
  row.ticket_type = key.ticket_type;
  return row;
}

}  // namespace ticketing::seat
