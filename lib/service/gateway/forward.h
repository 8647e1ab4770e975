// What the tables of both gateways are made of.
#ifndef TICKETING_LIB_SERVICE_GATEWAY_FORWARD_H_
#define TICKETING_LIB_SERVICE_GATEWAY_FORWARD_H_

#include <memory>
#include <string>
#include <vector>

#include "ticketing/service/common/rate_limiter.h"
#include "ticketing/service/gateway/gateway.h"

namespace ticketing {

// Collects the routes of one gateway. All of them share a rate limiter.
class GatewayRoutes {
 public:
  GatewayRoutes(const Upstreams& upstreams, const GatewayLimits& limits);

  // A route whose handler passes the request on to `upstream` at the same address. `route.handler`
  // is filled in.
  void Add(HttpClient& upstream, Route route);

  // Tells the domain APIs with every request through which door it came (kDoorHeader).
  void SetDoor(std::string_view door) { shared_->door = door; }

  std::vector<Route> Take() { return std::move(routes_); }

 private:
  struct Shared {
    Shared(const Upstreams& up, const GatewayLimits& lim)
        : upstreams(up), limits(lim), limiter(lim.requests_per_second, lim.burst) {}
    Upstreams upstreams;
    GatewayLimits limits;
    RateLimiter limiter;
    std::string door;
  };
  static StatusOr<HttpResponse> Forward(Shared& shared, HttpClient& upstream, Call& call);

  std::shared_ptr<Shared> shared_;
  std::vector<Route> routes_;
};

// Log in, refresh, log out, who I am: at both doors alike.
void AddSessionRoutes(GatewayRoutes& routes, const Upstreams& up);
// Hold seats, look at a hold, let it go: at both doors, for whom each lets in.
void AddHoldRoutes(GatewayRoutes& routes, const Upstreams& up, const Access& access);
void AddSeasonBrowsing(GatewayRoutes& routes, const Upstreams& up, const Access& access);
// What only the staff's door has, about seasons, renewals and charts under live events.
void AddStaffSeasonRoutes(GatewayRoutes& routes, const Upstreams& up);
// The staff's say in how an event is entered: policies, the status of tickets, scans taken back.
void AddGatePolicyRoutes(GatewayRoutes& routes, const Upstreams& up);

// A name of "ticketing.v1".
std::string Message(const char* name);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_GATEWAY_FORWARD_H_
