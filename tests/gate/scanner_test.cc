#include "ticketing/gate/scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/gate/fixture.h"
#include "ticketing/env/server_clock.h"
#include "ticketing/sync/device_auth.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A server as bastion and cloud are: the paths of wire/sync_codec.h over an engine.
class TestServer final : public HttpClient {
 public:
  TestServer(TestEnv& env, Place& place) : env_(env), place_(&place) {}

  // Another machine, or another copy of its data, at the same address.
  void Replace(Place& place) { place_ = &place; }

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override {
    ++requests;
    if (down) return MakeError(ErrorCode::kUnavailable, "no route");
    if (delay >= timeout) {
      env_.clock.Advance(timeout);
      if (decides_though_late) (void)Answer(request);
      return MakeError(ErrorCode::kDeadlineExceeded, "too late");
    }
    env_.clock.Advance(delay);
    HttpResponse response = Answer(request);
    if (answer_lost) return MakeError(ErrorCode::kUnavailable, "the answer was lost");
    return response;
  }

  bool down = false;
  bool answer_lost = false;
  bool decides_though_late = false;
  Duration delay{};
  Duration clock_ahead{};
  bool old = false;  // a program that knows nothing of notes
  int requests = 0;

 private:
  HttpResponse Problem(int status) {
    HttpResponse response;
    response.status = status;
    response.headers.Set(kServerTimeHeader,
                         std::to_string((env_.clock.Now() + clock_ahead).micros));
    return response;
  }
  HttpResponse Answer(const HttpRequest& request) {
    const auto credential =
        ParseDeviceCredential(request.headers.Get("Authorization").value_or(""));
    if (!credential.ok()) return Problem(401);
    const auto device = (*place_)->FindDevice(credential->device);
    if (!device || device->revoked) return Problem(403);
    const Timestamp now = env_.clock.Now() + clock_ahead;
    if (!VerifyDeviceRequest(*credential, {request.method, request.target, request.body},
                             device->public_key, now)
             .ok() ||
        !nonces_.Accept(*credential, now)) {
      return Problem(401);
    }
    HttpResponse response;
    if (request.path() == kScansPath) {
      const auto answer = (*place_)->DecideFor(device->id, *DecodeScanRequest(request.body));
      if (!answer.ok()) return Problem(500);
      response.body = EncodeScanResponse(*answer);
    } else if (request.path() == kLogPath) {
      const LogUpload upload = *DecodeLogUpload(request.body);
      LogUploadResult result;
      result.acks = *(*place_)->TakeEntries(upload.entries, LogSource::kDevice);
      result.stored = *(*place_)->StoredMarks({device->id});
      result.cloud = *(*place_)->CloudMarks({device->id});
      response.body = EncodeLogUploadResult(result);
    } else if (request.path() == kChangesPath) {
      response.body = EncodeChanges(AnswerTo(request, device->id));
    } else {
      const auto copy =
          (*place_)->ReadEventCopy(12, std::stoull(std::string(request.query().substr(6))));
      if (!copy.ok()) return Problem(404);
      if (!copy->has_value()) return Problem(304);
      response.body = EncodeEventCopy(**copy);
    }
    return response;
  }

  Changes AnswerTo(const HttpRequest& request, DeviceId reader) {
    const auto query = *ParseQuery(request.query());
    const auto value = [&](std::string_view name) {
      for (const auto& [key, text] : query) {
        if (key == name) return text;
      }
      return std::string();
    };
    // The first programs gave log entries and devices to everybody.
    if (old) return *(*place_)->ChangesSince(std::stoull(value("after")), 500, reader);
    return *(*place_)->ChangesFor(
        *ReadChangesQuery(value("after"), value("passages"), value("devices")), reader);
  }

  TestEnv& env_;
  Place* place_;
  NonceWindow nonces_;
};

