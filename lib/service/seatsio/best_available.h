// Best available objects: chosen and changed in one step.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_BEST_AVAILABLE_H_
#define TICKETING_LIB_SERVICE_SEATSIO_BEST_AVAILABLE_H_

#include <vector>

#include "lib/service/seatsio/objects.h"

namespace ticketing::seatsio {

// Thread-safe.
class BestAvailable {
 public:
  BestAvailable(EventStore& events, HoldTokens& tokens, Objects& objects)
      : events_(events), tokens_(tokens), objects_(objects) {}

  std::vector<Route> Routes();

 private:
  StatusOr<Reply> ChangeStatus(Call& call);

  EventStore& events_;
  HoldTokens& tokens_;
  Objects& objects_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_BEST_AVAILABLE_H_
