#include "lib/service/ticketing/gate_policy.h"

#include <algorithm>
#include <set>
#include <utility>

#include "lib/service/ticketing/gate_types.h"
#include "lib/service/ticketing/tickets.h"
#include "lib/wire/convert.h"
#include "ticketing/gate/event_rules.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

using Faults = std::vector<FieldError>;

constexpr std::pair<std::string_view, ReentryPolicy> kReentries[] = {
    {"", ReentryPolicy::kNever},
    {"never", ReentryPolicy::kNever},
    {"after_exit", ReentryPolicy::kAfterExit},
    {"always", ReentryPolicy::kAlways}};

ReentryPolicy ReentryOf(std::string_view name) {
  for (const auto& [known, policy] : kReentries) {
    if (known == name) return policy;
  }
  return ReentryPolicy::kNever;
}

std::string Place(std::string_view list, int index, std::string_view field = "") {
  return std::string(list) + "[" + std::to_string(index) + "]" + std::string(field);
}

template <typename List>
bool HasId(const List& list, std::string_view id) {
  return std::ranges::any_of(list, [&](const auto& one) { return one.id() == id; });
}

void CheckType(const v1::GateTicketType& type, const std::string& place, const EventInfo& event,
               std::set<std::string>& categories, Faults& faults) {
  for (int k = 0; k < type.categories_size(); ++k) {
    const std::string& category = type.categories(k);
    const std::string where = place + Place(".categories", k);
    if (type.id() == kGeneralType) {
      faults.push_back({where, "general takes what no other type does"});
    } else if (!event.chart->FindCategory(category)) {
      faults.push_back({where, "is not a category of the event"});
    } else if (!categories.insert(category).second) {
      faults.push_back({where, "is of another type already"});
    }
  }
  const bool again = ReentryOf(type.reentry()) != ReentryPolicy::kNever;
  if (type.has_entries_allowed() && type.entries_allowed() != 1 && !again)
    faults.push_back({place + ".entries_allowed", "needs a reentry of after_exit or always"});
  if (type.has_valid_from() && type.has_valid_until() &&
      wire::TimeOf(type.valid_from()) >= wire::TimeOf(type.valid_until()))
    faults.push_back({place + ".valid_until", "is not after valid_from"});
  for (const auto* time : {&type.valid_from(), &type.valid_until()}) {
    if (wire::TimeOf(*time).micros < 0) faults.push_back({place + ".valid_from", "is before 1970"});
  }
  if (type.companion_minutes() > 0 && type.companions_per_holder() == 0)
    faults.push_back({place + ".companion_minutes", "is for companions"});
  if (type.add_on() && type.companions_per_holder() > 0)
    faults.push_back({place + ".add_on", "cannot be a companion"});
}

Status Check(const v1::GatePolicy& policy, const EventInfo& event) {
  Faults faults;
  std::set<std::string> types = {std::string(kGeneralType)}, named, gates, areas, categories;
  for (int i = 0; i < policy.ticket_types_size(); ++i) {
    const std::string place = Place("ticket_types", i);
    if (!named.insert(policy.ticket_types(i).id()).second)
      faults.push_back({place + ".id", "is there already"});
    types.insert(policy.ticket_types(i).id());
    CheckType(policy.ticket_types(i), place, event, categories, faults);
  }
  for (int i = 0; i < policy.gates_size(); ++i) {
    const v1::GatePlace& gate = policy.gates(i);
    if (!HasId(event.event.gates(), gate.id())) {
      faults.push_back({Place("gates", i, ".id"), "is not a gate of the event"});
    } else if (!gates.insert(gate.id()).second) {
      faults.push_back({Place("gates", i, ".id"), "is there already"});
    }
    std::set<std::string> once;
    for (int k = 0; k < gate.ticket_types_size(); ++k) {
      const std::string where = Place("gates", i, Place(".ticket_types", k));
      if (!types.contains(gate.ticket_types(k))) {
        faults.push_back({where, "is not a ticket type of this policy"});
      } else if (!once.insert(gate.ticket_types(k)).second) {
        faults.push_back({where, "is there already"});
      }
    }
  }
  for (int i = 0; i < policy.areas_size(); ++i) {
    const std::string& zone = policy.areas(i).zone();
    if (!HasId(event.event.zones(), zone)) {
      faults.push_back({Place("areas", i, ".zone"), "is not a zone of the event"});
    } else if (!areas.insert(zone).second) {
      faults.push_back({Place("areas", i, ".zone"), "is there already"});
    }
  }
  if (faults.empty()) return OkStatus();
  std::string text = "The policy is not valid: " + faults[0].field + " " + faults[0].detail + ".";
  return MakeError(ErrorCode::kInvalidField, text, {.fields = std::move(faults)});
}

