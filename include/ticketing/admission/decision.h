// The gate decision: one pure function from a scanned code, what is known of its ticket, the gate
// and the ticket's past to an outcome with its reason. The cloud, the bastion, the handheld and the
// phone's preview all call this one function; no rule of admission is written anywhere else.
//
// Order of checks (the first that fails gives the reason):
//   1. a scan id that was answered before gets the same answer, whatever changed since;
//   2. the code: form, signature, key, event;
//   3. for entries only, since a person who is inside may always leave:
//      a. the ticket: revoked, blocked, cancelled, unpaid, suspended, transferred, an older issue;
//      b. the time window;
//      c. gate, zone and product;
//      d. custom rules;
//   4. the same device reads the same ticket again within the re-read window: admitted again,
//   silently;
//   5. entry, exit and re-use; a companion, whether its holder is there; the area, whether it has
//      room.
// Staff with the right to do so may let pass whom a check of 3 or 5 refuses, never a bad code.
// A ticket with a good signature that is not in the local copy was sold after the copy was made: it
// is admitted on its signature, its zone and type are those inside the code, and the decision is
// flagged.
#ifndef TICKETING_ADMISSION_DECISION_H_
#define TICKETING_ADMISSION_DECISION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/admission/reason.h"
#include "ticketing/base/id.h"
#include "ticketing/base/limits.h"
#include "ticketing/base/time.h"

namespace ticketing {

class GateRules;

// What the verification of the scanned text gave.
enum class CodeCheck : uint8_t {
  kGood,
  kMalformed,
  kForged,
  kUnknownKey,
  kOtherEvent,
  kExpired,
  kStaticForm
};

// The signed content of a code. Only `check` means anything unless it is kGood (or kOtherEvent).
struct ScannedCode {
  CodeCheck check = CodeCheck::kMalformed;
  TicketId ticket;
  uint32_t event = 0;
  uint16_t issue = 0;
  uint16_t zone = 0;
  uint16_t ticket_type = 0;
};

// Numbers are stored and travel: append only.
enum class TicketStatus : uint8_t {
  kValid = 1,
  kBlocked = 2,
  kRevoked = 3,
  kCancelled = 4,
  kUnpaid = 5,
  kSuspended = 6,
  kTransferred = 7,
};

// May a ticket enter again? Numbers travel in device logs.
enum class ReentryPolicy : uint8_t { kNever = 0, kAfterExit = 1, kAlways = 2 };

// A companion's or child's ticket enters with the tickets that it was bought with: at most
// `per_holder` companions for each main ticket of the group that is inside.
struct CompanionFacts {
  uint16_t per_holder = 0;         // 0: this ticket is no companion's
  uint32_t holders_inside = 0;     // main tickets of its group that let a companion follow now
  uint32_t companions_inside = 0;  // of its group
};

// The area that a ticket is for, as far as the decider knows who is in it. Deciders out of contact
// count for themselves: together they let in at most what each let in since they last heard of each
// other above the limit.
struct AreaFacts {
  uint32_t persons_max = 0;  // 0: no limit
  int64_t inside = 0;
};

// What the event copy says of a ticket and of its type.
struct TicketFacts {
  bool in_copy = false;  // when false only the values of the type below mean anything
  TicketStatus status = TicketStatus::kValid;
  uint16_t issue = 0;  // the newest one; a passage with a newer one counts as well
  uint16_t zone = 0;
  uint16_t ticket_type = 0;
  std::string seat_label;
  // Gates that serve the ticket's zone and take its type; empty: any gate does. Of an add-on: its
  // own points.
  std::vector<uint16_t> right_gates;
  std::optional<Timestamp> valid_from;
  std::optional<Timestamp> valid_until;
  ReentryPolicy reentry = ReentryPolicy::kNever;
  uint16_t entries_allowed = 1;  // 0: any number. Counts entries, not exits.
  bool signature_enough = true;  // whether a ticket outside the copy may enter on its signature
  bool add_on = false;  // parking, a meal: only for points that name its type, never for a gate
  CompanionFacts companion;
  AreaFacts area;
};

// Where and when the scan happens.
struct GateContext {
  uint16_t gate = 0;
  std::vector<uint16_t> zones;         // zones this gate leads to; empty: all
  std::vector<uint16_t> ticket_types;  // types this gate takes; empty: all but add-ons
  Direction direction = Direction::kEntry;
  Timestamp now;
  DeviceId device;
  Duration reread_window = limits::kRereadWindow;
  bool staff_override = false;  // checked for rights by the caller; never overrides a bad code
};

// One passage of the ticket that counts: admitted, not a re-read, not annulled.
struct Passage {
  ScanId scan;
  Timestamp at;
  uint16_t gate = 0;
  DeviceId device;
  Direction direction = Direction::kEntry;
  uint16_t issue = 0;
};

// What a refusing rule of the venue misses, for whoever explains it. Numbers travel: append only.
struct RuleHint {
  enum class Kind : uint8_t {
    kOther = 0,
    kOpensAt = 1,          // value: micros since 1970
    kClosedAt = 2,         // the same
    kEntriesMax = 3,       // value: as many as are allowed
    kEntriesTodayMax = 4,  // the same
    kEntryDaysMax = 5,     // the same, days with an entry
    kWaitMinutes = 6,      // value: minutes still to wait
    kProduct = 7,          // value: the only ticket type that would do, or 0
    kGate = 8,             // the same, a gate
    kZone = 9,             // the same, a zone
    kWeekday = 10,
  };
  Kind kind = Kind::kOther;
  int64_t value = 0;
  bool operator==(const RuleHint&) const = default;
};

struct Decision {
  Outcome outcome = Outcome::kRefused;
  Reason reason = Reason::kMalformed;
  bool counted = false;      // whether it becomes a Passage
  bool not_in_copy = false;  // admitted on the signature alone
  bool replayed = false;     // the answer of an earlier scan with the same id
  // Explanation; which are set depends on the reason.
  std::optional<Passage> first;  // kAlreadyUsed: the entry that used it; kReread: what is repeated
  std::vector<uint16_t> right_gates;   // kWrongGate, kWrongZone, kWrongProduct
  std::optional<Timestamp> opens_at;   // kNotYet
  std::optional<Timestamp> closed_at;  // kTooLate
  std::string rule_text;               // kRule: what the rule's author wrote; may be empty
  std::vector<RuleHint> rule_hints;    // kRule: what is missing
};

struct DecisionInput {
  ScannedCode code;
  TicketFacts facts;
  GateContext gate;
  // All passages of the ticket that this device knows of, in the order in which they happened.
  std::vector<Passage> history;
  // What was answered when this scan id came before.
  std::optional<Decision> earlier_answer;
};

// Decides; `rules` (rules.h) are the venue's own, null without any. Pure: the same input always
// gives the same decision. Never fails.
Decision Decide(const DecisionInput& input, const GateRules* rules = nullptr);

// Whether, after these passages, the holder is inside, and how often the ticket entered.
bool IsInside(const std::vector<Passage>& history);
uint32_t EntriesOf(const std::vector<Passage>& history);

}  // namespace ticketing

#endif  // TICKETING_ADMISSION_DECISION_H_
