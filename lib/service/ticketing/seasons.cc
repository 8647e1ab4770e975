#include "lib/service/ticketing/seasons.h"

#include <algorithm>
#include <set>
#include <utility>

#include "lib/service/ticketing/issue.h"
#include "lib/service/ticketing/season_tickets.h"
#include "lib/wire/convert.h"
#include "ticketing/base/limits.h"
#include "ticketing/v1/seasons.pb.h"

namespace ticketing {
namespace {

Status NoSuchSeason() {
  return MakeError(ErrorCode::kNotFound, "There is no such season.");
}

// What one transaction should issue at most.
constexpr size_t kTicketsAtOnce = 500'000;

Status TooManyTickets() {
  return MakeError(
      ErrorCode::kConflict,
      "The holders of this season would get too many tickets at once. Add fewer matches"
      " at a time.");
}

Status MadeBefore() {
  return MakeError(ErrorCode::kAborted, "This was done before.");
}

// What a match or a part sells by to begin with: as the season does, but from now on.
seat::SaleRules Inherited(const seat::EventSet& seats, uint32_t season) {
  seat::SaleRules rules = seats.at(season).rules();
  rules.windows.clear();
  return rules;
}

// Names the fields of a refusal as those of the `i`-th match.
Status OfMatch(const Status& status, int i) {
  if (CodeOf(status) != ErrorCode::kInvalidField) return status;
  ErrorDetails details = DetailsOf(status);
  for (FieldError& fault : details.fields)
    fault.field = "matches[" + std::to_string(i) + "]." + fault.field;
  return MakeError(ErrorCode::kInvalidField, MessageOf(status), details);
}

v1::CreateEventRequest LikeSeason(const v1::Event& season) {
  v1::CreateEventRequest request;
  request.set_venue_id(season.venue().id());
  request.set_chart_id(season.chart_id());
  request.set_currency(season.currency());
  *request.mutable_fees() = season.fees();
  request.set_tax_basis_points(season.tax_basis_points());
  *request.mutable_gates() = season.gates();
  *request.mutable_zones() = season.zones();
  return request;
}

Timestamp EndOf(const v1::Event& event) {
  return wire::TimeOf(event.ends_at());
}

}  // namespace

std::vector<Route> Seasons::Routes() {
  const Access admin{.roles = {Role::kAdmin}};
  const auto bind = [this](StatusOr<HttpResponse> (Seasons::*method)(Call&)) {
    return [this, method](Call& call) { return (this->*method)(call); };
  };
  const std::string one = "/v1/seasons/{season_id}";
  return {
      {"POST", "/v1/seasons", "createSeason", "Makes a season with its matches", admin,
       "ticketing.v1.CreateSeasonRequest", "ticketing.v1.Season", bind(&Seasons::Create), true,
       201},
      {"GET",
       "/v1/seasons",
       "listSeasons",
       "Lists the seasons, the newest first",
       {},
       "",
       "ticketing.v1.SeasonList",
       bind(&Seasons::List)},
      {"GET",
       one,
       "getSeason",
       "Gives a season with its matches and parts",
       {},
       "",
       "ticketing.v1.Season",
       bind(&Seasons::Show)},
      {"POST", one + "/matches", "addMatches",
       "Adds matches to a season; who has a season ticket gets tickets for them", admin,
       "ticketing.v1.AddMatchesRequest", "ticketing.v1.Season", bind(&Seasons::AddMatches), true},
      {"POST", one + "/partial-seasons", "createPartialSeason",
       "Puts some matches of a season on sale together", admin,
       "ticketing.v1.CreatePartialSeasonRequest", "ticketing.v1.PartialSeason",
       bind(&Seasons::CreatePartial), true, 201},
      {"POST", one + "/partial-seasons/{partial_id}/matches", "addPartialMatches",
       "Adds matches of the season to a partial season", admin,
       "ticketing.v1.AddPartialMatchesRequest", "ticketing.v1.PartialSeason",
       bind(&Seasons::AddPartialMatches), true},
      {"DELETE", one + "/partial-seasons/{partial_id}/matches/{match_id}", "removePartialMatch",
       "Takes a match out of a partial season; its holders' tickets open it no more", admin, "",
       "ticketing.v1.RemovedPartialMatch", bind(&Seasons::RemovePartialMatch)}};
}

StatusOr<EventOnLane> Seasons::Find(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("season_id"));
  TICKETING_ASSIGN_OR_RETURN(EventOnLane season, lanes_.Get(id));
  if (season.event->kind != seat::EventKind::kSeason) return NoSuchSeason();
  return season;
}

