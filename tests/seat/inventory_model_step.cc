// InventoryModel::Apply: one pick after the other on a copy, which counts if nothing was refused.
#include <algorithm>
#include <tuple>

#include "tests/seat/inventory_model.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

bool Has(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}
std::string StatusName(const SeatRow& row) {
  return row.status == SeatStatus::kCustom ? row.custom : std::string(NameOfStatus(row.status));
}

}  // namespace

class ModelStep {
 public:
  ModelStep(const InventoryModel& model, const Step& step, Timestamp now)
      : before_(model), model_(model), step_(step), now_(now) {}

  Verdict Run(InventoryModel& out) {
    Verdict verdict;
    if (!CheckLists(verdict) || !CheckHold(verdict)) return verdict;
    CheckQuotas();
    for (size_t i = 0; i < step_.picks.size(); ++i) {
      const PickNote note = step_.notes.empty() ? PickNote() : step_.notes[i];
      const Pick& pick = step_.picks[i];
      if (model_.chart_->IsUnit(pick.index)) {
        Unit(pick.index, note);
        unit_refused_ = unit_refused_ || closed_.contains(Label(pick.index)) ||
                        taken_.contains(Label(pick.index)) || conflict_.contains(Label(pick.index));
      } else {
        Places(pick.index, pick.quantity, note);
      }
    }
    if (step_.refuse_orphans && !To(SeatStatus::kFree) && !unit_refused_) {
      const std::set<std::string> alone = before_.Orphans(step_.picks);
      if (!alone.empty()) return {ErrorCode::kLeavesSingleSeat, alone};
    }
    if (!conflict_.empty()) return {ErrorCode::kConflict, conflict_};
    if (!taken_.empty()) return {ErrorCode::kSeatNotAvailable, taken_};
    if (!closed_.empty()) return {ErrorCode::kNotForSale, closed_};
    KeepHold();
    model_.EndEmptyHolds();
    verdict.changed = changed_;
    out = model_;
    return verdict;
  }

 private:
  const std::string& Label(uint32_t index) const { return model_.chart_->object(index).label; }
  bool To(SeatStatus status) const { return step_.to == status; }

  bool CheckLists(Verdict& verdict) {
    const Chart& chart = *model_.chart_;
    if (step_.picks.empty() || step_.picks.size() > limits::kObjectsPerCommandMax) {
      verdict.code = ErrorCode::kInvalidField;
    }
    std::set<uint32_t> seen;
    std::set<std::string> unknown;
    for (const Pick& pick : step_.picks) {
      if (pick.index >= chart.object_count()) {
        unknown.insert("#" + std::to_string(pick.index));
        continue;
      }
      const Object& object = chart.object(pick.index);
      const bool unit = chart.IsUnit(pick.index);
      int64_t least = 1;
      int64_t most = unit ? 1 : object.capacity;
      if (!unit && object.whole && !object.variable) least = most;
      if (!unit && object.whole && object.variable) {
        least = object.min_people;
        most = object.max_people;
      }
      if (pick.quantity < least || pick.quantity > most) verdict.code = ErrorCode::kInvalidField;
      if (unit && !seen.insert(pick.index).second) verdict.code = ErrorCode::kInvalidField;
    }
    if (!unknown.empty()) {
      verdict = {ErrorCode::kUnknownObject, unknown};
      return false;
    }
    if (!step_.notes.empty() && step_.notes.size() != step_.picks.size()) {
      verdict.code = ErrorCode::kInvalidField;
    }
    if (To(SeatStatus::kCustom)) {
      for (const char* name : {"", "free", "held", "booked", "resale", "custom"}) {
        if (step_.custom == name) verdict.code = ErrorCode::kInvalidField;
      }
    }
    if (To(SeatStatus::kHeld) && !step_.hold) verdict.code = ErrorCode::kInvalidField;
    return verdict.code == ErrorCode::kOk;
  }

