// Inventory::Apply: one change of status of a list of objects.
#include <algorithm>

#include "lib/seat/faults.h"
#include "lib/seat/inventory_checks.h"
#include "lib/seat/inventory_state.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// What may follow what. kHolder: for the hold that the command names, or for staff.
enum class Follows : uint8_t { kNo, kYes, kStays, kHolder };
constexpr Follows kFollows[5][5] = {
    // to: free, held, booked, resale, custom
    {Follows::kStays, Follows::kYes, Follows::kYes, Follows::kYes, Follows::kYes},  // from free
    {Follows::kHolder, Follows::kHolder, Follows::kHolder, Follows::kHolder, Follows::kHolder},
    {Follows::kYes, Follows::kNo, Follows::kNo, Follows::kYes, Follows::kYes},      // from booked
    {Follows::kYes, Follows::kYes, Follows::kYes, Follows::kStays, Follows::kYes},  // from resale
    {Follows::kYes, Follows::kNo, Follows::kYes, Follows::kNo, Follows::kYes},      // from custom
};

enum class Refusal : uint8_t { kNone, kUnavailable, kNotForSale, kForeign };

// The objects that stand in the way, by reason.
struct Refused {
  std::vector<std::string> unavailable, not_for_sale, foreign;

  void Add(Refusal refusal, const std::string& label) {
    if (refusal == Refusal::kUnavailable) unavailable.push_back(label);
    if (refusal == Refusal::kNotForSale) not_for_sale.push_back(label);
    if (refusal == Refusal::kForeign) foreign.push_back(label);
  }
  bool any() const { return !unavailable.empty() || !not_for_sale.empty() || !foreign.empty(); }
  Status ToStatus(const Step& step) {
    if (!foreign.empty()) {
      return AboutObjects(ErrorCode::kConflict,
                          step.of_order ? "the order does not have these objects"
                                        : "the hold does not have these objects",
                          std::move(foreign));
    }
    if (!unavailable.empty()) {
      return AboutObjects(ErrorCode::kSeatNotAvailable, "some seats are not available",
                          std::move(unavailable));
    }
    if (!not_for_sale.empty()) {
      return AboutObjects(ErrorCode::kNotForSale, "some seats are not for sale here",
                          std::move(not_for_sale));
    }
    return OkStatus();
  }
};

bool IsBuiltIn(std::string_view name) {
  for (const SeatStatus status :
       {SeatStatus::kFree, SeatStatus::kHeld, SeatStatus::kBooked, SeatStatus::kResale}) {
    if (name == NameOfStatus(status)) return true;
  }
  return false;
}

Status CheckTexts(const Step& step) {
  if (step.to == SeatStatus::kCustom) {
    const std::string why = WhyBadText(step.custom, limits::kStatusNameBytesMax);
    if (!why.empty()) return InvalidField("status", why);
    if (IsBuiltIn(step.custom)) return InvalidField("status", "is a name of its own kind");
  }
  if (step.order_name.size() > limits::kOrderNameBytesMax || !IsValidUtf8(step.order_name)) {
    return InvalidField("order_name", "must be text of at most " +
                                          std::to_string(limits::kOrderNameBytesMax) + " bytes");
  }
  if (!step.notes.empty() && step.notes.size() != step.picks.size()) {
    return InvalidField("notes", "must be one per object, or none");
  }
  for (size_t i = 0; i < step.notes.size(); ++i) {
    const PickNote& note = step.notes[i];
    if (note.ticket_type.size() > limits::kTicketTypeBytesMax || !IsValidUtf8(note.ticket_type)) {
      return InvalidField(
          ItemField("objects", i, "ticket_type"),
          "must be text of at most " + std::to_string(limits::kTicketTypeBytesMax) + " bytes");
    }
    if (note.extra && note.extra->size() > limits::kExtraBytesMax) {
      return InvalidField(ItemField("objects", i, "extra"),
                          "must be at most " + std::to_string(limits::kExtraBytesMax) + " bytes");
    }
  }
  return OkStatus();
}

}  // namespace

// The command at work. `out` collects; nothing changes before Units() and Areas().
class Inventory::Change {
 public:
  Change(State& state, const Step& step, Timestamp now) : s_(state), step_(step), now_(now) {
    if (s_.terms.rules.channels.empty() || step.access.all_channels) return;
    for (const std::string& key : step.access.channels) {
      if (const Channel* channel = s_.terms.FindChannel(key)) open_.push_back(channel->id);
    }
  }

