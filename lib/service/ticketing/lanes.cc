#include "lib/service/ticketing/lanes.h"

#include <charconv>

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

// Where PackAvailability has what (seat/availability.h).
constexpr size_t kVersionAt = 4;
constexpr size_t kUnitsAt = 12;
constexpr size_t kStatesAt = 20;
constexpr size_t kAreaBytes = 4;

v1::Availability MessageOfView(const EventInfo& event, const LaneView& view) {
  v1::Availability out;
  out.set_event_id(event.id.ToString());
  out.set_version(static_cast<int64_t>(view.version));
  const auto units = static_cast<uint32_t>(ReadBigEndian(view.map, kUnitsAt, 4));
  out.set_objects(static_cast<int32_t>(units));
  const size_t state_bytes = (units + 3) / 4;
  out.set_states(view.map.substr(kStatesAt, state_bytes));
  size_t at = kStatesAt + state_bytes;
  for (uint32_t i = event.chart->unit_count(); i < event.chart->object_count(); ++i) {
    v1::AreaAvailability* area = out.add_areas();
    area->set_label(event.chart->object(i).label);
    area->set_free(static_cast<int64_t>(ReadBigEndian(view.map, at, kAreaBytes)));
    area->set_capacity(event.chart->object(i).capacity);
    at += kAreaBytes;
  }
  const auto& categories = event.chart->drawing().categories;
  for (size_t i = 0; i < categories.size(); ++i) {
    const seat::CategoryTotals& totals = view.categories[i];
    v1::CategoryAvailability* category = out.add_categories();
    category->set_category(categories[i].key);
    category->set_free(static_cast<int64_t>(totals.free));
    category->set_total(static_cast<int64_t>(totals.free + totals.held + totals.booked));
  }
  return out;
}

}  // namespace

std::vector<Route> Lanes::Routes() {
  Route delta{"GET",
              "/v1/events/{event_id}/availability/changes",
              "getAvailabilityChanges",
              "Gives what changed since a version; 409 when that was too long ago: take the map",
              {},
              "",
              "ticketing.v1.AvailabilityDelta",
              [this](Call& call) { return GetChanges(call); }};
  delta.query = {{"since", "The version that the caller has."}};
  return {{"GET",
           "/v1/events/{event_id}/availability",
           "getAvailability",
           "Gives the state of every seat as a packed map with a version",
           {},
           "",
           "ticketing.v1.Availability",
           [this](Call& call) { return GetAvailability(call); }},
          std::move(delta)};
}

StatusOr<EventOnLane> Lanes::Get(EventId event) {
  TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<const EventInfo> info, catalog_.Event(event));
  const std::lock_guard lock(mutex_);
  // A caller that comes with what it knew before a move makes a lane that is gone: it finds nothing
  // there, and the next look at the moves lets it go again.
  std::shared_ptr<EventLane>& lane = lanes_[info->lane];
  if (lane == nullptr)
    lane = std::make_shared<EventLane>(context_.env, context_.database, info->lane, info->chart);
  return EventOnLane{std::move(info), lane};
}

Status Lanes::FollowMoves() {
  std::vector<LaneId> ended;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    ended.clear();
    return tx.Query("SELECT old_lane_id FROM chart_moves", {}, [&](const SqlRow& row) {
      ended.push_back(LaneId::FromSql(row.Int(0)));
      return OkStatus();
    });
  }));
  const std::lock_guard lock(mutex_);
  for (const LaneId lane : ended) lanes_.erase(lane);
  return OkStatus();
}

StatusOr<HttpResponse> Lanes::GetAvailability(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, Get(id));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const LaneView> view, at->View(at.slot()));
  const std::string etag = "\"" + std::to_string(view->version) + "\"";
  HttpResponse response;
  if (call.request.headers.Get("If-None-Match").value_or("") == etag) {
    response.status = 304;
  } else {
    response = call.Reply(200, MessageOfView(*at.event, *view));
  }
  response.headers.Set("ETag", etag);
  response.headers.Set("Vary", "Accept");
  response.headers.Set("Cache-Control", "public, max-age=1");
  return response;
}

StatusOr<HttpResponse> Lanes::GetChanges(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  const std::string text = call.Query("since").value_or("");
  uint64_t since = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), since);
  if (error != std::errc() || end != text.data() + text.size() || since > INT64_MAX)
    return InvalidField("since", "is not a version");
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, Get(id));
  TICKETING_ASSIGN_OR_RETURN(std::optional<std::string> delta, at->Delta(since, at.slot()));
  if (!delta)
    return MakeError(ErrorCode::kConflict, "That version is too old. Take the whole map.");
  v1::AvailabilityDelta message;
  message.set_event_id(id.ToString());
  message.set_version(static_cast<int64_t>(ReadBigEndian(*delta, kVersionAt, 8)));
  message.set_since(static_cast<int64_t>(since));
  message.set_delta(*std::move(delta));
  HttpResponse response = call.Reply(200, message);
  response.headers.Set("Cache-Control", "public, max-age=1");
  return response;
}

Status Lanes::Tick() {
  std::vector<EventId> busy;
  if (!woken_) {
    TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
      busy.clear();
      return tx.Query("SELECT DISTINCT event_id FROM hold_lines ORDER BY event_id", {},
                      [&](const SqlRow& row) {
                        busy.push_back(EventId::FromSql(row.Int(0)));
                        return OkStatus();
                      });
    }));
  }
  for (const EventId event : busy) {
    TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, Get(event));
    TICKETING_RETURN_IF_ERROR(at->View(at.slot()).status());
  }
  woken_ = true;
  std::vector<std::shared_ptr<EventLane>> lanes;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, lane] : lanes_) lanes.push_back(lane);
  }
  Status first;
  for (const std::shared_ptr<EventLane>& lane : lanes) {
    if (Status status = lane->ExpireHolds(); !status.ok()) first.Update(status);
  }
  return first;
}

}  // namespace ticketing
