#include "lib/seat/seatsio_geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// Calls look(x, y) with every point that the drawing made of `part` will have.
template <typename Look>
void EachPoint(const RawContents& part, SeatsioPoint offset, Look look) {
  const auto at = [&](SeatsioPoint point) { look(offset.x + point.x, offset.y + point.y); };
  for (const RawRow& row : part.rows) {
    for (const RawSeat& seat : row.seats) at(seat.at);
  }
  for (const RawTable& table : part.tables) {
    at(table.center);
    for (const RawSeat& seat : table.seats) at(seat.at);
  }
  for (const RawBooth& booth : part.booths) at(booth.center);
  for (const RawArea& area : part.areas) {
    for (const SeatsioPoint& point : OutlineOf(area)) at(point);
  }
}

template <typename Look>
void EachObjectPoint(const RawChart& raw, Look look) {
  for (const RawFloor& floor : raw.floors) {
    EachPoint(floor, {}, look);
    for (const RawSection& section : floor.sections) EachPoint(section, section.top_left, look);
  }
}

}  // namespace

double SeatsioDistance(SeatsioPoint a, SeatsioPoint b) {
  // Every step rounded to single precision by itself. The arithmetic in between is double, whose
  // rounding cannot show (it has more than twice the digits), so that no compiler may join a
  // product and the sum into one step.
  const auto difference = [](double p, double q) {
    return static_cast<float>(double{static_cast<float>(p)} - double{static_cast<float>(q)});
  };
  const auto square = [](float v) { return static_cast<float>(double{v} * double{v}); };
  const float x = square(difference(a.x, b.x));
  const float y = square(difference(a.y, b.y));
  return std::sqrt(double{static_cast<float>(double{x} + double{y})});
}

int32_t ScaleOf(const RawChart& raw) {
  double most = 0;
  const auto look = [&most](double x, double y) {
    most = std::max({most, std::abs(x), std::abs(y)});
  };
  EachObjectPoint(raw, look);
  for (const RawFloor& floor : raw.floors) {
    if (floor.focal_point) look(floor.focal_point->x, floor.focal_point->y);
    for (const RawShape& shape : floor.shapes) {
      for (const SeatsioPoint& point : shape.points) look(point.x, point.y);
    }
    for (const RawSection& section : floor.sections) {
      for (const SeatsioPoint& point : OutlineOf(section)) look(point.x, point.y);
    }
  }
  for (const SeatsioZone& zone : raw.zones) {
    if (zone.focal_point) look(zone.focal_point->x, zone.focal_point->y);
  }
  int32_t scale = 100;
  // Half a unit of the grid is rounded away.
  while (scale > 1 && most * scale > limits::kChartCoordinateMax + 0.5) scale /= 10;
  return scale;
}

SeatsioPoint UpperMiddleOf(const RawChart& raw) {
  double left = 0, right = 0, top = 0;
  bool any = false;
  EachObjectPoint(raw, [&](double x, double y) {
    left = any ? std::min(left, x) : x;
    right = any ? std::max(right, x) : x;
    top = any ? std::min(top, y) : y;
    any = true;
  });
  return {(left + right) / 2, top};
}

std::vector<SeatsioPoint> OutlineOf(const RawSection& section) {
  std::vector<SeatsioPoint> points = section.points;
  if (points.size() < 3) return {};
  SeatsioPoint low = points.front();
  for (const SeatsioPoint& point : points) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y)};
  }
  // Points are those of the chart in some drawings and begin at the section's corner in others.
  const SeatsioPoint corner = section.top_left;
  const bool relative = std::hypot(low.x, low.y) < std::hypot(low.x - corner.x, low.y - corner.y);
  if (!relative) return points;
  for (SeatsioPoint& point : points) {
    point.x += corner.x;
    point.y += corner.y;
  }
  return points;
}

SeatsioPoint MiddleOf(const RawArea& area) {
  if (area.center) return *area.center;
  const std::vector<SeatsioPoint> points = OutlineOf(area);
  const auto count = static_cast<double>(points.size());
  SeatsioPoint middle;
  for (const SeatsioPoint& point : points) {
    middle.x += point.x / count;
    middle.y += point.y / count;
  }
  return middle;
}

std::vector<SeatsioPoint> OutlineOf(const RawArea& area) {
  if (area.points.size() >= 3 && area.points.size() <= limits::kOutlinePointsMax) {
    return area.points;
  }
  const SeatsioPoint center = area.center.value_or(SeatsioPoint{});
  const bool radii = area.radius1 > 0 && area.radius2 > 0;
  const double a = radii ? area.radius1 : std::max(area.width / 2, 0.5);
  const double b = radii ? area.radius2 : std::max(area.height / 2, 0.5);
  const double turn = area.rotation * std::numbers::pi / 180;
  const int corners = area.round ? 24 : 4;
  std::vector<SeatsioPoint> points;
  for (int i = 0; i < corners; ++i) {
    // A rectangle's corners lie on the ellipse that is larger by the root of two.
    const double angle = 2 * std::numbers::pi * (i + (area.round ? 0 : 0.5)) / corners;
    const double stretch = area.round ? 1 : std::numbers::sqrt2;
    const double x = a * stretch * std::cos(angle);
    const double y = b * stretch * std::sin(angle);
    points.push_back({center.x + x * std::cos(turn) - y * std::sin(turn),
                      center.y + x * std::sin(turn) + y * std::cos(turn)});
  }
  return points;
}

}  // namespace ticketing::seat
