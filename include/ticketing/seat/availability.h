// The availability of an event as a packed map: what a customer's seat map reads, often and by
// many. 25,000 seats take 6.3 KB.
//
// Bytes, integers big-endian:
//    0      format, 1
//    1      kind: 0 a full map, 1 a delta
//    2-3    zero
//    4-11   version of the inventory
//   12-15   number of units (seats, tables, booths and suites)
//   16-19   number of areas
//   20-     two bits per unit in the order of the chart's numbers, four units to a byte, the
//           first in the lowest bits: 0 free, 1 held, 2 booked, 3 closed (not sold to the public
//           here, now, or in this form);
//           unused bits of the last byte are zero
//   then    per area, in the order of the numbers, 4 bytes: free places
//
// A delta says what changed since a version: the same first 12 bytes, then
//   12-19   the version since which
//   20-23   number of units, 24-27 number of areas
//   28-     per unit 4 bytes: its number times four, plus its two bits; ascending
//   then    per area 8 bytes: its number, and free places; ascending
// Whoever has the map of that version, or of any between the two, gets the new one by writing
// these over it.
#ifndef TICKETING_SEAT_AVAILABILITY_H_
#define TICKETING_SEAT_AVAILABILITY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

enum class Availability : uint8_t { kFree = 0, kHeld = 1, kBooked = 2, kClosed = 3 };

// The full map. The same bytes for the same version; an HTTP ETag may be made of version().
std::string PackAvailability(const Inventory& inventory);

struct AvailabilityMap {
  uint64_t version = 0;
  std::vector<Availability> units;
  std::vector<uint32_t> area_free;
};

// The way back, strict: kBadSyntax for anything that PackAvailability does not write.
StatusOr<AvailabilityMap> UnpackAvailability(std::string_view bytes);

// A delta to the inventory's version: `changed` are the numbers of the objects that may have
// changed since `since`, in any order, also more than once.
std::string PackDelta(const Inventory& inventory, uint64_t since,
                      std::span<const uint32_t> changed);

// Brings a map up to date. kBadSyntax for what PackDelta does not write or a map of another chart;
// kPreconditionFailed when the map is older than the delta's start. The map is then as it was.
Status ApplyDelta(std::string_view delta, AvailabilityMap& map);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_AVAILABILITY_H_
