// What a device carries of an event, and how the logs of a match come together.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bench/gate_house.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

// What this process has taken from the allocator and not given back, in bytes.
double Taken() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

// From the bytes on the wire to a copy on disk that decides.
void LoadCopy(benchmark::State& state) {
  House house;
  const std::string bytes =
      EncodeEventCopy(HouseCopy(static_cast<uint32_t>(state.range(0)), house.issuer));
  double memory = 0;
  for (auto _ : state) {
    const Scratch scratch;
    const double before = Taken();
    const auto start = std::chrono::steady_clock::now();
    const auto engine = house.Engine(scratch.path(), DecidedBy::kAlone);
    if (engine == nullptr) return state.SkipWithError("no engine");
    {
      const StatusOr<EventCopy> copy = DecodeEventCopy(bytes);
      if (!copy.ok() || !engine->ApplyEventCopy(*copy).ok())
        return state.SkipWithError("not applied");
    }
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    memory = Taken() - before;
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
  state.counters["held_bytes"] = memory;
}
BENCHMARK(LoadCopy)
    ->ArgName("tickets")
    ->Arg(25'000)
    ->Arg(250'000)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMicrosecond);

// Fifty devices that were alone come back with five hundred scans each.
void MergeLogs(benchmark::State& state) {
  constexpr uint64_t kLogs = 50, kScans = 500;
  House house;
  std::vector<CopyDevice> devices;
  std::vector<std::vector<std::string>> logs;
  for (uint64_t d = 0; d < kLogs; ++d) {
    const SigningKey key = house.NewKey();
    devices.push_back({DeviceId{100 + d}, key.public_key(), "", false, false});
    LogEntry entry;
    entry.device = entry.scanner = DeviceId{100 + d};
    entry.event = kHouseEvent;
    entry.outcome = kLogAdmitted;
    entry.counted = true;
    entry.reason = 1;
    entry.gate = 1;
    logs.emplace_back();
    for (uint64_t s = 1; s <= kScans; ++s) {
      entry.sequence = s;
      entry.at = Timestamp{house.bench.clock.Now().micros + static_cast<int64_t>(s)};
      entry.hlc.micros = entry.at.micros;
      entry.scan = house.bench.random.NewId<ScanId>();
      entry.ticket = HouseTicket(static_cast<uint32_t>(d * kScans + s));
      logs.back().push_back(SealLogEntry(entry, key));
      entry.previous = LogEntryHash(logs.back().back());
    }
  }
  for (auto _ : state) {
    const Scratch scratch;
    const auto engine = house.Engine(scratch.path(), DecidedBy::kCloud);
    if (engine == nullptr || !engine->AddDevices(devices).ok())
      return state.SkipWithError("no engine");
    const auto start = std::chrono::steady_clock::now();
    for (const std::vector<std::string>& log : logs) {
      const StatusOr<std::vector<LogAck>> acks = engine->TakeEntries(log, LogSource::kDevice);
      if (!acks.ok() || acks->back().state != AckState::kStored)
        return state.SkipWithError("not taken");
    }
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    const StatusOr<GateStatus> status = engine->GetStatus();
    if (!status.ok() || status->admitted != kLogs * kScans) return state.SkipWithError("lost");
  }
}
BENCHMARK(MergeLogs)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ticketing