  bool CheckHold(Verdict& verdict) {
    const auto found = model_.holds_.find(step_.hold.value);
    const bool known = found != model_.holds_.end();
    if (To(SeatStatus::kFree)) {
      if (step_.hold && !known) verdict.code = ErrorCode::kHoldNotFound;
      return verdict.code == ErrorCode::kOk;
    }
    if (known && found->second.expires_at <= now_) verdict.code = ErrorCode::kHoldExpired;
    for (const Pick& pick : step_.picks) {
      const bool area = !model_.chart_->IsUnit(pick.index);
      if (area && To(SeatStatus::kResale) && verdict.code == ErrorCode::kOk) {
        verdict.code = ErrorCode::kInvalidField;
      }
    }
    if (To(SeatStatus::kHeld) && verdict.code == ErrorCode::kOk) {
      const Timestamp created = known ? found->second.created_at : now_;
      const Duration most = step_.hold_max == Duration() ? limits::kHoldMax : step_.hold_max;
      if (step_.expires_at <= now_ || step_.expires_at - created > most) {
        verdict.code = ErrorCode::kInvalidField;
      }
    }
    return verdict.code == ErrorCode::kOk;
  }

  // The table of transitions.
  bool Legal(const SeatRow& row) const {
    const bool own = step_.hold && row.hold == step_.hold;
    switch (row.status) {
      case SeatStatus::kFree:
      case SeatStatus::kResale:
        return true;
      case SeatStatus::kHeld:
        return own || (step_.any_hold && !To(SeatStatus::kHeld));
      case SeatStatus::kBooked:
        return !To(SeatStatus::kHeld) && !To(SeatStatus::kBooked);
      case SeatStatus::kCustom:
        return !To(SeatStatus::kHeld) && !To(SeatStatus::kResale);
    }
    return false;
  }
  bool GuardsAllow(const SeatRow& row) const {
    if (!step_.allowed_before.empty() && !Has(step_.allowed_before, StatusName(row))) return false;
    return !Has(step_.rejected_before, StatusName(row));
  }
  bool IsOfWhomItSays(const SeatRow& row) const {
    if (step_.of_order && row.order != step_.of_order) return false;
    if (To(SeatStatus::kFree) && step_.hold && row.hold != step_.hold) return false;
    return true;
  }
  // The row that a place becomes.
  SeatRow Becomes(const SeatRow& row, const PickNote& note) const {
    SeatRow next;
    next.index = row.index;
    next.channel = row.channel;
    next.status = step_.to;
    const bool was_for_resale = row.resale || row.status == SeatStatus::kResale;
    if (To(SeatStatus::kFree)) {
      if (was_for_resale && row.status != SeatStatus::kResale) next.status = SeatStatus::kResale;
    } else if (!To(SeatStatus::kResale)) {
      next.resale = was_for_resale;
    }
    if (To(SeatStatus::kHeld)) next.hold = step_.hold;
    if (!To(SeatStatus::kHeld) && !To(SeatStatus::kFree)) next.order = step_.order;
    if (To(SeatStatus::kCustom)) next.custom = step_.custom;
    next.order_name = step_.order_name;
    next.ticket_type = note.ticket_type;
    if (note.ticket_type.empty() && row.status == SeatStatus::kHeld && !To(SeatStatus::kFree)) {
      next.ticket_type = row.ticket_type;
    }
    if (To(SeatStatus::kFree)) next.ticket_type.clear();
    return next;
  }
  bool Stays(const SeatRow& row) const {
    if (row.status != step_.to) return false;
    return To(SeatStatus::kFree) || To(SeatStatus::kHeld) || To(SeatStatus::kResale);
  }

  void Unit(uint32_t index, const PickNote& note) {
    SeatRow& row = model_.units_[index];
    const bool blocked = !To(SeatStatus::kFree) && before_.Blocked(index);
    if (GuardsAllow(row) && !IsOfWhomItSays(row)) {
      conflict_.insert(Label(index));
      return;
    }
    if (!Legal(row) || !GuardsAllow(row) || blocked) {
      taken_.insert(Label(index));
      return;
    }
    if (Stays(row)) return;
    if (!To(SeatStatus::kFree)) {
      const bool fresh = row.status == SeatStatus::kFree;
      const bool resale = row.status == SeatStatus::kResale;
      SaleAccess access = step_.access;
      if (resale) access.all_channels = true;
      if ((fresh || resale) && !before_.MayTouch(index, access)) {
        closed_.insert(Label(index));
        return;
      }
    }
    const SeatRow next = Becomes(row, note);
    changed_ = true;
    row = next;
    if (!step_.keep_extra) model_.extras_.erase(index);
    Note(index, note);
  }
  void Note(uint32_t index, const PickNote& note) {
    if (!note.extra) return;
    model_.extras_[index] = *note.extra;
    if (note.extra->empty()) model_.extras_.erase(index);
  }

