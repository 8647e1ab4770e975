// Channels of an event.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_CHANNELS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_CHANNELS_H_

#include <vector>

#include "lib/service/seatsio/event_edit.h"

namespace ticketing::seatsio {

std::vector<Route> ChannelRoutes(const Context& context, EventStore& events);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_CHANNELS_H_
