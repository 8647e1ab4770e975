#include "lib/seat/track.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ticketing::seat {
namespace {

constexpr double kPi = std::numbers::pi;

}  // namespace

Point ToPoint(Metres at) {
  return {static_cast<int32_t>(std::lround(at.x * 100)),
          static_cast<int32_t>(std::lround(at.y * 100))};
}

std::optional<Track> Track::Bowl(const BowlShape& shape) {
  const double a = shape.length / 2;
  const double b = shape.width / 2;
  const double r = shape.corner_radius;
  // Centres in the quarter right of and below the middle: of the long side (below the pitch, so its
  // centre is far above), of the right end, and of the corner, which touches both from inside.
  const Metres side = {0, b - shape.side_radius};
  const Metres end = {a - shape.end_radius, 0};
  const double side_reach = shape.side_radius - r;
  const double end_reach = shape.end_radius - r;
  const double apart = std::hypot(end.x - side.x, end.y - side.y);
  if (side_reach <= 0 || end_reach <= 0 || apart <= 0) return std::nullopt;
  const double along =
      (side_reach * side_reach - end_reach * end_reach + apart * apart) / (2 * apart);
  const double square = side_reach * side_reach - along * along;
  if (square < 0) return std::nullopt;
  const Metres unit = {(end.x - side.x) / apart, (end.y - side.y) / apart};
  const double across = std::sqrt(square);
  // Of the two meeting points the one in this quarter.
  const Metres corner = {side.x + along * unit.x + across * unit.y,
                         side.y + along * unit.y - across * unit.x};
  const double end_angle = std::atan2(corner.y - end.y, corner.x - end.x);
  const double side_angle = std::atan2(corner.y - side.y, corner.x - side.x);
  if (corner.x < 0 || corner.y < 0 || !(end_angle > 0) || !(side_angle > end_angle) ||
      !(side_angle < kPi / 2)) {
    return std::nullopt;
  }
  Track track;
  track.closed_ = true;
  const auto add = [&track](Metres center, double radius, double from, double to) {
    const double size = radius * (to - from);
    track.arcs_.push_back({center, radius, from, track.length_, size});
    track.length_ += size;
  };
  // Clockwise from the left: half the left end, corner, top side, corner, right end, ... , half the
  // left end.
  add({-end.x, 0}, shape.end_radius, kPi, kPi + end_angle);
  add({-corner.x, -corner.y}, r, kPi + end_angle, kPi + side_angle);
  add({0, -side.y}, shape.side_radius, kPi + side_angle, 2 * kPi - side_angle);
  add({corner.x, -corner.y}, r, 2 * kPi - side_angle, 2 * kPi - end_angle);
  add({end.x, 0}, shape.end_radius, -end_angle, end_angle);
  add({corner.x, corner.y}, r, end_angle, side_angle);
  add({0, side.y}, shape.side_radius, side_angle, kPi - side_angle);
  add({-corner.x, corner.y}, r, kPi - side_angle, kPi - end_angle);
  add({-end.x, 0}, shape.end_radius, kPi - end_angle, kPi);
  return track;
}

Track Track::Circle(Metres center, double radius, double middle) {
  Track track;
  track.length_ = 2 * kPi * radius;
  // Positions from -length/2 to length/2, so that nothing wraps within a fan of seats.
  track.arcs_.push_back({center, radius, middle - kPi, -track.length_ / 2, track.length_});
  return track;
}

const Track::Arc& Track::ArcAt(double* position) const {
  if (closed_) {
    *position = std::fmod(*position, length_);
    if (*position < 0) *position += length_;
  }
  for (const Arc& arc : arcs_) {
    if (*position < arc.first + arc.size) return arc;
  }
  return arcs_.back();
}

Metres Track::At(double position, double offset) const {
  const Arc& arc = ArcAt(&position);
  const double angle = arc.start + (position - arc.first) / arc.radius;
  return {arc.center.x + (arc.radius + offset) * std::cos(angle),
          arc.center.y + (arc.radius + offset) * std::sin(angle)};
}

double Track::Length(double from, double to, double offset) const {
  double sum = 0;
  while (to - from > 1e-9) {
    double position = from;
    const Arc& arc = ArcAt(&position);
    const double left = std::max(arc.first + arc.size - position, 1e-9);
    const double step = std::min(left, to - from);
    sum += step * (arc.radius + offset) / arc.radius;
    from += step;
  }
  return sum;
}

double Track::Advance(double from, double metres, double offset) const {
  while (metres > 1e-9) {
    double position = from;
    const Arc& arc = ArcAt(&position);
    const double scale = (arc.radius + offset) / arc.radius;
    const double left = std::max(arc.first + arc.size - position, 1e-9);
    // The last arc of an open line goes on as it is.
    const bool last = !closed_ && &arc == &arcs_.back();
    const double step = last ? metres / scale : std::min(left, metres / scale);
    metres -= step * scale;
    from += step;
  }
  return from;
}

std::vector<Point> Band(const Track& track, double from, double to, double inner, double outer) {
  const auto steps =
      static_cast<int>(std::clamp(std::ceil(track.Length(from, to, outer) / 3.0), 1.0, 200.0));
  std::vector<Point> outline;
  for (int i = 0; i <= steps; ++i) {
    outline.push_back(ToPoint(track.At(from + (to - from) * i / steps, inner)));
  }
  for (int i = steps; i >= 0; --i) {
    outline.push_back(ToPoint(track.At(from + (to - from) * i / steps, outer)));
  }
  return outline;
}

}  // namespace ticketing::seat
