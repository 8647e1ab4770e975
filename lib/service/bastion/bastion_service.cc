#include "ticketing/service/bastion/bastion_service.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "lib/service/bastion/console.h"
#include "lib/service/bastion/disk_watch.h"
#include "lib/service/bastion/follower.h"
#include "lib/service/bastion/gate_routes.h"
#include "lib/service/bastion/news.h"
#include "lib/service/bastion/own_past.h"
#include "lib/service/bastion/page.h"
#include "lib/service/bastion/pairing.h"
#include "lib/service/bastion/status_page.h"
#include "lib/service/bastion/timed_handler.h"
#include "lib/service/bastion/venue_store.h"
#include "ticketing/gate/engine.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/sync_agent.h"
#include "ticketing/service/common/api.h"

namespace ticketing {
namespace {

std::string LanguageOf(const Call& call) {
  if (const auto asked = call.Query("lang")) return *asked == "en" ? "en" : "es";
  const std::string_view accepted = call.request.headers.Get("Accept-Language").value_or("");
  return accepted.starts_with("en") ? "en" : "es";
}

}  // namespace

struct BastionService::Parts {
  Parts(const BastionPorts& ports, BastionOptions given)
      : env(ports.env),
        options(std::move(given)),
        cloud(ports.cloud),
        pairing(ports.env, options.pairing_life, options.pairing_attempts_max),
        news(static_cast<uint64_t>(ports.env.clock.Now().micros), options.news_waiters_max),
        pin(options.staff_pin),
        disk(ports.env, ports.databases, ports.free_bytes, options.disk_warning_bytes) {}

  Env env;
  const BastionOptions options;
  HttpClient* const cloud;
  BastionPairing pairing;
  News news;
  StaffPin pin;
  ConsoleActions actions;
  DiskWatch disk;
  std::unique_ptr<Database> database;
  std::unique_ptr<VenueStore> venue;
  std::unique_ptr<OwnPast> past;
  std::unique_ptr<GateEngine> engine;
  std::unique_ptr<Follower> follower;
  std::unique_ptr<GateRoutes> routes;
  std::unique_ptr<Api> api;
  std::unique_ptr<TimedHandler> timed;
  std::unique_ptr<SyncLink> link;
  std::unique_ptr<SyncAgent> agent;      // brings every log to the cloud
  std::unique_ptr<SyncAgent> own_agent;  // a spare's own only, while the first brings the rest

  std::mutex ticking;  // one round at a time
  Duration next_sync{};
  Duration interval{};
  std::atomic<bool> urgent = false;  // something that must not wait for the next round
  std::mutex following;              // one round with the first at a time
  std::mutex state_mutex;
  CloudState state;
  BastionCard card;

  std::atomic<bool> forked = false;  // somebody has other entries under numbers of our own log

  // Why nothing is decided here now; null when it is.
  const char* Silent() const {
    if (!past->whole()) return "This bastion does not know yet whether its own log is whole.";
    if (disk.state() == DiskState::kFull) return "The bastion's disk is full.";
    return nullptr;
  }
  // What a round of sync has shown of our own log.
  void LearnOfOwnLog(const SyncReport& report) {
    if (report.own_log_whole) past->SourceHasNoMore();
    if (report.own_log_forked) forked = true;
  }

  bool Follows() const { return follower != nullptr && follower->follows(); }

  // The cloud is told at once when it is in reach: if this bastion is lost the next moment, the one
  // that takes its place knows the device from there.
  Status Enrolled(const CopyDevice& device) {
    TICKETING_RETURN_IF_ERROR(venue->AddRelay(device));
    if (State().reached) (void)venue->TellCloud(*cloud);
    return OkStatus();
  }

