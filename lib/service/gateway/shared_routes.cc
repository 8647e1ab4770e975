// The routes that both doors have.
#include "lib/service/gateway/forward.h"

namespace ticketing {
namespace {

const Access kAnyone = {.anonymous = true};

}  // namespace

void AddSessionRoutes(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/sessions",
                           .operation = "logIn",
                           .summary = "Log in.",
                           .access = kAnyone,
                           .request = Message("CreateSessionRequest"),
                           .response = Message("Session"),
                           .success = 201});
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/sessions/refresh",
                           .operation = "refreshSession",
                           .summary = "Exchange a refresh token for new tokens.",
                           .access = kAnyone,
                           .request = Message("RefreshSessionRequest"),
                           .response = Message("Session")});
  routes.Add(up.identity, {.method = "DELETE",
                           .path = "/v1/sessions/current",
                           .operation = "logOut",
                           .summary = "End this session.",
                           .access = {},
                           .success = 204});
  routes.Add(up.identity, {.method = "GET",
                           .path = "/v1/me",
                           .operation = "getMe",
                           .summary = "Who I am.",
                           .access = {},
                           .response = Message("Account")});
}

void AddHoldRoutes(GatewayRoutes& routes, const Upstreams& up, const Access& access) {
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/events/{event_id}/holds",
                            .operation = "createHold",
                            .summary = "Hold seats, by name or the best available.",
                            .access = access,
                            .request = Message("CreateHoldRequest"),
                            .response = Message("Hold"),
                            .idempotent_key = true,
                            .success = 201});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/holds/{hold_id}",
                            .operation = "getHold",
                            .summary = "A hold and when it expires.",
                            .access = access,
                            .response = Message("Hold")});
  routes.Add(up.ticketing, {.method = "DELETE",
                            .path = "/v1/events/{event_id}/holds/{hold_id}",
                            .operation = "releaseHold",
                            .summary = "Let the seats go.",
                            .access = access,
                            .success = 204});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/holds",
                            .operation = "createHolds",
                            .summary = "Hold seats of several events: all of them or none.",
                            .access = access,
                            .request = Message("CreateHoldsRequest"),
                            .response = Message("Hold"),
                            .idempotent_key = true,
                            .success = 201});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/holds/{hold_id}",
                            .operation = "getHoldById",
                            .summary = "A hold of one or several events.",
                            .access = access,
                            .response = Message("Hold")});
  routes.Add(up.ticketing, {.method = "DELETE",
                            .path = "/v1/holds/{hold_id}",
                            .operation = "releaseHoldById",
                            .summary = "Let the seats of all its events go.",
                            .access = access,
                            .success = 204});
}

void AddSeasonBrowsing(GatewayRoutes& routes, const Upstreams& up, const Access& access) {
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/seasons",
                            .operation = "listSeasons",
                            .summary = "The seasons, the newest first.",
                            .access = access,
                            .response = Message("SeasonList")});
  routes.Add(
      up.ticketing,
      {.method = "GET",
       .path = "/v1/seasons/{season_id}",
       .operation = "getSeason",
       .summary = "A season with its matches and parts; each is held and ordered as an event.",
       .access = access,
       .response = Message("Season")});
}

}  // namespace ticketing
