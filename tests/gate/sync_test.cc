// Logs that travel between places, and what each place then tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/gate/fixture.h"

namespace ticketing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GateSyncTest : public ::testing::Test {
 protected:
  static std::vector<std::string> LogOf(Place& place) {
    auto log = place->OwnEntries(1, 1000);
    EXPECT_OK(log);
    return log.ok() ? *log : std::vector<std::string>();
  }
  std::vector<AckState> Give(Place& to, const std::vector<std::string>& entries) {
    auto acks = to->TakeEntries(entries, LogSource::kDevice);
    EXPECT_OK(acks);
    std::vector<AckState> states;
    if (acks.ok()) {
      for (const LogAck& ack : *acks) states.push_back(ack.state);
    }
    return states;
  }
  Reason Scan(Place& place, uint64_t n, uint16_t gate = 1) {
    auto result = place->Scan(Code(n), At(gate));
    EXPECT_OK(result);
    return result.ok() ? result->decision.reason : Reason::kMalformed;
  }

  TestEnv env_;
  Place a_{env_, kHandA, DecidedBy::kAlone};
  Place b_{env_, kHandB, DecidedBy::kAlone};
  Place bastion_{env_, kBastionId, DecidedBy::kBastion};
};

TEST_F(GateSyncTest, WhatOneGateAdmittedTheOthersRefuse) {
  EXPECT_EQ(Scan(a_, 1), Reason::kOk);
  EXPECT_THAT(Give(b_, LogOf(a_)), Each(AckState::kStored));
  EXPECT_EQ(Scan(b_, 1, 2), Reason::kAlreadyUsed);
  EXPECT_THAT(Give(b_, LogOf(a_)), Each(AckState::kRepeated));
  EXPECT_EQ(b_->GetStatus()->admitted, 1u);
}

TEST_F(GateSyncTest, WhatTwoServersTellIsKnownAsOne) {
  ASSERT_OK(bastion_->DecideFor(
      kHandB, {ScanId{7}, Code(1), 0, 2, Direction::kEntry, env_.clock.Now(), false}));
  ChangesQuery query;
  query.form = ChangesQuery::Form::kPassages;
  ASSERT_OK_AND_ASSIGN(const Changes changes, bastion_->ChangesFor(query, kHandA));
  EXPECT_FALSE(*a_->KnowsPassages(changes));
  ASSERT_OK(a_->TakePassages(changes, "bastion.cursor"));
  EXPECT_TRUE(*a_->KnowsPassages(changes));
  a_.Restart();
  EXPECT_TRUE(*a_->KnowsPassages(changes));
  EXPECT_EQ(Scan(a_, 1), Reason::kAlreadyUsed);
}

TEST_F(GateSyncTest, TwoAdmissionsOutOfContactAreAConflictOnBothSides) {
  EXPECT_EQ(Scan(a_, 1, 1), Reason::kOk);
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Scan(b_, 1, 2), Reason::kOk);
  EXPECT_THAT(*a_->Conflicts(), IsEmpty());
  Give(a_, LogOf(b_));
  Give(b_, LogOf(a_));
  ASSERT_THAT(*a_->Conflicts(), SizeIs(1));
  EXPECT_EQ(*a_->Conflicts(), *b_->Conflicts());
  const Conflict conflict = a_->Conflicts()->front();
  EXPECT_EQ(conflict.first_device, kHandA);
  EXPECT_EQ(conflict.second_device, kHandB);
  EXPECT_EQ(conflict.second_gate, 2);
  Give(a_, LogOf(b_));
  EXPECT_THAT(*a_->Conflicts(), SizeIs(1)) << "told twice it is still one";
}

