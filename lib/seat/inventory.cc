#include "ticketing/seat/inventory.h"

#include <algorithm>
#include <functional>

#include "lib/seat/inventory_checks.h"
#include "lib/seat/inventory_state.h"
#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {

Inventory::Inventory(std::shared_ptr<const Chart> chart)
    : state_(std::make_unique<State>(std::move(chart))) {}
Inventory::~Inventory() = default;
Inventory::Inventory(Inventory&&) noexcept = default;
Inventory& Inventory::operator=(Inventory&&) noexcept = default;

Step Step::ToHold(HoldId hold, std::span<const Pick> picks, Timestamp expires_at) {
  Step step;
  step.picks.assign(picks.begin(), picks.end());
  step.hold = hold;
  step.expires_at = expires_at;
  return step;
}

Step Step::ToBook(OrderId order, std::span<const Pick> picks) {
  Step step;
  step.to = SeatStatus::kBooked;
  step.picks.assign(picks.begin(), picks.end());
  step.order = order;
  return step;
}

Step Step::ToRelease(HoldId hold, std::span<const Pick> picks) {
  Step step;
  step.to = SeatStatus::kFree;
  step.picks.assign(picks.begin(), picks.end());
  step.hold = hold;
  return step;
}

Step Step::ToRefund(OrderId order, std::span<const Pick> picks) {
  Step step;
  step.to = SeatStatus::kFree;
  step.picks.assign(picks.begin(), picks.end());
  step.of_order = order;
  return step;
}

// --- Holds ---

StatusOr<Changes> Inventory::HoldBestAvailable(HoldId hold, const BestAvailableRequest& request,
                                               Timestamp expires_at, Timestamp now,
                                               BestAvailable* found) {
  TICKETING_ASSIGN_OR_RETURN(BestAvailable best, FindBestAvailable(request));
  Step step = Step::ToHold(hold, best.picks, expires_at);
  step.access = request.access;
  TICKETING_ASSIGN_OR_RETURN(Changes changes, Apply(step, now));
  if (found != nullptr) *found = std::move(best);
  return changes;
}

StatusOr<Changes> Inventory::Extend(HoldId hold, Timestamp expires_at, Timestamp now,
                                    Duration hold_max) {
  State& s = *state_;
  const auto existing = s.holds.find(hold.value);
  if (existing == s.holds.end()) return NoSuchHold();
  const HoldRecord record = existing->second;
  if (record.expires_at <= now) return HoldExpired();
  TICKETING_RETURN_IF_ERROR(CheckExpiry(expires_at, record.created_at, now, hold_max));
  Changes changes;
  if (record.expires_at != expires_at) {
    s.MoveHold(hold, expires_at);
    changes.holds.push_back({hold, record.created_at, expires_at, false});
  }
  return s.Finish(std::move(changes));
}

StatusOr<Changes> Inventory::Release(HoldId hold) {
  State& s = *state_;
  if (!s.holds.contains(hold.value)) return NoSuchHold();
  Changes changes;
  s.EndHold(hold, changes);
  return s.Finish(std::move(changes));
}

Changes Inventory::ExpireHolds(Timestamp now) {
  State& s = *state_;
  Changes changes;
  while (!s.expiries.empty() && s.expiries.front().first <= now) {
    std::pop_heap(s.expiries.begin(), s.expiries.end(), std::greater<>());
    const auto [at, id] = s.expiries.back();
    s.expiries.pop_back();
    const auto existing = s.holds.find(id);
    // An entry may be of a hold that ended or moved. One that moved has another entry, and comes in
    // that one's turn: the order must not depend on what the heap remembers, which a reload
    // forgets.
    if (existing == s.holds.end() || existing->second.expires_at != at) continue;
    s.EndHold({id}, changes);
  }
  if (s.terms.next_change && *s.terms.next_change <= now) {
    s.Remember([&s, version = s.version, before = s.terms.set_at] {
      s.version = version;
      s.terms.SetTime(*s.chart, before);
      s.ApplyTerms();
    });
    s.terms.SetTime(*s.chart, now);
    s.ApplyTerms();
    if (changes.empty()) ++s.version;
  }
  return s.Finish(std::move(changes));
}

