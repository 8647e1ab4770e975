#include "lib/service/seatsio/objects.h"

#include <algorithm>

namespace ticketing::seatsio {
namespace {

constexpr size_t kObjectsMax = limits::kObjectsPerCommandMax;
constexpr size_t kEventsMax = 100;
constexpr size_t kBatchMax = 500;

// Of a text that no label can be, as much as is good for a message, whole letters only.
std::string Shown(const std::string& label) {
  constexpr size_t kBytesMax = 60;
  if (label.size() <= kBytesMax) return label;
  size_t end = kBytesMax;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xc0) == 0x80) --end;
  return label.substr(0, end) + "...";
}

// The refusal of one of many objects says which.
Status OfObject(const Status& refusal, const Json& item, size_t number) {
  std::string message(MessageOf(refusal));
  message.append(" (object ").append(std::to_string(number + 1));
  const Json* label = item.is_string() ? &item : nullptr;
  if (item.is_object() && item.contains("objectId")) label = &item["objectId"];
  if (label != nullptr && label->is_string())
    message.append(": ").append(Shown(label->get<std::string>()));
  return Refuse("GENERAL_ERROR", message + ")");
}

StatusOr<std::vector<Asked>> ReadObjects(const Json& list) {
  std::vector<Asked> out;
  for (const Json& item : list) {
    Asked asked;
    if (item.is_string()) {
      asked.label = item.get<std::string>();
      if (asked.label.size() > limits::kNameBytesMax) {
        const Status refusal = Refuse("GENERAL_ERROR", "#/objects: expected maxLength: " +
                                                           std::to_string(limits::kNameBytesMax));
        return OfObject(refusal, item, out.size());
      }
    } else {
      Fields in(item, "/objects");
      asked.label = in.RequiredText("objectId", limits::kNameBytesMax);
      asked.quantity = in.Integer("quantity", 1, limits::kAreaCapacityMax).value_or(1);
      asked.note.ticket_type = in.Text("ticketType", limits::kTicketTypeBytesMax).value_or("");
      if (const Json* const extra = in.Object("extraData")) asked.note.extra = Dump(*extra);
      if (!in.status().ok()) return OfObject(in.status(), item, out.size());
    }
    out.push_back(std::move(asked));
  }
  return out;
}

std::string ObjectsOf(const std::string& described) {
  return R"({"objects":)" + described + "}";
}

bool WantsObjects(const Call& call) {
  return std::ranges::count(call.QueryAll("expand"), "objects") > 0;
}

}  // namespace

std::vector<Route> Objects::Routes() {
  const std::string event = "/events/{event}";
  const auto one = [this](const char* status) {
    return [this, status](Call& call) { return ChangeOne(call, status); };
  };
  const auto sells = [](Route route) {
    route.sells = true;
    return route;
  };
  const auto season = [this](ChangeKind kind) {
    return [this, kind](Call& call) { return ChangeSeason(call, kind); };
  };
  return {
      sells({"POST", "/events/groups/actions/change-object-status", Auth::kKey,
             Bind(this, &Objects::ChangeGroups)}),
      sells({"POST", "/events/actions/change-object-status", Auth::kKey,
             Bind(this, &Objects::ChangeBatch)}),
      sells({"POST", event + "/actions/book", Auth::kKey, one("booked")}),
      sells({"POST", event + "/actions/hold", Auth::kKey, one("reservedByToken")}),
      sells({"POST", event + "/actions/release", Auth::kKey, one("free")}),
      {"POST", event + "/actions/put-up-for-resale", Auth::kKey, one("resale")},
      {"POST", event + "/actions/override-season-status", Auth::kKey,
       season(ChangeKind::kOverrideSeason)},
      {"POST", event + "/actions/use-season-status", Auth::kKey, season(ChangeKind::kUseSeason)},
      {"GET", event + "/objects", Auth::kKey, Bind(this, &Objects::GetObjects)},
      {"POST", event + "/objects/{object}/actions/update-extra-data", Auth::kKey,
       Bind(this, &Objects::UpdateExtra)},
      {"POST", event + "/actions/update-extra-data", Auth::kKey,
       Bind(this, &Objects::UpdateExtras)},
  };
}

Status ReadAccess(Fields& in, seat::Step& step) {
  step.order_name = in.Text("orderId", limits::kNameBytesMax).value_or("");
  step.keep_extra = in.Flag("keepExtraData").value_or(false);
  step.access.all_channels = in.Flag("ignoreChannels").value_or(false);
  if (auto keys = in.Texts("channelKeys", limits::kChannelsMax); keys && !keys->empty()) {
    // Whoever names channels gets what is in none only when he names that too.
    step.access.without_channel = std::erase(*keys, "NO_CHANNEL") > 0;
    step.access.channels = *std::move(keys);
  }
  return in.status();
}

