// Tickets that a match closes to holders of a season, because it sells their place by itself or
// left their partial season, and opens to them again. Each time is told in the ticket's history, so
// that a ticket comes back as what it was: one that staff had blocked is blocked again, and one
// that staff had cancelled stays cancelled.
#ifndef TICKETING_LIB_SERVICE_TICKETING_SEASON_TICKETS_H_
#define TICKETING_LIB_SERVICE_TICKETING_SEASON_TICKETS_H_

#include <set>
#include <string>
#include <vector>

#include "lib/service/ticketing/tickets.h"
#include "ticketing/env/database.h"

namespace ticketing {

struct SeasonTicketChange {
  std::string by;  // who, as the history of a ticket names him
  Timestamp at;
  uint64_t copy_version = 0;  // of the event copy that tells the gates
};

// All tickets that were ever issued for an event.
StatusOr<std::set<TicketId>> TicketsOf(Database& database, EventId event);

std::vector<TicketId> IdsOf(const std::vector<TicketRecord>& tickets);

// Of tickets of one event: cancels those that open the event or may do so again, and gives their
// ids.
StatusOr<std::vector<TicketId>> CloseTickets(SqlTransaction& tx, EventId event,
                                             const std::vector<TicketId>& tickets,
                                             const SeasonTicketChange& change);

// Makes those that CloseTickets cancelled what they were before, and gives their ids.
StatusOr<std::vector<TicketId>> ReopenTickets(SqlTransaction& tx, EventId event,
                                              const std::vector<TicketId>& tickets,
                                              const SeasonTicketChange& change);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_SEASON_TICKETS_H_
