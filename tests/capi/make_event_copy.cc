// make_event_copy <file>: the event copy that the tests of the bindings load, as a server would
// send it. Its event and its first ticket are those of the golden ticket codes, whose key signs it
// too.
#include <fstream>
#include <iostream>

#include "ticketing/base/bytes.h"
#include "ticketing/sync/event_copy.h"
#include "ticketing/wire/sync_codec.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  ticketing::EventCopy copy;
  copy.version = 1;
  ticketing::EventHeader& header = copy.header;
  header.number = 4021;
  header.id = ticketing::EventId{4021};
  header.name = "Clásico";
  header.venue_name = "Estadio Nacional";
  // Open for a century, because these tests run on the machine's clock.
  header.doors_open_at = *ticketing::ParseTimestamp("2001-01-01T00:00:00Z");
  header.starts_at = *ticketing::ParseTimestamp("2001-01-02T00:00:00Z");
  header.ends_at = *ticketing::ParseTimestamp("2101-01-01T00:00:00Z");
  header.gates = {{1, "1", "Puerta 1", {12}}, {2, "2", "Puerta 2", {13}}};
  header.zones = {{12, "norte", "Norte"}, {13, "sur", "Sur"}};
  header.ticket_types = {{.number = 7, .id = "general", .name = "General"}};
  const std::string public_key =
      *ticketing::HexDecode("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
  if (!header.keys.Add(1, {public_key}).ok()) return 1;
  copy.tickets = {{.id = ticketing::TicketId{1234605616436508552},
                   .ordinal = 24999,
                   .zone = 12,
                   .ticket_type = 7,
                   .issue = 3,
                   .seat_label = "Norte 104-F-23"},
                  {.id = ticketing::TicketId{77},
                   .ordinal = 1,
                   .zone = 13,
                   .ticket_type = 7,
                   .seat_label = "Sur 201-Ñ-4"}};
  ticketing::NormalizeEventCopy(copy);
  if (const ticketing::Status status = ticketing::ValidateEventCopy(copy); !status.ok()) {
    std::cerr << ticketing::MessageOf(status) << "\n";
    return 1;
  }
  std::ofstream file(argv[1], std::ios::binary);
  file << ticketing::EncodeEventCopy(copy);
  return file.flush() ? 0 : 1;
}
