// The words of the gate: what was decided, why, and in which direction the person walks.
//
// Numbers travel in device logs and in databases and never change: append only. Names travel in
// JSON and in reports and never change either.
#ifndef TICKETING_ADMISSION_REASON_H_
#define TICKETING_ADMISSION_REASON_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ticketing {

enum class Outcome : uint8_t { kAdmitted = 1, kRefused = 2 };

enum class Direction : uint8_t { kEntry = 1, kExit = 2 };

enum class Reason : uint16_t {
  // Admitted.
  kOk = 1,        // a first or otherwise allowed passage
  kReread = 2,    // the same device read the same ticket again within the window: silently the same
  kOverride = 3,  // staff with the right to do so let the person pass
  // Refused: the code.
  kMalformed = 20,    // not a ticket code
  kForged = 21,       // the signature does not hold
  kUnknownKey = 22,   // signed with a key that this gate does not know
  kOtherEvent = 23,   // a good code of another event
  kExpiredCode = 24,  // a rotating code of a window that has passed: a screenshot
  kStaticCode = 25,   // printed form of a ticket whose type admits only rotating codes
  // Refused: the ticket.
  kUnknownTicket = 40,  // not in the copy, and its signature alone is not enough here
  kSuperseded = 41,     // a newer issue of this ticket exists: transferred or printed again
  kRevoked = 42,
  kBlocked = 43,
  kCancelled = 44,
  kUnpaid = 45,
  kSuspended = 46,    // instalments are overdue
  kTransferred = 47,  // the ticket now belongs to another ticket id
  // Refused: time and place.
  kNotYet = 60,
  kTooLate = 61,
  kWrongGate = 62,
  kWrongZone = 63,
  kWrongProduct = 64,  // this kind of ticket does not enter here
  kRule = 65,          // a rule that the venue wrote
  kHolderFirst = 66,   // a companion whose main ticket is not inside yet, or has enough of them
  kAreaFull = 67,      // as many people as may be are in the ticket's area
  // Refused: use.
  kAlreadyUsed = 80,
  kNotInside = 81,  // an exit without an entry
  kAbandoned = 82,  // the device stopped before it could answer; nobody was let in
};

// Why staff let somebody pass, or took a scan back. Numbers travel in device logs: append only.
enum class StaffWhy : uint8_t {
  kOther = 1,             // said in words
  kIdentityShown = 2,     // the holder proved who he is
  kCodeUnreadable = 3,    // the ticket is right, its code is not
  kSystemFault = 4,       // what the device knows is wrong
  kAccessibility = 5,     // another gate or way was needed
  kCrowdSafety = 6,       // opened to relieve a crowd
  kTurnstileStuck = 7,    // nobody went through
  kScannedByMistake = 8,  // the wrong ticket, direction or gate
  kPersonTurnedBack = 9,  // he was let in and did not go
};

// Names: "admitted", "entry", "already_used". An unknown number gives "unknown".
std::string_view OutcomeName(Outcome outcome);
std::string_view DirectionName(Direction direction);
std::string_view ReasonName(Reason reason);
std::string_view StaffWhyName(StaffWhy why);
std::optional<Outcome> OutcomeOfName(std::string_view name);
std::optional<Direction> DirectionOfName(std::string_view name);
std::optional<Reason> ReasonOfName(std::string_view name);
std::optional<StaffWhy> StaffWhyOfName(std::string_view name);

// From numbers that came over a wire; nullopt when no such value exists.
std::optional<Outcome> OutcomeOfNumber(uint64_t number);
std::optional<Direction> DirectionOfNumber(uint64_t number);
std::optional<Reason> ReasonOfNumber(uint64_t number);
std::optional<StaffWhy> StaffWhyOfNumber(uint64_t number);

// Every reason, in the order of the numbers, for documentation and parity tests.
std::span<const Reason> AllReasons();

// Whether a reason belongs to an admission (kOk, kReread, kOverride).
bool IsAdmitting(Reason reason);

}  // namespace ticketing

#endif  // TICKETING_ADMISSION_REASON_H_
