// Goal: two bastions in contact are one writer; when they are not, the gate goes on and each double
// admission becomes a conflict on both. Method: real bastions in one process, on roads that are
// cut.
#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "lib/service/bastion/venue_store.h"
#include "tests/service_bastion/fixture.h"
#include "ticketing/wire/bastion_codec.h"

namespace ticketing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class TwoBastionsTest : public ::testing::Test {
 protected:
  TwoBastionsTest()
      : cloud_(test_),
        first_files_(SqliteOptions{.data_dir = first_dir_.path()}),
        spare_files_(SqliteOptions{.data_dir = spare_dir_.path()}) {
    StartFirst();
    StartSpare();
    EXPECT_OK(spare_->FollowTick());
  }

  void StartFirst() {
    first_.reset();
    auto opened = BastionService::Open(
        {test_.env(), first_files_, kBastionId, SeedOf(kBastionId), &cloud_}, {});
    ASSERT_THAT(opened, IsOk());
    first_ = *std::move(opened);
    (void)first_->SyncNow();
    EXPECT_OK(first_->SetAddress("https://first:1", std::string(64, 'a')));
    between_.service = first_.get();
  }
  void StartSpare() {
    spare_.reset();
    auto opened = BastionService::Open(
        {test_.env(), spare_files_, kBastion2Id, SeedOf(kBastion2Id), &cloud_, &between_},
        {.staff_pin = "123456"});
    ASSERT_THAT(opened, IsOk());
    spare_ = *std::move(opened);
    (void)spare_->SyncNow();
    EXPECT_OK(spare_->SetAddress("https://spare:2", std::string(64, 'b')));
  }

  StatusOr<LogEntry> Decide(BastionService& at, DeviceId device, const ScanRequest& request) {
    const SigningKey key = DeviceKey(device);
    InProcessHttpClient road(at.api());
    SyncLink link(test_.env(), road, device, key);
    TICKETING_ASSIGN_OR_RETURN(const ScanResponse answer,
                               link.Decide(request, Duration::Seconds(1)));
    return DecodeLogEntry(answer.entry);
  }

  // Rounds between the two until each trusts the road again.
  void Meet() {
    between_.cut = false;
    for (int i = 0; i < 200; ++i) {
      test_.clock.Advance(Duration::Millis(250));
      (void)spare_->FollowTick();
    }
  }
  void Part() {
    between_.cut = true;
    for (int i = 0; i < 3; ++i) (void)spare_->FollowTick();
  }

  nlohmann::json StatusOf(BastionService& at) {
    HttpRequest request;
    request.target = "/v1/status";
    return nlohmann::json::parse(at.api().Handle(request).body);
  }

  TestEnv test_;
  TempDir first_dir_, spare_dir_;
  CloudRoad cloud_;
  LanRoad between_;
  SqliteDatabaseFactory first_files_, spare_files_;
  std::unique_ptr<BastionService> first_, spare_;
};

TEST_F(TwoBastionsTest, TheFirstDecidesWhicheverIsAsked) {
  std::atomic<int> admitted = 0;
  std::vector<std::thread> gates;
  for (uint64_t n = 0; n < 8; ++n) {
    gates.emplace_back([&, n] {
      const auto entry = Decide(n % 2 == 0 ? *first_ : *spare_, n % 4 < 2 ? kHandA : kHandB,
                                RequestFor(100 + n, 3));
      if (entry.ok() && entry->reason == static_cast<uint16_t>(Reason::kOk)) ++admitted;
      if (entry.ok()) EXPECT_EQ(entry->device, kBastionId);
    });
  }
  for (std::thread& gate : gates) gate.join();
  EXPECT_EQ(admitted, 1);
  EXPECT_EQ(StatusOf(*spare_)["role"], "spare");
}

