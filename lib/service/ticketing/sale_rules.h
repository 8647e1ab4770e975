// The rules of an event's sale as staff writes them, and what a caller may touch by them.
#ifndef TICKETING_LIB_SERVICE_TICKETING_SALE_RULES_H_
#define TICKETING_LIB_SERVICE_TICKETING_SALE_RULES_H_

#include <vector>

#include "lib/service/ticketing/lanes.h"
#include "ticketing/seat/sale_rules.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe.
class SaleRulesRoutes {
 public:
  explicit SaleRulesRoutes(Lanes& lanes) : lanes_(lanes) {}

  std::vector<Route> Routes();

 private:
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> Replace(Call& call);

  Lanes& lanes_;
};

// What a request for seats may touch. Errors: kInvalidField for a code that opens nothing, a
// channel that is not there, or what only staff may ask for.
StatusOr<seat::SaleAccess> AccessOf(const seat::SaleRules& rules,
                                    const v1::CreateHoldRequest& request, bool staff);
// Whether AccessOf refused for a code that opens nothing.
bool IsWrongCode(const Status& status);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_SALE_RULES_H_
