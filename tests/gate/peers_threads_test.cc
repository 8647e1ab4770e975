// Goal: three handhelds that scan, speak, answer and listen at the same time lose nothing and
// agree. Method: real threads over real databases and the real routes; made for ThreadSanitizer.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/gate/fixture.h"
#include "ticketing/gate/peers.h"
#include "ticketing/service/bastion/peer_service.h"

namespace ticketing {
namespace {

constexpr std::array<DeviceId, 3> kHands = {kHandA, kHandB, kBastion2Id};
const std::string kPin(kPeerPinBytes, 'p');

uint32_t AddressOf(DeviceId device) {
  return 0x0a000000 + static_cast<uint32_t>(device.value);
}

struct Hand {
  Hand(TestEnv& env, DeviceId id, const PeerConnector& connect) {
    SqliteDatabaseFactory factory(SqliteOptions{.data_dir = dir.path()});
    auto opened = GateEngine::Open(env.env(), factory, "gate", DeviceKey(id), ConfigOf(id));
    EXPECT_OK(opened);
    engine = *std::move(opened);
    EXPECT_OK(engine->ApplyEventCopy(TestEvent()));
    service = std::make_unique<PeerService>(env.env(), *engine);
    exchange = std::make_unique<PeerExchange>(*engine, connect);
    exchange->SetAlone(true);
  }
  TempDir dir;
  std::unique_ptr<GateEngine> engine;
  std::unique_ptr<PeerService> service;
  std::unique_ptr<PeerExchange> exchange;
};

class PeersThreadsTest : public ::testing::Test {
 protected:
  PeersThreadsTest() {
    for (const DeviceId id : kHands) {
      hands_.push_back(std::make_unique<Hand>(
          env_, id, [this](const PeerAnnouncement& peer) { return To(peer); }));
    }
  }
  StatusOr<std::shared_ptr<HttpClient>> To(const PeerAnnouncement& peer) {
    for (size_t i = 0; i < kHands.size(); ++i) {
      if (AddressOf(kHands[i]) != peer.address) continue;
      return std::shared_ptr<HttpClient>(
          std::make_shared<InProcessHttpClient>(hands_[i]->service->api()));
    }
    return MakeError(ErrorCode::kUnavailable, "nobody");
  }
  void EverybodyTells() {
    env_.clock.Advance(Duration::Millis(1));
    for (size_t from = 0; from < kHands.size(); ++from) {
      const uint32_t address = AddressOf(kHands[from]);
      const std::string said = hands_[from]->exchange->Announcement(address, 1, kPin);
      for (const auto& hand : hands_) (void)hand->exchange->Hear(said, address);
    }
  }
  bool Agree() {
    std::set<uint64_t> scans;
    for (const auto& hand : hands_) {
      const auto status = hand->engine->GetStatus();
      scans.insert(status->admitted + status->refused);
    }
    return scans == std::set<uint64_t>{kHands.size() * kScans};
  }

  static constexpr uint64_t kScans = 15;
  TestEnv env_;
  std::vector<std::unique_ptr<Hand>> hands_;
};

TEST_F(PeersThreadsTest, ScanningSpeakingAnsweringAndListeningAtOnce) {
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (const auto& hand : hands_) {
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        while (!done) {
          if (!hand->exchange->Step()) std::this_thread::yield();
        }
      });
    }
  }
  threads.emplace_back([&] {
    while (!done) EverybodyTells();
  });
  std::vector<std::thread> scanners;
  for (const auto& hand : hands_) {
    scanners.emplace_back([&] {
      for (uint64_t n = 0; n < kScans; ++n) {
        ScanContext context;
        context.scan_id = ScanId{hand->engine->device().value * 1000 + n + 1};
        EXPECT_OK(hand->engine->Scan(Code(n), context));
        hand->exchange->Decided();
        (void)hand->exchange->hearing();
        if (n == kScans / 2) {
          hand->exchange->SetAlone(false);
          hand->exchange->SetAlone(true);
        }
      }
    });
  }
  for (std::thread& scanner : scanners) scanner.join();
  // The test's own time limit ends a wait in vain.
  while (!Agree()) std::this_thread::yield();
  done = true;
  for (std::thread& thread : threads) thread.join();
  const auto conflicts = *hands_[0]->engine->Conflicts();
  for (const auto& hand : hands_) EXPECT_EQ(*hand->engine->Conflicts(), conflicts);
}

}  // namespace
}  // namespace ticketing
