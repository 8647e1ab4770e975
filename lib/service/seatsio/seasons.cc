#include "lib/service/seatsio/seasons.h"

#include <algorithm>
#include <set>

#include "lib/service/seatsio/event_config.h"
#include "lib/service/seatsio/objects.h"
#include "lib/service/seatsio/schema.h"

namespace ticketing::seatsio {
namespace {

constexpr size_t kMatchesPerCallMax = 100;
constexpr int kAttemptsMax = 20;

Status InsertMembership(SqlTransaction& tx, int64_t partial, int64_t event) {
  TICKETING_ASSIGN_OR_RETURN(const int64_t id, NextNumber(tx, "partial_season_event"));
  return tx
      .Execute(
          "INSERT INTO partial_season_events (partial_id, event_id, id) VALUES (?, ?, ?)"
          " ON CONFLICT (partial_id, event_id) DO NOTHING",
          {partial, event, id})
      .status();
}

std::vector<uint32_t> SlotsOf(const std::vector<EventRow>& events) {
  std::vector<uint32_t> slots;
  slots.reserve(events.size());
  for (const EventRow& event : events) slots.push_back(event.slot);
  return slots;
}

// An event or partial season of a season, before it is stored.
EventRow Below(const EventRow& top, seat::EventKind kind, std::string key) {
  EventRow event;
  event.workspace = top.workspace;
  event.key = std::move(key);
  event.chart = top.chart;
  event.chart_key = top.chart_key;
  event.drawing = top.drawing;
  event.lane = top.lane;
  event.kind = kind;
  event.season = top.id;
  event.season_key = top.key;
  event.season_config = top.config;
  event.config = EmptyConfig();
  return event;
}

}  // namespace

std::vector<Route> Seasons::Routes() {
  const std::string one = "/seasons/{season}";
  const std::string partial = one + "/partial-seasons/{partial}";
  return {
      {"POST", "/seasons", Auth::kKey, Bind(this, &Seasons::Create)},
      {"POST", one + "/actions/create-events", Auth::kKey, Bind(this, &Seasons::CreateEvents)},
      {"POST", one + "/partial-seasons", Auth::kKey, Bind(this, &Seasons::CreatePartial)},
      {"POST", partial + "/actions/add-events", Auth::kKey, Bind(this, &Seasons::AddEvents)},
      {"DELETE", partial + "/events/{event}", Auth::kKey, Bind(this, &Seasons::RemoveEvent)},
  };
}

StatusOr<EventRow> Seasons::Top(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(EventRow top, events_.Find(call.principal, call.Path("season")));
  if (top.kind != seat::EventKind::kSeason)
    return Refuse("GENERAL_ERROR", top.key + " is not a top-level season");
  return top;
}

StatusOr<EventRow> Seasons::Partial(Call& call, const EventRow& top) {
  TICKETING_ASSIGN_OR_RETURN(EventRow partial, events_.Find(call.principal, call.Path("partial")));
  if (partial.kind != seat::EventKind::kPartialSeason || partial.season != top.id)
    return Refuse("GENERAL_ERROR", partial.key + " is not a partial season of " + top.key);
  return partial;
}

StatusOr<std::vector<EventRow>> Seasons::Matches(const Call& call, const EventRow& top,
                                                 const std::vector<std::string>& keys) {
  std::vector<EventRow> matches;
  for (const std::string& key : keys) {
    TICKETING_ASSIGN_OR_RETURN(EventRow match, events_.Find(call.principal, key));
    if (match.kind != seat::EventKind::kMatch || match.season != top.id)
      return Refuse("GENERAL_ERROR", "Event " + key + " is not in season " + top.key);
    matches.push_back(std::move(match));
  }
  return matches;
}

StatusOr<std::vector<EventRow>> Seasons::NewMatches(const Call& call, const EventRow& top,
                                                    Fields& in) {
  const auto keys = in.Texts("eventKeys", kMatchesPerCallMax);
  const auto count = in.Integer("numberOfEvents", 0, kMatchesPerCallMax);
  if (keys && count) in.Fault("numberOfEvents", "eventKeys and numberOfEvents exclude each other");
  TICKETING_RETURN_IF_ERROR(in.status());
  std::vector<EventRow> matches;
  std::set<std::string> seen;
  for (const std::string& key : keys.value_or(std::vector<std::string>())) {
    if (!seen.insert(key).second)
      return Refuse("GENERAL_ERROR", "Duplicate event keys are not allowed");
    matches.push_back(Below(top, seat::EventKind::kMatch, key));
  }
  for (int64_t i = 0; i < count.value_or(0); ++i)
    matches.push_back(Below(top, seat::EventKind::kMatch, NewUuid(call.env.random)));
  return matches;
}

Status Seasons::AddMatches(const Call& call, const EventRow& top, std::vector<EventRow>& matches,
                           const SqlFunction& first) {
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, events_.View(top));
  TICKETING_ASSIGN_OR_RETURN(const seat::SaleRules rules,
                             RulesOf(EmptyConfig(), top.config, *view));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(top));
  std::vector<EventId> ids;
  for (size_t i = 0; i < matches.size(); ++i) ids.push_back(call.env.random.NewId<EventId>());
  const SqlFunction rows = [&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(first(tx));
    for (EventRow& match : matches) {
      match.season = top.id;
      TICKETING_RETURN_IF_ERROR(InsertEvent(tx, match, context_.env.clock.Now()));
    }
    return OkStatus();
  };
  return lane->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.head = true;
    effect.note = NoteOf(call);
    effect.rows = rows;
    for (size_t i = 0; i < matches.size(); ++i) {
      StatusOr<uint32_t> slot = state.seats.Add(ids[i], seat::EventKind::kMatch);
      Status status = slot.status();
      if (status.ok()) {
        matches[i].slot = *slot;
        status = state.seats.SetRules(*slot, rules, now);
      }
      if (status.ok()) continue;
      if (i == 0 && !slot.ok()) return status;
      effect.rows = [status](SqlTransaction&) { return status; };
      break;
    }
    return effect;
  });
}

