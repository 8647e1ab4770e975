// Which tickets a booking gives. A ticket opens one event, so a booking of a season gives one for
// each of its matches: the gate of a match knows its tickets and nothing of seasons.
#ifndef TICKETING_LIB_SERVICE_TICKETING_ISSUE_H_
#define TICKETING_LIB_SERVICE_TICKETING_ISSUE_H_

#include <memory>
#include <optional>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/order_seats.h"
#include "lib/service/ticketing/tickets.h"

namespace ticketing {

using OpenedEvents = std::vector<std::shared_ptr<const EventInfo>>;

// The events that each line of an order opens: its own, or the matches of its season that do not
// sell the object by themselves.
StatusOr<std::vector<OpenedEvents>> FindOpenedEvents(Catalog& catalog, const Order& order,
                                                     OrderSeats& seats);

// The tickets of an order that was just booked, one per place and event, with the next ordinals of
// the lanes. The ids depend on the order alone, so that a lane may do it again.
std::vector<TicketRecord> IssueTickets(const Order& order, const std::vector<OpenedEvents>& opened,
                                       uint8_t key_id, OrderSeats& seats, Timestamp now);

// Makes all tickets of an order open nothing any more, and tells the gates.
void RevokeTickets(const Order& order, OrderSeats& seats);

// --- When the matches of a season change. A season is named by its slot.

// Whether the match sells the object by itself, whatever the season has. A table is its seats.
// Never true of an area (place_overrides.h).
bool SellsItself(const seat::EventSet& seats, uint32_t match, uint32_t season, uint32_t object);

// Tickets for a match, for what is booked on a season and the match does not sell itself; or for
// all that is booked on the chairs of one object. They have no account yet and no ordinal.
std::vector<TicketRecord> TicketsOfSeason(const EventInfo& match, const seat::EventSet& seats,
                                          uint32_t season, uint8_t key_id, Timestamp now);
std::vector<TicketRecord> TicketsOfObject(const EventInfo& match, const seat::EventSet& seats,
                                          uint32_t season, uint32_t object, uint8_t key_id,
                                          Timestamp now);
// Gives them the next ordinals of the match.
void Number(std::vector<TicketRecord>& tickets, LaneCounters& counters);
// Writes them for the accounts of their orders.
Status InsertTickets(SqlTransaction& tx, std::vector<TicketRecord> tickets);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_ISSUE_H_
