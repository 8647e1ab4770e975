#include "ticketing/admission/reason.h"

#include <array>

namespace ticketing {
namespace {

template <typename Value>
struct Named {
  Value value;
  std::string_view name;
};

constexpr Named<Outcome> kOutcomes[] = {{Outcome::kAdmitted, "admitted"},
                                        {Outcome::kRefused, "refused"}};

constexpr Named<Direction> kDirections[] = {{Direction::kEntry, "entry"},
                                            {Direction::kExit, "exit"}};

constexpr Named<Reason> kReasons[] = {
    {Reason::kOk, "ok"},
    {Reason::kReread, "reread"},
    {Reason::kOverride, "override"},
    {Reason::kMalformed, "malformed"},
    {Reason::kForged, "forged"},
    {Reason::kUnknownKey, "unknown_key"},
    {Reason::kOtherEvent, "other_event"},
    {Reason::kExpiredCode, "expired_code"},
    {Reason::kStaticCode, "static_code"},
    {Reason::kUnknownTicket, "unknown_ticket"},
    {Reason::kSuperseded, "superseded"},
    {Reason::kRevoked, "revoked"},
    {Reason::kBlocked, "blocked"},
    {Reason::kCancelled, "cancelled"},
    {Reason::kUnpaid, "unpaid"},
    {Reason::kSuspended, "suspended"},
    {Reason::kTransferred, "transferred"},
    {Reason::kNotYet, "not_yet"},
    {Reason::kTooLate, "too_late"},
    {Reason::kWrongGate, "wrong_gate"},
    {Reason::kWrongZone, "wrong_zone"},
    {Reason::kWrongProduct, "wrong_product"},
    {Reason::kRule, "rule"},
    {Reason::kHolderFirst, "holder_first"},
    {Reason::kAreaFull, "area_full"},
    {Reason::kAlreadyUsed, "already_used"},
    {Reason::kNotInside, "not_inside"},
    {Reason::kAbandoned, "abandoned"},
};

constexpr Named<StaffWhy> kStaffWhys[] = {
    {StaffWhy::kOther, "other"},
    {StaffWhy::kIdentityShown, "identity_shown"},
    {StaffWhy::kCodeUnreadable, "code_unreadable"},
    {StaffWhy::kSystemFault, "system_fault"},
    {StaffWhy::kAccessibility, "accessibility"},
    {StaffWhy::kCrowdSafety, "crowd_safety"},
    {StaffWhy::kTurnstileStuck, "turnstile_stuck"},
    {StaffWhy::kScannedByMistake, "scanned_by_mistake"},
    {StaffWhy::kPersonTurnedBack, "person_turned_back"},
};

template <typename Value, size_t n>
constexpr std::array<Value, n> ValuesOf(const Named<Value> (&table)[n]) {
  std::array<Value, n> values{};
  for (size_t i = 0; i < n; ++i) values[i] = table[i].value;
  return values;
}

constexpr auto kReasonValues = ValuesOf(kReasons);

template <typename Value, size_t n>
std::string_view NameIn(const Named<Value> (&table)[n], Value value) {
  for (const auto& row : table) {
    if (row.value == value) return row.name;
  }
  return "unknown";
}

template <typename Value, size_t n>
std::optional<Value> ValueIn(const Named<Value> (&table)[n], std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) return row.value;
  }
  return std::nullopt;
}

template <typename Value, size_t n>
std::optional<Value> NumberIn(const Named<Value> (&table)[n], uint64_t number) {
  for (const auto& row : table) {
    if (static_cast<uint64_t>(row.value) == number) return row.value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  return NameIn(kOutcomes, outcome);
}
std::string_view DirectionName(Direction direction) {
  return NameIn(kDirections, direction);
}
std::string_view ReasonName(Reason reason) {
  return NameIn(kReasons, reason);
}

std::string_view StaffWhyName(StaffWhy why) {
  return NameIn(kStaffWhys, why);
}

std::optional<Outcome> OutcomeOfName(std::string_view name) {
  return ValueIn(kOutcomes, name);
}
std::optional<Direction> DirectionOfName(std::string_view name) {
  return ValueIn(kDirections, name);
}
std::optional<Reason> ReasonOfName(std::string_view name) {
  return ValueIn(kReasons, name);
}

std::optional<StaffWhy> StaffWhyOfName(std::string_view name) {
  return ValueIn(kStaffWhys, name);
}

std::optional<Outcome> OutcomeOfNumber(uint64_t number) {
  return NumberIn(kOutcomes, number);
}
std::optional<Direction> DirectionOfNumber(uint64_t number) {
  return NumberIn(kDirections, number);
}
std::optional<Reason> ReasonOfNumber(uint64_t number) {
  return NumberIn(kReasons, number);
}

std::optional<StaffWhy> StaffWhyOfNumber(uint64_t number) {
  return NumberIn(kStaffWhys, number);
}

std::span<const Reason> AllReasons() {
  return kReasonValues;
}

bool IsAdmitting(Reason reason) {
  return reason == Reason::kOk || reason == Reason::kReread || reason == Reason::kOverride;
}

}  // namespace ticketing
