#include "lib/service/seatsio/schema.h"

#include "ticketing/lane/event_lane.h"

namespace ticketing::seatsio {
namespace {

std::vector<std::string> CompanyTables() {
  return {
      "CREATE TABLE sequences (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
      // `settings` is JSON; `undelivered` says that nobody has been given the keys yet.
      "CREATE TABLE companies (id INTEGER PRIMARY KEY, designer_key TEXT NOT NULL,"
      " public_key TEXT NOT NULL, email TEXT NOT NULL, settings TEXT NOT NULL,"
      " undelivered INTEGER NOT NULL, created_at INTEGER NOT NULL)",
      "CREATE TABLE workspaces (id INTEGER PRIMARY KEY,"
      " company_id INTEGER NOT NULL REFERENCES companies (id), key TEXT NOT NULL UNIQUE,"
      " name TEXT NOT NULL, is_test INTEGER NOT NULL, is_active INTEGER NOT NULL,"
      " is_default INTEGER NOT NULL, created_at INTEGER NOT NULL)",
      "CREATE INDEX workspaces_company ON workspaces (company_id, id)",
      // Found by the SHA-256 of the key, then compared whole. The API shows keys again, so they are
      // kept as they are. `workspace_id` 0: the company's own.
      "CREATE TABLE secret_keys (hash TEXT PRIMARY KEY, id INTEGER NOT NULL,"
      " company_id INTEGER NOT NULL REFERENCES companies (id), workspace_id INTEGER NOT NULL,"
      " secret TEXT NOT NULL)",
      "CREATE INDEX secret_keys_owner ON secret_keys (company_id, workspace_id, id)",
      "CREATE TABLE ticket_buyers (workspace_id INTEGER NOT NULL, buyer TEXT NOT NULL,"
      " id INTEGER NOT NULL, PRIMARY KEY (workspace_id, buyer))",
      "CREATE INDEX ticket_buyers_id ON ticket_buyers (workspace_id, id)",
      "CREATE TABLE event_log (id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL,"
      " type TEXT NOT NULL, data TEXT NOT NULL, at INTEGER NOT NULL)",
      "CREATE INDEX event_log_workspace ON event_log (workspace_id, id)",
  };
}

std::vector<std::string> ChartTables() {
  return {
      // A drawing never changes; a change of a chart makes another one. `summary` is JSON with what
      // lists and events show of it; `chart` the chart made of it when it was first needed, as a
      // chart file: it fixes the numbers of the objects.
      "CREATE TABLE drawings (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE,"
      " summary TEXT NOT NULL, body TEXT NOT NULL, chart TEXT NOT NULL)",
      "CREATE TABLE charts (id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL,"
      " key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, archived INTEGER NOT NULL,"
      " used INTEGER NOT NULL, published_id INTEGER NOT NULL REFERENCES drawings (id),"
      " draft_id INTEGER NOT NULL, created_at INTEGER NOT NULL)",
      "CREATE INDEX charts_workspace ON charts (workspace_id, id)",
      "CREATE TABLE chart_tags (chart_id INTEGER NOT NULL REFERENCES charts (id),"
      " tag TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (chart_id, tag))",
  };
}

std::vector<std::string> EventTables() {
  return {
      // An event keeps the drawing that its chart had when the event was made. `lane_id` and `slot`
      // say where its seats are; `season_id` is 0 for those in no season. `config` is the JSON that
      // its rules were made from; whoever changes it must have seen `config_version`.
      "CREATE TABLE events (id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL,"
      " key TEXT NOT NULL, chart_id INTEGER NOT NULL REFERENCES charts (id),"
      " drawing_id INTEGER NOT NULL REFERENCES drawings (id), lane_id INTEGER NOT NULL,"
      " slot INTEGER NOT NULL, kind INTEGER NOT NULL, season_id INTEGER NOT NULL,"
      " name TEXT NOT NULL, day TEXT NOT NULL, config TEXT NOT NULL,"
      " config_version INTEGER NOT NULL, created_at INTEGER NOT NULL,"
      " updated_at INTEGER NOT NULL)",
      "CREATE UNIQUE INDEX events_key ON events (workspace_id, key)",
      "CREATE INDEX events_workspace ON events (workspace_id, id)",
      "CREATE INDEX events_chart ON events (chart_id, id)",
      "CREATE INDEX events_lane ON events (lane_id, slot)",
      "CREATE INDEX events_season ON events (season_id, id)",
      "CREATE TABLE partial_season_events (partial_id INTEGER NOT NULL,"
      " event_id INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (partial_id, event_id))",
      "CREATE INDEX partial_season_events_event ON partial_season_events (event_id)",
      "CREATE TABLE resale_listings (lane_id INTEGER NOT NULL, slot INTEGER NOT NULL,"
      " idx INTEGER NOT NULL, listing TEXT NOT NULL, PRIMARY KEY (lane_id, slot, idx))",
      "CREATE TABLE hold_tokens (id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL,"
      " created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL)",
      "CREATE INDEX hold_tokens_expiry ON hold_tokens (expires_at)",
      // Where a token has held something: the lanes that its end and its extension must reach.
      "CREATE TABLE hold_token_lanes (token_id INTEGER NOT NULL, lane_id INTEGER NOT NULL,"
      " PRIMARY KEY (token_id, lane_id))",
  };
}

}  // namespace

std::vector<Migration> Schema() {
  Migration first{1, LaneSchema()};
  for (std::vector<std::string> tables : {CompanyTables(), ChartTables(), EventTables()}) {
    for (std::string& table : tables) first.statements.push_back(std::move(table));
  }
  return {std::move(first)};
}

StatusOr<int64_t> NextNumber(SqlTransaction& tx, std::string_view sequence) {
  int64_t number = 0;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("INSERT INTO sequences (name, value) VALUES (?, 1)"
               " ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1 RETURNING value",
               {std::string(sequence)}, [&](const SqlRow& row) {
                 number = row.Int(0);
                 return OkStatus();
               }));
  return number;
}

StatusOr<std::optional<int64_t>> QueryNumber(SqlTransaction& tx, std::string_view sql,
                                             const SqlArgs& args) {
  std::optional<int64_t> number;
  TICKETING_RETURN_IF_ERROR(tx.Query(sql, args, [&](const SqlRow& row) {
    if (!number) number = row.Int(0);
    return OkStatus();
  }));
  return number;
}

}  // namespace ticketing::seatsio
