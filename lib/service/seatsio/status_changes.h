// The history of objects: every change of status, newest first.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_STATUS_CHANGES_H_
#define TICKETING_LIB_SERVICE_SEATSIO_STATUS_CHANGES_H_

#include <vector>

#include "lib/service/seatsio/event_store.h"

namespace ticketing::seatsio {

std::vector<Route> StatusChangeRoutes(const Context& context, EventStore& events);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_STATUS_CHANGES_H_
