// The lanes of this process, one per event that somebody asked for, and what readers see of them.
#ifndef TICKETING_LIB_SERVICE_TICKETING_LANES_H_
#define TICKETING_LIB_SERVICE_TICKETING_LANES_H_

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe. A lane lives as long as this.
class Lanes {
 public:
  Lanes(const Context& context, Catalog& catalog) : context_(context), catalog_(catalog) {}

  std::vector<Route> Routes();

  // Errors: kNotFound, those of the database.
  StatusOr<EventLane*> Get(EventId event);

  // Lets go what has expired. The first time it wakes the lanes that hold something.
  Status Tick();

 private:
  StatusOr<HttpResponse> GetAvailability(Call& call);
  StatusOr<HttpResponse> GetChanges(Call& call);

  const Context& context_;
  Catalog& catalog_;
  std::mutex mutex_;
  std::map<EventId, std::unique_ptr<EventLane>> lanes_;
  bool woken_ = false;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_LANES_H_
