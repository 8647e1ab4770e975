// Goal: only staff do what staff do; who was shut out at the bastion is out at once and in the
// cloud as soon as it can be told; devices hear of news at once and hold no thread too many.
// Method: a real bastion, forms as a browser posts them, and threads that wait.
#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "lib/service/bastion/console.h"
#include "lib/service/bastion/news.h"
#include "tests/service_bastion/fixture.h"
#include "ticketing/wire/bastion_codec.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPin[] = "482913";

constexpr auto kPatience = std::chrono::seconds(20);

class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest() : cloud_(test_), files_(SqliteOptions{.data_dir = dir_.path()}) { Start(); }

  void Start() {
    service_.reset();
    auto opened =
        BastionService::Open({test_.env(), files_, kBastionId, SeedOf(kBastionId), &cloud_, nullptr,
                              [] { return std::string("<svg>PAIRING</svg>"); }},
                             {.staff_pin = kPin});
    ASSERT_THAT(opened, IsOk());
    service_ = *std::move(opened);
    (void)service_->SyncNow();
  }
  HttpResponse Post(const std::string& path, const std::string& form) {
    return service_->api().Handle(FormPost(path, form));
  }
  HttpResponse PostFrom(const std::string& address, const std::string& form) {
    HttpRequest request = FormPost("/console/pairing", form);
    request.remote_address = address;
    return service_->api().Handle(request);
  }
  HttpResponse Get(const std::string& target) {
    HttpRequest request;
    request.target = target;
    return service_->api().Handle(request);
  }
  StatusOr<HttpResponse> Signed(DeviceId device, HttpRequest request) {
    const SigningKey key = DeviceKey(device);
    InProcessHttpClient road(service_->api());
    SyncLink link(test_.env(), road, device, key);
    return link.Send(std::move(request), Duration::Seconds(5));
  }

  TestEnv test_;
  TempDir dir_;
  CloudRoad cloud_;
  SqliteDatabaseFactory files_;
  std::unique_ptr<BastionService> service_;
};

TEST_F(ConsoleTest, ThePairingSymbolIsForStaffOnly) {
  for (const char* open : {"/", "/?lang=en", "/console", "/v1/status"}) {
    const HttpResponse page = Get(open);
    EXPECT_EQ(page.status, 200) << open;
    for (const std::string& secret :
         {service_->PairingCode(), std::string("PAIRING"), std::string(kPin)}) {
      EXPECT_THAT(page.body, Not(HasSubstr(secret))) << open;
    }
  }
  EXPECT_EQ(Post("/console/pairing", "").status, 403);
  EXPECT_EQ(Post("/console/pairing", "pin=").status, 403);
  EXPECT_EQ(Post("/console/pairing", "pin=000000").status, 403);
  const HttpResponse shown = Post("/console/pairing", std::string("pin=") + kPin);
  EXPECT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body, HasSubstr("PAIRING"));
  EXPECT_EQ(shown.headers.Get("Cache-Control"), "no-store");
}

TEST_F(ConsoleTest, GuessingThePinIsSlow) {
  const std::string right = std::string("pin=") + kPin;
  for (int i = 0; i < kPinAttemptsMax; ++i) {
    EXPECT_EQ(Post("/console/pairing", "pin=11111" + std::to_string(i)).status, 403);
  }
  EXPECT_EQ(Post("/console/pairing", right).status, 429);
  test_.clock.Advance(kPinPause);
  EXPECT_EQ(Post("/console/pairing", right).status, 200);
}

TEST_F(ConsoleTest, AStrangerWhoGuessesKeepsNobodyElseOut) {
  const std::string right = std::string("pin=") + kPin;
  for (int i = 0; i < kPinAttemptsMax; ++i) {
    EXPECT_EQ(PostFrom("10.0.0.66", "pin=111111").status, 403);
  }
  EXPECT_EQ(PostFrom("10.0.0.66", right).status, 429);
  EXPECT_EQ(PostFrom("10.0.0.7", right).status, 200);
  test_.clock.Advance(kPinPause);
  EXPECT_EQ(PostFrom("10.0.0.66", right).status, 200);
}

