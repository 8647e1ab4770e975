#include "lib/service/seatsio/events.h"

#include <algorithm>
#include <set>

#include "lib/service/seatsio/drawing.h"
#include "lib/service/seatsio/event_config.h"
#include "lib/service/seatsio/event_edit.h"
#include "lib/service/seatsio/pages.h"
#include "lib/service/seatsio/shapes.h"

namespace ticketing::seatsio {
namespace {

constexpr size_t kEventsPerCallMax = 100;

bool IsDay(const std::string& text) {
  return text.size() == 10 && ParseTimestamp(text + "T00:00:00Z").has_value();
}

}  // namespace

Status ReadEventNames(const Json& request, std::string_view key_field, Random& random,
                      EventRow& event) {
  Fields in(request);
  const auto key = in.Text(key_field);
  if (key && key->empty()) in.Fault(key_field, "expected minLength: 1");
  event.key = key ? *key : NewUuid(random);
  event.name = in.Text("name").value_or("");
  event.day = in.Text("date").value_or("");
  if (!event.day.empty() && !IsDay(event.day)) in.Fault("date", "expected a day: 2026-11-22");
  return in.status();
}

std::vector<Route> Events::Routes() {
  const std::string one = "/events/{event}";
  return {
      {"POST", "/events", Auth::kKey, Bind(this, &Events::Create)},
      {"GET", "/events", Auth::kKey, Bind(this, &Events::List)},
      {"POST", "/events/actions/create-multiple", Auth::kKey, Bind(this, &Events::CreateMultiple)},
      {"GET", one, Auth::kKey, Bind(this, &Events::Get)},
      {"POST", one, Auth::kKey, Bind(this, &Events::Update)},
      {"DELETE", one, Auth::kKey, Bind(this, &Events::Delete)},
      {"POST", one + "/actions/move-to-new-chart-copy", Auth::kKey,
       Bind(this, &Events::MoveToChartCopy)},
  };
}

StatusOr<std::vector<EventRow>> Events::Make(const Call& call, const ChartRow& chart,
                                             const std::vector<const Json*>& requests) {
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view,
                             events_.charts().View(chart.published));
  std::vector<EventRow> made;
  std::vector<seat::SaleRules> rules;
  std::set<std::string> keys;
  for (const Json* request : requests) {
    EventRow event;
    TICKETING_RETURN_IF_ERROR(ReadEventNames(*request, "eventKey", call.env.random, event));
    if (!keys.insert(event.key).second)
      return Refuse("GENERAL_ERROR", "Duplicate event keys are not allowed");
    event.workspace = call.principal.workspace;
    event.chart = chart.id;
    event.chart_key = chart.key;
    event.drawing = chart.published;
    event.lane = call.env.random.NewId<LaneId>();
    event.config = EmptyConfig();
    TICKETING_RETURN_IF_ERROR(ReadConfig(*request, event.config));
    TICKETING_ASSIGN_OR_RETURN(seat::SaleRules one, RulesOf(event.config, Json(), *view));
    rules.push_back(std::move(one));
    made.push_back(std::move(event));
  }
  const Timestamp now = call.env.clock.Now();
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    for (size_t i = 0; i < made.size(); ++i) {
      TICKETING_RETURN_IF_ERROR(
          EventLane::Create(tx, made[i].lane, view->chart, seat::EventKind::kEvent, rules[i], now));
      TICKETING_RETURN_IF_ERROR(InsertEvent(tx, made[i], now));
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return made;
}

StatusOr<Reply> Events::Create(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const std::string chart_key = in.RequiredText("chartKey");
  TICKETING_RETURN_IF_ERROR(in.status());
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart,
                             events_.charts().Find(call.principal, chart_key));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventRow> made, Make(call, chart, {&body}));
  TICKETING_ASSIGN_OR_RETURN(const Json json, Show(made[0]));
  return Ok(json, 201);
}

StatusOr<Reply> Events::CreateMultiple(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const std::string chart_key = in.RequiredText("chartKey");
  const Json* const list = in.Array("events", kEventsPerCallMax);
  TICKETING_RETURN_IF_ERROR(in.status());
  if (list == nullptr || list->empty())
    return Refuse("GENERAL_ERROR", "#/events: expected minimum item count: 1, found: 0");
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart,
                             events_.charts().Find(call.principal, chart_key));
  std::vector<const Json*> requests;
  for (const Json& request : *list) requests.push_back(&request);
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventRow> made, Make(call, chart, requests));
  TICKETING_ASSIGN_OR_RETURN(const Json shown, ShowList(made));
  return Ok({{"events", shown}}, 201);
}

StatusOr<Json> Events::Show(const EventRow& event) {
  TICKETING_ASSIGN_OR_RETURN(const Json summary, events_.charts().Summary(event.drawing));
  Json json = ShowEvent(event, summary);
  if (event.kind == seat::EventKind::kMatch) {
    TICKETING_ASSIGN_OR_RETURN(const std::vector<EventRow> partials,
                               events_.PartialsOfMatch(event.id));
    json["partialSeasonKeysForEvent"] = Json::array();
    for (const EventRow& partial : partials)
      json["partialSeasonKeysForEvent"].push_back(partial.key);
  }
  return json;
}

StatusOr<Json> Events::ShowList(const std::vector<EventRow>& events) {
  Json list = Json::array();
  for (const EventRow& event : events) {
    TICKETING_ASSIGN_OR_RETURN(Json json, Show(event));
    list.push_back(std::move(json));
  }
  return list;
}