  StatusOr<Changes> Run(const Inventory& inventory);

 private:
  Status CheckHold() const;
  bool MayUse(uint16_t channel) const {
    if (step_.access.all_channels) return true;
    if (channel == 0) return step_.access.without_channel;
    return std::find(open_.begin(), open_.end(), channel) != open_.end();
  }
  bool FitsBefore(std::string_view status) const {
    const auto in = [&](const StatusNames& names) {
      return std::find(names.begin(), names.end(), status) != names.end();
    };
    return (step_.allowed_before.empty() || in(step_.allowed_before)) && !in(step_.rejected_before);
  }
  Refusal CheckUnit(uint32_t unit) const;
  void CheckQuotas(Refused& refused);
  void Unit(uint32_t unit, const PickNote* note);

  void DropIfIdle(HoldId hold);
  void FinishHold(bool known);

  void Areas(Refused& refused);
  // Moves places of an area; may change before it refuses.
  Refusal Area(uint32_t area, int64_t want, const PickNote* note);
  using Sources = std::vector<std::pair<PartKey, uint32_t>>;
  void AddSources(uint32_t area, SeatStatus from, uint64_t owner, const PickNote* note,
                  Sources& sources) const;
  void Move(uint32_t area, const Sources& sources, const PickNote* note, int64_t& want);
  Refusal MoveOfOrder(uint32_t area, int64_t want, const PickNote* note);
  Refusal TakeFree(uint32_t area, int64_t want, const PartKey& target);
  int64_t QuotaLeft(uint16_t id) const;
  PartKey Target(const PickNote* note) const;
  const PickNote* NoteOf(size_t i) const { return step_.notes.empty() ? nullptr : &step_.notes[i]; }

  State& s_;
  const Step& step_;
  const Timestamp now_;
  std::vector<uint16_t> open_;           // ids of the channels that the caller may use
  std::map<uint16_t, int64_t> leaving_;  // units of this step, by channels with a quota
  Changes out_;
};

Status Inventory::Change::CheckHold() const {
  if (step_.to == SeatStatus::kHeld && !step_.hold) return InvalidField("hold", "must not be zero");
  if (!step_.hold) return OkStatus();
  const auto found = s_.holds.find(step_.hold.value);
  const bool known = found != s_.holds.end();
  if (known && found->second.expires_at <= now_ && step_.to != SeatStatus::kFree) {
    return HoldExpired();
  }
  if (step_.to == SeatStatus::kFree) return known ? OkStatus() : NoSuchHold();
  if (step_.to != SeatStatus::kHeld) return OkStatus();
  return CheckExpiry(step_.expires_at, known ? found->second.created_at : now_, now_,
                     step_.hold_max);
}

Refusal Inventory::Change::CheckUnit(uint32_t unit) const {
  const UnitState& u = s_.units[unit];
  const bool held = u.status == SeatStatus::kHeld;
  const bool own = held && u.owner == step_.hold.value;
  if (!step_.allowed_before.empty() || !step_.rejected_before.empty()) {
    const std::string_view name = u.status == SeatStatus::kCustom
                                      ? std::string_view(s_.custom_names[u.custom])
                                      : NameOfStatus(u.status);
    if (!FitsBefore(name)) return Refusal::kUnavailable;
  }
  if (step_.of_order && (held || u.owner != step_.of_order.value)) return Refusal::kForeign;
  if (step_.to == SeatStatus::kFree && step_.hold && !own) return Refusal::kForeign;
  switch (kFollows[static_cast<size_t>(u.status)][static_cast<size_t>(step_.to)]) {
    case Follows::kNo:
      return Refusal::kUnavailable;
    case Follows::kStays:
      return Refusal::kNone;
    case Follows::kHolder:
      return own || (step_.any_hold && step_.to != SeatStatus::kHeld) ? Refusal::kNone
                                                                      : Refusal::kUnavailable;
    case Follows::kYes:
      break;
  }
  const bool taking = u.status == SeatStatus::kFree || u.status == SeatStatus::kResale;
  if (!taking || step_.to == SeatStatus::kFree) return Refusal::kNone;
  if (u.flags & kBlocked) return Refusal::kUnavailable;
  if (u.flags & kOtherForm) return Refusal::kNotForSale;
  if ((u.flags & kNotForSale) && !step_.access.ignore_for_sale) return Refusal::kNotForSale;
  if (u.status == SeatStatus::kFree && !MayUse(s_.ChannelOf(unit))) return Refusal::kNotForSale;
  return Refusal::kNone;
}

