// A chart as a picture, for people who check one: an SVG of shapes, sections, areas, suites and
// every seat in the colour of its category.
#ifndef TICKETING_SEAT_CHART_SVG_H_
#define TICKETING_SEAT_CHART_SVG_H_

#include <string>

#include "ticketing/seat/chart.h"

namespace ticketing::seat {

std::string ToSvg(const Chart& chart);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_CHART_SVG_H_