StatusOr<v1::PartialSeason> Seasons::PartialMessage(const EventOnLane& partial) {
  v1::PartialSeason message;
  TICKETING_RETURN_IF_ERROR(partial->Ask([&](const LaneState& state) {
    message.Clear();
    for (const uint32_t match : state.seats.entry(partial.slot()).matches)
      message.add_match_ids(state.seats.entry(match).id.ToString());
    return OkStatus();
  }));
  *message.mutable_event() = partial.event->event;
  return message;
}

StatusOr<v1::Season> Seasons::Message(const EventOnLane& season) {
  std::vector<EventId> matches, parts;
  TICKETING_RETURN_IF_ERROR(season->Ask([&](const LaneState& state) {
    matches.clear();
    parts.clear();
    for (uint32_t slot = 1; slot < state.seats.size(); ++slot) {
      const seat::EventEntry& entry = state.seats.entry(slot);
      if (!entry.removed)
        (entry.kind == seat::EventKind::kMatch ? matches : parts).push_back(entry.id);
    }
    return OkStatus();
  }));
  v1::Season message;
  *message.mutable_season() = season.event->event;
  for (const EventId id : matches) {
    TICKETING_ASSIGN_OR_RETURN(const auto match, catalog_.Event(id));
    *message.add_matches() = match->event;
  }
  for (const EventId id : parts) {
    TICKETING_ASSIGN_OR_RETURN(const EventOnLane partial, lanes_.Get(id));
    TICKETING_ASSIGN_OR_RETURN(*message.add_partial_seasons(), PartialMessage(partial));
  }
  return message;
}

StatusOr<std::vector<NewEvent>> Seasons::DraftMatches(Call& call, const v1::Event& season,
                                                      const MatchList& list) {
  std::vector<NewEvent> matches;
  for (int i = 0; i < list.size(); ++i) {
    v1::CreateEventRequest request = LikeSeason(season);
    request.set_name(list[i].name());
    request.set_description(list[i].description());
    *request.mutable_starts_at() = list[i].starts_at();
    if (list[i].has_doors_open_at()) *request.mutable_doors_open_at() = list[i].doors_open_at();
    if (list[i].has_ends_at()) *request.mutable_ends_at() = list[i].ends_at();
    *request.mutable_prices() = list[i].prices();
    StatusOr<NewEvent> match = catalog_.Draft(request);
    if (!match.ok()) return OfMatch(match.status(), i);
    match->id = EventId::FromEntropy(call.Entropy("match " + std::to_string(i)));
    match->kind = seat::EventKind::kMatch;
    matches.push_back(*std::move(match));
  }
  return matches;
}

