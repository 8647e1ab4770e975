#include "ticketing/admission/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "ticketing/admission/rules.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'400'000);
constexpr DeviceId kHere{11};
constexpr DeviceId kThere{12};

// A ticket that enters: zone 7 behind gates 3 and 4, scanned at gate 3.
DecisionInput Good() {
  DecisionInput input;
  input.code = {CodeCheck::kGood, TicketId{100}, 5, 1, 7, 2};
  input.facts.in_copy = true;
  input.facts.issue = 1;
  input.facts.zone = 7;
  input.facts.ticket_type = 2;
  input.facts.right_gates = {3, 4};
  input.gate.gate = 3;
  input.gate.zones = {7, 8};
  input.gate.now = kNow;
  input.gate.device = kHere;
  return input;
}

Passage Went(Direction direction, Duration ago, DeviceId device = kThere, uint16_t gate = 4) {
  return {
      ScanId{1000 + static_cast<uint64_t>(ago.seconds())}, kNow - ago, gate, device, direction, 1};
}

struct Case {
  std::string name;
  std::function<void(DecisionInput&)> change;
  Reason reason;
};

const std::vector<Case>& Cases() {
  using In = DecisionInput;
  const auto status = [](TicketStatus s) { return [s](In& in) { in.facts.status = s; }; };
  const auto check = [](CodeCheck c) { return [c](In& in) { in.code.check = c; }; };
  static const std::vector<Case> cases = {
      {"Good", [](In&) {}, Reason::kOk},
      {"Malformed", check(CodeCheck::kMalformed), Reason::kMalformed},
      {"Forged", check(CodeCheck::kForged), Reason::kForged},
      {"UnknownKey", check(CodeCheck::kUnknownKey), Reason::kUnknownKey},
      {"OtherEvent", check(CodeCheck::kOtherEvent), Reason::kOtherEvent},
      {"ExpiredCode", check(CodeCheck::kExpired), Reason::kExpiredCode},
      {"StaticForm", check(CodeCheck::kStaticForm), Reason::kStaticCode},
      {"Blocked", status(TicketStatus::kBlocked), Reason::kBlocked},
      {"Revoked", status(TicketStatus::kRevoked), Reason::kRevoked},
      {"Cancelled", status(TicketStatus::kCancelled), Reason::kCancelled},
      {"Unpaid", status(TicketStatus::kUnpaid), Reason::kUnpaid},
      {"Suspended", status(TicketStatus::kSuspended), Reason::kSuspended},
      {"Transferred", status(TicketStatus::kTransferred), Reason::kTransferred},
      {"StatusOfTheFuture", status(static_cast<TicketStatus>(99)), Reason::kBlocked},
      {"OlderIssue", [](In& in) { in.facts.issue = 2; }, Reason::kSuperseded},
      {"NewerIssueThanTheCopy", [](In& in) { in.code.issue = 9; }, Reason::kOk},
      // A place without contact learns of a transfer from the new code.
      {"OlderThanAnIssueThatWasHere",
       [](In& in) {
         in.facts.entries_allowed = 0;
         in.facts.reentry = ReentryPolicy::kAlways;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
         in.history[0].issue = 2;
       },
       Reason::kSuperseded},
      {"OlderThanAnIssueThatWasHereOutsideTheCopy",
       [](In& in) {
         in.facts = {};
         in.gate.zones = {};
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
         in.history[0].issue = 2;
       },
       Reason::kSuperseded},
      {"BeforeDoors", [](In& in) { in.facts.valid_from = kNow + Duration::Micros(1); },
       Reason::kNotYet},
      {"AtDoors", [](In& in) { in.facts.valid_from = kNow; }, Reason::kOk},
      {"AtTheEnd", [](In& in) { in.facts.valid_until = kNow; }, Reason::kTooLate},
      {"BeforeTheEnd", [](In& in) { in.facts.valid_until = kNow + Duration::Micros(1); },
       Reason::kOk},
      {"AnotherGate", [](In& in) { in.gate.gate = 9; }, Reason::kWrongGate},
      {"ZoneNotServed", [](In& in) { in.gate.zones = {8}; }, Reason::kWrongGate},
      {"NoGateLeadsThere",
       [](In& in) {
         in.facts.right_gates = {};
         in.gate.zones = {8};
       },
       Reason::kWrongZone},
      {"GateForEverything",
       [](In& in) {
         in.facts.right_gates = {};
         in.gate.zones = {};
       },
       Reason::kOk},
      {"OtherProduct", [](In& in) { in.gate.ticket_types = {1}; }, Reason::kWrongProduct},
      {"RightProduct",
       [](In& in) {
         in.gate.ticket_types = {1, 2};
       },
       Reason::kOk},
      {"NotInCopy", [](In& in) { in.facts.in_copy = false; }, Reason::kOk},
      {"NotInCopyNorTrusted",
       [](In& in) {
         in.facts.in_copy = false;
         in.facts.signature_enough = false;
       },
       Reason::kUnknownTicket},
      {"NotInCopyTakesTheZoneOfTheCode",
       [](In& in) {
         in.facts.in_copy = false;
         in.facts.right_gates = {};
         in.facts.zone = 7;
         in.code.zone = 99;
       },
       Reason::kWrongZone},
      {"Used", [](In& in) { in.history = {Went(Direction::kEntry, Duration::Minutes(9))}; },
       Reason::kAlreadyUsed},
      {"UsedAMomentAgoElsewhere",
       [](In& in) { in.history = {Went(Direction::kEntry, Duration::Seconds(1))}; },
       Reason::kAlreadyUsed},
      {"RereadHere",
       [](In& in) { in.history = {Went(Direction::kEntry, Duration::Seconds(5), kHere, 3)}; },
       Reason::kReread},
      {"RereadTooLate",
       [](In& in) { in.history = {Went(Direction::kEntry, Duration::Seconds(6), kHere, 3)}; },
       Reason::kAlreadyUsed},
      {"RereadWithAnotherIssue",
       [](In& in) {
         in.history = {Went(Direction::kEntry, Duration::Seconds(1), kHere, 3)};
         in.history[0].issue = 0;
       },
       Reason::kAlreadyUsed},
      {"RereadAfterTheClockWentBack",
       [](In& in) { in.history = {Went(Direction::kEntry, Duration::Seconds(-1), kHere, 3)}; },
       Reason::kAlreadyUsed},
      {"RereadDoesNotHideARevocation",
       [](In& in) {
         in.history = {Went(Direction::kEntry, Duration::Seconds(1), kHere, 3)};
         in.facts.status = TicketStatus::kRevoked;
       },
       Reason::kRevoked},
      {"NeverAgainEvenAfterExit",
       [](In& in) {
         in.history = {Went(Direction::kEntry, Duration::Minutes(9)),
                       Went(Direction::kExit, Duration::Minutes(5))};
       },
       Reason::kAlreadyUsed},
      {"AgainAfterExit",
       [](In& in) {
         in.facts.reentry = ReentryPolicy::kAfterExit;
         in.facts.entries_allowed = 0;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9)),
                       Went(Direction::kExit, Duration::Minutes(5))};
       },
       Reason::kOk},
      {"AgainWithoutExit",
       [](In& in) {
         in.facts.reentry = ReentryPolicy::kAfterExit;
         in.facts.entries_allowed = 0;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
       },
       Reason::kAlreadyUsed},
      {"PassAlways",
       [](In& in) {
         in.facts.reentry = ReentryPolicy::kAlways;
         in.facts.entries_allowed = 0;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
       },
       Reason::kOk},
      {"PassIsSpent",
       [](In& in) {
         in.facts.reentry = ReentryPolicy::kAlways;
         in.facts.entries_allowed = 2;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9)),
                       Went(Direction::kEntry, Duration::Minutes(5))};
       },
       Reason::kAlreadyUsed},
      {"ExitFromInside",
       [](In& in) {
         in.gate.direction = Direction::kExit;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
       },
       Reason::kOk},
      {"ExitOfARevokedTicketFromAnyGate",
       [](In& in) {
         in.gate.direction = Direction::kExit;
         in.gate.gate = 9;
         in.facts.status = TicketStatus::kRevoked;
         in.facts.valid_until = kNow - Duration::Hours(1);
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
       },
       Reason::kOk},
      {"ExitWithoutEntry", [](In& in) { in.gate.direction = Direction::kExit; },
       Reason::kNotInside},
      {"ExitTwice",
       [](In& in) {
         in.gate.direction = Direction::kExit;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9)),
                       Went(Direction::kExit, Duration::Minutes(5))};
       },
       Reason::kNotInside},
      {"AnAddOnAtAGate", [](In& in) { in.facts.add_on = true; }, Reason::kWrongProduct},
      {"AnAddOnAtItsPoint",
       [](In& in) {
         in.facts.add_on = true;
         in.gate.zones = {1};  // wherever that leads
         in.gate.ticket_types = {2, 9};
       },
       Reason::kOk},
      {"ACompanionBeforeTheHolder",
       [](In& in) {
         in.facts.companion = {2, 0, 0};
       },
       Reason::kHolderFirst},
      {"ACompanionAfterTheHolder",
       [](In& in) {
         in.facts.companion = {2, 1, 1};
       },
       Reason::kOk},
      {"OneCompanionTooMany",
       [](In& in) {
         in.facts.companion = {2, 1, 2};
       },
       Reason::kHolderFirst},
      {"TwoHoldersBringMore",
       [](In& in) {
         in.facts.companion = {2, 2, 3};
       },
       Reason::kOk},
      {"ACompanionIsReadTwice",
       [](In& in) {
         in.facts.companion = {1, 1, 1};
         in.history = {Went(Direction::kEntry, Duration::Seconds(2), kHere, 3)};
       },
       Reason::kReread},
      {"TheAreaHasOnePlaceLeft",
       [](In& in) {
         in.facts.area = {100, 99};
       },
       Reason::kOk},
      {"TheAreaIsFull",
       [](In& in) {
         in.facts.area = {100, 100};
       },
       Reason::kAreaFull},
      {"AUsedTicketIsNotToldToWait",
       [](In& in) {
         in.facts.area = {100, 100};
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
       },
       Reason::kAlreadyUsed},
      {"WhoLeavesAFullArea",
       [](In& in) {
         in.gate.direction = Direction::kExit;
         in.facts.area = {100, 100};
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
       },
       Reason::kOk},
      {"StaffFillAnArea",
       [](In& in) {
         in.gate.staff_override = true;
         in.facts.area = {100, 100};
       },
       Reason::kOverride},
      {"StaffLetThrough",
       [](In& in) {
         in.gate.staff_override = true;
         in.history = {Went(Direction::kEntry, Duration::Minutes(9))};
       },
       Reason::kOverride},
      {"StaffCannotLetAForgeryThrough",
       [](In& in) {
         in.gate.staff_override = true;
         in.code.check = CodeCheck::kForged;
       },
       Reason::kForged},
  };
  return cases;
}

