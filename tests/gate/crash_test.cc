// What is left after a crash or a failing disk at every single write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/gate/fixture.h"
#include "ticketing/gate/scanner.h"
#include "ticketing/testing/fake_http_client.h"

namespace ticketing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// When a write fails: before anything happens, in the middle (all of it is undone), or after it is
// durable but before the caller hears of it, as when the process is killed there.
enum class Fault { kBefore, kUndone, kUnheard };

struct FaultPlan {
  int writes_left = 1 << 30;  // the write after these fails, and every later one
  Fault fault = Fault::kBefore;
};

class FailingDatabase final : public Database {
 public:
  FailingDatabase(std::unique_ptr<Database> inner, FaultPlan& plan)
      : inner_(std::move(inner)), plan_(plan) {}

  Status Read(const SqlFunction& fn) override { return inner_->Read(fn); }
  Status Write(const SqlFunction& fn) override {
    if (plan_.writes_left-- > 0) return inner_->Write(fn);
    const Status dead = MakeError(ErrorCode::kUnavailable, "The disk is gone.");
    if (plan_.writes_left < -1 || plan_.fault == Fault::kBefore) return dead;
    if (plan_.fault == Fault::kUnheard) {
      EXPECT_OK(inner_->Write(fn));
      return dead;
    }
    return inner_->Write([&](SqlTransaction& tx) -> Status {
      TICKETING_RETURN_IF_ERROR(fn(tx));
      return dead;
    });
  }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override { done(Write(fn)); }

 private:
  const std::unique_ptr<Database> inner_;
  FaultPlan& plan_;
};

class FailingFactory final : public DatabaseFactory {
 public:
  FailingFactory(DatabaseFactory& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(auto database, inner_.Open(name, schema));
    return std::unique_ptr<Database>(new FailingDatabase(std::move(database), plan_));
  }

 private:
  DatabaseFactory& inner_;
  FaultPlan& plan_;
};

class CrashTest : public ::testing::TestWithParam<Fault> {
 protected:
  std::unique_ptr<GateEngine> Open(DeviceId device, DecidedBy as, TempDir& dir, FaultPlan& plan) {
    SqliteOptions options;
    options.data_dir = dir.path();
    options.single_threaded = true;
    SqliteDatabaseFactory sqlite(options);
    FailingFactory failing(sqlite, plan);
    auto engine =
        GateEngine::Open(env_.env(), failing, "gate", DeviceKey(device), ConfigOf(device, as));
    EXPECT_OK(engine);
    return engine.ok() ? *std::move(engine) : nullptr;
  }
  std::unique_ptr<GateEngine> Healthy(TempDir& dir) {
    plan_ = FaultPlan{};
    return Open(kHandA, DecidedBy::kAlone, dir, plan_);
  }

  // A bastion behind an HTTP client: answers scans as its service does.
  void Serve(GateEngine& bastion, FakeHttpClient& http) {
    http.SetFallback([&](const HttpRequest& request) -> StatusOr<HttpResponse> {
      TICKETING_ASSIGN_OR_RETURN(const ScanRequest scan, DecodeScanRequest(request.body));
      TICKETING_ASSIGN_OR_RETURN(const ScanResponse answer, bastion.DecideFor(kHandA, scan));
      HttpResponse response;
      response.body = EncodeScanResponse(answer);
      return response;
    });
  }

  TestEnv env_;
  FaultPlan plan_;
};

TEST_P(CrashTest, AnEngineLeavesNothingOrAllOfAScan) {
  TempDir dir;
  ASSERT_OK(Healthy(dir)->ApplyEventCopy(TestEvent()));
  uint64_t next = 0;
  auto gate = Healthy(dir);
  for (int round = 0; round < 6; ++round, ++next) {
    plan_ = {0, GetParam()};
    ScanContext context = At(1);
    context.scan_id = ScanId{100 + next};
    EXPECT_THAT(gate->Scan(Code(next), context), HasCode(ErrorCode::kUnavailable))
        << "an answer that is not durable is not given";
    gate.reset();
    gate = Healthy(dir);
    ASSERT_NE(gate, nullptr);
    ASSERT_OK_AND_ASSIGN(const ScanResult again, gate->Scan(Code(next), context));
    EXPECT_EQ(again.decision.reason, Reason::kOk) << "the retry of the same scan is not a re-use";
    EXPECT_EQ(gate->GetStatus()->admitted, next + 1);
  }
  ASSERT_OK_AND_ASSIGN(const auto log, gate->OwnEntries(1, 100));
  EXPECT_THAT(log, SizeIs(6)) << "each scan is in the log once";
  EXPECT_OK(VerifyLog(kHandA, DeviceKey(kHandA).public_key(), log));
}

