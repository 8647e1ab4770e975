#include "lib/service/seatsio/ticket_buyers.h"

#include <algorithm>
#include <set>

#include "lib/service/seatsio/pages.h"
#include "lib/service/seatsio/schema.h"

namespace ticketing::seatsio {
namespace {

constexpr size_t kBuyersPerCallMax = 1000;

// Each id once, in the order of the request.
StatusOr<std::vector<std::string>> IdsOf(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const auto given = in.Texts("ids", kBuyersPerCallMax, 100);
  if (!given) in.Fault("ids", "required key not found");
  TICKETING_RETURN_IF_ERROR(in.status());
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const std::string& id : *given) {
    if (seen.insert(id).second) ids.push_back(id);
  }
  return ids;
}

StatusOr<Reply> Add(const Context& context, Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> ids, IdsOf(call));
  Json added, present;
  const Status done = context.database.Write([&](SqlTransaction& tx) -> Status {
    added = Json::array();
    present = Json::array();
    for (const std::string& id : ids) {
      TICKETING_ASSIGN_OR_RETURN(const int64_t number, NextNumber(tx, "ticket_buyer"));
      TICKETING_ASSIGN_OR_RETURN(
          const int64_t inserted,
          tx.Execute("INSERT INTO ticket_buyers (workspace_id, buyer, id) VALUES (?, ?, ?)"
                     " ON CONFLICT (workspace_id, buyer) DO NOTHING",
                     {call.principal.workspace, id, number}));
      (inserted == 1 ? added : present).push_back(id);
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return Ok({{"added", added}, {"alreadyPresent", present}});
}

StatusOr<Reply> Remove(const Context& context, Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> ids, IdsOf(call));
  Json removed, absent;
  const Status done = context.database.Write([&](SqlTransaction& tx) -> Status {
    removed = Json::array();
    absent = Json::array();
    for (const std::string& id : ids) {
      TICKETING_ASSIGN_OR_RETURN(
          const int64_t gone,
          tx.Execute("DELETE FROM ticket_buyers WHERE workspace_id = ? AND buyer = ?",
                     {call.principal.workspace, id}));
      (gone == 1 ? removed : absent).push_back(id);
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return Ok({{"removed", removed}, {"notPresent", absent}});
}

StatusOr<Reply> List(const Context& context, Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const PageRequest page, call.Page());
  PageQuery query;
  query.columns = "SELECT id, buyer FROM ticket_buyers ";
  query.where = "workspace_id = ?";
  query.args.emplace_back(call.principal.workspace);

  std::vector<PageItem> items;
  TICKETING_ASSIGN_OR_RETURN(const bool before,
                             ReadPage(
                                 context.database, query, page, [&items] { items.clear(); },
                                 [&items](const SqlRow& row) {
                                   items.push_back({std::to_string(row.Int(0)), row.Text(1)});
                                 }));
  if (page.before) std::ranges::reverse(items);
  return Ok(PageOf(std::move(items), page, before));
}

}  // namespace

std::vector<Route> TicketBuyerRoutes(const Context& context) {
  const auto with = [&context](StatusOr<Reply> (*handler)(const Context&, Call&)) {
    return [&context, handler](Call& call) { return handler(context, call); };
  };
  return {{"POST", "/ticket-buyers", Auth::kKey, with(Add)},
          {"DELETE", "/ticket-buyers", Auth::kKey, with(Remove)},
          {"GET", "/ticket-buyers", Auth::kKey, with(List)}};
}

}  // namespace ticketing::seatsio
