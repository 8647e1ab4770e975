// One scan at a gate against what it cannot do without: one signature check and one durable commit.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "bench/scratch.h"
#include "ticketing/gate/engine.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

constexpr uint32_t kTickets = 25'000;
constexpr uint32_t kEvent = 7;

EventCopy MakeCopy(const SigningKey& issuer) {
  EventCopy copy;
  copy.header.number = kEvent;
  copy.header.id = EventId{1};
  copy.header.name = "Final";
  copy.header.gates.push_back({1, "1", "Puerta 1", {}});
  copy.header.zones.push_back({1, "norte", "Norte"});
  CopyTicketType type;
  type.number = 1;
  type.id = "full";
  type.name = "Entero";
  copy.header.ticket_types.push_back(type);
  if (!copy.header.keys.Add(1, {issuer.public_key(), {}, Timestamp{INT64_MAX}}).ok()) std::abort();
  copy.version = 1;
  for (uint32_t i = 0; i < kTickets; ++i) {
    copy.tickets.push_back({TicketId{i + 1}, i, 1, 1, 1, 0, "Norte 104-F-" + std::to_string(i)});
  }
  NormalizeEventCopy(copy);
  return copy;
}

std::string CodeOf(uint32_t ticket, const SigningKey& issuer) {
  TicketClaims claims{};
  claims.key_id = 1;
  claims.event_number = kEvent;
  claims.ticket = TicketId{ticket + 1};
  claims.ordinal = ticket;
  claims.zone = 1;
  claims.ticket_type = 1;
  return IssueTicketCode(claims, issuer);
}

void ScanDecision(benchmark::State& state) {
  const Scratch scratch;
  BenchEnv bench;
  SqliteDatabaseFactory databases({.data_dir = scratch.path()});
  const SigningKey issuer = *SigningKey::FromSeed(bench.random.Bytes(32));
  GateConfig config;
  config.device = DeviceId{5};
  auto engine = GateEngine::Open(bench.env(), databases, "gate",
                                 *SigningKey::FromSeed(bench.random.Bytes(32)), config);
  if (!engine.ok() || !(*engine)->ApplyEventCopy(MakeCopy(issuer)).ok())
    return state.SkipWithError("no engine");
  std::vector<std::string> codes;
  for (uint32_t i = 0; i < kTickets; ++i) codes.push_back(CodeOf(i, issuer));
  ScanContext context;
  context.event = kEvent;
  context.gate = 1;
  size_t next = 0;
  for (auto _ : state) {
    const StatusOr<ScanResult> result = (*engine)->Scan(codes[next++ % kTickets], context);
    if (!result.ok()) return state.SkipWithError("a scan failed");
    if (next <= kTickets && result->decision.outcome != Outcome::kAdmitted)
      return state.SkipWithError("refused");
  }
}
BENCHMARK(ScanDecision)->UseRealTime()->Unit(benchmark::kMicrosecond);

void VerifyAndCommit(benchmark::State& state) {
  const Scratch scratch;
  BenchEnv bench;
  SqliteDatabaseFactory databases({.data_dir = scratch.path()});
  auto database = databases.Open(
      "plain", {{1, {"CREATE TABLE entries (id INTEGER PRIMARY KEY, entry BLOB) STRICT"}}});
  if (!database.ok()) return state.SkipWithError("no database");
  const SigningKey issuer = *SigningKey::FromSeed(bench.random.Bytes(32));
  const std::string message = bench.random.Bytes(24);
  const std::string signature = issuer.Sign(message);
  const Blob entry{bench.random.Bytes(170)};
  for (auto _ : state) {
    bool genuine = VerifySignature(issuer.public_key(), message, signature);
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
