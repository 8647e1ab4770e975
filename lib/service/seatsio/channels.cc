#include "lib/service/seatsio/channels.h"

#include <algorithm>
#include <set>

namespace ticketing::seatsio {
namespace {

constexpr size_t kListedMax = limits::kSeatsPerChartMax;

using ConfigChange = std::function<Status(Json& config)>;

Status NoChannel(std::string_view key) {
  return Missing("CHANNEL_NOT_FOUND", "Channel not found: " + std::string(key));
}

// Objects and places of areas that a request names.
struct Named {
  std::optional<std::vector<std::string>> objects;
  std::optional<std::map<std::string, int64_t>> places;
};

StatusOr<Named> ReadNamed(Fields& in) {
  Named named{in.Texts("objects", kListedMax), in.Counts("areaPlaces", limits::kAreasPerChartMax)};
  TICKETING_RETURN_IF_ERROR(in.status());
  return named;
}

Status Add(const Json& body, Json& config) {
  if (!body.is_array()) return AddChannel(body, config);
  if (body.size() > limits::kChannelsMax) return Refuse("GENERAL_ERROR", "too many channels");
  for (const Json& channel : body) TICKETING_RETURN_IF_ERROR(AddChannel(channel, config));
  return OkStatus();
}

Status Replace(const Json& body, Json& config) {
  Fields in(body);
  const Json* const list = in.Array("channels", limits::kChannelsMax);
  if (list == nullptr) in.Fault("channels", "required key not found");
  TICKETING_RETURN_IF_ERROR(in.status());
  return SetChannels(*list, config);
}

Status Update(const Json& body, std::string_view key, Json& config) {
  Json* const channel = FindChannel(config, key);
  if (channel == nullptr) return NoChannel(key);
  Fields in(body);
  const auto name = in.Text("name");
  const auto color = in.Text("color", 40);
  TICKETING_ASSIGN_OR_RETURN(const Named named, ReadNamed(in));
  if (name) (*channel)["name"] = *name;
  if (color) (*channel)["color"] = *color;
  if (named.places) (*channel)["areaPlaces"] = *named.places;
  if (named.objects) {
    (*channel)["objects"] = *named.objects;
    TakeFromOthers(config, key, (*channel)["objects"]);
  }
  return OkStatus();
}

Status Remove(std::string_view key, Json& config) {
  Json& channels = config["channels"];
  for (size_t i = 0; i < channels.size(); ++i) {
    if (channels[i]["key"] != key) continue;
    channels.erase(i);
    return OkStatus();
  }
  return NoChannel(key);
}

Status AddObjects(const Json& body, std::string_view key, Json& config) {
  Json* const channel = FindChannel(config, key);
  if (channel == nullptr) return NoChannel(key);
  Fields in(body);
  TICKETING_ASSIGN_OR_RETURN(const Named named, ReadNamed(in));
  const auto known = (*channel)["objects"].get<std::set<std::string>>();
  const std::vector<std::string> added = named.objects.value_or(std::vector<std::string>());
  for (const std::string& label : added) {
    if (!known.contains(label)) (*channel)["objects"].push_back(label);
  }
  for (const auto& [area, places] : named.places.value_or(std::map<std::string, int64_t>())) {
    Json& all = (*channel)["areaPlaces"];
    all[area] = all.value(area, int64_t{0}) + places;
  }
  TakeFromOthers(config, key, added);
  return OkStatus();
}

Status RemoveObjects(const Json& body, std::string_view key, Json& config) {
  Json* const channel = FindChannel(config, key);
  if (channel == nullptr) return NoChannel(key);
  Fields in(body);
  TICKETING_ASSIGN_OR_RETURN(const Named named, ReadNamed(in));
  const std::vector<std::string> list = named.objects.value_or(std::vector<std::string>());
  const std::set<std::string> gone(list.begin(), list.end());
  Json kept = Json::array();
  for (const Json& label : (*channel)["objects"]) {
    if (!gone.contains(label.get<std::string>())) kept.push_back(label);
  }
  (*channel)["objects"] = std::move(kept);
  for (const auto& [area, places] : named.places.value_or(std::map<std::string, int64_t>())) {
    Json& all = (*channel)["areaPlaces"];
    const int64_t left = all.value(area, int64_t{0}) - places;
    if (left > 0) {
      all[area] = left;
    } else {
      all.erase(area);
    }
  }
  return OkStatus();
}

}  // namespace

std::vector<Route> ChannelRoutes(const Context& context, EventStore& events) {
  const auto edits = [&context, &events](auto change) {
    return [&context, &events, change](Call& call) -> StatusOr<Reply> {
      TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
      const std::string_view key = call.Path("channel");
      EventEdit edit;
      edit.config = [&](Json& config) { return change(body, key, config); };
      edit.log_type = "event.channels.updated";
      TICKETING_RETURN_IF_ERROR(
          EditEvent(context, events, call.principal, call.Path("event"), edit).status());
      return NoContent();
    };
  };
  using Key = std::string_view;
  const std::string all = "/events/{event}/channels";
  const std::string one = all + "/{channel}";
  return {
      {"POST", all, Auth::kKey,
       edits([](const Json& body, Key, Json& config) { return Add(body, config); })},
      {"POST", all + "/replace", Auth::kKey,
       edits([](const Json& body, Key, Json& config) { return Replace(body, config); })},
      {"POST", one, Auth::kKey, edits(Update)},
      {"DELETE", one, Auth::kKey,
       edits([](const Json&, Key key, Json& config) { return Remove(key, config); })},
      {"POST", one + "/objects", Auth::kKey, edits(AddObjects)},
      {"DELETE", one + "/objects", Auth::kKey, edits(RemoveObjects)},
  };
}

}  // namespace ticketing::seatsio