class DecisionTable : public ::testing::TestWithParam<size_t> {};

TEST_P(DecisionTable, GivesTheReason) {
  const Case& row = Cases()[GetParam()];
  DecisionInput input = Good();
  row.change(input);
  const Decision decision = Decide(input);
  EXPECT_EQ(ReasonName(decision.reason), ReasonName(row.reason));
  EXPECT_EQ(decision.outcome, IsAdmitting(row.reason) ? Outcome::kAdmitted : Outcome::kRefused);
  EXPECT_EQ(decision.counted, row.reason == Reason::kOk || row.reason == Reason::kOverride);
  EXPECT_FALSE(decision.replayed);
}

INSTANTIATE_TEST_SUITE_P(All, DecisionTable, ::testing::Range<size_t>(0, Cases().size()),
                         [](const auto& row) { return Cases()[row.param].name; });

// Each row breaks one more thing that is checked later than the row before: the earliest speaks.
TEST(DecisionOrder, TheFirstCheckThatFailsSpeaks) {
  DecisionInput input = Good();
  const auto never = GateRules::Parse(R"({"rule": {"<": [1, 0]}, "text": "no"})", {});
  ASSERT_TRUE(never.ok()) << never.status();
  const GateRules* const rules = &*never;
  input.history = {Went(Direction::kEntry, Duration::Minutes(9))};
  EXPECT_EQ(Decide(input).reason, Reason::kAlreadyUsed);
  EXPECT_EQ(Decide(input, rules).reason, Reason::kRule);
  input.gate.ticket_types = {77};
  EXPECT_EQ(Decide(input, rules).reason, Reason::kWrongProduct);
  input.gate.gate = 9;
  EXPECT_EQ(Decide(input, rules).reason, Reason::kWrongGate);
  input.facts.valid_until = kNow - Duration::Seconds(1);
  EXPECT_EQ(Decide(input, rules).reason, Reason::kTooLate);
  input.facts.issue = 5;
  EXPECT_EQ(Decide(input, rules).reason, Reason::kSuperseded);
  input.facts.status = TicketStatus::kRevoked;
  EXPECT_EQ(Decide(input, rules).reason, Reason::kRevoked);
  input.code.check = CodeCheck::kForged;
  EXPECT_EQ(Decide(input, rules).reason, Reason::kForged);
  Decision before;
  before.outcome = Outcome::kAdmitted;
  before.reason = Reason::kOk;
  before.counted = true;
  input.earlier_answer = before;
  const Decision same = Decide(input, rules);
  EXPECT_EQ(same.reason, Reason::kOk);
  EXPECT_TRUE(same.replayed);
  EXPECT_FALSE(same.counted) << "a replay must not enter twice";
}

