#include "examples/stadium/chart_tool.h"

#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string_view>

#include "examples/stadium/chart_commands.h"
#include "ticketing/seat/chart.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/seat/description.h"

namespace ticketing::examples {
namespace {

constexpr std::string_view kHelp =
    "chart-tool makes the chart of a venue from a description, and works on finished charts.\n"
    "\n"
    "  chart-tool --in=stadium.json --out=chart.json [--svg=chart.svg]\n"
    "  chart-tool --chart=chart.json [--svg=chart.svg]      checks a chart file\n"
    "  chart-tool validate CHART             says what may not be meant in a correct chart\n"
    "  chart-tool diff OLD NEW               says what differs between two charts\n"
    "  chart-tool import-seatsio DRAWING CHART [SVG]   makes a chart of a seats.io drawing\n"
    "  chart-tool export-seatsio CHART DRAWING         and the way back\n"
    "\n"
    "  --in=FILE     the description (description.schema.json, README.md)\n"
    "  --chart=FILE  a finished chart, in place of a description\n"
    "  --out=FILE    where the chart goes\n"
    "  --svg=FILE    where a picture of the chart goes\n"
    "  --help        this text\n"
    "\n"
    "Exit code: 0 done, 1 a file cannot be read or written, 2 something is wrong; each fault is\n"
    "one line with its place in the file.\n";

// name -> value of the flags; nullopt after an error.
std::optional<std::map<std::string, std::string>> ParseFlags(
    const std::vector<std::string>& arguments, std::ostream& err) {
  static const std::set<std::string> kKnown = {"in", "chart", "out", "svg"};
  std::map<std::string, std::string> flags;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    const std::string name =
        argument.starts_with("--") ? argument.substr(2, equals - 2) : std::string();
    if (equals == std::string::npos || equals + 1 == argument.size() || !kKnown.contains(name)) {
      err << "chart-tool: cannot understand \"" << argument << "\"; see --help\n";
      return std::nullopt;
    }
    flags[name] = argument.substr(equals + 1);
  }
  if (flags.contains("in") == flags.contains("chart")) {
    err << "chart-tool: needs one of --in and --chart; see --help\n";
    return std::nullopt;
  }
  return flags;
}

StatusOr<seat::Chart> MakeChart(const std::string& text, bool description) {
  if (!description) return seat::ParseChart(text);
  TICKETING_ASSIGN_OR_RETURN(seat::Drawing drawing, seat::ParseDescription(text));
  return seat::Chart::Build(std::move(drawing));
}

}  // namespace

int RunChartTool(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.size() == 1 && (arguments[0] == "--help" || arguments[0] == "-h")) {
    out << kHelp;
    return kDone;
  }
  if (!arguments.empty() && IsCommand(arguments[0])) return RunCommand(arguments, out, err);
  auto flags = ParseFlags(arguments, err);
  if (!flags) return kWrong;
  const bool description = flags->contains("in");
  const std::string& input = description ? flags->at("in") : flags->at("chart");
  const std::optional<std::string> text = ReadFile(input);
  if (!text) {
    err << "chart-tool: cannot read " << input << "\n";
    return kFileTrouble;
  }
  const StatusOr<seat::Chart> chart = MakeChart(*text, description);
  if (!chart.ok()) return Refuse(input, chart.status(), err);
  const int code = WriteChart(*chart, (*flags)["out"], (*flags)["svg"], err);
  if (code == kDone) Summarise(*chart, out);
  return code;
}

}  // namespace ticketing::examples