TEST_F(GateSyncTest, TheScannersOwnLogWinsOverWhatTheBastionDecided) {
  // The bastion granted the scan, its answer was lost, and the handheld refused by itself.
  ScanRequest request;
  request.scan = ScanId{77};
  request.text = Code(1);
  request.gate = 1;
  ASSERT_OK(bastion_->DecideFor(kHandA, request));
  EventCopy revoked = TestEvent(2);
  revoked.tickets[1].status = 3;
  ASSERT_OK(a_->ApplyEventCopy(revoked));
  ScanContext context = At(1);
  context.scan_id = ScanId{77};
  EXPECT_EQ(a_->Scan(Code(1), context)->decision.reason, Reason::kRevoked);
  EXPECT_EQ(Scan(bastion_, 1, 2), Reason::kAlreadyUsed);
  Give(bastion_, LogOf(a_));
  ASSERT_OK_AND_ASSIGN(const auto scans, bastion_->ScansOfTicket(Ticket(1)));
  ASSERT_FALSE(scans.empty());
  EXPECT_TRUE(scans[0].disputed);
  EXPECT_FALSE(scans[0].counts());
  EXPECT_EQ(Scan(bastion_, 1, 2), Reason::kOk) << "nobody had gone in";
}

TEST_F(GateSyncTest, AnAnswerIsLaterThanTheDecisionWhateverTheClocksSay) {
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, a_->BeginScan(Code(1), At(1)));
  ScanRequest request;
  request.scan = intent.scan_id;
  request.text = Code(1);
  request.gate = 1;
  env_.clock.SetNow(FakeClock::kStart + Duration::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const ScanResponse answer, bastion_->DecideFor(kHandA, request));
  env_.clock.SetNow(FakeClock::kStart);  // the handheld's is a minute behind
  ASSERT_OK(a_->RecordAnswer(intent, answer, DecidedBy::kBastion));
  EXPECT_GT(DecodeLogEntry(LogOf(a_)[0])->hlc, DecodeLogEntry(answer.entry)->hlc);
}

// Else a handheld that was out of contact when a colleague's was stolen would let in again whom
// that one had let in before.
TEST_F(GateSyncTest, ABastionVouchesForWhatAStolenDeviceSaidBefore) {
  Scan(a_, 1);
  ASSERT_OK(b_->AddDevices({{kHandA, DeviceKey(kHandA).public_key(), "x", false, true}}));
  EXPECT_THAT(Give(b_, LogOf(a_)), ElementsAre(AckState::kRejected));
  ASSERT_OK_AND_ASSIGN(const auto acks, b_->TakeEntries(LogOf(a_), LogSource::kBastion));
  EXPECT_EQ(acks[0].state, AckState::kStored);
  EXPECT_EQ(Scan(b_, 1, 2), Reason::kAlreadyUsed);
  EXPECT_THAT(b_->PendingUpload(10, false)->entries, SizeIs(2)) << "the cloud has not said it";
}

// What a device that is enrolled writes into its own log, chained and signed.
class Forger {
 public:
  explicit Forger(DeviceId device) : device_(device) {}
  std::string Write(LogEntry entry) {
    entry.device = device_;
    entry.sequence = ++sequence_;
    entry.previous = previous_;
    std::string bytes = SealLogEntry(entry, DeviceKey(device_));
    previous_ = LogEntryHash(bytes);
    return bytes;
  }

 private:
  const DeviceId device_;
  uint64_t sequence_ = 0;
  std::string previous_ = std::string(kLogHashBytes, '\0');
};

