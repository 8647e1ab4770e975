#include "lib/service/seatsio/drawing.h"

#include <algorithm>
#include <set>
#include <vector>

#include "lib/service/seatsio/call.h"

namespace ticketing::seatsio {
namespace {

const Json& At(const Json& object, const char* name) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto it = object.find(name);
  return it == object.end() ? kNothing : *it;
}

bool HasItems(const Json& list) {
  return list.is_array() && !list.empty();
}

// Drawings of one floor have `subChart`, those of several `subChartFloors`.
std::vector<const Json*> FloorsOf(const Json& drawing) {
  std::vector<const Json*> floors;
  if (At(drawing, "subChart").is_object()) floors.push_back(&At(drawing, "subChart"));
  if (const Json& several = At(drawing, "subChartFloors"); several.is_array()) {
    for (const Json& floor : several) floors.push_back(&floor);
  }
  return floors;
}

bool HasFocalPoint(const Json& drawing) {
  for (const Json* floor : FloorsOf(drawing)) {
    if (At(*floor, "focalPoint").is_object()) return true;
  }
  if (const Json& zones = At(At(drawing, "zones"), "list"); zones.is_array()) {
    for (const Json& zone : zones) {
      if (At(zone, "focalPoint").is_object()) return true;
    }
  }
  return false;
}

// The kinds of venue that the API tells apart, of the many that drawings have had.
std::string VenueTypeOf(const Json& drawing) {
  const Json& stored = At(drawing, "venueType");
  const std::string type = stored.is_string() ? stored.get<std::string>() : "";
  if (type == "ZONES" || type == "WITH_ZONES" || HasItems(At(At(drawing, "zones"), "list")))
    return "WITH_ZONES";
  if (type == "ROWS_WITH_SECTIONS" || type == "WITH_SECTIONS_AND_FLOORS")
    return "WITH_SECTIONS_AND_FLOORS";
  for (const Json* floor : FloorsOf(drawing)) {
    if (HasItems(At(*floor, "sections"))) return "WITH_SECTIONS_AND_FLOORS";
  }
  return "SIMPLE";
}

}  // namespace

Json NewDrawing(std::string_view name, std::string_view venue_type) {
  Json floor = {{"width", 400}, {"height", 400}, {"focalPoint", nullptr}};
  for (const char* list : {"rows", "tables", "booths", "generalAdmissionAreas", "sections",
                           "shapes", "texts", "icons", "imageObjects"}) {
    floor[list] = Json::array();
  }
  return {{"name", name},
          {"version", 22},
          {"venueType", venue_type},
          {"categories", {{"list", Json::array()}, {"maxCategoryKey", 0}}},
          {"zones", {{"list", Json::array()}}},
          {"subChart", std::move(floor)}};
}

Status CheckDrawing(const Json& drawing) {
  if (!drawing.is_object()) return Refuse("GENERAL_ERROR", "A chart is a JSON object");
  if (FloorsOf(drawing).empty())
    return Refuse("GENERAL_ERROR", "A chart needs a subChart or subChartFloors");
  return OkStatus();
}

Json CategoriesOf(const Json& drawing) {
  const Json& list = At(At(drawing, "categories"), "list");
  return list.is_array() ? list : Json::array();
}

void SetCategories(Json& drawing, Json categories) {
  int64_t highest = 0;
  for (const Json& category : categories) {
    if (const Json& key = At(category, "key"); key.is_number_integer())
      highest = std::max(highest, key.get<int64_t>());
  }
  drawing["categories"] = {{"list", std::move(categories)}, {"maxCategoryKey", highest}};
}

StatusOr<Json> CategoryOfRequest(const Json& json) {
  Fields in(json);
  if (!in.Key("key")) in.Fault("key", "required key not found");
  Json category = {{"label", in.RequiredText("label")},
                   {"color", in.Text("color", 40).value_or("#FFFFFF")},
                   {"accessible", in.Flag("accessible").value_or(false)}};
  TICKETING_RETURN_IF_ERROR(in.status());
  category["key"] = json["key"];
  return category;
}

StatusOr<Json> CategoriesOfRequest(const Json& list) {
  if (!list.is_array() || list.size() > limits::kCategoriesPerChartMax)
    return Refuse("GENERAL_ERROR", "#/categories: expected a list of at most " +
                                       std::to_string(limits::kCategoriesPerChartMax));
  Json out = Json::array();
  std::set<std::string> keys;
  for (const Json& item : list) {
    TICKETING_ASSIGN_OR_RETURN(Json category, CategoryOfRequest(item));
    if (!keys.insert(KeyText(category["key"])).second)
      return Refuse("GENERAL_ERROR", "#/categories: a key comes twice");
    out.push_back(std::move(category));
  }
  return out;
}

Json SummaryOf(const Json& drawing) {
  Json categories = Json::array();
  for (const Json& category : CategoriesOf(drawing)) {
    if (KeyText(At(category, "key")).empty()) continue;
    Json shown = {{"key", category["key"]}};
    shown["label"] = At(category, "label").is_string() ? category["label"] : Json("");
    shown["color"] = At(category, "color").is_string() ? category["color"] : Json("#FFFFFF");
    shown["accessible"] = At(category, "accessible").is_boolean() && category["accessible"] == true;
    categories.push_back(std::move(shown));
  }
  Json zones = Json::array();
  if (const Json& list = At(At(drawing, "zones"), "list"); list.is_array()) {
    for (const Json& zone : list) {
      if (At(zone, "key").is_string() && At(zone, "label").is_string())
        zones.push_back({{"key", zone["key"]}, {"label", zone["label"]}});
    }
  }
  const Json& name = At(drawing, "name");
  return {{"name", name.is_string() ? name : Json("Untitled chart")},
          {"venueType", VenueTypeOf(drawing)},
          {"categories", std::move(categories)},
          {"zones", std::move(zones)},
          {"bestAvailable", HasFocalPoint(drawing)}};
}

}  // namespace ticketing::seatsio
