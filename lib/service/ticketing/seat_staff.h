// What staff does with seats beside selling them: taking them out of sale, reports, history.
#ifndef TICKETING_LIB_SERVICE_TICKETING_SEAT_STAFF_H_
#define TICKETING_LIB_SERVICE_TICKETING_SEAT_STAFF_H_

#include <vector>

#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe.
class SeatStaff {
 public:
  SeatStaff(const Context& context, Catalog& catalog, Lanes& lanes)
      : context_(context), catalog_(catalog), lanes_(lanes) {}

  std::vector<Route> Routes();

 private:
  StatusOr<HttpResponse> Block(Call& call);
  StatusOr<HttpResponse> Report(Call& call);
  StatusOr<HttpResponse> Csv(Call& call);
  StatusOr<HttpResponse> History(Call& call);

  struct Past {
    LaneId lane;
    std::shared_ptr<const seat::Chart> chart;
  };
  StatusOr<std::vector<Past>> PastsOf(const EventOnLane& at);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_SEAT_STAFF_H_
