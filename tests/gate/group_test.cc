// Scans that wait at the same time share a transaction and a signature. What is said of a run of
// entries here is said of what other devices take and refuse of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/gate/fixture.h"
#include "ticketing/env/fiber.h"
#include "ticketing/env/wait.h"

namespace ticketing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Keeps writes back until they are let go, and fails them when told to.
class HeldDatabase final : public Database {
 public:
  struct Plan {
    bool held = false;
    bool fails = false;        // after everything was done, before it is durable
    bool fails_early = false;  // before anything is done
    std::vector<std::function<void()>> waiting;
  };
  HeldDatabase(std::unique_ptr<Database> inner, Plan& plan)
      : inner_(std::move(inner)), plan_(plan) {}
  Status Read(const SqlFunction& fn) override { return inner_->Read(fn); }
  Status Write(const SqlFunction& fn) override {
    if (plan_.fails_early) return MakeError(ErrorCode::kUnavailable, "The disk is gone.");
    return inner_->Write([&](SqlTransaction& tx) -> Status {
      TICKETING_RETURN_IF_ERROR(fn(tx));
      return plan_.fails ? MakeError(ErrorCode::kUnavailable, "The disk is full.") : OkStatus();
    });
  }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
    if (!plan_.held) return done(Write(fn));
    plan_.waiting.push_back(
        [this, fn = std::move(fn), done = std::move(done)] { done(Write(fn)); });
  }

 private:
  const std::unique_ptr<Database> inner_;
  Plan& plan_;
};

// Tasks that wait, all on the thread of the test.
class Tasks final : public FiberHost {
 public:
  void Add(std::function<void()> task) {
    fibers_.push_back(std::make_unique<Fiber>(this));
    fibers_.back()->Start([task = std::move(task)] {
      const WaitsAside aside;
      task();
    });
    ready_.push_back(fibers_.back().get());
  }
  // Until all of them wait or are done.
  void Run() {
    while (!ready_.empty()) {
      Fiber& fiber = *ready_.front();
      ready_.pop_front();
      fiber.Run();
      if (!fiber.idle() && !fiber.Park()) ready_.push_back(&fiber);
    }
  }
  void Ready(Fiber& fiber) override { ready_.push_back(&fiber); }
  void BeginBlocking() override {}
  void EndBlocking() override {}
  uint32_t AwaitEvents(int, uint32_t, int64_t) override { return 0; }

 private:
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::deque<Fiber*> ready_;
};

class GroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    ASSERT_OK(gate_->ApplyEventCopy(TestEvent()));
  }
  void Open() {
    gate_.reset();
    SqliteOptions options;
    options.data_dir = dir_.path();
    options.single_threaded = true;
    SqliteDatabaseFactory sqlite(options);
    Factory held{sqlite, plan_};
    auto gate = GateEngine::Open(env_.env(), held, "gate", DeviceKey(kBastionId),
                                 ConfigOf(kBastionId, DecidedBy::kBastion));
    ASSERT_OK(gate);
    gate_ = *std::move(gate);
  }

  struct Asked {
    uint64_t ticket = 0;
    uint64_t scan = 0;  // zero: the engine makes the id
    uint16_t gate = 1;
    DeviceId scanner = {};  // zero: two of them take turns
  };
  // All at once: they wait until all wait, then one transaction answers them.
  std::vector<StatusOr<ScanResult>> Scan(const std::vector<Asked>& scans) {
    const StatusOr<ScanResult> none = MakeError(ErrorCode::kInternal, "no answer");
    std::vector<StatusOr<ScanResult>> results(scans.size(), none);
    Tasks tasks;
    plan_.held = true;
    for (size_t i = 0; i < scans.size(); ++i) {
      tasks.Add([&, i] {
        ScanContext context = At(scans[i].gate);
        context.scanner = scans[i].scanner ? scans[i].scanner : i % 2 == 0 ? kHandA : kHandB;
        if (scans[i].scan != 0) context.scan_id = ScanId{scans[i].scan};
        results[i] = gate_->Scan(Code(scans[i].ticket), context);
      });
    }
    tasks.Run();
    plan_.held = false;
    EXPECT_THAT(plan_.waiting, SizeIs(1)) << "one write for all";
    for (const auto& write : std::exchange(plan_.waiting, {})) write();
    tasks.Run();
    return results;
  }
  std::vector<StatusOr<ScanResult>> ScanMany(size_t count) {
    std::vector<Asked> scans;
    for (size_t i = 0; i < count; ++i) scans.push_back({i % 20, 1000 + i});
    return Scan(scans);
  }
  std::vector<std::string> Log() { return *gate_->OwnEntries(1, 500); }
  static std::vector<bool> Signed(const std::vector<std::string>& log) {
    std::vector<bool> is_signed;
    for (const std::string& entry : log) is_signed.push_back(CarriesSignature(entry));
    return is_signed;
  }
  static Reason ReasonOf(const StatusOr<ScanResult>& result) {
    return result.ok() ? result->decision.reason : Reason{};
  }

  TestEnv env_;
  HeldDatabase::Plan plan_;
  TempDir dir_;
  std::unique_ptr<GateEngine> gate_;

 private:
  struct Factory final : public DatabaseFactory {
    Factory(DatabaseFactory& to, HeldDatabase::Plan& its_plan) : inner(to), plan(its_plan) {}
    StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                             const std::vector<Migration>& schema) override {
      TICKETING_ASSIGN_OR_RETURN(auto database, inner.Open(name, schema));
      return std::unique_ptr<Database>(new HeldDatabase(std::move(database), plan));
    }
    DatabaseFactory& inner;
    HeldDatabase::Plan& plan;
  };
};