Status Seasons::Store(const EventOnLane& season, std::vector<NewEvent> matches,
                      const std::string& actor) {
  if (matches.empty()) return OkStatus();
  // As the gate will see them: zones by their number, places by their chart.
  std::vector<EventInfo> infos;
  for (NewEvent& match : matches) {
    match.lane = season.event->lane;
    match.season = season.event->id;
    EventInfo& info = infos.emplace_back(*season.event);
    info.id = match.id;
  }
  std::vector<TicketRecord> tickets;
  Status done = season->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    seat::EventSet& seats = state.seats;
    if (seats.SlotOf(matches[0].id)) return MadeBefore();
    if (seats.size() + matches.size() > limits::kEventsPerSetMax)
      return MakeError(ErrorCode::kConflict, "A season can have at most " +
                                                 std::to_string(limits::kEventsPerSetMax) +
                                                 " matches and partial seasons.");
    LaneEffect effect;
    effect.head = true;
    effect.note = {actor, "season", "matches added"};
    tickets.clear();
    Status status;
    for (size_t i = 0; i < matches.size() && status.ok(); ++i) {
      const StatusOr<uint32_t> slot = seats.Add(matches[i].id, seat::EventKind::kMatch);
      status =
          slot.ok() ? seats.SetRules(*slot, Inherited(seats, season.slot()), now) : slot.status();
      if (!status.ok()) break;
      matches[i].slot = infos[i].slot = *slot;
      state.counters.resize(seats.size());
      std::vector<TicketRecord> more =
          TicketsOfSeason(infos[i], seats, season.slot(), keys_.newest(), now);
      Number(more, state.counters[*slot]);
      std::ranges::move(more, std::back_inserter(tickets));
    }
    if (tickets.size() > kTicketsAtOnce) status = TooManyTickets();
    effect.rows = [&, status, now](SqlTransaction& tx) -> Status {
      // What changed the events cannot be taken back in memory: the rows refuse it.
      TICKETING_RETURN_IF_ERROR(status);
      for (const NewEvent& match : matches) TICKETING_RETURN_IF_ERROR(InsertEvent(tx, match, now));
      return tickets.empty() ? OkStatus() : InsertTickets(tx, tickets);
    };
    return effect;
  });
  if (CodeOf(done) == ErrorCode::kAborted && catalog_.Event(matches[0].id).ok()) return OkStatus();
  return done;
}

StatusOr<HttpResponse> Seasons::Create(Call& call) {
  v1::CreateSeasonRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  StatusOr<NewEvent> season = catalog_.Draft(request.season());
  TICKETING_RETURN_IF_ERROR(season.status());
  season->id = season->lane = EventId::FromEntropy(call.Entropy("season"));
  season->kind = seat::EventKind::kSeason;
  TICKETING_ASSIGN_OR_RETURN(std::vector<NewEvent> matches,
                             DraftMatches(call, season->event, request.matches()));
  if (!request.season().has_ends_at()) {
    for (const NewEvent& match : matches) {
      if (EndOf(match.event) > EndOf(season->event))
        *season->event.mutable_ends_at() = match.event.ends_at();
    }
  }
  if (CodeOf(catalog_.Event(season->id).status()) == ErrorCode::kNotFound) {
    TICKETING_ASSIGN_OR_RETURN(const auto chart,
                               catalog_.Chart(*ChartId::Parse(season->event.chart_id())));
    const Timestamp now = context_.env.clock.Now();
    const Status made = context_.database.Write([&](SqlTransaction& tx) -> Status {
      TICKETING_RETURN_IF_ERROR(InsertEvent(tx, *season, now));
      return EventLane::Create(tx, season->lane, chart->chart, season->kind, DefaultRules(), now);
    });
    TICKETING_RETURN_IF_ERROR(made);
  }
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane stored, lanes_.Get(season->id));
  TICKETING_RETURN_IF_ERROR(Store(stored, std::move(matches), call.principal.subject));
  TICKETING_ASSIGN_OR_RETURN(const v1::Season message, Message(stored));
  return call.Reply(201, message);
}

StatusOr<HttpResponse> Seasons::List(Call& call) {
  std::vector<EventId> ids;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    ids.clear();
    return tx.Query("SELECT id FROM events WHERE kind = ? ORDER BY starts_at DESC, id LIMIT ?",
                    {static_cast<int64_t>(seat::EventKind::kSeason),
                     static_cast<int64_t>(limits::kPageItemsMax)},
                    [&](const SqlRow& row) {
                      ids.push_back(EventId::FromSql(row.Int(0)));
                      return OkStatus();
                    });
  }));
  v1::SeasonList list;
  for (const EventId id : ids) {
    TICKETING_ASSIGN_OR_RETURN(const auto season, catalog_.Event(id));
    v1::Event& event = *list.add_seasons();
    event = season->event;
    HideStaffPrices(call.principal, event);
  }
  return call.Reply(200, list);
}

StatusOr<HttpResponse> Seasons::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane season, Find(call));
  TICKETING_ASSIGN_OR_RETURN(v1::Season message, Message(season));
  HideStaffPrices(call.principal, *message.mutable_season());
  for (v1::Event& match : *message.mutable_matches()) HideStaffPrices(call.principal, match);
  for (v1::PartialSeason& part : *message.mutable_partial_seasons())
    HideStaffPrices(call.principal, *part.mutable_event());
  return call.Reply(200, message);
}

