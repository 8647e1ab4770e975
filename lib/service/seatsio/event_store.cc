#include "lib/service/seatsio/event_store.h"

#include "lib/service/seatsio/event_config.h"
#include "lib/service/seatsio/schema.h"

namespace ticketing::seatsio {

const std::string_view kEventColumns =
    "SELECT e.id, e.workspace_id, e.key, e.chart_id, c.key, e.drawing_id, e.lane_id, e.slot,"
    " e.kind, e.season_id, s.key, s.config, e.name, e.day, e.config, e.config_version,"
    " e.created_at, e.updated_at, s.config_version FROM events e JOIN charts c ON c.id = e.chart_id"
    " LEFT JOIN events s ON s.id = e.season_id ";

EventRow EventOf(const SqlRow& row) {
  EventRow event;
  event.id = row.Int(0);
  event.workspace = row.Int(1);
  event.key = row.Text(2);
  event.chart = row.Int(3);
  event.chart_key = row.Text(4);
  event.drawing = row.Int(5);
  event.lane = LaneId::FromSql(row.Int(6));
  event.slot = static_cast<uint32_t>(row.Int(7));
  event.kind = static_cast<seat::EventKind>(row.Int(8));
  event.season = row.Int(9);
  if (!row.IsNull(10)) {
    event.season_key = row.Text(10);
    event.season_config = Json::parse(row.Text(11), nullptr, false);
  }
  event.name = row.Text(12);
  event.day = row.Text(13);
  event.config = Json::parse(row.Text(14), nullptr, false);
  event.config_version = row.Int(15);
  event.created_at = Timestamp{row.Int(16)};
  event.updated_at = Timestamp{row.Int(17)};
  event.season_version = row.Int(18);
  return event;
}

Status InsertEvent(SqlTransaction& tx, EventRow& event, Timestamp now) {
  TICKETING_ASSIGN_OR_RETURN(
      const auto taken, QueryNumber(tx, "SELECT id FROM events WHERE workspace_id = ? AND key = ?",
                                    {event.workspace, event.key}));
  if (taken) return Refuse("GENERAL_ERROR", "Event key is already in use: " + event.key);
  TICKETING_ASSIGN_OR_RETURN(event.id, NextNumber(tx, "event"));
  event.created_at = now;
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO events (id, workspace_id, key, chart_id, drawing_id, lane_id, slot,"
                 " kind, season_id, name, day, config, config_version, created_at, updated_at)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0)",
                 {event.id, event.workspace, event.key, event.chart, event.drawing,
                  event.lane.ToSql(), int64_t{event.slot}, static_cast<int64_t>(event.kind),
                  event.season, event.name, event.day, Dump(event.config), now.micros})
          .status());
  event.config_version = 1;
  return tx.Execute("UPDATE charts SET used = 1 WHERE id = ? AND used = 0", {event.chart}).status();
}

Status UpdateConfig(SqlTransaction& tx, const EventRow& event, const Json& config, Timestamp now) {
  TICKETING_ASSIGN_OR_RETURN(
      const int64_t changed,
      tx.Execute("UPDATE events SET config = ?, config_version = config_version + 1,"
                 " updated_at = ? WHERE id = ? AND config_version = ?",
                 {Dump(config), now.micros, event.id, event.config_version}));
  if (changed == 0)
    return MakeError(ErrorCode::kPreconditionFailed, "The event was changed in between.");
  return OkStatus();
}

Status TouchConfig(SqlTransaction& tx, int64_t event, int64_t config_version) {
  TICKETING_ASSIGN_OR_RETURN(const int64_t changed,
                             tx.Execute("UPDATE events SET config_version = config_version + 1"
                                        " WHERE id = ? AND config_version = ?",
                                        {event, config_version}));
  if (changed == 0)
    return MakeError(ErrorCode::kPreconditionFailed, "The event was changed in between.");
  return OkStatus();
}

Status CheckConfig(SqlTransaction& tx, int64_t event, int64_t config_version) {
  TICKETING_ASSIGN_OR_RETURN(
      const auto version,
      QueryNumber(tx, "SELECT config_version FROM events WHERE id = ?", {event}));
  if (version != config_version)
    return MakeError(ErrorCode::kPreconditionFailed, "The event was changed in between.");
  return OkStatus();
}

StatusOr<std::vector<EventRow>> EventStore::Query(std::string_view where, const SqlArgs& args) {
  std::vector<EventRow> rows;
  const std::string sql = std::string(kEventColumns) + std::string(where);
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    rows.clear();
    return tx.Query(sql, args, [&](const SqlRow& row) {
      rows.push_back(EventOf(row));
      return OkStatus();
    });
  }));
  return rows;
}

StatusOr<EventRow> EventStore::Find(const Principal& principal, std::string_view key) {
  TICKETING_ASSIGN_OR_RETURN(
      std::vector<EventRow> rows,
      Query("WHERE e.workspace_id = ? AND e.key = ?", {principal.workspace, std::string(key)}));
  if (rows.empty()) {
    return Missing("EVENT_NOT_FOUND", "Event not found: " + std::string(key) +
                                          " was not found in workspace " + principal.workspace_key);
  }
  return std::move(rows[0]);
}

