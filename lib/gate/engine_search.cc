// Tickets whose holders cannot show them.
#include <algorithm>

#include "lib/gate/copy_store.h"
#include "lib/gate/reading.h"
#include "lib/gate/scan_store.h"
#include "ticketing/gate/engine.h"

namespace ticketing {
namespace {

// Seats are compared as people type them: capitals and small letters are the same.
std::string Lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

StatusOr<GateEngine::Reading> GateEngine::ReadPicked(const ScanContext& context) const {
  Reading reading;
  reading.header = Event(context.event);
  std::optional<CopyTicket> ticket;
  TICKETING_RETURN_IF_ERROR(database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(ticket, gate::LoadTicket(tx, context.event, context.picked));
    return OkStatus();
  }));
  if (reading.header == nullptr || !ticket) {
    return MakeError(ErrorCode::kNotFound,
                     "This place does not know the ticket yet; try again in a moment.");
  }
  reading.code = {.check = CodeCheck::kGood,
                  .ticket = ticket->id,
                  .event = context.event,
                  .issue = ticket->issue,
                  .zone = ticket->zone,
                  .ticket_type = ticket->ticket_type};
  reading.static_form = false;  // nobody can have copied what nobody showed
  return reading;
}

StatusOr<GateEngine::Reading> GateEngine::ReadScan(std::string_view text,
                                                   const ScanContext& context,
                                                   Timestamp now) const {
  if (context.picked) return ReadPicked(context);
  return Read(text, context.event, now);
}

StatusOr<FoundTickets> GateEngine::FindSeat(const TicketSearch& search) const {
  const std::shared_ptr<const EventHeader> header = Event(search.event);
  if (header == nullptr) return MakeError(ErrorCode::kNotFound, "This event is not here.");
  FoundTickets found;
  const std::string words = Lowered(search.words);
  TICKETING_RETURN_IF_ERROR(database_->Read([&](SqlTransaction& tx) {
    found = {};
    return tx.Query(
        "SELECT ticket, seat_label, type FROM tickets WHERE event = ?"
        " ORDER BY ordinal",
        {int64_t{search.event}}, [&](const SqlRow& row) {
          if (Lowered(row.Text(1)) != words) return OkStatus();
          found.more = found.tickets.size() == kFoundTicketsMax;
          if (found.more) return OkStatus();
          const CopyTicketType* type = header->FindTicketType(static_cast<uint16_t>(row.Int(2)));
          FoundTicket& ticket = found.tickets.emplace_back();
          ticket.ticket = TicketId::FromSql(row.Int(0));
          ticket.seat = row.Text(1);
          if (type != nullptr) ticket.type = type->name;
          return OkStatus();
        });
  }));
  return found;
}

}  // namespace ticketing
