// What staff decide about an event, at its gates: add-ons, companions, full areas, overrides and
// scans that are taken back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/gate/fixture.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr StaffNote kShown{static_cast<uint8_t>(StaffWhy::kIdentityShown), "acc_ana", ""};

// TestEvent with a policy. Types: 4 a child, one for each holder; 5 parking, thrice; 6 a child that
// must follow within ten minutes. Tickets 2 (holder), 3 and 4 (children) are one group; 5 (holder)
// and 6 (a child in a hurry) another; 10 parks. Gate 3 is the car park too. Zone 2 takes two
// people.
EventCopy PolicyEvent(uint64_t version = 2) {
  EventCopy copy = TestEvent(version);
  CopyTicketType child{4, "child", "Menor"};
  child.reentry = 1;
  child.entries_allowed = 0;
  child.companions_per_holder = 1;
  CopyTicketType parking{5, "parking", "Estacionamiento"};
  parking.add_on = true;
  parking.reentry = 2;
  parking.entries_allowed = 3;
  CopyTicketType hurried{6, "hurried", "Menor con prisa"};
  hurried.companions_per_holder = 1;
  hurried.companion_minutes = 10;
  for (const CopyTicketType& type : {child, parking, hurried})
    copy.header.ticket_types.push_back(type);
  copy.header.gates[2].ticket_types = {1, 2, 5};
  copy.header.zones[1].persons_max = 2;
  copy.header.supervisors = {kHandA, kBastionId};
  copy.tickets[3].ticket_type = copy.tickets[4].ticket_type = 4;
  copy.tickets[6].ticket_type = 6;
  copy.tickets[10].ticket_type = 5;
  for (const size_t n : {2, 3, 4}) copy.tickets[n].group = 1;
  for (const size_t n : {5, 6}) copy.tickets[n].group = 2;
  return copy;
}

class GatePolicyTest : public ::testing::Test {
 protected:
  GatePolicyTest() {
    for (Place* place : {&a_, &b_}) EXPECT_OK((*place)->ApplyEventCopy(PolicyEvent()));
  }
  static Reason Scan(Place& place, uint64_t n, uint16_t gate,
                     Direction direction = Direction::kEntry) {
    auto result = place->Scan(Code(n), At(gate, direction));
    EXPECT_OK(result);
    return result.ok() ? result->decision.reason : Reason::kMalformed;
  }
  static std::vector<std::string> LogOf(Place& place) { return *place->OwnEntries(1, 1000); }
  static void Give(Place& to, const std::vector<std::string>& entries) {
    auto acks = to->TakeEntries(entries, LogSource::kDevice);
    ASSERT_OK(acks);
    for (const LogAck& ack : *acks) EXPECT_NE(ack.state, AckState::kRejected) << ack.error;
  }
  static ScanContext Override(uint16_t gate, StaffNote staff = kShown) {
    ScanContext context = At(gate);
    context.staff_override = true;
    context.staff = std::move(staff);
    return context;
  }

  TestEnv env_;
  Place a_{env_, kHandA, DecidedBy::kAlone};
  Place b_{env_, kHandB, DecidedBy::kAlone};
};

TEST_F(GatePolicyTest, AnAddOnIsUsedAtItsPointAndOpensNoGate) {
  ASSERT_OK_AND_ASSIGN(const ScanResult wrong, a_->Scan(Code(10), At(1)));
  EXPECT_EQ(wrong.decision.reason, Reason::kWrongProduct);
  EXPECT_THAT(wrong.decision.right_gates, ElementsAre(3));
  EXPECT_EQ(a_->Explain(wrong, GateLanguage::kSpanish),
            "Este tipo de boleto no entra aquí: vaya a Puerta 3");
  EXPECT_EQ(Scan(a_, 10, 0), Reason::kWrongProduct) << "a gate that leads everywhere is none";
  for (int use = 0; use < 3; ++use) {
    EXPECT_EQ(Scan(a_, 10, 3), Reason::kOk);
    env_.clock.Advance(Duration::Minutes(1));
  }
  EXPECT_EQ(Scan(a_, 10, 3), Reason::kAlreadyUsed) << "its own count";
}