// More than a channel's quota is refused with all that was asked of the channel.
void Inventory::Change::CheckQuotas(Refused& refused) {
  if (s_.terms.rules.channels.empty() || step_.to == SeatStatus::kFree ||
      step_.to == SeatStatus::kResale || step_.access.all_channels) {
    return;
  }
  for (const Channel& channel : s_.terms.rules.channels) {
    if (!channel.quota) continue;
    std::vector<std::string> labels;
    for (const Pick& pick : step_.picks) {
      if (!s_.chart->IsUnit(pick.index) || s_.ChannelOf(pick.index) != channel.id) continue;
      if (s_.units[pick.index].status != SeatStatus::kFree) continue;
      labels.push_back(s_.chart->object(pick.index).label);
    }
    const auto count = static_cast<int64_t>(labels.size());
    leaving_[channel.id] = count;  // before the places of areas, which get what is left
    if (labels.empty() || count <= s_.QuotaLeft(channel)) continue;
    for (const std::string& label : labels) refused.Add(Refusal::kNotForSale, label);
  }
}

void Inventory::Change::Unit(uint32_t unit, const PickNote* note) {
  const UnitState& u = s_.units[unit];
  const bool held = u.status == SeatStatus::kHeld;
  if (held && step_.to == SeatStatus::kHeld) return;
  if (kFollows[static_cast<size_t>(u.status)][static_cast<size_t>(step_.to)] == Follows::kStays) {
    return;
  }
  if (note != nullptr && note->extra) {
    s_.SetExtra(unit, *note->extra, out_.extras);
  } else if (!step_.keep_extra) {
    s_.SetExtra(unit, {}, out_.extras);
  }
  UnitText text{step_.order_name, note == nullptr ? std::string() : note->ticket_type};
  // Who books what he holds may have said at the hold which kind of ticket it is.
  if (held && text.ticket_type.empty()) {
    if (const auto found = s_.texts.find(unit); found != s_.texts.end()) {
      text.ticket_type = found->second.ticket_type;
    }
  }
  if (held) {
    const HoldId owner = {u.owner};
    s_.UnlinkUnit(unit);
    DropIfIdle(owner);
  }
  if (step_.to == SeatStatus::kFree) {
    s_.FreeUnit(unit, out_.seats);
    if (text.order_name.empty()) return;
    // A release may leave the name of the order that asked for it.
    s_.SetText(unit, {std::move(text.order_name), {}});
    out_.seats.back().row = s_.UnitRow(unit);
    return;
  }
  s_.SetText(unit, std::move(text));
  if (step_.to == SeatStatus::kHeld) {
    s_.HoldUnit(step_.hold, s_.holds.at(step_.hold.value), unit, out_.seats);
    return;
  }
  UnitState next = s_.Next(unit, step_.to, step_.order.value);
  next.custom = s_.CustomNumber(step_.to == SeatStatus::kCustom ? step_.custom : std::string());
  s_.SetUnit(unit, next, out_.seats);
}

// --- Areas ---

PartKey Inventory::Change::Target(const PickNote* note) const {
  PartKey key;
  key.status = step_.to;
  key.owner = step_.to == SeatStatus::kHeld ? step_.hold.value : step_.order.value;
  if (step_.to == SeatStatus::kCustom) key.custom = step_.custom;
  key.order_name = step_.order_name;
  if (note != nullptr) key.ticket_type = note->ticket_type;
  return key;
}

// What may leave a channel when the units of this step have left it.
int64_t Inventory::Change::QuotaLeft(uint16_t id) const {
  const auto units = leaving_.find(id);
  if (units == leaving_.end()) return INT64_MAX;
  for (const Channel& channel : s_.terms.rules.channels) {
    if (channel.id == id) return s_.QuotaLeft(channel) - units->second;
  }
  return INT64_MAX;
}

