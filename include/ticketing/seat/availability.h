// The availability of an event as a packed map: what a customer's seat map reads, often and by
// many. 25,000 seats take 6.3 KB.
//
// Bytes, integers big-endian:
//    0      format, 1
//    1      kind: 0 a full map; other kinds are reserved for differences since a version
//    2-3    zero
//    4-11   version of the inventory
//   12-15   number of units (seats and suites)
//   16-19   number of areas
//   20-     two bits per unit in the order of the chart's numbers, four units to a byte, the
//           first in the lowest bits: 0 free, 1 held, 2 booked, 3 closed (not sold here or now);
//           unused bits of the last byte are zero
//   then    per area, in the order of the numbers, 4 bytes: free places
#ifndef TICKETING_SEAT_AVAILABILITY_H_
#define TICKETING_SEAT_AVAILABILITY_H_

#include <cstdint>
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

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_AVAILABILITY_H_
