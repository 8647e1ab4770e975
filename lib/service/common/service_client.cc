#include "ticketing/service/common/service_client.h"

#include "lib/wire/convert.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/identity.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing {

ServiceToken::ServiceToken(HttpClient& identity, Clock& clock, std::string service,
                           std::string secret)
    : identity_(identity),
      clock_(clock),
      service_(std::move(service)),
      secret_(std::move(secret)) {}

StatusOr<std::string> ServiceToken::Get() {
  const std::lock_guard lock(mutex_);
  if (!token_.empty() && clock_.Now() + Duration::Minutes(1) < expires_at_) return token_;
  v1::CreateServiceSessionRequest body;
  body.set_service(service_);
  body.set_secret(secret_);
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/service-sessions";
  request.headers.Set("Content-Type", "application/json");
  request.body = wire::ToJson(body);
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response,
                             identity_.Send(request, Duration::Seconds(3)));
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(response));
  v1::Session session;
  TICKETING_RETURN_IF_ERROR(wire::FromJson(response.body, &session));
  token_ = session.access_token();
  expires_at_ = wire::TimeOf(session.access_expires_at());
  return token_;
}

StatusOr<std::string> AskService(HttpClient& client, ServiceToken& token, const ServiceCall& call) {
  TICKETING_ASSIGN_OR_RETURN(const std::string bearer, token.Get());
  HttpRequest request;
  request.method = call.method;
  request.target = call.target;
  request.headers.Set("Authorization", "Bearer " + bearer);
  if (!call.request_id.empty()) request.headers.Set("X-Request-Id", call.request_id);
  if (!call.idempotency_key.empty()) request.headers.Set("Idempotency-Key", call.idempotency_key);
  if (call.body != nullptr) {
    request.headers.Set("Content-Type", "application/json");
    request.body = wire::ToJson(*call.body);
  }
  TICKETING_ASSIGN_OR_RETURN(HttpResponse answer, client.Send(request, call.timeout));
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(answer));
  return std::move(answer.body);
}

Status CallService(HttpClient& client, ServiceToken& token, const ServiceCall& call,
                   google::protobuf::Message* response) {
  TICKETING_ASSIGN_OR_RETURN(const std::string body, AskService(client, token, call));
  return response == nullptr ? OkStatus() : wire::FromJson(body, response);
}

}  // namespace ticketing
