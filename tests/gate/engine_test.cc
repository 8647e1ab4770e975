#include "ticketing/gate/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/gate/fixture.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class EngineTest : public ::testing::Test {
 protected:
  Reason Scan(uint64_t n, const ScanContext& context = At(1)) {
    auto result = gate_->Scan(Code(n), context);
    EXPECT_OK(result);
    return result.ok() ? result->decision.reason : Reason::kMalformed;
  }

  TestEnv env_;
  Place gate_{env_, kHandA, DecidedBy::kAlone};
};

TEST_F(EngineTest, AdmitsOnceAndSaysWhenAndWhere) {
  ASSERT_OK_AND_ASSIGN(const ScanResult first, gate_->Scan(Code(1), At(1)));
  EXPECT_EQ(first.decision.outcome, Outcome::kAdmitted);
  EXPECT_EQ(first.decision.reason, Reason::kOk);
  EXPECT_EQ(first.seat_label, "A-1");
  EXPECT_EQ(first.ticket_id, Ticket(1));
  EXPECT_EQ(first.mode, DecidedBy::kAlone);
  env_.clock.Advance(Duration::Minutes(10));
  ASSERT_OK_AND_ASSIGN(const ScanResult second, gate_->Scan(Code(1), At(2)));
  EXPECT_EQ(second.decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(gate_->Explain(second, GateLanguage::kSpanish), "Ya se usó a las 06:00 en Puerta 1");
}

// A change nearly always leaves the header as it is, which is then not written again.
TEST_F(EngineTest, AChangeOfTicketsAndOneOfTheHeaderOutliveARestart) {
  EventCopy delta = TestEvent(2);
  delta.base_version = 1;
  delta.tickets.resize(1);
  delta.tickets[0].issue = 1;
  ASSERT_OK(gate_->ApplyEventCopy(delta));
  gate_.Restart();
  EXPECT_EQ(gate_->Events().front().version, 2u);
  EXPECT_EQ(gate_->Event(12)->name, "Final");
  EXPECT_EQ(Scan(0), Reason::kSuperseded);
  delta.version = 3;
  delta.base_version = 2;
  delta.header.name = "Semifinal";
  ASSERT_OK(gate_->ApplyEventCopy(delta));
  EXPECT_EQ(gate_->Event(12)->name, "Semifinal");
  gate_.Restart();
  EXPECT_EQ(gate_->Events().front().version, 3u);
  EXPECT_EQ(gate_->Event(12)->name, "Semifinal");
}

TEST_F(EngineTest, RefusesWhatItShould) {
  EXPECT_EQ(Scan(11), Reason::kWrongGate);
  ASSERT_OK_AND_ASSIGN(const ScanResult wrong, gate_->Scan(Code(11), At(1)));
  EXPECT_THAT(wrong.decision.right_gates, ElementsAre(3));
  EXPECT_EQ(Scan(9), Reason::kStaticCode);
  EXPECT_EQ(gate_->Scan("hello", At(1))->decision.reason, Reason::kMalformed);
  EXPECT_EQ(gate_->Scan(std::string(2000, 'A'), At(1))->decision.reason, Reason::kMalformed);
  std::string altered = Code(1);
  altered[30] = altered[30] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(IsAdmitting(gate_->Scan(altered, At(1))->decision.reason));

  TicketClaims claims;
  claims.key_id = 1;
  claims.event_number = 12;
  claims.ticket = Ticket(1);
  claims.zone = 1;
  EXPECT_EQ(gate_->Scan(IssueTicketCode(claims, SeedKey('f')), At(1))->decision.reason,
            Reason::kForged);
  claims.key_id = 2;
  EXPECT_EQ(gate_->Scan(IssueTicketCode(claims, SeedKey('f')), At(1))->decision.reason,
            Reason::kUnknownKey);
  EXPECT_EQ(gate_->Scan(Code(1, 0, 13), At(1))->decision.reason, Reason::kOtherEvent);
  EXPECT_THAT(gate_->Scan(Code(1), At(9)), HasCode(ErrorCode::kInvalidField));
  EXPECT_EQ(Scan(1), Reason::kOk) << "refusals did not use the ticket up";
}

// A scanner that sends the keys of an English keyboard to a host with a German or French one.
TEST_F(EngineTest, AForeignKeyboardLayoutIsUndone) {
  const auto typed = [](std::string code, std::string_view from,
                        const std::vector<std::string>& to) {
    std::string out;
    for (const char c : code) {
      const size_t at = from.find(c);
      out += at == std::string_view::npos ? std::string(1, c) : to[at];
    }
    return out + "\r";
  };
  const std::string german = typed(Code(1), "YZ", {"Z", "Y"});
  const std::string french =
      typed(Code(2), "AQZWM1234567890",
            {"Q", "A", "W", "Z", "?", "&", "é", "\"", "'", "(", "-", "è", "_", "ç", "à"});
  ASSERT_OK_AND_ASSIGN(const ScanResult first, gate_->Scan(german, At(1)));
  EXPECT_EQ(first.decision.reason, Reason::kOk);
  EXPECT_EQ(first.ticket_id, Ticket(1));
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, gate_->BeginScan(french, At(1)));
  EXPECT_EQ(intent.text, Code(2));  // what the bastion is asked
  EXPECT_EQ(intent.ticket, Ticket(2));
  // It is the same ticket, however it was typed.
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Scan(1), Reason::kAlreadyUsed);
}