class ScannerTest : public ::testing::Test {
 protected:
  void SetUp() override { NewScanner(); }
  void NewScanner() { scanner_ = std::make_unique<Scanner>(*hand_, &cloud_link_, &bastion_link_); }
  ScanResult Scan(uint64_t n, uint16_t gate = 1) {
    auto result = scanner_->Scan(Code(n), At(gate));
    EXPECT_OK(result);
    return result.ok() ? *result : ScanResult{};
  }
  // Lets time pass with its background work.
  void Run(Duration span) {
    for (Duration t; t < span; t = t + Duration::Millis(250)) {
      env_.clock.Advance(Duration::Millis(250));
      while (scanner_->Tick()) {
      }
    }
  }

  TestEnv env_;
  Place hand_{env_, kHandA, DecidedBy::kAlone};
  Place other_{env_, kHandB, DecidedBy::kAlone};
  Place bastion_{env_, kBastionId, DecidedBy::kBastion};
  Place cloud_{env_, kCloudId, DecidedBy::kCloud};
  TestServer bastion_link_{env_, bastion_};
  TestServer cloud_link_{env_, cloud_};
  std::unique_ptr<Scanner> scanner_;
};

TEST_F(ScannerTest, TheModeFollowsTheNetwork) {
  EXPECT_EQ(Scan(0).mode, DecidedBy::kCloud);
  cloud_link_.down = true;
  EXPECT_EQ(Scan(1).mode, DecidedBy::kBastion) << "the budget serves for both";
  Scan(2);
  EXPECT_EQ(scanner_->mode(), DecidedBy::kBastion);
  bastion_link_.down = true;
  EXPECT_EQ(Scan(3).mode, DecidedBy::kAlone);
  Scan(4);
  EXPECT_EQ(scanner_->mode(), DecidedBy::kAlone);
  const int before = bastion_link_.requests + cloud_link_.requests;
  EXPECT_EQ(Scan(5).decision.reason, Reason::kOk);
  EXPECT_EQ(bastion_link_.requests + cloud_link_.requests, before) << "alone asks nobody";
  bastion_link_.down = false;
  Run(Duration::Seconds(20));
  EXPECT_EQ(scanner_->mode(), DecidedBy::kBastion);
  cloud_link_.down = false;
  Run(Duration::Seconds(40));
  EXPECT_EQ(scanner_->mode(), DecidedBy::kCloud);
  EXPECT_EQ(cloud_->GetStatus()->admitted, 6u) << "everything has arrived";
  EXPECT_EQ(hand_->GetStatus()->waiting_for_cloud, 0u);
}

TEST_F(ScannerTest, ASlowAnswerIsNotWaitedFor) {
  cloud_link_.delay = Duration::Seconds(9);
  bastion_link_.delay = Duration::Seconds(9);
  const Duration before = env_.clock.Monotonic();
  const ScanResult result = Scan(1);
  EXPECT_EQ(result.mode, DecidedBy::kAlone);
  EXPECT_EQ(result.decision.reason, Reason::kOk);
  EXPECT_LE(env_.clock.Monotonic() - before, limits::kDecisionBudget);
  EXPECT_LE(result.micros, limits::kDecisionBudget.micros);
}

TEST_F(ScannerTest, ARoadTooSlowForADecisionStaysDownThoughItCarriesLogs) {
  cloud_link_.down = true;
  bastion_link_.delay = Duration::Millis(400);
  Scan(1);
  Scan(2);
  ASSERT_EQ(scanner_->mode(), DecidedBy::kAlone);
  for (int second = 0; second < 20; ++second) {
    Run(Duration::Seconds(1));
    EXPECT_EQ(scanner_->mode(), DecidedBy::kAlone) << "after " << second << " s";
  }
  EXPECT_EQ(bastion_->GetStatus()->admitted, 2u) << "the log has got through";
  bastion_link_.delay = {};
  Run(Duration::Seconds(10));
  EXPECT_EQ(scanner_->mode(), DecidedBy::kBastion);
}

TEST_F(ScannerTest, ASlowCloudLeavesTheBastionItsShareOfTheBudget) {
  cloud_link_.delay = Duration::Seconds(9);
  bastion_link_.delay = Duration::Millis(100);
  const ScanResult result = Scan(1);
  EXPECT_EQ(result.mode, DecidedBy::kBastion);
  EXPECT_LE(result.micros, limits::kDecisionBudget.micros);
}

