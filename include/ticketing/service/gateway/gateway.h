// The two public doors. A gateway checks the caller's token, holds every caller to a rate, and
// passes the request on to the domain API that owns the resource, with the caller's own token; it
// keeps nothing. Requests of anonymous visitors travel with the gateway's own service token.
//
// client-api is the only door for customers, admin-api the only one for staff and for the bastions'
// sync. Which door leads where, and for whom, is the table in the .cc of each.
#ifndef TICKETING_SERVICE_GATEWAY_GATEWAY_H_
#define TICKETING_SERVICE_GATEWAY_GATEWAY_H_

#include <memory>

#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/service/common/api.h"
#include "ticketing/service/common/service_client.h"
#include "ticketing/service/common/token_verifier.h"

namespace ticketing {

// What stands behind a gateway. Everything must outlive it.
struct Upstreams {
  HttpClient& identity;
  HttpClient& ticketing;
  HttpClient& payments;
  HttpClient& notifications;
  TokenVerifier& verifier;
  ServiceToken& service_token;
};

struct GatewayLimits {
  // Requests of one caller (a token's subject, else an address): a steady rate and a burst on top.
  int64_t requests_per_second = 50;
  int64_t burst = 200;
  Duration upstream_timeout = Duration::Seconds(15);
};

std::unique_ptr<Api> MakeClientApi(const Upstreams& upstreams, const GatewayLimits& limits,
                                   Env env);
std::unique_ptr<Api> MakeAdminApi(const Upstreams& upstreams, const GatewayLimits& limits, Env env);

}  // namespace ticketing

#endif  // TICKETING_SERVICE_GATEWAY_GATEWAY_H_
