#include "lib/service/gateway/forward.h"

#include <string_view>

#include "ticketing/env/wait.h"

namespace ticketing {
namespace {

// What travels on, in each direction. Everything else stays at the door.
constexpr std::string_view kRequestHeaders[] = {"Content-Type",  "Accept",      "Idempotency-Key",
                                                "If-None-Match", "If-Match",    "traceparent",
                                                "tracestate",    "Device-Auth", "Prefer"};
constexpr std::string_view kResponseHeaders[] = {
    "Content-Type",      "ETag",        "Cache-Control",       "Content-Disposition",
    "Location",          "Retry-After", "Idempotent-Replayed", "WWW-Authenticate",
    "Preference-Applied"};

template <size_t size>
void Copy(const std::string_view (&names)[size], const HttpHeaders& from, HttpHeaders& to) {
  for (const std::string_view name : names) {
    if (const auto value = from.Get(name)) to.Set(name, *value);
  }
}

}  // namespace

std::string Message(const char* name) {
  return std::string("ticketing.v1.") + name;
}

GatewayRoutes::GatewayRoutes(const Upstreams& upstreams, const GatewayLimits& limits)
    : shared_(std::make_shared<Shared>(upstreams, limits)) {}

void GatewayRoutes::Add(HttpClient& upstream, Route route) {
  route.handler = [shared = shared_, &upstream](Call& call) {
    return Forward(*shared, upstream, call);
  };
  routes_.push_back(std::move(route));
}

StatusOr<HttpResponse> GatewayRoutes::Forward(Shared& shared, HttpClient& upstream, Call& call) {
  const std::string& address = call.request.remote_address;
  const std::string& caller = call.principal.subject.empty() ? address : call.principal.subject;
  if (const auto wait = shared.limiter.Admit(caller, call.env.clock.Monotonic())) {
    return MakeError(ErrorCode::kRateLimited, "Too many requests from you; wait a moment.",
                     {.retry_after = *wait});
  }
  HttpRequest onward;
  onward.method = call.request.method;
  onward.target = call.request.target;
  onward.body = call.request.body;
  onward.remote_address = address;
  Copy(kRequestHeaders, call.request.headers, onward.headers);
  onward.headers.Set("X-Request-Id", call.request_id);
  if (!address.empty()) onward.headers.Set("X-Client-Address", address);
  if (!shared.door.empty()) onward.headers.Set(kDoorHeader, shared.door);
  std::string bearer = call.principal.bearer;
  if (bearer.empty()) {
    TICKETING_ASSIGN_OR_RETURN(bearer, shared.upstreams.service_token.Get());
  }
  onward.headers.Set("Authorization", "Bearer " + bearer);
  const WaitsAside aside;
  TICKETING_ASSIGN_OR_RETURN(HttpResponse answer,
                             upstream.Send(onward, shared.limits.upstream_timeout));
  HttpResponse response;
  response.status = answer.status;
  Copy(kResponseHeaders, answer.headers, response.headers);
  response.body = std::move(answer.body);
  return response;
}

}  // namespace ticketing