TEST_F(ScannerTest, AnAnswerThatCameTooLateCountsOnce) {
  cloud_link_.down = true;
  bastion_link_.delay = Duration::Seconds(1);
  bastion_link_.decides_though_late = true;
  EXPECT_EQ(Scan(1).mode, DecidedBy::kAlone);
  bastion_link_.delay = {};
  (void)scanner_->SyncNow();
  EXPECT_EQ(bastion_->GetStatus()->admitted, 1u);
  EXPECT_EQ(hand_->GetStatus()->admitted, 1u);
  EXPECT_THAT(*bastion_->Conflicts(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto scans, bastion_->ScansOfTicket(Ticket(1)));
  ASSERT_THAT(scans, SizeIs(1));
  EXPECT_EQ(scans[0].sources, 2u);
}

TEST_F(ScannerTest, OthersScansAreLearntInContact) {
  cloud_link_.down = true;
  ASSERT_OK(other_->Scan(Code(1), At(2)));
  ASSERT_OK(bastion_->TakeEntries(*other_->OwnEntries(1, 10), LogSource::kDevice));
  (void)scanner_->SyncNow();
  bastion_link_.down = true;
  EXPECT_EQ(Scan(1).decision.reason, Reason::kAlreadyUsed);
}

// A road on which whoever asks stands until it is opened.
class StuckRoad final : public HttpClient {
 public:
  StatusOr<HttpResponse> Send(const HttpRequest&, Duration) override {
    asked.set_value();
    opened.get_future().wait();
    return MakeError(ErrorCode::kUnavailable, "no answer");
  }
  std::promise<void> asked, opened;
};

TEST_F(ScannerTest, ABastionThatDoesNotAnswerKeepsNoNewsOfTheCloudBack) {
  ASSERT_OK(cloud_->Scan(Code(3), At(1)).status());
  StuckRoad stuck;
  Scanner scanner(*hand_, &cloud_link_, &stuck);
  std::thread stands([&] { (void)scanner.Tick(); });
  stuck.asked.get_future().wait();
  (void)scanner.Tick();
  const auto known = hand_->ScansOfTicket(Ticket(3));
  stuck.opened.set_value();
  stands.join();
  ASSERT_OK(known.status());
  EXPECT_THAT(*known, SizeIs(1));
}

TEST_F(ScannerTest, WhatPeersToldIsPassedOnToTheBastion) {
  cloud_link_.down = true;
  ASSERT_OK(other_->Scan(Code(1), At(2)));
  ASSERT_OK(hand_->TakeEntries(*other_->OwnEntries(1, 10), LogSource::kDevice));
  (void)scanner_->SyncNow();
  const ScanResult copy = Scan(1);
  EXPECT_EQ(copy.mode, DecidedBy::kBastion);
  EXPECT_EQ(copy.decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(hand_->GetStatus()->waiting_for_cloud, 1u) << "theirs is not ours to upload";
  const int before = bastion_link_.requests;
  (void)scanner_->SyncNow();
  (void)scanner_->SyncNow();
  EXPECT_LE(bastion_link_.requests - before, 3) << "passed on once";
  Place spare(env_, kBastion2Id, DecidedBy::kBastion);
  bastion_link_.Replace(spare);
  (void)scanner_->SyncNow();
  EXPECT_EQ(spare->GetStatus()->admitted, 1u) << "and to the next bastion again";
}

TEST_F(ScannerTest, ForgedCodesAreNotSentAnywhere) {
  TicketClaims claims;
  claims.key_id = 1;
  claims.event_number = 12;
  claims.ticket = Ticket(1);
  const int before = bastion_link_.requests + cloud_link_.requests;
  ASSERT_OK_AND_ASSIGN(const ScanResult forged,
                       scanner_->Scan(IssueTicketCode(claims, SeedKey('f')), At(1)));
  EXPECT_EQ(forged.decision.reason, Reason::kForged);
  ASSERT_OK(scanner_->Scan("typed by a cat", At(1)));
  EXPECT_EQ(bastion_link_.requests + cloud_link_.requests, before);
  EXPECT_EQ(hand_->GetStatus()->own_sequence, 2u) << "but they are logged";
}

TEST_F(ScannerTest, ANewBastionGetsWhatTheCloudDoesNotHave) {
  cloud_link_.down = true;
  Scan(1);
  Scan(2);
  (void)scanner_->SyncNow();
  EXPECT_EQ(bastion_->StoredMarks({kHandA})->front().sequence, 2u);
  bastion_link_.down = true;
  Scan(3);
  Scan(4);
  // Another machine at the same address: it knows the devices and nothing else.
  Place spare(env_, kBastion2Id, DecidedBy::kBastion);
  TestServer spare_link(env_, spare);
  Scanner moved(*hand_, nullptr, &spare_link);
  ASSERT_OK(moved.SyncNow());
  EXPECT_EQ(spare->GetStatus()->admitted, 4u);
  ASSERT_OK_AND_ASSIGN(const ScanResult again, moved.Scan(Code(1), At(2)));
  EXPECT_EQ(again.mode, DecidedBy::kBastion);
  EXPECT_EQ(again.decision.reason, Reason::kAlreadyUsed);
}

TEST_F(ScannerTest, ABastionRestoredFromAnOldCopyGetsTheRestAgain) {
  cloud_link_.down = true;
  Scan(1);
  (void)scanner_->SyncNow();
  Place old_copy(env_, kBastionId, DecidedBy::kBastion);
  ASSERT_OK(old_copy->TakeEntries(*hand_->OwnEntries(1, 1), LogSource::kDevice));
  Scan(2);
  Scan(3);
  (void)scanner_->SyncNow();
  bastion_link_.Replace(old_copy);
  (void)scanner_->SyncNow();
  EXPECT_EQ(old_copy->GetStatus()->admitted, 3u);
}

TEST_F(ScannerTest, AcknowledgementsTravelBackThroughTheBastion) {
  cloud_link_.down = true;
  Scan(1);
  Scan(2);
  (void)scanner_->SyncNow();
  EXPECT_EQ(hand_->GetStatus()->waiting_for_cloud, 2u) << "the bastion alone is not enough";
  cloud_link_.down = false;
  SyncLink up(env_.env(), cloud_link_, kBastionId, bastion_->key());
  SyncAgent agent(*bastion_, up, SyncPeer::kCloudForAll);
  ASSERT_OK(agent.Step());
  EXPECT_EQ(bastion_->GetStatus()->waiting_for_cloud, 0u);
  EXPECT_EQ(cloud_->GetStatus()->admitted, 2u);
  cloud_link_.down = true;
  (void)scanner_->SyncNow();
  EXPECT_EQ(hand_->GetStatus()->waiting_for_cloud, 0u);
}

TEST_F(ScannerTest, ANewBastionKnowsWhatTheCloudHas) {
  cloud_link_.down = true;
  Scan(1);
  Scan(2);
  (void)scanner_->SyncNow();
  cloud_link_.down = false;
  SyncLink up(env_.env(), cloud_link_, kBastionId, bastion_->key());
  SyncAgent agent(*bastion_, up, SyncPeer::kCloudForAll);
  ASSERT_OK(agent.Step());
  // It is lost before it could say so, and nobody scans any more.
  Place spare(env_, kBastion2Id, DecidedBy::kBastion);
  SyncLink spare_up(env_.env(), cloud_link_, kBastion2Id, spare->key());
  SyncAgent spare_agent(*spare, spare_up, SyncPeer::kCloudForAll);
  ASSERT_OK(spare_agent.Step());
  TestServer spare_link(env_, spare);
  Scanner moved(*hand_, nullptr, &spare_link);
  ASSERT_OK(moved.SyncNow());
  EXPECT_EQ(hand_->GetStatus()->waiting_for_cloud, 0u);
}

TEST_F(ScannerTest, EventCopiesComeAsSnapshotAndThenAsChanges) {
  cloud_link_.down = true;
  Place fresh(env_, kHandB, DecidedBy::kAlone);
  ASSERT_OK(fresh->RemoveEvent(12));
  Scanner scanner(*fresh, nullptr, &bastion_link_);
  ASSERT_OK(scanner.SyncNow());
  EXPECT_EQ(fresh->Events(), bastion_->Events());
  EventCopy next = TestEvent(2);
  next.tickets[1].status = 3;
  ASSERT_OK(bastion_->ApplyEventCopy(next));
  ASSERT_OK(scanner.SyncNow());
  bastion_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanResult result, scanner.Scan(Code(1), At(1)));
  EXPECT_EQ(result.decision.reason, Reason::kRevoked);
}

TEST_F(ScannerTest, AWrongClockIsCorrectedByTheServersTime) {
  cloud_link_.down = true;
  bastion_link_.clock_ahead = Duration::Hours(3);
  EXPECT_EQ(Scan(1).mode, DecidedBy::kBastion);
  EXPECT_EQ(Scan(2).mode, DecidedBy::kBastion);
}

// Without it a handheld whose clock is wrong would take every phone's code for a screenshot.
TEST_F(ScannerTest, RotatingCodesAreJudgedByTheServersTime) {
  constexpr Duration kBehind = Duration::Hours(3);
  bastion_link_.clock_ahead = kBehind;
  ServerClock clock(env_.clock);
  const Env env{clock, env_.random, env_.log, env_.metrics};
  TempDir dir;
  SqliteOptions options;
  options.data_dir = dir.path();
  SqliteDatabaseFactory factory(options);
  ASSERT_OK_AND_ASSIGN(const auto engine, GateEngine::Open(env, factory, "corrected",
                                                           DeviceKey(kHandB), ConfigOf(kHandB)));
  ASSERT_OK(engine->ApplyEventCopy(TestEvent()));
  ScannerConfig config;
  config.on_server_time = [&](Timestamp server, Duration sent, Duration received) {
    (void)clock.Learn(server, sent, received);
  };
  Scanner scanner(*engine, nullptr, &bastion_link_, config);
  const SigningKey phone = SeedKey('p');
  const std::string ticket =
      IssueRotatingTicket(
          {.key_id = 1, .event_number = 12, .ticket = Ticket(9), .zone = 1, .ticket_type = 3},
          phone.public_key(), IssuerKey())
          .value();
  const auto shown = [&] {
    return MakeRotatingCode(ticket, phone, env_.clock.Now() + kBehind).value();
  };
  bastion_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanResult before, scanner.Scan(shown(), At(1)));
  EXPECT_EQ(before.decision.reason, Reason::kExpiredCode);
  bastion_link_.down = false;
  ASSERT_OK(scanner.SyncNow());
  EXPECT_TRUE(clock.is_sure());
  bastion_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanResult after, scanner.Scan(shown(), At(1)));
  EXPECT_EQ(after.decision.reason, Reason::kOk);
}