LaneNote NoteOf(const Call& call) {
  return {call.principal.workspace_key, "api", call.request.remote_address};
}

Status Objects::ReadStatus(const Call& call, Fields& in, std::optional<std::string> status,
                           Change& change) {
  if (!status) status = in.RequiredText("status", limits::kNameBytesMax);
  const auto token = in.Text("holdToken", 40);
  const auto names = [&](std::string_view field) {
    seat::StatusNames out;
    for (const std::string& name : in.Texts(field, 100).value_or(std::vector<std::string>()))
      out.push_back(StatusOfName(name).name());
    return out;
  };
  change.step.allowed_before = names("allowedPreviousStatuses");
  change.step.rejected_before = names("rejectedPreviousStatuses");
  change.listing = in.Text("resaleListingId");
  TICKETING_RETURN_IF_ERROR(ReadAccess(in, change.step));
  EngineStatus wanted = StatusOfName(*status);
  change.step.to = wanted.status;
  change.step.custom = std::move(wanted.custom);
  if (!token) {
    if (change.step.to == seat::SeatStatus::kHeld)
      return Refuse("ILLEGAL_STATUS_CHANGE", "A hold needs a hold token");
    // Staff may take what a buyer holds; whoever names a token stands by it.
    change.step.any_hold = true;
    return OkStatus();
  }
  TICKETING_ASSIGN_OR_RETURN(change.token, tokens_.Find(call.principal, *token));
  change.step.hold = change.token->id;
  if (change.step.to == seat::SeatStatus::kHeld) change.step.expires_at = change.token->expires_at;
  return OkStatus();
}

StatusOr<Change> Objects::Read(const Call& call, const Json& request) {
  Change change;
  Fields in(request);
  const std::string type = in.Text("type", 40).value_or("CHANGE_STATUS_TO");
  const Json* const objects = in.Array("objects", kObjectsMax);
  change.season = in.Text("season");
  TICKETING_RETURN_IF_ERROR(in.status());
  if (objects == nullptr || objects->empty())
    return Refuse("GENERAL_ERROR", "#/objects: expected minimum item count: 1, found: 0");
  TICKETING_ASSIGN_OR_RETURN(change.objects, ReadObjects(*objects));
  if (type == "OVERRIDE_SEASON_STATUS" || type == "USE_SEASON_STATUS") {
    change.kind =
        type == "USE_SEASON_STATUS" ? ChangeKind::kUseSeason : ChangeKind::kOverrideSeason;
    return change;
  }
  if (type != "RELEASE" && type != "CHANGE_STATUS_TO")
    return Refuse("GENERAL_ERROR", "#/type: " + type + " is not a valid value");
  TICKETING_RETURN_IF_ERROR(ReadStatus(
      call, in, type == "RELEASE" ? std::optional<std::string>("free") : std::nullopt, change));
  return change;
}

StatusOr<Reply> Objects::ChangeGroups(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const auto keys = in.Texts("events", kEventsMax);
  TICKETING_RETURN_IF_ERROR(in.status());
  if (!keys || keys->empty())
    return Refuse("GENERAL_ERROR", "#/events: expected minimum item count: 1, found: 0");
  TICKETING_ASSIGN_OR_RETURN(const Change change, Read(call, body));
  std::vector<EventChange> changes;
  for (const std::string& key : *keys) {
    TICKETING_ASSIGN_OR_RETURN(auto event, events_.Recall(call.principal, key));
    changes.push_back({std::move(event), &change});
  }
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> described, Run(call, changes, true));
  return OkText(ObjectsOf(described[0]));
}

StatusOr<Reply> Objects::ChangeBatch(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const Json* const list = in.Array("statusChanges", kBatchMax);
  TICKETING_RETURN_IF_ERROR(in.status());
  if (list == nullptr || list->empty())
    return Refuse("GENERAL_ERROR", "#/statusChanges: expected minimum item count: 1, found: 0");
  std::vector<Change> read;
  std::vector<std::string> keys;
  for (const Json& item : *list) {
    Fields fields(item, "/statusChanges");
    keys.push_back(fields.RequiredText("event"));
    TICKETING_RETURN_IF_ERROR(fields.status());
    TICKETING_ASSIGN_OR_RETURN(Change change, Read(call, item));
    read.push_back(std::move(change));
  }
  std::vector<EventChange> changes;
  for (size_t i = 0; i < read.size(); ++i) {
    TICKETING_ASSIGN_OR_RETURN(auto event, events_.Recall(call.principal, keys[i]));
    changes.push_back({std::move(event), &read[i]});
  }
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> described, Run(call, changes, true));
  std::string results = R"({"results":[)";
  for (const std::string& objects : described) {
    if (results.back() != '[') results.push_back(',');
    results += ObjectsOf(objects);
  }
  return OkText(results + "]}");
}

