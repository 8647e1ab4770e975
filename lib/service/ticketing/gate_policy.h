// The gate policy of an event: ticket types and what each may do at the gates, limits of areas, who
// may override, and the venue's own rules. It travels in the event copy; changing it makes a new
// version of that.
#ifndef TICKETING_LIB_SERVICE_TICKETING_GATE_POLICY_H_
#define TICKETING_LIB_SERVICE_TICKETING_GATE_POLICY_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/lanes.h"
#include "ticketing/service/common/api.h"
#include "ticketing/sync/event_copy.h"
#include "ticketing/v1/gate_policy.pb.h"

namespace ticketing {

// The id of the type that takes all tickets of no other, and what tickets of a season are sold as.
inline constexpr std::string_view kGeneralType = "general";
inline constexpr std::string_view kSeasonType = "season";

// What is stored of an event; without any, a policy that says nothing.
StatusOr<v1::StoredGatePolicy> ReadGatePolicy(SqlTransaction& tx, EventId event);

// The number of the type of a ticket that was sold as `sold_as` in a category.
uint16_t TypeNumberOf(const v1::StoredGatePolicy& stored, std::string_view sold_as,
                      std::string_view category);

// Whether tickets of the policy follow others, so that copies say who came together.
bool HasCompanions(const v1::StoredGatePolicy& stored);

// What gates need to know of an event, but for keys and devices.
EventHeader GateHeaderOf(const EventInfo& event, const v1::StoredGatePolicy& stored);

// Thread-safe.
class GatePolicies {
 public:
  GatePolicies(const Context& context, Catalog& catalog, Lanes& lanes)
      : context_(context), catalog_(catalog), lanes_(lanes) {}

  std::vector<Route> Routes();

 private:
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> Replace(Call& call);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_GATE_POLICY_H_
