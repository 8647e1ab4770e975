#include "lib/service/seatsio/chart_view.h"

#include <algorithm>
#include <utility>

#include "lib/service/seatsio/call.h"
#include "ticketing/seat/chart_json.h"

namespace ticketing::seatsio {
namespace {

// What is wrong with a drawing, in one sentence.
Status Unreadable(const Status& status) {
  std::string message = "The chart cannot be read";
  for (const FieldError& fault : DetailsOf(status).fields)
    message.append("; ").append(fault.field).append(" ").append(fault.detail);
  return Refuse("GENERAL_ERROR", message);
}

StatusOr<seat::Chart> BuildChart(seat::SeatsioChart& drawn, std::string& kept) {
  if (!kept.empty()) return seat::ParseChart(kept);
  TICKETING_ASSIGN_OR_RETURN(
      seat::Chart chart, seat::Chart::Build(std::move(drawn.drawing), seat::Chart::kMayBeEmpty));
  if (chart.object_count() > 0) kept = seat::ToJson(chart);
  return chart;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

void AddAttributes(JsonText& out, uint16_t attributes) {
  constexpr std::pair<const char*, seat::SeatAttribute> kNames[] = {
      {"isAccessible", seat::kAccessible},
      {"isCompanionSeat", seat::kCompanion},
      {"hasRestrictedView", seat::kRestrictedView},
      {"hasLiftUpArmrests", seat::kLiftUpArmrests},
      {"isHearingImpaired", seat::kHearingImpaired},
      {"isSemiAmbulatorySeat", seat::kSemiAmbulatory},
      {"hasSignLanguageInterpretation", seat::kSignLanguage},
      {"isPlusSize", seat::kPlusSize}};
  for (const auto& [name, bit] : kNames) out.Flag(name, (attributes & bit) != 0);
}

void AddArea(JsonText& out, const seat::SeatsioObject& object) {
  out.Number("capacity", object.capacity);
  out.Flag("bookAsAWhole", object.whole);
  out.Flag("variableOccupancy", object.variable);
  if (object.variable) {
    out.Number("minOccupancy", object.min_people > 0 ? object.min_people : 1);
    out.Number("maxOccupancy", object.max_people > 0 ? object.max_people : object.capacity);
  }
  out.Text("areaType", !object.whole     ? "generalAdmission"
                       : object.variable ? "variableOccupancy"
                                         : "fixedOccupancy");
}

// How an object is called, part by part; `own` is its own part, as JSON.
void AddParts(JsonText& out, const char* name, std::string_view own, const std::string& parent,
              const std::string& section) {
  out.Open(name);
  out.Raw("own", own);
  if (!parent.empty()) out.Raw("parent", parent);
  if (!section.empty()) out.Text("section", section);
  out.Close();
}

std::string LabelPart(std::string_view label, std::string_view type) {
  JsonText part;
  part.Text("label", label);
  part.Text("type", type);
  return std::move(part).Take();
}

std::string IdPart(std::string_view id) {
  std::string part;
  AppendJsonString(part, id);
  return part;
}

}  // namespace

StatusOr<std::shared_ptr<const ChartView>> MakeChartView(std::string_view body, Json summary,
                                                         std::string& kept) {
  StatusOr<seat::SeatsioChart> drawn = seat::ParseSeatsioChart(body);
  if (!drawn.ok()) return Unreadable(drawn.status());
  auto view = std::make_shared<ChartView>();
  StatusOr<seat::Chart> chart = BuildChart(*drawn, kept);
  if (!chart.ok()) return Unreadable(chart.status());
  view->chart = std::make_shared<const seat::Chart>(*std::move(chart));
  view->drawn = *std::move(drawn);
  view->drawn.drawing = {};
  view->summary = std::move(summary);
  for (const seat::Finding& finding : view->drawn.findings) view->findings.insert(finding.code);
  view->drawn_of.assign(view->chart->object_count(), seat::kNone);
  for (uint32_t i = 0; i < view->drawn.objects.size(); ++i) {
    const seat::SeatsioObject& object = view->drawn.objects[i];
    if (!object.bookable) continue;
    if (const auto number = view->chart->Find(object.label)) view->drawn_of[*number] = i;
  }
  if (std::ranges::count(view->drawn_of, seat::kNone) > 0)
    return MakeError(ErrorCode::kDataLoss, "A chart and its drawing do not agree.");
  return std::shared_ptr<const ChartView>(std::move(view));
}

std::string_view TypeOf(const seat::SeatsioObject& object) {
  switch (object.kind) {
    case seat::ObjectKind::kSeat:
      return "seat";
    case seat::ObjectKind::kTable:
      return "table";
    case seat::ObjectKind::kBooth:
      return "booth";
    default:
      return "generalAdmission";
  }
}

void DescribeDrawn(const ChartView& view, const seat::SeatsioObject& object, JsonText& out) {
  const bool child = !object.parent.type.empty();
  out.Text("label", object.label);
  AddParts(out, "labels", LabelPart(object.own.label, TypeOf(object)),
           child ? LabelPart(object.parent.label, object.parent.type) : "", object.section_label);
  AddParts(out, "ids", IdPart(object.own.id), child ? IdPart(object.parent.id) : "",
           object.section_id);
  out.Text("objectType", TypeOf(object));
  const auto put = [&out](const char* name, const std::string& text) {
    if (!text.empty()) out.Text(name, text);
  };
  put("section", object.section_label);
  put("entrance", object.entrance);
  put("displayedObjectType", object.displayed_type);
  put("parentDisplayedObjectType", object.parent_displayed_type);
  if (object.zone != seat::kNone) out.Text("zone", view.drawn.zones[object.zone].key);
  if (object.floor != seat::kNone) {
    const seat::SeatsioFloor& floor = view.drawn.floors[object.floor];
    out.Open("floor");
    out.Text("name", floor.name);
    out.Text("displayName", floor.display_name);
    out.Close();
  }
  if (object.left != seat::kNone) out.Text("leftNeighbour", view.drawn.objects[object.left].label);
  if (object.right != seat::kNone)
    out.Text("rightNeighbour", view.drawn.objects[object.right].label);
  if (object.distance) out.Raw("distanceToFocalPoint", Dump(*object.distance));
  if (object.kind == seat::ObjectKind::kSeat) AddAttributes(out, object.attributes);
  if (object.kind == seat::ObjectKind::kTable) {
    out.Number("numSeats", object.seats);
    out.Flag("bookAsAWhole", object.whole);
    out.Text("tableType", !object.whole     ? "bookBySeat"
                          : object.variable ? "variableOccupancy"
                                            : "bookByTable");
  }
  if (object.kind == seat::ObjectKind::kArea) AddArea(out, object);
}

std::string DisplayedLabel(const seat::SeatsioObject& object) {
  std::string label;
  for (const std::string& part : {object.section_label, object.parent.label, object.own.label}) {
    if (part.empty()) continue;
    if (!label.empty()) label.push_back('-');
    label += part;
  }
  return label;
}

const Json* FindCategory(const Json& categories, std::string_view key) {
  for (const Json& category : categories) {
    if (KeyText(category["key"]) == key) return &category;
  }
  return nullptr;
}

StatusOr<std::vector<std::string>> KeysOfCategories(const Json& categories,
                                                    const std::vector<std::string>& asked) {
  std::vector<std::string> keys;
  for (const std::string& name : asked) {
    const size_t before = keys.size();
    for (const Json& category : categories) {
      const std::string key = KeyText(category["key"]);
      if (key == name || Lower(category["label"].get<std::string>()) == Lower(name))
        keys.push_back(key);
    }
    if (keys.size() == before) return Refuse("CATEGORY_NOT_FOUND", "category not found: " + name);
  }
  return keys;
}

}  // namespace ticketing::seatsio