TEST_F(GatePolicyTest, AGateTakesTheTypesItNames) {
  EXPECT_EQ(Scan(a_, 11, 3), Reason::kOk);
  EventCopy next = PolicyEvent(3);
  next.header.gates[2].ticket_types = {5};
  ASSERT_OK(a_->ApplyEventCopy(next));
  EXPECT_EQ(Scan(a_, 12, 3), Reason::kWrongProduct);
}

TEST_F(GatePolicyTest, AChildEntersAfterItsHolderAndNotWithoutOne) {
  EXPECT_EQ(Scan(a_, 3, 1), Reason::kHolderFirst);
  EXPECT_EQ(Scan(a_, 1, 1), Reason::kOk) << "somebody else's ticket";
  EXPECT_EQ(Scan(a_, 3, 1), Reason::kHolderFirst) << "brings nobody in";
  EXPECT_EQ(Scan(a_, 2, 1), Reason::kOk);
  EXPECT_EQ(Scan(a_, 3, 1), Reason::kOk);
  EXPECT_EQ(Scan(a_, 3, 1), Reason::kReread);
  EXPECT_EQ(Scan(a_, 4, 1), Reason::kHolderFirst) << "one for each";
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Scan(a_, 3, 1, Direction::kExit), Reason::kOk);
  EXPECT_EQ(Scan(a_, 4, 1), Reason::kOk) << "the other one has left";
  EXPECT_EQ(Scan(b_, 3, 1), Reason::kHolderFirst) << "out of contact nobody knows of the holder";
}

TEST_F(GatePolicyTest, AChildFollowsInTime) {
  EXPECT_EQ(Scan(a_, 5, 1), Reason::kOk);
  env_.clock.Advance(Duration::Minutes(11));
  EXPECT_EQ(Scan(a_, 6, 1), Reason::kHolderFirst);
  // The holder's scan was a mistake; he enters now, and the child behind him.
  ASSERT_OK_AND_ASSIGN(const auto scans, a_->ScansOfTicket(Ticket(5)));
  ASSERT_OK(a_->Annul(scans.at(0).told.scan));
  EXPECT_EQ(Scan(a_, 5, 1), Reason::kOk);
  env_.clock.Advance(Duration::Minutes(9));
  EXPECT_EQ(Scan(a_, 6, 1), Reason::kOk);
}

TEST_F(GatePolicyTest, AFullAreaWaitsUntilSomebodyLeaves) {
  EXPECT_EQ(Scan(a_, 11, 3), Reason::kOk);
  EXPECT_EQ(Scan(a_, 12, 3), Reason::kOk);
  EXPECT_THAT(*a_->ZoneCounts(12), ElementsAre(Pair(2, 2)));
  a_.Restart();
  EXPECT_EQ(Scan(a_, 13, 3), Reason::kAreaFull);
  EXPECT_EQ(Scan(a_, 1, 1), Reason::kOk) << "the other area has no limit";
  EXPECT_EQ(Scan(a_, 11, 3, Direction::kExit), Reason::kOk);
  EXPECT_EQ(Scan(a_, 13, 3), Reason::kOk);
  EXPECT_EQ(Scan(a_, 14, 3), Reason::kAreaFull);
  ASSERT_OK_AND_ASSIGN(const ScanResult safety, a_->Scan(Code(14), Override(3)));
  EXPECT_EQ(safety.decision.reason, Reason::kOverride);
  EXPECT_THAT(*a_->ZoneCounts(12), ElementsAre(Pair(2, 3)));
  ASSERT_OK(a_->Annul(safety.scan_id));
  EXPECT_THAT(*a_->ZoneCounts(12), ElementsAre(Pair(2, 2)));
}

