#include "lib/service/ticketing/chart_moves.h"

#include <algorithm>

#include "lib/wire/convert.h"
#include "ticketing/lane/lane_move.h"
#include "ticketing/seat/replacement.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr size_t kDifferencesShown = 500;

// A table that is drawn for sale in another way matters only where tables sell as they are drawn.
Status CheckSale(const seat::EventSet& seats, const seat::Replacement& replacement) {
  if (replacement.sale_changed.empty()) return OkStatus();
  for (uint32_t slot = 0; slot < seats.size(); ++slot) {
    if (seats.at(slot).rules().tables.mode != seat::TableSelling::Mode::kAsDrawn) continue;
    return MakeError(
        ErrorCode::kConflict,
        "These are in use and would be sold in another way: whole, or by seat. Nothing "
        "was changed.",
        {.objects = replacement.sale_changed});
  }
  return OkStatus();
}

uint16_t ZoneOf(const v1::Event& event, const seat::Chart& chart, const std::string& label) {
  const std::optional<uint32_t> object = chart.Find(label);
  if (!object) return 0;
  for (int i = 0; i < event.zones_size(); ++i) {
    if (event.zones(i).id() == chart.zone_of(*object)) return static_cast<uint16_t>(i + 1);
  }
  return 0;
}

// Tickets whose seat is in another zone now.
Status MoveTickets(SqlTransaction& tx, const v1::Event& event, EventId id, const seat::Chart& chart,
                   uint64_t copy_version) {
  std::vector<SqlArgs> changed;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT id, label, zone FROM tickets WHERE event_id = ?", {id.ToSql()},
      [&](const SqlRow& row) {
        const uint16_t zone = ZoneOf(event, chart, row.Text(1));
        if (zone != 0 && int64_t{zone} != row.Int(2))
          changed.push_back({int64_t{zone}, static_cast<int64_t>(copy_version), row.Int(0)});
        return OkStatus();
      }));
  for (const SqlArgs& args : changed) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE tickets SET zone = ?, copy_version = ? WHERE id = ?", args).status());
  }
  return OkStatus();
}

Status InsertMove(SqlTransaction& tx, LaneId from, LaneId to, ChartId was, ChartId is,
                  Timestamp now) {
  int64_t number = 1;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT MAX(number) FROM chart_moves", {}, [&](const SqlRow& row) {
        number = row.Int(0) + 1;
        return OkStatus();
      }));
  return tx
      .Execute(
          "INSERT INTO chart_moves (number, old_lane_id, new_lane_id, old_chart_id,"
          " new_chart_id, moved_at) VALUES (?, ?, ?, ?, ?, ?)",
          {number, from.ToSql(), to.ToSql(), was.ToSql(), is.ToSql(), now.micros})
      .status();
}

void FillDifferences(const seat::Chart& was, const seat::Chart& is, v1::ReplacedChart& out) {
  const std::vector<seat::ObjectDifference> all = seat::CompareCharts(was, is);
  out.set_differences(static_cast<int64_t>(all.size()));
  for (size_t i = 0; i < std::min(all.size(), kDifferencesShown); ++i) {
    v1::ChartDifference* one = out.add_first_differences();
    one->set_label(all[i].label);
    one->set_difference(std::string(seat::NameOfDifference(all[i].difference)));
    one->set_was(all[i].was);
    one->set_is(all[i].is);
  }
}

}  // namespace

std::vector<Route> ChartMoves::Routes() {
  return {{"POST",
           "/v1/events/{event_id}/chart",
           "replaceChart",
           "Moves an event that is on sale to another chart; refuses to lose what is in use",
           {.roles = {Role::kAdmin}},
           "ticketing.v1.ReplaceChartRequest",
           "ticketing.v1.ReplacedChart",
           [this](Call& call) { return Replace(call); },
           true}};
}

StatusOr<std::vector<ChartMoves::Refit>> ChartMoves::RefitAll(
    const EventOnLane& at, const ChartInfo& chart, const v1::ReplaceChartRequest& request) {
  std::vector<EventId> ids;
  TICKETING_RETURN_IF_ERROR(at->Ask([&](const LaneState& state) {
    ids.clear();
    for (uint32_t slot = 0; slot < state.seats.size(); ++slot)
      ids.push_back(state.seats.entry(slot).id);
    return OkStatus();
  }));
  const std::vector<v1::AddedPrices> added(request.prices().begin(), request.prices().end());
  std::vector<Refit> events;
  for (const EventId id : ids) {
    Refit& event = events.emplace_back();
    TICKETING_ASSIGN_OR_RETURN(event.was, catalog_.Event(id));
    event.body = event.was->event;
    TICKETING_RETURN_IF_ERROR(RefitEvent(*chart.chart, chart.id, added, event.body));
  }
  return events;
}