StatusOr<HttpResponse> Seasons::AddMatches(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane season, Find(call));
  v1::AddMatchesRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(std::vector<NewEvent> matches,
                             DraftMatches(call, season.event->event, request.matches()));
  TICKETING_RETURN_IF_ERROR(Store(season, std::move(matches), call.principal.subject));
  TICKETING_ASSIGN_OR_RETURN(const v1::Season message, Message(season));
  return call.Reply(200, message);
}

StatusOr<std::vector<EventOnLane>> Seasons::MatchesOf(
    const EventOnLane& season, const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::vector<EventOnLane> matches;
  for (int i = 0; i < ids.size(); ++i) {
    StatusOr<EventOnLane> match = lanes_.Get(*EventId::Parse(ids[i]));
    if (!match.ok() && CodeOf(match.status()) != ErrorCode::kNotFound) return match.status();
    if (!match.ok() || match->event->kind != seat::EventKind::kMatch ||
        match->event->season != season.event->id) {
      return InvalidField("match_ids[" + std::to_string(i) + "]", "is not a match of this season");
    }
    matches.push_back(*std::move(match));
  }
  return matches;
}

StatusOr<HttpResponse> Seasons::CreatePartial(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane season, Find(call));
  v1::CreatePartialSeasonRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventOnLane> matches,
                             MatchesOf(season, request.match_ids()));
  v1::CreateEventRequest like = LikeSeason(season.event->event);
  like.set_name(request.name());
  like.set_description(request.description());
  *like.mutable_prices() = request.prices();
  const auto by_start = [](const EventOnLane& at) { return at.event->starts_at(); };
  const auto by_end = [](const EventOnLane& at) { return EndOf(at.event->event); };
  *like.mutable_starts_at() =
      std::ranges::min_element(matches, {}, by_start)->event->event.starts_at();
  *like.mutable_ends_at() = std::ranges::max_element(matches, {}, by_end)->event->event.ends_at();
  TICKETING_ASSIGN_OR_RETURN(NewEvent partial, catalog_.Draft(like));
  partial.id = EventId::FromEntropy(call.Entropy("partial season"));
  partial.lane = season.event->lane;
  partial.kind = seat::EventKind::kPartialSeason;
  partial.season = season.event->id;
  const Status done = season->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    if (state.seats.SlotOf(partial.id)) return MadeBefore();
    LaneEffect effect;
    effect.head = true;
    effect.note = {call.principal.subject, "season", "partial season added"};
    TICKETING_ASSIGN_OR_RETURN(partial.slot,
                               state.seats.Add(partial.id, seat::EventKind::kPartialSeason));
    state.counters.resize(state.seats.size());
    Status status = state.seats.SetRules(partial.slot, Inherited(state.seats, season.slot()), now);
    std::vector<uint32_t> slots(matches.size());
    std::ranges::transform(matches, slots.begin(), &EventOnLane::slot);
    if (status.ok()) status = state.seats.AddMatches(partial.slot, slots);
    effect.rows = [&, status, now](SqlTransaction& tx) -> Status {
      TICKETING_RETURN_IF_ERROR(status);
      return InsertEvent(tx, partial, now);
    };
    return effect;
  });
  if (CodeOf(done) != ErrorCode::kAborted || !catalog_.Event(partial.id).ok())
    TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane stored, lanes_.Get(partial.id));
  TICKETING_ASSIGN_OR_RETURN(const v1::PartialSeason message, PartialMessage(stored));
  return call.Reply(201, message);
}

