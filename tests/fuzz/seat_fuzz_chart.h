// The chart that stored bytes of the seat engine are read against: a row, a table, two areas.
#ifndef TICKETING_TESTS_FUZZ_SEAT_FUZZ_CHART_H_
#define TICKETING_TESTS_FUZZ_SEAT_FUZZ_CHART_H_

#include <memory>
#include <string>

#include "ticketing/base/assert.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

inline std::shared_ptr<const Chart> MakeFuzzChart() {
  Drawing drawing;
  drawing.name = drawing.venue = "Fuzz";
  drawing.focal_point = Point{0, 0};
  drawing.categories = {{"P", "Plus", "#112233"}};
  DrawnSection section;
  section.label = "S";
  section.category = "P";
  DrawnTable table;
  table.label = "T";
  table.at = {0, 600};
  table.radius = 50;
  DrawnRow row;
  row.label = "A";
  for (int i = 0; i < 4; ++i) {
    DrawnSeat seat;
    seat.label = std::to_string(i + 1);
    seat.at = {50 * i, 300};
    row.seats.push_back(seat);
    seat.at = {80 * i, 600};
    if (i < 2) table.seats.push_back(seat);
  }
  section.rows = {row};
  section.tables = {table};
  drawing.sections = {section};
  DrawnArea area;
  area.category = "P";
  area.outline = {{500, 0}, {900, 0}, {900, 400}};
  area.label = "Pie";
  area.capacity = 5;
  drawing.areas = {area};
  area.label = "Whole";
  area.whole = true;
  drawing.areas.push_back(area);
  StatusOr<Chart> chart = Chart::Build(drawing);
  TICKETING_ASSERT(chart.ok());
  return std::make_shared<const Chart>(*std::move(chart));
}

inline const std::shared_ptr<const Chart>& FuzzChart() {
  static const std::shared_ptr<const Chart> chart = MakeFuzzChart();
  return chart;
}

}  // namespace ticketing::seat

#endif  // TICKETING_TESTS_FUZZ_SEAT_FUZZ_CHART_H_
