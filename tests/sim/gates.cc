#include "tests/sim/gates.h"

#include <algorithm>
#include <utility>

#include "lib/gate/schema.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing::sim {
namespace {

// As the programs in clients/ do it.
constexpr Duration kFollow = Duration::Millis(250);
constexpr Duration kTalk = Duration::Millis(50);
constexpr int kTalkers = 3;
constexpr uint16_t kPort = 1;

// How often a program looks at what is due: often for its interval, and not for nothing.
Duration TickOf(Duration sync_interval) {
  return Duration::Micros(std::clamp<int64_t>(sync_interval.micros / 16, 250'000, 2'000'000));
}

}  // namespace

std::string SeedOf(DeviceId device) {
  std::string text = "simulated device";
  AppendBigEndian(text, device.value, 8);
  return Blake2b256(text);
}

SigningKey KeyOf(DeviceId device) {
  return *SigningKey::FromSeed(SeedOf(device));
}

class GateMachine::Remembering final : public DatabaseFactory {
 public:
  Remembering(GateMachine& machine, DatabaseFactory& inner) : machine_(machine), inner_(inner) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, inner_.Open(name, schema));
    if (name == "gate") machine_.tables_ = database.get();
    return database;
  }

 private:
  GateMachine& machine_;
  DatabaseFactory& inner_;
};

GateMachine::GateMachine(Setting& setting, std::string name, DeviceId device, uint64_t seed)
    : Machine(setting, std::move(name), false, kGatePageBytes, seed), device_(device) {}

GateMachine::~GateMachine() = default;

Bastion::Bastion(Setting& setting, std::string name, DeviceId device, NodeId cloud,
                 Duration sync_interval, uint64_t seed)
    : GateMachine(setting, std::move(name), device, seed),
      seed_(SeedOf(device)),
      key_(KeyOf(device)),
      sync_interval_(sync_interval),
      wire_(setting.network, node(), cloud) {}

Status Bastion::Open(DatabaseFactory& databases) {
  wire_.stopped = false;
  if (first_wire_ != nullptr) first_wire_->stopped = false;
  remembering_ = std::make_unique<Remembering>(*this, databases);
  session_ = std::make_unique<DeviceSessionClient>(wire_, clock, device_, key_);
  BastionOptions options;
  options.name = name();
  options.sync_interval = sync_interval_;
  TICKETING_ASSIGN_OR_RETURN(service_, BastionService::Open({env(), *remembering_, device_, seed_,
                                                             session_.get(), first_wire_.get()},
                                                            options));
  return OkStatus();
}

void Bastion::Close() {
  tables_ = nullptr;
  service_.reset();
  session_.reset();
}

void Bastion::Started() {
  setting_.network.Bind(node(), this);
  Every(TickOf(sync_interval_), [this] { (void)service_->Tick(); });
  if (first_wire_ != nullptr) Every(kFollow, [this] { (void)service_->FollowTick(); });
}

void Bastion::Follow(NodeId first) {
  if (first_wire_ == nullptr) {
    first_wire_ = std::make_unique<SimHttpClient>(setting_.network, node(), first);
  }
  first_wire_->Redirect(first);
}

void Bastion::Stopped() {
  wire_.stopped = true;
  if (first_wire_ != nullptr) first_wire_->stopped = true;
}

HttpResponse Bastion::Handle(const HttpRequest& request) {
  const Inside inside(*this);
  return service_->api().Handle(request);
}

Status Bastion::SyncNow() {
  if (!running()) return MakeError(ErrorCode::kUnavailable, "the bastion does not run");
  const Inside inside(*this);
  return service_->SyncNow();
}

Handheld::Handheld(Setting& setting, std::string name, DeviceId device, uint16_t gate,
                   const Roads& roads, Duration sync_interval, uint64_t seed)
    : GateMachine(setting, std::move(name), device, seed),
      gate_(gate),
      sync_interval_(sync_interval) {
  if (roads.cloud) {
    cloud_wire_ = std::make_unique<SimHttpClient>(setting.network, node(), *roads.cloud);
  }
  if (roads.bastion) {
    bastion_wire_ = std::make_unique<SimHttpClient>(setting.network, node(), *roads.bastion);
  }
}