TEST_F(GroupTest, TheLastOfThemSignsForAll) {
  for (const auto& result : Scan({{1, 101}, {2, 102}, {3, 103}})) {
    EXPECT_EQ(ReasonOf(result), Reason::kOk);
  }
  EXPECT_THAT(Signed(Log()), ElementsAre(false, false, true));
  ASSERT_OK(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), Log()));
  // A scan that comes alone is signed as ever, and the log goes on behind it.
  EXPECT_EQ(ReasonOf(Scan({{4, 104}})[0]), Reason::kOk);
  Open();
  EXPECT_EQ(ReasonOf(Scan({{5, 105}})[0]), Reason::kOk);
  EXPECT_THAT(Signed(Log()), ElementsAre(false, false, true, true, true));
  EXPECT_OK(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), Log()));
}

TEST_F(GroupTest, OfTwoScansOfATicketOneIsAdmitted) {
  const auto results = Scan({{1, 101, 1}, {1, 102, 2}, {2, 103, 1}, {1, 104, 2}});
  EXPECT_EQ(ReasonOf(results[0]), Reason::kOk);
  EXPECT_EQ(ReasonOf(results[1]), Reason::kAlreadyUsed);
  EXPECT_EQ(ReasonOf(results[2]), Reason::kOk);
  EXPECT_EQ(ReasonOf(results[3]), Reason::kAlreadyUsed);
  EXPECT_EQ(gate_->GetStatus()->admitted, 2u);
  EXPECT_THAT(*gate_->Conflicts(), IsEmpty());
}

TEST_F(GroupTest, AChildSeesItsHolderGoInBeforeIt) {
  EventCopy copy = TestEvent(2);
  CopyTicketType child{4, "child", "Menor"};
  child.companions_per_holder = 1;
  copy.header.ticket_types.push_back(child);
  copy.tickets[3].ticket_type = copy.tickets[4].ticket_type = 4;
  for (const size_t n : {2, 3, 4}) copy.tickets[n].group = 1;
  ASSERT_OK(gate_->ApplyEventCopy(copy));
  const auto results = Scan({{3, 101}, {2, 102}, {3, 103}, {4, 104}});
  EXPECT_EQ(ReasonOf(results[0]), Reason::kHolderFirst);
  EXPECT_EQ(ReasonOf(results[1]), Reason::kOk);
  EXPECT_EQ(ReasonOf(results[2]), Reason::kOk);
  EXPECT_EQ(ReasonOf(results[3]), Reason::kHolderFirst) << "its holder came with the other";
}

