#include "lib/service/ticketing/season_tickets.h"

#include <algorithm>
#include <map>
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

// A ticket as it is now.
struct Known {
  TicketStatus status = TicketStatus::kValid;
  LastChange last;
};
using KnownTickets = std::map<TicketId, Known>;

constexpr std::string_view kStatus = "SELECT id, status FROM tickets WHERE ";
constexpr std::string_view kChanges =
    "SELECT ticket_id, number, was, reason FROM ticket_changes WHERE ticket_id ";

Status ReadInto(SqlTransaction& tx, const std::string& statuses, const std::string& changes,
                int64_t argument, KnownTickets& known) {
  TICKETING_RETURN_IF_ERROR(tx.Query(statuses, {argument}, [&](const SqlRow& row) {
    known[TicketId::FromSql(row.Int(0))].status = static_cast<TicketStatus>(row.Int(1));
    return OkStatus();
  }));
  return tx.Query(changes, {argument}, [&](const SqlRow& row) {
    LastChange& last = known[TicketId::FromSql(row.Int(0))].last;
    if (row.Int(1) > last.number)
      last = {row.Int(1), static_cast<TicketStatus>(row.Int(2)), row.Text(3)};
    return OkStatus();
  });
}

// A few one by one, many with all of their event.
StatusOr<KnownTickets> Read(SqlTransaction& tx, EventId event,
                            const std::vector<TicketId>& tickets) {
  constexpr size_t kFew = 50;
  const std::string statuses(kStatus), changes(kChanges);
  KnownTickets known;
  if (tickets.size() > kFew) {
    TICKETING_RETURN_IF_ERROR(ReadInto(tx, statuses + "event_id = ?",
                                       changes + "IN (SELECT id FROM tickets WHERE event_id = ?)",
                                       event.ToSql(), known));
    return known;
  }
  for (const TicketId ticket : tickets) {
    TICKETING_RETURN_IF_ERROR(
        ReadInto(tx, statuses + "id = ?", changes + "= ?", ticket.ToSql(), known));
  }
  return known;
}

// Collects what is to be written, and writes it at once.
class Writer {
 public:
  explicit Writer(const SeasonTicketChange& change) : change_(change) {}

  void Add(TicketId ticket, const Known& known, TicketStatus to, std::string_view reason) {
    ids_.push_back(ticket);
    updates_.push_back(
        {static_cast<int64_t>(to), static_cast<int64_t>(change_.copy_version), ticket.ToSql()});
    changes_.push_back({ticket.ToSql(), known.last.number + 1, static_cast<int64_t>(known.status),
                        static_cast<int64_t>(to), std::string(reason), change_.by,
                        change_.at.micros});
  }
  StatusOr<std::vector<TicketId>> Write(SqlTransaction& tx) {
    TICKETING_RETURN_IF_ERROR(
        tx.ExecuteMany("UPDATE tickets SET status = ?, copy_version = ? WHERE id = ?", updates_)
            .status());
    TICKETING_RETURN_IF_ERROR(
        tx.ExecuteMany("INSERT INTO ticket_changes (ticket_id, number, was, status, reason,"
                       " changed_by, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                       changes_)
            .status());
    return std::move(ids_);
  }

 private:
  const SeasonTicketChange& change_;
  std::vector<TicketId> ids_;
  std::vector<SqlArgs> updates_, changes_;
};

// What staff may make valid again must be closed as well: its place is somebody else's.
bool IsOpen(TicketStatus status) {
  return status == TicketStatus::kValid || status == TicketStatus::kBlocked ||
         status == TicketStatus::kSuspended || status == TicketStatus::kUnpaid;
}

// Gives each ticket the status that `becomes` finds for it, and those that got one.
template <typename Becomes>
StatusOr<std::vector<TicketId>> ChangeTickets(SqlTransaction& tx, EventId event,
                                              const std::vector<TicketId>& tickets,
                                              const SeasonTicketChange& change,
                                              std::string_view reason, const Becomes& becomes) {
  TICKETING_ASSIGN_OR_RETURN(const KnownTickets known, Read(tx, event, tickets));
  Writer writer(change);
  for (const TicketId ticket : tickets) {
    const auto found = known.find(ticket);
    if (found == known.end()) continue;
    const std::optional<TicketStatus> to = becomes(found->second);
    if (to) writer.Add(ticket, found->second, *to, reason);
  }
  return writer.Write(tx);
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

StatusOr<std::vector<TicketId>> CloseTickets(SqlTransaction& tx, EventId event,
                                             const std::vector<TicketId>& tickets,
                                             const SeasonTicketChange& change) {
  return ChangeTickets(tx, event, tickets, change, kClosed,
                       [](const Known& known) -> std::optional<TicketStatus> {
                         if (!IsOpen(known.status)) return std::nullopt;
                         return TicketStatus::kCancelled;
                       });
}

StatusOr<std::vector<TicketId>> ReopenTickets(SqlTransaction& tx, EventId event,
                                              const std::vector<TicketId>& tickets,
                                              const SeasonTicketChange& change) {
  return ChangeTickets(tx, event, tickets, change, kReopened,
                       [](const Known& known) -> std::optional<TicketStatus> {
                         // Without a history it was cancelled by an override of before there was
                         // one.
                         const bool by_us = known.last.number == 0 || known.last.reason == kClosed;
                         if (known.status != TicketStatus::kCancelled || !by_us)
                           return std::nullopt;
                         return known.last.was;
                       });
}

}  // namespace ticketing