// Somebody who listened plays it again when the other bastion answers.
TEST_F(TwoBastionsTest, ARequestIsAnsweredOnceByWhomeverOfTheTwo) {
  const SigningKey key = DeviceKey(kHandA);
  const auto pull = [&](const std::string& nonce) {
    HttpRequest request;
    request.target = std::string(kChangesPath) + "?after=0";
    request.headers.Set(
        "Authorization",
        SignDeviceRequest({request.method, request.target, request.body}, kHandA, test_.clock.Now(),
                          std::string(kDeviceNonceBytes, nonce[0]), key));
    return request;
  };
  const HttpRequest passed = pull("p");
  EXPECT_EQ(spare_->api().Handle(passed).status, 200);
  EXPECT_EQ(spare_->api().Handle(passed).status, 401) << "while the spare follows";
  Part();
  EXPECT_EQ(spare_->api().Handle(passed).status, 401) << "when it decides itself";
  const HttpRequest own = pull("o");
  EXPECT_EQ(spare_->api().Handle(own).status, 200);
  between_.cut = false;
  for (int i = 0; i < 200 && StatusOf(*spare_)["role"] != "spare"; ++i) {
    test_.clock.Advance(Duration::Millis(100));
    (void)spare_->FollowTick();
  }
  EXPECT_EQ(StatusOf(*spare_)["role"], "spare");
  EXPECT_EQ(spare_->api().Handle(own).status, 401) << "when the first is back";
}

TEST_F(TwoBastionsTest, TheSpareKnowsWhatTheLostOneDecided) {
  ASSERT_OK(Decide(*first_, kHandA, RequestFor(1, 4)).status());
  ASSERT_OK(spare_->FollowTick());
  between_.service = nullptr;
  first_.reset();
  Part();
  EXPECT_EQ(StatusOf(*spare_)["role"], "acting");
  test_.clock.Advance(Duration::Seconds(6));
  ASSERT_OK_AND_ASSIGN(const LogEntry again, Decide(*spare_, kHandB, RequestFor(2, 4)));
  EXPECT_EQ(again.device, kBastion2Id);
  EXPECT_EQ(again.reason, static_cast<uint16_t>(Reason::kAlreadyUsed));
  // And in the cloud's place for all logs it brings the lost one's there.
  ASSERT_OK(spare_->SyncNow());
  ASSERT_OK_AND_ASSIGN(const auto scans, cloud_.cloud().ScansOfTicket(Ticket(4)));
  EXPECT_EQ(scans.size(), 2u);
}

TEST_F(TwoBastionsTest, APartitionEndsInAConflictOnBothAndOneWriter) {
  Part();
  ASSERT_OK_AND_ASSIGN(const LogEntry here, Decide(*first_, kHandA, RequestFor(1, 5)));
  ASSERT_OK_AND_ASSIGN(const LogEntry there, Decide(*spare_, kHandB, RequestFor(2, 5, 2)));
  EXPECT_EQ(here.outcome, kLogAdmitted);
  EXPECT_EQ(there.outcome, kLogAdmitted);
  EXPECT_EQ(there.device, kBastion2Id);
  Meet();
  for (BastionService* bastion : {first_.get(), spare_.get()}) {
    const auto status = StatusOf(*bastion);
    EXPECT_EQ(status["conflicts"], 1) << status["name"];
    EXPECT_EQ(status["conflict_list"][0]["second_gate"], "Puerta 2");
  }
  test_.clock.Advance(Duration::Seconds(6));
  ASSERT_OK_AND_ASSIGN(const LogEntry after, Decide(*spare_, kHandB, RequestFor(3, 5)));
  EXPECT_EQ(after.device, kBastionId);
}

TEST_F(TwoBastionsTest, OneLostAnswerMakesNoSecondWriter) {
  between_.cut = true;
  ASSERT_OK_AND_ASSIGN(const LogEntry alone, Decide(*spare_, kHandA, RequestFor(1, 6)));
  EXPECT_EQ(alone.device, kBastion2Id);  // somebody has to answer this person
  between_.cut = false;
  ASSERT_OK_AND_ASSIGN(const LogEntry next, Decide(*spare_, kHandA, RequestFor(2, 7)));
  EXPECT_EQ(next.device, kBastionId);
}

TEST_F(TwoBastionsTest, StaffPutTheSpareInChargeForGood) {
  EXPECT_EQ(spare_->api().Handle(FormPost("/console/role", "role=first&pin=000000")).status, 403);
  EXPECT_EQ(spare_->api().Handle(FormPost("/console/role", "role=first&pin=123456")).status, 303);
  StartSpare();
  ASSERT_OK_AND_ASSIGN(const LogEntry entry, Decide(*spare_, kHandA, RequestFor(1, 7)));
  EXPECT_EQ(entry.device, kBastion2Id);
  EXPECT_EQ(spare_->api().Handle(FormPost("/console/role", "role=spare&pin=123456")).status, 303);
  ASSERT_OK_AND_ASSIGN(const LogEntry next, Decide(*spare_, kHandA, RequestFor(2, 8)));
  EXPECT_EQ(next.device, kBastionId);
}