TEST_F(ConsoleTest, GuessingFromManyAddressesIsSlowToo) {
  const std::string right = std::string("pin=") + kPin;
  EXPECT_EQ(PostFrom("10.0.0.7", right).status, 200);
  for (int i = 0; i < kPinAttemptsAllMax; ++i) {
    EXPECT_EQ(PostFrom("10.0.1." + std::to_string(i), "pin=111111").status, 403);
  }
  EXPECT_EQ(PostFrom("10.0.2.1", right).status, 429);
  // Staff who were let in before and the bastion's own screen go on.
  EXPECT_EQ(PostFrom("10.0.0.7", right).status, 200);
  EXPECT_EQ(PostFrom("127.0.0.1", right).status, 200);
  EXPECT_EQ(PostFrom("::1", right).status, 200);
  test_.clock.Advance(kPinPause);
  EXPECT_EQ(PostFrom("10.0.2.1", right).status, 200);
}

TEST_F(ConsoleTest, TheBastionsOwnScreenIsNeverPaused) {
  for (int i = 0; i < 2 * kPinAttemptsMax; ++i) {
    EXPECT_EQ(PostFrom("127.0.0.1", "pin=111111").status, 403);
  }
  EXPECT_EQ(PostFrom("127.0.0.1", std::string("pin=") + kPin).status, 200);
}

TEST_F(ConsoleTest, WithoutAPinNothingOpens) {
  StaffPin none("");
  EXPECT_THAT(none.Check("", "", Duration{}), HasCode(ErrorCode::kPermissionDenied));
}

TEST_F(ConsoleTest, AShutOutHandheldIsOutAtOnceAndInTheCloudLater) {
  cloud_.cut = true;
  const std::string form = "device=" + kHandA.ToString() + "&pin=";
  HttpRequest pull;
  pull.target = std::string(kChangesPath);
  EXPECT_EQ(Post("/console/revocations", form + "000000").status, 403);
  EXPECT_EQ(Signed(kHandA, pull)->status, 200);
  EXPECT_EQ(Post("/console/revocations", form + kPin).status, 303);
  EXPECT_EQ(Signed(kHandA, pull)->status, 403);
  // Others are told at their next pull.
  ASSERT_OK_AND_ASSIGN(const HttpResponse told, Signed(kHandB, pull));
  ASSERT_OK_AND_ASSIGN(const Changes changes, DecodeChanges(told.body));
  for (const CopyDevice& device : changes.devices) EXPECT_EQ(device.revoked, device.id == kHandA);

  EXPECT_FALSE(service_->SyncNow().ok());
  Start();
  EXPECT_EQ(Signed(kHandA, pull)->status, 403);
  cloud_.cut = false;
  cloud_.paths.clear();
  ASSERT_OK(service_->SyncNow());
  EXPECT_THAT(cloud_.revoked,
              ElementsAre("/v1/devices/" + kHandA.ToString() + "/relay-revocation"));
  // It is what goes first when there is a road again.
  EXPECT_THAT(cloud_.paths.front(), HasSubstr("relay-revocation"));
  ASSERT_OK(service_->SyncNow());
  EXPECT_EQ(cloud_.revoked.size(), 1u);
}

TEST_F(ConsoleTest, ABastionOrAStrangerIsNotShutOutHere) {
  const std::string pin = std::string("&pin=") + kPin;
  EXPECT_EQ(Post("/console/revocations", "device=" + kBastion2Id.ToString() + pin).status, 409);
  EXPECT_EQ(Post("/console/revocations", "device=" + kNewHand.ToString() + pin).status, 404);
  EXPECT_EQ(Post("/console/revocations", "device=nobody" + pin).status, 422);
  EXPECT_EQ(Post("/console/role", "role=first" + pin).status, 409);
}

