// Goal: whoever is not a device of the venue gets nothing from a bastion, and what devices tell it
// reaches the cloud, also when the cloud comes and goes. Method: a real bastion between a scripted
// road to a real cloud engine and signed requests of handhelds.
#include "ticketing/service/bastion/bastion_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/service_bastion/fixture.h"
#include "ticketing/gate/link.h"
#include "ticketing/sync/device_auth.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

class BastionServiceTest : public ::testing::Test {
 protected:
  BastionServiceTest() : road_(test_), databases_(SqliteOptions{.data_dir = dir_.path()}) {
    Start();
  }

  void Start() {
    service_.reset();
    auto service = BastionService::Open({test_.env(), databases_, kBastionId, seed_, &road_}, {});
    ASSERT_THAT(service, IsOk());
    service_ = *std::move(service);
    (void)service_->SyncNow();
  }

  // A link of a handheld to the bastion, as the handheld itself has it.
  SyncLink LinkOf(DeviceId device, const SigningKey& key) {
    return SyncLink(test_.env(), client(), device, key);
  }

  HttpClient& client() {
    client_ = std::make_unique<InProcessHttpClient>(service_->api());
    return *client_;
  }

  static ScanRequest Request(uint64_t scan, uint64_t ticket) {
    ScanRequest request;
    request.scan = ScanId{scan};
    request.text = Code(ticket);
    request.event = 12;
    request.gate = 1;
    request.at = FakeClock::kStart;
    return request;
  }

  TestEnv test_;
  TempDir dir_;
  CloudRoad road_;
  const std::string seed_ = std::string(32, static_cast<char>(kBastionId.value));
  SqliteDatabaseFactory databases_;
  std::unique_ptr<BastionService> service_;
  std::unique_ptr<InProcessHttpClient> client_;
};

TEST_F(BastionServiceTest, FetchesTheEventAndDecidesForAKnownDevice) {
  ASSERT_OK_AND_ASSIGN(const BastionService::Holdings held, service_->Held());
  EXPECT_EQ(held.events, 1u);
  EXPECT_EQ(held.tickets, 20u);
  const SigningKey key = DeviceKey(kHandA);
  SyncLink link = LinkOf(kHandA, key);
  ASSERT_OK_AND_ASSIGN(const ScanResponse first, link.Decide(Request(1, 0), Duration::Seconds(1)));
  ASSERT_OK_AND_ASSIGN(const LogEntry entry, DecodeLogEntry(first.entry));
  EXPECT_EQ(entry.outcome, kLogAdmitted);
  EXPECT_EQ(entry.decided_by, DecidedBy::kBastion);
  ASSERT_OK_AND_ASSIGN(const ScanResponse second, link.Decide(Request(2, 0), Duration::Seconds(1)));
  EXPECT_EQ(DecodeLogEntry(second.entry)->reason, static_cast<uint16_t>(Reason::kReread));
}

TEST_F(BastionServiceTest, RefusesStrangersForgersAndRepeats) {
  const SigningKey stranger = SeedKey('s');
  SyncLink unknown = LinkOf(kNewHand, stranger);
  EXPECT_THAT(unknown.Decide(Request(1, 0), Duration::Seconds(1)),
              HasCode(ErrorCode::kUnauthenticated));
  SyncLink forger = LinkOf(kHandA, stranger);
  EXPECT_THAT(forger.Decide(Request(1, 0), Duration::Seconds(1)),
              HasCode(ErrorCode::kUnauthenticated));

  HttpRequest request;
  request.target = std::string(kChangesPath);
  EXPECT_EQ(service_->api().Handle(request).status, 401);
  const SigningKey key = DeviceKey(kHandA);
  request.headers.Set(
      "Authorization",
      SignDeviceRequest({request.method, request.target, request.body}, kHandA, test_.clock.Now(),
                        std::string(kDeviceNonceBytes, 'n'), key));
  const HttpResponse good = service_->api().Handle(request);
  EXPECT_EQ(good.status, 200);
  EXPECT_TRUE(good.headers.Get(kServerTimeHeader));
  EXPECT_EQ(service_->api().Handle(request).status, 401);  // the same nonce again
  request.target += "?after=1";
  EXPECT_EQ(service_->api().Handle(request).status, 401);  // signed for another target
}

TEST_F(BastionServiceTest, EnrolsWithTheCodeOnItsScreenAndTellsTheCloudAtOnce) {
  const SigningKey key = SeedKey('n');
  EXPECT_THAT(Enrol(client(), "00000000", kNewHand, key, "Nuevo", Duration::Seconds(1)),
              HasCode(ErrorCode::kPairingRefused));
  ASSERT_THAT(
      Enrol(client(), service_->PairingCode(), kNewHand, key, "Nuevo", Duration::Seconds(1)),
      IsOk());
  EXPECT_THAT(road_.relayed, ::testing::ElementsAre(kNewHand.ToString()));
  SyncLink link = LinkOf(kNewHand, key);
  EXPECT_THAT(link.Decide(Request(1, 0), Duration::Seconds(1)), IsOk());
  // Nobody takes an id that is taken.
  const SigningKey other = SeedKey('o');
  EXPECT_THAT(
      Enrol(client(), service_->PairingCode(), kNewHand, other, "Otro", Duration::Seconds(1)),
      HasCode(ErrorCode::kConflict));
}

