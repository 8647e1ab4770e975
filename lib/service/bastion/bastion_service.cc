#include "ticketing/service/bastion/bastion_service.h"

#include <algorithm>
#include <mutex>

#include "lib/service/bastion/gate_routes.h"
#include "lib/service/bastion/pairing.h"
#include "lib/service/bastion/status_page.h"
#include "lib/service/bastion/timed_handler.h"
#include "ticketing/gate/engine.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/sync_agent.h"
#include "ticketing/service/common/api.h"
#include "ticketing/service/common/device_session.h"

namespace ticketing {
namespace {

// Handhelds that enrolled here and that the cloud has not been told of.
const std::vector<Migration>& RelaySchema() {
  static const std::vector<Migration> schema = {
      {1,
       {"CREATE TABLE relays (device_id INTEGER PRIMARY KEY, public_key BLOB NOT NULL, name TEXT "
        "NOT NULL,"
        " told INTEGER NOT NULL) STRICT"}}};
  return schema;
}

HttpResponse Page(std::string_view type, std::string body) {
  HttpResponse response;
  response.headers.Set("Content-Type", type);
  response.headers.Set("Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  response.body = std::move(body);
  return response;
}

}  // namespace

struct BastionService::Parts {
  Parts(const BastionPorts& ports, BastionOptions given)
      : env(ports.env),
        options(std::move(given)),
        cloud(ports.cloud),
        pairing(ports.env, options.pairing_life, options.pairing_attempts_max) {}

  Env env;
  const BastionOptions options;
  HttpClient* const cloud;
  BastionPairing pairing;
  std::unique_ptr<Database> database;
  std::unique_ptr<GateEngine> engine;
  std::unique_ptr<GateRoutes> routes;
  std::unique_ptr<Api> api;
  std::unique_ptr<TimedHandler> timed;
  std::unique_ptr<SyncLink> link;
  std::unique_ptr<SyncAgent> agent;

  std::mutex ticking;  // one round at a time
  Duration next_sync{};
  Duration interval{};
  std::mutex state_mutex;
  CloudState state;

  // The cloud is told at once when it is in reach: if this bastion is lost the next moment, the one
  // that takes its place knows the device from there.
  Status Enrolled(const CopyDevice& device) {
    TICKETING_RETURN_IF_ERROR(database->Write([&](SqlTransaction& tx) {
      return tx
          .Execute(
              "INSERT INTO relays (device_id, public_key, name, told) VALUES (?, ?, ?, 0) ON "
              "CONFLICT DO NOTHING",
              {device.id.ToSql(), Blob{device.public_key}, device.name})
          .status();
    }));
    if (State().reached) (void)TellCloudOfDevices();
    return OkStatus();
  }

  Status TellCloudOfDevices() {
    std::vector<CopyDevice> waiting;
    TICKETING_RETURN_IF_ERROR(database->Read([&](SqlTransaction& tx) {
      waiting.clear();
      return tx.Query(
          "SELECT device_id, public_key, name FROM relays WHERE told = 0 ORDER BY device_id", {},
          [&](const SqlRow& row) {
            waiting.push_back(
                {DeviceId::FromSql(row.Int(0)), row.Bytes(1), row.Text(2), false, false});
            return OkStatus();
          });
    }));
    for (const CopyDevice& device : waiting) {
      TICKETING_RETURN_IF_ERROR(RelayDevice(*cloud, device.id, device.public_key, device.name));
      TICKETING_RETURN_IF_ERROR(database->Write([&](SqlTransaction& tx) {
        return tx.Execute("UPDATE relays SET told = 1 WHERE device_id = ?", {device.id.ToSql()})
            .status();
      }));
    }
    return OkStatus();
  }

  CloudState State() {
    const std::lock_guard lock(state_mutex);
    return state;
  }

  // A whole round: devices first, because the cloud judges entries by their keys.
  Status Sync(bool& more) {
    more = false;
    if (cloud == nullptr) return OkStatus();
    SyncReport report;
    Status status = TellCloudOfDevices();
    if (status.ok()) status = agent->Step(&report);
    more = status.ok() && report.more;
    const std::lock_guard lock(state_mutex);
    state.reached = status.ok();
    state.problem = status.ok() ? "" : std::string(MessageOf(status));
    return status;
  }

