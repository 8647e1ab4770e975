#include "lib/service/ticketing/season_tickets.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace ticketing {
namespace {

// How histories are told apart: by these words.
constexpr std::string_view kClosed = "The match does not take season tickets for this place.";
constexpr std::string_view kReopened = "The season has this place again.";

struct LastChange {
  int64_t number = 0;  // 0: there was none
  TicketStatus was = TicketStatus::kValid;
  std::string reason;
};

StatusOr<std::optional<TicketStatus>> StatusOf(SqlTransaction& tx, TicketId ticket) {
  std::optional<TicketStatus> status;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT status FROM tickets WHERE id = ?", {ticket.ToSql()}, [&](const SqlRow& row) {
        status = static_cast<TicketStatus>(row.Int(0));
        return OkStatus();
      }));
  return status;
}

StatusOr<LastChange> LastChangeOf(SqlTransaction& tx, TicketId ticket) {
  LastChange last;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT number, was, reason FROM ticket_changes WHERE ticket_id = ?"
               " ORDER BY number DESC LIMIT 1",
               {ticket.ToSql()}, [&](const SqlRow& row) {
                 last = {row.Int(0), static_cast<TicketStatus>(row.Int(1)), row.Text(2)};
                 return OkStatus();
               }));
  return last;
}

Status Change(SqlTransaction& tx, TicketId ticket, int64_t number, TicketStatus was,
              TicketStatus to, std::string_view reason, const SeasonTicketChange& change) {
  TICKETING_RETURN_IF_ERROR(
      tx.Execute(
            "UPDATE tickets SET status = ?, copy_version = ? WHERE id = ?",
            {static_cast<int64_t>(to), static_cast<int64_t>(change.copy_version), ticket.ToSql()})
          .status());
  return tx
      .Execute(
          "INSERT INTO ticket_changes (ticket_id, number, was, status, reason, changed_by,"
          " at) VALUES (?, ?, ?, ?, ?, ?, ?)",
          {ticket.ToSql(), number, static_cast<int64_t>(was), static_cast<int64_t>(to),
           std::string(reason), change.by, change.at.micros})
      .status();
}

// What staff may make valid again must be closed as well: its place is somebody else's.
bool IsOpen(TicketStatus status) {
  return status == TicketStatus::kValid || status == TicketStatus::kBlocked ||
         status == TicketStatus::kSuspended || status == TicketStatus::kUnpaid;
}

}  // namespace

StatusOr<std::set<TicketId>> TicketsOf(Database& database, EventId event) {
  std::set<TicketId> known;
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
    known.clear();
    return tx.Query("SELECT id FROM tickets WHERE event_id = ?", {event.ToSql()},
                    [&](const SqlRow& row) {
                      known.insert(TicketId::FromSql(row.Int(0)));
                      return OkStatus();
                    });
  }));
  return known;
}

std::vector<TicketId> IdsOf(const std::vector<TicketRecord>& tickets) {
  std::vector<TicketId> ids(tickets.size());
  std::ranges::transform(tickets, ids.begin(), &TicketRecord::id);
  return ids;
}

StatusOr<std::vector<TicketId>> CloseTickets(SqlTransaction& tx,
                                             const std::vector<TicketId>& tickets,
                                             const SeasonTicketChange& change) {
  std::vector<TicketId> closed;
  for (const TicketId ticket : tickets) {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<TicketStatus> status, StatusOf(tx, ticket));
    if (!status || !IsOpen(*status)) continue;
    TICKETING_ASSIGN_OR_RETURN(const LastChange last, LastChangeOf(tx, ticket));
    TICKETING_RETURN_IF_ERROR(
        Change(tx, ticket, last.number + 1, *status, TicketStatus::kCancelled, kClosed, change));
    closed.push_back(ticket);
  }
  return closed;
}

StatusOr<std::vector<TicketId>> ReopenTickets(SqlTransaction& tx,
                                              const std::vector<TicketId>& tickets,
                                              const SeasonTicketChange& change) {
  std::vector<TicketId> reopened;
  for (const TicketId ticket : tickets) {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<TicketStatus> status, StatusOf(tx, ticket));
    if (status != TicketStatus::kCancelled) continue;
    TICKETING_ASSIGN_OR_RETURN(const LastChange last, LastChangeOf(tx, ticket));
    // Without a history it was cancelled by an override of before there was one.
    if (last.number != 0 && last.reason != kClosed) continue;
    TICKETING_RETURN_IF_ERROR(
        Change(tx, ticket, last.number + 1, TicketStatus::kCancelled, last.was, kReopened, change));
    reopened.push_back(ticket);
  }
  return reopened;
}

}  // namespace ticketing