StatusOr<Reply> Seasons::Create(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const std::string chart_key = in.RequiredText("chartKey");
  TICKETING_RETURN_IF_ERROR(in.status());
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart,
                             events_.charts().Find(call.principal, chart_key));
  EventRow season;
  TICKETING_RETURN_IF_ERROR(ReadEventNames(body, "key", call.env.random, season));
  season.workspace = call.principal.workspace;
  season.chart = chart.id;
  season.chart_key = chart.key;
  season.drawing = chart.published;
  season.lane = call.env.random.NewId<LaneId>();
  season.kind = seat::EventKind::kSeason;
  season.config = EmptyConfig();
  TICKETING_RETURN_IF_ERROR(ReadConfig(body, season.config));
  TICKETING_ASSIGN_OR_RETURN(std::vector<EventRow> matches, NewMatches(call, season, in));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, events_.View(season));
  TICKETING_ASSIGN_OR_RETURN(const seat::SaleRules rules, RulesOf(season.config, Json(), *view));
  const Timestamp now = call.env.clock.Now();
  const SqlFunction insert = [&](SqlTransaction& tx) { return InsertEvent(tx, season, now); };
  // The lane comes first. Nobody knows of it until the rows of the season and its events are
  // written with what makes room for these events in it.
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(
        EventLane::Create(tx, season.lane, view->chart, seat::EventKind::kSeason, rules, now));
    return matches.empty() ? insert(tx) : OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  if (!matches.empty()) TICKETING_RETURN_IF_ERROR(AddMatches(call, season, matches, insert));
  TICKETING_ASSIGN_OR_RETURN(const Json json, shown_.ShowWhole(season));
  return Ok(json, 201);
}

StatusOr<Reply> Seasons::CreateEvents(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  for (int attempt = 1;; ++attempt) {
    TICKETING_ASSIGN_OR_RETURN(const EventRow top, Top(call));
    Fields in(body);
    TICKETING_ASSIGN_OR_RETURN(std::vector<EventRow> matches, NewMatches(call, top, in));
    if (matches.empty()) return Refuse("GENERAL_ERROR", "numberOfEvents or eventKeys is needed");
    const Status added = AddMatches(call, top, matches, [&](SqlTransaction& tx) {
      return TouchConfig(tx, top.id, top.config_version);
    });
    if (CodeOf(added) == ErrorCode::kPreconditionFailed && attempt < kAttemptsMax) continue;
    TICKETING_RETURN_IF_ERROR(added);
    std::ranges::reverse(matches);
    TICKETING_ASSIGN_OR_RETURN(const Json shown, shown_.ShowList(matches));
    return Ok({{"events", shown}}, 201);
  }
}

