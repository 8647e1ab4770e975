// Goal: a bastion whose data is an old copy gives no number of its log twice: it gets its own past
// back from whoever has it, and decides nothing before. Method: real bastions on folders that are
// copied while they work; the cloud and the spare are cut off and come back.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/service_bastion/fixture.h"
#include "ticketing/gate/scanner.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;

class OwnLogTest : public ::testing::Test {
 protected:
  OwnLogTest() : cloud_(test_), hand_(test_, kHandA, DecidedBy::kAlone) { Open(folder_.path()); }

  // The bastion on this folder; its path is what tells the place.
  void Open(const std::string& folder, bool restored = false) {
    service_.reset();
    SqliteDatabaseFactory files({.data_dir = folder});
    BastionPorts ports{test_.env(), files, kBastionId, SeedOf(kBastionId), &cloud_};
    ports.place = [folder] { return folder; };
    auto opened = BastionService::Open(ports, {.staff_pin = "123456", .restored = restored});
    ASSERT_THAT(opened, IsOk());
    service_ = *std::move(opened);
    lan_.service = service_.get();
    (void)service_->SyncNow();
    ASSERT_OK(service_->Watch());
  }
  // Closes it, copies its data, and opens it again where it was.
  void Copy() {
    service_.reset();
    std::filesystem::copy(folder_.path(), copy_.path(),
                          std::filesystem::copy_options::overwrite_existing |
                              std::filesystem::copy_options::recursive);
    Open(folder_.path());
  }
  uint64_t Sequence() { return *service_->engine().OwnSequence(); }
  HttpResponse Ask(uint64_t scan, uint64_t ticket) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::string(kScansPath);
    request.body = EncodeScanRequest(RequestFor(scan, ticket));
    request.headers.Set("Content-Type", kProtobufMediaType);
    const SigningKey key = DeviceKey(kHandA);
    InProcessHttpClient road(service_->api());
    SyncLink link(test_.env(), road, kHandA, key);
    return *link.Send(request, Duration::Seconds(1));
  }
  void Decide(uint64_t scan, uint64_t ticket) { ASSERT_EQ(Ask(scan, ticket).status, 200); }
  nlohmann::json State() {
    HttpRequest request;
    request.target = "/v1/status";
    return nlohmann::json::parse(service_->api().Handle(request).body);
  }
  // That the cloud has the bastion's whole log as the bastion has it.
  void ExpectOneLog() {
    ASSERT_OK(service_->SyncNow());
    const auto here = service_->engine().OwnEntries(1, 100);
    const auto there = cloud_.cloud().EntriesOf(kBastionId, 1, 100);
    ASSERT_OK(here.status());
    ASSERT_OK(there.status());
    EXPECT_EQ(*here, *there);
  }

  TestEnv test_;
  TempDir folder_, copy_;
  CloudRoad cloud_;
  LanRoad lan_;
  Place hand_;
  std::unique_ptr<BastionService> service_;
};

TEST_F(OwnLogTest, ItsPastComesBackFromTheCloud) {
  Decide(1, 1);
  Copy();
  Decide(2, 2);
  Decide(3, 3);
  ASSERT_OK(service_->SyncNow());
  Open(copy_.path());
  EXPECT_EQ(Sequence(), 3u);
  // No other bastion is known here, so the cloud's word is enough.
  EXPECT_EQ(State()["log_whole"], true);
  test_.clock.Advance(Duration::Seconds(6));
  Decide(5, 2);
  EXPECT_EQ(Sequence(), 4u);
  ExpectOneLog();
  ASSERT_OK_AND_ASSIGN(const auto scans, service_->engine().ScansOfTicket(Ticket(2)));
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[1].told.reason, static_cast<uint16_t>(Reason::kAlreadyUsed));
}

TEST_F(OwnLogTest, ALogLongerThanABatchComesBackWhole) {
  Copy();
  for (uint64_t n = 0; n < limits::kLogBatchItemsMax + 20; ++n) Decide(1000 + n, n % 20);
  ASSERT_OK(service_->SyncNow());
  const uint64_t all = Sequence();
  ASSERT_GT(all, limits::kLogBatchItemsMax);
  Open(copy_.path());
  EXPECT_EQ(Sequence(), all);
}

TEST_F(OwnLogTest, ACopyDecidesNothingWhileNobodyCanSay) {
  Decide(1, 1);
  Copy();
  Decide(2, 2);
  ASSERT_OK(service_->SyncNow());
  cloud_.cut = true;
  Open(copy_.path());
  EXPECT_EQ(Sequence(), 1u);
  const HttpResponse refused = Ask(3, 3);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.Get(kDecidesHeader).value_or(""), "no");
  EXPECT_EQ(State()["decides"], false);
  EXPECT_EQ(State()["log_whole"], false);
  // It stays so over a restart.
  Open(copy_.path());
  EXPECT_EQ(Ask(4, 3).status, 503);
  EXPECT_EQ(Sequence(), 1u);
  cloud_.cut = false;
  ASSERT_OK(service_->SyncNow());
  ASSERT_OK(service_->Watch());
  Decide(5, 5);
  EXPECT_EQ(State()["decides"], true);
  ExpectOneLog();
  // From now on this is its place.
  cloud_.cut = true;
  Open(copy_.path());
  Decide(6, 6);
}

TEST_F(OwnLogTest, HandheldsDecideAloneMeanwhileAndDoNotGoOnAsking) {
  Copy();
  cloud_.cut = true;
  Open(copy_.path());
  Scanner scanner(*hand_, nullptr, &lan_);
  for (int i = 0; i < 3; ++i) (void)scanner.SyncNow();
  EXPECT_EQ(scanner.mode(), DecidedBy::kAlone);
  ASSERT_OK_AND_ASSIGN(const ScanResult alone, scanner.Scan(Code(4), At(1)));
  EXPECT_EQ(alone.decision.outcome, Outcome::kAdmitted);
  EXPECT_EQ(lan_.asked, 0);
  // Its log is taken all the same, and when the bastion decides again, it is asked again.
  ASSERT_OK(scanner.SyncNow());
  EXPECT_EQ(service_->engine().GetStatus()->admitted, 1u);
  cloud_.cut = false;
  ASSERT_OK(service_->SyncNow());
  ASSERT_OK(service_->Watch());
  for (int i = 0; i < 5; ++i) {
    test_.clock.Advance(Duration::Seconds(1));
    ASSERT_OK(scanner.SyncNow());
  }
  EXPECT_EQ(scanner.mode(), DecidedBy::kBastion);
}

TEST_F(OwnLogTest, StaffMayLetItDecideWhenThereIsNobodyToAsk) {
  Decide(1, 1);
  Copy();
  cloud_.cut = true;
  Open(copy_.path());
  HttpRequest console;
  console.target = "/console";
  EXPECT_THAT(service_->api().Handle(console).body, HasSubstr("/console/log"));
  EXPECT_EQ(service_->api().Handle(FormPost("/console/log", "pin=000000")).status, 403);
  EXPECT_EQ(Ask(2, 2).status, 503);
  EXPECT_EQ(service_->api().Handle(FormPost("/console/log", "pin=123456")).status, 303);
  Decide(3, 3);
}

TEST_F(OwnLogTest, WhatStaffCallsRestoredIsAskedForThoughItIsWhereItWas) {
  Decide(1, 1);
  cloud_.cut = true;
  Open(folder_.path(), /*restored=*/true);
  EXPECT_EQ(Ask(2, 2).status, 503);
  Open(folder_.path());
  EXPECT_EQ(Ask(3, 2).status, 503) << "a restart does not make it whole";
}

}  // namespace
}  // namespace ticketing
