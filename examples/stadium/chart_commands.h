// The commands of the chart tool, and what they share with its plain form.
#ifndef TICKETING_EXAMPLES_STADIUM_CHART_COMMANDS_H_
#define TICKETING_EXAMPLES_STADIUM_CHART_COMMANDS_H_

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/seat/chart.h"

namespace ticketing::examples {

// Exit codes.
inline constexpr int kDone = 0;
inline constexpr int kFileTrouble = 1;
inline constexpr int kWrong = 2;

std::optional<std::string> ReadFile(const std::string& name);
bool WriteFile(const std::string& name, std::string_view text);

// One line per fault, each with its place. Returns kWrong.
int Refuse(const std::string& file, const Status& status, std::ostream& err);

// Writes what is asked for ("" is not); kDone or kFileTrouble.
int WriteChart(const seat::Chart& chart, const std::string& json, const std::string& svg,
               std::ostream& err);
void Summarise(const seat::Chart& chart, std::ostream& out);

// Whether `name` is one of the commands: validate, import-seatsio, export-seatsio, diff.
bool IsCommand(std::string_view name);
// Runs arguments[0], which is a command. Returns the exit code.
int RunCommand(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace ticketing::examples

#endif  // TICKETING_EXAMPLES_STADIUM_CHART_COMMANDS_H_