// Names the place in the rule.
Status CheckRules(const EventHeader& header) {
  if (header.rules.empty()) return OkStatus();
  Status wrong = RulesOfEvent(header).status();
  if (wrong.ok()) return wrong;
  ErrorDetails details = DetailsOf(wrong);
  for (FieldError& field : details.fields) {
    field.field = field.field.empty() ? "rules" : "rules." + field.field;
  }
  return MakeError(CodeOf(wrong), "The rules are not valid. " + std::string(MessageOf(wrong)),
                   details);
}

// What is stored when `wanted` replaces `before`: a type that stays keeps its number.
v1::StoredGatePolicy Numbered(const v1::GatePolicy& wanted, const v1::StoredGatePolicy& before,
                              EventId event) {
  v1::StoredGatePolicy next;
  *next.mutable_policy() = wanted;
  next.mutable_policy()->set_event_id(event.ToString());
  next.mutable_policy()->set_version(before.policy().version() + 1);
  auto* devices = next.mutable_policy()->mutable_supervisor_devices();
  std::sort(devices->begin(), devices->end());
  devices->erase(std::unique(devices->begin(), devices->end()), devices->end());
  uint32_t last = std::max(before.last_number(), uint32_t{kOrdinaryTicketType});
  for (const v1::GateTicketType& type : wanted.ticket_types()) {
    uint32_t number = 0;
    if (type.id() == kGeneralType) number = kOrdinaryTicketType;
    for (const v1::StoredTicketType& known : before.types()) {
      if (known.type().id() == type.id()) number = known.number();
    }
    v1::StoredTicketType* out = next.add_types();
    out->set_number(number != 0 ? number : ++last);
    *out->mutable_type() = type;
  }
  next.set_last_number(last);
  return next;
}

bool SameButVersion(v1::GatePolicy a, v1::GatePolicy b) {
  a.clear_version();
  b.clear_version();
  return wire::ToBytes(a) == wire::ToBytes(b);
}

// Tickets that copies show differently from now on are of the copy's new version.
Status TouchTickets(SqlTransaction& tx, EventId event, const v1::StoredGatePolicy& before,
                    const v1::StoredGatePolicy& after, uint64_t copy_version) {
  if (HasCompanions(before) != HasCompanions(after)) {
    return tx
        .Execute("UPDATE tickets SET copy_version = ? WHERE event_id = ?",
                 {static_cast<int64_t>(copy_version), event.ToSql()})
        .status();
  }
  std::vector<std::pair<std::string, std::string>> kinds;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT DISTINCT category, sold_as FROM tickets WHERE event_id = ?", {event.ToSql()},
               [&](const SqlRow& row) {
                 kinds.emplace_back(row.Text(0), row.Text(1));
                 return OkStatus();
               }));
  for (const auto& [category, sold_as] : kinds) {
    if (TypeNumberOf(before, sold_as, category) == TypeNumberOf(after, sold_as, category)) continue;
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE tickets SET copy_version = ? WHERE event_id = ? AND category = ?"
                   " AND sold_as = ?",
                   {static_cast<int64_t>(copy_version), event.ToSql(), category, sold_as})
            .status());
  }
  return OkStatus();
}

