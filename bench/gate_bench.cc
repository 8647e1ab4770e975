// Scans at a gate against what they cannot do without: one signature check, one durable commit.
#include <benchmark/benchmark.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "bench/gate_house.h"
#include "ticketing/env/fiber.h"
#include "ticketing/env/wait.h"

namespace ticketing {
namespace {

constexpr uint32_t kTickets = 25'000;

ScanContext AtTheGate() {
  ScanContext context;
  context.event = kHouseEvent;
  context.gate = 1;
  return context;
}

// The whole program on one core, as on a small handheld, while it lives.
class OneCore {
 public:
  OneCore() {
    sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &before_)) continue;
      CPU_SET(cpu, &one);
      break;
    }
    sched_setaffinity(0, sizeof one, &one);  // threads that are made from here on inherit it
  }
  ~OneCore() { sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_;
};

// Callers that wait on fibers of one thread, as a server's do.
class Callers final : public FiberHost {
 public:
  void Run(uint32_t count, const std::function<void()>& call) {
    std::vector<std::unique_ptr<Fiber>> fibers;
    uint32_t left = count;
    for (uint32_t i = 0; i < count; ++i) {
      fibers.push_back(std::make_unique<Fiber>(this));
      fibers.back()->Start([&] {
        const WaitsAside aside;
        call();
        --left;
      });
      Ready(*fibers.back());
    }
    while (left > 0) {
      std::deque<Fiber*> turn;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !ready_.empty(); });
        turn.swap(ready_);
      }
      for (Fiber* fiber : turn) {
        fiber->Run();
        if (!fiber->idle() && !fiber->Park()) Ready(*fiber);
      }
    }
  }
  void Ready(Fiber& fiber) override {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = ready_.empty();
      ready_.push_back(&fiber);
    }
    if (first) changed_.notify_one();
  }
  void BeginBlocking() override {}
  void EndBlocking() override {}
  uint32_t AwaitEvents(int, uint32_t, int64_t) override { return 0; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Fiber*> ready_;
};

void RunOnThreads(uint32_t count, const std::function<void()>& call) {
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < count; ++i) threads.emplace_back(call);
  for (std::thread& thread : threads) thread.join();
}

// Of messages that differ, as codes do: the processor learns the way through a single one by heart.
void RawVerify(benchmark::State& state) {
  const OneCore core;
  House house;
  const bool sign = state.range(0) != 0;
  std::vector<std::pair<std::string, std::string>> signed_messages;
  for (int i = 0; i < 1'000; ++i) {
    const std::string message = house.bench.random.Bytes(24);
    signed_messages.emplace_back(message, house.issuer.Sign(message));
  }
  size_t next = 0;
  for (auto _ : state) {
    const auto& [message, signature] = signed_messages[next++ % signed_messages.size()];
    bool genuine = VerifySignature(house.issuer.public_key(), message, signature);
    benchmark::DoNotOptimize(genuine);
    if (sign) benchmark::DoNotOptimize(house.issuer.Sign(message));
  }
}
// A scan is signed, too, so the second is as cheap as one can be.
BENCHMARK(RawVerify)->ArgName("sign")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

// One after the other: each waits for the disk alone.
void ScanDecision(benchmark::State& state) {
  const Scratch scratch;
  House house;
  const auto engine = house.Engine(scratch.path(), DecidedBy::kAlone);
  if (engine == nullptr || !engine->ApplyEventCopy(HouseCopy(kTickets, house.issuer)).ok())
    return state.SkipWithError("no engine");
  std::vector<std::string> codes;
  for (uint32_t i = 0; i < kTickets; ++i) codes.push_back(HouseCode(i, house.issuer));
  std::vector<int64_t> micros;
  uint32_t next = 0;
  for (auto _ : state) {
    const StatusOr<ScanResult> result = engine->Scan(codes[next++ % kTickets], AtTheGate());
    if (!result.ok()) return state.SkipWithError("a scan failed");
    if (next <= kTickets && result->decision.outcome != Outcome::kAdmitted)
      return state.SkipWithError("refused");
    micros.push_back(result->micros);
  }
  const auto p99 = micros.begin() + static_cast<std::ptrdiff_t>(micros.size() * 99 / 100);
  std::nth_element(micros.begin(), p99, micros.end());
  state.counters["p99_us"] = static_cast<double>(*p99);
}
BENCHMARK(ScanDecision)->UseRealTime()->Unit(benchmark::kMicrosecond);

