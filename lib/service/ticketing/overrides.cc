#include "lib/service/ticketing/overrides.h"

#include <algorithm>
#include <set>

#include "lib/service/ticketing/issue.h"
#include "lib/service/ticketing/season_tickets.h"
#include "ticketing/v1/ticketing.pb.h"

namespace ticketing {
namespace {

using List = std::vector<seat::Override>;

// What is in `a` and not in `b`.
List Without(const List& a, const List& b) {
  List out;
  for (const seat::Override& one : a) {
    if (std::ranges::find(b, one) == b.end()) out.push_back(one);
  }
  return out;
}

// Areas are left out: which of their holders would lose his place, only a ticket says
// (place_overrides.h).
StatusOr<std::vector<seat::Pick>> PicksOf(const v1::OverrideSeasonRequest& request,
                                          const seat::Chart& chart) {
  std::vector<seat::LabelPick> labels;
  for (const std::string& label : request.objects()) labels.push_back({label, 1});
  TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Pick> picks, seat::ResolveLabels(chart, labels));
  for (const seat::Pick& pick : picks) {
    if (!chart.IsUnit(pick.index))
      return InvalidField("objects", chart.object(pick.index).label + " is an area");
  }
  return picks;
}

}  // namespace

std::vector<Route> Overrides::Routes() {
  const Access admin{.roles = {Role::kAdmin}};
  const std::string path = "/v1/events/{event_id}/overrides";
  return {{"GET", path, "getSeasonOverrides", "Gives the seats that a match sells by itself", admin,
           "", "ticketing.v1.SeasonOverrides", [this](Call& call) { return Show(call); }},
          {"POST", path, "overrideSeason",
           "Lets a match sell seats that its season has, or gives them back", admin,
           "ticketing.v1.OverrideSeasonRequest", "ticketing.v1.SeasonOverrides",
           [this](Call& call) { return Change(call); }, true}};
}

StatusOr<v1::SeasonOverrides> Overrides::Message(const EventOnLane& match) {
  v1::SeasonOverrides message;
  TICKETING_RETURN_IF_ERROR(match->Ask([&](const LaneState& state) {
    std::set<uint32_t> objects;
    for (const seat::Override& one : state.seats.overrides(match.slot())) {
      if (match->chart().IsUnit(one.index)) objects.insert(one.index);
    }
    message.Clear();
    for (const uint32_t object : objects) message.add_objects(match->chart().object(object).label);
    return OkStatus();
  }));
  message.set_event_id(match.event->id.ToString());
  return message;
}

StatusOr<HttpResponse> Overrides::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane match, lanes_.Get(id));
  TICKETING_ASSIGN_OR_RETURN(const v1::SeasonOverrides message, Message(match));
  return call.Reply(200, message);
}

StatusOr<HttpResponse> Overrides::Change(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::OverrideSeasonRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane match, lanes_.Get(id));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<seat::Pick> picks,
                             PicksOf(request, *match.event->chart));
  // A ticket that was never issued, because the match had the seat before the season sold it.
  TICKETING_ASSIGN_OR_RETURN(const std::set<TicketId> known, TicketsOf(context_.database, id));
  const uint32_t slot = match.slot();
  std::vector<TicketId> cancelled, restored;
  std::vector<TicketRecord> fresh;
  int32_t cancelled_count = 0, restored_count = 0;
  const Status done = match->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    const List before = state.seats.overrides(slot);
    cancelled.clear();
    restored.clear();
    fresh.clear();
    TICKETING_RETURN_IF_ERROR(request.give_back()
                                  ? state.seats.UseSeason(slot, picks, std::nullopt)
                                  : state.seats.OverrideSeason(slot, picks, std::nullopt));
    const List after = state.seats.overrides(slot);
    const auto tickets_of = [&](const seat::Override& one) {
      return TicketsOfObject(*match.event, state.seats, one.season, one.index, keys_.newest(), now);
    };
    for (const seat::Override& one : Without(after, before))
      std::ranges::move(IdsOf(tickets_of(one)), std::back_inserter(cancelled));
    for (const seat::Override& one : Without(before, after)) {
      for (TicketRecord& ticket : tickets_of(one)) {
        if (SellsItself(state.seats, slot, one.season, ticket.object)) continue;
        if (known.contains(ticket.id)) {
          restored.push_back(ticket.id);
        } else {
          fresh.push_back(std::move(ticket));
        }
      }
    }
    LaneCounters& counters = state.counters[slot];
    const SeasonTicketChange change{call.principal.subject, now, ++counters.copy_version};
    Number(fresh, counters);
    LaneEffect effect;
    effect.head = true;
    effect.note = {call.principal.subject, "override", request.reason()};
    effect.rows = [&, change](SqlTransaction& tx) -> Status {
      TICKETING_ASSIGN_OR_RETURN(const auto closed, CloseTickets(tx, id, cancelled, change));
      TICKETING_ASSIGN_OR_RETURN(const auto reopened, ReopenTickets(tx, id, restored, change));
      cancelled_count = static_cast<int32_t>(closed.size());
      restored_count = static_cast<int32_t>(reopened.size() + fresh.size());
      return fresh.empty() ? OkStatus() : InsertTickets(tx, fresh);
    };
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(v1::SeasonOverrides message, Message(match));
  message.set_cancelled_tickets(cancelled_count);
  message.set_restored_tickets(restored_count);
  return call.Reply(200, message);
}

}  // namespace ticketing