Refusal Inventory::Change::TakeFree(uint32_t index, int64_t want, const PartKey& target) {
  AreaRecord& area = s_.AreaAt(index);
  if (want > area.totals.free()) return Refusal::kUnavailable;
  const Object& object = s_.chart->object(index);
  // One party has all of it.
  if (object.whole && area.totals.free() != area.totals.capacity) return Refusal::kUnavailable;
  const int64_t taken = int64_t{area.totals.capacity} - area.totals.free();
  const int64_t for_sale = s_.terms.PlacesForSale(*s_.chart, index);
  if (!step_.access.ignore_for_sale && taken + want > for_sale) return Refusal::kNotForSale;
  std::vector<uint16_t> channels = open_;
  if (step_.access.all_channels || step_.access.without_channel) channels.push_back(0);
  if (step_.access.all_channels) {
    for (const Channel& channel : s_.terms.rules.channels) channels.push_back(channel.id);
  }
  for (const uint16_t channel : channels) {
    const int64_t places = std::min({want, s_.FreePlaces(index, channel), QuotaLeft(channel)});
    if (places <= 0) continue;
    PartKey key = target;
    key.channel = channel;
    s_.AddPlaces(index, key, places, out_.seats);
    want -= places;
  }
  return want == 0 ? Refusal::kNone : Refusal::kNotForSale;
}

// Adds the rows of an area that somebody has (0: anybody) in a status to `sources`.
void Inventory::Change::AddSources(uint32_t index, SeatStatus from, uint64_t owner,
                                   const PickNote* note, Sources& sources) const {
  const auto& parts = s_.AreaAt(index).parts;
  for (auto part = parts.lower_bound({from, owner, 0, {}, {}, {}}); part != parts.end(); ++part) {
    const PartKey& key = part->first;
    if (key.status != from || (owner != 0 && key.owner != owner)) break;
    const bool wanted = note == nullptr || note->ticket_type.empty() ||
                        step_.to != SeatStatus::kFree || key.ticket_type == note->ticket_type;
    if (wanted) sources.emplace_back(key, part->second);
  }
}

// Moves places to where the step leads, as far as `want` goes. All sources are known before the
// first move: what has moved is no source.
void Inventory::Change::Move(uint32_t index, const Sources& sources, const PickNote* note,
                             int64_t& want) {
  for (const auto& [key, quantity] : sources) {
    const int64_t places = std::min<int64_t>(want, quantity);
    if (places == 0) break;
    s_.AddPlaces(index, key, -places, out_.seats);
    if (step_.to != SeatStatus::kFree) {
      PartKey target = Target(note);
      target.channel = key.channel;
      if (target.ticket_type.empty()) target.ticket_type = key.ticket_type;
      s_.AddPlaces(index, target, places, out_.seats);
    }
    want -= places;
    if (key.status == SeatStatus::kHeld) DropIfIdle({key.owner});
  }
}

Refusal Inventory::Change::MoveOfOrder(uint32_t index, int64_t want, const PickNote* note) {
  if (step_.to == SeatStatus::kFree && step_.hold) return Refusal::kForeign;  // no row has both
  Sources sources;
  int64_t stuck = 0;  // places of the order that cannot go where the step leads
  for (const SeatStatus from : {SeatStatus::kBooked, SeatStatus::kCustom}) {
    if (kFollows[static_cast<size_t>(from)][static_cast<size_t>(step_.to)] == Follows::kNo) {
      stuck += s_.PlacesOf(index, from, step_.of_order.value);
    } else {
      AddSources(index, from, step_.of_order.value, note, sources);
    }
  }
  Move(index, sources, note, want);
  if (want == 0) return Refusal::kNone;
  return stuck >= want ? Refusal::kUnavailable : Refusal::kForeign;
}

Refusal Inventory::Change::Area(uint32_t index, int64_t want, const PickNote* note) {
  const AreaState& totals = s_.AreaAt(index).totals;
  if (!FitsBefore(totals.free() > 0 ? "free" : "booked")) return Refusal::kUnavailable;
  if (note != nullptr && note->extra) s_.SetExtra(index, *note->extra, out_.extras);
  if (s_.chart->object(index).whole) {
    // One party has all of it, however many come.
    want = totals.capacity;
    if (step_.to == SeatStatus::kFree) want = std::max<int64_t>(totals.held + totals.booked, 1);
  }
  if (step_.of_order) return MoveOfOrder(index, want, note);
  Sources sources;
  if (step_.to == SeatStatus::kFree && !step_.hold) {
    AddSources(index, SeatStatus::kBooked, 0, note, sources);
    AddSources(index, SeatStatus::kCustom, 0, note, sources);
    if (step_.any_hold) AddSources(index, SeatStatus::kHeld, 0, note, sources);
  } else if (step_.hold && step_.to != SeatStatus::kHeld) {
    AddSources(index, SeatStatus::kHeld, step_.hold.value, note, sources);
  }
  Move(index, sources, note, want);
  if (want == 0) return Refusal::kNone;
  if (step_.to != SeatStatus::kFree) return TakeFree(index, want, Target(note));
  return step_.hold ? Refusal::kForeign : Refusal::kUnavailable;
}

