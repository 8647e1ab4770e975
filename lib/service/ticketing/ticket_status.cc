#include "lib/service/ticketing/ticket_status.h"

#include <map>
#include <optional>

#include "lib/wire/convert.h"

namespace ticketing {
namespace {

constexpr int64_t kHistoryMax = 200;

// Refunded, cancelled and transferred tickets stay what they are: their seat may be somebody
// else's.
bool MayChange(TicketStatus status) {
  return status == TicketStatus::kValid || status == TicketStatus::kBlocked ||
         status == TicketStatus::kSuspended || status == TicketStatus::kUnpaid;
}

TicketStatus StatusOfName(std::string_view name) {
  for (const TicketStatus status :
       {TicketStatus::kValid, TicketStatus::kBlocked, TicketStatus::kSuspended,
        TicketStatus::kUnpaid, TicketStatus::kTransferred}) {
    if (TicketStatusName(status) == name) return status;
  }
  return TicketStatus::kCancelled;
}

struct Wish {
  TicketStatus to = TicketStatus::kValid;
  std::string reason;
  std::string by;
  Timestamp at;
};

// Changes one ticket as it is now; nullopt when it must stay what it is, else whether it changed.
StatusOr<std::optional<bool>> ChangeRow(SqlTransaction& tx, TicketId ticket, const Wish& wish,
                                        uint64_t copy_version) {
  std::optional<TicketStatus> now;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT status FROM tickets WHERE id = ?", {ticket.ToSql()}, [&](const SqlRow& row) {
        now = static_cast<TicketStatus>(row.Int(0));
        return OkStatus();
      }));
  if (now == wish.to) return std::optional<bool>(false);
  if (!now || !MayChange(*now)) return std::optional<bool>();
  TICKETING_RETURN_IF_ERROR(
      tx.Execute(
            "UPDATE tickets SET status = ?, copy_version = ? WHERE id = ?",
            {static_cast<int64_t>(wish.to), static_cast<int64_t>(copy_version), ticket.ToSql()})
          .status());
  int64_t number = 1;
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT MAX(number) FROM ticket_changes WHERE ticket_id = ?",
                                     {ticket.ToSql()}, [&](const SqlRow& row) {
                                       number = row.Int(0) + 1;
                                       return OkStatus();
                                     }));
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO ticket_changes (ticket_id, number, was, status, reason, changed_by,"
                 " at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                 {ticket.ToSql(), number, static_cast<int64_t>(*now), static_cast<int64_t>(wish.to),
                  wish.reason, wish.by, wish.at.micros})
          .status());
  return std::optional<bool>(true);
}

}  // namespace

std::vector<Route> TicketStatuses::Routes() {
  const Access staff{.roles = {Role::kBoxOffice, Role::kAdmin}};
  return {{"POST", "/v1/tickets/{ticket_id}/status", "changeTicketStatus",
           "Blocks, suspends or cancels a ticket at the gates, or makes it valid again", staff,
           "ticketing.v1.ChangeTicketStatusRequest", "ticketing.v1.Ticket",
           [this](Call& call) { return ChangeOne(call); }},
          {"GET", "/v1/tickets/{ticket_id}/status-changes", "listTicketStatusChanges",
           "Tells who changed the status of a ticket, when and why", staff, "",
           "ticketing.v1.TicketStatusHistory", [this](Call& call) { return History(call); }},
          {"POST", "/v1/orders/{order_id}/ticket-status", "changeOrderTicketStatus",
           "The same for all tickets of an order, as when its instalments are overdue", staff,
           "ticketing.v1.ChangeTicketStatusRequest", "ticketing.v1.ChangedTicketStatus",
           [this](Call& call) { return ChangeOrder(call); }}};
}

