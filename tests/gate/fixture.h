// An event, its tickets and devices for the gate's tests.
#ifndef TICKETING_TESTS_GATE_FIXTURE_H_
#define TICKETING_TESTS_GATE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/gate/engine.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {

inline constexpr DeviceId kHandA{101};
inline constexpr DeviceId kHandB{102};
inline constexpr DeviceId kBastionId{201};
inline constexpr DeviceId kBastion2Id{202};
inline constexpr DeviceId kCloudId{301};

inline SigningKey SeedKey(char seed) {
  return *SigningKey::FromSeed(std::string(32, seed));
}
inline SigningKey IssuerKey() {
  return SeedKey('i');
}
inline SigningKey DeviceKey(DeviceId device) {
  return SeedKey(static_cast<char>(device.value));
}

inline TicketId Ticket(uint64_t n) {
  return TicketId{5000 + n};
}

// Event 12: gates 1 and 2 lead to zone 1, gate 3 to zone 2. Type 1 enters once, type 2 comes and
// goes, type 3 only with a phone. Tickets 0-9 zone 1, 10-19 zone 2.
inline EventCopy TestEvent(uint64_t version = 1) {
  EventCopy copy;
  copy.version = version;
  EventHeader& header = copy.header;
  header.number = 12;
  header.id = EventId{77};
  header.name = "Final";
  header.utc_offset_minutes = -360;
  header.doors_open_at = FakeClock::kStart - Duration::Hours(1);
  header.ends_at = FakeClock::kStart + Duration::Hours(5);
  header.gates = {
      {1, "g1", "Puerta 1", {1}}, {2, "g2", "Puerta 2", {1}}, {3, "g3", "Puerta 3", {2}}};
  header.zones = {{1, "z1", "Norte"}, {2, "z2", "Sur"}};
  CopyTicketType once{1, "once", "General"};
  CopyTicketType pass{2, "pass", "Pase"};
  pass.reentry = 1;
  pass.entries_allowed = 0;
  CopyTicketType phone{3, "phone", "Teléfono"};
  phone.static_codes = false;
  header.ticket_types = {once, pass, phone};
  EXPECT_OK(header.keys.Add(1, {IssuerKey().public_key()}));
  for (const DeviceId device : {kHandA, kHandB, kBastionId, kBastion2Id, kCloudId}) {
    header.devices.push_back(
        {device, DeviceKey(device).public_key(), "x", device != kHandA && device != kHandB, false});
  }
  for (uint64_t n = 0; n < 20; ++n) {
    copy.tickets.push_back({Ticket(n), static_cast<uint32_t>(n),
                            static_cast<uint16_t>(n < 10 ? 1 : 2), 1, 1, 0,
                            "A-" + std::to_string(n)});
  }
  copy.tickets[8].ticket_type = 2;
  copy.tickets[9].ticket_type = 3;
  NormalizeEventCopy(copy);
  return copy;
}

inline std::string Code(uint64_t n, uint16_t issue = 0, uint32_t event = 12) {
  TicketClaims claims;
  claims.key_id = 1;
  claims.event_number = event;
  claims.ticket = Ticket(n);
  claims.ordinal = static_cast<uint32_t>(n);
  claims.issue = issue;
  claims.zone = n < 10 ? 1 : 2;
  claims.ticket_type = 1;
  return IssueTicketCode(claims, IssuerKey());
}

inline ScanContext At(uint16_t gate, Direction direction = Direction::kEntry) {
  ScanContext context;
  context.gate = gate;
  context.direction = direction;
  return context;
}

inline GateConfig ConfigOf(DeviceId device, DecidedBy as = DecidedBy::kAlone) {
  GateConfig config;
  config.device = device;
  config.decides_as = as;
  return config;
}

// One device with a database of its own, which outlives restarts.
class Place {
 public:
  Place(TestEnv& env, DeviceId device, DecidedBy as) : env_(env), device_(device), as_(as) {
    Restart();
    EXPECT_OK(engine_->ApplyEventCopy(TestEvent()));
  }
  void Restart() {
    engine_.reset();
    SqliteOptions options;
    options.data_dir = dir_.path();
    options.single_threaded = true;
    SqliteDatabaseFactory factory(options);
    auto opened =
        GateEngine::Open(env_.env(), factory, "gate", DeviceKey(device_), ConfigOf(device_, as_));
    ASSERT_THAT(opened, IsOk());
    engine_ = *std::move(opened);
  }
  GateEngine& operator*() { return *engine_; }
  GateEngine* operator->() { return engine_.get(); }

 private:
  TempDir dir_;
  TestEnv& env_;
  const DeviceId device_;
  const DecidedBy as_;
  std::unique_ptr<GateEngine> engine_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_GATE_FIXTURE_H_
