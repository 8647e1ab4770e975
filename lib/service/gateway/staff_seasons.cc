#include "lib/service/gateway/forward.h"

namespace ticketing {
namespace {

const Access kAdmin = {.roles = {Role::kAdmin}};
const Access kSales = {.roles = {Role::kBoxOffice, Role::kAdmin}};

void AddStaffRenewals(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/events/{event_id}/renewals",
                            .operation = "startRenewals",
                            .summary = "Keep the seats of an earlier season for who had them.",
                            .access = kAdmin,
                            .request = Message("StartRenewalsRequest"),
                            .response = Message("StartedRenewals"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/renewals",
                            .operation = "listRenewals",
                            .summary = "Seats that are kept for who had them before.",
                            .access = kSales,
                            .response = Message("RenewalList"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."}}});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/events/{event_id}/renewals/release",
                            .operation = "releaseRenewals",
                            .summary = "Let kept seats go before their time.",
                            .access = kAdmin,
                            .request = Message("ReleaseRenewalsRequest"),
                            .response = Message("ReleasedRenewals"),
                            .idempotent_key = true});
}

void AddStaffOverrides(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/overrides",
                            .operation = "getSeasonOverrides",
                            .summary = "The seats that a match sells by itself.",
                            .access = kAdmin,
                            .response = Message("SeasonOverrides")});
  routes.Add(up.ticketing,
             {.method = "POST",
              .path = "/v1/events/{event_id}/overrides",
              .operation = "overrideSeason",
              .summary = "Let a match sell seats that its season has, or give them back.",
              .access = kAdmin,
              .request = Message("OverrideSeasonRequest"),
              .response = Message("SeasonOverrides"),
              .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/place-overrides",
                            .operation = "getPlaceOverrides",
                            .summary = "The places of areas that a match sells by itself.",
                            .access = kAdmin,
                            .response = Message("PlaceOverrides")});
  routes.Add(up.ticketing,
             {.method = "POST",
              .path = "/v1/events/{event_id}/place-overrides",
              .operation = "overridePlaces",
              .summary = "Let a match sell places of season holders, or give them back.",
              .access = kAdmin,
              .request = Message("OverridePlacesRequest"),
              .response = Message("PlaceOverrides"),
              .idempotent_key = true});
}

}  // namespace

void AddStaffSeasonRoutes(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/seasons",
                            .operation = "createSeason",
                            .summary = "Make a season with its matches.",
                            .access = kAdmin,
                            .request = Message("CreateSeasonRequest"),
                            .response = Message("Season"),
                            .idempotent_key = true,
                            .success = 201});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/seasons/{season_id}/matches",
                            .operation = "addMatches",
                            .summary = "Add matches; season holders get tickets for them.",
                            .access = kAdmin,
                            .request = Message("AddMatchesRequest"),
                            .response = Message("Season"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/seasons/{season_id}/partial-seasons",
                            .operation = "createPartialSeason",
                            .summary = "Put some matches on sale together.",
                            .access = kAdmin,
                            .request = Message("CreatePartialSeasonRequest"),
                            .response = Message("PartialSeason"),
                            .idempotent_key = true,
                            .success = 201});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/seasons/{season_id}/partial-seasons/{partial_id}/matches",
                            .operation = "addPartialMatches",
                            .summary = "Add matches of the season to a partial season.",
                            .access = kAdmin,
                            .request = Message("AddPartialMatchesRequest"),
                            .response = Message("PartialSeason"),
                            .idempotent_key = true});
  routes.Add(up.ticketing,
             {.method = "DELETE",
              .path = "/v1/seasons/{season_id}/partial-seasons/{partial_id}/matches/{match_id}",
              .operation = "removePartialMatch",
              .summary = "Take a match out of a partial season.",
              .access = kAdmin,
              .response = Message("RemovedPartialMatch")});
  AddStaffOverrides(routes, up);
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/events/{event_id}/chart",
                            .operation = "replaceChart",
                            .summary = "Move an event that is on sale to another chart.",
                            .access = kAdmin,
                            .request = Message("ReplaceChartRequest"),
                            .response = Message("ReplacedChart"),
                            .idempotent_key = true});
  AddStaffRenewals(routes, up);
}

}  // namespace ticketing
