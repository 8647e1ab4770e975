#include "lib/service/seatsio/best_available.h"

#include <utility>

#include "lib/service/seatsio/event_config.h"

namespace ticketing::seatsio {
namespace {

constexpr int kAttemptsMax = 10;

// What rides on the chosen objects, in their order.
struct Wanted {
  seat::BestAvailableRequest request;
  std::vector<std::string> ticket_types;
  std::vector<std::string> extras;
};

StatusOr<Wanted> ReadWanted(const Json& json, const ChartView& view, const Json& categories) {
  Wanted wanted;
  Fields in(json, "/bestAvailable");
  const auto number = in.Integer("number", 1, limits::kBestAvailableMax);
  const auto asked = in.Texts("categories", limits::kCategoriesPerChartMax);
  const auto zone = in.Text("zone");
  const auto sections = in.Texts("sections", limits::kSectionsPerChartMax);
  const auto types =
      in.Texts("ticketTypes", limits::kBestAvailableMax, limits::kTicketTypeBytesMax);
  const Json* const extras = in.Array("extraData", limits::kBestAvailableMax);
  wanted.request.avoid_orphans = in.Flag("tryToPreventOrphanSeats").value_or(true);
  wanted.request.accessible =
      in.Integer("accessibleSeats", 0, limits::kBestAvailableMax).value_or(0);
  if (!number && !types) in.Fault("number", "required key not found");
  TICKETING_RETURN_IF_ERROR(in.status());
  wanted.ticket_types = types.value_or(std::vector<std::string>());
  wanted.request.quantity = number.value_or(static_cast<int64_t>(wanted.ticket_types.size()));
  wanted.request.areas = true;
  wanted.request.sections = sections.value_or(std::vector<std::string>());
  if (zone) wanted.request.zones = {*zone};
  if (asked && !asked->empty()) {
    TICKETING_ASSIGN_OR_RETURN(wanted.request.categories, KeysOfCategories(categories, *asked));
  }
  for (const Json& extra : extras == nullptr ? Json::array() : *extras) {
    if (!extra.is_object()) return Refuse("GENERAL_ERROR", "#/bestAvailable/extraData: objects");
    wanted.extras.push_back(Dump(extra));
  }
  if (!view.summary["bestAvailable"])
    return MakeError(ErrorCode::kNoAdjacentSeats, "The chart has no focal point.");
  return wanted;
}

// Ticket types and extra data go to the chosen places one after the other.
std::vector<seat::PickNote> NotesFor(const Wanted& wanted, const std::vector<seat::Pick>& picks) {
  std::vector<seat::PickNote> notes;
  for (size_t i = 0; i < picks.size(); ++i) {
    seat::PickNote note;
    if (i < wanted.ticket_types.size()) note.ticket_type = wanted.ticket_types[i];
    if (i < wanted.extras.size()) note.extra = wanted.extras[i];
    notes.push_back(std::move(note));
  }
  return notes;
}

Json ShowFound(const Scene& scene, const seat::BestAvailable& found) {
  Json objects = Json::array();
  Json details = Json::object();
  for (const seat::Pick& pick : found.picks) {
    const std::string& label = scene.view.chart->object(pick.index).label;
    objects.push_back(label);
    details[label] = Json::parse(DescribeObject(scene, pick.index));
  }
  return {{"objects", std::move(objects)},
          {"objectDetails", std::move(details)},
          {"nextToEachOther", found.adjacent}};
}

}  // namespace

std::vector<Route> BestAvailable::Routes() {
  Route change{"POST", "/events/{event}/actions/change-object-status", Auth::kKey,
               Bind(this, &BestAvailable::ChangeStatus)};
  change.sells = true;
  return {std::move(change)};
}

StatusOr<Reply> BestAvailable::ChangeStatus(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(Json body, call.Body());
  Fields in(body);
  const Json* const best = in.Object("bestAvailable");
  TICKETING_RETURN_IF_ERROR(in.status());
  TICKETING_ASSIGN_OR_RETURN(const auto known, events_.Recall(call.principal, call.Path("event")));
  const EventRow& event = known->row;
  if (best == nullptr) {  // objects that were picked by hand
    TICKETING_ASSIGN_OR_RETURN(const Change picked, objects_.Read(call, body));
    TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> described,
                               objects_.Run(call, {{known, &picked}}, true));
    return OkText(R"({"objects":)" + described[0] + "}");
  }
  const Json categories =
      CategoriesOfEvent(known->view->summary, event.config, event.season_config);
  TICKETING_ASSIGN_OR_RETURN(Wanted wanted, ReadWanted(*best, *known->view, categories));
  Change change;
  TICKETING_RETURN_IF_ERROR(objects_.ReadStatus(call, in, std::nullopt, change));
  wanted.request.access = change.step.access;
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events_.Lane(event));
  const bool holds = change.step.to == seat::SeatStatus::kHeld;
  for (int attempt = 1;; ++attempt) {
    Json shown;
    const Status status = lane->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
      if (event.slot >= state.seats.size() || state.seats.entry(event.slot).removed)
        return Missing("EVENT_NOT_FOUND", "Event not found: " + event.key);
      TICKETING_ASSIGN_OR_RETURN(const seat::BestAvailable found,
                                 state.seats.at(event.slot).FindBestAvailable(wanted.request));
      seat::EventStep step{event.slot, change.step};
      step.step.picks = found.picks;
      step.step.notes = NotesFor(wanted, found.picks);
      LaneEffect effect;
      effect.note = NoteOf(call);
      TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Apply({&step, 1}, now));
      StatusOr<Json> described =
          Safely([&] { return ShowFound(Scene(*known, state.seats), found); });
      if (described.ok()) shown = *described;
      effect.rows = [&, described, made = effect.changes](SqlTransaction& tx) -> Status {
        TICKETING_RETURN_IF_ERROR(described.status());
        return WriteBeside(tx, holds ? change.token : std::nullopt, change.listing, event, made);
      };
      return effect;
    });
    if (CodeOf(status) == ErrorCode::kPreconditionFailed && attempt < kAttemptsMax) {
      TICKETING_ASSIGN_OR_RETURN(change.token,
                                 tokens_.FindAgain(call.principal, TokenOf(change.token->id)));
      change.step.expires_at = change.token->expires_at;
      continue;
    }
    TICKETING_RETURN_IF_ERROR(status);
    return Ok(shown);
  }
}

}  // namespace ticketing::seatsio
