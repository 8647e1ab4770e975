// What an author should know of a chart that is correct but may not be what was meant.
#ifndef TICKETING_SEAT_INSPECT_H_
#define TICKETING_SEAT_INSPECT_H_

#include <vector>

#include "ticketing/seat/chart.h"
#include "ticketing/seat/finding.h"

namespace ticketing::seat {

// Two seats of one level whose places are closer than this overlap. Centimetres.
inline constexpr int32_t kSeatsOverlapBelow = 20;

// Warnings only: whatever makes a chart wrong, Chart::Build refuses. The codes are
//   no-gate           sections, suites and areas without a gate in a chart that has gates: nobody
//                     is told where to enter
//   empty-section     sections with nothing to sell, by their label or place in the list
//   unused-category   categories that no object has
//   mixed-category    categories that objects of different kinds have (a table counts as its seats
//                     unless it is sold whole): one price for a seat and a suite is rarely meant
//   overlapping-seats seats in the place of another, of which only the later ones are named
// Findings come in this order, objects in the order of the drawing. Linear in the chart's size.
std::vector<Finding> Inspect(const Chart& chart);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_INSPECT_H_