  Status Revoke(DeviceId id) {
    std::optional<CopyDevice> device = engine->FindDevice(id);
    if (!device) return MakeError(ErrorCode::kNotFound, "This bastion does not know the device.");
    if (device->bastion) {
      return MakeError(ErrorCode::kConflict, "A bastion is shut out in the admin portal only.");
    }
    device->revoked = true;
    // What the cloud has to hear first: the other order could forget it in a crash.
    TICKETING_RETURN_IF_ERROR(venue->AddRevocation(id));
    TICKETING_RETURN_IF_ERROR(engine->AddDevices({*device}));
    news.Announce();
    urgent = true;
    env.log.Warning("device shut out at the console", {{"device", id.ToString()}});
    return OkStatus();
  }

  CloudState State() {
    const std::lock_guard lock(state_mutex);
    return state;
  }

  // A whole round. Devices and who was shut out come first: they are few, they matter most, and the
  // cloud judges entries by them. Scans go up next, and only then event copies come down.
  Status Sync(bool& more) {
    more = false;
    if (cloud == nullptr) return OkStatus();
    SyncReport report;
    Status status = venue->TellCloud(*cloud);
    if (status.ok()) status = (Follows() ? *own_agent : *agent).Step(&report);
    if (report.received + report.copies + report.devices > 0) news.Announce();
    LearnOfOwnLog(report);
    more = status.ok() && report.more;
    const std::lock_guard lock(state_mutex);
    state.reached = status.ok();
    state.problem = status.ok() ? "" : std::string(MessageOf(status));
    return status;
  }

  StatusInput Input() {
    const char* role = follower == nullptr ? "first" : Follows() ? "spare" : "acting";
    StatusInput input{options.name, State(), routes->Presence(), role};
    input.disk = {disk.state(), disk.free_bytes(), disk.warn_below()};
    input.silent = Silent() == nullptr ? "" : Silent();
    input.log_whole = past->whole();
    input.log_forked = forked;
    return input;
  }

  std::vector<Route> AllRoutes() {
    std::vector<Route> all = routes->Routes();
    Route json{.method = "GET",
               .path = "/v1/status",
               .operation = "getStatus",
               .summary = "Gates, zones, devices, logs and conflicts."};
    json.handler = [this](Call&) -> StatusOr<HttpResponse> {
      TICKETING_ASSIGN_OR_RETURN(std::string body, StatusJson(*engine, Input()));
      return PageResponse("application/json", std::move(body));
    };
    Route page{.method = "GET",
               .path = "/",
               .operation = "getStatusPage",
               .summary = "The same as a page.",
               .query = {{"lang", "es or en."}},
               .response_type = "text/html"};
    page.handler = [this](Call& call) -> StatusOr<HttpResponse> {
      TICKETING_ASSIGN_OR_RETURN(std::string body, StatusHtml(*engine, Input(), LanguageOf(call)));
      return PageResponse("text/html; charset=utf-8", std::move(body));
    };
    all.push_back(std::move(json));
    all.push_back(std::move(page));
    for (Route& route : ConsoleRoutes(*engine, pin, actions)) all.push_back(std::move(route));
    return all;
  }

