// The chart tool as a function, so that tests can call it.
#ifndef TICKETING_EXAMPLES_STADIUM_CHART_TOOL_H_
#define TICKETING_EXAMPLES_STADIUM_CHART_TOOL_H_

#include <iosfwd>
#include <string>
#include <vector>

namespace ticketing::examples {

// Returns the exit code: 0 done, 1 a file could not be read or written, 2 wrong arguments or a
// wrong description or chart (each fault on its own line, with its place).
int RunChartTool(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace ticketing::examples

#endif  // TICKETING_EXAMPLES_STADIUM_CHART_TOOL_H_
