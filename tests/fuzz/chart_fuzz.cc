// Chart files and descriptions from outside: whatever the bytes, the answer is a chart that can be
// written and read back, or a refusal that names places.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/seat/description.h"

namespace {

using ticketing::Status;
using ticketing::StatusOr;
namespace seat = ticketing::seat;

void CheckRefusal(const Status& status) {
  TICKETING_ASSERT(ticketing::CodeOf(status) == ticketing::ErrorCode::kChartInvalid);
  const ticketing::ErrorDetails details = ticketing::DetailsOf(status);
  TICKETING_ASSERT(!details.fields.empty());
  TICKETING_ASSERT(details.fields.size() <= ticketing::limits::kChartErrorsMax + 1);
}

void CheckChart(const StatusOr<seat::Chart>& chart) {
  if (!chart.ok()) return CheckRefusal(chart.status());
  const std::string text = seat::ToJson(*chart);
  const StatusOr<seat::Chart> back = seat::ParseChart(text);
  TICKETING_ASSERT(back.ok());
  TICKETING_ASSERT(back->drawing() == chart->drawing());
  TICKETING_ASSERT(seat::ToJson(*back) == text);
  for (uint32_t i = 0; i < chart->object_count(); ++i) {
    TICKETING_ASSERT(chart->Find(chart->object(i).label) == i);
    TICKETING_ASSERT(back->object(i).label == chart->object(i).label);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckChart(seat::ParseChart(text));
  StatusOr<seat::Drawing> drawing = seat::ParseDescription(text);
  if (drawing.ok()) {
    CheckChart(seat::Chart::Build(*std::move(drawing)));
  } else {
    CheckRefusal(drawing.status());
  }
  return 0;
}
