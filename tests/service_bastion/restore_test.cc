// Goal: a bastion that is lost comes back whole, from whatever is left. Method: real bastions and
// handhelds; the bastion's data is replaced by nothing or by an old copy of itself.
#include <filesystem>

#include "tests/service_bastion/fixture.h"
#include "ticketing/gate/scanner.h"

namespace ticketing {
namespace {

class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest()
      : cloud_(test_),
        hand_a_(test_, kHandA, DecidedBy::kAlone),
        hand_b_(test_, kHandB, DecidedBy::kAlone) {
    Open(kBastionId, folder_.path());
  }

  void Open(DeviceId device, const std::string& folder) {
    service_.reset();
    SqliteDatabaseFactory files({.data_dir = folder});
    auto opened = BastionService::Open({test_.env(), files, device, SeedOf(device), &cloud_}, {});
    ASSERT_THAT(opened, IsOk());
    service_ = *std::move(opened);
    lan_.service = service_.get();
    (void)service_->SyncNow();
  }

  // A day's worth: each handheld admits two people over the bastion.
  void Admit(uint64_t from) {
    for (Place* hand : {&hand_a_, &hand_b_}) {
      Scanner scanner(**hand, nullptr, &lan_);
      for (int i = 0; i < 2; ++i) {
        const auto result = scanner.Scan(Code(from), At(1));
        ASSERT_THAT(result, IsOk());
        EXPECT_EQ(result->decision.outcome, Outcome::kAdmitted);
        ++from;
      }
      ASSERT_OK(scanner.SyncNow());
    }
  }
  void HandheldsSync() {
    for (Place* hand : {&hand_a_, &hand_b_}) {
      Scanner scanner(**hand, nullptr, &lan_);
      for (int i = 0; i < 3; ++i) (void)scanner.SyncNow();
    }
  }
  uint64_t Admitted() { return service_->engine().GetStatus()->admitted; }

  TestEnv test_;
  TempDir folder_, other_;
  CloudRoad cloud_;
  LanRoad lan_;
  Place hand_a_, hand_b_;
  std::unique_ptr<BastionService> service_;
};

TEST_F(RestoreTest, FromTheCloud) {
  Admit(0);
  ASSERT_OK(service_->SyncNow());
  Open(kBastion2Id, other_.path());
  EXPECT_EQ(Admitted(), 4u);
  EXPECT_EQ(service_->Held()->tickets, 20u);
}

TEST_F(RestoreTest, FromTheHandheldsWhileTheCloudIsAway) {
  cloud_.cut = true;
  Admit(0);
  // Whoever sets up the new one has the event from a file or from before; the scans are nowhere but
  // on the handhelds.
  Open(kBastion2Id, other_.path());
  ASSERT_OK(service_->engine().ApplyEventCopy(TestEvent()));
  EXPECT_EQ(Admitted(), 0u);
  HandheldsSync();
  EXPECT_EQ(Admitted(), 4u);
  test_.clock.Advance(Duration::Seconds(10));
  Scanner scanner(*hand_b_, nullptr, &lan_);
  ASSERT_OK_AND_ASSIGN(const ScanResult again, scanner.Scan(Code(0), At(1)));
  EXPECT_EQ(again.decision.reason, Reason::kAlreadyUsed);
  // And the cloud gets all of it from the new one.
  cloud_.cut = false;
  ASSERT_OK(service_->SyncNow());
  EXPECT_EQ(cloud_.cloud().GetStatus()->admitted, 4u);
}

TEST_F(RestoreTest, FromAnOldCopyOfItsData) {
  cloud_.cut = true;
  Admit(0);
  service_.reset();
  std::filesystem::copy(
      folder_.path(), other_.path(),
      std::filesystem::copy_options::overwrite_existing | std::filesystem::copy_options::recursive);
  Open(kBastionId, folder_.path());
  Admit(4);
  EXPECT_EQ(Admitted(), 8u);
  Open(kBastionId, other_.path());
  EXPECT_EQ(Admitted(), 4u);
  HandheldsSync();
  EXPECT_EQ(Admitted(), 8u);
  EXPECT_EQ(service_->engine().Conflicts()->size(), 0u);
  cloud_.cut = false;
  ASSERT_OK(service_->SyncNow());
  EXPECT_EQ(cloud_.cloud().GetStatus()->admitted, 8u);
}

}  // namespace
}  // namespace ticketing
