// A house of 25,000 seats sold out over HTTP in pairs, hold and then book, over 64 connections; the
// buyers are on the same machine. Every twentieth pair is asked for by two buyers at once. Then the
// audit: what the server reports, and what the history in its files says when they are opened anew.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "bench/scratch.h"
#include "bench/sellout_doors.h"
#include "bench/sellout_load.h"
#include "ticketing/lane/history.h"

namespace ticketing {
namespace {

constexpr uint32_t kConnections = 64;
constexpr uint32_t kRivalEvery = 20;

enum DoorKind { kSeatsio, kTicketing, kClient };

// Buyers do not come by row. Two that want the same come one right behind the other.
std::vector<uint32_t> WantedPairs() {
  std::vector<uint32_t> pairs(kHousePairs);
  for (uint32_t i = 0; i < kHousePairs; ++i) pairs[i] = i;
  std::shuffle(pairs.begin(), pairs.end(), std::mt19937(5));
  std::vector<uint32_t> wanted;
  for (uint32_t i = 0; i < kHousePairs; ++i) {
    wanted.push_back(pairs[i]);
    if (i % kRivalEvery == 0) wanted.push_back(pairs[i]);
  }
  return wanted;
}

// Empty when every pair has one buyer who was told so, and everybody else was refused.
std::string AuditAnswers(const std::vector<uint32_t>& wanted, const LoadResult& load, Door& door) {
  if (!load.complete) return "a request was not answered";
  std::vector<uint32_t> winners(kHousePairs, 0);
  for (uint32_t sale = 0; sale < wanted.size(); ++sale) {
    const SaleStatus& status = load.sales[sale];
    const bool won = status.booked >= 200 && status.booked < 300 && !door.OrderOf(sale).empty();
    const bool lost = status.booked == 0 && (status.held == 409 || status.held == 400);
    if (!won && !lost)
      return "a buyer heard " + std::to_string(status.held) + " and " +
             std::to_string(status.booked);
    if (won) winners[wanted[sale]] += 1;
  }
  if (std::ranges::any_of(winners, [](uint32_t count) { return count > 1; })) return "sold twice";
  if (std::ranges::any_of(winners, [](uint32_t count) { return count < 1; })) return "not sold";
  return {};
}

// Empty when the files say of every seat that it was booked once, and of every order that was
// confirmed that it has its two seats.
std::string AuditFiles(const std::vector<uint32_t>& wanted, const LoadResult& load, Door& door) {
  const StatusOr<std::unique_ptr<Database>> database = door.Reopen();
  if (!database.ok()) return std::string(MessageOf(database.status()));
  const StatusOr<LaneId> lane = door.Lane(**database);
  if (!lane.ok()) return std::string(MessageOf(lane.status()));
  std::map<uint32_t, uint32_t> bookings;
  std::map<std::string, uint32_t> seats_of;
  bool undone = false;
  const Status read = (*database)->Read([&](SqlTransaction& tx) {
    return ReadHistory(tx, *lane, {}, [&](const HistoryEntry& entry) {
      undone = undone || entry.was == seat::SeatStatus::kBooked;
      if (entry.row.status != seat::SeatStatus::kBooked) return true;
      bookings[entry.row.index] += 1;
      seats_of[entry.row.order ? entry.row.order.ToString() : entry.row.order_name] += 1;
      return true;
    });
  });
  if (!read.ok()) return std::string(MessageOf(read));
  if (undone) return "a booking was undone";
  if (bookings.size() != kHouseSeats) return "seats are lost";
  for (const auto& [seat, count] : bookings) {
    if (count != 1) return "a seat was booked twice";
  }
  for (uint32_t sale = 0; sale < wanted.size(); ++sale) {
    if (load.sales[sale].booked != 0 && seats_of[door.OrderOf(sale)] != 2)
      return "an order is lost";
  }
  return {};
}

double Percentile(std::vector<uint32_t>& micros, double share) {
  const auto at =
      micros.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(micros.size() - 1));
  std::nth_element(micros.begin(), at, micros.end());
  return static_cast<double>(*at) / 1e3;
}

std::unique_ptr<Door> DoorOf(int64_t kind) {
  return kind == kSeatsio ? SeatsioDoorOfApi() : TicketingDoor(kind == kClient);
}

void SellOut(benchmark::State& state) {
  const std::vector<uint32_t> wanted = WantedPairs();
  for (auto _ : state) {
    const Scratch scratch;
    const std::unique_ptr<Door> door = DoorOf(state.range(0));
    if (!door->Open(scratch.path(), kConnections, wanted))
      return state.SkipWithError("no servers; are the programs built?");
    LoadResult load =
        SellOver(door->port(), kConnections, static_cast<uint32_t>(wanted.size()), *door);
    std::string wrong = AuditAnswers(wanted, load, *door);
    if (wrong.empty() && door->ReportedBooked() != kHouseSeats) wrong = "the report says otherwise";
    if (!door->Close() && wrong.empty()) wrong = "a server did not end well";
    if (wrong.empty()) wrong = AuditFiles(wanted, load, *door);
    if (!wrong.empty()) return state.SkipWithError(wrong.c_str());
    state.SetIterationTime(load.seconds);
    state.counters["ms"] = load.seconds * 1e3;
    state.counters["p50_ms"] = Percentile(load.micros, 0.5);
    state.counters["p99_ms"] = Percentile(load.micros, 0.99);
  }
}
BENCHMARK(SellOut)
    ->ArgName("door")
    ->Arg(kSeatsio)
    ->Arg(kTicketing)
    ->Arg(kClient)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ticketing
