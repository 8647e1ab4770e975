// A drawing made ready: the chart that the engine sells, and beside each of its objects how that
// API describes it.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_CHART_VIEW_H_
#define TICKETING_LIB_SERVICE_SEATSIO_CHART_VIEW_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/seatsio/json.h"
#include "lib/service/seatsio/json_text.h"
#include "ticketing/seat/chart.h"
#include "ticketing/seat/seatsio_chart.h"

namespace ticketing::seatsio {

struct ChartView {
  std::shared_ptr<const seat::Chart> chart;
  seat::SeatsioChart drawn;        // its `drawing` is left empty
  std::vector<uint32_t> drawn_of;  // by the chart's object: position in drawn.objects
  Json summary;                    // drawing.h: SummaryOf
  std::set<std::string> findings;  // VALIDATE_... codes

  const seat::SeatsioObject& at(uint32_t object) const { return drawn.objects[drawn_of[object]]; }
};

// `body` is the drawing. `kept` is the chart that an earlier call made of it, so that the numbers
// of its objects never change; it is filled in when it is empty and the chart is not. Errors: a
// refusal that says what is wrong.
StatusOr<std::shared_ptr<const ChartView>> MakeChartView(std::string_view body, Json summary,
                                                         std::string& kept);

// "seat", "table", "booth", "generalAdmission".
std::string_view TypeOf(const seat::SeatsioObject& object);

// The part of an object's description that no event changes, its category left out.
void DescribeDrawn(const ChartView& view, const seat::SeatsioObject& object, JsonText& out);

// The full label as it is shown to people.
std::string DisplayedLabel(const seat::SeatsioObject& object);

// The category of a summary with this key; nullptr when there is none.
const Json* FindCategory(const Json& categories, std::string_view key);

// What was asked for by key or by label in any case, as keys. Errors: a refusal for an unknown one.
StatusOr<std::vector<std::string>> KeysOfCategories(const Json& categories,
                                                    const std::vector<std::string>& asked);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_CHART_VIEW_H_
