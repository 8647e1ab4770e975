#include "lib/service/ticketing/seat_staff.h"

#include <charconv>

#include "lib/wire/convert.h"
#include "ticketing/lane/history.h"
#include "ticketing/seat/report.h"
#include "ticketing/v1/ticketing.pb.h"

namespace ticketing {
namespace {

// What is sold or being bought is let go by its order, never from here: its tickets would open the
// gate for somebody whose seat is sold again.
constexpr std::string_view kUntouched[] = {"held", "booked", "resale"};

StatusOr<seat::EventStep> StepOf(const v1::SeatStep& message, uint32_t slot,
                                 const seat::Chart& chart) {
  seat::EventStep out{slot, {}};
  seat::Step& step = out.step;
  std::vector<seat::LabelPick> labels;
  for (const v1::ObjectRequest& object : message.objects())
    labels.push_back({object.label(), object.has_quantity() ? object.quantity() : 1});
  TICKETING_ASSIGN_OR_RETURN(step.picks, seat::ResolveLabels(chart, labels));
  step.to = message.status() == "free" ? seat::SeatStatus::kFree : seat::SeatStatus::kCustom;
  if (step.to == seat::SeatStatus::kCustom) step.custom = message.status();
  step.allowed_before.assign(message.allowed_before().begin(), message.allowed_before().end());
  step.rejected_before.assign(std::begin(kUntouched), std::end(kUntouched));
  step.access.all_channels = true;
  step.access.ignore_for_sale = true;
  return out;
}

// Places of an area that are sold cannot be told from those that are blocked by their status alone.
Status RefuseSoldPlaces(const seat::Inventory& inventory, const seat::EventStep& step) {
  if (step.step.to != seat::SeatStatus::kFree) return OkStatus();
  for (const seat::Pick& pick : step.step.picks) {
    if (inventory.chart().IsUnit(pick.index)) continue;
    int64_t blocked = 0;
    for (const seat::SeatRow& row : inventory.AreaRows(pick.index))
      blocked += row.status == seat::SeatStatus::kCustom ? row.quantity : 0;
    if (blocked >= pick.quantity && inventory.area(pick.index).booked == blocked) continue;
    return MakeError(ErrorCode::kConflict,
                     "Places of this area are sold; only blocked places can be given back.",
                     {.objects = {inventory.chart().object(pick.index).label}});
  }
  return OkStatus();
}

std::string_view StatusText(seat::SeatStatus status, const std::string& custom) {
  return status == seat::SeatStatus::kCustom ? std::string_view(custom)
                                             : seat::NameOfStatus(status);
}

void FillEntry(const HistoryEntry& entry, const seat::Chart& chart, v1::SeatHistoryEntry* out) {
  out->set_id(std::to_string(entry.id));
  wire::SetTime(entry.at, out->mutable_at());
  out->set_label(chart.object(entry.row.index).label);
  out->set_was(std::string(seat::NameOfStatus(entry.was)));
  out->set_status(std::string(StatusText(entry.row.status, entry.row.custom)));
  out->set_quantity(entry.row.quantity);
  if (entry.row.hold) out->set_hold_id(entry.row.hold.ToString());
  if (entry.row.order) out->set_order_id(entry.row.order.ToString());
  out->set_actor(entry.note.actor);
  out->set_origin(entry.note.origin);
  out->set_reason(entry.note.reason);
}

}  // namespace

std::vector<Route> SeatStaff::Routes() {
  const Access staff{.roles = {Role::kAdmin}};
  Route report{"GET",
               "/v1/events/{event_id}/report",
               "getSeatReport",
               "Counts places by any of their fields",
               staff,
               "",
               "ticketing.v1.SeatReport",
               [this](Call& call) { return Report(call); }};
  report.query = {
      {"by", "status, category, section, zone, gate, channel, order, kind or available."}};
  Route csv{"GET",
            "/v1/events/{event_id}/report.csv",
            "getSeatTable",
            "Gives every object of an event as a table",
            staff,
            "",
            "",
            [this](Call& call) { return Csv(call); }};
  csv.response_type = "text/csv";
  Route history{"GET",
                "/v1/events/{event_id}/history",
                "getSeatHistory",
                "Gives every change of every seat with who, when and why, newest first",
                staff,
                "",
                "ticketing.v1.SeatHistory",
                [this](Call& call) { return History(call); }};
  history.query = {{"limit", "How many, 1 to 500."},
                   {"cursor", "next_cursor of the page before."},
                   {"object", "Only of the object with this label."}};
  return {{"POST", "/v1/events/{event_id}/blocks", "blockSeats",
           "Takes seats out of sale and gives them back", staff, "ticketing.v1.BlockSeatsRequest",
           "ticketing.v1.BlockSeatsResult", [this](Call& call) { return Block(call); }, true},
          std::move(report),
          std::move(csv),
          std::move(history)};
}

StatusOr<HttpResponse> SeatStaff::Block(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::BlockSeatsRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  std::vector<seat::EventStep> steps;
  for (const v1::SeatStep& message : request.steps()) {
    TICKETING_ASSIGN_OR_RETURN(seat::EventStep step, StepOf(message, at.slot(), at->chart()));
    steps.push_back(std::move(step));
  }
  v1::BlockSeatsResult result;
  const Status status = at->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    for (const seat::EventStep& step : steps)
      TICKETING_RETURN_IF_ERROR(RefuseSoldPlaces(state.seats.at(at.slot()), step));
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Apply(steps, now));
    effect.note = {call.principal.subject, "block", request.reason()};
    result.Clear();
    for (const seat::Changes& changes : effect.changes)
      result.set_changed(result.changed() + static_cast<int32_t>(changes.seats.size()));
    result.set_version(static_cast<int64_t>(state.seats.at(at.slot()).version()));
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(status);
  return call.Reply(200, result);
}