TEST_F(GatePolicyTest, TheCountFollowsTheLogsOfOthersOnceEach) {
  EXPECT_EQ(Scan(b_, 11, 3), Reason::kOk);
  EXPECT_EQ(Scan(b_, 12, 3), Reason::kOk);
  Give(a_, LogOf(b_));
  Give(a_, LogOf(b_));
  EXPECT_THAT(*a_->ZoneCounts(12), ElementsAre(Pair(2, 2)));
  EXPECT_EQ(Scan(a_, 13, 3), Reason::kAreaFull);
}

TEST_F(GatePolicyTest, ALimitThatComesLaterCountsWhoIsInside) {
  EventCopy open = PolicyEvent(3);
  open.header.zones[1].persons_max = 0;
  ASSERT_OK(a_->ApplyEventCopy(open));
  EXPECT_EQ(Scan(a_, 11, 3), Reason::kOk);
  EXPECT_EQ(Scan(a_, 12, 3), Reason::kOk);
  EXPECT_EQ(Scan(a_, 12, 3, Direction::kExit), Reason::kOk);
  // Another gate admits a ticket that this copy has never heard of.
  EventCopy sold = PolicyEvent(4);
  sold.tickets.push_back({Ticket(20), 20, 2, 1, 1, 0, "B-1"});
  ASSERT_OK(b_->ApplyEventCopy(sold));
  EXPECT_EQ(Scan(b_, 20, 3), Reason::kOk);
  Give(a_, LogOf(b_));
  ASSERT_OK(a_->ApplyEventCopy(PolicyEvent(5)));
  EXPECT_THAT(*a_->ZoneCounts(12), ElementsAre(Pair(2, 1))) << "whose zone is known";
  EventCopy delta = MakeDelta(PolicyEvent(5), [&] {
    EventCopy next = sold;
    next.version = 6;
    return next;
  }());
  ASSERT_OK(a_->ApplyEventCopy(delta));
  EXPECT_THAT(*a_->ZoneCounts(12), ElementsAre(Pair(2, 2)));
  EXPECT_EQ(Scan(a_, 13, 3), Reason::kAreaFull);
}

TEST_F(GatePolicyTest, AnOverrideSaysWhoAndWhyAndIsForSupervisors) {
  EXPECT_THAT(a_->Scan(Code(11), Override(1, {})), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(a_->Scan(Code(11), Override(1, {1, "ana", ""})), HasCode(ErrorCode::kInvalidField))
      << "other needs words";
  EXPECT_THAT(a_->Scan(Code(11), Override(1, {99, "ana", "x"})), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(b_->Scan(Code(11), Override(1)), HasCode(ErrorCode::kPermissionDenied));
  EXPECT_THAT(b_->BeginScan(Code(11), Override(1)), HasCode(ErrorCode::kPermissionDenied));
  EXPECT_EQ(Scan(a_, 11, 1), Reason::kWrongGate);
  ASSERT_OK_AND_ASSIGN(const ScanResult passed, a_->Scan(Code(11), Override(1)));
  EXPECT_EQ(passed.decision.reason, Reason::kOverride);
  ASSERT_OK_AND_ASSIGN(const LogEntry entry, DecodeLogEntry(passed.entry));
  EXPECT_TRUE(entry.overridden);
  EXPECT_EQ(entry.staff, kShown);
  EXPECT_EQ(a_->Scan("nonsense", Override(1))->decision.reason, Reason::kMalformed);
}

TEST_F(GatePolicyTest, ABastionHonoursTheRightOfTheDeviceThatAsks) {
  Place bastion{env_, kBastionId, DecidedBy::kBastion};
  ASSERT_OK(bastion->ApplyEventCopy(PolicyEvent()));
  ScanRequest request;
  request.scan = ScanId{900};
  request.text = Code(11);
  request.gate = 1;
  request.staff_override = true;
  request.staff = kShown;
  ASSERT_OK_AND_ASSIGN(const ScanResponse refused, bastion->DecideFor(kHandB, request));
  EXPECT_EQ(DecodeLogEntry(refused.entry)->reason, static_cast<uint16_t>(Reason::kWrongGate));
  request.scan = ScanId{901};
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, [&] {
    ScanContext context = Override(1);
    context.scan_id = request.scan;
    return a_->BeginScan(request.text, context);
  }());
  ASSERT_OK_AND_ASSIGN(const ScanResponse passed, bastion->DecideFor(kHandA, request));
  ASSERT_OK_AND_ASSIGN(const ScanResult told,
                       a_->RecordAnswer(intent, passed, DecidedBy::kBastion));
  EXPECT_EQ(told.decision.reason, Reason::kOverride);
  EXPECT_EQ(DecodeLogEntry(told.entry)->staff, kShown) << "in the handheld's own log too";
}

TEST_F(GatePolicyTest, WhatStaffSaidOutlivesACrash) {
  ASSERT_OK(a_->BeginScan(Code(11), Override(1)));
  a_.Restart();
  ASSERT_OK_AND_ASSIGN(const std::vector<ScanIntent> open, a_->OpenIntents());
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].context.staff, kShown);
}