TEST_F(GroupTest, IdsThatAreMadeHereAreEachAnothers) {
  const auto results = Scan({{1}, {2}, {3}, {4, 101}, {5}});
  std::set<ScanId> ids;
  for (const auto& result : results) {
    ASSERT_OK(result);
    EXPECT_EQ(ReasonOf(result), Reason::kOk);
    ids.insert(result->scan_id);
    EXPECT_OK(gate_->IsAnnulled(result->scan_id)) << "it is known by the id that was told";
  }
  EXPECT_THAT(ids, SizeIs(5));
  EXPECT_EQ(gate_->GetStatus()->admitted, 5u);
}

TEST_F(GroupTest, TheSameScanTwiceGetsTheSameAnswer) {
  const auto results = Scan({{1, 101}, {2, 102}, {1, 101}, {3, 103}});
  EXPECT_EQ(ReasonOf(results[2]), Reason::kOk);
  ASSERT_OK(results[2]);
  EXPECT_TRUE(results[2]->decision.replayed);
  EXPECT_EQ(results[2]->entry, results[0]->entry) << "the entry, not another one";
  EXPECT_THAT(Log(), SizeIs(3));
  EXPECT_OK(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), Log()));
}

TEST_F(GroupTest, TheSameScanTwiceInARowGetsTheSameAnswer) {
  const auto results = Scan({{1, 101, 1, kHandA}, {1, 101, 1, kHandA}, {2, 102, 1, kHandA}});
  ASSERT_OK(results[1]);
  EXPECT_TRUE(results[1]->decision.replayed);
  EXPECT_EQ(results[1]->entry, results[0]->entry);
  EXPECT_FALSE(results[1]->entry.empty()) << "its record was written before it was answered";
  EXPECT_THAT(Log(), SizeIs(2));
}

TEST_F(GroupTest, WhatOneAsksInVainIsItsOwnAffair) {
  const auto results = Scan({{1, 101}, {4, 101}, {2, 101}, {3, 103}});
  EXPECT_EQ(ReasonOf(results[0]), Reason::kOk);
  EXPECT_EQ(ReasonOf(results[1]), Reason::kOk) << "the id of another scanner";
  EXPECT_THAT(results[2], HasCode(ErrorCode::kConflict)) << "a scan id of another ticket";
  EXPECT_EQ(ReasonOf(results[3]), Reason::kOk);
  EXPECT_THAT(Log(), SizeIs(3));
  EXPECT_OK(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), Log()));
}

TEST_F(GroupTest, WhatTheDiskDoesNotTakeIsTakenOfNobody) {
  for (bool HeldDatabase::Plan::*fault :
       {&HeldDatabase::Plan::fails, &HeldDatabase::Plan::fails_early}) {
    plan_.*fault = true;
    for (const auto& result : Scan({{1, 101}, {2, 102}, {3, 103}})) {
      EXPECT_THAT(result, HasCode(ErrorCode::kUnavailable));
    }
    plan_.*fault = false;
    EXPECT_THAT(Log(), IsEmpty());
    EXPECT_EQ(gate_->GetStatus()->admitted, 0u);
  }
  // Nothing is remembered of it, either: the same scans are decided now.
  for (const auto& result : Scan({{1, 101}, {2, 102}, {3, 103}})) {
    EXPECT_EQ(ReasonOf(result), Reason::kOk);
  }
  EXPECT_THAT(Log(), SizeIs(3));
  EXPECT_OK(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), Log()));
}

TEST_F(GroupTest, ALongRunIsSignedInBetween) {
  ScanMany(300);
  const std::vector<std::string> log = Log();
  ASSERT_THAT(log, SizeIs(300));
  EXPECT_TRUE(CarriesSignature(log[kLogRunMax]));
  EXPECT_TRUE(CarriesSignature(log.back()));
  EXPECT_OK(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), log));
}

// A handheld that does not know entries without signature gets one that it can check.
TEST_F(GroupTest, AnAnswerIsSignedForWhoWantsItSigned) {
  Scan({{1, 101}, {2, 102}});
  ScanRequest request;
  request.scan = ScanId{101};
  request.text = Code(1);
  request.gate = 1;
  ASSERT_OK_AND_ASSIGN(const ScanResponse plain,
                       gate_->DecideFor(kHandA, request, AnswerForm::kAsLogged));
  EXPECT_EQ(plain.entry, Log()[0]);
  ASSERT_OK_AND_ASSIGN(const ScanResponse old, gate_->DecideFor(kHandA, request));
  EXPECT_TRUE(IsLogEntryGenuine(old.entry, DeviceKey(kBastionId).public_key()));
  LogEntry told = *DecodeLogEntry(old.entry);
  told.signature.clear();
  EXPECT_EQ(told, *DecodeLogEntry(plain.entry)) << "the same in every word";
}

