#include "tests/seat/inventory_model.h"

#include <algorithm>
#include <tuple>

#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

bool Has(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}
// Which rows of an area a command takes first.
auto TakingKey(const SeatRow& r) {
  return std::make_tuple(r.status, r.hold.value, r.order.value, r.channel, r.custom, r.order_name,
                         r.ticket_type);
}

}  // namespace

bool RowLess(const SeatRow& a, const SeatRow& b) {
  return std::make_tuple(a.index, TakingKey(a), a.quantity, a.resale) <
         std::make_tuple(b.index, TakingKey(b), b.quantity, b.resale);
}

InventoryModel::InventoryModel(std::shared_ptr<const Chart> chart) : chart_(std::move(chart)) {
  for (uint32_t i = 0; i < chart_->unit_count(); ++i) {
    SeatRow row;
    row.index = i;
    units_.push_back(row);
  }
  for (uint32_t i = chart_->unit_count(); i < chart_->object_count(); ++i) places_[i];
}

// --- What is for sale.

bool InventoryModel::SoldHere(uint32_t index) const {
  const Object& object = chart_->object(index);
  const bool whole_table = object.kind == ObjectKind::kTable;
  if (!whole_table && object.table == kNone) return true;
  const Object& table = whole_table ? object : chart_->object(object.table);
  bool whole = table.whole;
  if (rules_.tables.mode == TableSelling::Mode::kWhole) whole = true;
  if (rules_.tables.mode == TableSelling::Mode::kBySeat) whole = false;
  if (rules_.tables.mode == TableSelling::Mode::kListed) {
    const auto found = rules_.tables.whole.find(table.label);
    whole = found != rules_.tables.whole.end() && found->second;
  }
  return whole == whole_table;
}

std::string InventoryModel::CategoryKey(uint32_t index) const {
  const auto found = rules_.object_categories.find(chart_->object(index).label);
  if (found != rules_.object_categories.end()) return found->second;
  return chart_->category_of(index).key;
}

bool InventoryModel::ForSale(uint32_t index) const {
  for (const SaleWindow& window : rules_.windows) {
    if (!window.category.empty() && window.category != CategoryKey(index)) continue;
    if (window.opens_at.micros != 0 && clock_ < window.opens_at) return false;
    if (window.closes_at.micros != 0 && clock_ >= window.closes_at) return false;
  }
  if (!rules_.for_sale) return true;
  const auto& sale = *rules_.for_sale;
  const std::string& label = chart_->object(index).label;
  const bool listed = Has(sale.objects, label) || Has(sale.categories, CategoryKey(index));
  if (listed == sale.only_listed) return true;
  return !chart_->IsUnit(index) && !listed && sale.area_places.contains(label);
}

int64_t InventoryModel::PlacesForSale(uint32_t area) const {
  const Object& object = chart_->object(area);
  if (!ForSale(area)) return 0;
  if (!rules_.for_sale) return object.capacity;
  const auto places = rules_.for_sale->area_places.find(object.label);
  if (places == rules_.for_sale->area_places.end()) return object.capacity;
  if (Has(rules_.for_sale->objects, object.label)) return object.capacity;
  if (Has(rules_.for_sale->categories, CategoryKey(area))) return object.capacity;
  return rules_.for_sale->only_listed ? places->second : object.capacity - places->second;
}

int64_t InventoryModel::QuotaLeft(const Channel& channel) const {
  if (!channel.quota) return INT64_MAX;
  int64_t left = *channel.quota;
  for (const SeatRow& row : units_) {
    const Channel* of = ChannelOf(row.index);
    const bool has = row.status != SeatStatus::kFree && row.status != SeatStatus::kResale;
    left -= of != nullptr && of->key == channel.key && has;
  }
  for (const auto& [area, places] : places_) {
    for (const SeatRow& place : places) left -= place.channel == channel.id;
  }
  return left;
}

const Channel* InventoryModel::ChannelOf(uint32_t unit) const {
  for (const Channel& channel : rules_.channels) {
    for (const uint32_t object : channel.objects) {
      if (object == unit) return &channel;
    }
  }
  return nullptr;
}

bool InventoryModel::MayTouch(uint32_t unit, const SaleAccess& access) const {
  if (!SoldHere(unit)) return false;
  if (!access.ignore_for_sale && !ForSale(unit)) return false;
  if (access.all_channels) return true;
  const Channel* channel = ChannelOf(unit);
  if (channel == nullptr) return access.without_channel;
  return Has(access.channels, channel->key);
}

// --- Questions.

