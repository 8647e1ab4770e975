// The tables of the ticketing database. Ids are the 63-bit numbers of base/id.h, times are
// microseconds, amounts are minor units.
#ifndef TICKETING_LIB_SERVICE_TICKETING_SCHEMA_H_
#define TICKETING_LIB_SERVICE_TICKETING_SCHEMA_H_

#include <vector>

#include "ticketing/env/database.h"

namespace ticketing {

std::vector<Migration> TicketingSchema();

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_SCHEMA_H_