// Every device reads the others' scan ids. What it writes about them in its own log makes no used
// ticket good again, wherever it comes first.
TEST_F(GateSyncTest, NobodyRewritesAnothersScan) {
  ScanRequest request;
  request.scan = ScanId{77};
  request.text = Code(1);
  request.gate = 1;
  ASSERT_OK_AND_ASSIGN(const ScanResponse answer, bastion_->DecideFor(kHandB, request));
  const LogEntry honest = *DecodeLogEntry(answer.entry);
  Forger mallory(kHandA);  // of a lower id than its victim
  LogEntry lie = honest;
  lie.scanner = kHandA;
  lie.decided_by = DecidedBy::kAlone;
  lie.ticket = Ticket(2);
  std::vector<std::string> log = {mallory.Write(lie)};
  lie.outcome = kLogRefused;
  lie.counted = false;
  log.push_back(mallory.Write(lie));
  lie.ticket = Ticket(1);
  log.push_back(mallory.Write(lie));
  lie.kind = LogKind::kAnnul;
  log.push_back(mallory.Write(lie));
  lie.scanner = kHandB;
  log.push_back(mallory.Write(lie));
  Give(bastion_, log);
  Place late(env_, kBastion2Id, DecidedBy::kBastion);
  Give(late, log);
  Give(late, LogOf(bastion_));
  for (Place* place : {&bastion_, &late}) {
    ASSERT_OK_AND_ASSIGN(const auto scans, (*place)->ScansOfTicket(Ticket(1)));
    ASSERT_FALSE(scans.empty());
    const auto told =
        std::ranges::find(scans, kHandB, [](const auto& s) { return s.told.scanner; });
    ASSERT_NE(told, scans.end());
    EXPECT_TRUE(told->counts());
    EXPECT_TRUE(told->disputed);
    EXPECT_EQ(Scan(*place, 1, 2), Reason::kAlreadyUsed);
    ASSERT_OK_AND_ASSIGN(const ScanResponse again, (*place)->DecideFor(kHandB, request));
    EXPECT_EQ(again.detail.outcome, Outcome::kAdmitted) << "the same answer as before";
  }
}

// What a scan was known for is looked at again when it turns out to be another ticket's.
TEST_F(GateSyncTest, AConflictEndsWithTheTicketOfItsScan) {
  Scan(b_, 1);
  env_.clock.Advance(Duration::Minutes(1));
  LogEntry claim = *DecodeLogEntry(LogOf(b_)[0]);
  claim.scan = ScanId{77};
  claim.scanner = kHandA;
  claim.gate = 2;
  Forger mallory(kHandA);
  const std::string told = mallory.Write(claim);
  Place late(env_, kBastion2Id, DecidedBy::kBastion);
  Give(late, LogOf(b_));
  Give(late, {told});
  ASSERT_THAT(*late->Conflicts(), SizeIs(1));
  ScanRequest asked;
  asked.scan = ScanId{77};
  asked.text = Code(2);
  asked.gate = 2;
  ASSERT_OK(bastion_->DecideFor(kHandA, asked));
  EXPECT_THAT(Give(late, LogOf(bastion_)), Each(AckState::kStored));
  EXPECT_THAT(*late->Conflicts(), IsEmpty()) << "its scanner asked about another ticket";
  EXPECT_EQ(Scan(late, 2, 1), Reason::kAlreadyUsed);
}

// Each entry reads those before it about its scan: a device must not make that thousands.
TEST_F(GateSyncTest, ADeviceTellsOfOneScanAHandfulOfTimes) {
  Scan(b_, 1);
  LogEntry entry = *DecodeLogEntry(LogOf(b_)[0]);
  entry.scanner = kHandA;
  Forger mallory(kHandA);
  std::vector<std::string> log;
  for (int i = 0; i < 400; ++i) {
    entry.kind = i % 2 == 0 ? LogKind::kScan : LogKind::kAnnul;
    log.push_back(mallory.Write(entry));
  }
  const std::vector<AckState> acks = Give(bastion_, log);
  EXPECT_EQ(std::ranges::count(acks, AckState::kStored), 32);
  EXPECT_EQ(std::ranges::count(acks, AckState::kRejected), 368);
  EXPECT_EQ(acks[31], AckState::kStored);
  entry.kind = LogKind::kScan;
  entry.scan = ScanId{99};
  EXPECT_THAT(Give(bastion_, {mallory.Write(entry)}), ElementsAre(AckState::kStored))
      << "of another scan it still may";
  EXPECT_THAT(Give(bastion_, LogOf(b_)), ElementsAre(AckState::kStored));
}

