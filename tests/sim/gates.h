// The bastions and handhelds of the simulated venue: the real programs' parts, composed as clients/
// does it.
#ifndef TICKETING_TESTS_SIM_GATES_H_
#define TICKETING_TESTS_SIM_GATES_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/machine.h"
#include "ticketing/gate/peers.h"
#include "ticketing/gate/scanner.h"
#include "ticketing/service/bastion/bastion_service.h"
#include "ticketing/service/bastion/peer_service.h"
#include "ticketing/service/common/device_session.h"

namespace ticketing::sim {

// The key of a device, from its id: the auditor and planted faults know all keys.
std::string SeedOf(DeviceId device);
SigningKey KeyOf(DeviceId device);

// A handheld or bastion as the auditor looks at it: what its database holds.
class GateMachine : public Machine {
 public:
  GateMachine(Setting& setting, std::string name, DeviceId device, uint64_t seed);
  ~GateMachine() override;
  DeviceId device() const { return device_; }
  // The database "gate" of the running program; null while it does not run.
  Database* tables() const { return tables_; }

 protected:
  class Remembering;
  const DeviceId device_;
  Database* tables_ = nullptr;
  std::unique_ptr<Remembering> remembering_;
};

class Bastion final : public GateMachine, public HttpHandler {
 public:
  Bastion(Setting& setting, std::string name, DeviceId device, NodeId cloud, Duration sync_interval,
          uint64_t seed);
  HttpResponse Handle(const HttpRequest& request) override;
  // One whole round with the cloud now. Inside a task.
  Status SyncNow();
  // From the next start on it is a spare of the bastion there; a running spare changes over.
  void Follow(NodeId first);

 protected:
  Status Open(DatabaseFactory& databases) override;
  void Close() override;
  void Started() override;
  void Stopped() override;

 private:
  const std::string seed_;
  const SigningKey key_;
  const Duration sync_interval_;
  SimHttpClient wire_;
  std::unique_ptr<SimHttpClient> first_wire_;  // of a spare
  std::unique_ptr<DeviceSessionClient> session_;
  std::unique_ptr<BastionService> service_;
};

struct Roads {
  std::optional<NodeId> cloud;
  std::optional<NodeId> bastion;
};

class Handheld final : public GateMachine, public HttpHandler {
 public:
  Handheld(Setting& setting, std::string name, DeviceId device, uint16_t gate, const Roads& roads,
           Duration sync_interval, uint64_t seed);

  uint16_t gate() const { return gate_; }
  // What the person with the handheld sees. nullopt: nothing, because the program stopped or could
  // not write. Inside a task.
  std::optional<ScanResult> Scan(const std::string& text, Direction direction, uint32_t event);
  // Scans that a crash interrupted and that were answered when the program came back.
  std::vector<ScanResult> TakeRecovered();
  Status SyncNow();
  // Of all devices.
  uint64_t PassagesKnown() const;
  DecidedBy mode() const { return scanner_ == nullptr ? DecidedBy::kAlone : scanner_->mode(); }
  void UseBastion(NodeId bastion) {
    if (bastion_wire_) bastion_wire_->Redirect(bastion);
  }
  std::optional<NodeId> bastion() const {
    return bastion_wire_ ? std::optional<NodeId>(bastion_wire_->to()) : std::nullopt;
  }
  // Before the first start: it exchanges its log with others while it is alone.
  void HearOthers() { hears_others_ = true; }
  void Hear(const std::string& datagram, NodeId from);
  HttpResponse Handle(const HttpRequest& request) override;
  bool has_cloud() const { return cloud_wire_ != nullptr; }
  // Runs its program no more; somebody else has it.
  bool stolen = false;

 protected:
  Status Open(DatabaseFactory& databases) override;
  void Close() override;
  void Started() override;
  void Stopped() override;

 private:
  const uint16_t gate_;
  const Duration sync_interval_;
  std::unique_ptr<SimHttpClient> cloud_wire_;
  std::unique_ptr<SimHttpClient> bastion_wire_;
  std::unique_ptr<GateEngine> engine_;
  std::unique_ptr<DeviceSessionClient> session_;
  std::unique_ptr<Scanner> scanner_;
  std::unique_ptr<PeerExchange> peers_;
  std::unique_ptr<PeerService> peer_service_;
  std::vector<std::weak_ptr<SimHttpClient>> peer_wires_;
  bool hears_others_ = false;
  std::vector<ScanResult> recovered_;
  bool ready_ = false;
};

// Makes a disk that holds an event copy but belongs to no device yet, from that of a handheld whose
// program does not run.
Status MakeBlank(const std::string& disk);

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_GATES_H_