// A log is taken while its device is trusted; a spare that learns of the theft first still gets all
// of it from the first bastion, which vouches for what it took.
TEST_F(TwoBastionsTest, TheSpareGetsWhatTheFirstTookFromAHandheldThatWasStolenLater) {
  cloud_.cut = true;
  Place stolen(test_, kHandA, DecidedBy::kAlone);
  ASSERT_OK(stolen->Scan(Code(6), At(1)).status());
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> log, stolen->OwnEntries(1, 10));
  InProcessHttpClient road(first_->api());
  const SigningKey key = DeviceKey(kHandA);
  SyncLink link(test_.env(), road, kHandA, key);
  ASSERT_OK_AND_ASSIGN(const LogUploadResult taken, link.Upload(log, Duration::Seconds(1)));
  ASSERT_EQ(taken.acks[0].state, AckState::kStored);
  ASSERT_OK(first_->RevokeDevice(kHandA));
  ASSERT_OK(spare_->FollowTick());
  EXPECT_TRUE(spare_->engine().FindDevice(kHandA)->revoked);
  ASSERT_OK_AND_ASSIGN(const auto scans, spare_->engine().ScansOfTicket(Ticket(6)));
  EXPECT_EQ(scans.size(), 1u);
  // In the first one's place it refuses the copy.
  between_.service = nullptr;
  first_.reset();
  Part();
  test_.clock.Advance(Duration::Seconds(6));
  ASSERT_OK_AND_ASSIGN(const LogEntry again, Decide(*spare_, kHandB, RequestFor(9, 6)));
  EXPECT_EQ(again.reason, static_cast<uint16_t>(Reason::kAlreadyUsed));
}

// Restored from an old copy while the cloud is away, the first one gets its own log back from the
// spare before it decides again.
TEST_F(TwoBastionsTest, TheSpareGivesTheFirstItsOwnLogBack) {
  cloud_.cut = true;
  ASSERT_OK(Decide(*first_, kHandA, RequestFor(1, 1)).status());
  TempDir old;
  between_.service = nullptr;
  first_.reset();
  std::filesystem::copy(
      first_dir_.path(), old.path(),
      std::filesystem::copy_options::overwrite_existing | std::filesystem::copy_options::recursive);
  StartFirst();
  ASSERT_OK(Decide(*first_, kHandA, RequestFor(2, 2)).status());
  ASSERT_OK(Decide(*first_, kHandA, RequestFor(3, 3)).status());
  ASSERT_OK(spare_->FollowTick());
  ASSERT_OK_AND_ASSIGN(const auto whole, first_->engine().OwnEntries(1, 100));
  first_.reset();
  SqliteDatabaseFactory files(SqliteOptions{.data_dir = old.path()});
  BastionPorts ports{test_.env(), files, kBastionId, SeedOf(kBastionId), &cloud_};
  ports.place = [] { return std::string("elsewhere"); };
  auto opened = BastionService::Open(ports, {.restored = true});
  ASSERT_THAT(opened, IsOk());
  first_ = *std::move(opened);
  EXPECT_OK(first_->SetAddress("https://first:1", std::string(64, 'a')));
  between_.service = first_.get();
  EXPECT_THAT(Decide(*first_, kHandA, RequestFor(4, 4)), HasCode(ErrorCode::kUnavailable));
  for (int i = 0; i < 3; ++i) {
    test_.clock.Advance(Duration::Millis(250));
    (void)spare_->FollowTick();
    EXPECT_OK(first_->Watch());
  }
  EXPECT_EQ(StatusOf(*first_)["log_whole"], true);
  ASSERT_OK_AND_ASSIGN(const auto back, first_->engine().OwnEntries(1, 100));
  EXPECT_EQ(back, whole);
  ASSERT_OK_AND_ASSIGN(const LogEntry next, Decide(*first_, kHandA, RequestFor(5, 5)));
  EXPECT_EQ(next.sequence, whole.size() + 1);
}

// Two that follow each other, by mistake or in a change of roles, must answer all the same.
TEST_F(TwoBastionsTest, ARequestIsPassedOnOnce) {
  LanRoad back;
  back.service = spare_.get();
  first_.reset();
  auto opened = BastionService::Open(
      {test_.env(), first_files_, kBastionId, SeedOf(kBastionId), nullptr, &back}, {});
  ASSERT_THAT(opened, IsOk());
  first_ = *std::move(opened);
  between_.service = first_.get();
  ASSERT_OK(Decide(*spare_, kHandA, RequestFor(1, 2)).status());
  EXPECT_EQ(back.sent, 0);
}

