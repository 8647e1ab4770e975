// Goal: what a gate holds reaches another one on a memory stick, once, and nobody who writes files
// decides who gets in. Method: real engines, exported and imported in every state.
#include "ticketing/gate/gate_transfer.h"

#include <gtest/gtest.h>

#include "tests/gate/fixture.h"

namespace ticketing {
namespace {

class GateTransferTest : public ::testing::Test {
 protected:
  // An engine without anything.
  std::unique_ptr<GateEngine> Blank(DeviceId device, DecidedBy as) {
    folders_.push_back(std::make_unique<TempDir>());
    SqliteDatabaseFactory factory({.data_dir = folders_.back()->path()});
    auto opened =
        GateEngine::Open(test_.env(), factory, "gate", DeviceKey(device), ConfigOf(device, as));
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }
  static std::string KeyOf(DeviceId device) { return DeviceKey(device).public_key(); }

  TestEnv test_;
  std::vector<std::unique_ptr<TempDir>> folders_;
};

TEST_F(GateTransferTest, ABlankBastionIsFilledFromAHandheldsFile) {
  Place hand(test_, kHandA, DecidedBy::kAlone);
  for (uint64_t n = 0; n < 3; ++n) ASSERT_OK(hand->Scan(Code(n), At(1)).status());
  ASSERT_OK_AND_ASSIGN(const std::string file, ExportGate(*hand));

  const auto bastion = Blank(kBastion2Id, DecidedBy::kBastion);
  ASSERT_OK_AND_ASSIGN(const GateImport done, ImportGate(*bastion, file, KeyOf(kHandA)));
  EXPECT_TRUE(done.trusted);
  EXPECT_EQ(done.copies, 1u);
  EXPECT_EQ(done.entries, 3u);
  test_.clock.Advance(Duration::Seconds(10));
  ASSERT_OK_AND_ASSIGN(const ScanResult again, bastion->Scan(Code(1), At(1)));
  EXPECT_EQ(again.decision.reason, Reason::kAlreadyUsed);
  ASSERT_OK_AND_ASSIGN(const ScanResult fresh, bastion->Scan(Code(5), At(1)));
  EXPECT_EQ(fresh.decision.outcome, Outcome::kAdmitted);
}

TEST_F(GateTransferTest, ASecondImportChangesNothing) {
  Place bastion(test_, kBastionId, DecidedBy::kBastion);
  ASSERT_OK(bastion->Scan(Code(1), At(1)).status());
  ASSERT_OK_AND_ASSIGN(const std::string file, ExportGate(*bastion));
  Place other(test_, kBastion2Id, DecidedBy::kBastion);
  ASSERT_OK(ImportGate(*other, file, "").status());
  ASSERT_OK_AND_ASSIGN(const GateStatus before, other->GetStatus());
  ASSERT_OK_AND_ASSIGN(const GateImport again, ImportGate(*other, file, ""));
  EXPECT_EQ(again.entries, 0u);
  EXPECT_EQ(again.repeated, 1u);
  ASSERT_OK_AND_ASSIGN(const GateStatus after, other->GetStatus());
  EXPECT_EQ(after.admitted, before.admitted);
  EXPECT_EQ(after.waiting_for_cloud, 1u);
  // Its own file finds nothing new either.
  ASSERT_OK_AND_ASSIGN(const GateImport own, ImportGate(*bastion, file, ""));
  EXPECT_EQ(own.repeated, 1u);
}

// What a stolen handheld did before it was shut out is in its bastion's file, and stays true.
TEST_F(GateTransferTest, EntriesFromBeforeAShutOutAreTakenOnlyFromWhoTookThem) {
  Place hand(test_, kHandA, DecidedBy::kAlone);
  ASSERT_OK(hand->Scan(Code(1), At(1)).status());
  ASSERT_OK_AND_ASSIGN(const std::string hands, ExportGate(*hand));
  Place bastion(test_, kBastionId, DecidedBy::kBastion);
  ASSERT_OK(ImportGate(*bastion, hands, "").status());
  CopyDevice revoked = *bastion->FindDevice(kHandA);
  revoked.revoked = true;
  ASSERT_OK(bastion->AddDevices({revoked}));
  ASSERT_OK_AND_ASSIGN(const std::string file, ExportGate(*bastion));

  Place other(test_, kBastion2Id, DecidedBy::kBastion);
  ASSERT_OK(other->AddDevices({revoked}));
  EXPECT_EQ(ImportGate(*other, hands, "")->rejected, 1u);
  EXPECT_EQ(ImportGate(*other, file, "")->entries, 1u);
}

// A file written by whoever has a key of his own: his event copy would let anybody in.
TEST_F(GateTransferTest, OfAStrangerOnlySealedEntriesAreTaken) {
  Place source(test_, kHandA, DecidedBy::kAlone);
  ASSERT_OK(source->Scan(Code(1), At(1)).status());
  // The stranger holds what the handheld held, under a name and key of his own, and a newer copy.
  const DeviceId stranger{900};
  const SigningKey key = SeedKey('z');
  folders_.push_back(std::make_unique<TempDir>());
  SqliteDatabaseFactory factory({.data_dir = folders_.back()->path()});
  auto opened = GateEngine::Open(test_.env(), factory, "gate", SeedKey('z'), ConfigOf(stranger));
  ASSERT_THAT(opened, IsOk());
  GateEngine& forger = **opened;
  ASSERT_OK_AND_ASSIGN(const std::string good, ExportGate(*source));
  ASSERT_OK(ImportGate(forger, good, KeyOf(kHandA)).status());
  ASSERT_OK(forger.ApplyEventCopy(TestEvent(9)));
  ASSERT_OK_AND_ASSIGN(const std::string file, ExportGate(forger));

  Place bastion(test_, kBastionId, DecidedBy::kBastion);
  ASSERT_OK_AND_ASSIGN(const GateImport done, ImportGate(*bastion, file, ""));
  EXPECT_FALSE(done.trusted);
  EXPECT_EQ(done.copies, 0u);
  EXPECT_EQ(done.entries, 1u);
  EXPECT_EQ(bastion->Events()[0].version, 1u);
  EXPECT_FALSE(bastion->FindDevice(stranger));
  // Neither of a handheld that the gate knows: it is a device, but no bastion.
  ASSERT_OK(source->ApplyEventCopy(TestEvent(8)));
  ASSERT_OK_AND_ASSIGN(const std::string hands, ExportGate(*source));
  EXPECT_FALSE(ImportGate(*bastion, hands, "")->trusted);
  EXPECT_EQ(bastion->Events()[0].version, 1u);
}

TEST_F(GateTransferTest, OfAShutOutBastionNothingButTheSealIsBelieved) {
  Place lost(test_, kBastion2Id, DecidedBy::kBastion);
  ASSERT_OK(lost->ApplyEventCopy(TestEvent(7)));
  ASSERT_OK_AND_ASSIGN(const std::string file, ExportGate(*lost));
  Place bastion(test_, kBastionId, DecidedBy::kBastion);
  CopyDevice revoked = *bastion->FindDevice(kBastion2Id);
  revoked.revoked = true;
  ASSERT_OK(bastion->AddDevices({revoked}));
  EXPECT_FALSE(ImportGate(*bastion, file, "")->trusted);
  EXPECT_EQ(bastion->Events()[0].version, 1u);
}

TEST_F(GateTransferTest, ABrokenFileChangesNothing) {
  Place hand(test_, kHandA, DecidedBy::kAlone);
  ASSERT_OK(hand->Scan(Code(1), At(1)).status());
  ASSERT_OK_AND_ASSIGN(std::string file, ExportGate(*hand));
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 1);
  Place bastion(test_, kBastionId, DecidedBy::kBastion);
  EXPECT_THAT(ImportGate(*bastion, file, KeyOf(kHandA)), HasCode(ErrorCode::kInvalidField));
  EXPECT_EQ(bastion->GetStatus()->admitted, 0u);
}

}  // namespace
}  // namespace ticketing