// So many at once that they share commits, on one core, among so many tickets, asked by threads or
// by fibers. A round admits `scans` people; making the event and its codes is not counted.
void GroupedScans(benchmark::State& state) {
  constexpr uint32_t kScans = 10'000;
  constexpr uint32_t kCallers = 64;
  const auto tickets = static_cast<uint32_t>(state.range(0));
  House house;
  std::vector<std::string> codes;
  // Spread over all tickets, so that a large event costs what it costs.
  for (uint32_t i = 0; i < kScans; ++i)
    codes.push_back(HouseCode(static_cast<uint32_t>(uint64_t{i} * tickets / kScans), house.issuer));
  if (tickets < kScans) {
    codes.clear();
    for (uint32_t i = 0; i < tickets; ++i) codes.push_back(HouseCode(i, house.issuer));
  }
  const EventCopy copy = HouseCopy(tickets, house.issuer);
  for (auto _ : state) {
    const Scratch scratch;
    const OneCore core;
    const auto engine = house.Engine(scratch.path(), DecidedBy::kAlone);
    if (engine == nullptr || !engine->ApplyEventCopy(copy).ok())
      return state.SkipWithError("no engine");
    std::atomic<size_t> next = 0, admitted = 0;
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t worked = std::clock();
    const auto call = [&] {
      for (size_t i = next++; i < codes.size(); i = next++) {
        const StatusOr<ScanResult> result = engine->Scan(codes[i], AtTheGate());
        if (result.ok() && result->decision.outcome == Outcome::kAdmitted) ++admitted;
      }
    };
    if (state.range(1) != 0) {
      Callers().Run(kCallers, call);
    } else {
      RunOnThreads(kCallers, call);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (admitted != codes.size()) return state.SkipWithError("somebody was refused");
    const auto scans = static_cast<double>(codes.size());
    state.SetIterationTime(took.count() / scans);
    // What the core did for a scan, whatever else kept it busy: it moves less than the time.
    state.counters["cpu_us"] =
        static_cast<double>(std::clock() - worked) * 1e6 / CLOCKS_PER_SEC / scans;
  }
}
BENCHMARK(GroupedScans)
    ->ArgNames({"tickets", "fibers"})
    ->ArgsProduct({{1'000, 25'000, 250'000, 1'000'000}, {0, 1}})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);

void VerifyAndCommit(benchmark::State& state) {
  const Scratch scratch;
  House house;
  SqliteDatabaseFactory databases({.data_dir = scratch.path(), .page_size = kGatePageBytes});
  auto database = databases.Open(
      "plain", {{1, {"CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB) STRICT"}}});
  if (!database.ok()) return state.SkipWithError("no database");
  const std::string message = house.bench.random.Bytes(24);
  const std::string signature = house.issuer.Sign(message);
  const Blob entry{house.bench.random.Bytes(170)};
  for (auto _ : state) {
    bool genuine = VerifySignature(house.issuer.public_key(), message, signature);
    benchmark::DoNotOptimize(genuine);
    const Status status = (*database)->Write([&](SqlTransaction& tx) {
      return tx.Execute("INSERT INTO entries (entry) VALUES (?)", {entry}).status();
    });
    if (!status.ok()) return state.SkipWithError("a commit failed");
  }
}
BENCHMARK(VerifyAndCommit)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ticketing
