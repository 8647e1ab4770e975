// The chart of a venue: what can be sold, where it stands, and in which order it sells.
//
// Two forms. `Drawing` is the plain nested data that people and tools make and that a chart file
// holds (chart_json.h); anything may be in it. `Chart` is a drawing that was checked, with every
// object that can be booked numbered densely. An inventory, its rows in storage and its packed
// availability use that number.
//
// Numbers. Seats come first: rows by selling rank (0 is the row that sells first, the one whose
// best seat is nearest to the focal point), and within a row in the order of the drawing, so that
// neighbours have neighbouring numbers. Then suites, then areas, each in drawing order. The rank of
// each row is kept in the drawing and written to the file: a stored chart keeps its numbers
// whatever a later version thinks of ranks. Seats and suites are "units" (one status each, numbers
// 0 .. unit_count()-1); areas have quantities.
//
// Lengths are centimetres, x to the right and y down, as a screen has them. A Chart never changes
// after Build, so many threads may read it; events of one venue share it through shared_ptr<const
// Chart>.
#ifndef TICKETING_SEAT_CHART_H_
#define TICKETING_SEAT_CHART_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

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

// --- The drawing ---

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
struct DrawnSection {
  std::string label;  // first part of its seats' labels: "Norte 104" gives "Norte 104-F-23"
  std::string name;   // for people; empty: the label
  std::string stand, level, zone, gate;  // ids; may be empty
  std::string category;                  // default of its seats
  std::vector<Point> outline;            // polygon; empty: none drawn
  std::vector<DrawnRow> rows;
  bool operator==(const DrawnSection&) const = default;
};
// A standing area sold by quantity, or a suite sold whole.
struct DrawnArea {
  std::string label;
  std::string name;
  std::string stand, level, zone, gate;
  std::string category;
  int64_t capacity = 0;  // people
  std::vector<Point> outline;
  bool operator==(const DrawnArea&) const = default;
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

// --- The chart ---

// What is booked. Stored in files and logs: append, never renumber.
enum class ObjectKind : uint8_t { kSeat = 0, kSuite = 1, kArea = 2 };

inline constexpr uint32_t kNone = 0xffffffff;  // no such section, zone, gate, row

struct Object {
  std::string label;  // unique in the chart, as printed on the ticket: "Norte 104-F-23"
  ObjectKind kind = ObjectKind::kSeat;
  uint16_t attributes = 0;
  // Positions in the lists of the drawing; kNone where there is none.
  uint32_t category = 0;
  uint32_t section = kNone;  // seats only
  uint32_t zone = kNone;
  uint32_t gate = kNone;
  uint32_t row = kNone;   // seats only: position in Chart::rows(), which is the row's rank
  uint32_t place = 0;     // seats only: position in the row
  uint32_t capacity = 1;  // people: 1 for a seat
  uint32_t distance = 0;  // centimetres to the focal point (its zone's, if that has one)
  Point at;               // a seat's place; the middle of an outline
};

// A row in selling order. Its seats are the objects first .. first+count-1.
struct Row {
  uint32_t section = 0;  // position in drawing().sections
  uint32_t row = 0;      // position in that section's rows
  uint32_t first = 0;
  uint32_t count = 0;
};

// A longest stretch of adjacent seats: a row, or a part of one between aisles. In order of `first`.
struct Run {
  uint32_t first = 0;
  uint32_t count = 0;
  uint32_t row = 0;  // position in Chart::rows()
};

struct SeatTables;  // what best available precomputes; private to the library

class Chart {
 public:
  // Checks the drawing and numbers its objects. kChartInvalid names every fault (up to
  // limits::kChartErrorsMax) in FieldErrors: `field` is the path in the drawing, which is also the
  // path in its file, and `detail` starts with one of the codes listed in chart_json.h.
  static StatusOr<Chart> Build(Drawing drawing);

  // With the rank of every row filled in.
  const Drawing& drawing() const { return drawing_; }
  const std::string& name() const { return drawing_.name; }

  uint32_t object_count() const { return static_cast<uint32_t>(objects_.size()); }
  uint32_t seat_count() const { return seat_count_; }
  // Seats and suites: objects with one status each.
  uint32_t unit_count() const { return unit_count_; }
  bool IsUnit(uint32_t index) const { return index < unit_count_; }

  std::span<const Object> objects() const { return objects_; }
  const Object& object(uint32_t index) const { return objects_[index]; }
  std::span<const Row> rows() const { return rows_; }
  std::span<const Run> runs() const { return runs_; }
  // The run that a seat belongs to, as a position in runs().
  uint32_t run_of(uint32_t seat) const { return run_of_[seat]; }
  const SeatTables& tables() const { return *tables_; }

  // The object with this full label; nullopt when there is none.
  std::optional<uint32_t> Find(std::string_view label) const;
  // The position of a category's key (a zone's id, a section's label) in the drawing; nullopt when
  // unknown.
  std::optional<uint32_t> FindCategory(std::string_view key) const;
  std::optional<uint32_t> FindZone(std::string_view id) const;
  std::optional<uint32_t> FindSection(std::string_view label) const;

  // What a ticket or a map shows of an object. Empty where the chart has nothing.
  const Category& category_of(uint32_t index) const;
  std::string_view section_label_of(uint32_t index) const;
  std::string_view row_label_of(uint32_t index) const;
  std::string_view seat_label_of(uint32_t index) const;
  std::string_view zone_of(uint32_t index) const;  // id
  std::string_view gate_of(uint32_t index) const;  // id

 private:
  Chart() = default;
  friend class ChartBuilder;

  Drawing drawing_;
  uint32_t seat_count_ = 0;
  uint32_t unit_count_ = 0;
  std::vector<Object> objects_;
  std::vector<Row> rows_;
  std::vector<Run> runs_;
  std::vector<uint32_t> run_of_;
  std::vector<uint32_t> by_label_;  // object numbers in the order of their labels
  std::shared_ptr<const SeatTables> tables_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_CHART_H_