TEST_F(ScannerTest, AnInterruptedScanIsTakenUpWithItsId) {
  cloud_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, hand_->BeginScan(Code(1), At(1)));
  // Killed here. The bastion had already been asked.
  ASSERT_OK(bastion_->DecideFor(
      kHandA, {intent.scan_id, Code(1), 0, 1, Direction::kEntry, intent.at, false}));
  hand_.Restart();
  NewScanner();
  env_.clock.Advance(Duration::Seconds(30));
  const ScanResult again = Scan(1);
  EXPECT_EQ(again.scan_id, intent.scan_id) << "reading it again is the same scan";
  EXPECT_EQ(again.decision.reason, Reason::kOk);
  EXPECT_EQ(bastion_->GetStatus()->admitted, 1u);
}

// Whoever was given the ticket is not told what its last owner was told, whose scan was never
// closed.
TEST_F(ScannerTest, ANewIssueDoesNotTakeUpTheScanOfTheOldOne) {
  cloud_link_.down = true;
  EventCopy renewed = TestEvent(2);
  renewed.tickets[1].issue = 1;
  ASSERT_OK(hand_->ApplyEventCopy(renewed));
  ASSERT_OK(bastion_->ApplyEventCopy(renewed));
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, hand_->BeginScan(Code(1), At(1)));
  ASSERT_OK_AND_ASSIGN(const ScanResponse old,
                       bastion_->DecideFor(kHandA, {intent.scan_id, Code(1), 0, 1,
                                                    Direction::kEntry, intent.at, false}));
  EXPECT_EQ(old.detail.reason, Reason::kSuperseded);
  env_.clock.Advance(Duration::Seconds(30));
  ASSERT_OK_AND_ASSIGN(const ScanResult fresh, scanner_->Scan(Code(1, 1), At(1)));
  EXPECT_NE(fresh.scan_id, intent.scan_id);
  EXPECT_EQ(fresh.decision.reason, Reason::kOk);
}

