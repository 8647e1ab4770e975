// What of an event is for sale.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_FOR_SALE_H_
#define TICKETING_LIB_SERVICE_SEATSIO_FOR_SALE_H_

#include <vector>

#include "lib/service/seatsio/event_edit.h"

namespace ticketing::seatsio {

std::vector<Route> ForSaleRoutes(const Context& context, EventStore& events);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_FOR_SALE_H_