TEST_F(GatePolicyTest, ASupervisorTakesBackAnotherDevicesScanEverywhere) {
  ASSERT_OK_AND_ASSIGN(const ScanResult mistake, b_->Scan(Code(1), At(1)));
  Give(a_, LogOf(b_));
  EXPECT_EQ(Scan(a_, 1, 2), Reason::kAlreadyUsed);
  const StaffNote note{static_cast<uint8_t>(StaffWhy::kTurnstileStuck), "acc_ana", "torniquete 4"};
  EXPECT_THAT(a_->Annul(mistake.scan_id), HasCode(ErrorCode::kInvalidField)) << "who and why";
  ASSERT_OK(a_->Annul(mistake.scan_id, note));
  EXPECT_THAT(a_->Annul(mistake.scan_id, note), HasCode(ErrorCode::kNotFound)) << "only once";
  EXPECT_EQ(Scan(b_, 1, 1), Reason::kReread) << "not there yet";
  // At a place where the annulment comes before the scan, and at the scanner itself.
  Place c{env_, kBastion2Id, DecidedBy::kBastion};
  ASSERT_OK(c->ApplyEventCopy(PolicyEvent()));
  Give(c, LogOf(a_));
  Give(c, LogOf(b_));
  Give(b_, LogOf(a_));
  env_.clock.Advance(Duration::Minutes(1));
  for (Place* place : {&b_, &c}) EXPECT_EQ((*place)->GetStatus()->admitted, 0u);
  ScanContext again = At(1);
  again.scan_id = mistake.scan_id;
  EXPECT_EQ(b_->Scan(Code(1), again)->decision.reason, Reason::kOk) << "the same scan, as before";
  EXPECT_EQ(Scan(c, 1, 1), Reason::kOk);
  EXPECT_THAT(*c->Conflicts(), IsEmpty());
  // The trail is kept: the last entry of the supervisor's log tells of it.
  ASSERT_OK_AND_ASSIGN(const LogEntry told, DecodeLogEntry(LogOf(a_).back()));
  EXPECT_EQ(told.kind, LogKind::kAnnul);
  EXPECT_EQ(told.staff, note);
}

