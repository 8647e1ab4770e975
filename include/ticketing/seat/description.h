// Descriptions: how a person writes down a venue so that a tool can draw it. A description says "18
// curved rows behind the goal in six sections, an aisle in each, seats half a metre wide"; the
// drawing made of it has every seat. Format "ticketing-description/1", in metres and degrees; its
// JSON Schema is examples/stadium/description.schema.json and its guide examples/stadium/README.md.
//
// Rows follow curves. A "bowl" is a closed line of eight arcs around a pitch (two long sides, two
// ends, four corners, each tangent to the next); an "arc" is a part of a circle around a stage.
// Rows behind the first are the same line farther out, so aisles stay straight and at right angles.
//
// Geometry is computed in floating point and rounded to whole centimetres.
#ifndef TICKETING_SEAT_DESCRIPTION_H_
#define TICKETING_SEAT_DESCRIPTION_H_

#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

inline constexpr std::string_view kDescriptionFormat = "ticketing-description/1";

// The drawing that a description means; Chart::Build checks and numbers it. kChartInvalid with a
// FieldError per fault, as ParseChart gives them: the path in the description and what is wrong
// (also with the codes unknown-curve and no-room, and bad-label for a pattern without "{n}").
StatusOr<Drawing> ParseDescription(std::string_view json);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_DESCRIPTION_H_
