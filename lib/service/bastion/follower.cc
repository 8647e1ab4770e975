#include "lib/service/bastion/follower.h"

#include "ticketing/sync/device_auth.h"

namespace ticketing {
namespace {

constexpr Duration kReportTimeout = Duration::Seconds(2);
constexpr std::string_view kPromotedSetting = "spare.promoted";

}  // namespace

Follower::Follower(GateEngine& engine, HttpClient& first)
    : engine_(engine),
      first_(first),
      link_(engine.env(), first, engine.device(), engine.key()),
      agent_(engine, link_, SyncPeer::kBastion) {}

Status Follower::Load() {
  TICKETING_ASSIGN_OR_RETURN(const int64_t promoted, engine_.Setting(kPromotedSetting));
  promoted_ = promoted != 0;
  return OkStatus();
}

bool Follower::follows() const {
  if (promoted_) return false;
  const std::lock_guard lock(mutex_);
  return health_.up();
}

Status Follower::SetPromoted(bool promoted) {
  TICKETING_RETURN_IF_ERROR(engine_.SetSetting(kPromotedSetting, promoted ? 1 : 0));
  promoted_ = promoted;
  return OkStatus();
}

void Follower::Note(bool ok) {
  const Duration now = engine_.env().clock.Monotonic();
  bool before = false;
  bool after = false;
  {
    const std::lock_guard lock(mutex_);
    before = health_.up();
    health_.Report(ok, now);
    after = health_.up();
  }
  if (before == after || promoted_) return;
  engine_.env().log.Warning(after ? "The first bastion is back and decides again."
                                  : "The first bastion does not answer; this one decides.");
}

// A handheld that says so by itself would make a second writer of this bastion.
bool Follower::WasPassedOn(const HttpRequest& request) const {
  const auto header = request.headers.Get(kPassedHeader);
  if (!header) return false;
  const StatusOr<DeviceCredential> credential = ParseDeviceCredential(*header);
  if (!credential.ok()) return false;
  const std::optional<CopyDevice> device = engine_.FindDevice(credential->device);
  if (!device || !device->bastion || device->revoked) return false;
  return VerifyDeviceRequest(*credential, {request.method, request.target, request.body},
                             device->public_key, engine_.env().clock.Now())
      .ok();
}

std::optional<HttpResponse> Follower::Pass(const HttpRequest& request, Duration timeout) {
  if (!follows() || WasPassedOn(request)) return std::nullopt;
  HttpRequest passed = request;
  const Env& env = engine_.env();
  passed.headers.Set(
      kPassedHeader,
      SignDeviceRequest({request.method, request.target, request.body}, engine_.device(),
                        env.clock.Now(), env.random.Bytes(kDeviceNonceBytes), engine_.key()));
  StatusOr<HttpResponse> answer = first_.Send(passed, timeout);
  Note(answer.ok());
  // Whoever is overloaded has not decided.
  if (!answer.ok() || answer->status >= 500) return std::nullopt;
  return *std::move(answer);
}

Status Follower::Step(const BastionCard& card, SyncReport& report) {
  VenueReport about{card, engine_.Devices()};
  HttpRequest request;
  request.method = "POST";
  request.target = std::string(kReportsPath);
  request.headers.Set("Content-Type", kProtobufMediaType);
  request.body = EncodeVenueReport(about);
  if (!card.url.empty() && request.body != told_) {
    std::string body = request.body;
    const StatusOr<HttpResponse> answer = link_.Send(std::move(request), kReportTimeout);
    if (answer.ok() && answer->status < 300) told_ = std::move(body);
  }
  Status done = agent_.Step(&report);
  const ErrorCode code = CodeOf(done);
  Note(code != ErrorCode::kUnavailable && code != ErrorCode::kDeadlineExceeded);
  return done;
}

}  // namespace ticketing
