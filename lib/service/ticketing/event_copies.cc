#include "lib/service/ticketing/event_copies.h"

#include <charconv>
#include <map>
#include <utility>

#include "lib/service/ticketing/gate_policy.h"
#include "lib/wire/convert.h"
#include "ticketing/gate/engine.h"

namespace ticketing {
namespace {

constexpr Duration kDevicesFresh = Duration::Seconds(5);
constexpr Duration kGatesAfterEnd = Duration::Days(1);
constexpr char kSelectVersion[] =
    "SELECT c.copy_version FROM events e JOIN lane_counters c ON c.lane_id = e.lane_id"
    " AND c.slot = e.slot WHERE e.id = ?";

StatusOr<uint64_t> NumberOf(std::string_view text, std::string_view field) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > INT64_MAX)
    return InvalidField(field, "is not a number");
  return number;
}

// Tickets as the policy sees them. With companions in it they say with whom they were bought: by
// the first ticket of the order, which never changes.
Status ReadTickets(SqlTransaction& tx, EventId event, uint64_t since,
                   const v1::StoredGatePolicy& policy, EventCopy& copy) {
  copy.tickets.clear();
  const std::string group =
      HasCompanions(policy)
          ? "(SELECT CASE WHEN COUNT(*) > 1 THEN MIN(o.ordinal) + 1 ELSE 0 END FROM tickets o"
            " WHERE o.order_id = t.order_id AND o.event_id = t.event_id)"
          : "0";
  std::map<std::pair<std::string, std::string>, uint16_t> types;
  return tx.Query(
      "SELECT t.id, t.ordinal, t.zone, t.sold_as, t.status, t.issue, t.label, t.category, " +
          group + " FROM tickets t WHERE t.event_id = ? AND t.copy_version > ?",
      {event.ToSql(), static_cast<int64_t>(since)}, [&](const SqlRow& row) {
        const auto [type, fresh] = types.try_emplace({row.Text(3), row.Text(7)});
        if (fresh) type->second = TypeNumberOf(policy, type->first.first, type->first.second);
        copy.tickets.push_back({.id = TicketId::FromSql(row.Int(0)),
                                .ordinal = static_cast<uint32_t>(row.Int(1)),
                                .zone = static_cast<uint16_t>(row.Int(2)),
                                .ticket_type = type->second,
                                .status = static_cast<uint8_t>(row.Int(4)),
                                .issue = static_cast<uint16_t>(row.Int(5)),
                                .seat_label = row.Text(6),
                                .group = static_cast<uint32_t>(row.Int(8))});
        return OkStatus();
      });
}

}  // namespace

std::vector<Route> EventCopies::Routes() {
  const Access gates{.roles = {Role::kDevice, Role::kGate, Role::kAdmin}};
  const QueryParameter since{"since", "The version that the caller has: only what changed since."};
  Route copy{"GET",
             "/v1/events/{event_id}/copy",
             "getEventCopy",
             "Gives what a gate needs to decide without a network",
             gates,
             "",
             "",
             [this](Call& call) { return Show(call); }};
  copy.response_type = std::string(kProtobufMediaType);
  copy.query = {since};
  Route by_number = copy;
  by_number.path = std::string(kCopiesPath) + "/{number}";
  by_number.operation = "getGateEventCopy";
  by_number.handler = [this](Call& call) { return ShowByNumber(call); };
  return {std::move(copy), std::move(by_number)};
}

StatusOr<std::optional<EventCopy>> EventCopies::Make(EventId event, uint64_t since) {
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const EventInfo> info, catalog_.Event(event));
  EventCopy copy;
  v1::StoredGatePolicy policy;
  const Status read = context_.database.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(tx.Query(kSelectVersion, {event.ToSql()}, [&](const SqlRow& row) {
      copy.version = static_cast<uint64_t>(row.Int(0));
      return OkStatus();
    }));
    // Somebody with a version from the future has it from a database that was lost.
    copy.base_version = since > copy.version ? 0 : since;
    TICKETING_ASSIGN_OR_RETURN(policy, ReadGatePolicy(tx, event));
    return ReadTickets(tx, event, copy.base_version, policy, copy);
  });
  TICKETING_RETURN_IF_ERROR(read);
  if (copy.base_version == copy.version) return std::optional<EventCopy>();
  copy.header = GateHeaderOf(*info, policy);
  copy.header.keys = keys_.ring();
  copy.header.devices = devices_.All();
  // Another process may have changed it.
  info->gate_types->Set(std::move(policy));
  NormalizeEventCopy(copy);
  TICKETING_RETURN_IF_ERROR(ValidateEventCopy(copy));
  return std::optional<EventCopy>(std::move(copy));
}

StatusOr<uint64_t> EventCopies::VersionOf(EventId event) {
  uint64_t version = 0;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query(kSelectVersion, {event.ToSql()}, [&](const SqlRow& row) {
      version = static_cast<uint64_t>(row.Int(0));
      return OkStatus();
    });
  }));
  if (version == 0) return MakeError(ErrorCode::kNotFound, "There is no such event.");
  return version;
}

