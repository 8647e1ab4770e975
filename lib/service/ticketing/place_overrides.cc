#include "lib/service/ticketing/place_overrides.h"

#include <algorithm>
#include <optional>
#include <set>

#include "lib/service/ticketing/order_store.h"
#include "lib/service/ticketing/season_tickets.h"

namespace ticketing {
namespace {

Status NotTheirs(const std::vector<TicketId>& wanted, const std::vector<TicketId>& changed,
                 bool give_back) {
  ErrorDetails details;
  for (const TicketId ticket : wanted) {
    if (std::ranges::find(changed, ticket) == changed.end())
      details.objects.push_back(ticket.ToString());
  }
  return MakeError(ErrorCode::kConflict,
                   give_back ? "The match does not sell the places of these tickets."
                             : "These tickets do not open the match.",
                   details);
}

StatusOr<std::vector<TicketId>> Read(const v1::OverridePlacesRequest& request) {
  std::vector<TicketId> tickets;
  std::set<TicketId> seen;
  for (int i = 0; i < request.ticket_ids_size(); ++i) {
    tickets.push_back(*TicketId::Parse(request.ticket_ids(i)));
    if (!seen.insert(tickets.back()).second)
      return InvalidField("ticket_ids[" + std::to_string(i) + "]", "is named twice");
  }
  return tickets;
}

}  // namespace

std::vector<Route> PlaceOverrides::Routes() {
  const Access admin{.roles = {Role::kAdmin}};
  const std::string path = "/v1/events/{event_id}/place-overrides";
  return {{"GET", path, "getPlaceOverrides",
           "Gives the places of areas that a match sells although season holders have them", admin,
           "", "ticketing.v1.PlaceOverrides", [this](Call& call) { return Show(call); }},
          {"POST", path, "overridePlaces",
           "Lets a match sell the places of season holders in areas, or gives them back", admin,
           "ticketing.v1.OverridePlacesRequest", "ticketing.v1.PlaceOverrides",
           [this](Call& call) { return Change(call); }, true}};
}

StatusOr<v1::PlaceOverrides> PlaceOverrides::Message(const EventOnLane& match) {
  v1::PlaceOverrides message;
  TICKETING_RETURN_IF_ERROR(match->Ask([&](const LaneState& state) {
    message.Clear();
    for (const seat::Override& one : state.seats.overrides(match.slot())) {
      if (!one.order) continue;
      v1::PlaceOverride* place = message.add_places();
      place->set_label(match->chart().object(one.index).label);
      place->set_order_id(one.order.ToString());
      place->set_places(one.places);
    }
    return OkStatus();
  }));
  message.set_event_id(match.event->id.ToString());
  return message;
}

StatusOr<HttpResponse> PlaceOverrides::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane match, lanes_.Get(id));
  TICKETING_ASSIGN_OR_RETURN(const v1::PlaceOverrides message, Message(match));
  return call.Reply(200, message);
}

// Errors: kInvalidField, of no field, for a ticket that is of no such place.
StatusOr<PlaceOverrides::Share> PlaceOverrides::ShareOf(const EventOnLane& match, TicketId id) {
  const StatusOr<TicketRecord> ticket = tickets_.Find(id);
  if (CodeOf(ticket.status()) == ErrorCode::kNotFound) return InvalidField("", "is no ticket");
  TICKETING_RETURN_IF_ERROR(ticket.status());
  if (ticket->event != match.event->id) return InvalidField("", "is not of this match");
  const std::optional<uint32_t> area = match.event->chart->Find(ticket->label);
  if (!area || match.event->chart->IsUnit(*area))
    return InvalidField("", "is not for a place of an area");
  TICKETING_ASSIGN_OR_RETURN(const OrderRecord record, ReadOrder(context_.database, ticket->order));
  // Of an order that has the area in the match and in a season, nobody could say which this is.
  std::optional<uint32_t> season;
  for (const OrderLine& line : record.order.lines) {
    if (line.object != ticket->label) continue;
    TICKETING_ASSIGN_OR_RETURN(const EventOnLane at,
                               lanes_.Get(line.event ? line.event : record.order.event));
    if (at.event->lane != match.event->lane) continue;
    if (!at.event->IsSeason() || season) return InvalidField("", "is not of one season alone");
    season = at.slot();
  }
  if (!season) return InvalidField("", "is not of a season");
  return Share{*season, *area, ticket->order};
}

StatusOr<PlaceOverrides::Shares> PlaceOverrides::SharesOf(const EventOnLane& match,
                                                          const std::vector<TicketId>& tickets) {
  Shares shares;
  for (size_t i = 0; i < tickets.size(); ++i) {
    const StatusOr<Share> share = ShareOf(match, tickets[i]);
    if (CodeOf(share.status()) == ErrorCode::kInvalidField) {
      return InvalidField("ticket_ids[" + std::to_string(i) + "]",
                          DetailsOf(share.status()).fields.at(0).detail);
    }
    TICKETING_RETURN_IF_ERROR(share.status());
    shares[*share] += 1;
  }
  return shares;
}

StatusOr<HttpResponse> PlaceOverrides::Change(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::OverridePlacesRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane match, lanes_.Get(id));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<TicketId> tickets, Read(request));
  TICKETING_ASSIGN_OR_RETURN(const Shares shares, SharesOf(match, tickets));
  const uint32_t slot = match.slot();
  const bool give_back = request.give_back();
  const Status done = match->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    Status status;
    bool first = true;
    for (const auto& [share, places] : shares) {
      const std::vector<seat::Pick> picks = {{share.area, places}};
      status = give_back ? state.seats.UseSeason(slot, picks, share.season, share.order)
                         : state.seats.OverrideSeason(slot, picks, share.season, share.order);
      if (!status.ok() && first) return status;
      if (!status.ok()) break;
      first = false;
    }
    LaneEffect effect;
    effect.head = true;
    effect.note = {call.principal.subject, "override", request.reason()};
    const SeasonTicketChange change{call.principal.subject, now,
                                    ++state.counters[slot].copy_version};
    // What changed the events cannot be taken back in memory: the rows refuse it.
    effect.rows = [&tickets, id, give_back, status, change](SqlTransaction& tx) -> Status {
      TICKETING_RETURN_IF_ERROR(status);
      TICKETING_ASSIGN_OR_RETURN(const std::vector<TicketId> changed,
                                 give_back ? ReopenTickets(tx, id, tickets, change)
                                           : CloseTickets(tx, id, tickets, change));
      return changed.size() == tickets.size() ? OkStatus() : NotTheirs(tickets, changed, give_back);
    };
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(v1::PlaceOverrides message, Message(match));
  const auto count = static_cast<int32_t>(tickets.size());
  give_back ? message.set_restored_tickets(count) : message.set_cancelled_tickets(count);
  return call.Reply(200, message);
}

}  // namespace ticketing