TEST_F(ScannerTest, AnAbandonedScanFreesTheTicketEverywhere) {
  cloud_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, hand_->BeginScan(Code(1), At(1)));
  ASSERT_OK(bastion_->DecideFor(
      kHandA, {intent.scan_id, Code(1), 0, 1, Direction::kEntry, intent.at, false}));
  hand_.Restart();
  NewScanner();
  env_.clock.Advance(kIntentLife + Duration::Seconds(1));
  EXPECT_THAT(*scanner_->Recover(), IsEmpty());
  (void)scanner_->SyncNow();
  EXPECT_EQ(bastion_->GetStatus()->admitted, 0u) << "nobody was let in";
  EXPECT_EQ(Scan(1).decision.reason, Reason::kOk);
}

// A full disk can take the answer and leave the question: nobody restarts for that.
TEST_F(ScannerTest, AScanThatNobodyFinishesIsClosedWithoutARestart) {
  cloud_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, hand_->BeginScan(Code(1), At(1)));
  ASSERT_OK(bastion_->DecideFor(
      kHandA, {intent.scan_id, Code(1), 0, 1, Direction::kEntry, intent.at, false}));
  Run(kIntentLife - Duration::Seconds(1));
  EXPECT_EQ(hand_->OpenIntents()->size(), 1u) << "its person may still be standing there";
  Run(Duration::Seconds(10));
  EXPECT_THAT(*hand_->OpenIntents(), IsEmpty());
  EXPECT_EQ(bastion_->GetStatus()->admitted, 0u) << "nobody was let in";
}

