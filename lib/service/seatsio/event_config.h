// The configuration of an event: the JSON that this API takes and shows, kept as it was given, and
// the rules that the engine sells by, made of it.
//
//   {"tableBookingConfig": {"mode", "tables"?}, "objectCategories": {label: key},
//    "categories": [{key, label, color, accessible}],
//    "channels": [{id, key, name, color, index?, objects, areaPlaces}], "lastChannel": 7,
//    "forSaleConfig": null | {forSale, objects, areaPlaces, categories},
//    "forSalePropagated": true, "isInThePast": false}
//
// Events of a season take tables and categories from it; what is for sale of them is what both say,
// unless the season keeps its configuration to itself.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_EVENT_CONFIG_H_
#define TICKETING_LIB_SERVICE_SEATSIO_EVENT_CONFIG_H_

#include <string>
#include <vector>

#include "lib/service/seatsio/chart_view.h"
#include "ticketing/seat/sale_rules.h"

namespace ticketing::seatsio {

Json EmptyConfig();

// Takes what a request for a new or a changed event says into a configuration.
Status ReadConfig(const Json& request, Json& config);

// A list of channels of a request; known keys keep their ids, new ones get the next.
Status SetChannels(const Json& list, Json& config);
Status AddChannel(const Json& channel, Json& config);
// nullptr when there is none.
Json* FindChannel(Json& config, std::string_view key);
// Takes objects and places out of all channels but one.
void TakeFromOthers(Json& config, std::string_view key, const Json& objects);

// The rules that a configuration means, with those of its season (null: it has none). Errors: a
// refusal when a known object is in two channels or an area has not so many places.
StatusOr<seat::SaleRules> RulesOf(const Json& config, const Json& season, const ChartView& view);

// The categories that an event has: the chart's, then its own.
Json CategoriesOfEvent(const Json& summary, const Json& config, const Json& season);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_EVENT_CONFIG_H_