// Kills the handheld at its first, second, ... write of a scan that the bastion decides, starts it
// again and recovers: the person gets one answer, both logs agree, nothing is counted twice.
TEST_P(CrashTest, AScannerFinishesAfterAKillAtEveryWrite) {
  for (int writes = 0; writes < 4; ++writes) {
    TempDir hand_dir, bastion_dir;
    FaultPlan bastion_plan;
    auto bastion = Open(kBastionId, DecidedBy::kBastion, bastion_dir, bastion_plan);
    ASSERT_OK(bastion->ApplyEventCopy(TestEvent()));
    FakeHttpClient http;
    Serve(*bastion, http);
    auto gate = Healthy(hand_dir);
    ASSERT_OK(gate->ApplyEventCopy(TestEvent()));
    bool answered = false;
    {
      Scanner scanner(*gate, nullptr, &http);
      plan_ = {writes, GetParam()};
      answered = scanner.Scan(Code(1), At(1)).ok();
    }
    gate.reset();
    gate = Healthy(hand_dir);
    Scanner scanner(*gate, nullptr, &http);
    ASSERT_OK_AND_ASSIGN(const auto recovered, scanner.Recover());
    env_.clock.Advance(Duration::Seconds(20));
    ASSERT_OK_AND_ASSIGN(const ScanResult later, scanner.Scan(Code(1), At(1)));
    const bool shown = answered || !recovered.empty();
    // Somebody whose scan left no trace simply scans again.
    EXPECT_EQ(later.decision.reason, shown ? Reason::kAlreadyUsed : Reason::kOk)
        << "writes " << writes;
    for (const ScanResult& result : recovered) EXPECT_EQ(result.decision.reason, Reason::kOk);
    EXPECT_EQ(gate->GetStatus()->admitted, 1u);
    EXPECT_EQ(bastion->GetStatus()->admitted, 1u);
    ASSERT_OK_AND_ASSIGN(const auto log, gate->OwnEntries(1, 100));
    ASSERT_OK(VerifyLog(kHandA, DeviceKey(kHandA).public_key(), log));
    ASSERT_OK(bastion->TakeEntries(log, LogSource::kDevice));
    EXPECT_EQ(bastion->GetStatus()->admitted, 1u);
    EXPECT_THAT(*bastion->Conflicts(), IsEmpty());
    EXPECT_THAT(*gate->OpenIntents(), SizeIs(1)) << "only the last answer, perhaps not yet shown";
  }
}

TEST_P(CrashTest, CopiesAreTakenWholeOrNotAtAll) {
  for (int writes = 0; writes < 2; ++writes) {
    TempDir dir;
    auto gate = Healthy(dir);
    ASSERT_OK(gate->ApplyEventCopy(TestEvent()));
    EventCopy next = TestEvent(2);
    for (CopyTicket& ticket : next.tickets) ticket.issue = 5;
    plan_ = {writes, GetParam()};
    (void)gate->ApplyEventCopy(next);
    gate.reset();
    gate = Healthy(dir);
    ASSERT_OK_AND_ASSIGN(const auto copy, gate->ReadEventCopy(12, 0));
    ASSERT_TRUE(copy.has_value());
    const EventCopy expected = copy->version == 2 ? next : TestEvent();
    EXPECT_EQ(copy->tickets, expected.tickets);
    EXPECT_OK(gate->ApplyEventCopy(next));
    EXPECT_EQ(gate->Events()[0].version, 2u);
  }
}

TEST_P(CrashTest, EntriesOfOthersAreTakenOnce) {
  TempDir dir, other_dir;
  FaultPlan other_plan;
  auto other = Open(kHandB, DecidedBy::kAlone, other_dir, other_plan);
  ASSERT_OK(other->ApplyEventCopy(TestEvent()));
  for (uint64_t n = 0; n < 3; ++n) ASSERT_OK(other->Scan(Code(n), At(1)));
  ASSERT_OK_AND_ASSIGN(const auto log, other->OwnEntries(1, 10));
  auto gate = Healthy(dir);
  ASSERT_OK(gate->ApplyEventCopy(TestEvent()));
  plan_ = {0, GetParam()};
  EXPECT_THAT(gate->TakeEntries(log, LogSource::kDevice), HasCode(ErrorCode::kUnavailable));
  gate.reset();
  gate = Healthy(dir);
  ASSERT_OK(gate->TakeEntries(log, LogSource::kDevice));
  EXPECT_EQ(gate->GetStatus()->admitted, 3u);
  EXPECT_EQ(gate->StoredMarks({kHandB})->front().sequence, 3u);
}

std::string FaultName(const ::testing::TestParamInfo<Fault>& row) {
  switch (row.param) {
    case Fault::kBefore:
      return "Before";
    case Fault::kUndone:
      return "Undone";
    case Fault::kUnheard:
      return "Unheard";
  }
  return "Unknown";
}

INSTANTIATE_TEST_SUITE_P(All, CrashTest,
                         ::testing::Values(Fault::kBefore, Fault::kUndone, Fault::kUnheard),
                         FaultName);

}  // namespace
}  // namespace ticketing
