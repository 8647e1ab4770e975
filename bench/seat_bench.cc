// The inventory in memory: choosing seats, the map, what an operation costs as the house grows.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "bench/house.h"
#include "ticketing/seat/availability.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Timestamp kNow = Timestamp::FromSeconds(1'000'000);
constexpr Timestamp kLater = kNow + Duration::Minutes(15);

double Microseconds(SteadyClock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

double Percentile(std::vector<double> times, double part) {
  if (times.empty()) return 0;
  const auto at = static_cast<size_t>(part * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), times.begin() + static_cast<ptrdiff_t>(at), times.end());
  return times[at];
}

// A house with `permille` of its seats sold, scattered.
Inventory Sold(const std::shared_ptr<const Chart>& chart, int permille) {
  Inventory inventory(chart);
  std::vector<uint32_t> seats(chart->seat_count());
  for (uint32_t i = 0; i < seats.size(); ++i) seats[i] = i;
  std::shuffle(seats.begin(), seats.end(), std::mt19937(7));
  seats.resize(seats.size() * static_cast<size_t>(permille) / 1000);
  for (const uint32_t seat : seats) {
    const Pick pick = {seat, 1};
    if (!inventory.Apply(Step::ToBook({1}, {&pick, 1}), kNow).ok()) std::abort();
  }
  return inventory;
}

// Two seats, the orphan rule on. What is found is held, so that the next one finds something else.
void BestAvailable(benchmark::State& state) {
  const auto chart = HouseChart(static_cast<int>(state.range(0)));
  Inventory inventory = Sold(chart, static_cast<int>(state.range(1)));
  BestAvailableRequest request;
  request.quantity = 2;
  std::vector<double> times;
  uint64_t first = 1, next = 1;  // the holds that are there
  for (auto _ : state) {
    const auto start = SteadyClock::now();
    const auto best = inventory.FindBestAvailable(request);
    const auto time = SteadyClock::now() - start;
    state.SetIterationTime(std::chrono::duration<double>(time).count());
    times.push_back(Microseconds(time));
    if (best.ok()) (void)inventory.Apply(Step::ToHold({next++}, best->picks, kLater), kNow);
    if (best.ok() && next - first < 64) continue;
    for (; first < next; ++first) (void)inventory.Release(HoldId{first});
  }
  state.counters["p99_us"] = Percentile(times, 0.99);
}
BENCHMARK(BestAvailable)
    ->ArgNames({"seats", "permille"})
    ->ArgsProduct({{25'000, 100'000}, {0, 500, 950, 999}})
    ->UseManualTime();

void Map(benchmark::State& state) {
  const auto chart = HouseChart(static_cast<int>(state.range(0)));
  const Inventory inventory = Sold(chart, 500);
  size_t bytes = 0;
  for (auto _ : state) bytes = PackAvailability(inventory).size();
  state.counters["bytes"] = static_cast<double>(bytes);
  const std::vector<uint32_t> sale = {3, 4};
  state.counters["delta_bytes"] = static_cast<double>(PackDelta(inventory, 1, sale).size());
}
BENCHMARK(Map)->Arg(25'000);

// Hold two, book two, in memory; then let them go.
void HoldAndBook(benchmark::State& state) {
  const auto chart = HouseChart(static_cast<int>(state.range(0)));
  Inventory inventory(chart);
  const uint32_t pairs = chart->seat_count() / 2;
  uint64_t n = 0;
  for (auto _ : state) {
    const auto pair = static_cast<uint32_t>(n * 7919 % pairs) * 2;
    const Pick picks[] = {{pair, 1}, {pair + 1, 1}};
    const HoldId hold = {++n};
    benchmark::DoNotOptimize(inventory.Apply(Step::ToHold(hold, picks, kLater), kNow));
    benchmark::DoNotOptimize(inventory.Book(hold, {n}, kNow));
    benchmark::DoNotOptimize(inventory.Apply(Step::ToRefund({n}, picks), kNow));
  }
  state.counters["bytes_per_seat"] =
      static_cast<double>(inventory.MemoryBytes()) / static_cast<double>(chart->seat_count());
}
BENCHMARK(HoldAndBook)->ArgName("seats")->Arg(1'000)->Arg(10'000)->Arg(25'000)->Arg(100'000);

// Memory with every seat held in pairs: the fullest that bookkeeping gets.
void MemoryWhenHeld(benchmark::State& state) {
  const auto chart = HouseChart(25'000);
  double bytes = 0;
  for (auto _ : state) {
    Inventory inventory(chart);
    for (uint32_t seat = 0; seat < chart->seat_count(); seat += 2) {
      const Pick picks[] = {{seat, 1}, {seat + 1, 1}};
      (void)inventory.Apply(Step::ToHold({seat + 1}, picks, kLater), kNow);
    }
    bytes = static_cast<double>(inventory.MemoryBytes());
  }
  state.counters["bytes_per_seat"] = bytes / static_cast<double>(chart->seat_count());
}
BENCHMARK(MemoryWhenHeld)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ticketing::seat
