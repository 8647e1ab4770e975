// What a check of a chart found: not a refusal, but something that its author should know.
#ifndef TICKETING_SEAT_FINDING_H_
#define TICKETING_SEAT_FINDING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ticketing::seat {

enum class Severity : uint8_t { kWarning = 0, kError = 1 };

// One for each code, with all objects that it is about.
struct Finding {
  std::string code;  // stable, for programs
  Severity severity = Severity::kWarning;
  std::string message;               // a sentence for people
  std::vector<std::string> objects;  // labels or names, at most limits::kChartErrorsMax of them
  size_t count = 0;                  // how many objects there are in truth
};

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_FINDING_H_