  // --- Areas.

  void Places(uint32_t area, int64_t quantity, const PickNote& note) {
    SeatRow as_whole;
    as_whole.status = model_.Area(area).free() > 0 ? SeatStatus::kFree : SeatStatus::kBooked;
    if (!GuardsAllow(as_whole)) {
      taken_.insert(Label(area));
      return;
    }
    std::vector<SeatRow>& places = model_.places_[area];
    std::sort(places.begin(), places.end(), RowLess);
    int64_t left = quantity;
    if (model_.chart_->object(area).whole) {
      left = model_.chart_->object(area).capacity;  // one party has all of it
      if (To(SeatStatus::kFree)) left = std::max<int64_t>(1, static_cast<int64_t>(places.size()));
    }
    const std::vector<SeatRow> all = places;
    std::vector<SeatRow> touched;
    for (const SeatRow& place : SourcesAmong(all, note)) {
      if (left == 0) break;
      places.erase(std::find(places.begin(), places.end(), place));
      touched.push_back(place);
      --left;
    }
    const bool named = step_.of_order || (To(SeatStatus::kFree) && step_.hold);
    if (left > 0 && named) {
      int64_t stuck = 0;
      for (const SeatRow& place : all) {
        stuck += step_.of_order && place.order == step_.of_order && !Legal(place);
      }
      (stuck >= left ? taken_ : conflict_).insert(Label(area));
      return;
    }
    if (left > 0 && To(SeatStatus::kFree)) {
      taken_.insert(Label(area));
      return;
    }
    if (left > 0 && !TakeFree(area, left, touched)) return;
    for (const SeatRow& place : touched) {
      if (To(SeatStatus::kFree)) continue;
      SeatRow next = Becomes(place, note);
      if (next.ticket_type.empty()) next.ticket_type = place.ticket_type;
      next.resale = false;
      model_.places_[area].push_back(next);
    }
    changed_ = changed_ || !touched.empty();
    Note(area, note);
  }

  // Taken places that the step may change, those first that it takes first.
  std::vector<SeatRow> SourcesAmong(const std::vector<SeatRow>& all, const PickNote& note) const {
    std::vector<SeatRow> sources;
    for (const SeatStatus status : {SeatStatus::kBooked, SeatStatus::kCustom, SeatStatus::kHeld}) {
      for (const SeatRow& place : all) {
        if (place.status != status || !IsOfWhomItSays(place) || !Legal(place)) continue;
        const bool typed = To(SeatStatus::kFree) && !note.ticket_type.empty();
        if (typed && place.ticket_type != note.ticket_type) continue;
        const bool own = step_.hold && place.hold == step_.hold;
        bool use = To(SeatStatus::kFree) || step_.of_order;
        if (own && !To(SeatStatus::kHeld)) use = true;
        if (use) sources.push_back(place);
      }
    }
    return sources;
  }