  Status OpenFollower(HttpClient* first) {
    if (first == nullptr) return OkStatus();
    follower = std::make_unique<Follower>(*engine, *first);
    actions.promote = [this](bool promoted) { return follower->SetPromoted(promoted); };
    actions.promoted = [this] { return follower->promoted(); };
    return follower->Load();
  }
};

BastionService::BastionService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
BastionService::~BastionService() = default;

StatusOr<std::unique_ptr<BastionService>> BastionService::Open(const BastionPorts& ports,
                                                               BastionOptions options) {
  auto parts = std::make_unique<Parts>(ports, std::move(options));
  TICKETING_ASSIGN_OR_RETURN(parts->database, parts->disk.Open("bastion", VenueSchema()));
  parts->venue = std::make_unique<VenueStore>(*parts->database);
  parts->past = std::make_unique<OwnPast>(ports.env, *parts->venue, ports.device);
  TICKETING_ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromSeed(ports.key_seed));
  GateConfig config;
  config.device = ports.device;
  config.decides_as = DecidedBy::kBastion;
  TICKETING_ASSIGN_OR_RETURN(
      parts->engine, GateEngine::Open(ports.env, parts->disk, "gate", std::move(key), config));
  Parts* p = parts.get();
  TICKETING_RETURN_IF_ERROR(
      p->past->Open(ports.place ? ports.place() : std::string(), p->options.restored));
  p->state.configured = p->cloud != nullptr;
  TICKETING_RETURN_IF_ERROR(p->OpenFollower(ports.first));
  p->actions.pairing_symbol = ports.pairing_symbol;
  p->actions.log_whole = [p] { return p->past->whole(); };
  p->actions.release_log = [p] { return p->past->Release(); };
  p->actions.revoke = [p](DeviceId device) { return p->Revoke(device); };
  p->routes = std::make_unique<GateRoutes>(
      *p->engine,
      GateRoutes::Venue{p->pairing, p->news, *p->venue, p->follower.get(), *p->past,
                        [p] { return p->Silent(); }, p->cloud},
      [p](const CopyDevice& device) { return p->Enrolled(device); });
  ApiOptions api;
  api.service = "bastion";
  api.outward = true;
  api.title = "Bastion API";
  api.about =
      "What handhelds ask the venue's own server. Requests are signed with the device's key.";
  p->api = std::make_unique<Api>(std::move(api), p->env, p->AllRoutes());
  p->timed = std::make_unique<TimedHandler>(*p->api, p->env.clock);
  if (p->cloud != nullptr) {
    p->link = std::make_unique<SyncLink>(p->env, *p->cloud, ports.device, p->engine->key());
    p->agent = std::make_unique<SyncAgent>(*p->engine, *p->link, SyncPeer::kCloudForAll);
    p->own_agent = std::make_unique<SyncAgent>(*p->engine, *p->link, SyncPeer::kCloud);
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
  if (!p.urgent.exchange(false) && now < p.next_sync) return OkStatus();
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

Status BastionService::Watch() {
  Parts& p = *parts_;
  const Duration now = p.env.clock.Monotonic();
  p.disk.Look(now, [&] { return p.engine->SetSetting("disk.probe", now.micros); });
  Status settled = p.past->Settle();
  p.env.metrics.Set("ticketing_bastion_decides", "0 while this bastion decides no scans.", {},
                    p.Silent() == nullptr ? 1 : 0);
  return settled;
}

void BastionService::Pulse() {
  parts_->news.Pulse(parts_->env.clock.Monotonic());
}

Status BastionService::FollowTick() {
  Parts& p = *parts_;
  if (p.follower == nullptr || p.follower->promoted()) return OkStatus();
  const std::lock_guard lock(p.following);
  BastionCard card;
  {
    const std::lock_guard state(p.state_mutex);
    card = p.card;
  }
  SyncReport report;
  report.more = true;
  while (report.more) {
    TICKETING_RETURN_IF_ERROR(p.follower->Step(card, report));
    p.LearnOfOwnLog(report);
    if (report.received + report.copies + report.devices > 0) p.news.Announce();
  }
  return OkStatus();
}

void BastionService::StopWaiting() {
  parts_->news.Close();
}

Status BastionService::SetAddress(const std::string& url, const std::string& pin) {
  Parts& p = *parts_;
  BastionCard card{p.engine->device(), url, pin, p.env.clock.Now(), ""};
  SignBastionCard(card, p.engine->key());
  TICKETING_RETURN_IF_ERROR(p.venue->PutCard(card, card.made_at).status());
  const std::lock_guard lock(p.state_mutex);
  p.card = std::move(card);
  return OkStatus();
}

Status BastionService::RevokeDevice(DeviceId device) {
  return parts_->Revoke(device);
}

GateEngine& BastionService::engine() {
  return *parts_->engine;
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
