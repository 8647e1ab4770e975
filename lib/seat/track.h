// Lines that rows of seats follow: arcs end to end, and the same line farther out.
#ifndef TICKETING_LIB_SEAT_TRACK_H_
#define TICKETING_LIB_SEAT_TRACK_H_

#include <optional>
#include <vector>

#include "ticketing/seat/chart.h"

namespace ticketing::seat {

// Metres; x to the right, y down. Angles in radians grow clockwise, 0 points right.
struct Metres {
  double x = 0;
  double y = 0;
};
Point ToPoint(Metres at);  // rounded to centimetres

struct BowlShape {
  double length = 0, width = 0;  // of the inner line, along x and along y
  double side_radius = 0;        // of the long sides; large is nearly straight
  double end_radius = 0;
  double corner_radius = 0;
};

// A position is the length along the inner line (offset 0). Lines farther out have the same
// normals, so a position means the same aisle at every offset.
class Track {
 public:
  // Clockwise from the middle of the left end. nullopt when such arcs do not meet.
  static std::optional<Track> Bowl(const BowlShape& shape);
  // Part of a circle; position 0 lies in the direction `middle`.
  static Track Circle(Metres center, double radius, double middle);

  // Positions of a closed line wrap around.
  Metres At(double position, double offset) const;
  // How long the line at `offset` is between two positions.
  double Length(double from, double to, double offset) const;
  // The position `metres` farther on the line at `offset`.
  double Advance(double from, double metres, double offset) const;
  double length() const { return length_; }

 private:
  struct Arc {
    Metres center;
    double radius;
    double start;  // angle
    double first;  // position where it starts
    double size;   // length
  };
  const Arc& ArcAt(double* position) const;

  std::vector<Arc> arcs_;
  double length_ = 0;
  bool closed_ = false;
};

// The closed outline of a band of the track, in centimetres.
std::vector<Point> Band(const Track& track, double from, double to, double inner, double outer);

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_TRACK_H_
