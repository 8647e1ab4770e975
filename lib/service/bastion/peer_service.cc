#include "ticketing/service/bastion/peer_service.h"

#include <utility>

#include "lib/service/bastion/gate_routes.h"
#include "lib/service/bastion/timed_handler.h"
#include "ticketing/service/common/api.h"

namespace ticketing {
namespace {

ApiOptions Describe() {
  ApiOptions options;
  options.outward = true;
  options.service = "handheld";
  options.title = "Handheld API";
  options.about =
      "What handhelds ask each other while no bastion answers. Requests are signed with the "
      "device's key.";
  return options;
}

}  // namespace

struct PeerService::Parts {
  Parts(const Env& env, GateEngine& engine)
      : routes(engine), api(Describe(), env, routes.LogRoutes()), timed(api, env.clock) {}

  GateRoutes routes;
  Api api;
  TimedHandler timed;
};

PeerService::PeerService(const Env& env, GateEngine& engine)
    : parts_(std::make_unique<Parts>(env, engine)) {}
PeerService::~PeerService() = default;

HttpHandler& PeerService::api() {
  return parts_->timed;
}

}  // namespace ticketing