StatusOr<std::shared_ptr<const KnownEvent>> EventStore::Recall(const Principal& principal,
                                                               std::string_view key) {
  std::string name = std::to_string(principal.workspace) + "/";
  name.append(key);
  if (auto known = known_.Find(name)) return known;
  const Setup::Mark mark = context_.setup.Now();
  TICKETING_ASSIGN_OR_RETURN(EventRow row, Find(principal, key));
  TICKETING_ASSIGN_OR_RETURN(KnownEvent known, Know(std::move(row)));
  return known_.Keep(name, mark, std::move(known));
}

StatusOr<KnownEvent> EventStore::Know(EventRow event) {
  KnownEvent known{.row = std::move(event)};
  TICKETING_ASSIGN_OR_RETURN(known.view, View(known.row));
  for (const Json& category :
       CategoriesOfEvent(known.view->summary, known.row.config, known.row.season_config))
    known.category_labels[KeyText(category["key"])] = category["label"];
  if (known.row.kind == seat::EventKind::kMatch) {
    TICKETING_ASSIGN_OR_RETURN(known.season_keys, SeasonKeys(known.row.lane));
  }
  return known;
}

StatusOr<std::vector<EventRow>> EventStore::MatchesOf(int64_t season) {
  return Query("WHERE e.season_id = ? AND e.kind = ? ORDER BY e.id",
               {season, static_cast<int64_t>(seat::EventKind::kMatch)});
}

StatusOr<std::vector<EventRow>> EventStore::PartialsOf(int64_t season) {
  return Query("WHERE e.season_id = ? AND e.kind = ? ORDER BY e.id",
               {season, static_cast<int64_t>(seat::EventKind::kPartialSeason)});
}

StatusOr<std::vector<EventRow>> EventStore::MatchesOfPartial(int64_t partial) {
  return Query(
      "JOIN partial_season_events p ON p.event_id = e.id WHERE p.partial_id = ?"
      " ORDER BY p.id",
      {partial});
}

StatusOr<std::vector<EventRow>> EventStore::PartialsOfMatch(int64_t match) {
  return Query(
      "JOIN partial_season_events p ON p.partial_id = e.id WHERE p.event_id = ?"
      " ORDER BY e.id",
      {match});
}

StatusOr<std::map<uint32_t, std::string>> EventStore::SeasonKeys(LaneId lane) {
  std::map<uint32_t, std::string> keys;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    keys.clear();
    return tx.Query("SELECT slot, key FROM events WHERE lane_id = ? AND kind IN (1, 2)",
                    {lane.ToSql()}, [&](const SqlRow& row) {
                      keys[static_cast<uint32_t>(row.Int(0))] = row.Text(1);
                      return OkStatus();
                    });
  }));
  return keys;
}

StatusOr<std::shared_ptr<EventLane>> EventStore::Lane(const EventRow& event) {
  {
    const std::lock_guard lock(mutex_);
    if (std::shared_ptr<EventLane> lane = lanes_.Find(event.lane)) return lane;
  }
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, View(event));
  auto lane = std::make_shared<EventLane>(context_.env, context_.database, event.lane, view->chart);
  const std::lock_guard lock(mutex_);
  return lanes_.Keep(event.lane, std::move(lane));
}

size_t EventStore::lanes() const {
  const std::lock_guard lock(mutex_);
  return lanes_.size();
}

Status EventStore::ExpireHolds() {
  std::vector<std::shared_ptr<EventLane>> lanes;
  bool trimmed = false;
  {
    const std::lock_guard lock(mutex_);
    lanes = lanes_.All();
    trimmed = lanes_.trimmed();
  }
  Status first;
  for (const std::shared_ptr<EventLane>& lane : lanes) {
    if (const Status status = lane->ExpireHolds(); !status.ok() && first.ok()) first = status;
  }
  lanes.clear();  // what is used cannot make room
  if (!trimmed) {
    swept_ = context_.env.clock.Now();
  } else if (const Status status = WakeExpired(); !status.ok() && first.ok()) {
    first = status;
  }
  return first;
}

// Lanes that are not in memory, but where a token that ended since the last time held something.
Status EventStore::WakeExpired() {
  const Timestamp now = context_.env.clock.Now();
  TICKETING_ASSIGN_OR_RETURN(
      const std::vector<EventRow> rows,
      Query("WHERE e.season_id = 0 AND e.lane_id IN (SELECT l.lane_id FROM hold_tokens t JOIN"
            " hold_token_lanes l ON l.token_id = t.id WHERE t.expires_at > ? AND"
            " t.expires_at <= ?)",
            {swept_.micros, now.micros}));
  for (const EventRow& event : rows) {
    {
      const std::lock_guard lock(mutex_);
      if (lanes_.Has(event.lane)) continue;
    }
    TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, Lane(event));
    TICKETING_RETURN_IF_ERROR(lane->View().status());
  }
  swept_ = now;
  return OkStatus();
}

Status EventStore::Wake() {
  swept_ = context_.env.clock.Now();
  TICKETING_ASSIGN_OR_RETURN(
      const std::vector<EventRow> rows,
      Query("WHERE e.season_id = 0 AND e.lane_id IN (SELECT lane_id FROM hold_token_lanes)", {}));
  for (const EventRow& event : rows) {
    TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, Lane(event));
    TICKETING_RETURN_IF_ERROR(lane->View().status());
  }
  return OkStatus();
}

}  // namespace ticketing::seatsio
