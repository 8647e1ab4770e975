// Goal: handhelds that hear each other admit a ticket once, whoever else is gone; those that do not
// agree afterwards; and nobody on the network does harm with what he says. Method: real engines and
// the real routes of handhelds on a simulated network that is cut, slow, and full of lies.
#include "ticketing/gate/peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/gate/fixture.h"
#include "ticketing/gate/link.h"
#include "ticketing/service/bastion/peer_service.h"
#include "ticketing/sync/peer_announcement.h"

namespace ticketing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr DeviceId kHandC{103};
constexpr uint32_t kNet = 0x0a4d0000;
const std::string kPin(kPeerPinBytes, 'p');

uint32_t AddressOf(DeviceId device) {
  return kNet + static_cast<uint32_t>(device.value);
}

// A handheld, and what it answers.
struct Hand {
  Hand(TestEnv& env, DeviceId id, PeerConnector connect)
      : place(env, id, DecidedBy::kAlone), service(env.env(), *place) {
    EXPECT_OK(place->AddDevices({{kHandC, DeviceKey(kHandC).public_key(), "x", false, false}}));
    // One clock is everybody's here: while one waits, all do.
    const PeerConfig config{.timeout = Duration::Millis(500)};
    exchange = std::make_unique<PeerExchange>(*place, std::move(connect), config);
    exchange->SetAlone(true);
  }
  DeviceId id() { return place->device(); }
  ScanResult Scan(uint64_t ticket, uint16_t gate) {
    auto result = place->Scan(Code(ticket), At(gate));
    EXPECT_OK(result);
    exchange->Decided();
    return result.ok() ? *result : ScanResult{};
  }

  Place place;
  PeerService service;
  std::unique_ptr<PeerExchange> exchange;
  int asked = 0;  // requests that came in
  Duration delay{};
  HttpHandler* instead = nullptr;  // answers in its place
};

class PeersTest : public ::testing::Test {
 protected:
  // One direction of the network.
  class Wire final : public HttpClient {
   public:
    Wire(PeersTest& test, DeviceId from, uint32_t to) : test_(test), from_(from), to_(to) {}
    StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override {
      Hand* hand = test_.HandAt(to_);
      if (hand == nullptr || test_.cut_.contains({from_, hand->id()})) {
        return MakeError(ErrorCode::kUnavailable, "no way");
      }
      ++hand->asked;
      test_.targets_.push_back(request.target);
      if (hand->delay >= timeout) {
        test_.env_.clock.Advance(timeout);
        return MakeError(ErrorCode::kDeadlineExceeded, "too late");
      }
      test_.env_.clock.Advance(hand->delay);
      return (hand->instead != nullptr ? *hand->instead : hand->service.api()).Handle(request);
    }

   private:
    PeersTest& test_;
    const DeviceId from_;
    const uint32_t to_;
  };

  PeersTest() {
    for (const DeviceId id : {kHandA, kHandB}) Join(id);
  }
  Hand& Join(DeviceId id) {
    hands_[id] = std::make_unique<Hand>(env_, id, [this, id](const PeerAnnouncement& peer) {
      return std::shared_ptr<HttpClient>(std::make_shared<Wire>(*this, id, peer.address));
    });
    return *hands_[id];
  }
  Hand* HandAt(uint32_t address) {
    for (const auto& [id, hand] : hands_) {
      if (AddressOf(id) == address) return hand.get();
    }
    return nullptr;
  }
  void Cut(DeviceId a, DeviceId b) { cut_.insert({{a, b}, {b, a}}); }
  void Heal() { cut_.clear(); }

  // Lets time pass: everybody tells where he is, and speaks to whoever is due.
  void Run(Duration span) {
    for (Duration t; t < span; t = t + Duration::Millis(250)) {
      env_.clock.Advance(Duration::Millis(250));
      if (t.millis() % 1000 == 0) {
        for (const auto& [from, hand] : hands_) Announce(from);
      }
      for (const auto& [id, hand] : hands_) {
        while (hand->exchange->Step()) {
        }
      }
    }
  }
  void Announce(DeviceId from) {
    const std::string said = hands_[from]->exchange->Announcement(AddressOf(from), 7501, kPin);
    for (const auto& [to, hand] : hands_) {
      if (!cut_.contains({from, to})) (void)hand->exchange->Hear(said, AddressOf(from));
    }
  }

  std::string Said(DeviceId device, const SigningKey& key, Timestamp at) {
    return SealPeerAnnouncement({device, at, AddressOf(device), 7501, kPin}, key);
  }

  TestEnv env_;
  std::map<DeviceId, std::unique_ptr<Hand>> hands_;
  std::set<std::pair<DeviceId, DeviceId>> cut_;
  std::vector<std::string> targets_;
  Hand& a() { return *hands_[kHandA]; }
  Hand& b() { return *hands_[kHandB]; }
};