TEST_F(GateSyncTest, OnlyWhoDecidesForOthersTellsWhatTheyScanned) {
  Scan(b_, 1);
  LogEntry lie = *DecodeLogEntry(LogOf(b_)[0]);
  lie.outcome = kLogRefused;
  lie.counted = false;
  Forger mallory(kHandA);
  EXPECT_THAT(Give(bastion_, {mallory.Write(lie)}), ElementsAre(AckState::kRejected));
  EXPECT_THAT(Give(bastion_, {LogOf(b_)[0]}), ElementsAre(AckState::kStored));
  ASSERT_OK_AND_ASSIGN(const auto scans, bastion_->ScansOfTicket(Ticket(1)));
  EXPECT_FALSE(scans.at(0).disputed);
}

// Whoever is a supervisor of one event is nobody at the next one.
TEST_F(GateSyncTest, ASupervisorsAnnulmentIsOfHisOwnEvent) {
  EventCopy his = TestEvent(2);
  his.header.supervisors = {kHandA};
  EventCopy other = TestEvent();
  other.header.number = 13;
  other.header.id = EventId{78};
  ASSERT_OK(b_->ApplyEventCopy(other));
  ASSERT_OK_AND_ASSIGN(const ScanResult scanned, b_->Scan(Code(1, 0, 13), At(1)));
  ASSERT_EQ(scanned.decision.reason, Reason::kOk);
  LogEntry annul = *DecodeLogEntry(scanned.entry);
  annul.kind = LogKind::kAnnul;
  annul.supervisor = true;
  annul.staff = {static_cast<uint8_t>(StaffWhy::kScannedByMistake), "Ana", ""};
  annul.event = 12;
  Forger mallory(kHandA);
  const std::vector<std::string> lie = {mallory.Write(annul)};
  annul.event = 13;
  const std::vector<std::string> without_right = {mallory.Write(annul)};
  for (const bool lie_first : {true, false}) {
    Place place(env_, lie_first ? kBastionId : kBastion2Id, DecidedBy::kBastion);
    ASSERT_OK(place->ApplyEventCopy(his));
    ASSERT_OK(place->ApplyEventCopy(other));
    if (lie_first) Give(place, lie);
    Give(place, LogOf(b_));
    if (!lie_first) Give(place, lie);
    EXPECT_THAT(Give(place, without_right), ElementsAre(AckState::kLater));
    EXPECT_EQ(place->Scan(Code(1, 0, 13), At(2))->decision.reason, Reason::kAlreadyUsed);
    other.version = 2;
    other.header.supervisors = {kHandA};
    ASSERT_OK(place->ApplyEventCopy(other));
    EXPECT_THAT(Give(place, without_right), ElementsAre(AckState::kStored));
    EXPECT_EQ(place->Scan(Code(1, 0, 13), At(2))->decision.reason, Reason::kOk) << "now he may";
    other.version = 1;
    other.header.supervisors.clear();
  }
}

// Two scanners may claim one id: their conflicts are two, and neither stands in the other's way.
TEST_F(GateSyncTest, TwoClaimsOfOneScanIdAreTwoPassages) {
  ScanContext context = At(1);
  context.scan_id = ScanId{77};
  ASSERT_OK(a_->Scan(Code(1), context));
  env_.clock.Advance(Duration::Minutes(1));
  ASSERT_OK(b_->Scan(Code(1), context));
  Give(bastion_, LogOf(a_));
  Give(bastion_, LogOf(b_));
  EXPECT_THAT(*bastion_->Conflicts(), SizeIs(1));
  EXPECT_EQ(bastion_->GetStatus()->admitted, 2u);
  ASSERT_OK(bastion_->TakePassages(
      *[&] {
        ChangesQuery query;
        query.form = ChangesQuery::Form::kAll;
        return bastion_->ChangesFor(query, kHandA);
      }(),
      "cursor"));
}