  std::vector<Route> AllRoutes() {
    std::vector<Route> all = routes->Routes();
    Route json{.method = "GET",
               .path = "/v1/status",
               .operation = "getStatus",
               .summary = "Events, devices and logs."};
    json.handler = [this](Call&) -> StatusOr<HttpResponse> {
      TICKETING_ASSIGN_OR_RETURN(std::string body, StatusJson(*engine, options.name, State()));
      return Page("application/json", std::move(body));
    };
    Route page{.method = "GET",
               .path = "/",
               .operation = "getStatusPage",
               .summary = "The same as a page.",
               .response_type = "text/html"};
    page.handler = [this](Call&) -> StatusOr<HttpResponse> {
      TICKETING_ASSIGN_OR_RETURN(std::string body, StatusHtml(*engine, options.name, State()));
      return Page("text/html; charset=utf-8", std::move(body));
    };
    all.push_back(std::move(json));
    all.push_back(std::move(page));
    return all;
  }
};

BastionService::BastionService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
BastionService::~BastionService() = default;

StatusOr<std::unique_ptr<BastionService>> BastionService::Open(const BastionPorts& ports,
                                                               BastionOptions options) {
  auto parts = std::make_unique<Parts>(ports, std::move(options));
  TICKETING_ASSIGN_OR_RETURN(parts->database, ports.databases.Open("bastion", RelaySchema()));
  TICKETING_ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromSeed(ports.key_seed));
  GateConfig config;
  config.device = ports.device;
  config.decides_as = DecidedBy::kBastion;
  TICKETING_ASSIGN_OR_RETURN(
      parts->engine, GateEngine::Open(ports.env, ports.databases, "gate", std::move(key), config));
  Parts* p = parts.get();
  p->state.configured = p->cloud != nullptr;
  p->routes = std::make_unique<GateRoutes>(
      *p->engine, p->pairing, [p](const CopyDevice& device) { return p->Enrolled(device); });
  ApiOptions api;
  api.service = "bastion";
  api.title = "Bastion API";
  api.about =
      "What handhelds ask the venue's own server. Requests are signed with the device's key.";
  p->api = std::make_unique<Api>(std::move(api), p->env, p->AllRoutes());
  p->timed = std::make_unique<TimedHandler>(*p->api, p->env.clock);
  if (p->cloud != nullptr) {
    p->link = std::make_unique<SyncLink>(p->env, *p->cloud, ports.device, p->engine->key());
    p->agent = std::make_unique<SyncAgent>(*p->engine, *p->link, SyncPeer::kCloudForAll);
  }
  p->interval = p->options.sync_interval;
  return std::unique_ptr<BastionService>(new BastionService(std::move(parts)));
}

HttpHandler& BastionService::api() {
  return *parts_->timed;
}

std::string BastionService::PairingCode() {
  return parts_->pairing.Code();
}

Status BastionService::Tick() {
  Parts& p = *parts_;
  const std::lock_guard lock(p.ticking);
  const Duration now = p.env.clock.Monotonic();
  if (now < p.next_sync) return OkStatus();
  bool more = false;
  Status status = p.Sync(more);
  p.interval =
      status.ok() ? p.options.sync_interval : std::min(p.interval * 2, p.options.sync_interval_max);
  p.next_sync = p.env.clock.Monotonic() + (more ? Duration{} : p.interval);
  return status;
}

Status BastionService::SyncNow() {
  const std::lock_guard lock(parts_->ticking);
  bool more = true;
  while (more) TICKETING_RETURN_IF_ERROR(parts_->Sync(more));
  return OkStatus();
}

StatusOr<BastionService::Holdings> BastionService::Held() {
  Holdings held;
  for (const EventVersion& event : parts_->engine->Events()) {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> copy,
                               parts_->engine->ReadEventCopy(event.number, 0));
    held.events += 1;
    if (copy) held.tickets += copy->tickets.size();
  }
  return held;
}

}  // namespace ticketing
