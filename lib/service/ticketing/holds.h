// Holds: seats set aside for a while, with their prices frozen. The id of a hold is a bearer
// capability: whoever knows it may look at it, buy it or let it go.
#ifndef TICKETING_LIB_SERVICE_TICKETING_HOLDS_H_
#define TICKETING_LIB_SERVICE_TICKETING_HOLDS_H_

#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// A hold with its frozen prices.
struct StoredHold {
  HoldId id;
  EventId event;
  Timestamp expires_at;
  v1::FrozenLines lines;
};

// Thread-safe.
class Holds {
 public:
  Holds(const Context& context, Catalog& catalog, Lanes& lanes)
      : context_(context), catalog_(catalog), lanes_(lanes) {}

  std::vector<Route> Routes();

  // A hold that lives. Errors: kHoldNotFound for one that is not there, not of this event, or was
  // bought or let go; kHoldExpired once its first time is over, however it ended.
  StatusOr<StoredHold> Find(EventId event, HoldId id);

  // Forgets the prices of holds that are long over.
  Status Tick();

 private:
  StatusOr<HttpResponse> Create(Call& call);
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> Delete(Call& call);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_HOLDS_H_