// Found by simulation: the bastion's answer was lost, but its log arrived before the handheld gave
// up waiting. The scan stayed open, and the next person with the same code was shown the same
// answer.
TEST_F(GateSyncTest, AnAnswerThatComesWithTheLogIsRecordedLikeAnyOther) {
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, a_->BeginScan(Code(1), At(1)));
  ScanRequest request;
  request.scan = intent.scan_id;
  request.text = Code(1);
  request.gate = 1;
  ASSERT_OK(bastion_->DecideFor(kHandA, request));
  Give(a_, LogOf(bastion_));
  ASSERT_OK_AND_ASSIGN(const ScanResult result, a_->Scan(Code(1), intent.context));
  EXPECT_EQ(result.decision.reason, Reason::kOk);
  EXPECT_TRUE(result.decision.counted);
  EXPECT_EQ(result.mode, DecidedBy::kBastion);
  EXPECT_THAT(LogOf(a_), SizeIs(1)) << "in the scanner's own log, too";
  EXPECT_EQ(a_->GetStatus()->admitted, 1u);
  env_.clock.Advance(Duration::Seconds(30));
  ASSERT_OK_AND_ASSIGN(const ScanIntent next, a_->BeginScan(Code(1), At(1)));
  EXPECT_NE(next.scan_id, intent.scan_id);
  EXPECT_EQ(a_->Scan(Code(1), next.context)->decision.reason, Reason::kAlreadyUsed);
}

// Found by simulation: a spare bastion was given the end of a log first, said that it had all of
// it, and was never given the beginning, which the cloud then missed for ever.
TEST_F(GateSyncTest, ALogWithoutItsBeginningIsNotKnown) {
  Scan(a_, 1);
  Scan(a_, 2);
  Scan(a_, 3);
  const std::vector<std::string> log = LogOf(a_);
  Give(bastion_, {log[2]});
  EXPECT_EQ(bastion_->StoredMarks({kHandA})->front().sequence, 0u);
  Give(bastion_, {log[0], log[1]});
  EXPECT_EQ(bastion_->StoredMarks({kHandA})->front().sequence, 3u);
}

TEST_F(GateSyncTest, APoisonedEntryNeverBlocksTheRest) {
  Scan(a_, 1);
  Scan(a_, 2);
  Scan(a_, 3);
  Scan(b_, 4);
  std::vector<std::string> batch = LogOf(a_);
  batch[1][99] = static_cast<char>(batch[1][99] ^ 3);  // the outcome, changed on the way
  batch.push_back("nonsense");
  batch.push_back(LogOf(b_)[0]);
  EXPECT_THAT(Give(bastion_, batch),
              ElementsAre(AckState::kStored, AckState::kRejected, AckState::kStored,
                          AckState::kRejected, AckState::kStored));
  EXPECT_THAT(Give(bastion_, LogOf(a_)),
              ElementsAre(AckState::kRepeated, AckState::kStored, AckState::kRepeated))
      << "the true entry still fits into the gap";
}