StatusOr<std::shared_ptr<const EventCopies::Encoded>> EventCopies::Snapshot(EventId event) {
  TICKETING_ASSIGN_OR_RETURN(const uint64_t version, VersionOf(event));
  {
    const std::lock_guard lock(mutex_);
    const auto it = snapshots_.find(event);
    if (it != snapshots_.end() && it->second->version == version) return it->second;
  }
  TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> copy, Make(event, 0));
  auto encoded = std::make_shared<Encoded>();
  encoded->version = copy->version;
  encoded->bytes = EncodeEventCopy(*copy);
  const std::lock_guard lock(mutex_);
  snapshots_[event] = encoded;
  return std::shared_ptr<const Encoded>(std::move(encoded));
}

StatusOr<HttpResponse> EventCopies::Reply(Call& call, EventId event) {
  // Gates learn of new devices through the copy; while identity is away, what is known must do.
  (void)devices_.Refresh(kDevicesFresh);
  uint64_t since = 0;
  if (const std::optional<std::string> text = call.Query("since")) {
    TICKETING_ASSIGN_OR_RETURN(since, NumberOf(*text, "since"));
  }
  HttpResponse response;
  uint64_t version = 0;
  if (since == 0) {
    TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const Encoded> snapshot, Snapshot(event));
    version = snapshot->version;
    response.body = snapshot->bytes;
  } else {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> copy, Make(event, since));
    version = copy ? copy->version : since;
    if (copy) response.body = EncodeEventCopy(*copy);
  }
  const std::string etag = "\"" + std::to_string(version) + "\"";
  response.headers.Set("ETag", etag);
  response.headers.Set("Cache-Control", "private, no-cache");
  if (response.body.empty() || call.request.headers.Get("If-None-Match").value_or("") == etag) {
    response.status = 304;
    response.body.clear();
    return response;
  }
  response.headers.Set("Content-Type", kProtobufMediaType);
  return response;
}

StatusOr<HttpResponse> EventCopies::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId event, call.PathId<EventId>("event_id"));
  return Reply(call, event);
}

StatusOr<HttpResponse> EventCopies::ShowByNumber(Call& call) {
  const StatusOr<uint64_t> number = NumberOf(call.Path("number"), "number");
  if (!number.ok() || *number > UINT32_MAX)
    return MakeError(ErrorCode::kNotFound, "There is no such event.");
  TICKETING_ASSIGN_OR_RETURN(const EventId event, EventOfNumber(static_cast<uint32_t>(*number)));
  return Reply(call, event);
}

StatusOr<EventId> EventCopies::EventOfNumber(uint32_t number) {
  EventId event;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT id FROM events WHERE number = ?", {int64_t{number}},
                    [&](const SqlRow& row) {
                      event = EventId::FromSql(row.Int(0));
                      return OkStatus();
                    });
  }));
  if (!event) return MakeError(ErrorCode::kNotFound, "There is no such event.");
  return event;
}

StatusOr<std::vector<EventVersion>> EventCopies::Current() {
  const Timestamp now = context_.env.clock.Now();
  std::vector<EventVersion> found;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    found.clear();
    // An event lasts a week at most, which bounds what is looked at.
    return tx.Query(
        "SELECT e.number, e.id, c.copy_version FROM events e"
        " JOIN lane_counters c ON c.lane_id = e.lane_id AND c.slot = e.slot"
        " WHERE e.starts_at > ? AND e.kind IN (?, ?) ORDER BY e.starts_at, e.id LIMIT 100",
        {(now - Duration::Days(7)).micros, static_cast<int64_t>(seat::EventKind::kEvent),
         static_cast<int64_t>(seat::EventKind::kMatch)},
        [&](const SqlRow& row) {
          found.push_back({static_cast<uint32_t>(row.Int(0)), EventId::FromSql(row.Int(1)),
                           static_cast<uint64_t>(row.Int(2)), ""});
          return OkStatus();
        });
  }));
  std::vector<EventVersion> current;
  for (EventVersion& version : found) {
    TICKETING_ASSIGN_OR_RETURN(const auto info, catalog_.Event(version.id));
    if (wire::TimeOf(info->event.ends_at()) + kGatesAfterEnd < now) continue;
    version.name = info->event.name();
    current.push_back(std::move(version));
    if (current.size() == kGateEventsMax) break;
  }
  return current;
}

Status EventCopies::BumpAll() {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventVersion> current, Current());
  for (const EventVersion& event : current) {
    TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(event.id));
    TICKETING_RETURN_IF_ERROR(at->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
      state.counters[at.slot()].copy_version += 1;
      return LaneEffect{};
    }));
  }
  return OkStatus();
}

}  // namespace ticketing
