// A house of any size for benchmarks: sections of 20 rows of 25 seats before a stage, one category.
#ifndef TICKETING_BENCH_HOUSE_H_
#define TICKETING_BENCH_HOUSE_H_

#include <memory>
#include <string>
#include <utility>

#include "ticketing/seat/chart.h"

namespace ticketing {

inline seat::Drawing HouseDrawing(int seats) {
  constexpr int kRows = 20, kSeats = 25, kAcross = 10;
  seat::Drawing drawing;
  drawing.name = "House";
  drawing.focal_point = seat::Point{0, 0};
  drawing.categories.push_back({"A", "A", "#336699"});
  for (int s = 0; s * kRows * kSeats < seats; ++s) {
    seat::DrawnSection section;
    section.label = "S" + std::to_string(s);
    section.category = "A";
    for (int r = 0; r < kRows; ++r) {
      seat::DrawnRow row;
      row.label = std::to_string(r + 1);
      for (int n = 0; n < kSeats; ++n) {
        seat::DrawnSeat place;
        place.label = std::to_string(n + 1);
        place.at = {(s % kAcross - kAcross / 2) * 2000 + n * 50,
                    (s / kAcross) * 3000 + r * 90 + 500};
        row.seats.push_back(place);
      }
      section.rows.push_back(std::move(row));
    }
    drawing.sections.push_back(std::move(section));
  }
  return drawing;
}

// Null when the drawing is refused, which is a bug.
inline std::shared_ptr<const seat::Chart> HouseChart(int seats) {
  StatusOr<seat::Chart> chart = seat::Chart::Build(HouseDrawing(seats));
  return chart.ok() ? std::make_shared<const seat::Chart>(*std::move(chart)) : nullptr;
}

}  // namespace ticketing

#endif  // TICKETING_BENCH_HOUSE_H_