// Of a run only the last signature is checked, so this is all that keeps strangers out.
TEST_F(GateSyncTest, ARunThatItsDeviceDidNotSignIsRejectedWhole) {
  for (uint64_t n = 0; n < 6; ++n) Scan(a_, n);
  const std::vector<std::string> log = LogOf(a_);
  // A chain without a fault, by somebody who has not got the key.
  std::vector<std::string> forged;
  std::string previous(kLogHashBytes, '\0');
  for (const std::string& bytes : log) {
    LogEntry entry = *DecodeLogEntry(bytes);
    entry.previous = previous;
    forged.push_back(SealLogEntry(entry, DeviceKey(kHandB)));
    previous = LogEntryHash(forged.back());
  }
  EXPECT_THAT(Give(bastion_, forged), Each(AckState::kRejected));
  // With a true entry behind it that belongs elsewhere.
  forged.back() = log.back();
  std::vector<AckState> states = Give(bastion_, forged);
  EXPECT_EQ(states.back(), AckState::kStored);
  states.pop_back();
  EXPECT_THAT(states, Each(AckState::kRejected));
  // Every single change of a run but for its last entry is seen, whichever byte it is.
  for (size_t at = 0; at < kLogEntryBytes; ++at) {
    std::vector<std::string> run(log.begin(), log.begin() + 2);
    run[0][at] = static_cast<char>(run[0][at] ^ 1);
    EXPECT_EQ(Give(b_, run)[0], at >= 2 && at < 10 ? AckState::kLater : AckState::kRejected) << at;
  }
  EXPECT_THAT(Give(bastion_, log),
              ElementsAre(AckState::kStored, AckState::kStored, AckState::kStored,
                          AckState::kStored, AckState::kStored, AckState::kRepeated));
}

TEST_F(GateSyncTest, ALogGoesOnAcrossBatchesAndFillsItsGaps) {
  for (uint64_t n = 0; n < 6; ++n) Scan(a_, n);
  const std::vector<std::string> log = LogOf(a_);
  EXPECT_THAT(Give(bastion_, {log[0], log[1]}), Each(AckState::kStored));
  EXPECT_THAT(Give(bastion_, {log[4], log[5]}), Each(AckState::kStored)) << "a gap may come";
  EXPECT_THAT(Give(bastion_, {log[2]}), Each(AckState::kStored));
  EXPECT_EQ(bastion_->StoredMarks({kHandA})->front().sequence, 3u);
  // One entry that fits the one before it and not the one behind it.
  LogEntry other = *DecodeLogEntry(log[3]);
  other.gate = 2;
  EXPECT_THAT(Give(bastion_, {SealLogEntry(other, DeviceKey(kHandA))}),
              ElementsAre(AckState::kRejected));
  EXPECT_THAT(Give(bastion_, {log[5], log[3], log[3]}),
              ElementsAre(AckState::kRepeated, AckState::kStored, AckState::kRepeated));
  EXPECT_EQ(bastion_->StoredMarks({kHandA})->front().sequence, 6u);
}

TEST_F(GateSyncTest, ARewrittenPastIsRejected) {
  Scan(a_, 1);
  Scan(a_, 2);
  const std::vector<std::string> log = LogOf(a_);
  Give(bastion_, log);
  LogEntry other = *DecodeLogEntry(log[1]);
  other.outcome = kLogRefused;
  EXPECT_THAT(Give(bastion_, {SealLogEntry(other, DeviceKey(kHandA))}),
              ElementsAre(AckState::kRejected));
  other.sequence = 3;  // genuine, but chained to nothing
  EXPECT_THAT(Give(bastion_, {SealLogEntry(other, DeviceKey(kHandA))}),
              ElementsAre(AckState::kRejected));
}

TEST_F(GateSyncTest, StrangersWaitAndRevokedDevicesAreNotBelieved) {
  LogEntry entry = *DecodeLogEntry([&] {
    Scan(a_, 1);
    return LogOf(a_)[0];
  }());
  entry.device = DeviceId{999};
  entry.scanner = DeviceId{999};
  const std::string stranger = SealLogEntry(entry, SeedKey('s'));
  EXPECT_THAT(Give(bastion_, {stranger}), ElementsAre(AckState::kLater));
  CopyDevice device{DeviceId{999}, SeedKey('s').public_key(), "new", false, false};
  ASSERT_OK(bastion_->AddDevices({device}));
  EXPECT_THAT(Give(bastion_, {stranger}), ElementsAre(AckState::kStored));

  CopyDevice stolen{kHandA, DeviceKey(kHandA).public_key(), "x", false, true};
  ASSERT_OK(bastion_->AddDevices({stolen}));
  EXPECT_THAT(Give(bastion_, LogOf(a_)), ElementsAre(AckState::kRejected));
  stolen.revoked = false;
  ASSERT_OK(bastion_->AddDevices({stolen}));
  EXPECT_TRUE(bastion_->FindDevice(kHandA)->revoked) << "a revocation is never undone";
  stolen.public_key = SeedKey('z').public_key();
  EXPECT_THAT(bastion_->AddDevices({stolen}), HasCode(ErrorCode::kConflict));
}

