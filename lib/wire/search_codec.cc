#include "ticketing/wire/search_codec.h"

#include "lib/wire/codec_parts.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/v1/search.pb.h"

namespace ticketing {
namespace {

using codec::CheckText;
using codec::kIdMax;
using codec::Parse;
constexpr size_t kNameBytesMax = 200;

}  // namespace

std::string EncodeTicketSearch(const TicketSearch& search) {
  v1::TicketSearch message;
  message.set_event(search.event);
  message.set_words(search.words);
  message.set_device(search.device.value);
  return message.SerializeAsString();
}

StatusOr<TicketSearch> DecodeTicketSearch(std::string_view bytes) {
  v1::TicketSearch message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  if (message.event() == 0) return InvalidField("event", "Which event is not said.");
  TICKETING_RETURN_IF_ERROR(CheckText("words", message.words(), kSearchBytesMax));
  if (message.words().size() < kSearchBytesMin) {
    return InvalidField("words", "Give at least three letters of a name, an order or a seat.");
  }
  if (message.device() > kIdMax) return InvalidField("device", "This is not an id.");
  return TicketSearch{message.event(), message.words(), DeviceId{message.device()}};
}

std::string EncodeFoundTickets(const FoundTickets& found) {
  v1::FoundTickets message;
  message.set_more(found.more);
  for (const FoundTicket& ticket : found.tickets) {
    v1::FoundTicket* row = message.add_tickets();
    row->set_ticket(ticket.ticket.value);
    row->set_seat(ticket.seat);
    row->set_type(ticket.type);
    row->set_buyer(ticket.buyer);
    row->set_order(ticket.order);
  }
  return message.SerializeAsString();
}

StatusOr<FoundTickets> DecodeFoundTickets(std::string_view bytes) {
  v1::FoundTickets message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  if (static_cast<size_t>(message.tickets_size()) > kFoundTicketsMax) {
    return InvalidField("tickets", "There are too many.");
  }
  FoundTickets found;
  found.more = message.more();
  for (const v1::FoundTicket& row : message.tickets()) {
    if (row.ticket() == 0 || row.ticket() > kIdMax) {
      return InvalidField("ticket", "This is not an id.");
    }
    TICKETING_RETURN_IF_ERROR(CheckText("seat", row.seat(), limits::kLabelBytesMax));
    TICKETING_RETURN_IF_ERROR(CheckText("type", row.type(), kNameBytesMax));
    TICKETING_RETURN_IF_ERROR(CheckText("buyer", row.buyer(), kNameBytesMax));
    TICKETING_RETURN_IF_ERROR(CheckText("order", row.order(), kNameBytesMax));
    found.tickets.push_back(
        {TicketId{row.ticket()}, row.seat(), row.type(), row.buyer(), row.order()});
  }
  return found;
}

}  // namespace ticketing
