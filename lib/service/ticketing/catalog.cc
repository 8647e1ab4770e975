#include "lib/service/ticketing/catalog.h"

#include <algorithm>

#include "lib/service/ticketing/cursor.h"
#include "lib/service/ticketing/gate_policy.h"
#include "lib/service/ticketing/time_zone.h"
#include "lib/wire/convert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

// By seat::EventKind.
constexpr std::string_view kKindNames[] = {"event", "season", "partial_season", "match"};

Status NotFound(std::string_view what) {
  return MakeError(ErrorCode::kNotFound, "There is no such " + std::string(what) + ".");
}

v1::ChartSummary SummaryOf(ChartId id, const seat::Chart& chart) {
  v1::ChartSummary summary;
  summary.set_id(id.ToString());
  summary.set_name(chart.name());
  summary.set_seats(static_cast<int32_t>(chart.seat_count()));
  summary.set_suites(static_cast<int32_t>(chart.drawing().suites.size()));
  summary.set_areas(static_cast<int32_t>(chart.object_count() - chart.unit_count()));
  int64_t capacity = 0;
  for (uint32_t i = chart.unit_count(); i < chart.object_count(); ++i)
    capacity += chart.object(i).capacity;
  summary.set_area_capacity(capacity);
  const seat::Drawing& drawing = chart.drawing();
  summary.set_sections(static_cast<int32_t>(drawing.sections.size()));
  const auto add = [](v1::NamedKey* out, const std::string& key, const std::string& name) {
    out->set_key(key);
    out->set_name(name);
  };
  for (const seat::Category& c : drawing.categories) add(summary.add_categories(), c.key, c.name);
  for (const seat::Named& gate : drawing.gates) add(summary.add_gates(), gate.id, gate.name);
  for (const seat::Zone& zone : drawing.zones) add(summary.add_zones(), zone.id, zone.name);
  return summary;
}

v1::Venue VenueOf(const SqlRow& row) {
  v1::Venue venue;
  venue.set_id(VenueId::FromSql(row.Int(0)).ToString());
  venue.set_name(row.Text(1));
  venue.set_city(row.Text(2));
  venue.set_time_zone(row.Text(3));
  venue.set_utc_offset_minutes(static_cast<int32_t>(row.Int(4)));
  return venue;
}

}  // namespace

std::vector<Route> Catalog::Routes() {
  const auto bind = [this](StatusOr<HttpResponse> (Catalog::*method)(Call&)) {
    return [this, method](Call& call) { return (this->*method)(call); };
  };
  const Access anyone{};
  const Access admin{.roles = {Role::kAdmin}};
  std::vector<Route> routes;
  routes.push_back({"POST", "/v1/venues", "createVenue", "Makes a venue", admin,
                    "ticketing.v1.CreateVenueRequest", "ticketing.v1.Venue",
                    bind(&Catalog::CreateVenue), false, 201});
  routes.push_back({"GET", "/v1/venues", "listVenues", "Lists the venues", anyone, "",
                    "ticketing.v1.VenueList", bind(&Catalog::ListVenues)});
  Route chart{"POST",
              "/v1/charts",
              "createChart",
              "Imports a chart; importing the same file again gives the same chart",
              admin,
              "",
              "ticketing.v1.ChartSummary",
              bind(&Catalog::CreateChart),
              false,
              201};
  chart.body_bytes_max = limits::kChartBodyBytesMax;
  routes.push_back(std::move(chart));
  routes.push_back({"GET", "/v1/charts", "listCharts", "Lists the charts", anyone, "",
                    "ticketing.v1.ChartList", bind(&Catalog::ListCharts)});
  routes.push_back({"GET", "/v1/charts/{chart_id}", "getChart",
                    "Gives a chart as a file of the format ticketing-chart/1", anyone, "", "",
                    bind(&Catalog::GetChart)});
  routes.push_back({"POST", "/v1/events", "createEvent", "Makes an event and puts it on sale",
                    admin, "ticketing.v1.CreateEventRequest", "ticketing.v1.Event",
                    bind(&Catalog::CreateEvent), false, 201});
  Route list{"GET",
             "/v1/events",
             "listEvents",
             "Lists the events by their start",
             anyone,
             "",
             "ticketing.v1.EventList",
             bind(&Catalog::ListEvents)};
  list.query = {{"limit", "How many, 1 to 500."}, {"cursor", "next_cursor of the page before."}};
  routes.push_back(std::move(list));
  routes.push_back({"GET", "/v1/events/{event_id}", "getEvent", "Gives one event", anyone, "",
                    "ticketing.v1.Event", bind(&Catalog::GetEvent)});
  return routes;
}