bool InventoryModel::Blocked(uint32_t unit) const {
  if (outside_units_.contains(unit)) return true;
  const Object& object = chart_->object(unit);
  if (object.table != kNone) return units_[object.table].status != SeatStatus::kFree;
  if (object.kind != ObjectKind::kTable) return false;
  const TableSeats seats = chart_->seats_of_table(unit);
  for (uint32_t seat = seats.first; seat < seats.first + seats.count; ++seat) {
    if (units_[seat].status != SeatStatus::kFree) return true;
  }
  return false;
}

bool InventoryModel::Free(uint32_t unit) const {
  return units_[unit].status == SeatStatus::kFree && !Blocked(unit);
}

uint8_t InventoryModel::Packed(uint32_t unit) const {
  switch (units_[unit].status) {
    case SeatStatus::kHeld:
      return 1;
    case SeatStatus::kBooked:
    case SeatStatus::kCustom:
      return 2;
    case SeatStatus::kFree:
    case SeatStatus::kResale:
      break;
  }
  if (Blocked(unit)) return 2;
  if (!SoldHere(unit) || !ForSale(unit)) return 3;
  if (units_[unit].status == SeatStatus::kResale) return 0;
  return ChannelOf(unit) == nullptr ? 0 : 3;
}

AreaState InventoryModel::Area(uint32_t area) const {
  AreaState state;
  state.capacity = chart_->object(area).capacity;
  for (const SeatRow& place : places_.at(area)) {
    ++(place.status == SeatStatus::kHeld ? state.held : state.booked);
  }
  const auto outside = outside_places_.find(area);
  if (outside != outside_places_.end()) state.blocked = outside->second;
  return state;
}

std::vector<SeatRow> InventoryModel::Rows() const {
  std::vector<SeatRow> rows;
  for (const SeatRow& row : units_) {
    if (row.status != SeatStatus::kFree) rows.push_back(row);
  }
  for (const auto& [area, places] : places_) {
    for (const SeatRow& place : places) {
      bool counted = false;
      for (SeatRow& row : rows) {
        SeatRow one = row;
        one.quantity = 1;
        if (one == place) ++row.quantity, counted = true;
      }
      if (!counted) rows.push_back(place);
    }
  }
  std::sort(rows.begin(), rows.end(), RowLess);
  return rows;
}

std::vector<CategoryTotals> InventoryModel::Totals() const {
  std::vector<std::string> keys;
  for (const Category& category : chart_->drawing().categories) keys.push_back(category.key);
  for (const Category& category : rules_.categories) keys.push_back(category.key);
  std::vector<CategoryTotals> totals(keys.size());
  for (uint32_t i = 0; i < chart_->object_count(); ++i) {
    const size_t key = std::find(keys.begin(), keys.end(), CategoryKey(i)) - keys.begin();
    if (key == keys.size()) continue;
    CategoryTotals& total = totals[key];
    if (!chart_->IsUnit(i)) {
      const AreaState area = Area(i);
      total.free += area.free();
      total.held += area.held;
      total.booked += area.booked + area.blocked;
    } else if (SoldHere(i)) {  // in the form in which it is sold
      const SeatStatus status = units_[i].status;
      if (status == SeatStatus::kHeld) {
        ++total.held;
      } else if (status == SeatStatus::kBooked || status == SeatStatus::kCustom || Blocked(i)) {
        ++total.booked;
      } else {
        ++total.free;
      }
    }
  }
  return totals;
}

std::set<uint32_t> InventoryModel::Candidates(const BestAvailableRequest& request) const {
  std::set<uint32_t> units;
  for (uint32_t i = 0; i < chart_->seat_count(); ++i) {
    const Object& object = chart_->object(i);
    if (!Free(i) || !MayTouch(i, request.access)) continue;
    // A quota that the whole group would not fit in closes its channel.
    const Channel* channel = ChannelOf(i);
    const bool bound = channel != nullptr && !request.access.all_channels;
    if (bound && QuotaLeft(*channel) < request.quantity) continue;
    if (!request.categories.empty() && !Has(request.categories, CategoryKey(i))) continue;
    const std::string section(chart_->section_label_of(i));
    if (!request.sections.empty() && !Has(request.sections, section)) continue;
    const std::string zone(chart_->zone_of(i));
    if (!request.zones.empty() && !Has(request.zones, zone)) continue;
    if (request.accessible == 0 && (object.attributes & kReservedAttributes) != 0) continue;
    units.insert(i);
  }
  return units;
}