TEST_F(BastionServiceTest, TellsTheCloudLaterOfWhomItEnrolledAlone) {
  road_.cut = true;
  EXPECT_FALSE(service_->SyncNow().ok());
  const SigningKey key = SeedKey('n');
  ASSERT_THAT(
      Enrol(client(), service_->PairingCode(), kNewHand, key, "Nuevo", Duration::Seconds(1)),
      IsOk());
  EXPECT_TRUE(road_.relayed.empty());
  Start();  // the bastion is restarted on its data meanwhile
  road_.cut = false;
  ASSERT_THAT(service_->SyncNow(), IsOk());
  EXPECT_THAT(road_.relayed, ::testing::ElementsAre(kNewHand.ToString()));
}

TEST_F(BastionServiceTest, AsksTheCloudWhomASupervisorLooksFor) {
  EventCopy copy = TestEvent(2);
  copy.header.supervisors = {kHandA};
  ASSERT_OK(road_.cloud().ApplyEventCopy(copy));
  ASSERT_OK(service_->SyncNow());
  const SigningKey key_a = DeviceKey(kHandA), key_b = DeviceKey(kHandB);
  SyncLink boss = LinkOf(kHandA, key_a);
  // Whom the search is for the bastion says, never the caller.
  const TicketSearch search{12, "núñez", kHandB};
  ASSERT_OK_AND_ASSIGN(const FoundTickets found, boss.Search(search, Duration::Seconds(1)));
  ASSERT_EQ(found.tickets.size(), 1u);
  EXPECT_EQ(found.tickets[0].buyer, "Ana Núñez");
  EXPECT_EQ(road_.searched, (TicketSearch{12, "núñez", kHandA}));
  road_.search_status = 429;
  EXPECT_THAT(boss.Search(search, Duration::Seconds(1)), HasCode(ErrorCode::kRateLimited));
  road_.search_status = 401;
  EXPECT_THAT(boss.Search(search, Duration::Seconds(1)), HasCode(ErrorCode::kUnavailable))
      << "the bastion's own session is no business of the handheld";
  road_.cut = true;
  EXPECT_THAT(boss.Search(search, Duration::Seconds(1)), HasCode(ErrorCode::kUnavailable));
  road_.cut = false;
  road_.search_status = 200;
  SyncLink plain = LinkOf(kHandB, key_b);
  EXPECT_THAT(plain.Search(search, Duration::Seconds(1)), HasCode(ErrorCode::kPermissionDenied));
}

// A stranger who guesses waits himself, and keeps nobody from pairing with the code on the screen.
TEST_F(BastionServiceTest, WhoGuessesTheCodeWaitsAndOthersDoNot) {
  const std::string code = service_->PairingCode();
  const SigningKey key = SeedKey('n');
  RoadFrom stranger(service_->api(), "10.0.0.66");
  RoadFrom staff(service_->api(), "10.0.0.7");
  const auto enrol = [&](HttpClient& road, const std::string& typed) {
    return Enrol(road, typed, kNewHand, key, "Nuevo", Duration::Seconds(1));
  };
  for (int i = 0; i < BastionOptions().pairing_attempts_max; ++i) {
    (void)enrol(stranger, "00000000");
  }
  EXPECT_EQ(service_->PairingCode(), code);
  EXPECT_THAT(enrol(stranger, code), HasCode(ErrorCode::kPairingRefused));
  EXPECT_THAT(enrol(staff, code), IsOk());
  test_.clock.Advance(Duration::Seconds(60));
  EXPECT_THAT(enrol(stranger, code), IsOk());
}

TEST_F(BastionServiceTest, ReplacesTheCodeWhenVeryManyGuess) {
  const std::string code = service_->PairingCode();
  const SigningKey key = SeedKey('n');
  for (int i = 0; i < 50; ++i) {
    RoadFrom stranger(service_->api(), "10.0.1." + std::to_string(i));
    for (int n = 0; n < BastionOptions().pairing_attempts_max; ++n) {
      (void)Enrol(stranger, "00000000", kNewHand, key, "Nuevo", Duration::Seconds(1));
    }
  }
  EXPECT_NE(service_->PairingCode(), code);
}

TEST_F(BastionServiceTest, AdmitsOneOfManyAtOnceAndBringsItToTheCloud) {
  std::atomic<int> admitted = 0;
  std::vector<std::thread> gates;
  for (uint64_t n = 0; n < 8; ++n) {
    gates.emplace_back([&, n] {
      const DeviceId device = n % 2 == 0 ? kHandA : kHandB;
      const SigningKey key = DeviceKey(device);
      InProcessHttpClient client(service_->api());
      SyncLink link(test_.env(), client, device, key);
      const auto response = link.Decide(Request(100 + n, 3), Duration::Seconds(5));
      if (!response.ok()) return;
      const auto entry = DecodeLogEntry(response->entry);
      if (entry.ok() && entry->reason == static_cast<uint16_t>(Reason::kOk)) ++admitted;
    });
  }
  for (std::thread& gate : gates) gate.join();
  EXPECT_EQ(admitted, 1);
  ASSERT_THAT(service_->SyncNow(), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto scans, road_.cloud().ScansOfTicket(Ticket(3)));
  EXPECT_EQ(scans.size(), 8u);
}

TEST_F(BastionServiceTest, ShowsItsStateToEverybodyOnTheLan) {
  HttpRequest request;
  request.target = "/v1/status";
  const auto status = nlohmann::json::parse(service_->api().Handle(request).body);
  EXPECT_EQ(status["cloud"], "reached");
  EXPECT_EQ(status["events"][0]["name"], "Final");
  EXPECT_EQ(status.dump().find(service_->PairingCode()), std::string::npos);
  request.target = "/";
  const HttpResponse page = service_->api().Handle(request);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find(service_->PairingCode()), std::string::npos);
}

}  // namespace
}  // namespace ticketing
