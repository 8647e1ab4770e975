// Chart drawings in the JSON format of the seats.io designer, read and written: for moving charts
// in and out, and for a service that answers in the shape of that API.
//
// Such a drawing may be unfinished: labels missing or twice, objects without a category, no focal
// point, nothing in it at all. All that is accepted, and named in `findings`. The drawing that is
// made of it has what can be sold without doubt. Left out of it (`bookable` is false) is
//   - what has no label of its own, or whose row, table or section has none ("" and "?" are none);
//   - the second and later of the objects with one full label, in the order of the file;
//   - what has no category, or one that the chart does not list;
//   - what has a label that charts here refuse: control characters, spaces at an end, a full label
//     above limits::kLabelBytesMax; a table without seats; an area without capacity.
//
// How it is mapped. Rows, tables, booths and areas outside of sections go to sections without a
// label, one for each floor and entrance; a row with a section label of its own to the section with
// that label, as do sections with the same label. Entrances become gates, floors become levels.
// Points become centimetres as 100 times the number, or 10 times or once for very large drawings
// (`scale`). A chart without focal point gets the middle of its upper edge, and
// `supports_best_available` is false.
#ifndef TICKETING_SEAT_SEATSIO_CHART_H_
#define TICKETING_SEAT_SEATSIO_CHART_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/seat/chart.h"
#include "ticketing/seat/drawing.h"
#include "ticketing/seat/finding.h"

namespace ticketing::seat {

enum class SeatsioVenue : uint8_t { kSimple, kSectionsAndFloors, kZones };
// "SIMPLE", "WITH_SECTIONS_AND_FLOORS", "WITH_ZONES"
std::string_view NameOfVenue(SeatsioVenue venue);

struct SeatsioPoint {
  double x = 0;
  double y = 0;
};
struct SeatsioCategory {
  std::string key;      // a number is written out
  bool number = false;  // it is a number in the file
  std::string label;
  std::string color;
  bool accessible = false;
};
struct SeatsioZone {
  std::string key;
  std::string label;
  std::optional<SeatsioPoint> focal_point;
};
struct SeatsioFloor {
  std::string name;
  std::string display_name;
};
// One part of a label: the text shown, the technical text, and what carries it.
struct SeatsioName {
  std::string label;
  std::string id;
  std::string type;  // "seat", "row", "table", "booth", "generalAdmission"; empty: there is none
};

// Something that can be booked, as that API describes it. References are positions in the lists of
// SeatsioChart, kNone where there is nothing.
struct SeatsioObject {
  std::string label;  // the full one, of technical labels: "A-T1-3"
  ObjectKind kind = ObjectKind::kSeat;
  bool bookable = true;  // it is in the drawing, under the same label
  bool whole = false;    // bookAsAWhole of tables and areas
  bool variable = false;
  uint16_t attributes = 0;  // SeatAttribute
  SeatsioName own;
  SeatsioName parent;  // the row or table of a seat
  std::string section_label, section_id;
  std::string displayed_type, parent_displayed_type;
  std::string entrance;  // its own, else of its row or table, else of its section
  uint32_t zone = kNone;
  uint32_t floor = kNone;
  uint32_t category = kNone;  // its own, else of its row or table, else of its section
  uint32_t table = kNone;     // in objects: of a seat at a table
  uint32_t left = kNone;      // in objects: the seat before and after it in its row
  uint32_t right = kNone;
  uint32_t seats = 0;      // of a table
  int64_t capacity = 0;    // of an area
  int64_t min_people = 0;  // 0: not said
  int64_t max_people = 0;
  double x = 0, y = 0;  // in the chart, with the offset of its section
  // In single precision but for the root, to the focal point of its zone, else floor, else chart.
  std::optional<double> distance;
};

struct SeatsioChart {
  std::string name;
  std::string stored_venue;  // as in the file, such as "ROWS_WITH_SECTIONS"
  SeatsioVenue venue = SeatsioVenue::kSimple;
  std::vector<SeatsioCategory> categories;
  std::vector<SeatsioZone> zones;
  std::vector<SeatsioFloor> floors;
  std::vector<SeatsioObject> objects;  // in the order of the file; a table before its seats
  bool supports_best_available = false;
  int32_t scale = 100;  // centimetres of the drawing per unit of the file
  // VALIDATE_DUPLICATE_LABELS, VALIDATE_UNLABELED_OBJECTS, VALIDATE_OBJECTS_WITHOUT_CATEGORIES,
  // VALIDATE_FOCAL_POINT, VALIDATE_OBJECT_TYPES_PER_CATEGORY (a category has objects of several
  // types) and VALIDATE_EMPTY_FLOOR; and codes of our own in small letters: bad-label, empty-table,
  // no-capacity, bad-occupancy (mended). kError where objects were left out of the drawing.
  std::vector<Finding> findings;
  Drawing drawing;  // for Chart::Build, which refuses it when empty unless told not to
};

// Hostile input is expected. Unknown fields are passed over. Errors as those of ParseChart
// (chart_json.h): kChartInvalid with place and code for what cannot be read or has the wrong type,
// kPayloadTooLarge.
StatusOr<SeatsioChart> ParseSeatsioChart(std::string_view json);

// The chart in that format. Reading it back keeps labels, kinds, categories, capacities, parties,
// attributes and positions. A row is cut at its aisles, since rows have none there; a suite is an
// area booked as a whole with the displayed type "suite"; stands, levels, ids of gates (their names
// are the entrances) and ranks are lost.
std::string ToSeatsioChart(const Chart& chart);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_SEATSIO_CHART_H_