std::set<std::string> InventoryModel::Orphans(const std::vector<Pick>& picks) const {
  std::set<std::string> alone;
  const auto picked = [&](uint32_t seat) {
    for (const Pick& pick : picks) {
      if (pick.index == seat) return true;
    }
    return false;
  };
  // Wheelchair places and those of companions are not for everybody, but whoever is beside a free
  // one is not alone.
  const auto open = [&](uint32_t seat) {
    return Free(seat) && (chart_->object(seat).attributes & kReservedAttributes) == 0;
  };
  for (const Run& run : chart_->runs()) {
    if (run.row == kNone) continue;  // nobody is alone at a table
    const uint32_t end = run.first + run.count;
    for (uint32_t from = run.first; from < end; ++from) {
      // A stretch of seats that were free.
      if (!open(from) || (from > run.first && open(from - 1))) continue;
      uint32_t to = from;
      while (to < end && open(to)) ++to;
      std::vector<uint32_t> single;
      uint32_t taken = 0;
      for (uint32_t seat = from; seat < to; ++seat) {
        if (picked(seat)) {
          ++taken;
          continue;
        }
        const bool left = seat == run.first || !Free(seat - 1) || picked(seat - 1);
        const bool right = seat + 1 == end || !Free(seat + 1) || picked(seat + 1);
        if (left && right && to - from > 1) single.push_back(seat);
      }
      // One seat more than is taken leaves one alone whichever they are.
      if (taken == 0 || to - from - taken == 1) continue;
      for (const uint32_t seat : single) alone.insert(chart_->object(seat).label);
    }
  }
  return alone;
}

// --- Commands.

void InventoryModel::EndEmptyHolds() {
  for (auto hold = holds_.begin(); hold != holds_.end();) {
    bool has = false;
    for (const SeatRow& row : Rows()) has = has || row.hold == hold->second.id;
    hold = has ? std::next(hold) : holds_.erase(hold);
  }
}

void InventoryModel::MoveAll(HoldId hold, SeatStatus to, OrderId order) {
  for (SeatRow& row : units_) {
    if (row.status != SeatStatus::kHeld || row.hold != hold) continue;
    row.hold = {};
    row.status = to;
    row.order = order;
    if (to == SeatStatus::kFree) {
      if (row.resale) row.status = SeatStatus::kResale;
      row.resale = false;
      row.ticket_type.clear();
      row.order_name.clear();
      extras_.erase(row.index);
    }
  }
  for (auto& [area, places] : places_) {
    std::vector<SeatRow> left;
    for (SeatRow place : places) {
      const bool own = place.status == SeatStatus::kHeld && place.hold == hold;
      if (own && to == SeatStatus::kFree) continue;
      if (own) {
        place.hold = {};
        place.status = to;
        place.order = order;
      }
      left.push_back(place);
    }
    places = left;
  }
  holds_.erase(hold.value);
}

Verdict InventoryModel::Release(HoldId hold) {
  if (!holds_.contains(hold.value)) return {ErrorCode::kHoldNotFound, {}};
  MoveAll(hold, SeatStatus::kFree, {});
  return {ErrorCode::kOk, {}, true};
}

Verdict InventoryModel::Book(HoldId hold, OrderId order, Timestamp now) {
  if (!holds_.contains(hold.value)) return {ErrorCode::kHoldNotFound, {}};
  if (holds_[hold.value].expires_at <= now) return {ErrorCode::kHoldExpired, {}};
  MoveAll(hold, SeatStatus::kBooked, order);
  return {ErrorCode::kOk, {}, true};
}

Verdict InventoryModel::ExpireHolds(Timestamp now) {
  Verdict verdict;
  const std::map<uint64_t, Hold> all = holds_;
  for (const auto& [id, hold] : all) {
    if (hold.expires_at > now) continue;
    MoveAll(hold.id, SeatStatus::kFree, {});
    verdict.changed = true;
  }
  clock_ = std::max(clock_, now);
  return verdict;
}

Verdict InventoryModel::Extend(HoldId hold, Timestamp expires_at, Timestamp now,
                               Duration hold_max) {
  if (!holds_.contains(hold.value)) return {ErrorCode::kHoldNotFound, {}};
  Hold& entry = holds_[hold.value];
  if (entry.expires_at <= now) return {ErrorCode::kHoldExpired, {}};
  const Duration most = hold_max == Duration() ? limits::kHoldMax : hold_max;
  if (expires_at <= now || expires_at - entry.created_at > most) {
    return {ErrorCode::kInvalidField, {}};
  }
  Verdict verdict;
  verdict.changed = entry.expires_at != expires_at;
  entry.expires_at = expires_at;
  return verdict;
}

Verdict InventoryModel::SetExtra(uint32_t index, const std::string& extra) {
  Verdict verdict;
  const auto old = extras_.find(index);
  verdict.changed = (old == extras_.end() ? "" : old->second) != extra;
  extras_[index] = extra;
  if (extra.empty()) extras_.erase(index);
  return verdict;
}

void InventoryModel::SetRules(const SaleRules& rules, Timestamp now) {
  rules_ = rules;
  clock_ = now;
}

}  // namespace ticketing::seat
