#include "lib/service/seatsio/event_log.h"

#include <algorithm>

#include "lib/service/seatsio/pages.h"
#include "lib/service/seatsio/schema.h"

namespace ticketing::seatsio {
namespace {

StatusOr<Reply> List(const Context& context, Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const PageRequest page, call.Page());
  PageQuery query;
  query.columns = "SELECT id, type, data, at FROM event_log ";
  query.where = "workspace_id = ?";
  query.args.emplace_back(call.principal.workspace);

  query.oldest_first = true;
  std::vector<PageItem> items;
  TICKETING_ASSIGN_OR_RETURN(
      const bool before,
      ReadPage(
          context.database, query, page, [&items] { items.clear(); },
          [&items](const SqlRow& row) {
            items.push_back({std::to_string(row.Int(0)),
                             {{"id", row.Int(0)},
                              {"type", row.Text(1)},
                              {"timestamp", FormatTimestamp(Timestamp{row.Int(3)})},
                              {"data", Json::parse(row.Text(2), nullptr, false)}}});
          }));
  if (page.before) std::ranges::reverse(items);
  return Ok(PageOf(std::move(items), page, before));
}

}  // namespace

Status AppendLog(SqlTransaction& tx, int64_t workspace, std::string_view workspace_key,
                 std::string_view type, std::string_view key, Timestamp now) {
  TICKETING_ASSIGN_OR_RETURN(const int64_t id, NextNumber(tx, "event_log"));
  const Json data = {{"key", key}, {"workspaceKey", workspace_key}};
  return tx
      .Execute("INSERT INTO event_log (id, workspace_id, type, data, at) VALUES (?, ?, ?, ?, ?)",
               {id, workspace, std::string(type), Dump(data), now.micros})
      .status();
}

std::vector<Route> EventLogRoutes(const Context& context) {
  return {
      {"GET", "/event-log", Auth::kKey, [&context](Call& call) { return List(context, call); }}};
}

}  // namespace ticketing::seatsio
