#include "examples/stadium/chart_tool.h"

#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string_view>

#include "ticketing/seat/chart.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/seat/chart_svg.h"
#include "ticketing/seat/description.h"

namespace ticketing::examples {
namespace {

constexpr std::string_view kHelp =
    "chart-tool makes the chart of a venue from a description.\n"
    "\n"
    "  chart-tool --in=stadium.json --out=chart.json [--svg=chart.svg]\n"
    "  chart-tool --chart=chart.json [--svg=chart.svg]      checks a chart file\n"
    "\n"
    "  --in=FILE     the description (description.schema.json, README.md)\n"
    "  --chart=FILE  a finished chart, in place of a description\n"
    "  --out=FILE    where the chart goes\n"
    "  --svg=FILE    where a picture of the chart goes\n"
    "  --help        this text\n"
    "\n"
    "Exit code: 0 done, 1 a file cannot be read or written, 2 something is wrong; each fault is\n"
    "one line with its place in the file.\n";

std::optional<std::string> ReadFile(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return std::nullopt;
  return text;
}

bool WriteFile(const std::string& name, std::string_view text) {
  std::ofstream file(name, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return !file.fail();
}

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

int Refuse(const std::string& file, const Status& status, std::ostream& err) {
  const ErrorDetails details = DetailsOf(status);
  if (details.fields.empty()) err << file << ": " << MessageOf(status) << "\n";
  for (const FieldError& fault : details.fields) {
    err << file << ": " << (fault.field.empty() ? "" : fault.field + ": ") << fault.detail << "\n";
  }
  return 2;
}

StatusOr<seat::Chart> MakeChart(const std::string& text, bool description) {
  if (!description) return seat::ParseChart(text);
  TICKETING_ASSIGN_OR_RETURN(seat::Drawing drawing, seat::ParseDescription(text));
  return seat::Chart::Build(std::move(drawing));
}

void Summarise(const seat::Chart& chart, std::ostream& out) {
  const seat::Drawing& d = chart.drawing();
  std::vector<uint64_t> places(d.categories.size());
  uint64_t standing = 0;
  for (const seat::Object& object : chart.objects()) {
    places[object.category] += object.capacity;
    if (object.kind == seat::ObjectKind::kArea) standing += object.capacity;
  }
  out << d.name << ": " << chart.seat_count() << " seats in " << d.sections.size()
      << " sections and " << chart.rows().size() << " rows, " << d.suites.size() << " suites, "
      << d.areas.size() << " standing areas for " << standing << "\n";
  for (size_t i = 0; i < places.size(); ++i) {
    out << "  " << d.categories[i].key << " (" << d.categories[i].name << "): " << places[i]
        << " places\n";
  }
}

}  // namespace

int RunChartTool(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  if (arguments.size() == 1 && (arguments[0] == "--help" || arguments[0] == "-h")) {
    out << kHelp;
    return 0;
  }
  auto flags = ParseFlags(arguments, err);
  if (!flags) return 2;
  const bool description = flags->contains("in");
  const std::string& input = description ? flags->at("in") : flags->at("chart");
  const std::optional<std::string> text = ReadFile(input);
  if (!text) {
    err << "chart-tool: cannot read " << input << "\n";
    return 1;
  }
  const StatusOr<seat::Chart> chart = MakeChart(*text, description);
  if (!chart.ok()) return Refuse(input, chart.status(), err);
  if (flags->contains("out") && !WriteFile(flags->at("out"), seat::ToJson(*chart))) {
    err << "chart-tool: cannot write " << flags->at("out") << "\n";
    return 1;
  }
  if (flags->contains("svg") && !WriteFile(flags->at("svg"), seat::ToSvg(*chart))) {
    err << "chart-tool: cannot write " << flags->at("svg") << "\n";
    return 1;
  }
  Summarise(*chart, out);
  return 0;
}

}  // namespace ticketing::examples