TEST_F(GateSyncTest, ClocksThatAreFarAheadRaiseAnAlarmAndAreNotFollowed) {
  env_.clock.Advance(Duration::Hours(3));
  Scan(a_, 1);
  env_.clock.SetNow(FakeClock::kStart);
  Give(bastion_, LogOf(a_));
  EXPECT_EQ(bastion_->GetStatus()->clock_alarms, 1u);
  Scan(bastion_, 2);
  EXPECT_LT(DecodeLogEntry(LogOf(bastion_)[0])->hlc.micros,
            (FakeClock::kStart + Duration::Minutes(5)).micros);
  EXPECT_EQ(Scan(bastion_, 1), Reason::kAlreadyUsed) << "its entries are believed all the same";
}

TEST_F(GateSyncTest, WhatWasLearntSortsBeforeWhatFollows) {
  env_.clock.Advance(Duration::Seconds(30));
  Scan(a_, 1);
  env_.clock.SetNow(FakeClock::kStart);
  Give(bastion_, LogOf(a_));
  Scan(bastion_, 1);
  EXPECT_GT(DecodeLogEntry(LogOf(bastion_)[0])->hlc, DecodeLogEntry(LogOf(a_)[0])->hlc);
}

TEST_F(GateSyncTest, EveryOrderOfArrivalEndsInTheSameState) {
  std::vector<std::string> all;
  for (uint64_t n = 0; n < 6; ++n) {
    Scan(a_, n % 4, 1);
    Scan(b_, n % 3, 2);
    env_.clock.Advance(Duration::Seconds(20));
  }
  for (Place* place : {&a_, &b_}) {
    for (std::string& entry : LogOf(*place)) all.push_back(std::move(entry));
  }
  std::map<Reason, uint64_t> scans = a_->GetStatus()->scans;
  const GateStatus status_of_b = *b_->GetStatus();
  for (const auto& [reason, count] : status_of_b.scans) scans[reason] += count;
  std::mt19937 rng(5);
  std::vector<Conflict> expected;
  for (int round = 0; round < 8; ++round) {
    std::shuffle(all.begin(), all.end(), rng);
    Place place(env_, kBastion2Id, DecidedBy::kBastion);
    for (size_t i = 0; i < all.size(); i += 3) {
      Give(place, {all.begin() + static_cast<ptrdiff_t>(i),
                   all.begin() + static_cast<ptrdiff_t>(std::min(i + 3, all.size()))});
    }
    if (round == 0) expected = *place->Conflicts();
    EXPECT_THAT(expected, SizeIs(3));
    EXPECT_EQ(*place->Conflicts(), expected);
    EXPECT_EQ(place->GetStatus()->scans, scans);
    EXPECT_EQ(place->StoredMarks({kHandA})->front().sequence, 6u);
  }
}