TEST_F(EngineTest, WhatAScannerAddsIsNotPartOfTheCode) {
  EXPECT_EQ(gate_->Scan("]Q1" + Code(1) + "\r\n", At(1))->decision.reason, Reason::kOk);
}

TEST_F(EngineTest, TimesOfTheEvent) {
  env_.clock.SetNow(FakeClock::kStart - Duration::Hours(2));
  EXPECT_EQ(Scan(1), Reason::kNotYet);
  env_.clock.SetNow(FakeClock::kStart + Duration::Hours(5));
  EXPECT_EQ(Scan(1), Reason::kTooLate);
}

TEST_F(EngineTest, HoldsPeopleToTheRulesOfTheirEvent) {
  EventCopy copy = TestEvent(2);
  copy.header.rules = R"({"rule": {"and": [
      {"isAfter": [{"var": "now"}, {"buildTime": ["customtime", "06:30"]}]},
      {"inList": [{"var": "gate"}, {"objectList": [{"lookup": ["gate", "g2"]}]}]}]}})";
  ASSERT_OK(gate_->ApplyEventCopy(copy));
  gate_.Restart();
  ASSERT_OK_AND_ASSIGN(const ScanResult refused, gate_->Scan(Code(1), At(1)));
  EXPECT_EQ(refused.decision.reason, Reason::kRule);
  EXPECT_EQ(gate_->Explain(refused, GateLanguage::kSpanish),
            "No cumple una regla: desde 06:30, vaya a Puerta 2");
  env_.clock.Advance(Duration::Minutes(31));
  EXPECT_EQ(Scan(1), Reason::kRule);
  EXPECT_EQ(Scan(1, At(2)), Reason::kOk);

  copy = TestEvent(3);
  ASSERT_OK(gate_->ApplyEventCopy(copy));
  EXPECT_EQ(Scan(2), Reason::kOk) << "the rules went with the copy that had them";
}

TEST_F(EngineTest, RulesOfANewerTimeKeepNobodyOut) {
  EventCopy copy = TestEvent(2);
  copy.header.rules = R"({"rule": {"moonPhase": [1, 2]}})";
  ASSERT_OK(gate_->ApplyEventCopy(copy));
  EXPECT_TRUE(env_.log.Contains("moonPhase"));
  EXPECT_EQ(Scan(1), Reason::kOk);
}

TEST_F(EngineTest, ComesAndGoes) {
  EXPECT_EQ(Scan(8, At(1, Direction::kExit)), Reason::kNotInside);
  EXPECT_EQ(Scan(8), Reason::kOk);
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Scan(8), Reason::kAlreadyUsed);
  EXPECT_EQ(Scan(8, At(1, Direction::kExit)), Reason::kOk);
  EXPECT_EQ(Scan(8), Reason::kOk);
  ASSERT_OK_AND_ASSIGN(const GateStatus status, gate_->GetStatus());
  EXPECT_EQ(status.admitted, 2u);
  EXPECT_EQ(status.inside, 1u);
  EXPECT_EQ(status.refused, 2u);
  EXPECT_EQ(status.own_sequence, 5u);
  EXPECT_EQ(status.waiting_for_cloud, 5u);
}

TEST_F(EngineTest, RereadIsSilentAndDoesNotCount) {
  EXPECT_EQ(Scan(1), Reason::kOk);
  env_.clock.Advance(Duration::Seconds(2));
  EXPECT_EQ(Scan(1), Reason::kReread);
  EXPECT_EQ(Scan(1, At(2)), Reason::kAlreadyUsed) << "another gate is another reading";
  env_.clock.Advance(Duration::Seconds(9));
  EXPECT_EQ(Scan(1), Reason::kAlreadyUsed);
  EXPECT_EQ(gate_->GetStatus()->admitted, 1u);
}