TEST_F(PeersTest, ATicketThatWentInAtOneGateIsRefusedAtTheNext) {
  Run(Duration::Seconds(2));
  EXPECT_EQ(a().exchange->hearing(), 1u);
  EXPECT_EQ(b().exchange->hearing(), 1u);
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  ASSERT_TRUE(a().exchange->Step()) << "a decision is told at once";
  const ScanResult copy = b().Scan(1, 2);
  EXPECT_EQ(copy.decision.reason, Reason::kAlreadyUsed);
  ASSERT_TRUE(copy.decision.first);
  EXPECT_EQ(copy.decision.first->gate, 1);
  EXPECT_THAT(*b().place->Conflicts(), IsEmpty());
}

TEST_F(PeersTest, WhatHappenedInAPartitionIsOneConflictOnBothSides) {
  Run(Duration::Seconds(2));
  Cut(kHandA, kHandB);
  Run(Duration::Seconds(5));
  EXPECT_EQ(a().exchange->hearing(), 0u);
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  env_.clock.Advance(Duration::Seconds(1));
  ASSERT_EQ(b().Scan(1, 2).decision.reason, Reason::kOk);
  ASSERT_EQ(b().Scan(2, 2).decision.reason, Reason::kOk);
  Run(Duration::Seconds(10));
  EXPECT_THAT(*a().place->Conflicts(), IsEmpty());
  Heal();
  Run(Duration::Seconds(5));
  ASSERT_OK_AND_ASSIGN(const std::vector<Conflict> here, a().place->Conflicts());
  ASSERT_OK_AND_ASSIGN(const std::vector<Conflict> there, b().place->Conflicts());
  ASSERT_THAT(here, SizeIs(1));
  EXPECT_EQ(here, there);
  EXPECT_EQ(here[0].first_gate, 1);
  EXPECT_EQ(here[0].second_gate, 2);
  EXPECT_EQ(a().Scan(2, 1).decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(a().exchange->hearing(), 1u);
}

TEST_F(PeersTest, OneDirectionIsEnoughForBoth) {
  cut_.insert({kHandA, kHandB});  // A hears B and cannot reach it
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  ASSERT_EQ(b().Scan(2, 2).decision.reason, Reason::kOk);
  Announce(kHandA);
  cut_.erase({kHandA, kHandB});
  Announce(kHandA);  // B learns of A once, then A is mute
  cut_.insert({kHandA, kHandB});
  while (b().exchange->Step()) {
  }
  EXPECT_EQ(b().Scan(1, 2).decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(a().Scan(2, 1).decision.reason, Reason::kAlreadyUsed);
}

TEST_F(PeersTest, EntriesTravelFromHandToHand) {
  Hand& c = Join(kHandC);
  Cut(kHandA, kHandC);
  Run(Duration::Seconds(2));
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  Run(Duration::Seconds(5));
  EXPECT_EQ(c.Scan(1, 2).decision.reason, Reason::kAlreadyUsed);
}

TEST_F(PeersTest, WhoIsNotAloneAsksNobodyButAnswers) {
  a().exchange->SetAlone(false);
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  Run(Duration::Seconds(3));
  EXPECT_EQ(b().asked, 0);
  EXPECT_EQ(a().exchange->hearing(), 0u);
  EXPECT_EQ(b().Scan(1, 2).decision.reason, Reason::kAlreadyUsed) << "it asked by itself";
}

TEST_F(PeersTest, WhoIsAloneAgainFirstLearnsWhatHeMissed) {
  Hand& c = Join(kHandC);
  Run(Duration::Seconds(2));
  for (const auto& [id, hand] : hands_) hand->exchange->SetAlone(false);
  ASSERT_EQ(b().Scan(1, 2).decision.reason, Reason::kOk);
  ASSERT_EQ(c.Scan(2, 2).decision.reason, Reason::kOk);
  Run(Duration::Seconds(3));
  a().exchange->SetAlone(true);
  while (a().exchange->Step()) {
  }
  EXPECT_EQ(a().Scan(1, 1).decision.reason, Reason::kAlreadyUsed);
  EXPECT_EQ(a().Scan(2, 1).decision.reason, Reason::kAlreadyUsed);
}

TEST_F(PeersTest, ARestartGoesOnWhereItWas) {
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  Run(Duration::Seconds(2));
  b().exchange = std::make_unique<PeerExchange>(*b().place, [this](const PeerAnnouncement& peer) {
    return std::shared_ptr<HttpClient>(std::make_shared<Wire>(*this, kHandB, peer.address));
  });
  b().exchange->SetAlone(true);
  targets_.clear();
  a().exchange->SetAlone(false);
  Run(Duration::Seconds(1));
  ASSERT_FALSE(targets_.empty());
  EXPECT_NE(targets_[0], std::string(kChangesPath) + "?after=0");
}

TEST_F(PeersTest, AnnouncementsThatProveNothingChangeNothing) {
  const Timestamp now = env_.clock.Now();
  PeerExchange& exchange = *a().exchange;
  const auto refused = [&](const std::string& said, uint32_t from) {
    env_.clock.Advance(kPeerCheckInterval);
    return !exchange.Hear(said, from) && exchange.known() == 0;
  };
  const uint32_t from = AddressOf(kHandB);
  EXPECT_TRUE(refused("", from));
  EXPECT_TRUE(refused(std::string(1200, 'x'), from));
  EXPECT_TRUE(refused(Said(kHandB, SeedKey('z'), now), from)) << "signed by somebody else";
  EXPECT_TRUE(refused(Said(DeviceId{4711}, SeedKey('z'), now), AddressOf(DeviceId{4711})))
      << "a stranger";
  EXPECT_TRUE(refused(Said(kHandA, DeviceKey(kHandA), now), AddressOf(kHandA))) << "ourselves";
  EXPECT_TRUE(refused(Said(kHandB, DeviceKey(kHandB), now), from + 1)) << "from another address";
  EXPECT_TRUE(refused(Said(kHandB, DeviceKey(kHandB), now - Duration::Minutes(6)), from)) << "old";
  EXPECT_TRUE(refused(Said(kHandB, DeviceKey(kHandB), now + Duration::Minutes(6)), from));
  const std::string good = Said(kHandB, DeviceKey(kHandB), now);
  env_.clock.Advance(kPeerCheckInterval);
  EXPECT_TRUE(exchange.Hear(good, from));
  env_.clock.Advance(Duration::Seconds(1));
  EXPECT_FALSE(exchange.Hear(good, from)) << "said before";
  EXPECT_FALSE(exchange.Hear(Said(kHandB, DeviceKey(kHandB), now - Duration{1}), from));
  EXPECT_EQ(exchange.known(), 1u);
  ASSERT_OK(a().place->AddDevices({{kHandC, DeviceKey(kHandC).public_key(), "x", false, true}}));
  env_.clock.Advance(Duration::Seconds(1));
  EXPECT_FALSE(exchange.Hear(Said(kHandC, DeviceKey(kHandC), now), AddressOf(kHandC)))
      << "shut out";
}

TEST_F(PeersTest, AFloodCostsABoundedNumberOfSignatures) {
  PeerExchange& exchange = *a().exchange;
  const auto said = [&](DeviceId device) {
    return Said(device, DeviceKey(device), env_.clock.Now());
  };
  // One address is looked at once in a while.
  EXPECT_FALSE(exchange.Hear(Said(kHandB, SeedKey('z'), env_.clock.Now()), AddressOf(kHandB)));
  EXPECT_FALSE(exchange.Hear(said(kHandB), AddressOf(kHandB)));
  env_.clock.Advance(kPeerCheckInterval);
  EXPECT_TRUE(exchange.Hear(said(kHandB), AddressOf(kHandB)));
  env_.clock.Advance(Duration::Seconds(1));
  // Many addresses share one budget.
  for (uint32_t i = 0; i < 10'000; ++i) {
    const PeerAnnouncement forged{kHandC, env_.clock.Now(), 0x0b000000 + i, 1, kPin};
    EXPECT_FALSE(exchange.Hear(SealPeerAnnouncement(forged, SeedKey('z')), forged.address));
  }
  EXPECT_FALSE(exchange.Hear(said(kHandC), AddressOf(kHandC)));
  env_.clock.Advance(Duration::Seconds(1));
  EXPECT_TRUE(exchange.Hear(said(kHandC), AddressOf(kHandC))) << "the flood has passed";
}

TEST_F(PeersTest, TheTableIsBoundedAndForgets) {
  std::vector<CopyDevice> devices;
  for (uint64_t n = 0; n < kPeersMax + 6; ++n) {
    devices.push_back({DeviceId{1000 + n}, SeedKey('m').public_key(), "x", false, false});
  }
  ASSERT_OK(a().place->AddDevices(devices));
  const auto all_say = [&] {
    size_t entered = 0;
    for (const CopyDevice& device : devices) {
      entered +=
          a().exchange->Hear(Said(device.id, SeedKey('m'), env_.clock.Now()), AddressOf(device.id));
    }
    return entered;
  };
  EXPECT_EQ(all_say(), kPeersMax);
  EXPECT_EQ(a().exchange->known(), kPeersMax);
  env_.clock.Advance(kPeerForgotten + Duration::Seconds(1));
  const CopyDevice& last = devices.back();
  EXPECT_TRUE(
      a().exchange->Hear(Said(last.id, SeedKey('m'), env_.clock.Now()), AddressOf(last.id)));
  EXPECT_EQ(a().exchange->known(), 1u);
}

// Answers a pull with whatever a test wants.
class Liar final : public HttpHandler {
 public:
  HttpResponse Handle(const HttpRequest& request) override {
    HttpResponse response;
    if (request.path() == kChangesPath) response.body = EncodeChanges(changes);
    if (request.path() == kLogPath) {
      LogUploadResult result;
      const auto upload = DecodeLogUpload(request.body);
      result.acks.resize(upload->entries.size(), {AckState::kStored, ""});
      result.cloud = changes.cloud;
      response.body = EncodeLogUploadResult(result);
    }
    return response;
  }
  Changes changes;
};

TEST_F(PeersTest, APeerIsNoAuthority) {
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  const DeviceId stranger{4711};
  LogEntry invented;
  invented.device = invented.scanner = stranger;
  invented.sequence = 1;
  invented.scan = ScanId{9};
  invented.ticket = Ticket(2);
  invented.event = 12;
  invented.gate = 2;
  invented.outcome = kLogAdmitted;
  invented.counted = true;
  Liar liar;
  liar.changes.server = kHandB;
  liar.changes.cursor = 1;
  liar.changes.devices = {{stranger, SeedKey('z').public_key(), "mine", true, false}};
  liar.changes.entries = {SealLogEntry(invented, SeedKey('z'))};
  invented.device = invented.scanner = kHandB;
  liar.changes.entries.push_back(SealLogEntry(invented, SeedKey('z')));
  liar.changes.cloud = {{kHandA, 1}};
  b().instead = &liar;
  Run(Duration::Seconds(3));
  EXPECT_GT(b().asked, 1) << "it was asked and told";
  EXPECT_FALSE(a().place->FindDevice(stranger));
  EXPECT_EQ(a().place->GetStatus()->waiting_for_cloud, 1u) << "only the cloud says what it has";
  EXPECT_EQ(a().Scan(2, 1).decision.reason, Reason::kOk) << "nobody genuine has admitted it";
  liar.changes.server = kBastionId;
  Run(Duration::Seconds(3));
  EXPECT_EQ(a().exchange->hearing(), 0u) << "somebody else answers there";
}

TEST_F(PeersTest, WhoIsShutOutIsToldNothingAndBelievedNothing) {
  Run(Duration::Seconds(2));
  ASSERT_EQ(b().exchange->hearing(), 1u);
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  ASSERT_EQ(b().Scan(2, 2).decision.reason, Reason::kOk);
  ASSERT_OK(a().place->AddDevices({{kHandB, DeviceKey(kHandB).public_key(), "x", false, true}}));
  Run(Duration::Seconds(5));
  EXPECT_GT(a().asked, 0);
  EXPECT_EQ(b().exchange->hearing(), 0u);
  EXPECT_EQ(b().Scan(1, 2).decision.reason, Reason::kOk) << "it was told of the first";
  EXPECT_EQ(a().Scan(2, 1).decision.reason, Reason::kOk) << "it was believed";
}

TEST_F(PeersTest, NobodyVouchesForWhoIsShutOut) {
  Hand& c = Join(kHandC);
  Cut(kHandA, kHandC);
  ASSERT_OK(a().place->AddDevices({{kHandC, DeviceKey(kHandC).public_key(), "x", false, true}}));
  ASSERT_EQ(c.Scan(1, 2).decision.reason, Reason::kOk);
  Run(Duration::Seconds(5));
  EXPECT_EQ(b().Scan(1, 2).decision.reason, Reason::kAlreadyUsed) << "B has not heard of it";
  EXPECT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
}

TEST_F(PeersTest, ASlowPeerHoldsNobodyUp) {
  Hand& c = Join(kHandC);
  b().delay = Duration::Seconds(9);
  Run(Duration::Seconds(20));
  const int before = b().asked;
  const Duration began = env_.clock.Monotonic();
  Run(Duration::Seconds(60));
  const int64_t seconds = (env_.clock.Monotonic() - began).seconds();
  EXPECT_LE(b().asked - before, 2 * seconds / 8 + 2) << "it is asked ever less often";
  EXPECT_EQ(a().exchange->hearing(), 1u);
  ASSERT_EQ(a().Scan(1, 1).decision.reason, Reason::kOk);
  Run(Duration::Seconds(2));
  EXPECT_EQ(c.Scan(1, 2).decision.reason, Reason::kAlreadyUsed);
}

TEST_F(PeersTest, AHandheldDecidesAndEnrolsForNobody) {
  for (const std::string_view path : {kScansPath, kEnrolPath}) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::string(path);
    EXPECT_EQ(a().service.api().Handle(request).status, 404) << path;
  }
  HttpRequest unsigned_request;
  unsigned_request.target = std::string(kChangesPath);
  EXPECT_EQ(a().service.api().Handle(unsigned_request).status, 401);
}

}  // namespace
}  // namespace ticketing
