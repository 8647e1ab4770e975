// One scan: what a gate is asked and what it answers.
#ifndef TICKETING_GATE_SCAN_H_
#define TICKETING_GATE_SCAN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "ticketing/admission/decision.h"
#include "ticketing/base/id.h"
#include "ticketing/base/time.h"
#include "ticketing/sync/log_entry.h"

namespace ticketing {

// How long an interrupted scan may be taken up again; after that its person is long gone.
inline constexpr Duration kIntentLife = Duration::Minutes(2);

// An id for a scan that is made now. Ids follow time, and begin again after 49 days, so that what
// is kept by them is written side by side; nobody may tell an order from them, as clocks lie. Two
// of a millisecond are the same once in two thousand million pairs. It is a name: a scan is known
// by its id and its scanner, and whoever learns an id can do nothing to it.
ScanId ScanIdAt(Timestamp now, uint64_t entropy);

struct ScanContext {
  uint16_t gate = 0;  // number in the event copy; 0: a gate that leads everywhere
  Direction direction = Direction::kEntry;
  uint32_t event = 0;             // 0: whichever event the code is of
  std::optional<ScanId> scan_id;  // of a retry; without it a new one is made
  DeviceId scanner;               // zero: this device
  // Lets pass whom a check refuses. Only by a supervisor device of the event, and `staff` says who
  // and why.
  bool staff_override = false;
  // The ticket that staff found for somebody who cannot show it, in the place of a code: everything
  // but the code is checked. Only by a supervisor device, with `staff`; needs `event`.
  TicketId picked = {};
  StaffNote staff = {};
};

struct ScanResult {
  ScanId scan_id;
  TicketId ticket_id;  // zero when the code could not be read
  uint32_t event = 0;
  uint16_t gate = 0;
  Decision decision;
  DecidedBy mode = DecidedBy::kAlone;
  std::string seat_label;
  std::string entry;   // the record in this device's log; of a replay by others possibly empty
  Timestamp at;        // when it was decided
  int64_t micros = 0;  // how long the answer took
};

// A scan that was begun. `decided` says that its answer is recorded but was perhaps never shown.
struct ScanIntent {
  ScanId scan_id;
  std::string text;
  ScanContext context;
  CodeCheck check = CodeCheck::kMalformed;
  TicketId ticket;
  Timestamp at;
  bool decided = false;
};

// What DecideFor answers with. A handheld that says that it knows entries without signature gets
// the one in our log as it stands: it believes the answer because it asked over a connection to a
// key that it has pinned, and signs what it was told in its own log. Others get a copy signed by
// itself, for twice the cost; it is no part of our log.
enum class AnswerForm : uint8_t { kSigned, kAsLogged };

}  // namespace ticketing

#endif  // TICKETING_GATE_SCAN_H_
