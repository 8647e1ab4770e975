// Drawings of charts as that service's designer stores them, as JSON documents: made, changed in
// name and categories, and summed up. What can be sold of them is seat::ParseSeatsioChart's matter.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_DRAWING_H_
#define TICKETING_LIB_SERVICE_SEATSIO_DRAWING_H_

#include <string>
#include <string_view>

#include "lib/service/seatsio/json.h"

namespace ticketing::seatsio {

// An empty drawing.
Json NewDrawing(std::string_view name, std::string_view venue_type);

// Errors: a refusal when it is not an object with a drawing in it.
Status CheckDrawing(const Json& drawing);

// The list of categories; an empty one when there is none.
Json CategoriesOf(const Json& drawing);
void SetCategories(Json& drawing, Json categories);

// A category of a request: key, label, color, accessible. Errors: a refusal.
StatusOr<Json> CategoryOfRequest(const Json& json);
StatusOr<Json> CategoriesOfRequest(const Json& list);

// {"name", "venueType", "categories", "zones": [{"key", "label"}], "bestAvailable"}: what lists and
// events show of a drawing without reading it again.
Json SummaryOf(const Json& drawing);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_DRAWING_H_
