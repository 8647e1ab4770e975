// Overrides: seats that a match sells by itself although a season has them. The season's holders
// lose their tickets for that match with it, and get them back when the season does.
#ifndef TICKETING_LIB_SERVICE_TICKETING_OVERRIDES_H_
#define TICKETING_LIB_SERVICE_TICKETING_OVERRIDES_H_

#include <vector>

#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe.
class Overrides {
 public:
  Overrides(const Context& context, Lanes& lanes, const TicketKeys& keys)
      : context_(context), lanes_(lanes), keys_(keys) {}

  std::vector<Route> Routes();

 private:
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> Change(Call& call);
  StatusOr<v1::SeasonOverrides> Message(const EventOnLane& match);

  const Context& context_;
  Lanes& lanes_;
  const TicketKeys& keys_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_OVERRIDES_H_