CopyTicketType CopyTypeOf(const v1::StoredTicketType& stored) {
  const v1::GateTicketType& type = stored.type();
  CopyTicketType out;
  out.number = static_cast<uint16_t>(stored.number());
  out.id = type.id();
  out.name = type.name();
  out.static_codes = !type.phone_only();
  out.signature_enough = !type.copy_only();
  const ReentryPolicy reentry = ReentryOf(type.reentry());
  out.reentry = static_cast<uint8_t>(reentry);
  out.entries_allowed = reentry == ReentryPolicy::kNever ? 1 : 0;
  if (type.has_entries_allowed())
    out.entries_allowed = static_cast<uint16_t>(type.entries_allowed());
  if (type.has_valid_from()) out.valid_from = wire::TimeOf(type.valid_from());
  if (type.has_valid_until()) out.valid_until = wire::TimeOf(type.valid_until());
  out.add_on = type.add_on();
  out.companions_per_holder = static_cast<uint16_t>(type.companions_per_holder());
  out.companion_minutes = static_cast<uint16_t>(type.companion_minutes());
  return out;
}

void TakePolicy(const v1::StoredGatePolicy& stored, EventHeader& header) {
  bool general = false;
  for (const v1::StoredTicketType& type : stored.types()) {
    header.ticket_types.push_back(CopyTypeOf(type));
    general = general || type.number() == kOrdinaryTicketType;
  }
  if (!general) {
    header.ticket_types.push_back(
        {.number = kOrdinaryTicketType, .id = std::string(kGeneralType), .name = "General"});
  }
  const v1::GatePolicy& policy = stored.policy();
  for (const v1::GatePlace& place : policy.gates()) {
    const auto gate = std::ranges::find(header.gates, place.id(), &CopyGate::id);
    if (gate == header.gates.end()) continue;
    for (const std::string& id : place.ticket_types()) {
      const auto type = std::ranges::find(header.ticket_types, id, &CopyTicketType::id);
      if (type != header.ticket_types.end()) gate->ticket_types.push_back(type->number);
    }
  }
  for (const v1::AreaLimit& area : policy.areas()) {
    const auto zone = std::ranges::find(header.zones, area.zone(), &CopyZone::id);
    if (zone != header.zones.end()) zone->persons_max = static_cast<uint32_t>(area.persons_max());
  }
  header.rules = policy.rules();
  for (const std::string& id : policy.supervisor_devices()) {
    if (const auto device = DeviceId::Parse(id)) header.supervisors.push_back(*device);
  }
  std::ranges::sort(header.supervisors);
}

}  // namespace

void GateTypes::Set(v1::StoredGatePolicy stored) {
  const std::lock_guard lock(mutex_);
  stored_ = std::move(stored);
}

uint16_t GateTypes::NumberOf(std::string_view sold_as, std::string_view category) const {
  const std::lock_guard lock(mutex_);
  return TypeNumberOf(stored_, sold_as, category);
}

StatusOr<v1::StoredGatePolicy> ReadGatePolicy(SqlTransaction& tx, EventId event) {
  v1::StoredGatePolicy stored;
  stored.mutable_policy()->set_event_id(event.ToString());
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT body FROM gate_policies WHERE event_id = ?", {event.ToSql()},
               [&](const SqlRow& row) { return wire::FromBytes(row.Bytes(0), &stored); }));
  return stored;
}

uint16_t TypeNumberOf(const v1::StoredGatePolicy& stored, std::string_view sold_as,
                      std::string_view category) {
  for (const v1::StoredTicketType& type : stored.types()) {
    if (!sold_as.empty() && type.type().id() == sold_as)
      return static_cast<uint16_t>(type.number());
  }
  for (const v1::StoredTicketType& type : stored.types()) {
    if (std::ranges::find(type.type().categories(), category) != type.type().categories().end())
      return static_cast<uint16_t>(type.number());
  }
  return kOrdinaryTicketType;
}

bool HasCompanions(const v1::StoredGatePolicy& stored) {
  return std::ranges::any_of(stored.types(), [](const v1::StoredTicketType& type) {
    return type.type().companions_per_holder() > 0;
  });
}

