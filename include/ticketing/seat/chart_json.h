// The chart file, format "ticketing-chart/1": JSON in UTF-8. A stadium of 25,000 seats takes about
// 1 MB.
//
//   {
//     "format": "ticketing-chart/1", "name": "Football", "venue": "Estadio Nacional",
//     "focalPoint": [0, 0],
//     "categories": [{"key": "A", "name": "Platea", "color": "#c8102e"}],
//     "gates": [{"id": "1", "name": "Puerta 1"}],
//     "zones": [{"id": "norte", "name": "Norte", "focalPoint": [0, -4000]}],
//     "stands": [{"id": "norte", "name": "Norte"}],
//     "levels": [{"id": "bajo", "name": "Bajo"}],
//     "shapes": [{"kind": "pitch", "label": "Cancha", "outline": [[-5250, -3400], ...]}],
//     "sections": [{
//       "label": "Norte 104", "name": "Norte bajo 104", "stand": "norte", "level": "bajo",
//       "zone": "norte", "gate": "1", "category": "A", "outline": [[x, y], ...],
//       "rows": [{
//         "label": "F", "category": "B", "curve": 40, "rank": 17,
//         "seats": [{"label": "1", "at": [x, y], "category": "C", "gap": true,
//                    "attributes": ["accessible"]}, ...]
//       }, ...],
//       "tables": [{"label": "T1", "at": [x, y], "radius": 90, "category": "B", "gate": "2",
//                   "whole": true, "variable": true, "minPeople": 2, "maxPeople": 6,
//                   "seats": [{"label": "1", "at": [x, y]}, ...]}, ...],
//       "booths": [{"label": "12", "at": [x, y], "width": 300, "height": 200}, ...],
//       "areas": [...]
//     }, ...],
//     "suites": [{"label": "Palco 3", "category": "P", "zone": "vip", "gate": "8",
//                 "outline": [[x, y], ...], "capacity": 12}, ...],
//     "areas": [{"label": "Pie Norte", "category": "G", "capacity": 1500, "whole": true,
//                "variable": true, "minPeople": 2, "maxPeople": 6, ...}, ...]
//   }
//
// Points are [x, y] in whole centimetres, x to the right and y down. Suites and areas also take
// name, stand and level, as sections do; areas may stand in a section or beside them.
//
// Required: format, name, focalPoint, categories, and at least one thing to sell; label of all but
// a section; "at" of a seat, table or booth; capacity of a suite or area. Everything else may be
// absent. A seat's category is its own, else its row's or table's, else its section's; tables,
// booths and areas also take category, zone and gate from their section. "gap" says that an aisle
// lies between the seat and the one before it in the row. "rank" (0 is sold first) is on all rows
// or on none; this library always writes it, because the numbers of seats in storage depend on it.
// "whole" proposes to sell a table or area as one; "variable", with it, to a party of "minPeople"
// (absent: 1) to "maxPeople" (absent: the seats, the capacity) people.
//
// The full label of a seat is section-row-seat or section-table-seat, that of a table, booth or
// area section-label; a section without a label leaves its part out. Full labels are unique across
// seats, tables, booths, suites and areas. "attributes": accessible, companion, restricted-view,
// lift-up-armrests, hearing-impaired, semi-ambulatory, sign-language, plus-size.
//
// A detail begins with its code, then ": " and a sentence: bad-syntax, too-deep, duplicate-key,
// wrong-type, unknown-field, missing-field, bad-format, bad-text (empty, too long, control
// characters), bad-color, bad-kind, bad-attribute, bad-outline, out-of-range, unknown-category,
// unknown-zone, unknown-gate, unknown-stand, unknown-level, no-category, no-focal-point,
// no-objects, empty-row, empty-table, bad-gap, bad-occupancy (of a party), duplicate-id,
// duplicate-label, bad-rank, too-many.
#ifndef TICKETING_SEAT_CHART_JSON_H_
#define TICKETING_SEAT_CHART_JSON_H_

#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

// Reads and checks a chart file. Hostile input is expected. kChartInvalid with a FieldError per
// fault, at most limits::kChartErrorsMax (then one more says that there are others): the path in
// the file and what is wrong. For JSON that cannot be read the path is empty and the detail names
// line and column. kPayloadTooLarge beyond limits::kChartBodyBytesMax.
StatusOr<Chart> ParseChart(std::string_view json);

// One canonical text per chart: ParseChart(ToJson(c)) has the same drawing, ranks included.
std::string ToJson(const Chart& chart);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_CHART_JSON_H_
