// Goal: a bastion whose disk is full says so and decides nothing, loses nothing, and goes on by
// itself when there is room; it warns before. Method: a real bastion on databases whose writes can
// be refused, and a made-up amount of room.
#include <gmock/gmock.h>

#include <atomic>

#include "tests/service_bastion/fixture.h"
#include "ticketing/gate/scanner.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A disk that takes nothing while it is full.
class FullDisk final : public DatabaseFactory {
 public:
  explicit FullDisk(DatabaseFactory& inner) : inner_(inner) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(auto database, inner_.Open(name, schema));
    return std::unique_ptr<Database>(std::make_unique<Refusing>(std::move(database), *this));
  }
  std::atomic<bool> full = false;
  std::atomic<int> refused = 0;

 private:
  class Refusing final : public Database {
   public:
    Refusing(std::unique_ptr<Database> inner, FullDisk& disk)
        : inner_(std::move(inner)), disk_(disk) {}
    Status Read(const SqlFunction& fn) override { return inner_->Read(fn); }
    Status Write(const SqlFunction& fn) override {
      return disk_.full ? Refuse() : inner_->Write(fn);
    }
    void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
      if (disk_.full) return done(Refuse());
      inner_->WriteAsync(std::move(fn), std::move(done));
    }

   private:
    Status Refuse() {
      ++disk_.refused;
      return MakeError(ErrorCode::kUnavailable, "database or disk is full");
    }
    const std::unique_ptr<Database> inner_;
    FullDisk& disk_;
  };
  DatabaseFactory& inner_;
};

class DiskTest : public ::testing::Test {
 protected:
  DiskTest()
      : cloud_(test_),
        hand_(test_, kHandA, DecidedBy::kAlone),
        files_(SqliteOptions{.data_dir = dir_.path()}),
        disk_(files_) {
    BastionPorts ports{test_.env(), disk_, kBastionId, SeedOf(kBastionId), &cloud_};
    ports.free_bytes = [this] { return room_; };
    auto opened = BastionService::Open(ports, {.disk_warning_bytes = 100 << 20});
    EXPECT_THAT(opened, IsOk());
    service_ = *std::move(opened);
    EXPECT_OK(service_->SyncNow());
    lan_.service = service_.get();
  }
  void Watch() {
    test_.clock.Advance(Duration::Seconds(1));
    ASSERT_OK(service_->Watch());
  }
  std::string Get(const std::string& target) {
    HttpRequest request;
    request.target = target;
    return service_->api().Handle(request).body;
  }
  nlohmann::json State() { return nlohmann::json::parse(Get("/v1/status")); }
  std::string DiskState() { return State()["disk"]["state"]; }

  TestEnv test_;
  TempDir dir_;
  CloudRoad cloud_;
  LanRoad lan_;
  Place hand_;
  SqliteDatabaseFactory files_;
  FullDisk disk_;
  std::optional<uint64_t> room_ = 1 << 30;
  std::unique_ptr<BastionService> service_;
};

TEST_F(DiskTest, LittleRoomIsToldBeforeThereIsNone) {
  Watch();
  EXPECT_EQ(DiskState(), "fine");
  EXPECT_THAT(Get("/?lang=en"), Not(HasSubstr("Disk")));
  room_ = 50 << 20;
  Watch();
  EXPECT_EQ(DiskState(), "low");
  EXPECT_EQ(State()["decides"], true);
  EXPECT_THAT(Get("/?lang=en"), HasSubstr("Disk nearly full: 50 MB"));
  EXPECT_THAT(Get("/metrics"), HasSubstr("ticketing_disk_free_bytes{} 5.24288e+07"));
  room_ = std::nullopt;  // a system that does not say
  Watch();
  EXPECT_EQ(DiskState(), "fine");
  EXPECT_EQ(State()["disk"]["free_bytes"], nullptr);
}

TEST_F(DiskTest, AFullDiskDecidesNothingSaysSoAndRecovers) {
  Scanner scanner(*hand_, nullptr, &lan_);
  ASSERT_OK(scanner.SyncNow());
  ASSERT_OK_AND_ASSIGN(const ScanResult before, scanner.Scan(Code(1), At(1)));
  EXPECT_EQ(before.mode, DecidedBy::kBastion);
  disk_.full = true;
  ASSERT_OK_AND_ASSIGN(const ScanResult during, scanner.Scan(Code(2), At(1)));
  EXPECT_EQ(during.decision.outcome, Outcome::kAdmitted);
  EXPECT_EQ(during.mode, DecidedBy::kAlone);
  EXPECT_EQ(DiskState(), "full");
  EXPECT_EQ(State()["decides"], false);
  EXPECT_THAT(Get("/"), HasSubstr("Disco lleno"));
  EXPECT_THAT(Get("/metrics"), HasSubstr("ticketing_disk_refused_writes_total"));
  // The device's clock goes on, it hears that nothing is decided, and asks no more.
  for (int i = 0; i < 4; ++i) {
    test_.clock.Advance(Duration::Seconds(1));
    (void)scanner.SyncNow();
  }
  EXPECT_EQ(scanner.mode(), DecidedBy::kAlone);
  const int asked = lan_.asked;
  ASSERT_OK(scanner.Scan(Code(3), At(1)).status());
  EXPECT_EQ(lan_.asked, asked);
  // Room for a while is not enough while the disk goes on refusing.
  Watch();
  EXPECT_EQ(DiskState(), "full");
  disk_.full = false;
  Watch();
  EXPECT_EQ(DiskState(), "fine");
  for (int i = 0; i < 4; ++i) {
    test_.clock.Advance(Duration::Seconds(1));
    ASSERT_OK(scanner.SyncNow());
  }
  ASSERT_OK_AND_ASSIGN(const ScanResult after, scanner.Scan(Code(4), At(1)));
  EXPECT_EQ(after.mode, DecidedBy::kBastion);
  // Nothing was lost, and nothing is there twice.
  EXPECT_EQ(service_->engine().GetStatus()->admitted, 4u);
}

TEST_F(DiskTest, TheLastMegabyteIsLeftToThoseWhoTidyUp) {
  room_ = 1000;
  Watch();
  EXPECT_EQ(DiskState(), "full");
  EXPECT_EQ(State()["decides"], false);
  room_ = 1 << 30;
  Watch();
  EXPECT_EQ(DiskState(), "fine");
}

}  // namespace
}  // namespace ticketing