TEST(DecisionDetails, SayWhatToDo) {
  DecisionInput used = Good();
  used.history = {Went(Direction::kEntry, Duration::Minutes(30)),
                  Went(Direction::kExit, Duration::Minutes(20)),
                  Went(Direction::kEntry, Duration::Minutes(10))};
  ASSERT_TRUE(Decide(used).first.has_value());
  EXPECT_EQ(Decide(used).first->at, kNow - Duration::Minutes(10));

  DecisionInput gate = Good();
  gate.gate.gate = 9;
  EXPECT_THAT(Decide(gate).right_gates, ElementsAre(3, 4));

  DecisionInput early = Good();
  early.facts.valid_from = kNow + Duration::Hours(1);
  EXPECT_EQ(Decide(early).opens_at, kNow + Duration::Hours(1));

  DecisionInput late = Good();
  late.facts.valid_until = kNow - Duration::Hours(1);
  EXPECT_EQ(Decide(late).closed_at, kNow - Duration::Hours(1));

  DecisionInput fresh = Good();
  fresh.facts.in_copy = false;
  EXPECT_TRUE(Decide(fresh).not_in_copy);
  EXPECT_FALSE(Decide(Good()).not_in_copy);
}

TEST(Passages, InsideAndEntries) {
  std::vector<Passage> history;
  EXPECT_FALSE(IsInside(history));
  history.push_back(Went(Direction::kEntry, Duration::Minutes(3)));
  EXPECT_TRUE(IsInside(history));
  history.push_back(Went(Direction::kExit, Duration::Minutes(2)));
  EXPECT_FALSE(IsInside(history));
  history.push_back(Went(Direction::kEntry, Duration::Minutes(1)));
  EXPECT_EQ(EntriesOf(history), 2u);
}

}  // namespace
}  // namespace ticketing