Status Handheld::Open(DatabaseFactory& databases) {
  for (const auto& wire : {cloud_wire_.get(), bastion_wire_.get()}) {
    if (wire != nullptr) wire->stopped = false;
  }
  remembering_ = std::make_unique<Remembering>(*this, databases);
  GateConfig config;
  config.device = device_;
  TICKETING_ASSIGN_OR_RETURN(
      engine_, GateEngine::Open(env(), *remembering_, "gate", KeyOf(device_), config));
  if (cloud_wire_ != nullptr) {
    session_ = std::make_unique<DeviceSessionClient>(*cloud_wire_, clock, device_, engine_->key());
  }
  ScannerConfig scanning;
  scanning.sync_interval = sync_interval_;
  scanner_ = std::make_unique<Scanner>(*engine_, session_.get(), bastion_wire_.get(), scanning);
  TICKETING_ASSIGN_OR_RETURN(recovered_, scanner_->Recover());
  if (hears_others_) {
    peer_service_ = std::make_unique<PeerService>(env(), *engine_);
    peers_ = std::make_unique<PeerExchange>(*engine_, [this](const PeerAnnouncement& peer) {
      auto wire = std::make_shared<SimHttpClient>(setting_.network, node(),
                                                  static_cast<NodeId>(peer.address) - 1);
      peer_wires_.push_back(wire);
      return StatusOr<std::shared_ptr<HttpClient>>(std::move(wire));
    });
  }
  ready_ = true;
  return OkStatus();
}

void Handheld::Close() {
  tables_ = nullptr;
  peers_.reset();
  peer_service_.reset();
  scanner_.reset();
  session_.reset();
  engine_.reset();
}

void Handheld::Started() {
  Every(TickOf(sync_interval_), [this] { scanner_->Tick(); });
  if (peers_ == nullptr) return;
  setting_.network.Bind(node(), this);
  Every(kPeerAnnounceInterval, [this] {
    setting_.announce(node(), peers_->Announcement(static_cast<uint32_t>(node() + 1), kPort,
                                                   std::string(kPeerPinBytes, 'p')));
  });
  for (int i = 0; i < kTalkers; ++i) {
    Every(kTalk, [this] {
      peers_->SetAlone(scanner_->mode() == DecidedBy::kAlone);
      while (running() && peers_->Step()) {
      }
    });
  }
}

void Handheld::Hear(const std::string& datagram, NodeId from) {
  if (!running() || peers_ == nullptr || from == node()) return;
  (void)peers_->Hear(datagram, static_cast<uint32_t>(from + 1));
}

HttpResponse Handheld::Handle(const HttpRequest& request) {
  const Inside inside(*this);
  return peer_service_->api().Handle(request);
}

void Handheld::Stopped() {
  ready_ = false;
  for (const auto& wire : peer_wires_) {
    if (const auto open = wire.lock()) open->stopped = true;
  }
  peer_wires_.clear();
  for (const auto& wire : {cloud_wire_.get(), bastion_wire_.get()}) {
    if (wire != nullptr) wire->stopped = true;
  }
}

std::optional<ScanResult> Handheld::Scan(const std::string& text, Direction direction,
                                         uint32_t event) {
  if (!running() || !ready_) return std::nullopt;
  const Inside inside(*this);
  ScanContext context;
  context.gate = gate_;
  context.direction = direction;
  context.event = event;
  const uint64_t crashes_before = crashes;
  StatusOr<ScanResult> result = scanner_->Scan(text, context);
  if (peers_ != nullptr && result.ok()) peers_->Decided();
  if (!result.ok() || crashes != crashes_before) return std::nullopt;
  return *std::move(result);
}

std::vector<ScanResult> Handheld::TakeRecovered() {
  return std::exchange(recovered_, {});
}

uint64_t Handheld::PassagesKnown() const {
  if (!running()) return 0;
  const StatusOr<GateStatus> status = engine_->GetStatus();
  // Entries, and exits: those who went in and are not inside.
  return status.ok() ? 2 * status->admitted - status->inside : 0;
}

Status Handheld::SyncNow() {
  if (!running()) return MakeError(ErrorCode::kUnavailable, "the handheld does not run");
  const Inside inside(*this);
  return scanner_->SyncNow();
}

Status MakeBlank(const std::string& disk) {
  SqliteDatabaseFactory sqlite(
      SqliteOptions{.data_dir = disk, .vfs = kVfsName, .single_threaded = true});
  TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                             sqlite.Open("gate", gate::Schema()));
  return database->Write([](SqlTransaction& tx) -> Status {
    for (const char* sql : {"DELETE FROM own_log", "DELETE FROM settings", "DELETE FROM logs"}) {
      TICKETING_RETURN_IF_ERROR(tx.Execute(sql, {}).status());
    }
    return OkStatus();
  });
}

}  // namespace ticketing::sim