TEST_F(EngineTest, TheSameScanIdGetsTheSameAnswer) {
  ScanContext context = At(1);
  context.scan_id = ScanId{4242};
  ASSERT_OK_AND_ASSIGN(const ScanResult first, gate_->Scan(Code(1), context));
  env_.clock.Advance(Duration::Hours(1));
  EventCopy later = TestEvent(2);
  later.tickets[1].status = 3;
  ASSERT_OK(gate_->ApplyEventCopy(later));
  gate_.Restart();
  ASSERT_OK_AND_ASSIGN(const ScanResult again, gate_->Scan(Code(1), context));
  EXPECT_EQ(again.decision.reason, Reason::kOk);
  EXPECT_TRUE(again.decision.replayed);
  EXPECT_EQ(again.entry, first.entry);
  EXPECT_EQ(again.seat_label, "A-1");
  EXPECT_EQ(gate_->GetStatus()->own_sequence, 1u) << "a replay writes nothing";
  EXPECT_THAT(gate_->Scan(Code(2), context), HasCode(ErrorCode::kConflict));

  context.scan_id = ScanId{4243};
  ASSERT_OK_AND_ASSIGN(const ScanResult refused, gate_->Scan(Code(11), context));
  ASSERT_OK_AND_ASSIGN(const ScanResult refused_again, gate_->Scan(Code(11), context));
  EXPECT_EQ(refused_again.decision.right_gates, refused.decision.right_gates);
}

TEST_F(EngineTest, ATicketSoldAfterTheCopyEntersOnItsSignature) {
  ASSERT_OK_AND_ASSIGN(const ScanResult sold, gate_->Scan(Code(2000), At(3)));
  EXPECT_EQ(sold.decision.reason, Reason::kOk);
  EXPECT_TRUE(sold.decision.not_in_copy);
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(gate_->Scan(Code(2000), At(3))->decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(gate_->Scan(Code(2001), At(1))->decision.reason, Reason::kWrongGate)
      << "its zone is the one in the code";
}

TEST_F(EngineTest, EveryDecisionIsInTheSignedLog) {
  Scan(1);
  Scan(11);
  ASSERT_OK(gate_->Scan("garbage", At(1)));
  gate_.Restart();
  Scan(2);
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> log, gate_->OwnEntries(1, 100));
  ASSERT_THAT(log, SizeIs(4));
  EXPECT_THAT(VerifyLog(kHandA, DeviceKey(kHandA).public_key(), log), IsOk());
  EXPECT_EQ(DecodeLogEntry(log[1])->reason, static_cast<uint16_t>(Reason::kWrongGate));
  EXPECT_EQ(DecodeLogEntry(log[2])->ticket, TicketId{});
}

TEST_F(EngineTest, CopiesAndChanges) {
  EXPECT_THAT(gate_->Events(), SizeIs(1));
  EventCopy next = TestEvent(2);
  next.tickets[3].status = static_cast<uint8_t>(TicketStatus::kRevoked);
  next.tickets[4].issue = 1;
  next.tickets.erase(next.tickets.begin() + 5);
  const EventCopy delta = MakeDelta(TestEvent(1), next);
  ASSERT_OK(gate_->ApplyEventCopy(delta));
  EXPECT_EQ(Scan(3), Reason::kRevoked);
  EXPECT_EQ(Scan(4), Reason::kSuperseded);
  EXPECT_EQ(gate_->Scan(Code(4, 1), At(1))->decision.reason, Reason::kOk);
  EXPECT_TRUE(gate_->Scan(Code(5), At(1))->decision.not_in_copy);
  ASSERT_OK_AND_ASSIGN(auto whole, gate_->ReadEventCopy(12, 0));
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(whole->tickets, next.tickets);
  ASSERT_OK_AND_ASSIGN(auto change, gate_->ReadEventCopy(12, 1));
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->base_version, 1u);
  EXPECT_THAT(change->tickets, SizeIs(2));
  EXPECT_THAT(change->removed, ElementsAre(Ticket(5)));
  ASSERT_OK_AND_ASSIGN(auto nothing, gate_->ReadEventCopy(12, 2));
  EXPECT_FALSE(nothing.has_value());
  EXPECT_THAT(gate_->ReadEventCopy(13, 0), HasCode(ErrorCode::kNotFound));

  EXPECT_OK(gate_->ApplyEventCopy(TestEvent(1))) << "an old snapshot changes nothing";
  EXPECT_EQ(gate_->Events()[0].version, 2u);
  EventCopy gap = delta;
  gap.base_version = 7;
  gap.version = 8;
  EXPECT_THAT(gate_->ApplyEventCopy(gap), HasCode(ErrorCode::kPreconditionFailed));
  EventCopy snapshot = TestEvent(9);
  ASSERT_OK(gate_->ApplyEventCopy(snapshot));
  ASSERT_OK_AND_ASSIGN(change, gate_->ReadEventCopy(12, 2));
  EXPECT_EQ(change->base_version, 2u) << "a snapshot on top still gives deltas to others";
  EXPECT_THAT(change->tickets, SizeIs(3));
}

