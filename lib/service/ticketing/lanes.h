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

// An event and the lane that sells it, which have the same chart.
struct EventOnLane {
  std::shared_ptr<const EventInfo> event;
  std::shared_ptr<EventLane> lane;

  uint32_t slot() const { return event->slot; }
  EventLane* operator->() const { return lane.get(); }
};

// Thread-safe.
class Lanes {
 public:
  Lanes(const Context& context, Catalog& catalog) : context_(context), catalog_(catalog) {}

  std::vector<Route> Routes();

  // Errors: kNotFound, those of the database.
  StatusOr<EventOnLane> Get(EventId event);

  // After Catalog::FollowMoves was true: lets lanes go that ended.
  Status FollowMoves();

  // Lets go what has expired. The first time it wakes the lanes that hold something.
  Status Tick();

 private:
  StatusOr<HttpResponse> GetAvailability(Call& call);
  StatusOr<HttpResponse> GetChanges(Call& call);

  const Context& context_;
  Catalog& catalog_;
  std::mutex mutex_;
  std::map<LaneId, std::shared_ptr<EventLane>> lanes_;
  bool woken_ = false;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_LANES_H_