StatusOr<Json> Events::ShowWhole(const EventRow& event) {
  TICKETING_ASSIGN_OR_RETURN(Json json, Show(event));
  if (!event.IsSeason()) return json;
  const bool top = event.kind == seat::EventKind::kSeason;
  TICKETING_ASSIGN_OR_RETURN(
      const std::vector<EventRow> matches,
      top ? events_.MatchesOf(event.id) : events_.MatchesOfPartial(event.id));
  TICKETING_ASSIGN_OR_RETURN(json["events"], ShowList(matches));
  if (!top) return json;
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventRow> partials, events_.PartialsOf(event.id));
  json["partialSeasonKeys"] = Json::array();
  for (const EventRow& partial : partials) json["partialSeasonKeys"].push_back(partial.key);
  return json;
}

StatusOr<Json> Events::OfChart(const Principal& principal, int64_t chart, size_t limit) {
  TICKETING_ASSIGN_OR_RETURN(
      const std::vector<EventRow> rows,
      events_.Query("WHERE e.workspace_id = ? AND e.chart_id = ? ORDER BY e.id DESC LIMIT ?",
                    {principal.workspace, chart, static_cast<int64_t>(limit)}));
  return ShowList(rows);
}

StatusOr<Reply> Events::Get(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventRow event,
                             events_.Find(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(const Json json, ShowWhole(event));
  return Ok(json);
}

StatusOr<Reply> Events::List(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const PageRequest page, call.Page());
  PageQuery query;
  query.columns = kEventColumns;
  // Events of a season are shown with the season.
  query.where = "e.workspace_id = ? AND e.season_id = 0";
  query.args.emplace_back(call.principal.workspace);

  query.id = "e.id";
  std::vector<EventRow> rows;
  TICKETING_ASSIGN_OR_RETURN(const bool before,
                             ReadPage(
                                 context_.database, query, page, [&rows] { rows.clear(); },
                                 [&rows](const SqlRow& row) { rows.push_back(EventOf(row)); }));
  if (page.before) std::ranges::reverse(rows);
  std::vector<PageItem> items;
  for (const EventRow& event : rows) {
    TICKETING_ASSIGN_OR_RETURN(Json json, Show(event));
    items.push_back({std::to_string(event.id), std::move(json)});
  }
  return Ok(PageOf(std::move(items), page, before));
}

StatusOr<Reply> Events::Update(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const auto key = in.Text("eventKey");
  const auto name = in.Text("name");
  const auto day = in.Text("date");
  if (key && key->empty()) in.Fault("eventKey", "expected minLength: 1");
  if (day && !day->empty() && !IsDay(*day)) in.Fault("date", "expected a day: 2026-11-22");
  TICKETING_RETURN_IF_ERROR(in.status());
  EventEdit edit;
  edit.config = [&body](Json& config) { return ReadConfig(body, config); };
  edit.rows = [&](SqlTransaction& tx, const EventRow& event) -> Status {
    Status changed = tx.Execute("UPDATE events SET key = ?, name = ?, day = ? WHERE id = ?",
                                {key.value_or(event.key), name.value_or(event.name),
                                 day.value_or(event.day), event.id})
                         .status();
    if (CodeOf(changed) == ErrorCode::kConflict)
      return Refuse("GENERAL_ERROR", "Event key is already in use: " + key.value_or(""));
    return changed;
  };
  if (in.Has("tableBookingConfig")) edit.log_type = "event.table.booking.config.updated";
  if (in.Has("categories") || in.Has("objectCategories"))
    edit.log_type = "event.categories.updated";
  TICKETING_RETURN_IF_ERROR(
      EditEvent(context_, events_, call.principal, call.Path("event"), edit).status());
  return NoContent();
}

StatusOr<Reply> Events::Delete(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventRow event,
                             events_.Find(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(event));
  const bool all = event.season == 0;
  const auto rows = [&](SqlTransaction& tx) -> Status {
    const char* const of = all ? "(SELECT id FROM events WHERE lane_id = ?)" : "(?)";
    const int64_t which = all ? event.lane.ToSql() : event.id;
    for (const std::string& sql :
         {std::string("DELETE FROM partial_season_events WHERE event_id IN ") + of,
          std::string("DELETE FROM partial_season_events WHERE partial_id IN ") + of,
          std::string("DELETE FROM events WHERE id IN ") + of})
      TICKETING_RETURN_IF_ERROR(tx.Execute(sql, {which}).status());
    return OkStatus();
  };
  const Status removed = lane->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.head = true;
    effect.rows = rows;
    for (uint32_t slot = 0; slot < state.seats.size(); ++slot) {
      if (!(all || slot == event.slot) || state.seats.entry(slot).removed) continue;
      TICKETING_RETURN_IF_ERROR(state.seats.Remove(slot));
    }
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(removed);
  return NoContent();
}

StatusOr<Reply> Events::MoveToChartCopy(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventRow event,
                             events_.Find(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(Json drawing, events_.charts().Drawing(event.drawing));
  drawing["name"] = SummaryOf(drawing)["name"].get<std::string>() + " (copy)";
  TICKETING_ASSIGN_OR_RETURN(
      const ChartRow chart,
      events_.charts().Add(call.principal.workspace, call.principal.workspace_key,
                           NewUuid(call.env.random), drawing));
  // Its seats stay as they are: the copy has the same objects.
  const Timestamp now = call.env.clock.Now();
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE events SET chart_id = ?, updated_at = ? WHERE lane_id = ?",
                   {chart.id, now.micros, event.lane.ToSql()})
            .status());
    return tx.Execute("UPDATE charts SET used = 1 WHERE id = ?", {chart.id}).status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(const EventRow moved, events_.Find(call.principal, event.key));
  TICKETING_ASSIGN_OR_RETURN(const Json json, ShowWhole(moved));
  return Ok(json);
}

}  // namespace ticketing::seatsio