EventHeader GateHeaderOf(const EventInfo& info, const v1::StoredGatePolicy& stored) {
  const v1::Event& event = info.event;
  EventHeader header;
  header.number = info.number;
  header.id = info.id;
  header.name = event.name();
  header.venue_name = event.venue().name();
  header.starts_at = wire::TimeOf(event.starts_at());
  header.doors_open_at = wire::TimeOf(event.doors_open_at());
  header.ends_at = wire::TimeOf(event.ends_at());
  header.utc_offset_minutes = event.venue().utc_offset_minutes();
  for (int i = 0; i < event.gates_size(); ++i) {
    CopyGate gate{static_cast<uint16_t>(i + 1), event.gates(i).id(), event.gates(i).name(), {}};
    for (const std::string& zone : event.gates(i).zones())
      gate.zones.push_back(info.zone_numbers.at(zone));
    header.gates.push_back(std::move(gate));
  }
  for (int i = 0; i < event.zones_size(); ++i) {
    header.zones.push_back(
        {static_cast<uint16_t>(i + 1), event.zones(i).id(), event.zones(i).name()});
  }
  TakePolicy(stored, header);
  return header;
}

std::vector<Route> GatePolicies::Routes() {
  const std::string path = "/v1/events/{event_id}/gate-policy";
  return {{"GET",
           path,
           "getGatePolicy",
           "Gives how an event is entered",
           {.roles = {Role::kAdmin, Role::kBoxOffice, Role::kGate}},
           "",
           "ticketing.v1.GatePolicy",
           [this](Call& call) { return Show(call); }},
          {"PUT",
           path,
           "replaceGatePolicy",
           "Replaces how an event is entered; gates follow with their next copy",
           {.roles = {Role::kAdmin}},
           "ticketing.v1.GatePolicy",
           "ticketing.v1.GatePolicy",
           [this](Call& call) { return Replace(call); }}};
}

StatusOr<HttpResponse> GatePolicies::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_RETURN_IF_ERROR(catalog_.Event(id).status());
  v1::StoredGatePolicy stored;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(stored, ReadGatePolicy(tx, id));
    return OkStatus();
  }));
  return call.Reply(200, stored.policy());
}

StatusOr<HttpResponse> GatePolicies::Replace(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::GatePolicy wanted;
  TICKETING_RETURN_IF_ERROR(call.Read(&wanted));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  TICKETING_RETURN_IF_ERROR(Check(wanted, *at.event));
  TICKETING_RETURN_IF_ERROR(CheckRules(GateHeaderOf(*at.event, Numbered(wanted, {}, id))));
  v1::StoredGatePolicy stored;
  const Status done = at->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    const uint64_t copy_version = ++state.counters[at.slot()].copy_version;
    LaneEffect effect;
    effect.rows = [&, copy_version](SqlTransaction& tx) -> Status {
      TICKETING_ASSIGN_OR_RETURN(const v1::StoredGatePolicy before, ReadGatePolicy(tx, id));
      stored = Numbered(wanted, before, id);
      if (stored.last_number() > UINT16_MAX)
        return MakeError(ErrorCode::kConflict, "The event has had too many ticket types.");
      if (SameButVersion(stored.policy(), before.policy())) {
        stored = before;  // the same request again
        return OkStatus();
      }
      if (wanted.version() != 0 && wanted.version() != before.policy().version()) {
        return MakeError(ErrorCode::kPreconditionFailed,
                         "The policy was changed meanwhile. Read it and change it again.");
      }
      TICKETING_RETURN_IF_ERROR(TouchTickets(tx, id, before, stored, copy_version));
      return tx
          .Execute(
              "INSERT INTO gate_policies (event_id, version, body) VALUES (?, ?, ?)"
              " ON CONFLICT (event_id) DO UPDATE SET version = excluded.version,"
              " body = excluded.body",
              {id.ToSql(), stored.policy().version(), Blob{wire::ToBytes(stored)}})
          .status();
    };
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  at.event->gate_types->Set(stored);
  return call.Reply(200, stored.policy());
}

}  // namespace ticketing