// Scans go up before event copies come down: with little of a road the few bytes that matter pass.
TEST_F(ConsoleTest, ScansGoUpBeforeEventCopiesComeDown) {
  cloud_.cut = true;
  HttpRequest scan;
  scan.method = "POST";
  scan.target = std::string(kScansPath);
  scan.body = EncodeScanRequest(RequestFor(1, 1));
  ASSERT_EQ(Signed(kHandA, scan)->status, 200);
  ASSERT_OK(cloud_.cloud().ApplyEventCopy(TestEvent(2)));
  cloud_.cut = false;
  cloud_.paths.clear();
  ASSERT_OK(service_->SyncNow());
  const auto at = [&](std::string_view path) {
    for (size_t i = 0; i < cloud_.paths.size(); ++i) {
      if (cloud_.paths[i].find(path) != std::string::npos) return i;
    }
    return cloud_.paths.size();
  };
  EXPECT_LT(at(kLogPath), at(kCopiesPath));
  EXPECT_LT(at(kCopiesPath), cloud_.paths.size());
}

TEST_F(ConsoleTest, TheCloudIsToldAtOnceWhomStaffShutOut) {
  ASSERT_OK(service_->Tick());
  ASSERT_OK(service_->Tick());  // not its time yet
  const size_t asked = cloud_.paths.size();
  ASSERT_OK(service_->RevokeDevice(kHandA));
  ASSERT_OK(service_->Tick());
  EXPECT_EQ(cloud_.revoked.size(), 1u);
  EXPECT_GT(cloud_.paths.size(), asked);
  ASSERT_OK(service_->Tick());
  EXPECT_EQ(cloud_.revoked.size(), 1u);
}

TEST_F(ConsoleTest, TheStatusTellsGatesZonesDevicesAndBatteries) {
  for (uint64_t n = 0; n < 3; ++n) {
    HttpRequest scan;
    scan.method = "POST";
    scan.target = std::string(kScansPath);
    scan.body = EncodeScanRequest(RequestFor(n + 1, n, 2));
    ASSERT_EQ(Signed(kHandA, scan)->status, 200);
  }
  HttpRequest news;
  news.target = std::string(kNewsPath) + "?wait_ms=0&battery=17";
  ASSERT_EQ(Signed(kHandA, news)->status, 200);
  test_.clock.Advance(Duration::Seconds(70));
  auto status = nlohmann::json::parse(Get("/v1/status").body);
  ASSERT_EQ(status["gates"].size(), 1u);
  EXPECT_EQ(status["gates"][0]["name"], "Puerta 2");
  EXPECT_EQ(status["gates"][0]["admitted"], 3);
  EXPECT_EQ(status["gates"][0]["last_minute"], 0);
  ASSERT_EQ(status["zones"].size(), 2u);
  EXPECT_EQ(status["zones"][0]["inside"], 3);
  EXPECT_EQ(status["zones"][0]["tickets"], 10);
  for (const auto& device : status["devices"]) {
    if (device["id"] == kHandA.ToString()) {
      EXPECT_EQ(device["battery"], 17);
      EXPECT_EQ(device["seconds_ago"], 70);
    }
    if (device["id"] == kBastionId.ToString()) EXPECT_EQ(device["lag"], 3);
  }
  ASSERT_OK(service_->SyncNow());
  status = nlohmann::json::parse(Get("/v1/status").body);
  for (const auto& device : status["devices"]) EXPECT_EQ(device["lag"], 0);
  EXPECT_THAT(Get("/?lang=en").body, HasSubstr("scans a minute"));
  EXPECT_THAT(Get("/").body, HasSubstr("lecturas por minuto"));
}

