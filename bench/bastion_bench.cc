// A bastion over HTTPS on loopback: how many scans it decides, and how long one waits at the pace
// of a full house. Handhelds and bastion share this machine's cores; each request is signed by its
// handheld, and each answer is on the bastion's disk before it leaves.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "bench/gate_house.h"
#include "ticketing/gate/link.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/http/tls_identity.h"
#include "ticketing/service/bastion/bastion_service.h"

namespace ticketing {
namespace {

using std::chrono::steady_clock;

constexpr uint32_t kTickets = 25'000;
constexpr uint64_t kFirstHandheld = 100;

// A bastion with the event's copy and its handhelds, as it stands at the gates.
class Bastion {
 public:
  explicit Bastion(uint64_t handhelds)
      : databases_({.data_dir = scratch_.path(), .page_size = kGatePageBytes}) {
    for (uint64_t i = 0; i < handhelds; ++i) keys_.push_back(house_.NewKey());
    if (!Fill()) return;
    auto service = BastionService::Open(
        {house_.bench.env(), databases_, DeviceId{5}, seed_, nullptr}, BastionOptions());
    auto identity = MakeTlsIdentity("bastion", house_.bench.clock.Now());
    if (!service.ok() || !identity.ok()) return;
    service_ = *std::move(service);
    pin_ = identity->pin;
    HttpServerOptions options;
    options.tls_certificate = options.tls_key = scratch_.path() + "/tls.pem";
    std::ofstream(options.tls_key) << identity->pem;
    server_ = std::make_unique<HttpServer>(options);
    ready_ = server_->Start(service_->api()).ok();
  }
  bool ready() const { return ready_; }
  size_t handhelds() const { return keys_.size(); }

  // Handheld `i` with a connection of its own, which lives as long as the function.
  template <typename Function>
  void WithHandheld(size_t i, const Function& function) {
    HttpClientOptions options;
    options.base_url = "https://127.0.0.1:" + std::to_string(server_->port());
    options.pinned_keys = {pin_};
    const auto client = SocketHttpClient::Create(options);
    if (!client.ok()) return;
    SyncLink link(house_.bench.env(), **client, DeviceId{kFirstHandheld + i}, keys_[i]);
    function(link);
  }

  std::vector<std::string> Codes(uint32_t count) const {
    std::vector<std::string> codes;
    for (uint32_t n = 0; n < count; ++n) codes.push_back(HouseCode(n, house_.issuer));
    return codes;
  }

  // Whether its holder was let in.
  bool Scan(SyncLink& link, const std::string& code) {
    ScanRequest request;
    request.scan = house_.bench.random.NewId<ScanId>();
    request.text = code;
    request.event = kHouseEvent;
    request.gate = 1;
    request.at = house_.bench.clock.Now();
    const auto answer = link.Decide(request, Duration::Seconds(10));
    if (!answer.ok()) return false;
    const auto entry = DecodeLogEntry(answer->entry);
    return entry.ok() && entry->outcome == kLogAdmitted;
  }

 private:
  bool Fill() {
    GateConfig config;
    config.device = DeviceId{5};
    config.decides_as = DecidedBy::kBastion;
    auto engine = GateEngine::Open(house_.bench.env(), databases_, "gate",
                                   *SigningKey::FromSeed(seed_), config);
    if (!engine.ok()) return false;
    std::vector<CopyDevice> devices;
    for (size_t i = 0; i < keys_.size(); ++i)
      devices.push_back({DeviceId{kFirstHandheld + i}, keys_[i].public_key(), "x", false, false});
    return (*engine)->ApplyEventCopy(HouseCopy(kTickets, house_.issuer)).ok() &&
           (*engine)->AddDevices(devices).ok();
  }

  const Scratch scratch_;
  House house_;
  const std::string seed_ = house_.bench.random.Bytes(32);
  std::vector<SigningKey> keys_;
  SqliteDatabaseFactory databases_;
  std::unique_ptr<BastionService> service_;
  std::unique_ptr<HttpServer> server_;
  std::string pin_;
  bool ready_ = false;
};

// Every handheld as fast as it can. The time is that of one scan when they come one behind the
// other: 200 us are 5,000 a second.
void BastionScans(benchmark::State& state) {
  constexpr uint32_t kScans = 10'000;
  Bastion bastion(64);
  if (!bastion.ready()) return state.SkipWithError("no bastion");
  const std::vector<std::string> codes = bastion.Codes(kScans);
  for (auto _ : state) {
    std::atomic<uint32_t> next = 0, admitted = 0;
    const auto start = steady_clock::now();
    std::vector<std::thread> gates;
    for (size_t i = 0; i < bastion.handhelds(); ++i) {
      gates.emplace_back([&, i] {
        bastion.WithHandheld(i, [&](SyncLink& link) {
          for (uint32_t n = next++; n < kScans; n = next++)
            admitted += bastion.Scan(link, codes[n]);
        });
      });
    }
    for (std::thread& gate : gates) gate.join();
    const std::chrono::duration<double> took = steady_clock::now() - start;
    if (admitted != kScans) return state.SkipWithError("somebody was refused");
    state.SetIterationTime(took.count() / kScans);
  }
}
BENCHMARK(BastionScans)->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond);

// Fifty gates with four people a second each.
void BastionAtPace(benchmark::State& state) {
  constexpr uint32_t kGates = 50, kEach = 20;
  constexpr auto kPause = std::chrono::milliseconds(250);
  Bastion bastion(kGates);
  if (!bastion.ready()) return state.SkipWithError("no bastion");
  const std::vector<std::string> codes = bastion.Codes(kGates * kEach);
  for (auto _ : state) {
    std::vector<double> micros(size_t{kGates} * kEach);
    std::atomic<uint32_t> admitted = 0;
    const auto start = steady_clock::now() + std::chrono::milliseconds(100);
    std::vector<std::thread> gates;
    for (uint32_t gate = 0; gate < kGates; ++gate) {
      gates.emplace_back([&, gate] {
        bastion.WithHandheld(gate, [&](SyncLink& link) {
          for (uint32_t n = 0; n < kEach; ++n) {
            std::this_thread::sleep_until(start + kPause * n + kPause * gate / kGates);
            const auto asked = steady_clock::now();
            admitted += bastion.Scan(link, codes[gate * kEach + n]);
            micros[gate * kEach + n] =
                std::chrono::duration<double, std::micro>(steady_clock::now() - asked).count();
          }
        });
      });
    }
    for (std::thread& gate : gates) gate.join();
    if (admitted != kGates * kEach) return state.SkipWithError("somebody was refused");
    std::ranges::sort(micros);
    state.SetIterationTime(micros[micros.size() / 2] / 1e6);
    state.counters["p99_us"] = micros[micros.size() * 99 / 100];
  }
}
BENCHMARK(BastionAtPace)->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ticketing