class RunTest : public GroupTest {
 protected:
  void SetUp() override {
    GroupTest::SetUp();
    cloud_ = std::make_unique<Place>(env_, kCloudId, DecidedBy::kCloud);
    Scan({{1, 101}, {2, 102}, {3, 103}, {4, 104}});
    log_ = Log();
    ASSERT_THAT(log_, SizeIs(4));
  }
  std::vector<std::string> Give(const std::vector<std::string>& entries) {
    auto acks = (*cloud_)->TakeEntries(entries, LogSource::kBastion);
    EXPECT_OK(acks);
    std::vector<std::string> told;
    for (const LogAck& ack : *acks) {
      const char* const states[] = {"", "stored", "repeated", "", "later"};
      told.push_back(ack.state == AckState::kRejected ? ack.error
                                                      : states[static_cast<size_t>(ack.state)]);
    }
    return told;
  }
  uint64_t Stored() { return (*cloud_)->StoredMarks({kBastionId})->front().sequence; }

  std::unique_ptr<Place> cloud_;
  std::vector<std::string> log_;
};

TEST_F(RunTest, IsTakenWholeAndOnce) {
  EXPECT_THAT(Give(log_), Each("stored"));
  EXPECT_THAT(Give(log_), Each("repeated"));
  EXPECT_EQ(Stored(), 4u);
  EXPECT_EQ((*cloud_)->GetStatus()->admitted, 4u);
}

TEST_F(RunTest, WithoutItsEndItIsRefused) {
  EXPECT_THAT(Give({log_[0], log_[1], log_[2]}), Each(std::string(kLogUnproven)));
  EXPECT_EQ(Stored(), 0u);
  EXPECT_EQ((*cloud_)->GetStatus()->admitted, 0u);
  EXPECT_THAT(Give(log_), Each("stored")) << "it can still come whole";
}

TEST_F(RunTest, IsTakenInAnyOrder) {
  EXPECT_THAT(Give({log_[3], log_[1], log_[0], log_[2]}), Each("stored"));
  EXPECT_EQ(Stored(), 4u);
}

TEST_F(RunTest, ABrokenEntryHurtsOnlyItselfAndThoseBeforeIt) {
  std::vector<std::string> poisoned = log_;
  poisoned[1][99] = static_cast<char>(poisoned[1][99] ^ 3);  // refused instead of admitted
  EXPECT_THAT(Give(poisoned), ElementsAre(kLogUnproven, kLogUnproven, "stored", "stored"));
  EXPECT_EQ((*cloud_)->GetStatus()->admitted, 2u);
  EXPECT_THAT(Give(log_), ElementsAre("stored", "stored", "repeated", "repeated"))
      << "what its device has is whole";
  EXPECT_EQ(Stored(), 4u);
  EXPECT_EQ((*cloud_)->GetStatus()->admitted, 4u);
}

TEST_F(RunTest, WhatCannotBeReadHurtsNobodyBehindIt) {
  std::vector<std::string> poisoned = log_;
  poisoned[2][0] = 9;  // a version that is not known
  EXPECT_THAT(Give(poisoned), ElementsAre(kLogUnproven, kLogUnproven, "log-broken", "stored"));
}

TEST_F(RunTest, AnotherSignatureIsOfNoHelp) {
  Scan({{5, 105}, {6, 106}});
  const std::vector<std::string> next = *gate_->OwnEntries(5, 10);
  std::vector<std::string> mixed = {log_[0], log_[1], log_[2], next[0], next[1]};
  EXPECT_THAT(Give(mixed),
              ElementsAre(kLogUnproven, kLogUnproven, kLogUnproven, "stored", "stored"));
  LogEntry stranger = *DecodeLogEntry(log_[3]);
  EXPECT_THAT(Give({log_[0], log_[1], log_[2], SealLogEntry(stranger, SeedKey('x'))}),
              ElementsAre(kLogUnproven, kLogUnproven, kLogUnproven, "log-broken"));
}