StatusOr<HttpResponse> SeatStaff::Report(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  const std::string by = call.Query("by").value_or("status");
  const std::optional<seat::ReportField> field = seat::FieldOfName(by);
  if (!field) return InvalidField("by", "is not a field of a report");
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  v1::SeatReport report;
  report.set_event_id(id.ToString());
  report.set_by(by);
  TICKETING_RETURN_IF_ERROR(at->Ask([&](const LaneState& state) {
    const seat::Inventory& inventory = state.seats.at(at.slot());
    report.set_version(static_cast<int64_t>(inventory.version()));
    report.clear_groups();
    for (const seat::ReportGroup& group : seat::Summarise(seat::ReportLines(inventory), *field)) {
      v1::SeatReportGroup* out = report.add_groups();
      out->set_key(group.key);
      out->set_places(static_cast<int64_t>(group.places));
      out->set_free(static_cast<int64_t>(group.free));
      out->set_held(static_cast<int64_t>(group.held));
      out->set_booked(static_cast<int64_t>(group.booked));
      out->set_resale(static_cast<int64_t>(group.resale));
      out->set_custom(static_cast<int64_t>(group.custom));
      out->set_available(static_cast<int64_t>(group.available));
    }
    return OkStatus();
  }));
  return call.Reply(200, report);
}

StatusOr<HttpResponse> SeatStaff::Csv(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  HttpResponse response;
  response.headers.Set("Content-Type", "text/csv; charset=utf-8");
  response.headers.Set("Content-Disposition", "attachment; filename=\"" + id.ToString() + ".csv\"");
  TICKETING_RETURN_IF_ERROR(at->Ask([&](const LaneState& state) {
    response.body = seat::ReportCsv(seat::ReportLines(state.seats.at(at.slot())));
    return OkStatus();
  }));
  return response;
}

// The lane of now, then those that it had with other charts, each older.
StatusOr<std::vector<SeatStaff::Past>> SeatStaff::PastsOf(const EventOnLane& at) {
  std::vector<Past> pasts = {{at->id(), at.event->chart}};
  std::vector<std::pair<LaneId, ChartId>> ended;
  const Status read = context_.database.Read([&](SqlTransaction& tx) -> Status {
    ended.clear();
    LaneId lane = at->id();
    for (bool more = true; more;) {
      more = false;
      TICKETING_RETURN_IF_ERROR(
          tx.Query("SELECT old_lane_id, old_chart_id FROM chart_moves WHERE new_lane_id = ?",
                   {lane.ToSql()}, [&](const SqlRow& row) {
                     lane = LaneId::FromSql(row.Int(0));
                     ended.emplace_back(lane, ChartId::FromSql(row.Int(1)));
                     more = true;
                     return OkStatus();
                   }));
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(read);
  for (const auto& [lane, chart_id] : ended) {
    TICKETING_ASSIGN_OR_RETURN(const auto chart, catalog_.Chart(chart_id));
    pasts.push_back({lane, chart->chart});
  }
  return pasts;
}

StatusOr<HttpResponse> SeatStaff::History(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const size_t limit, call.PageLimit());
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  HistoryQuery query;
  query.slot = at.slot();
  const std::optional<std::string> label = call.Query("object");
  if (label && !at->chart().Find(*label)) return InvalidField("object", "is not in the chart");
  if (const std::optional<std::string> cursor = call.Query("cursor")) {
    const auto [end, error] =
        std::from_chars(cursor->data(), cursor->data() + cursor->size(), query.before);
    if (error != std::errc() || end != cursor->data() + cursor->size())
      return InvalidField("cursor", "is not one that this API gave");
  }
  TICKETING_ASSIGN_OR_RETURN(const std::vector<Past> pasts, PastsOf(at));
  v1::SeatHistory history;
  const Status read = context_.database.Read([&](SqlTransaction& tx) -> Status {
    history.Clear();
    for (const Past& past : pasts) {
      if (label) query.index = past.chart->Find(*label);
      if (label && !query.index) continue;
      TICKETING_RETURN_IF_ERROR(ReadHistory(tx, past.lane, query, [&](const HistoryEntry& entry) {
        if (static_cast<size_t>(history.entries_size()) == limit) {
          history.set_next_cursor(history.entries(history.entries_size() - 1).id());
          return false;
        }
        FillEntry(entry, *past.chart, history.add_entries());
        return true;
      }));
      if (!history.next_cursor().empty()) break;
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(read);
  return call.Reply(200, history);
}

}  // namespace ticketing
