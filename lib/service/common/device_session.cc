#include "ticketing/service/common/device_session.h"

#include "lib/wire/convert.h"
#include "ticketing/identity/device.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/identity.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr Duration kCallTimeout = Duration::Seconds(5);

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

DeviceSessionClient::DeviceSessionClient(HttpClient& cloud, Clock& clock, DeviceId device,
                                         const SigningKey& key)
    : cloud_(cloud), clock_(clock), device_(device), key_(key) {}

StatusOr<HttpResponse> DeviceSessionClient::Send(const HttpRequest& request, Duration timeout) {
  TICKETING_ASSIGN_OR_RETURN(std::string token, Token(timeout, ""));
  HttpRequest carried = request;
  carried.headers.Set("Authorization", "Bearer " + token);
  TICKETING_ASSIGN_OR_RETURN(HttpResponse response, cloud_.Send(carried, timeout));
  if (response.status != 401) return response;
  TICKETING_ASSIGN_OR_RETURN(token, Token(timeout, token));
  carried.headers.Set("Authorization", "Bearer " + token);
  return cloud_.Send(carried, timeout);
}

// The session is asked for without the lock: a scan that has its budget to keep must not wait until
// the round of sync beside it has given up on a cloud that does not answer.
StatusOr<std::string> DeviceSessionClient::Token(Duration timeout, std::string_view refused) {
  const Timestamp now = clock_.Now();
  const auto usable = [&] {
    return !token_.empty() && token_ != refused && now + Duration::Minutes(1) < expires_at_;
  };
  {
    const std::lock_guard lock(mutex_);
    if (usable()) return token_;
  }
  v1::CreateDeviceSessionRequest body;
  body.set_device_id(device_.ToString());
  body.set_time(FormatTimestamp(now));
  body.set_signature(key_.Sign(identity::DeviceProofMessage(device_, body.time())));
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response,
                             cloud_.Send(JsonPost("/v1/device-sessions", body), timeout));
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
  expires_at_ = wire::TimeOf(session.access_expires_at());
  return token_;
}

}  // namespace ticketing