// What others let in is told in short, and refused alone all the same.
TEST_F(ScannerTest, PassagesOfOthersAreKnownWithoutTheirLogs) {
  cloud_link_.down = true;
  ASSERT_OK(bastion_->DecideFor(
      kHandB, {ScanId{9}, Code(1), 0, 2, Direction::kEntry, env_.clock.Now(), false}));
  ASSERT_OK(bastion_->DecideFor(
      kHandB, {ScanId{10}, Code(11), 0, 2, Direction::kEntry, env_.clock.Now(), false}));
  (void)scanner_->SyncNow();
  EXPECT_EQ(hand_->GetStatus()->admitted, 1u) << "the other one was at the wrong gate";
  hand_.Restart();
  NewScanner();
  bastion_link_.down = true;
  const ScanResult again = Scan(1);
  EXPECT_EQ(again.mode, DecidedBy::kAlone);
  EXPECT_EQ(again.decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(again.decision.first->gate, 2);
  EXPECT_THAT(*hand_->PendingUpload(100, true), Field(&PendingEntries::entries, SizeIs(1)))
      << "its own";
}

TEST_F(ScannerTest, AnAnnulledPassageIsTakenBack) {
  cloud_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanResult mistake, other_->Scan(Code(1), At(1)));
  ASSERT_OK(bastion_->TakeEntries(*other_->OwnEntries(1, 9), LogSource::kDevice));
  (void)scanner_->SyncNow();
  EXPECT_EQ(hand_->GetStatus()->admitted, 1u);
  ASSERT_OK(other_->Annul(mistake.scan_id));
  ASSERT_OK(bastion_->TakeEntries(*other_->OwnEntries(2, 9), LogSource::kDevice));
  (void)scanner_->SyncNow();
  EXPECT_EQ(hand_->GetStatus()->admitted, 0u);
  bastion_link_.down = true;
  EXPECT_EQ(Scan(1).decision.reason, Reason::kOk);
}

