// Changing the chart under events that are on sale: what differs between two charts, and whether
// everything that is in use is still there.
//
// Objects are the same when they have the same full label; numbers may differ, so that what is
// stored by number must be rewritten along `Replacement::numbers`. Both functions take time
// n log n.
#ifndef TICKETING_SEAT_REPLACEMENT_H_
#define TICKETING_SEAT_REPLACEMENT_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

// --- Differences ---

enum class Difference : uint8_t {
  kAdded,     // only in the new chart
  kRemoved,   // only in the old chart
  kKind,      // a seat became a table, and so on
  kCategory,  // by key
  kCapacity,  // or the party that it takes
  kSale,      // whole or by place
  kEntry,     // gate or zone, by id
  kAttributes,
  kMoved,
};
std::string_view NameOfDifference(Difference difference);  // "added", "removed", ...

struct ObjectDifference {
  Difference difference = Difference::kAdded;
  std::string label;
  std::string was, is;  // as text, where that says something: "P1" and "P2"
};

// Every object that differs, in the order of the old chart, then what was added in the order of the
// new one. An object that differs in several ways is there several times. Rank and number are no
// differences.
std::vector<ObjectDifference> CompareCharts(const Chart& old_chart, const Chart& new_chart);

// --- Replacement ---

// An object that must not be lost: not free in some event, in a channel, named by an order.
struct ObjectInUse {
  uint32_t index = 0;  // in the old chart
  uint64_t taken = 1;  // places of an area, people at a table; 1 for others
};

struct Replacement {
  // For each object of the old chart its number in the new one; kNone for those that are gone.
  std::vector<uint32_t> numbers;
  // In use, and proposed for sale in another way than before (`whole`). Whether that matters
  // depends on how the event sells tables; labels, at most limits::kChartErrorsMax.
  std::vector<std::string> sale_changed;
};

// Whether `new_chart` may take the place of `old_chart`. kConflict when not: `objects` has the
// label of every object in use that stands against it, and `fields` the label with "missing: ...",
// "changed-kind: ..." or "lost-capacity: ...", at most limits::kChartErrorsMax of each (the message
// has the number of all). A seat in use that moved between a row and a table, or to another table,
// has changed its kind: who has the whole table would lose it, or win it. kUnknownObject for a
// number that the old chart does not have.
StatusOr<Replacement> CheckReplacement(const Chart& old_chart, const Chart& new_chart,
                                       std::span<const ObjectInUse> in_use);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_REPLACEMENT_H_