// Its owner can make a device sign anything.
TEST_F(GatePolicyTest, ARightThatADeviceOnlyClaimsTakesNothingBack) {
  ASSERT_OK_AND_ASSIGN(const ScanResult theirs, a_->Scan(Code(1), At(1)));
  ASSERT_OK_AND_ASSIGN(LogEntry claim, DecodeLogEntry(theirs.entry));
  claim.kind = LogKind::kAnnul;
  claim.device = kHandB;
  claim.supervisor = true;
  claim.staff = kShown;
  const std::vector<std::string> log = {SealLogEntry(claim, DeviceKey(kHandB))};
  Place bastion{env_, kBastionId, DecidedBy::kBastion};
  Place cloud{env_, kCloudId, DecidedBy::kCloud};
  const auto state = [&](Place& to, LogSource from) {
    return (*to).TakeEntries(log, from)->at(0).state;
  };
  for (Place* place : {&bastion, &cloud, &a_}) {
    Give(*place, {theirs.entry});
    EXPECT_OK((*place)->ApplyEventCopy(PolicyEvent()));
    EXPECT_EQ(state(*place, LogSource::kDevice),
              place == &cloud ? AckState::kRejected : AckState::kLater);
    EXPECT_FALSE(*(*place)->IsAnnulled(theirs.scan_id));
  }
  // A copy that names it comes later than its entry.
  EventCopy named = PolicyEvent(3);
  named.header.supervisors = {kHandA, kHandB};
  EXPECT_OK(bastion->ApplyEventCopy(named));
  EXPECT_EQ(state(bastion, LogSource::kDevice), AckState::kStored);
  EXPECT_TRUE(*bastion->IsAnnulled(theirs.scan_id));
  // What the bastion took it has judged.
  EXPECT_EQ(state(cloud, LogSource::kBastion), AckState::kStored);
  EXPECT_TRUE(*cloud->IsAnnulled(theirs.scan_id));
}

// A gate is full, and hears of a scan of an event that found no place there.
TEST_F(GatePolicyTest, WhoDoesNotHoldTheEventSaysSoAndLosesNothing) {
  ASSERT_OK_AND_ASSIGN(const ScanResult mistake, b_->Scan(Code(1), At(1)));
  Give(a_, LogOf(b_));
  ASSERT_OK(a_->Annul(mistake.scan_id, kShown));
  const std::vector<std::string> word = {LogOf(a_).back()};
  Place full{env_, kBastionId, DecidedBy::kBastion};
  ASSERT_OK(full->RemoveEvent(12));
  for (uint32_t i = 0; i < kGateEventsMax; ++i) {
    EventCopy other = TestEvent();
    other.header.number = 100 + i;
    other.header.id = EventId{1000 + i};
    ASSERT_OK(full->ApplyEventCopy(other));
  }
  ASSERT_OK(full->AddDevices(PolicyEvent().header.devices));
  EXPECT_THAT(full->ApplyEventCopy(PolicyEvent()), HasCode(ErrorCode::kConflict));
  Give(full, LogOf(b_));
  EXPECT_THAT(full->Annul(mistake.scan_id, kShown), HasCode(ErrorCode::kPreconditionFailed));
  const auto told = [&](const Supervisors& supervisors) {
    return full->TakeEntries(word, LogSource::kDevice, supervisors)->at(0).state;
  };
  EXPECT_EQ(told({}), AckState::kLater) << "its device keeps it";
  EXPECT_FALSE(*full->IsAnnulled(mistake.scan_id));
  EXPECT_EQ(told({{12, kHandB}, {13, kHandA}}), AckState::kLater);
  EXPECT_EQ(told({{12, kHandA}}), AckState::kStored) << "somebody knows without the copy";
  EXPECT_TRUE(*full->IsAnnulled(mistake.scan_id));
}

TEST_F(GatePolicyTest, WithoutTheRightADeviceTakesBackOnlyItsOwn) {
  ASSERT_OK_AND_ASSIGN(const ScanResult theirs, a_->Scan(Code(1), At(1)));
  ASSERT_OK_AND_ASSIGN(const ScanResult mine, b_->Scan(Code(2), At(1)));
  Give(b_, LogOf(a_));
  EXPECT_THAT(b_->Annul(theirs.scan_id, kShown), HasCode(ErrorCode::kPermissionDenied));
  EXPECT_OK(b_->Annul(mine.scan_id));
}

}  // namespace
}  // namespace ticketing