StatusOr<v1::ChangedTicketStatus> TicketStatuses::Change(
    Call& call, const std::vector<TicketRecord>& tickets,
    const v1::ChangeTicketStatusRequest& wanted) {
  const Wish wish{StatusOfName(wanted.status()), wanted.reason(), call.principal.subject,
                  context_.env.clock.Now()};
  std::map<EventId, std::vector<TicketId>> by_event;
  for (const TicketRecord& ticket : tickets) by_event[ticket.event].push_back(ticket.id);
  v1::ChangedTicketStatus result;
  for (const auto& entry : by_event) {
    const std::vector<TicketId>& ids = entry.second;
    TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(entry.first));
    v1::ChangedTicketStatus here;
    TICKETING_RETURN_IF_ERROR(at->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
      const uint64_t version = ++state.counters[at.slot()].copy_version;
      LaneEffect effect;
      effect.rows = [&, version](SqlTransaction& tx) -> Status {
        here.Clear();
        for (const TicketId id : ids) {
          TICKETING_ASSIGN_OR_RETURN(const std::optional<bool> changed,
                                     ChangeRow(tx, id, wish, version));
          if (!changed) {
            here.add_unchanged(id.ToString());
          } else if (*changed) {
            here.set_changed(here.changed() + 1);
          }
        }
        return OkStatus();
      };
      return effect;
    }));
    result.set_changed(result.changed() + here.changed());
    result.mutable_unchanged()->MergeFrom(here.unchanged());
  }
  return result;
}

StatusOr<HttpResponse> TicketStatuses::ChangeOne(Call& call) {
  v1::ChangeTicketStatusRequest wanted;
  TICKETING_RETURN_IF_ERROR(call.Read(&wanted));
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord ticket, tickets_.FindFor(call));
  TICKETING_ASSIGN_OR_RETURN(const v1::ChangedTicketStatus changed, Change(call, {ticket}, wanted));
  if (changed.unchanged_size() > 0) {
    return MakeError(ErrorCode::kConflict,
                     "A ticket that is refunded, cancelled or transferred stays so.");
  }
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord fresh, tickets_.Find(ticket.id));
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(fresh.event));
  return call.Reply(200, tickets_.Message(*event, fresh, call.Query("language").value_or("es")));
}

StatusOr<HttpResponse> TicketStatuses::ChangeOrder(Call& call) {
  v1::ChangeTicketStatusRequest wanted;
  TICKETING_RETURN_IF_ERROR(call.Read(&wanted));
  TICKETING_ASSIGN_OR_RETURN(const OrderId id, call.PathId<OrderId>("order_id"));
  TICKETING_RETURN_IF_ERROR(ReadOrder(context_.database, id).status());
  TICKETING_ASSIGN_OR_RETURN(const std::vector<TicketRecord> tickets, tickets_.OfOrder(id));
  TICKETING_ASSIGN_OR_RETURN(const v1::ChangedTicketStatus changed, Change(call, tickets, wanted));
  return call.Reply(200, changed);
}

StatusOr<HttpResponse> TicketStatuses::History(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord ticket, tickets_.FindFor(call));
  v1::TicketStatusHistory history;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    history.Clear();
    return tx.Query(
        "SELECT was, status, reason, changed_by, at FROM ticket_changes WHERE ticket_id = ?"
        " ORDER BY number DESC LIMIT ?",
        {ticket.id.ToSql(), kHistoryMax}, [&](const SqlRow& row) {
          v1::TicketStatusChange* change = history.add_changes();
          change->set_ticket_id(ticket.id.ToString());
          change->set_was(std::string(TicketStatusName(static_cast<TicketStatus>(row.Int(0)))));
          change->set_status(std::string(TicketStatusName(static_cast<TicketStatus>(row.Int(1)))));
          change->set_reason(row.Text(2));
          change->set_by(row.Text(3));
          wire::SetTime(Timestamp{row.Int(4)}, change->mutable_at());
          return OkStatus();
        });
  }));
  return call.Reply(200, history);
}

}  // namespace ticketing