StatusOr<HttpResponse> Catalog::CreateVenue(Call& call) {
  v1::CreateVenueRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_RETURN_IF_ERROR(CheckTimeZone(request.time_zone(), request.utc_offset_minutes()));
  const auto id = VenueId::FromEntropy(call.Entropy("venue"));
  v1::Venue venue;
  venue.set_id(id.ToString());
  venue.set_name(request.name());
  venue.set_city(request.city());
  venue.set_time_zone(request.time_zone());
  venue.set_utc_offset_minutes(request.utc_offset_minutes());
  const Timestamp now = context_.env.clock.Now();
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx
        .Execute(
            "INSERT INTO venues (id, name, city, time_zone, utc_offset_minutes, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            {id.ToSql(), venue.name(), venue.city(), venue.time_zone(),
             int64_t{venue.utc_offset_minutes()}, now.micros})
        .status();
  }));
  return call.Reply(201, venue);
}

StatusOr<HttpResponse> Catalog::ListVenues(Call& call) {
  v1::VenueList list;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query(
        "SELECT id, name, city, time_zone, utc_offset_minutes FROM venues"
        " ORDER BY created_at, id",
        {}, [&](const SqlRow& row) {
          *list.add_venues() = VenueOf(row);
          return OkStatus();
        });
  }));
  return call.Reply(200, list);
}

StatusOr<v1::Venue> Catalog::Venue(VenueId id) {
  std::optional<v1::Venue> venue;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT id, name, city, time_zone, utc_offset_minutes FROM venues WHERE id = ?",
                    {id.ToSql()}, [&](const SqlRow& row) {
                      venue = VenueOf(row);
                      return OkStatus();
                    });
  }));
  if (!venue) return NotFound("venue");
  return *std::move(venue);
}

StatusOr<HttpResponse> Catalog::CreateChart(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const seat::Chart chart, seat::ParseChart(call.request.body));
  const std::string json = seat::ToJson(chart);
  const std::string hash = HexEncode(Sha256(json));
  auto id = ChartId::FromEntropy(call.Entropy("chart"));
  const std::string summary = wire::ToBytes(SummaryOf(id, chart));
  const Timestamp now = context_.env.clock.Now();
  bool made = false;
  v1::ChartSummary stored;
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(
        const int64_t rows,
        tx.Execute("INSERT INTO charts (id, name, hash, body, summary, created_at)"
                   " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
                   {id.ToSql(), chart.name(), hash, json, Blob{summary}, now.micros}));
    made = rows == 1;
    return tx.Query("SELECT summary FROM charts WHERE hash = ?", {hash},
                    [&](const SqlRow& row) { return wire::FromBytes(row.Bytes(0), &stored); });
  }));
  return call.Reply(made ? 201 : 200, stored);
}

StatusOr<HttpResponse> Catalog::ListCharts(Call& call) {
  v1::ChartList list;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query(
        "SELECT summary FROM charts ORDER BY created_at, id", {},
        [&](const SqlRow& row) { return wire::FromBytes(row.Bytes(0), list.add_charts()); });
  }));
  return call.Reply(200, list);
}

StatusOr<HttpResponse> Catalog::GetChart(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartId id, call.PathId<ChartId>("chart_id"));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartInfo> chart, Chart(id));
  const std::string etag = "\"" + chart->hash + "\"";
  HttpResponse response;
  response.headers.Set("ETag", etag);
  response.headers.Set("Cache-Control", "public, max-age=86400");
  if (call.request.headers.Get("If-None-Match").value_or("") == etag) {
    response.status = 304;
    return response;
  }
  response.headers.Set("Content-Type", "application/json");
  response.body = chart->json;
  return response;
}

