// Findings as they are made: one for each code, in the order of the first of each.
#ifndef TICKETING_LIB_SEAT_FINDING_LIST_H_
#define TICKETING_LIB_SEAT_FINDING_LIST_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/limits.h"
#include "ticketing/seat/finding.h"

namespace ticketing::seat {

class FindingList {
 public:
  void Add(std::string_view code, Severity severity, std::string_view message,
           std::string_view object) {
    Finding& finding = Of(code, severity, message);
    ++finding.count;
    if (finding.objects.size() < limits::kChartErrorsMax) finding.objects.emplace_back(object);
  }
  std::vector<Finding> Take() { return std::move(findings_); }

 private:
  Finding& Of(std::string_view code, Severity severity, std::string_view message) {
    for (Finding& finding : findings_) {
      if (finding.code == code) return finding;
    }
    findings_.push_back({std::string(code), severity, std::string(message), {}, 0});
    return findings_.back();
  }

  std::vector<Finding> findings_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_FINDING_LIST_H_
