// The drawing of a venue: the plain nested data that people and tools make, that a chart file holds
// (chart_json.h) and that Chart::Build checks. Anything may be in it.
//
// Lengths are centimetres, x to the right and y down, as a screen has them. Texts are UTF-8.
#ifndef TICKETING_SEAT_DRAWING_H_
#define TICKETING_SEAT_DRAWING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticketing::seat {

inline constexpr std::string_view kChartFormat = "ticketing-chart/1";

struct Point {
  int32_t x = 0;
  int32_t y = 0;
  auto operator<=>(const Point&) const = default;
};

// What a seat is or offers; bits of `attributes`.
enum SeatAttribute : uint16_t {
  kAccessible = 1 << 0,  // a wheelchair place
  kCompanion = 1 << 1,   // a seat for somebody who comes with a wheelchair user
  kRestrictedView = 1 << 2,
  kLiftUpArmrests = 1 << 3,
  kHearingImpaired = 1 << 4,
  kSemiAmbulatory = 1 << 5,
  kSignLanguage = 1 << 6,
  kPlusSize = 1 << 7,
};
// Kept for those who ask: best available gives these only on request.
inline constexpr uint16_t kReservedAttributes = kAccessible | kCompanion;

// The name of one attribute in files and APIs ("restricted-view"), and the way back (0 when
// unknown).
std::string_view NameOfAttribute(SeatAttribute attribute);
uint16_t AttributeOfName(std::string_view name);

struct Category {
  std::string key;    // "A1": what prices and filters name
  std::string name;   // for people
  std::string color;  // "#rrggbb"
  bool operator==(const Category&) const = default;
};
// Gates, stands and levels.
struct Named {
  std::string id;
  std::string name;
  bool operator==(const Named&) const = default;
};
struct Zone {
  std::string id;
  std::string name;
  std::optional<Point> focal_point;  // ranks the zone's seats in place of the chart's focal point
  bool operator==(const Zone&) const = default;
};

struct DrawnSeat {
  std::string label;  // as printed, within the row: "23"
  Point at;
  std::string category;  // key; empty: the row's or section's
  uint16_t attributes = 0;
  bool gap_before =
      false;  // an aisle or rail parts it from the seat before: the two are not adjacent
  bool operator==(const DrawnSeat&) const = default;
};
struct DrawnRow {
  std::string label;     // "F"
  std::string category;  // empty: the section's
  int32_t curve =
      0;  // how far the middle of the row bulges from the chord of its ends; for drawing only
  std::optional<uint32_t> rank;  // selling rank; Build fills it in when no row has one
  std::vector<DrawnSeat> seats;
  bool operator==(const DrawnRow&) const = default;
};
// Seats around a table. Sold seat by seat ("T1-3") or whole ("T1"): `whole` says which of the two
// unless the event says otherwise.
struct DrawnTable {
  std::string label;
  std::string category;  // of the whole table and of its seats; empty: the section's
  std::string gate;      // empty: the section's
  Point at;              // the middle
  int32_t radius = 0;    // of the board; for drawing only
  bool whole = false;
  // Needs `whole`: one party of min_people .. max_people takes it. 0: 1 person, and as many as
  // seats.
  bool variable = false;
  int64_t min_people = 0;
  int64_t max_people = 0;
  std::vector<DrawnSeat> seats;  // around the table; neighbours are adjacent, so no gaps
  bool operator==(const DrawnTable&) const = default;
};
// A stand of a fair or market, sold as one.
struct DrawnBooth {
  std::string label;
  std::string category;  // empty: the section's
  std::string gate;      // empty: the section's
  Point at;              // the middle
  int32_t width = 0;     // for drawing only
  int32_t height = 0;
  bool operator==(const DrawnBooth&) const = default;
};
// A standing area sold by quantity, or a suite sold whole.
struct DrawnArea {
  std::string label;
  std::string name;
  std::string stand, level, zone, gate;  // empty within a section: the section's
  std::string category;
  int64_t capacity = 0;  // people
  std::vector<Point> outline;
  // For areas: sold as one unit to one party, unless the event says otherwise; and if `variable`,
  // to one of min_people .. max_people (0: 1 person, and the capacity).
  bool whole = false;
  bool variable = false;
  int64_t min_people = 0;
  int64_t max_people = 0;
  bool operator==(const DrawnArea&) const = default;
};
struct DrawnSection {
  // First part of the labels in it: "Norte 104" gives "Norte 104-F-23", "Norte 104-T1" and "Norte
  // 104-T1-3". May be empty, in several sections too: the labels then begin with the row's, the
  // table's, the booth's or the area's.
  std::string label;
  std::string name;                      // for people; empty: the label
  std::string stand, level, zone, gate;  // ids; may be empty
  std::string category;                  // default of what is in it
  std::vector<Point> outline;            // polygon; empty: none drawn
  std::vector<DrawnRow> rows;
  std::vector<DrawnTable> tables;
  std::vector<DrawnBooth> booths;
  std::vector<DrawnArea> areas;
  bool operator==(const DrawnSection&) const = default;
};
// What is drawn but not sold: the pitch, a stage, a wall.
struct Shape {
  std::string kind;  // "pitch", "stage", "structure" or "text"
  std::string label;
  std::vector<Point> outline;
  bool operator==(const Shape&) const = default;
};

struct Drawing {
  std::string name;   // of the chart
  std::string venue;  // of the place
  std::optional<Point> focal_point;
  std::vector<Category> categories;
  std::vector<Named> gates;
  std::vector<Zone> zones;
  std::vector<Named> stands;
  std::vector<Named> levels;
  std::vector<Shape> shapes;
  std::vector<DrawnSection> sections;
  std::vector<DrawnArea> suites;
  std::vector<DrawnArea> areas;
  bool operator==(const Drawing&) const = default;
};

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_DRAWING_H_
