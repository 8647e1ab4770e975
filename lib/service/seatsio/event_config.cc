#include "lib/service/seatsio/event_config.h"

#include <algorithm>
#include <map>
#include <set>

#include "lib/service/seatsio/call.h"
#include "lib/service/seatsio/drawing.h"

namespace ticketing::seatsio {
namespace {

constexpr size_t kChannelsMax = 500;
constexpr size_t kListedMax = limits::kSeatsPerChartMax;

Status ReadTables(const Json& given, Json& config) {
  Fields in(given, "/tableBookingConfig");
  const std::string mode = in.RequiredText("mode", 20);
  const Json* const tables = in.Object("tables");
  TICKETING_RETURN_IF_ERROR(in.status());
  if (mode != "INHERIT" && mode != "ALL_BY_TABLE" && mode != "ALL_BY_SEAT" && mode != "CUSTOM")
    return Refuse("GENERAL_ERROR", "#/tableBookingConfig/mode: " + mode + " is not a valid value");
  Json kept = {{"mode", mode}};
  if (tables != nullptr) {
    for (const auto& [label, how] : tables->items()) {
      if (how != "BY_TABLE" && how != "BY_SEAT")
        return Refuse("GENERAL_ERROR", "#/tableBookingConfig/tables: BY_TABLE or BY_SEAT");
    }
    kept["tables"] = *tables;
  }
  config["tableBookingConfig"] = std::move(kept);
  return OkStatus();
}

Status ReadObjectCategories(const Json& given, Json& config) {
  if (!given.is_object() || given.size() > kListedMax)
    return Refuse("GENERAL_ERROR", "#/objectCategories: expected type: JSONObject");
  for (const auto& [label, key] : given.items()) {
    if (KeyText(key).empty())
      return Refuse("GENERAL_ERROR", "#/objectCategories: expected keys of categories");
  }
  config["objectCategories"] = given;
  return OkStatus();
}

Status ReadForSale(const Json& given, Json& config) {
  Fields in(given, "/forSaleConfig");
  const bool for_sale = in.Flag("forSale").value_or(false);
  const auto objects = in.Texts("objects", kListedMax);
  const auto places = in.Counts("areaPlaces", limits::kAreasPerChartMax);
  const auto categories = in.Texts("categories", limits::kCategoriesPerChartMax);
  TICKETING_RETURN_IF_ERROR(in.status());
  config["forSaleConfig"] = {{"forSale", for_sale},
                             {"objects", objects.value_or(std::vector<std::string>())},
                             {"areaPlaces", places.value_or(std::map<std::string, int64_t>())},
                             {"categories", categories.value_or(std::vector<std::string>())}};
  return OkStatus();
}

seat::TableSelling TablesOf(const Json& config) {
  seat::TableSelling tables;
  const Json& given = config["tableBookingConfig"];
  const std::string mode = given["mode"];
  if (mode == "ALL_BY_TABLE") tables.mode = seat::TableSelling::Mode::kWhole;
  if (mode == "ALL_BY_SEAT") tables.mode = seat::TableSelling::Mode::kBySeat;
  if (mode == "CUSTOM") {
    tables.mode = seat::TableSelling::Mode::kListed;
    const Json listed = given.value("tables", Json::object());
    for (const auto& [label, how] : listed.items()) tables.whole[label] = how == "BY_TABLE";
  }
  return tables;
}

// Labels of charts that are not there are passed over: a configuration may name what a later
// version of the chart has.
StatusOr<std::vector<seat::Channel>> ChannelsOf(const Json& config, const ChartView& view) {
  std::vector<seat::Channel> channels;
  for (const Json& given : config["channels"]) {
    seat::Channel channel;
    channel.id = static_cast<uint16_t>(given["id"].get<uint64_t>());
    channel.key = given["key"];
    channel.name = given["name"];
    if (given.contains("index")) channel.index = given["index"].get<int64_t>();
    for (const Json& label : given["objects"]) {
      const auto object = view.chart->Find(label.get<std::string>());
      if (!object) continue;
      if (view.chart->IsUnit(*object)) {
        channel.objects.push_back(*object);
      } else {
        channel.area_places[*object] = view.chart->object(*object).capacity;
      }
    }
    for (const auto& [label, places] : given["areaPlaces"].items()) {
      const auto area = view.chart->Find(label);
      if (area && !view.chart->IsUnit(*area) && places.get<int64_t>() > 0)
        channel.area_places[*area] = static_cast<uint32_t>(places.get<int64_t>());
    }
    channels.push_back(std::move(channel));
  }
  return channels;
}

// For-sale lists name categories by key or label; the engine knows keys.
seat::ForSale ForSaleOf(const Json& given, const Json& categories) {
  seat::ForSale out;
  out.only_listed = given["forSale"];
  out.objects = given["objects"].get<std::vector<std::string>>();
  out.area_places = given["areaPlaces"].get<std::map<std::string, int64_t>>();
  for (const Json& name : given["categories"]) {
    for (const Json& category : categories) {
      if (KeyText(category["key"]) == name || category["label"] == name)
        out.categories.push_back(KeyText(category["key"]));
    }
  }
  return out;
}

// One configuration, for one look per object.
struct Listed {
  const seat::ForSale& rule;
  std::set<std::string_view> objects;
  std::set<std::string_view> categories;