TEST_F(ScannerTest, AConflictIsFoundFromANote) {
  cloud_link_.down = true;
  bastion_link_.down = true;
  EXPECT_EQ(Scan(1).decision.reason, Reason::kOk);
  env_.clock.Advance(Duration::Seconds(5));
  ASSERT_OK_AND_ASSIGN(const ScanResult theirs, other_->Scan(Code(1), At(2)));
  ASSERT_OK(bastion_->TakeEntries(*other_->OwnEntries(1, 9), LogSource::kDevice));
  bastion_link_.down = false;
  (void)scanner_->SyncNow();
  ASSERT_OK_AND_ASSIGN(const std::vector<Conflict> conflicts, hand_->Conflicts());
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].second_scan, theirs.scan_id);
  EXPECT_EQ(conflicts, *bastion_->Conflicts()) << "the same on both sides";
}

// The bastion let the person in, its answer was lost, and told of it in a note: the scan that is
// still open gets that answer, not a second person.
TEST_F(ScannerTest, ALostAnswerThatComesAsANoteIsTheAnswer) {
  cloud_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, hand_->BeginScan(Code(1), At(1)));
  ASSERT_OK(bastion_->DecideFor(
      kHandA, {intent.scan_id, Code(1), 0, 1, Direction::kEntry, intent.at, false}));
  (void)scanner_->SyncNow();
  bastion_link_.down = true;
  const ScanResult result = Scan(1);
  EXPECT_EQ(result.scan_id, intent.scan_id);
  EXPECT_EQ(result.decision.reason, Reason::kOk);
  EXPECT_EQ(result.mode, DecidedBy::kBastion);
  EXPECT_EQ(hand_->GetStatus()->own_sequence, 1u) << "it is in the log as if it had come in time";
  EXPECT_EQ(hand_->GetStatus()->admitted, 1u) << "once";
  env_.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Scan(1).decision.reason, Reason::kAlreadyUsed);
}

// The bastion let in for us, nobody went through, and somebody else entered elsewhere: what looked
// like a double entry is none once our scan is closed.
TEST_F(ScannerTest, AnAbandonedScanTakesItsConflictBack) {
  cloud_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, hand_->BeginScan(Code(1), At(1)));
  ASSERT_OK(bastion_->DecideFor(
      kHandA, {intent.scan_id, Code(1), 0, 1, Direction::kEntry, intent.at, false}));
  env_.clock.Advance(Duration::Seconds(5));
  ASSERT_OK(other_->Scan(Code(1), At(2)));
  ASSERT_OK(bastion_->TakeEntries(*other_->OwnEntries(1, 9), LogSource::kDevice));
  (void)scanner_->SyncNow();
  EXPECT_THAT(*hand_->Conflicts(), SizeIs(1));
  ASSERT_OK(hand_->Abandon(intent));
  EXPECT_THAT(*hand_->Conflicts(), IsEmpty());
  (void)scanner_->SyncNow();
  EXPECT_THAT(*bastion_->Conflicts(), IsEmpty());
}

TEST_F(ScannerTest, ABastionOfTheFirstProgramsServes) {
  cloud_link_.down = true;
  bastion_link_.old = true;
  ASSERT_OK(bastion_->DecideFor(
      kHandB, {ScanId{9}, Code(1), 0, 2, Direction::kEntry, env_.clock.Now(), false}));
  (void)scanner_->SyncNow();
  EXPECT_EQ(hand_->GetStatus()->admitted, 1u);
  // It is replaced by a newer program: nobody is counted twice.
  bastion_link_.old = false;
  ASSERT_OK(bastion_->TakeEntries(*hand_->OwnEntries(1, 9), LogSource::kDevice));
  ASSERT_OK(bastion_->DecideFor(
      kHandB, {ScanId{11}, Code(2), 0, 2, Direction::kEntry, env_.clock.Now(), false}));
  (void)scanner_->SyncNow();
  EXPECT_EQ(hand_->GetStatus()->admitted, 2u);
}

