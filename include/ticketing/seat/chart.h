// The chart of a venue: what can be sold, where it stands, and in which order it sells.
//
// Two forms. `Drawing` (drawing.h) is the plain nested data that people and tools make and that a
// chart file holds (chart_json.h); anything may be in it. `Chart` is a drawing that was checked,
// with every object that can be booked numbered densely. An inventory, its rows in storage and its
// packed availability use that number.
//
// Numbers. Seats of rows come first: rows by selling rank (0 is the row that sells first, the one
// whose best seat is nearest to the focal point), and within a row in the order of the drawing, so
// that neighbours have neighbouring numbers. Then seats of tables, those of one table together;
// then tables as wholes, booths and suites; all of these are "units" (one status each, numbers 0 ..
// unit_count()-1). Then areas, which have quantities: those of sections, then those of the chart.
// All but rows are in drawing order. The rank of each row is kept in the drawing and written to the
// file: a stored chart keeps its numbers whatever a later version thinks of ranks.
//
// A table is there twice: as its seats, and as one object of the kind kTable. Who sells it one way
// must not sell it the other way; `whole` is only what the drawing proposes.
//
// A Chart never changes after Build, so many threads may read it; events of one venue share it
// through shared_ptr<const Chart>.
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
#include "ticketing/seat/drawing.h"

namespace ticketing::seat {

// What is booked. Stored in files and logs: append, never renumber.
enum class ObjectKind : uint8_t { kSeat = 0, kSuite = 1, kArea = 2, kTable = 3, kBooth = 4 };
std::string_view NameOfKind(ObjectKind kind);  // "seat", "suite", "area", "table", "booth"

inline constexpr uint32_t kNone = 0xffffffff;  // no such section, zone, gate, row, table

struct Object {
  std::string label;  // unique in the chart, as printed on the ticket: "Norte 104-F-23"
  ObjectKind kind = ObjectKind::kSeat;
  bool whole = false;     // tables and areas: sold as one, to one party, unless the event differs
  bool variable = false;  // of those: to a party of min_people .. max_people
  uint16_t attributes = 0;
  // Positions in the lists of the drawing; kNone where there is none.
  uint32_t category = 0;
  uint32_t section = kNone;
  uint32_t zone = kNone;
  uint32_t gate = kNone;
  uint32_t row = kNone;     // seats of rows: position in Chart::rows(), which is the row's rank
  uint32_t table = kNone;   // seats of tables: the object number of the table
  uint32_t place = 0;       // seats: position in the row or at the table
  uint32_t capacity = 1;    // people: 1 for a seat or booth; the most that a table takes
  uint32_t min_people = 1;  // the party that takes it as one; both are the capacity if not variable
  uint32_t max_people = 1;
  uint32_t distance = 0;  // centimetres to the focal point (its zone's, if that has one)
  Point at;               // its place; for suites and areas the middle of the outline
};

// A row in selling order. Its seats are the objects first .. first+count-1.
struct Row {
  uint32_t section = 0;  // position in drawing().sections
  uint32_t row = 0;      // position in that section's rows
  uint32_t first = 0;
  uint32_t count = 0;
};

// The seats at a table are the objects first .. first+count-1.
struct TableSeats {
  uint32_t first = 0;
  uint32_t count = 0;
  bool operator==(const TableSeats&) const = default;
};

// A longest stretch of adjacent seats: a row, a part of one between aisles, or a table. In order of
// `first`.
struct Run {
  uint32_t first = 0;
  uint32_t count = 0;
  uint32_t row = kNone;  // position in Chart::rows(); kNone for a table
};

struct SeatTables;  // what best available precomputes; private to the library

class Chart {
 public:
  // Checks the drawing and numbers its objects. kChartInvalid names every fault (up to
  // limits::kChartErrorsMax) in FieldErrors: `field` is the path in the drawing, which is also the
  // path in its file, and `detail` starts with one of the codes listed in chart_json.h.
  // `empty` says whether there may be nothing to sell (no-objects), as in a chart just begun.
  enum Empty { kMayNotBeEmpty, kMayBeEmpty };
  static StatusOr<Chart> Build(Drawing drawing, Empty empty = kMayNotBeEmpty);

  // With the rank of every row filled in.
  const Drawing& drawing() const { return drawing_; }
  const std::string& name() const { return drawing_.name; }

  uint32_t object_count() const { return static_cast<uint32_t>(objects_.size()); }
  uint32_t row_seat_count() const { return row_seat_count_; }
  uint32_t seat_count() const { return seat_count_; }  // of rows and of tables
  uint32_t table_count() const { return static_cast<uint32_t>(tables_drawn_.size()); }
  // Seats, tables, booths and suites: objects with one status each.
  uint32_t unit_count() const { return unit_count_; }
  bool IsUnit(uint32_t index) const { return index < unit_count_; }

  std::span<const Object> objects() const { return objects_; }
  const Object& object(uint32_t index) const { return objects_[index]; }
  std::span<const Row> rows() const { return rows_; }
  std::span<const Run> runs() const { return runs_; }
  // The run that a seat belongs to, as a position in runs().
  uint32_t run_of(uint32_t seat) const { return run_of_[seat]; }
  // Of an object of the kind kTable; the tables are the objects seat_count() ..
  // seat_count()+table_count()-1.
  TableSeats seats_of_table(uint32_t table) const { return tables_drawn_[table - seat_count_]; }
  const SeatTables& tables() const { return *tables_; }

  // The object with this full label; nullopt when there is none.
  std::optional<uint32_t> Find(std::string_view label) const;
  // The position of a category's key (a zone's id, a section's label) in the drawing, the first of
  // several; nullopt when unknown.
  std::optional<uint32_t> FindCategory(std::string_view key) const;
  std::optional<uint32_t> FindZone(std::string_view id) const;
  std::optional<uint32_t> FindSection(std::string_view label) const;

  // What a ticket or a map shows of an object. Empty where the chart has nothing. A table is the
  // row of its seats, and of itself.
  const Category& category_of(uint32_t index) const;
  std::string_view section_label_of(uint32_t index) const;
  std::string_view row_label_of(uint32_t index) const;
  std::string_view seat_label_of(uint32_t index) const;
  std::string_view zone_of(uint32_t index) const;  // id
  std::string_view gate_of(uint32_t index) const;  // id

 private:
  Chart() = default;
  friend class ChartBuilder;

  // Where a table is in the drawing.
  struct TablePlace {
    uint32_t section, table;
  };
  const DrawnTable& DrawnTableOf(uint32_t table_object) const;

  Drawing drawing_;
  uint32_t row_seat_count_ = 0;
  uint32_t seat_count_ = 0;
  uint32_t unit_count_ = 0;
  std::vector<Object> objects_;
  std::vector<Row> rows_;
  std::vector<Run> runs_;
  std::vector<uint32_t> run_of_;
  std::vector<TableSeats> tables_drawn_;
  std::vector<TablePlace> table_places_;
  std::vector<uint32_t> by_label_;  // object numbers in the order of their labels
  std::shared_ptr<const SeatTables> tables_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_CHART_H_