StatusOr<std::shared_ptr<const ChartInfo>> Catalog::Chart(ChartId id) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = charts_.find(id); it != charts_.end()) return it->second;
  }
  auto info = std::make_shared<ChartInfo>();
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT hash, body FROM charts WHERE id = ?", {id.ToSql()},
                    [&](const SqlRow& row) {
                      info->hash = row.Text(0);
                      info->json = row.Text(1);
                      return OkStatus();
                    });
  }));
  if (info->json.empty()) return NotFound("chart");
  StatusOr<seat::Chart> chart = seat::ParseChart(info->json);
  if (!chart.ok()) return MakeError(ErrorCode::kDataLoss, "A stored chart cannot be read.");
  info->id = id;
  info->chart = std::make_shared<const seat::Chart>(*std::move(chart));
  const std::lock_guard lock(mutex_);
  return charts_.emplace(id, std::move(info)).first->second;
}

StatusOr<NewEvent> Catalog::Draft(const v1::CreateEventRequest& request) {
  const StatusOr<v1::Venue> venue = Venue(*VenueId::Parse(request.venue_id()));
  if (CodeOf(venue.status()) == ErrorCode::kNotFound)
    return InvalidField("venue_id", "is not a venue");
  TICKETING_RETURN_IF_ERROR(venue.status());
  const auto chart = Chart(*ChartId::Parse(request.chart_id()));
  if (CodeOf(chart.status()) == ErrorCode::kNotFound)
    return InvalidField("chart_id", "is not a chart");
  TICKETING_RETURN_IF_ERROR(chart.status());
  NewEvent draft;
  TICKETING_RETURN_IF_ERROR(FillEvent(request, *(*chart)->chart, draft.event));
  *draft.event.mutable_venue() = *venue;
  return draft;
}

StatusOr<HttpResponse> Catalog::CreateEvent(Call& call) {
  v1::CreateEventRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(NewEvent event, Draft(request));
  event.id = event.lane = EventId::FromEntropy(call.Entropy("event"));
  TICKETING_ASSIGN_OR_RETURN(const auto chart, Chart(*ChartId::Parse(request.chart_id())));
  const Timestamp now = context_.env.clock.Now();
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(InsertEvent(tx, event, now));
    return EventLane::Create(tx, event.lane, chart->chart, event.kind, DefaultRules(), now);
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const EventInfo> stored, Event(event.id));
  return call.Reply(201, stored->event);
}

Status InsertEvent(SqlTransaction& tx, const NewEvent& event, Timestamp now) {
  v1::Event body = event.event;
  body.clear_venue();
  const Timestamp starts_at = wire::TimeOf(body.starts_at());
  // Short numbers, because they stand in every ticket code.
  int64_t number = 1;
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT MAX(number) FROM events", {}, [&](const SqlRow& row) {
    number = row.Int(0) + 1;
    return OkStatus();
  }));
  return tx
      .Execute(
          "INSERT INTO events (id, number, venue_id, chart_id, starts_at, body, created_at,"
          " lane_id, slot, kind, season_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          {event.id.ToSql(), number, VenueId::Parse(event.event.venue().id())->ToSql(),
           ChartId::Parse(body.chart_id())->ToSql(), starts_at.micros, Blob{wire::ToBytes(body)},
           now.micros, event.lane.ToSql(), int64_t{event.slot}, static_cast<int64_t>(event.kind),
           event.season.ToSql()})
      .status();
}

void HideStaffPrices(const Principal& caller, v1::Event& event) {
  if (caller.IsStaff()) return;
  auto& prices = *event.mutable_prices();
  prices.erase(std::remove_if(prices.begin(), prices.end(),
                              [](const v1::CategoryPrice& price) { return price.staff_only(); }),
               prices.end());
}

seat::SaleRules DefaultRules() {
  seat::SaleRules rules;
  rules.refuse_orphans = true;
  return rules;
}