Status Seasons::Cover(const EventOnLane& partial, const std::vector<EventOnLane>& matches,
                      const std::string& actor) {
  // Tickets of a match that was in the partial season before come back.
  std::set<TicketId> known;
  for (const EventOnLane& match : matches) {
    TICKETING_ASSIGN_OR_RETURN(std::set<TicketId> there,
                               TicketsOf(context_.database, match.event->id));
    known.merge(there);
  }
  std::vector<TicketRecord> tickets;
  struct Again {
    EventId match;
    SeasonTicketChange change;
    std::vector<TicketId> tickets;
  };
  std::vector<Again> again;
  return partial->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    effect.head = true;
    effect.note = {actor, "season", "matches added"};
    const std::vector<uint32_t> before = state.seats.entry(partial.slot()).matches;
    std::vector<uint32_t> slots(matches.size());
    std::ranges::transform(matches, slots.begin(), &EventOnLane::slot);
    TICKETING_RETURN_IF_ERROR(state.seats.AddMatches(partial.slot(), slots));
    tickets.clear();
    again.clear();
    for (const EventOnLane& match : matches) {
      if (std::ranges::find(before, match.slot()) != before.end()) continue;
      std::vector<TicketRecord> more =
          TicketsOfSeason(*match.event, state.seats, partial.slot(), keys_.newest(), now);
      // Not that of std::ranges: clang-tidy 14 cannot read what it gives.
      const auto old = std::stable_partition(
          more.begin(), more.end(),
          [&](const TicketRecord& ticket) { return !known.contains(ticket.id); });
      LaneCounters& counters = state.counters[match.slot()];
      if (old != more.end()) {
        again.push_back(
            {match.event->id, {actor, now, ++counters.copy_version}, IdsOf({old, more.end()})});
      }
      more.erase(old, more.end());
      Number(more, counters);
      std::ranges::move(more, std::back_inserter(tickets));
    }
    effect.rows = [&](SqlTransaction& tx) -> Status {
      for (const auto& [match, change, ids] : again)
        TICKETING_RETURN_IF_ERROR(ReopenTickets(tx, match, ids, change).status());
      return tickets.empty() ? OkStatus() : InsertTickets(tx, tickets);
    };
    return effect;
  });
}

StatusOr<EventOnLane> Seasons::PartialOf(Call& call, const EventOnLane& season) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("partial_id"));
  TICKETING_ASSIGN_OR_RETURN(EventOnLane partial, lanes_.Get(id));
  if (partial.event->kind != seat::EventKind::kPartialSeason ||
      partial.event->season != season.event->id) {
    return NoSuchSeason();
  }
  return partial;
}

StatusOr<HttpResponse> Seasons::RemovePartialMatch(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane season, Find(call));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane partial, PartialOf(call, season));
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("match_id"));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane match, lanes_.Get(id));
  if (match.event->lane != season.event->lane) return NoSuchSeason();
  int32_t cancelled = 0;
  const Status done = partial->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    // Before it goes: overrides of the match go with it.
    std::vector<TicketId> tickets =
        IdsOf(TicketsOfSeason(*match.event, state.seats, partial.slot(), keys_.newest(), now));
    TICKETING_RETURN_IF_ERROR(state.seats.RemoveMatch(partial.slot(), match.slot()));
    LaneEffect effect;
    effect.head = true;
    effect.note = {call.principal.subject, "season", "match removed"};
    const SeasonTicketChange change{call.principal.subject, now,
                                    ++state.counters[match.slot()].copy_version};
    effect.rows = [&cancelled, id, tickets = std::move(tickets),
                   change](SqlTransaction& tx) -> Status {
      TICKETING_ASSIGN_OR_RETURN(const auto closed, CloseTickets(tx, id, tickets, change));
      cancelled = static_cast<int32_t>(closed.size());
      return OkStatus();
    };
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  v1::RemovedPartialMatch message;
  TICKETING_ASSIGN_OR_RETURN(*message.mutable_partial_season(), PartialMessage(partial));
  message.set_cancelled_tickets(cancelled);
  return call.Reply(200, message);
}

StatusOr<HttpResponse> Seasons::AddPartialMatches(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane season, Find(call));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane partial, PartialOf(call, season));
  v1::AddPartialMatchesRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventOnLane> matches,
                             MatchesOf(season, request.match_ids()));
  TICKETING_RETURN_IF_ERROR(Cover(partial, matches, call.principal.subject));
  TICKETING_ASSIGN_OR_RETURN(const v1::PartialSeason message, PartialMessage(partial));
  return call.Reply(200, message);
}

}  // namespace ticketing
