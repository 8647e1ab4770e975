// Reports in the shapes of that API: lists of objects by one of their properties, and counts of
// places by one property and all others.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_REPORT_H_
#define TICKETING_LIB_SERVICE_SEATSIO_REPORT_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/seatsio/json.h"

namespace ticketing::seatsio {

// A property to report by: "byStatus".
struct Dimension {
  std::string name;
  // Shown with a count of 0 when nothing has them.
  std::vector<std::string> always;
};

// Some places that agree in every dimension: a unit, or a part of an area.
struct Portion {
  std::map<std::string, std::string, std::less<>> values;  // by dimension
  int64_t count = 1;
};

struct ReportInput {
  std::vector<Dimension> dimensions;
  std::vector<Json> objects;  // descriptions
  // The bucket of each object, by dimension, for detailed reports.
  std::vector<std::map<std::string, std::string, std::less<>>> values;
  std::vector<Portion> portions;  // for summaries
};

// {bucket: [objects]}; with a filter only that bucket.
Json DetailedReport(ReportInput input, std::string_view dimension,
                    const std::optional<std::string>& filter);

// {bucket: {"count", other dimension: {bucket: count}}}. A deep one has such a node, without the
// deepest level, in place of each count.
Json SummaryReport(const ReportInput& input, std::string_view dimension, bool deep);

bool HasDimension(const ReportInput& input, std::string_view dimension);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_REPORT_H_