StatusOr<Reply> Seasons::CreatePartial(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  TICKETING_ASSIGN_OR_RETURN(const EventRow top, Top(call));
  Fields in(body);
  const auto keys = in.Texts("eventKeys", kMatchesPerCallMax);
  TICKETING_RETURN_IF_ERROR(in.status());
  EventRow partial = Below(top, seat::EventKind::kPartialSeason, "");
  TICKETING_RETURN_IF_ERROR(ReadEventNames(body, "key", call.env.random, partial));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventRow> matches,
                             Matches(call, top, keys.value_or(std::vector<std::string>())));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, events_.View(top));
  TICKETING_ASSIGN_OR_RETURN(const seat::SaleRules rules,
                             RulesOf(partial.config, top.config, *view));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(top));
  const EventId id = call.env.random.NewId<EventId>();
  const SqlFunction rows = [&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(TouchConfig(tx, top.id, top.config_version));
    TICKETING_RETURN_IF_ERROR(InsertEvent(tx, partial, context_.env.clock.Now()));
    for (const EventRow& match : matches)
      TICKETING_RETURN_IF_ERROR(InsertMembership(tx, partial.id, match.id));
    return OkStatus();
  };
  const Status done = lane->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.head = true;
    effect.note = NoteOf(call);
    effect.rows = rows;
    TICKETING_ASSIGN_OR_RETURN(partial.slot, state.seats.Add(id, seat::EventKind::kPartialSeason));
    Status status = state.seats.SetRules(partial.slot, rules, now);
    if (status.ok()) status = state.seats.AddMatches(partial.slot, SlotsOf(matches));
    if (!status.ok()) effect.rows = [status](SqlTransaction&) { return status; };
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(const Json json, shown_.ShowWhole(partial));
  return Ok(json, 201);
}

StatusOr<Reply> Seasons::AddEvents(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  TICKETING_ASSIGN_OR_RETURN(const EventRow top, Top(call));
  TICKETING_ASSIGN_OR_RETURN(const EventRow partial, Partial(call, top));
  Fields in(body);
  const auto keys = in.Texts("eventKeys", kMatchesPerCallMax);
  if (!keys) in.Fault("eventKeys", "required key not found");
  TICKETING_RETURN_IF_ERROR(in.status());
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventRow> matches, Matches(call, top, *keys));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(top));
  const Status done = lane->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.head = true;
    effect.note = NoteOf(call);
    effect.rows = [&](SqlTransaction& tx) -> Status {
      for (const EventRow& match : matches)
        TICKETING_RETURN_IF_ERROR(InsertMembership(tx, partial.id, match.id));
      return OkStatus();
    };
    TICKETING_RETURN_IF_ERROR(state.seats.AddMatches(partial.slot, SlotsOf(matches)));
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(const Json json, shown_.ShowWhole(partial));
  return Ok(json);
}

StatusOr<Reply> Seasons::RemoveEvent(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventRow top, Top(call));
  TICKETING_ASSIGN_OR_RETURN(const EventRow partial, Partial(call, top));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventRow> matches,
                             Matches(call, top, {std::string(call.Path("event"))}));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(top));
  const Status done = lane->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.head = true;
    effect.note = NoteOf(call);
    effect.rows = [&](SqlTransaction& tx) {
      return tx
          .Execute("DELETE FROM partial_season_events WHERE partial_id = ? AND event_id = ?",
                   {partial.id, matches[0].id})
          .status();
    };
    TICKETING_RETURN_IF_ERROR(state.seats.RemoveMatch(partial.slot, matches[0].slot));
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(const Json json, shown_.ShowWhole(partial));
  return Ok(json);
}

}  // namespace ticketing::seatsio