  // Free places of an area that go by: whether there were enough.
  bool TakeFree(uint32_t area, int64_t left, std::vector<SeatRow>& touched) {
    const AreaState state = before_.Area(area);
    const int64_t free = int64_t{state.free()} - used_[area];
    if (free < left) {
      taken_.insert(Label(area));
      return false;
    }
    int64_t limit = free;
    if (!step_.access.ignore_for_sale) limit = std::min(limit, Sellable(area));
    if (limit < left) {
      closed_.insert(Label(area));
      return false;
    }
    SeatRow place;
    place.index = area;
    for (const auto& [channel, most] : Pools(area, free)) {
      for (int64_t i = 0; i < most && left > 0 && limit > 0; ++i) {
        if (quota_left_.contains(channel) && quota_left_[channel] <= 0) break;
        place.channel = channel;
        touched.push_back(place);
        ++taken_from_[{area, channel}];
        --left, --limit, ++used_[area];
        if (quota_left_.contains(channel)) --quota_left_[channel];
      }
    }
    if (left > 0) closed_.insert(Label(area));
    return left == 0;
  }
  // Places of an area that may still be sold, by the list of what is for sale.
  int64_t Sellable(uint32_t area) {
    const AreaState state = before_.Area(area);
    const int64_t sold = int64_t{state.capacity} - state.free() + used_[area];
    return std::max<int64_t>(0, before_.PlacesForSale(area) - sold);
  }
  // Free places by channel that the caller may have, those first that go first.
  std::vector<std::pair<uint16_t, int64_t>> Pools(uint32_t area, int64_t free) {
    int64_t open = free;
    std::map<std::string, std::pair<uint16_t, int64_t>> reserved;
    for (const Channel& channel : model_.rules_.channels) {
      const auto places = channel.area_places.find(area);
      if (places == channel.area_places.end()) continue;
      int64_t left = int64_t{places->second} - taken_from_[{area, channel.id}];
      for (const SeatRow& place : before_.places_.at(area)) left -= place.channel == channel.id;
      left = std::max<int64_t>(0, left);
      reserved[channel.key] = {channel.id, left};
      open -= left;
    }
    open = std::max<int64_t>(0, open);
    std::vector<std::pair<uint16_t, int64_t>> pools;
    if (step_.access.all_channels) {
      pools.emplace_back(0, open);
      for (const Channel& channel : model_.rules_.channels) {
        if (reserved.contains(channel.key)) pools.push_back(reserved[channel.key]);
      }
      return pools;
    }
    for (const std::string& key : step_.access.channels) {
      if (reserved.contains(key)) pools.push_back(reserved[key]), reserved.erase(key);
    }
    if (step_.access.without_channel) pools.emplace_back(0, open);
    return pools;
  }

  // --- Whole commands.

  // Units come first; places of areas get what they leave.
  void CheckQuotas() {
    if (step_.access.all_channels || To(SeatStatus::kFree) || To(SeatStatus::kResale)) return;
    for (const Channel& channel : model_.rules_.channels) {
      if (!channel.quota) continue;
      std::set<std::string> units;
      for (const Pick& pick : step_.picks) {
        if (!model_.chart_->IsUnit(pick.index)) continue;
        const Channel* of = before_.ChannelOf(pick.index);
        const bool fresh = before_.units_[pick.index].status == SeatStatus::kFree;
        if (fresh && of != nullptr && of->key == channel.key) units.insert(Label(pick.index));
      }
      const int64_t left = before_.QuotaLeft(channel);
      quota_left_[channel.id] = left - static_cast<int64_t>(units.size());
      if (!units.empty() && quota_left_[channel.id] < 0) closed_.merge(units);
    }
  }
  void KeepHold() {
    if (!To(SeatStatus::kHeld)) return;
    const bool known = model_.holds_.contains(step_.hold.value);
    Hold& hold = model_.holds_[step_.hold.value];
    if (!known) {
      hold.id = step_.hold;
      hold.created_at = now_;
    }
    changed_ = changed_ || step_.expires_at > hold.expires_at;
    hold.expires_at = std::max(hold.expires_at, step_.expires_at);
  }

  const InventoryModel before_;
  InventoryModel model_;
  const Step& step_;
  Timestamp now_;
  std::set<std::string> conflict_, taken_, closed_;
  std::map<uint32_t, int64_t> used_;  // free places of an area that went in this step
  std::map<std::pair<uint32_t, uint16_t>, int64_t> taken_from_;
  std::map<uint16_t, int64_t> quota_left_;
  bool unit_refused_ = false;
  bool changed_ = false;
};

Verdict InventoryModel::Apply(const Step& step, Timestamp now) {
  return ModelStep(*this, step, now).Run(*this);
}

}  // namespace ticketing::seat