// Anybody on the LAN can send; only devices that proved who they are may reach the first bastion
// through the spare, or make the spare believe that it is down.
TEST_F(TwoBastionsTest, StrangersDoNotMakeTheSpareDecide) {
  const int sent = between_.sent;
  between_.slow = true;
  const SigningKey wrong = SeedKey('w');
  for (int i = 0; i < 100; ++i) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::string(i % 2 == 0 ? kScansPath : kLogPath);
    request.headers.Set("Content-Type", kProtobufMediaType);
    request.body = std::string(i % 3 == 0 ? 4 << 10 : 1 << 20, 'x');
    if (i % 5 == 0) {
      request.headers.Set("Authorization",
                          SignDeviceRequest({request.method, request.target, request.body}, kHandA,
                                            test_.clock.Now(), std::string(16, 'n'), wrong));
    }
    EXPECT_THAT(spare_->api().Handle(request).status, ::testing::AnyOf(401, 413));
  }
  EXPECT_EQ(between_.sent, sent);
  EXPECT_EQ(StatusOf(*spare_)["role"], "spare");
  between_.slow = false;
  ASSERT_OK_AND_ASSIGN(const LogEntry entry, Decide(*spare_, kHandA, RequestFor(1, 6)));
  EXPECT_EQ(entry.device, kBastionId);
}

TEST_F(TwoBastionsTest, AScanIsShortAlsoFromAKnownDevice) {
  const int sent = between_.sent;
  const SigningKey key = DeviceKey(kHandA);
  InProcessHttpClient road(spare_->api());
  SyncLink link(test_.env(), road, kHandA, key);
  HttpRequest request;
  request.method = "POST";
  request.target = std::string(kScansPath);
  request.body = std::string((8 << 10) + 1, 'x');
  ASSERT_OK_AND_ASSIGN(const HttpResponse refused, link.Send(request, Duration::Seconds(1)));
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(between_.sent, sent);
}

// Neither a handheld's word nor its own signature makes its request one that a bastion passed on.
TEST_F(TwoBastionsTest, OnlyABastionSaysThatARequestWasPassedOn) {
  const SigningKey key = DeviceKey(kHandA);
  InProcessHttpClient road(spare_->api());
  SyncLink link(test_.env(), road, kHandA, key);
  const auto decide = [&](uint64_t n, auto proof) -> StatusOr<LogEntry> {
    HttpRequest request;
    request.method = "POST";
    request.target = std::string(kScansPath);
    request.headers.Set("Content-Type", kProtobufMediaType);
    request.body = EncodeScanRequest(RequestFor(n, n));
    request.headers.Set("Ticketing-Passed", proof(request));
    TICKETING_ASSIGN_OR_RETURN(const HttpResponse answer, link.Send(request, Duration::Seconds(1)));
    TICKETING_ASSIGN_OR_RETURN(const ScanResponse scan, DecodeScanResponse(answer.body));
    return DecodeLogEntry(scan.entry);
  };
  const auto signed_by = [&](DeviceId device, const SigningKey& with) {
    return [this, device, &with](const HttpRequest& request) {
      return SignDeviceRequest({request.method, request.target, request.body}, device,
                               test_.clock.Now(), std::string(16, 'p'), with);
    };
  };
  const SigningKey first = DeviceKey(kBastionId);
  ASSERT_OK_AND_ASSIGN(const LogEntry named,
                       decide(1, [](const HttpRequest&) { return kBastionId.ToString(); }));
  EXPECT_EQ(named.device, kBastionId);
  ASSERT_OK_AND_ASSIGN(const LogEntry own, decide(2, signed_by(kHandA, key)));
  EXPECT_EQ(own.device, kBastionId);
  ASSERT_OK_AND_ASSIGN(const LogEntry stolen, decide(3, signed_by(kBastionId, key)));
  EXPECT_EQ(stolen.device, kBastionId);
  ASSERT_OK_AND_ASSIGN(const LogEntry genuine, decide(4, signed_by(kBastionId, first)));
  EXPECT_EQ(genuine.device, kBastion2Id);
}

