#include "ticketing/service/common/device_session.h"

#include <optional>

#include "lib/wire/convert.h"
#include "ticketing/identity/device.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/identity.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr Duration kCallTimeout = Duration::Seconds(5);
// A proof is taken within two minutes of the server's time; who is this far off corrects it.
constexpr Duration kClockOffMin = Duration::Seconds(30);

// The Date of an answer: IMF-fixdate, "Sun, 22 Nov 2026 12:00:00 GMT".
std::optional<Timestamp> DateOf(const HttpResponse& response) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::string_view date = response.headers.Get("Date").value_or("");
  if (date.size() != 29) return std::nullopt;
  const size_t month = kMonths.find(date.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  std::string number = std::to_string(month / 3 + 1);
  if (number.size() == 1) number = "0" + number;
  return ParseTimestamp(std::string(date.substr(12, 4)) + "-" + number + "-" +
                        std::string(date.substr(5, 2)) + "T" + std::string(date.substr(17, 8)) +
                        "Z");
}

HttpRequest JsonPost(std::string target, const google::protobuf::Message& body) {
  HttpRequest request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers.Set("Content-Type", "application/json");
  request.body = wire::ToJson(body);
  return request;
}

}  // namespace

Status EnrolAtCloud(HttpClient& cloud, std::string_view pairing_code, DeviceId device,
                    std::string_view public_key) {
  v1::EnrolDeviceRequest body;
  body.set_pairing_code(std::string(pairing_code));
  body.set_device_id(device.ToString());
  body.set_public_key(std::string(public_key));
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response,
                             cloud.Send(JsonPost("/v1/devices", body), kCallTimeout));
  return StatusOfResponse(response);
}

Status RelayDevice(HttpClient& cloud, DeviceId device, std::string_view public_key,
                   std::string_view name) {
  v1::RelayDeviceRequest body;
  body.set_device_id(device.ToString());
  body.set_public_key(std::string(public_key));
  body.set_name(std::string(name));
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response,
                             cloud.Send(JsonPost("/v1/devices/relay", body), kCallTimeout));
  return StatusOfResponse(response);
}

Status RelayRevocation(HttpClient& cloud, DeviceId device) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/devices/" + device.ToString() + "/relay-revocation";
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response, cloud.Send(request, kCallTimeout));
  return StatusOfResponse(response);
}

DeviceSessionClient::DeviceSessionClient(HttpClient& cloud, Clock& clock, DeviceId device,
                                         const SigningKey& key)
    : cloud_(cloud), clock_(clock), device_(device), key_(key) {}

// What is left of the time that the caller gave, for all that has to be asked.
Duration DeviceSessionClient::Left(Duration end) const {
  return end - clock_.Monotonic();
}

StatusOr<HttpResponse> DeviceSessionClient::SendUntil(const HttpRequest& request, Duration end) {
  const Duration left = Left(end);
  if (left.micros <= 0) {
    return MakeError(ErrorCode::kDeadlineExceeded, "The answer did not come in time.");
  }
  return cloud_.Send(request, left);
}

StatusOr<HttpResponse> DeviceSessionClient::Send(const HttpRequest& request, Duration timeout) {
  const Duration end = clock_.Monotonic() + timeout;
  TICKETING_ASSIGN_OR_RETURN(std::string token, Token(end, ""));
  HttpRequest carried = request;
  carried.headers.Set("Authorization", "Bearer " + token);
  TICKETING_ASSIGN_OR_RETURN(HttpResponse response, SendUntil(carried, end));
  if (response.status != 401) return response;
  TICKETING_ASSIGN_OR_RETURN(token, Token(end, token));
  carried.headers.Set("Authorization", "Bearer " + token);
  return SendUntil(carried, end);
}

// Proves the key. Who has a wrong clock is refused, takes the server's time for the proof and tries
// once more: without a bastion nobody else tells it.
StatusOr<HttpResponse> DeviceSessionClient::Prove(Duration end) {
  for (bool corrected = false;; corrected = true) {
    v1::CreateDeviceSessionRequest body;
    body.set_device_id(device_.ToString());
    body.set_time(FormatTimestamp(clock_.Now() + Duration{ahead_micros_.load()}));
    body.set_signature(key_.Sign(identity::DeviceProofMessage(device_, body.time())));
    TICKETING_ASSIGN_OR_RETURN(HttpResponse response,
                               SendUntil(JsonPost("/v1/device-sessions", body), end));
    const std::optional<Timestamp> server = DateOf(response);
    if (corrected || response.status < 400 || !server) return response;
    const Duration ahead = *server - clock_.Now();
    const Duration change = ahead - Duration{ahead_micros_.load()};
    if (change < kClockOffMin && Duration{} - kClockOffMin < change) return response;
    ahead_micros_ = ahead.micros;
  }
}

// The session is asked for without the lock: a scan that has its budget to keep must not wait until
// the round of sync beside it has given up on a cloud that does not answer.
StatusOr<std::string> DeviceSessionClient::Token(Duration end, std::string_view refused) {
  const Duration now = clock_.Monotonic();
  const auto usable = [&] {
    return !token_.empty() && token_ != refused && now + Duration::Minutes(1) < expires_at_;
  };
  {
    const std::lock_guard lock(mutex_);
    if (usable()) return token_;
  }
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response, Prove(end));
  const Status given = StatusOfResponse(response);
  const std::lock_guard lock(mutex_);
  if (!given.ok()) {
    // Somebody asked after us and was answered before: proofs are taken in their order only.
    if (usable()) return token_;
    return given;
  }
  v1::Session session;
  TICKETING_RETURN_IF_ERROR(wire::FromJson(response.body, &session));
  token_ = session.access_token();
  // Kept by the clock that nobody sets, from the moment it was asked for.
  const Timestamp started = DateOf(response).value_or(clock_.Now());
  expires_at_ = now + (wire::TimeOf(session.access_expires_at()) - started);
  return token_;
}

}  // namespace ticketing
