// What the benchmarks of the gate share: an event of so many tickets, its codes, and an engine on
// this disk.
#ifndef TICKETING_BENCH_GATE_HOUSE_H_
#define TICKETING_BENCH_GATE_HOUSE_H_

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "bench/scratch.h"
#include "ticketing/gate/engine.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {

inline constexpr uint32_t kHouseEvent = 7;

// Ids as far apart as random ones, so that a table of tickets is not filled at its end only.
inline TicketId HouseTicket(uint32_t number) {
  return TicketId{(number * 0x9e37'79b9'7f4a'7c15ULL) >> 1 | 1};
}

inline EventCopy HouseCopy(uint32_t tickets, const SigningKey& issuer) {
  EventCopy copy;
  copy.header.number = kHouseEvent;
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
  for (uint32_t i = 0; i < tickets; ++i) {
    const std::string label = "Norte 1" + std::to_string(i / 1000) + "-" +
                              std::to_string(i / 25 % 40) + "-" + std::to_string(i % 25);
    copy.tickets.push_back({HouseTicket(i), i, 1, 1, 1, 0, label});
  }
  NormalizeEventCopy(copy);
  return copy;
}

inline std::string HouseCode(uint32_t number, const SigningKey& issuer) {
  TicketClaims claims{};
  claims.key_id = 1;
  claims.event_number = kHouseEvent;
  claims.ticket = HouseTicket(number);
  claims.ordinal = number;
  claims.zone = 1;
  claims.ticket_type = 1;
  return IssueTicketCode(claims, issuer);
}

struct House {
  BenchEnv bench;
  SigningKey issuer = *SigningKey::FromSeed(bench.random.Bytes(32));

  SigningKey NewKey() { return *SigningKey::FromSeed(bench.random.Bytes(32)); }

  // Without a copy. Null when the disk says no.
  std::unique_ptr<GateEngine> Engine(const std::string& folder, DecidedBy as) {
    SqliteDatabaseFactory databases({.data_dir = folder});
    GateConfig config;
    config.device = DeviceId{5};
    config.decides_as = as;
    auto engine = GateEngine::Open(bench.env(), databases, "gate", NewKey(), config);
    return engine.ok() ? *std::move(engine) : nullptr;
  }
};

}  // namespace ticketing

#endif  // TICKETING_BENCH_GATE_HOUSE_H_