StatusOr<Reply> Objects::ChangeOne(Call& call, std::string_view status) {
  TICKETING_ASSIGN_OR_RETURN(const auto event, events_.Recall(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(Json body, call.Body());
  if (body.is_object()) {
    body["type"] = "CHANGE_STATUS_TO";
    body["status"] = status;
  }
  TICKETING_ASSIGN_OR_RETURN(const Change change, Read(call, body));
  const bool describe = WantsObjects(call);
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> described,
                             Run(call, {{event, &change}}, describe));
  return describe ? OkText(ObjectsOf(described[0])) : NoContent();
}

StatusOr<Reply> Objects::ChangeSeason(Call& call, ChangeKind kind) {
  TICKETING_ASSIGN_OR_RETURN(const auto event, events_.Recall(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(Json body, call.Body());
  if (body.is_object()) {
    body["type"] = kind == ChangeKind::kUseSeason ? "USE_SEASON_STATUS" : "OVERRIDE_SEASON_STATUS";
  }
  TICKETING_ASSIGN_OR_RETURN(const Change change, Read(call, body));
  TICKETING_RETURN_IF_ERROR(Run(call, {{event, &change}}, false).status());
  return NoContent();
}

StatusOr<Reply> Objects::GetObjects(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(EventRow row, events_.Find(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(const KnownEvent known, events_.Know(std::move(row)));
  const EventRow& event = known.row;
  TICKETING_ASSIGN_OR_RETURN(const auto listings, ResaleListings(context_.database, event));
  const std::vector<std::string> labels = call.QueryAll("label");
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(event));
  auto out = std::make_shared<Json>();
  TICKETING_RETURN_IF_ERROR(lane->Ask([&](const LaneState& state) -> Status {
    *out = Json::object();
    Scene scene(known, state.seats);
    scene.listings = listings;
    for (const std::string& label : labels) {
      const auto object = known.view->chart->Find(label);
      if (!object) return Missing("OBJECT_NOT_FOUND", "Object not found: " + label);
      TICKETING_ASSIGN_OR_RETURN(
          (*out)[label], Safely([&] { return Json::parse(DescribeObject(scene, *object)); }));
    }
    return OkStatus();
  }));
  return Ok(*out);
}

StatusOr<Reply> Objects::UpdateExtra(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const Json* const extra = in.Object("extraData");
  TICKETING_RETURN_IF_ERROR(in.status());
  Json extras = Json::object();
  extras[std::string(call.Path("object"))] = extra == nullptr ? Json() : *extra;
  return PutExtras(call, extras);
}

StatusOr<Reply> Objects::UpdateExtras(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const Json* const extras = in.Object("extraData");
  if (extras == nullptr) in.Fault("extraData", "required key not found");
  TICKETING_RETURN_IF_ERROR(in.status());
  return PutExtras(call, *extras);
}

StatusOr<Reply> Objects::PutExtras(Call& call, const Json& extras) {
  TICKETING_ASSIGN_OR_RETURN(const EventRow event,
                             events_.Find(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, events_.View(event));
  if (extras.size() > kObjectsMax)
    return Refuse("GENERAL_ERROR", "too many objects: at most " + std::to_string(kObjectsMax));
  std::vector<std::pair<uint32_t, std::string>> texts;
  for (const auto& [label, extra] : extras.items()) {
    const auto object = view->chart->Find(label);
    if (!object) return Missing("OBJECT_NOT_FOUND", "Object not found: " + label);
    if (!extra.is_null() && !extra.is_object())
      return Refuse("GENERAL_ERROR", "#/extraData: expected type: JSONObject");
    std::string text = extra.is_null() ? std::string() : Dump(extra);
    if (text.size() > limits::kExtraBytesMax)
      return Refuse("GENERAL_ERROR", "#/extraData: too long for " + label);
    texts.emplace_back(*object, std::move(text));
  }
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(event));
  const auto apply = [&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.note = NoteOf(call);
    for (const auto& [object, text] : texts) {
      // Nothing is left that could be refused: labels and sizes were looked at.
      TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Changes> changes,
                                 state.seats.SetExtra(event.slot, object, text));
      std::ranges::move(changes, std::back_inserter(effect.changes));
    }
    return effect;
  };
  TICKETING_RETURN_IF_ERROR(lane->Run(apply));
  return NoContent();
}

}  // namespace ticketing::seatsio