StatusOr<std::shared_ptr<const EventInfo>> Catalog::Event(EventId id) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = events_.find(id); it != events_.end()) return it->second;
  }
  int64_t moves = 0;
  {
    const std::lock_guard lock(mutex_);
    moves = moves_;
  }
  TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<const EventInfo> info, LoadEvent(id));
  const std::lock_guard lock(mutex_);
  // What was read before a move must not be kept after it.
  if (moves != moves_) return info;
  return events_.emplace(id, std::move(info)).first->second;
}

StatusOr<std::shared_ptr<const EventInfo>> Catalog::LoadEvent(EventId id) {
  auto info = std::make_shared<EventInfo>();
  info->id = id;
  VenueId venue_id;
  ChartId chart_id;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(v1::StoredGatePolicy policy, ReadGatePolicy(tx, id));
    info->gate_types->Set(std::move(policy));
    return tx.Query(
        "SELECT number, venue_id, chart_id, body, lane_id, slot, kind, season_id FROM events"
        " WHERE id = ?",
        {id.ToSql()}, [&](const SqlRow& row) {
          info->number = static_cast<uint32_t>(row.Int(0));
          venue_id = VenueId::FromSql(row.Int(1));
          chart_id = ChartId::FromSql(row.Int(2));
          info->lane = LaneId::FromSql(row.Int(4));
          info->slot = static_cast<uint32_t>(row.Int(5));
          info->kind = static_cast<seat::EventKind>(row.Int(6));
          info->season = EventId::FromSql(row.Int(7));
          return wire::FromBytes(row.Bytes(3), &info->event);
        });
  }));
  if (info->number == 0) return NotFound("event");
  TICKETING_ASSIGN_OR_RETURN(*info->event.mutable_venue(), Venue(venue_id));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartInfo> chart, Chart(chart_id));
  TICKETING_ASSIGN_OR_RETURN(info->prices, PriceListOf(info->event));
  info->chart = chart->chart;
  info->event.set_id(id.ToString());
  info->event.set_number(info->number);
  info->event.set_kind(std::string(kKindNames[static_cast<size_t>(info->kind)]));
  if (info->season) info->event.set_season_id(info->season.ToString());
  for (int i = 0; i < info->event.zones_size(); ++i)
    info->zone_numbers.emplace(info->event.zones(i).id(), static_cast<uint16_t>(i + 1));
  return std::shared_ptr<const EventInfo>(std::move(info));
}

int64_t Catalog::moves() {
  const std::lock_guard lock(mutex_);
  return moves_;
}

StatusOr<bool> Catalog::FollowMoves() {
  int64_t moves = 0;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT COUNT(*) FROM chart_moves", {}, [&](const SqlRow& row) {
      moves = row.Int(0);
      return OkStatus();
    });
  }));
  const std::lock_guard lock(mutex_);
  if (moves == moves_) return false;
  moves_ = moves;
  events_.clear();
  return true;
}

StatusOr<HttpResponse> Catalog::ListEvents(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const size_t limit, call.PageLimit());
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Cursor> cursor, QueryCursor(call, "cursor"));
  const Cursor after = cursor.value_or(Cursor{});
  std::vector<std::pair<EventId, int64_t>> rows;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query(
        "SELECT id, starts_at FROM events WHERE starts_at > ? OR (starts_at = ? AND id > ?)"
        " ORDER BY starts_at, id LIMIT ?",
        {after.first, after.first, after.second, static_cast<int64_t>(limit + 1)},
        [&](const SqlRow& row) {
          rows.emplace_back(EventId::FromSql(row.Int(0)), row.Int(1));
          return OkStatus();
        });
  }));
  v1::EventList list;
  if (rows.size() > limit) {
    rows.pop_back();
    list.set_next_cursor(EncodeCursor({rows.back().second, rows.back().first.ToSql()}));
  }
  for (const auto& [id, starts_at] : rows) {
    TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const EventInfo> info, Event(id));
    v1::Event& event = *list.add_events();
    event = info->event;
    HideStaffPrices(call.principal, event);
  }
  return call.Reply(200, list);
}

StatusOr<HttpResponse> Catalog::GetEvent(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const EventInfo> info, Event(id));
  v1::Event event = info->event;
  HideStaffPrices(call.principal, event);
  return call.Reply(200, event);
}

}  // namespace ticketing