StatusOr<Changes> Inventory::Book(HoldId hold, OrderId order, Timestamp now) {
  State& s = *state_;
  if (!order) return InvalidField("order", "must not be zero");
  const auto existing = s.holds.find(hold.value);
  if (existing == s.holds.end()) return NoSuchHold();
  HoldRecord& record = existing->second;
  if (record.expires_at <= now) return HoldExpired();
  Changes changes;
  changes.holds.push_back({hold, record.created_at, record.expires_at, true});
  size_t count = 0;
  for (uint32_t unit = record.first; unit != kNone; unit = s.units[unit].next) ++count;
  changes.seats.reserve(count);
  for (uint32_t unit = record.first; unit != kNone;) {
    const uint32_t next = s.units[unit].next;
    s.SetUnit(unit, s.Next(unit, SeatStatus::kBooked, order.value), changes.seats);
    unit = next;
  }
  for (uint32_t index = s.chart->unit_count(); record.parts > 0; ++index) {
    auto& parts = s.AreaAt(index).parts;
    while (true) {
      const auto part = parts.lower_bound({SeatStatus::kHeld, hold.value, 0, {}, {}, {}});
      if (part == parts.end() || part->first.status != SeatStatus::kHeld ||
          part->first.owner != hold.value) {
        break;
      }
      const auto [key, quantity] = *part;
      PartKey booked = key;
      booked.status = SeatStatus::kBooked;
      booked.owner = order.value;
      s.AddPlaces(index, key, -int64_t{quantity}, changes.seats);
      s.AddPlaces(index, booked, quantity, changes.seats);
    }
  }
  // With its chain still in it, for a way back.
  s.DropHold(hold);
  return s.Finish(std::move(changes));
}

// --- Extra data and rules ---

StatusOr<Changes> Inventory::SetExtra(uint32_t index, std::string extra) {
  State& s = *state_;
  if (index >= s.chart->object_count()) {
    return AboutObjects(ErrorCode::kUnknownObject, "the chart does not have these objects",
                        {"#" + std::to_string(index)});
  }
  if (extra.size() > limits::kExtraBytesMax) {
    return InvalidField("extra", "must be at most " + std::to_string(limits::kExtraBytesMax) +
                                     " bytes for one object");
  }
  Changes changes;
  s.SetExtra(index, std::move(extra), changes.extras);
  return s.Finish(std::move(changes));
}

Status Inventory::SetRules(SaleRules rules, Timestamp now, uint16_t last_channel) {
  State& s = *state_;
  TICKETING_ASSIGN_OR_RETURN(
      SaleTerms terms,
      SaleTerms::Make(*s.chart, std::move(rules), std::max(last_channel, s.terms.last_channel)));
  s.terms = std::move(terms);
  s.terms.SetTime(*s.chart, now);
  s.ApplyTerms();
  s.CountChannels();
  ++s.version;
  return OkStatus();
}

void Inventory::SetTime(Timestamp at) {
  State& s = *state_;
  s.terms.SetTime(*s.chart, at);
  s.ApplyTerms();
}

uint16_t Inventory::last_channel() const {
  return state_->terms.last_channel;
}

const SaleRules& Inventory::rules() const {
  return state_->terms.rules;
}

// --- Storage and composition ---

size_t Inventory::Mark() {
  state_->marked = true;
  return state_->journal.size();
}

void Inventory::Rollback(size_t mark) {
  State& s = *state_;
  TICKETING_ASSERT(mark <= s.journal.size());
  s.Undo(mark);
  s.marked = true;
}

void Inventory::Forget() {
  state_->marked = false;
  state_->journal.clear();
}

bool Inventory::Block(uint32_t unit, bool blocked) {
  State& s = *state_;
  const bool before = (s.units[unit].flags & kBlockedByEvent) != 0;
  if (before == blocked) return false;
  s.Remember([&s, unit, before] { s.SetFlag(unit, kBlockedByEvent, before); });
  s.SetFlag(unit, kBlockedByEvent, blocked);
  return true;
}

bool Inventory::BlockPlaces(uint32_t area, uint32_t places) {
  State& s = *state_;
  uint32_t& blocked = s.AreaAt(area).totals.blocked;
  if (blocked == places) return false;
  s.Remember([&s, area, before = blocked] { s.AreaAt(area).totals.blocked = before; });
  blocked = places;
  return true;
}

void Inventory::NoteVersion() {
  State& s = *state_;
  s.Remember([&s, before = s.version] { s.version = before; });
  ++s.version;
}

void Inventory::RaiseVersion(uint64_t version) {
  state_->version = std::max(state_->version, version);
}

}  // namespace ticketing::seat
