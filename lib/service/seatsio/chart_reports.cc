#include "lib/service/seatsio/chart_reports.h"

#include "lib/service/seatsio/report.h"

namespace ticketing::seatsio {
namespace {

// Which of tables and their seats are counted.
enum class Tables { kBoth, kWhole, kSeats, kAsDrawn };

StatusOr<Tables> TablesOf(const Call& call) {
  const auto given = call.Query("bookWholeTables");
  if (!given) return Tables::kBoth;
  if (*given == "true") return Tables::kWhole;
  if (*given == "false") return Tables::kSeats;
  if (*given == "chart") return Tables::kAsDrawn;
  return Refuse("GENERAL_ERROR", "bookWholeTables: chart, true or false");
}

bool IsCounted(const ChartView& view, const seat::SeatsioObject& object, Tables tables) {
  const bool table = object.kind == seat::ObjectKind::kTable;
  const bool at_table = object.table != seat::kNone;
  if (!object.bookable) return false;
  if (tables == Tables::kBoth || (!table && !at_table)) return true;
  const bool whole = tables == Tables::kAsDrawn
                         ? (table ? object : view.drawn.objects[object.table]).whole
                         : tables == Tables::kWhole;
  return whole == table;
}

std::vector<Dimension> DimensionsOf(const ChartView& view) {
  Dimension key{"byCategoryKey", {}};
  Dimension label{"byCategoryLabel", {}};
  for (const Json& category : view.summary["categories"]) {
    key.always.push_back(KeyText(category["key"]));
    label.always.push_back(category["label"]);
  }
  key.always.push_back("NO_CATEGORY");
  label.always.push_back("NO_CATEGORY");
  Dimension zone{"byZone", {}};
  for (const seat::SeatsioZone& drawn : view.drawn.zones) zone.always.push_back(drawn.key);
  zone.always.push_back("NO_ZONE");
  return {{"byObjectType", {"seat", "generalAdmission", "table", "booth"}},
          std::move(key),
          std::move(label),
          {"bySection", {}},
          std::move(zone)};
}

StatusOr<ReportInput> Read(ChartStore& charts, const Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, charts.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const Tables tables, TablesOf(call));
  const bool draft = call.Query("version").value_or("published") == "draft";
  if (draft && chart.draft == 0) return Missing("CHART_NOT_FOUND", "The chart has no draft");
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view,
                             charts.View(draft ? chart.draft : chart.published));
  ReportInput input;
  input.dimensions = DimensionsOf(*view);
  for (const seat::SeatsioObject& object : view->drawn.objects) {
    if (!IsCounted(*view, object, tables)) continue;
    JsonText drawn;
    DescribeDrawn(*view, object, drawn);
    Json json = Json::parse(std::move(drawn).Take());
    const seat::SeatsioCategory& category = view->drawn.categories[object.category];
    json["categoryKey"] = category.key;
    json["categoryLabel"] = category.label;
    const auto text = [&json](const char* name, const char* otherwise) {
      return json.contains(name) ? json[name].get<std::string>() : otherwise;
    };
    input.values.push_back({{"byLabel", object.label},
                            {"byObjectType", std::string(TypeOf(object))},
                            {"byCategoryKey", category.key},
                            {"byCategoryLabel", category.label},
                            {"bySection", text("section", "NO_SECTION")},
                            {"byZone", text("zone", "NO_ZONE")}});
    const bool area = object.kind == seat::ObjectKind::kArea;
    input.portions.push_back({input.values.back(), area ? object.capacity : 1});
    input.objects.push_back(std::move(json));
  }
  return input;
}

}  // namespace

std::vector<Route> ChartReportRoutes(ChartStore& charts) {
  const auto detailed = [&charts](Call& call) -> StatusOr<Reply> {
    TICKETING_ASSIGN_OR_RETURN(ReportInput input, Read(charts, call));
    const std::string_view type = call.Path("type");
    if (!HasDimension(input, type) && type != "byLabel")
      return Missing("GENERAL_ERROR", "There is no report " + std::string(type));
    return Ok(DetailedReport(std::move(input), type, std::nullopt));
  };
  const auto summary = [&charts](Call& call) -> StatusOr<Reply> {
    TICKETING_ASSIGN_OR_RETURN(const ReportInput input, Read(charts, call));
    if (!HasDimension(input, call.Path("type")))
      return Missing("GENERAL_ERROR", "There is no summary " + std::string(call.Path("type")));
    return Ok(SummaryReport(input, call.Path("type"), false));
  };
  return {{"GET", "/reports/charts/{chart}/{type}", Auth::kKey, detailed},
          {"GET", "/reports/charts/{chart}/{type}/summary", Auth::kKey, summary}};
}

}  // namespace ticketing::seatsio
