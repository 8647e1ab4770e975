// Names of time zones, as the IANA database has them. Only their form and their part of the world
// are checked: what the database holds changes several times a year, and a machine need not have a
// copy of it. What counts for printed times is the offset.
#ifndef TICKETING_LIB_SERVICE_TICKETING_TIME_ZONE_H_
#define TICKETING_LIB_SERVICE_TICKETING_TIME_ZONE_H_

#include <cstdint>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing {

// Whether `name` can be the name of a time zone: empty, "UTC", "Etc/GMT+6" or "Area/Location" with
// an area of the database and one or two locations of its form (its theory.html: at most 14
// characters each); and whether a clock there can be `utc_offset_minutes` ahead of UTC. An offset
// is a multiple of 15 minutes, of the area's inhabited places with and without summer time. Errors:
// kInvalidField for time_zone or utc_offset_minutes.
Status CheckTimeZone(std::string_view name, int64_t utc_offset_minutes);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_TIME_ZONE_H_
