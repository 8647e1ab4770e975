// Reports about the objects of an event.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_EVENT_REPORTS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_EVENT_REPORTS_H_

#include <vector>

#include "lib/service/seatsio/event_store.h"

namespace ticketing::seatsio {

std::vector<Route> EventReportRoutes(const Context& context, EventStore& events);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_EVENT_REPORTS_H_