// --- The whole ---

void Inventory::Change::DropIfIdle(HoldId hold) {
  const auto found = s_.holds.find(hold.value);
  if (found == s_.holds.end() || !s_.IsIdle(found->second)) return;
  out_.holds.push_back({hold, found->second.created_at, found->second.expires_at, true});
  s_.DropHold(hold);
}

// Areas are tried out, with a way back: what an earlier pick of the same area took counts for a
// later one.
void Inventory::Change::Areas(Refused& refused) {
  const bool was_marked = s_.marked;
  const size_t mark = s_.journal.size();
  s_.marked = true;
  const bool known = s_.holds.contains(step_.hold.value);
  if (step_.to == SeatStatus::kHeld && !known) s_.OpenHold(step_.hold, now_, step_.expires_at);
  for (size_t i = 0; i < step_.picks.size(); ++i) {
    const Pick& pick = step_.picks[i];
    if (s_.chart->IsUnit(pick.index)) continue;
    refused.Add(Area(pick.index, pick.quantity, NoteOf(i)), s_.chart->object(pick.index).label);
  }
  if (refused.any()) s_.Undo(mark);
  s_.marked = was_marked;
  if (!was_marked) s_.journal.clear();
}

void Inventory::Change::FinishHold(bool known) {
  if (step_.to != SeatStatus::kHeld) return;
  HoldRecord& record = s_.holds.at(step_.hold.value);
  const bool later = known && step_.expires_at > record.expires_at;
  if (later) s_.MoveHold(step_.hold, step_.expires_at);
  if (out_.seats.empty() && !later) return;
  out_.holds.push_back({step_.hold, record.created_at, record.expires_at, false});
}

StatusOr<Changes> Inventory::Change::Run(const Inventory& inventory) {
  TICKETING_RETURN_IF_ERROR(CheckPicks(*s_.chart, step_.picks));
  TICKETING_RETURN_IF_ERROR(CheckTexts(step_));
  TICKETING_RETURN_IF_ERROR(CheckHold());
  Refused refused;
  bool areas = false;
  for (const Pick& pick : step_.picks) {
    if (s_.chart->IsUnit(pick.index)) {
      refused.Add(CheckUnit(pick.index), s_.chart->object(pick.index).label);
    } else {
      areas = true;
    }
  }
  CheckQuotas(refused);
  if (step_.to == SeatStatus::kCustom && !s_.TakesName(step_.custom)) {
    return InvalidField("status", "the event has too many names of statuses");
  }
  if (areas && step_.to == SeatStatus::kResale) {
    return InvalidField("status", "places of an area cannot be for resale");
  }
  if (step_.refuse_orphans && step_.to != SeatStatus::kFree && !refused.any()) {
    TICKETING_RETURN_IF_ERROR(inventory.CheckOrphans(step_.picks));
  }
  const bool known = s_.holds.contains(step_.hold.value);
  if (areas) Areas(refused);
  if (refused.any()) return refused.ToStatus(step_);
  // Nothing can fail from here on.
  out_.seats.reserve(step_.picks.size());
  if (step_.to == SeatStatus::kHeld) s_.OpenHold(step_.hold, now_, step_.expires_at);
  for (size_t i = 0; i < step_.picks.size(); ++i) {
    if (s_.chart->IsUnit(step_.picks[i].index)) Unit(step_.picks[i].index, NoteOf(i));
  }
  FinishHold(known);
  return s_.Finish(std::move(out_));
}

StatusOr<Changes> Inventory::Apply(const Step& step, Timestamp now) {
  return Change(*state_, step, now).Run(*this);
}

}  // namespace ticketing::seat