  explicit Listed(const seat::ForSale& for_sale)
      : rule(for_sale),
        objects(for_sale.objects.begin(), for_sale.objects.end()),
        categories(for_sale.categories.begin(), for_sale.categories.end()) {}

  // What an object may be sold of: nothing, everything, or so many places.
  int64_t PlacesOf(const seat::Object& object, std::string_view category) const {
    const int64_t all = object.capacity;
    if (objects.contains(object.label) || categories.contains(category))
      return rule.only_listed ? all : 0;
    const auto partly = rule.area_places.find(object.label);
    const int64_t places = partly == rule.area_places.end() ? 0 : std::min(partly->second, all);
    return rule.only_listed ? places : all - places;
  }
};

// What both configurations let be sold, as one list of what is not.
seat::ForSale Both(const seat::ForSale& own, const seat::ForSale& season, const ChartView& view,
                   const std::map<std::string, std::string>& object_categories) {
  const Listed ours(own), theirs(season);
  seat::ForSale out;
  for (const seat::Object& object : view.chart->objects()) {
    const auto moved = object_categories.find(object.label);
    const std::string category = moved != object_categories.end()
                                     ? moved->second
                                     : view.chart->drawing().categories[object.category].key;
    const int64_t places =
        std::min(ours.PlacesOf(object, category), theirs.PlacesOf(object, category));
    if (places == 0) {
      out.objects.push_back(object.label);
    } else if (places < object.capacity) {
      out.area_places[object.label] = object.capacity - places;
    }
  }
  return out;
}

}  // namespace

Json EmptyConfig() {
  return {{"tableBookingConfig", {{"mode", "INHERIT"}}},
          {"objectCategories", Json::object()},
          {"categories", Json::array()},
          {"channels", Json::array()},
          {"lastChannel", 0},
          {"forSaleConfig", nullptr},
          {"forSalePropagated", true},
          {"isInThePast", false}};
}

Status ReadConfig(const Json& request, Json& config) {
  Fields in(request);
  const Json* const tables = in.Object("tableBookingConfig");
  const Json* const object_categories = in.Object("objectCategories");
  const Json* const categories = in.Array("categories", limits::kCategoriesPerChartMax);
  const Json* const channels = in.Array("channels", kChannelsMax);
  const Json* const for_sale = in.Object("forSaleConfig");
  const auto propagated = in.Flag("forSalePropagated");
  const auto past = in.Flag("isInThePast");
  TICKETING_RETURN_IF_ERROR(in.status());
  if (tables != nullptr) TICKETING_RETURN_IF_ERROR(ReadTables(*tables, config));
  if (object_categories != nullptr)
    TICKETING_RETURN_IF_ERROR(ReadObjectCategories(*object_categories, config));
  if (categories != nullptr) {
    TICKETING_ASSIGN_OR_RETURN(config["categories"], CategoriesOfRequest(*categories));
  }
  if (channels != nullptr) TICKETING_RETURN_IF_ERROR(SetChannels(*channels, config));
  if (for_sale != nullptr) TICKETING_RETURN_IF_ERROR(ReadForSale(*for_sale, config));
  if (propagated) config["forSalePropagated"] = *propagated;
  if (past) config["isInThePast"] = *past;
  return OkStatus();
}

Json* FindChannel(Json& config, std::string_view key) {
  for (Json& channel : config["channels"]) {
    if (channel["key"] == key) return &channel;
  }
  return nullptr;
}

Status AddChannel(const Json& given, Json& config) {
  Fields in(given, "/channels");
  const std::string key = in.RequiredText("key", limits::kLabelBytesMax);
  Json channel = {{"key", key},
                  {"name", in.Text("name").value_or(key)},
                  {"color", in.Text("color", 40).value_or("#000000")},
                  {"objects", in.Texts("objects", kListedMax).value_or(std::vector<std::string>())},
                  {"areaPlaces", in.Counts("areaPlaces", limits::kAreasPerChartMax)
                                     .value_or(std::map<std::string, int64_t>())}};
  if (const auto index = in.Integer("index", INT32_MIN, INT32_MAX)) channel["index"] = *index;
  TICKETING_RETURN_IF_ERROR(in.status());
  if (key == "NO_CHANNEL") return Refuse("GENERAL_ERROR", "NO_CHANNEL is no key of a channel");
  if (FindChannel(config, key) != nullptr)
    return Refuse("GENERAL_ERROR", "Channel key is already in use: " + key);
  if (config["channels"].size() >= kChannelsMax || config["lastChannel"] == UINT16_MAX)
    return Refuse("GENERAL_ERROR", "too many channels");
  config["lastChannel"] = config["lastChannel"].get<int64_t>() + 1;
  channel["id"] = config["lastChannel"];
  TakeFromOthers(config, key, channel["objects"]);
  config["channels"].push_back(std::move(channel));
  return OkStatus();
}

Status SetChannels(const Json& list, Json& config) {
  Json before = config["channels"];
  config["channels"] = Json::array();
  for (const Json& given : list) {
    TICKETING_RETURN_IF_ERROR(AddChannel(given, config));
    Json& added = config["channels"].back();
    for (const Json& known : before) {
      if (known["key"] == added["key"]) added["id"] = known["id"];
    }
  }
  return OkStatus();
}

void TakeFromOthers(Json& config, std::string_view key, const Json& objects) {
  const std::set<std::string> taken = objects.get<std::set<std::string>>();
  for (Json& channel : config["channels"]) {
    if (channel["key"] == key) continue;
    Json kept = Json::array();
    for (const Json& label : channel["objects"]) {
      if (!taken.contains(label.get<std::string>())) kept.push_back(label);
    }
    channel["objects"] = std::move(kept);
  }
}

StatusOr<seat::SaleRules> RulesOf(const Json& config, const Json& season, const ChartView& view) {
  const Json& shared = season.is_object() ? season : config;
  seat::SaleRules rules;
  rules.tables = TablesOf(shared);
  TICKETING_ASSIGN_OR_RETURN(rules.channels, ChannelsOf(config, view));
  for (const Json& category : shared["categories"])
    rules.categories.push_back({KeyText(category["key"]), category["label"], category["color"]});
  for (const auto& [label, key] : shared["objectCategories"].items())
    rules.object_categories[label] = KeyText(key);
  const Json categories = CategoriesOfEvent(view.summary, config, season);
  const Json& own = config["forSaleConfig"];
  if (!own.is_null()) rules.for_sale = ForSaleOf(own, categories);
  if (season.is_object() && season["forSalePropagated"] == true &&
      !season["forSaleConfig"].is_null()) {
    const seat::ForSale theirs = ForSaleOf(season["forSaleConfig"], categories);
    rules.for_sale =
        rules.for_sale ? Both(*rules.for_sale, theirs, view, rules.object_categories) : theirs;
  }
  return rules;
}

Json CategoriesOfEvent(const Json& summary, const Json& config, const Json& season) {
  Json out = summary["categories"];
  for (const Json& category : (season.is_object() ? season : config)["categories"])
    out.push_back(category);
  return out;
}

}  // namespace ticketing::seatsio
