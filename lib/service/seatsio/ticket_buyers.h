// The ids of those who may buy, as their own system names them.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_TICKET_BUYERS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_TICKET_BUYERS_H_

#include <vector>

#include "lib/service/seatsio/context.h"

namespace ticketing::seatsio {

std::vector<Route> TicketBuyerRoutes(const Context& context);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_TICKET_BUYERS_H_