TEST_F(ConsoleTest, AScanElsewhereIsNews) {
  HttpRequest news;
  news.target = std::string(kNewsPath);
  ASSERT_OK_AND_ASSIGN(const HttpResponse now, Signed(kHandB, news));
  const uint64_t seen = DecodeGateNews(now.body)->number;
  auto heard = std::async(std::launch::async, [&]() -> uint64_t {
    HttpRequest wait;
    wait.target = std::string(kNewsPath) + "?wait_ms=10000&seen=" + std::to_string(seen);
    const auto answer = Signed(kHandB, wait);
    return answer.ok() ? DecodeGateNews(answer->body)->number : seen;
  });
  HttpRequest scan;
  scan.method = "POST";
  scan.target = std::string(kScansPath);
  scan.body = EncodeScanRequest(RequestFor(1, 1));
  ASSERT_EQ(Signed(kHandA, scan)->status, 200);
  service_->Pulse();
  const bool told = heard.wait_for(kPatience) == std::future_status::ready;
  if (!told) service_->StopWaiting();
  EXPECT_TRUE(told) << "the news did not come";
  EXPECT_NE(heard.get(), seen);
  // Nobody who is not a device of the venue waits here.
  EXPECT_EQ(Signed(kNewHand, news)->status, 401);
  news.target = std::string(kNewsPath) + "?wait_ms=99999999";
  EXPECT_EQ(Signed(kHandB, news)->status, 422);
}

// What Await gives; nothing when it does not come back, and then its thread is left behind.
std::optional<uint64_t> Awaited(const std::shared_ptr<News>& news, uint64_t seen, Duration until) {
  auto said = std::make_shared<std::promise<uint64_t>>();
  std::future<uint64_t> answer = said->get_future();
  std::thread([=] { said->set_value(news->Await(seen, until)); }).detach();
  if (answer.wait_for(kPatience) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

// Whether it comes to be so many who wait.
bool ComeToWait(News& news, size_t count) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (news.Waiting() != count) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(NewsTest, ManyAnnouncementsAreOnePieceOfNewsAndWaitingHasAnEnd) {
  const auto news = std::make_shared<News>(100, 2);
  const uint64_t number = news->Number();
  news->Pulse(Duration::Seconds(1));
  EXPECT_EQ(Awaited(news, number, Duration::Seconds(1)), number) << "its time was over";
  news->Announce();
  EXPECT_EQ(news->Number(), number);
  news->Announce();
  news->Pulse(Duration::Seconds(2));
  EXPECT_EQ(Awaited(news, number, Duration::Seconds(99)), number + 1) << "both are one";
  news->Announce();
  news->Pulse(Duration::Seconds(2) + Duration::Millis(50));
  EXPECT_EQ(news->Number(), number + 1) << "not gathered";
  news->Pulse(Duration::Seconds(2) + Duration::Millis(200));
  EXPECT_EQ(news->Number(), number + 2);
}

TEST(NewsTest, NewsComesToThoseWhoWait) {
  const auto news = std::make_shared<News>(100, 2);
  const uint64_t number = news->Number();
  auto said = std::make_shared<std::promise<uint64_t>>();
  std::future<uint64_t> answer = said->get_future();
  std::thread([=] { said->set_value(news->Await(number, Duration::Seconds(1000))); }).detach();
  ASSERT_TRUE(ComeToWait(*news, 1));
  news->Announce();
  news->Pulse(Duration::Seconds(1));
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready) << "nobody was told";
  EXPECT_EQ(answer.get(), number + 1);
  EXPECT_TRUE(ComeToWait(*news, 0));
}

TEST(NewsTest, OneMoreThanThereIsRoomForIsAnsweredAtOnceAndClosingLetsAllGo) {
  const auto news = std::make_shared<News>(100, 2);
  const uint64_t number = news->Number();
  std::vector<std::future<uint64_t>> two;
  for (int i = 0; i < 2; ++i) {
    auto said = std::make_shared<std::promise<uint64_t>>();
    two.push_back(said->get_future());
    std::thread([=] { said->set_value(news->Await(number, Duration::Seconds(1000))); }).detach();
  }
  ASSERT_TRUE(ComeToWait(*news, 2));
  EXPECT_EQ(Awaited(news, number, Duration::Seconds(1000)), number) << "a third one waits";
  for (auto& one : two) {
    EXPECT_EQ(one.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  }
  news->Close();
  for (auto& one : two) EXPECT_EQ(one.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(Awaited(news, number, Duration::Seconds(5000)), number) << "nobody waits any more";
}

}  // namespace
}  // namespace ticketing