TEST_F(EngineTest, HoldsAFewEvents) {
  for (uint32_t number = 100; number < 100 + kGateEventsMax; ++number) {
    EventCopy copy = TestEvent();
    copy.header.number = number;
    copy.header.id = EventId{number};
    const Status added = gate_->ApplyEventCopy(copy);
    EXPECT_EQ(added.ok(), number < 100 + kGateEventsMax - 1);
  }
  ASSERT_OK(gate_->RemoveEvent(100));
  EXPECT_THAT(gate_->Events(), SizeIs(kGateEventsMax - 1));
}

TEST_F(EngineTest, TheDataOfOneDeviceIsNotAnothers) {
  TempDir dir;
  SqliteOptions options;
  options.data_dir = dir.path();
  SqliteDatabaseFactory factory(options);
  ASSERT_OK(GateEngine::Open(env_.env(), factory, "gate", DeviceKey(kHandA), ConfigOf(kHandA)));
  EXPECT_THAT(GateEngine::Open(env_.env(), factory, "gate", DeviceKey(kHandB), ConfigOf(kHandB)),
              HasCode(ErrorCode::kConflict));
}

TEST_F(EngineTest, AnAnnulledScanFreesTheTicket) {
  ASSERT_OK_AND_ASSIGN(const ScanResult first, gate_->Scan(Code(1), At(1)));
  ASSERT_OK(gate_->Annul(first.scan_id));
  EXPECT_THAT(gate_->Annul(first.scan_id), HasCode(ErrorCode::kNotFound));
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Scan(1), Reason::kOk);
  EXPECT_EQ(gate_->Conflicts()->size(), 0u);
}

TEST_F(EngineTest, ATicketUsedBeforeARestartIsUsedAfterIt) {
  EXPECT_EQ(Scan(1), Reason::kOk);
  gate_.Restart();
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Scan(1, At(2)), Reason::kAlreadyUsed);
  EXPECT_EQ(Scan(2), Reason::kOk);
}

TEST(ScanIds, FollowTimeAndDifferWithinAMoment) {
  const Timestamp now = FakeClock::kStart;
  const uint64_t most = ~uint64_t{0};
  EXPECT_LT(ScanIdAt(now, most), ScanIdAt(now + Duration::Millis(1), 0));
  EXPECT_EQ(ScanIdAt(now + Duration::Millis(1), 0).value - ScanIdAt(now, 0).value, 1u << 31);
  EXPECT_EQ(ScanIdAt(now, most).value - ScanIdAt(now, 0).value, (1u << 31) - 1)
      << "all of its entropy";
  EXPECT_NE(ScanIdAt(Timestamp{}, 0), ScanId{}) << "no id is none";
}

TEST(Concurrency, OfManyScansOfOneTicketExactlyOneIsAdmitted) {
  TestEnv env;
  TempDir dir;
  SqliteOptions options;
  options.data_dir = dir.path();
  SqliteDatabaseFactory factory(options);
  ASSERT_OK_AND_ASSIGN(auto bastion,
                       GateEngine::Open(env.env(), factory, "bastion", DeviceKey(kBastionId),
                                        ConfigOf(kBastionId, DecidedBy::kBastion)));
  ASSERT_OK(bastion->ApplyEventCopy(TestEvent()));
  constexpr int kThreads = 8;
  constexpr int kTickets = 8;
  std::vector<std::atomic<int>> admitted(kTickets);
  std::atomic<uint64_t> next_scan{1};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < kTickets; ++n) {
        ScanRequest request;
        request.scan = ScanId{next_scan++};
        request.text = Code(static_cast<uint64_t>((n + t) % kTickets));
        request.gate = static_cast<uint16_t>(1 + t % 2);
        // Each thread is a handheld of its own, so that no reading counts as a re-read.
        const auto answer = bastion->DecideFor(DeviceId{900 + static_cast<uint64_t>(t)}, request);
        ASSERT_THAT(answer, IsOk());
        const LogEntry entry = *DecodeLogEntry(answer->entry);
        EXPECT_EQ(entry.decided_by, DecidedBy::kBastion);
        if (entry.outcome == kLogAdmitted) ++admitted[(n + t) % kTickets];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int n = 0; n < kTickets; ++n) EXPECT_EQ(admitted[n], 1) << "ticket " << n;
  ASSERT_OK_AND_ASSIGN(const auto log, bastion->OwnEntries(1, 1000));
  EXPECT_THAT(log, SizeIs(kThreads * kTickets));
  EXPECT_THAT(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), log), IsOk());
  EXPECT_EQ(bastion->Conflicts()->size(), 0u);
}

}  // namespace
}  // namespace ticketing
