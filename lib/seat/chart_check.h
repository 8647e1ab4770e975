// The rules that a drawing must keep to become a chart.
#ifndef TICKETING_LIB_SEAT_CHART_CHECK_H_
#define TICKETING_LIB_SEAT_CHART_CHECK_H_

#include <string>

#include "lib/seat/faults.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

// Adds every fault of the drawing. Places that already have a fault get no second one, so that a
// reader of a file can report what it could not read and go on.
void CheckDrawing(const Drawing& drawing, Faults& faults,
                  Chart::Empty empty = Chart::kMayNotBeEmpty);

// Makes the chart unless there are faults.
StatusOr<Chart> BuildChart(Drawing drawing, Faults& faults,
                           Chart::Empty empty = Chart::kMayNotBeEmpty);

// "Norte 104", "T1" -> "Norte 104-T1"; "", "T1" -> "T1".
std::string JoinLabels(std::string_view section, std::string_view own);
// "Norte 104", "F", "23" -> "Norte 104-F-23"; "", "F", "23" -> "F-23".
std::string FullLabel(std::string_view section, std::string_view row, std::string_view seat);

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_CHART_CHECK_H_
