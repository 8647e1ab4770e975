// Where things stand in a seats.io drawing. All in the units of the file.
#ifndef TICKETING_LIB_SEAT_SEATSIO_GEOMETRY_H_
#define TICKETING_LIB_SEAT_SEATSIO_GEOMETRY_H_

#include <cstdint>
#include <vector>

#include "lib/seat/seatsio_raw.h"

namespace ticketing::seat {

// The distance as that API gives it, in single precision but for the root. Clients compare it to
// the last bit.
double SeatsioDistance(SeatsioPoint a, SeatsioPoint b);

// 100, 10 or 1: the largest that keeps the drawing within limits::kChartCoordinateMax if any does.
int32_t ScaleOf(const RawChart& raw);

// The middle of the upper edge of what can be booked: where the stage is in most plans.
SeatsioPoint UpperMiddleOf(const RawChart& raw);

// The polygon of a section, in the chart; empty when it has none.
std::vector<SeatsioPoint> OutlineOf(const RawSection& section);

// The polygon of an area whatever its shape, one unit about its centre when it has none; and its
// middle. Both in its section.
std::vector<SeatsioPoint> OutlineOf(const RawArea& area);
SeatsioPoint MiddleOf(const RawArea& area);

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_SEATSIO_GEOMETRY_H_
