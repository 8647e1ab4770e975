#include "lib/service/seatsio/event_reports.h"

#include <algorithm>

#include "lib/service/seatsio/event_config.h"
#include "lib/service/seatsio/report.h"
#include "lib/service/seatsio/shapes.h"

namespace ticketing::seatsio {
namespace {

std::string TextOf(const Json& object, const char* name, const char* otherwise) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : otherwise;
}

std::vector<Dimension> DimensionsOf(const ChartView& view, const Json& categories) {
  Dimension key{"byCategoryKey", {}};
  Dimension label{"byCategoryLabel", {}};
  for (const Json& category : categories) {
    key.always.push_back(KeyText(category["key"]));
    label.always.push_back(category["label"]);
  }
  key.always.push_back("NO_CATEGORY");
  label.always.push_back("NO_CATEGORY");
  Dimension zone{"byZone", {}};
  for (const seat::SeatsioZone& drawn : view.drawn.zones) zone.always.push_back(drawn.key);
  zone.always.push_back("NO_ZONE");
  return {
      {"byStatus", {}},
      {"byObjectType", {"seat", "generalAdmission", "table", "booth"}},
      std::move(key),
      std::move(label),
      {"bySection", {}},
      std::move(zone),
      {"byAvailability", {"available", "not_available"}},
      {"byAvailabilityReason",
       {"available", "booked", "disabled_by_social_distancing", "not_for_sale", "reservedByToken"}},
      {"byChannel", {}}};
}

std::map<std::string, std::string, std::less<>> ValuesOf(const Json& object) {
  return {{"byStatus", object["status"]},
          {"byObjectType", object["objectType"]},
          {"byCategoryKey", TextOf(object, "categoryKey", "NO_CATEGORY")},
          {"byCategoryLabel", TextOf(object, "categoryLabel", "NO_CATEGORY")},
          {"byLabel", object["label"]},
          {"byOrderId", TextOf(object, "orderId", "NO_ORDER_ID")},
          {"bySection", TextOf(object, "section", "NO_SECTION")},
          {"byZone", TextOf(object, "zone", "NO_ZONE")},
          {"byChannel", TextOf(object, "channel", "NO_CHANNEL")},
          {"byAvailability", object["isAvailable"] == true ? "available" : "not_available"},
          {"byAvailabilityReason", object["availabilityReason"]},
          {"bySelectability", object["isAvailable"] == true ? "selectable" : "not_selectable"}};
}

// The places of an area, by who has them and by channel.
void AddArea(const Scene& scene, uint32_t area, const Json& object, ReportInput& input) {
  const seat::Inventory& inventory = scene.inventory();
  const auto channel_key = [&](uint16_t id) -> std::string {
    for (const seat::Channel& channel : inventory.rules().channels) {
      if (channel.id == id) return channel.key;
    }
    return "NO_CHANNEL";
  };
  const auto add = [&](const std::string& status, const std::string& channel, bool available,
                       const std::string& reason, int64_t count) {
    if (count <= 0) return;
    Portion portion{ValuesOf(object), count};
    portion.values["byStatus"] = status;
    portion.values["byChannel"] = channel;
    portion.values["byAvailability"] = available ? "available" : "not_available";
    portion.values["byAvailabilityReason"] = reason;
    portion.values["bySelectability"] = available ? "selectable" : "not_selectable";
    input.portions.push_back(std::move(portion));
  };
  std::map<uint16_t, int64_t> taken;
  int64_t in_rows = 0;
  for (const seat::SeatRow& row : inventory.AreaRows(area)) {
    const std::string status = StatusName(row.status, row.custom);
    add(status, channel_key(row.channel), false, status, row.quantity);
    taken[row.channel] += row.quantity;
    in_rows += row.quantity;
  }
  const int64_t elsewhere =
      object["capacity"].get<int64_t>() - object["numFree"].get<int64_t>() - in_rows;
  add("booked", "NO_CHANNEL", false, "booked", elsewhere);
  int64_t free = object["numFree"];
  int64_t closed = std::min(free, object["numNotForSale"].get<int64_t>());
  const auto add_free = [&](const std::string& channel, int64_t count) {
    const int64_t not_for_sale = std::min(count, closed);
    closed -= not_for_sale;
    add("free", channel, false, "not_for_sale", not_for_sale);
    add("free", channel, true, "available", count - not_for_sale);
    free -= count;
  };
  for (const seat::Channel& channel : inventory.rules().channels) {
    const auto places = channel.area_places.find(area);
    if (places == channel.area_places.end()) continue;
    const int64_t left = int64_t{places->second} - taken[channel.id];
    if (left > 0) add_free(channel.key, std::min(left, free));
  }
  add_free("NO_CHANNEL", free);
}

void Collect(const Scene& scene, ReportInput& input) {
  const seat::Chart& chart = *scene.view.chart;
  for (uint32_t i = 0; i < chart.object_count(); ++i) {
    if (!scene.inventory().sold_here(i)) continue;
    Json object = Json::parse(DescribeObject(scene, i));
    input.values.push_back(ValuesOf(object));
    if (chart.IsUnit(i)) {
      input.portions.push_back({input.values.back(), 1});
    } else {
      AddArea(scene, i, object, input);
    }
    input.objects.push_back(std::move(object));
  }
}

StatusOr<ReportInput> Read(const Context& context, EventStore& events, const Call& call,
                           std::string_view key) {
  TICKETING_ASSIGN_OR_RETURN(EventRow row, events.Find(call.principal, key));
  TICKETING_ASSIGN_OR_RETURN(const KnownEvent known, events.Know(std::move(row)));
  const EventRow& event = known.row;
  TICKETING_ASSIGN_OR_RETURN(const auto listings, ResaleListings(context.database, event));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events.Lane(event));
  const bool propagated = call.Query("seasonBookingsPropagated").value_or("true") != "false";
  ReportInput input;
  TICKETING_RETURN_IF_ERROR(lane->Ask([&](const LaneState& state) {
    input = {};
    Scene scene(known, state.seats);
    scene.listings = listings;
    scene.propagated = propagated;
    return Safely([&] {
             Collect(scene, input);
             return Json();
           })
        .status();
  }));
  input.dimensions = DimensionsOf(
      *known.view, CategoriesOfEvent(known.view->summary, event.config, event.season_config));
  return input;
}