TEST_F(GateSyncTest, ChangesAreReadInStepsAndLeaveOutTheReadersOwn) {
  for (uint64_t n = 0; n < 5; ++n) Scan(a_, n);
  for (uint64_t n = 5; n < 8; ++n) Scan(b_, n);
  Give(bastion_, LogOf(a_));
  Give(bastion_, LogOf(b_));
  std::vector<std::string> seen;
  uint64_t cursor = 0;
  bool more = true;
  while (more) {
    ASSERT_OK_AND_ASSIGN(const Changes changes, bastion_->ChangesSince(cursor, 3, kHandB));
    EXPECT_EQ(changes.server, kBastionId);
    seen.insert(seen.end(), changes.entries.begin(), changes.entries.end());
    cursor = changes.cursor;
    more = changes.more;
  }
  EXPECT_EQ(seen, LogOf(a_));
  ASSERT_OK_AND_ASSIGN(const Changes rest, bastion_->ChangesSince(cursor, 3, kHandB));
  EXPECT_THAT(rest.entries, IsEmpty());
  EXPECT_THAT(rest.stored, ElementsAre(LogMark{kHandB, 3}));
  ASSERT_OK_AND_ASSIGN(const Changes lost, bastion_->ChangesSince(cursor + 100, 3, kHandB));
  EXPECT_THAT(lost.entries, SizeIs(3)) << "a cursor that we never gave begins again";
}

TEST_F(GateSyncTest, EntriesWaitUntilTheCloudHasAcknowledgedThem) {
  Place cloud(env_, kCloudId, DecidedBy::kCloud);
  for (uint64_t n = 0; n < 4; ++n) Scan(a_, n);
  Give(bastion_, LogOf(a_));
  EXPECT_EQ(bastion_->GetStatus()->waiting_for_cloud, 4u);
  ASSERT_OK_AND_ASSIGN(const PendingEntries pending, bastion_->PendingUpload(3, false));
  ASSERT_THAT(pending.entries, SizeIs(3));
  LogUploadResult result;
  ASSERT_OK_AND_ASSIGN(result.acks, cloud->TakeEntries(pending.entries, LogSource::kDevice));
  ASSERT_OK_AND_ASSIGN(result.stored, cloud->StoredMarks({kHandA}));
  EXPECT_THAT(result.stored, ElementsAre(LogMark{kHandA, 3}));
  ASSERT_OK(bastion_->AcknowledgeCloud(pending.entries, result));
  EXPECT_EQ(bastion_->GetStatus()->waiting_for_cloud, 1u);
  ASSERT_OK_AND_ASSIGN(const auto marks, bastion_->CloudMarks({kHandA}));
  ASSERT_OK(a_->ApplyCloudMarks(marks));
  EXPECT_EQ(a_->GetStatus()->waiting_for_cloud, 1u);
  result.acks.pop_back();
  EXPECT_THAT(bastion_->AcknowledgeCloud(pending.entries, result),
              HasCode(ErrorCode::kInvalidField));
  ASSERT_OK(a_->ApplyCloudMarks({{kHandA, 99}})) << "a mark beyond our log says nothing";
  EXPECT_EQ(a_->GetStatus()->waiting_for_cloud, 1u);
}

TEST_F(GateSyncTest, TheCloudsMarkNeverSkipsWhatItDoesNotHave) {
  Place cloud(env_, kCloudId, DecidedBy::kCloud);
  for (uint64_t n = 0; n < 4; ++n) Scan(a_, n);
  const std::vector<std::string> log = LogOf(a_);
  Give(cloud, {log[2], log[3]});
  EXPECT_EQ(cloud->StoredMarks({kHandA})->front().sequence, 0u);
  Give(cloud, {log[0], log[1]});
  EXPECT_EQ(cloud->StoredMarks({kHandA})->front().sequence, 4u);
}

TEST_F(GateSyncTest, ALogGoesOnBehindItsOwnPastThatComesBack) {
  Scan(bastion_, 1);
  Scan(bastion_, 2);
  Place restored(env_, kBastionId, DecidedBy::kBastion);
  Give(restored, LogOf(bastion_));
  EXPECT_EQ(Scan(restored, 1), Reason::kReread);
  EXPECT_EQ(Scan(restored, 3), Reason::kOk);
  EXPECT_THAT(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), LogOf(restored)), IsOk());
  EXPECT_THAT(LogOf(restored), SizeIs(4));
}

}  // namespace
}  // namespace ticketing