TEST_F(ScannerTest, DevicesComeOnceAndAgainWhenTheyChange) {
  SyncLink link(env_.env(), bastion_link_, kHandA, hand_->key());
  ChangesQuery query;
  ASSERT_OK_AND_ASSIGN(const Changes first, link.Pull(query, Duration::Seconds(1)));
  EXPECT_FALSE(first.devices.empty());
  query.devices = first.devices_digest;
  ASSERT_OK_AND_ASSIGN(const Changes second, link.Pull(query, Duration::Seconds(1)));
  EXPECT_THAT(second.devices, IsEmpty());
  CopyDevice stolen = *bastion_->FindDevice(kHandB);
  stolen.revoked = true;
  ASSERT_OK(bastion_->AddDevices({stolen}));
  ASSERT_OK_AND_ASSIGN(const Changes third, link.Pull(query, Duration::Seconds(1)));
  EXPECT_FALSE(third.devices.empty());
  EXPECT_NE(third.devices_digest, first.devices_digest);
}

// The second of two servers that tell the same costs no write, until what it would have to repeat
// after a restart is much.
TEST_F(ScannerTest, WhatAnotherServerToldFirstIsNotWrittenAgain) {
  const auto decide = [this](uint64_t scan) {
    ASSERT_OK(bastion_->DecideFor(
        kHandB, {ScanId{scan}, Code(scan % 8), 0, 1, Direction::kEntry, env_.clock.Now(), false}));
  };
  SyncLink link(env_.env(), bastion_link_, kHandA, hand_->key());
  SyncAgent first(*hand_, link, SyncPeer::kBastion);
  SyncAgent second(*hand_, link, SyncPeer::kCloud);
  decide(1'000);
  ASSERT_OK(first.Step());
  EXPECT_EQ(*hand_->Setting("bastion.cursor"), 1);
  ASSERT_OK(second.Step());
  EXPECT_EQ(*hand_->Setting("cloud.cursor"), 0);
  EXPECT_EQ(hand_->GetStatus()->admitted, 1u);
  for (uint64_t scan = 1'001; scan <= 2'002; ++scan) decide(scan);
  ASSERT_OK(first.Step());
  ASSERT_OK(second.Step());
  EXPECT_EQ(*hand_->Setting("cloud.cursor"), 1'003);
}

TEST_F(ScannerTest, AnswersToSomethingElseAreNotBelieved) {
  cloud_link_.down = true;
  ASSERT_OK_AND_ASSIGN(const ScanIntent intent, hand_->BeginScan(Code(1), At(1)));
  ASSERT_OK_AND_ASSIGN(
      ScanResponse other,
      bastion_->DecideFor(kHandA, {ScanId{9}, Code(2), 0, 1, Direction::kEntry, intent.at, false}));
  EXPECT_THAT(hand_->RecordAnswer(intent, other, DecidedBy::kBastion),
              HasCode(ErrorCode::kLogBroken));
  ASSERT_OK_AND_ASSIGN(other, bastion_->DecideFor(kHandA, {ScanId{8}, Code(1), 0, 1,
                                                           Direction::kEntry, intent.at, false}));
  EXPECT_THAT(hand_->RecordAnswer(intent, other, DecidedBy::kBastion),
              HasCode(ErrorCode::kLogBroken))
      << "the same ticket, another scan";
  ASSERT_OK_AND_ASSIGN(ScanResponse good,
                       bastion_->DecideFor(kHandA, {intent.scan_id, Code(1), 0, 1,
                                                    Direction::kEntry, intent.at, false}));
  LogEntry entry = *DecodeLogEntry(good.entry);
  ScanResponse forged = good;
  forged.entry = SealLogEntry(entry, SeedKey('f'));
  EXPECT_THAT(hand_->RecordAnswer(intent, forged, DecidedBy::kBastion),
              HasCode(ErrorCode::kLogBroken));
  EXPECT_OK(hand_->RecordAnswer(intent, good, DecidedBy::kBastion));
}

TEST_F(ScannerTest, NoTicketCodeIsKeptOnceItsScanIsOver) {
  Scan(1);
  Scan(2);
  ASSERT_OK_AND_ASSIGN(const auto intents, hand_->OpenIntents());
  EXPECT_THAT(intents, SizeIs(1));
  EXPECT_FALSE(env_.log.Contains(Code(1)));
}

}  // namespace
}  // namespace ticketing
