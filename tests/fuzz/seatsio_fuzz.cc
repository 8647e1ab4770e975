// Drawings in the seats.io format: whatever the bytes, the answer is a refusal that names places,
// or a drawing that makes a chart with exactly what was called bookable, and that survives the way
// there and back.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/seatsio_chart.h"

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

void CheckThereAndBack(const seat::Chart& chart) {
  const StatusOr<seat::SeatsioChart> back = seat::ParseSeatsioChart(seat::ToSeatsioChart(chart));
  TICKETING_ASSERT(back.ok());
  const StatusOr<seat::Chart> again = seat::Chart::Build(back->drawing, seat::Chart::kMayBeEmpty);
  TICKETING_ASSERT(again.ok());
  TICKETING_ASSERT(again->object_count() == chart.object_count());
  for (const seat::Object& object : chart.objects()) {
    const auto found = again->Find(object.label);
    TICKETING_ASSERT(found.has_value());
    TICKETING_ASSERT(again->object(*found).kind == object.kind);
    TICKETING_ASSERT(again->object(*found).capacity == object.capacity);
    TICKETING_ASSERT(again->object(*found).attributes == object.attributes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const StatusOr<seat::SeatsioChart> chart = seat::ParseSeatsioChart(text);
  if (!chart.ok()) {
    CheckRefusal(chart.status());
    return 0;
  }
  const StatusOr<seat::Chart> ours = seat::Chart::Build(chart->drawing, seat::Chart::kMayBeEmpty);
  if (!ours.ok()) {
    CheckRefusal(ours.status());
    return 0;
  }
  size_t bookable = 0;
  for (const seat::SeatsioObject& object : chart->objects) {
    if (!object.bookable) continue;
    ++bookable;
    const auto found = ours->Find(object.label);
    TICKETING_ASSERT(found.has_value());
    TICKETING_ASSERT(ours->object(*found).attributes == object.attributes);
  }
  TICKETING_ASSERT(bookable == ours->object_count());
  CheckThereAndBack(*ours);
  return 0;
}
