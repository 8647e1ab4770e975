// Protobuf bytes of a search for tickets (lib/wire/proto/ticketing/v1/search.proto), under the
// rules of sync_codec.h: decoders are strict, the values they give are valid, unknown fields of
// newer programs are ignored.
//
// A search is for the person whose phone is dead or whose paper is lost: a supervisor's device asks
// for a name, an order or a seat, and lets in whom it knows (ScanContext::picked). Names are kept
// by the cloud only, so a bastion passes the question on.
#ifndef TICKETING_WIRE_SEARCH_CODEC_H_
#define TICKETING_WIRE_SEARCH_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"

namespace ticketing {

// POST TicketSearch, answered with FoundTickets.
inline constexpr std::string_view kSearchPath = "/v1/gate/ticket-searches";

// Fewer letters would be a list of everybody.
inline constexpr size_t kSearchBytesMin = 3;
inline constexpr size_t kSearchBytesMax = 100;
inline constexpr size_t kFoundTicketsMax = 20;

struct TicketSearch {
  uint32_t event = 0;
  std::string words;
  DeviceId device;  // whom a bastion asks for; zero: the caller himself
  bool operator==(const TicketSearch&) const = default;
};
std::string EncodeTicketSearch(const TicketSearch& search);
// Errors: kBadSyntax; kInvalidField for words of less than kSearchBytesMin or more than
// kSearchBytesMax bytes or without UTF-8, and for event 0.
StatusOr<TicketSearch> DecodeTicketSearch(std::string_view bytes);

struct FoundTicket {
  TicketId ticket;
  std::string seat;
  std::string type;
  std::string buyer;  // empty where names are not known
  std::string order;  // likewise
  bool operator==(const FoundTicket&) const = default;
};

struct FoundTickets {
  std::vector<FoundTicket> tickets;
  bool more = false;  // there are others: more words are needed
  bool operator==(const FoundTickets&) const = default;
};
std::string EncodeFoundTickets(const FoundTickets& found);
StatusOr<FoundTickets> DecodeFoundTickets(std::string_view bytes);

}  // namespace ticketing

#endif  // TICKETING_WIRE_SEARCH_CODEC_H_