TEST_F(TwoBastionsTest, WhoJoinedAtOrWasShutOutAtTheSpareIsSoAtTheFirst) {
  cloud_.cut = true;
  const SigningKey key = SeedKey('n');
  InProcessHttpClient road(spare_->api());
  ASSERT_THAT(Enrol(road, spare_->PairingCode(), kNewHand, key, "Nuevo", Duration::Seconds(1)),
              IsOk());
  ASSERT_OK(spare_->RevokeDevice(kHandB));
  ASSERT_OK(spare_->FollowTick());
  InProcessHttpClient first(first_->api());
  SyncLink fresh(test_.env(), first, kNewHand, key);
  EXPECT_THAT(fresh.Decide(RequestFor(1, 1), Duration::Seconds(1)), IsOk());
  EXPECT_THAT(Decide(*first_, kHandB, RequestFor(2, 1)), HasCode(ErrorCode::kPermissionDenied));
}

class CardsTest : public ::testing::Test {
 protected:
  CardsTest() : files_(SqliteOptions{.data_dir = dir_.path()}) {
    auto opened = files_.Open("cards", VenueSchema());
    EXPECT_OK(opened);
    database_ = *std::move(opened);
    store_ = std::make_unique<VenueStore>(*database_);
  }
  bool Put(uint64_t device, const std::string& url, Timestamp made_at) {
    const auto changed = store_->PutCard({DeviceId{device}, url, "pin", made_at, "s"}, kNow);
    EXPECT_OK(changed);
    return changed.ok() && *changed;
  }
  std::string UrlOf(uint64_t device) {
    const auto cards = store_->Cards();
    EXPECT_OK(cards);
    for (const BastionCard& card : *cards) {
      if (card.device == DeviceId{device}) return card.url;
    }
    return "none";
  }

  static constexpr Timestamp kNow = FakeClock::kStart;
  TempDir dir_;
  SqliteDatabaseFactory files_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<VenueStore> store_;
};

TEST_F(CardsTest, WithAllPlacesTakenKnownBastionsStillMove) {
  for (uint64_t n = 1; n <= kVenueBastionsMax; ++n) EXPECT_TRUE(Put(n, "old", kNow));
  EXPECT_FALSE(Put(99, "one too many", kNow));
  EXPECT_TRUE(Put(3, "new", kNow + Duration::Seconds(1)));
  EXPECT_EQ(UrlOf(3), "new");
  EXPECT_FALSE(Put(3, "old", kNow));
  EXPECT_EQ(UrlOf(3), "new");
  // Who was shut out leaves his place to another.
  EXPECT_OK(store_->DropCards({DeviceId{5}}));
  EXPECT_TRUE(Put(99, "next", kNow));
  EXPECT_EQ(UrlOf(5), "none");
  EXPECT_EQ(UrlOf(99), "next");
}

TEST_F(CardsTest, ACardDatedFarAheadDoesNotStayForEver) {
  EXPECT_TRUE(Put(1, "wrong clock", kNow + Duration::Hours(24 * 365)));
  EXPECT_TRUE(Put(1, "right clock", kNow));
  EXPECT_EQ(UrlOf(1), "right clock");
  // A little ahead is no wrong clock.
  EXPECT_TRUE(Put(2, "later", kNow + Duration::Minutes(4)));
  EXPECT_FALSE(Put(2, "earlier", kNow));
}

TEST_F(TwoBastionsTest, HandheldsLearnWhereTheOtherOneIs) {
  const SigningKey key = DeviceKey(kHandA);
  InProcessHttpClient road(first_->api());
  SyncLink link(test_.env(), road, kHandA, key);
  HttpRequest request;
  request.target = std::string(kNewsPath);
  ASSERT_OK_AND_ASSIGN(const HttpResponse answer, link.Send(request, Duration::Seconds(1)));
  ASSERT_OK_AND_ASSIGN(const GateNews news, DecodeGateNews(answer.body));
  ASSERT_EQ(news.bastions.size(), 2u);
  for (const BastionCard& card : news.bastions) {
    EXPECT_TRUE(IsBastionCardGenuine(card, DeviceKey(card.device).public_key()));
  }
  EXPECT_EQ(news.bastions[1].url, "https://spare:2");

  // No handheld makes itself a bastion.
  VenueReport forged{{kHandA, "https://evil:3", std::string(64, 'c'), {}, ""}, {}};
  SignBastionCard(forged.card, key);
  request.method = "POST";
  request.target = std::string(kReportsPath);
  request.body = EncodeVenueReport(forged);
  ASSERT_OK_AND_ASSIGN(const HttpResponse refused, link.Send(request, Duration::Seconds(1)));
  EXPECT_EQ(refused.status, 403);
}

}  // namespace
}  // namespace ticketing