// In the order of their labels, numbers in them by value: A-2 before A-10.
bool LabelLess(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const size_t from_i = i, from_j = j;
      while (i < a.size() && digit(a[i])) ++i;
      while (j < b.size() && digit(b[j])) ++j;
      const std::string_view x = a.substr(from_i, i - from_i), y = b.substr(from_j, j - from_j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

// A field of CSV; what a spreadsheet would take for a formula is made text.
std::string CsvField(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>()
                     : value.is_null() ? ""
                                       : Dump(value);
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos &&
      value.is_string())
    text.insert(0, "'");
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string Csv(const std::vector<Json>& objects) {
  const std::vector<std::string> columns = {
      "label",      "status",    "objectType", "categoryKey", "categoryLabel",
      "section",    "entrance",  "zone",       "channel",     "orderId",
      "ticketType", "holdToken", "forSale",    "isAvailable", "availabilityReason",
      "capacity",   "numBooked", "numHeld",    "numFree",     "extraData"};
  std::string out;
  for (const std::string& column : columns) out.append(out.empty() ? "" : ",").append(column);
  out += "\r\n";
  for (const Json& object : objects) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out += ',';
      out += CsvField(object.value(columns[i], Json()));
    }
    out += "\r\n";
  }
  return out;
}

StatusOr<Reply> Flat(const Context& context, EventStore& events, Call& call) {
  std::string_view key = call.Path("event");
  constexpr std::string_view kCsv = ".csv";
  const bool csv = key.ends_with(kCsv);
  if (csv) key.remove_suffix(kCsv.size());
  TICKETING_ASSIGN_OR_RETURN(ReportInput input, Read(context, events, call, key));
  std::ranges::sort(input.objects, LabelLess, [](const Json& object) -> const std::string& {
    return object["label"].get_ref<const std::string&>();
  });
  if (csv) return Reply{200, "text/csv; charset=utf-8", Csv(input.objects)};
  return Ok(Json(std::move(input.objects)));
}

StatusOr<Reply> Detailed(const Context& context, EventStore& events, Call& call) {
  TICKETING_ASSIGN_OR_RETURN(ReportInput input, Read(context, events, call, call.Path("event")));
  const std::string_view type = call.Path("type");
  if (!HasDimension(input, type) && type != "byLabel" && type != "byOrderId" &&
      type != "bySelectability")
    return Missing("GENERAL_ERROR", "There is no report " + std::string(type));
  std::optional<std::string> filter;
  if (const std::string_view given = call.Path("filter"); !given.empty()) filter = given;
  return Ok(DetailedReport(std::move(input), type, filter));
}

StatusOr<Reply> Summary(const Context& context, EventStore& events, Call& call, bool deep) {
  TICKETING_ASSIGN_OR_RETURN(const ReportInput input,
                             Read(context, events, call, call.Path("event")));
  if (!HasDimension(input, call.Path("type")))
    return Missing("GENERAL_ERROR", "There is no summary " + std::string(call.Path("type")));
  return Ok(SummaryReport(input, call.Path("type"), deep));
}

}  // namespace

std::vector<Route> EventReportRoutes(const Context& context, EventStore& events) {
  const auto with = [&context,
                     &events](StatusOr<Reply> (*handler)(const Context&, EventStore&, Call&)) {
    return [&context, &events, handler](Call& call) { return handler(context, events, call); };
  };
  const auto summary = [&context, &events](bool deep) {
    return [&context, &events, deep](Call& call) { return Summary(context, events, call, deep); };
  };
  const std::string report = "/reports/events/{event}";
  return {
      {"GET", report, Auth::kKey, with(Flat)},
      {"GET", report + "/{type}", Auth::kKey, with(Detailed)},
      {"GET", report + "/{type}/summary", Auth::kKey, summary(false)},
      {"GET", report + "/{type}/{filter}", Auth::kKey, with(Detailed)},
      {"GET", report + "/{type}/summary/deep", Auth::kKey, summary(true)},
  };
}

}  // namespace ticketing::seatsio
