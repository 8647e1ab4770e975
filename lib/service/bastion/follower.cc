#include "lib/service/bastion/follower.h"

#include <algorithm>

#include "ticketing/base/limits.h"
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
  const bool decides = answer.ok() && answer->headers.Get(kDecidesHeader).value_or("") != "no";
  Note(decides);
  // Whoever is overloaded has not decided either.
  if (!decides || answer->status >= 500) return std::nullopt;
  return *std::move(answer);
}

// Where this one answers and whom it knows, when the first has not heard; and while that one does
// not decide, how much of its log there is here.
Status Follower::Report(const BastionCard& card) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::string(kReportsPath);
  request.headers.Set("Content-Type", kProtobufMediaType);
  request.body = EncodeVenueReport({card, engine_.Devices()});
  if (card.url.empty() || (request.body == told_ && link_.decides())) return OkStatus();
  if (given_back_) request.headers.Set(kOwnLogToldHeader, std::to_string(*given_back_));
  std::string body = request.body;
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse answer,
                             link_.Send(std::move(request), kReportTimeout));
  given_back_.reset();
  if (answer.status >= 300) return OkStatus();
  told_ = std::move(body);
  const auto asked = ReadOwnLogEnd(answer.headers.Get(kOwnLogHeader).value_or(""));
  return asked ? GiveBack(*asked) : OkStatus();
}

// The first one was restored from an old copy, and asks for what it has forgotten of its own log.
Status Follower::GiveBack(const OwnLogEnd& asked) {
  uint64_t end = asked.sequence;
  while (true) {
    TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> entries,
                               engine_.EntriesOf(asked.device, end + 1, limits::kLogBatchItemsMax));
    if (entries.empty()) break;
    TICKETING_ASSIGN_OR_RETURN(const LogUploadResult result, link_.Upload(entries, kReportTimeout));
    const auto taken = [](const LogAck& ack) {
      return ack.state == AckState::kStored || ack.state == AckState::kRepeated;
    };
    const auto stored = std::ranges::count_if(result.acks, taken);
    if (stored == 0) break;
    end += static_cast<uint64_t>(stored);
  }
  given_back_ = end;
  return OkStatus();
}

Status Follower::Step(const BastionCard& card, SyncReport& report) {
  (void)Report(card);  // what it does not hear now it hears the next time
  Status done = agent_.Step(&report);
  const ErrorCode code = CodeOf(done);
  Note(code != ErrorCode::kUnavailable && code != ErrorCode::kDeadlineExceeded && link_.decides());
  return done;
}

}  // namespace ticketing