// What its owner is refused for is said of each entry; that one speaks for another does not help a
// device that was shut out.
TEST_F(RunTest, OfADeviceThatWasShutOutNothingIsTakenFromItself) {
  std::vector<CopyDevice> devices = {
      {kBastionId, DeviceKey(kBastionId).public_key(), "x", true, true}};
  ASSERT_OK((*cloud_)->AddDevices(devices));
  auto acks = (*cloud_)->TakeEntries(log_, LogSource::kDevice);
  ASSERT_OK(acks);
  EXPECT_THAT(*acks, Each(Field(&LogAck::error, "device-revoked")));
  EXPECT_THAT(Give(log_), Each("stored")) << "what a bastion took before it heard of it";
}

TEST_F(RunTest, BatchesEndWithASignature) {
  Scan({{5, 105}, {6, 106}});
  EXPECT_THAT(*gate_->OwnEntries(1, 5), SizeIs(4))
      << "the fifth without the sixth is worth nothing";
  EXPECT_THAT(*gate_->OwnEntries(2, 5), SizeIs(5)) << "from within a run";
  ASSERT_OK_AND_ASSIGN(const PendingEntries pending, gate_->PendingUpload(5, false));
  EXPECT_THAT(pending.entries, SizeIs(4));
  EXPECT_TRUE(pending.more);
  ASSERT_OK_AND_ASSIGN(const PendingEntries rest,
                       gate_->PendingUpload(5, false, pending.next_after));
  EXPECT_THAT(rest.entries, SizeIs(2));
  EXPECT_FALSE(rest.more);
  ASSERT_OK_AND_ASSIGN(const Changes changes, gate_->ChangesSince(0, 5, kHandA));
  EXPECT_THAT(changes.entries, SizeIs(4));
  EXPECT_TRUE(changes.more);
  ASSERT_OK_AND_ASSIGN(const Changes later, gate_->ChangesSince(changes.cursor, 5, kHandA));
  EXPECT_THAT(later.entries, SizeIs(2));
  // Fewer than a run are asked for: it comes whole all the same.
  EXPECT_THAT(*gate_->OwnEntries(1, 2), SizeIs(4));
}

// The cloud took all of a run but one, which has to wait: it is told again with its proof.
TEST_F(RunTest, OneThatWaitsIsToldWithItsProof) {
  LogUploadResult result;
  result.acks = {{AckState::kStored, ""},
                 {AckState::kLater, ""},
                 {AckState::kStored, ""},
                 {AckState::kStored, ""}};
  ASSERT_OK(gate_->AcknowledgeCloud(log_, result));
  ASSERT_OK_AND_ASSIGN(const PendingEntries pending, gate_->PendingUpload(500, false));
  EXPECT_THAT(pending.entries, ElementsAre(log_[1], log_[2], log_[3]));
  EXPECT_THAT(Give(pending.entries), Each("stored"));
}

// Its entries go on through others' hands: a bastion that follows, a file, the cloud.
TEST_F(RunTest, GoesOnThroughOtherHands) {
  Place other(env_, kBastion2Id, DecidedBy::kBastion);
  ASSERT_OK_AND_ASSIGN(const Changes changes, gate_->ChangesSince(0, 500, kBastion2Id));
  ASSERT_OK(other->TakeEntries(changes.entries, LogSource::kBastion));
  ASSERT_OK_AND_ASSIGN(const PendingEntries pending, other->PendingUpload(500, false));
  EXPECT_EQ(pending.entries, log_);
  EXPECT_THAT(Give(pending.entries), Each("stored"));
  // A place that lost its data gets its own log back and goes on behind it.
  Place again(env_, kBastionId, DecidedBy::kBastion);
  ASSERT_OK(again->TakeEntries(other->ChangesSince(0, 500, kHandA)->entries, LogSource::kBastion));
  ASSERT_OK(again->Scan(Code(5), At(1)));
  ASSERT_OK_AND_ASSIGN(const auto whole, again->OwnEntries(1, 500));
  EXPECT_THAT(whole, SizeIs(5));
  EXPECT_OK(VerifyLog(kBastionId, DeviceKey(kBastionId).public_key(), whole));
}

}  // namespace
}  // namespace ticketing