Status ChartMoves::Move(const Call& call, const EventOnLane& at, const ChartInfo& chart, LaneId to,
                        const std::vector<Refit>& events, bool dry_run, int64_t& in_use) {
  std::optional<LaneState> moved;
  const auto move = [&](const LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    if (state.seats.size() != events.size())
      return MakeError(ErrorCode::kConflict, "Matches were added meanwhile. Try again.");
    const std::vector<seat::ObjectInUse> used = state.seats.InUse();
    in_use = static_cast<int64_t>(used.size());
    TICKETING_ASSIGN_OR_RETURN(const seat::Replacement replacement,
                               seat::CheckReplacement(at->chart(), *chart.chart, used));
    TICKETING_RETURN_IF_ERROR(CheckSale(state.seats, replacement));
    StatusOr<seat::EventSet> seats = state.seats.MovedTo(chart.chart, replacement.numbers, now);
    TICKETING_RETURN_IF_ERROR(seats.status());
    if (dry_run) return LaneEffect{};
    moved.emplace(LaneState{*std::move(seats), state.counters});
    for (LaneCounters& counters : moved->counters) counters.copy_version += 1;
    LaneEffect effect;
    effect.note = {call.principal.subject, "chart", chart.id.ToString()};
    effect.rows = [&, now](SqlTransaction& tx) -> Status {
      TICKETING_RETURN_IF_ERROR(MoveLane(tx, at->id(), to, *moved, now));
      const ChartId was = *ChartId::Parse(at.event->event.chart_id());
      TICKETING_RETURN_IF_ERROR(InsertMove(tx, at->id(), to, was, chart.id, now));
      for (size_t slot = 0; slot < events.size(); ++slot) {
        v1::Event body = events[slot].body;
        body.clear_venue();
        const EventId id = events[slot].was->id;
        TICKETING_RETURN_IF_ERROR(
            tx.Execute("UPDATE events SET chart_id = ?, lane_id = ?, body = ? WHERE id = ?",
                       {chart.id.ToSql(), to.ToSql(), Blob{wire::ToBytes(body)}, id.ToSql()})
                .status());
        TICKETING_RETURN_IF_ERROR(
            MoveTickets(tx, body, id, *chart.chart, moved->counters[slot].copy_version));
      }
      return OkStatus();
    };
    return effect;
  };
  // Alone in its transaction: what others did after it in the same one would stay behind.
  EventLane* const lane = at.lane.get();
  return RunTogether(
      {&lane, 1},
      [&](std::span<LaneState* const> states, Timestamp now) -> StatusOr<std::vector<LaneEffect>> {
        TICKETING_ASSIGN_OR_RETURN(LaneEffect effect, move(*states[0], now));
        std::vector<LaneEffect> effects;
        effects.push_back(std::move(effect));
        return effects;
      });
}

StatusOr<HttpResponse> ChartMoves::Replace(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::ReplaceChartRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  const auto chart = catalog_.Chart(*ChartId::Parse(request.chart_id()));
  if (CodeOf(chart.status()) == ErrorCode::kNotFound)
    return InvalidField("chart_id", "is not a chart");
  TICKETING_RETURN_IF_ERROR(chart.status());
  v1::ReplacedChart result;
  result.set_chart_id(request.chart_id());
  const LaneId to = LaneId::FromEntropy(call.Entropy("chart move"));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<Refit> events, RefitAll(at, **chart, request));
  for (const Refit& event : events) result.add_event_ids(event.was->id.ToString());
  FillDifferences(at->chart(), *(*chart)->chart, result);
  result.set_done(!request.dry_run());
  // On it already: a repeat, or nothing to do.
  if (at.event->event.chart_id() == request.chart_id()) return call.Reply(200, result);
  int64_t in_use = 0;
  TICKETING_RETURN_IF_ERROR(Move(call, at, **chart, to, events, request.dry_run(), in_use));
  result.set_objects_in_use(in_use);
  if (!request.dry_run()) TICKETING_RETURN_IF_ERROR(follow_());
  return call.Reply(200, result);
}

}  // namespace ticketing
