#include "examples/stadium/chart_commands.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <utility>

#include "ticketing/seat/chart_json.h"
#include "ticketing/seat/chart_svg.h"
#include "ticketing/seat/inspect.h"
#include "ticketing/seat/replacement.h"
#include "ticketing/seat/seatsio_chart.h"

namespace ticketing::examples {
namespace {

// Labels of drawings that others made may have anything in them; a finding keeps to its line.
std::string OnOneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

void Print(const std::string& file, const std::vector<seat::Finding>& findings, std::ostream& out) {
  constexpr size_t kShown = 10;
  for (const seat::Finding& finding : findings) {
    out << file << ": " << (finding.severity == seat::Severity::kError ? "error: " : "warning: ")
        << finding.code << ": " << finding.message << ": ";
    const size_t shown = std::min(kShown, finding.objects.size());
    for (size_t i = 0; i < shown; ++i) {
      out << (i == 0 ? "" : ", ") << OnOneLine(finding.objects[i]);
    }
    if (finding.count > shown) out << " and " << finding.count - shown << " more";
    out << "\n";
  }
}

int CannotRead(const std::string& file, std::ostream& err) {
  err << "chart-tool: cannot read " << file << "\n";
  return kFileTrouble;
}
int CannotWrite(const std::string& file, std::ostream& err) {
  err << "chart-tool: cannot write " << file << "\n";
  return kFileTrouble;
}

// The chart of a file; after an error nullopt, with the exit code in `code`.
std::optional<seat::Chart> LoadChart(const std::string& file, std::ostream& err, int* code) {
  const std::optional<std::string> text = ReadFile(file);
  if (!text) {
    *code = CannotRead(file, err);
    return std::nullopt;
  }
  StatusOr<seat::Chart> chart = seat::ParseChart(*text);
  if (chart.ok()) return *std::move(chart);
  *code = Refuse(file, chart.status(), err);
  return std::nullopt;
}

int Validate(const std::vector<std::string>& files, std::ostream& out, std::ostream& err) {
  int code = kDone;
  const std::optional<seat::Chart> chart = LoadChart(files[0], err, &code);
  if (!chart) return code;
  const std::vector<seat::Finding> findings = seat::Inspect(*chart);
  Print(files[0], findings, out);
  if (findings.empty()) out << files[0] << ": nothing to remark\n";
  return kDone;
}

int Diff(const std::vector<std::string>& files, std::ostream& out, std::ostream& err) {
  int code = kDone;
  const std::optional<seat::Chart> before = LoadChart(files[0], err, &code);
  if (!before) return code;
  const std::optional<seat::Chart> after = LoadChart(files[1], err, &code);
  if (!after) return code;
  const std::vector<seat::ObjectDifference> differences = seat::CompareCharts(*before, *after);
  for (const seat::ObjectDifference& difference : differences) {
    out << seat::NameOfDifference(difference.difference) << " " << difference.label;
    if (!difference.was.empty() || !difference.is.empty()) {
      out << ": " << difference.was << " -> " << difference.is;
    }
    out << "\n";
  }
  out << differences.size() << (differences.size() == 1 ? " difference" : " differences") << "\n";
  return kDone;
}

int ImportSeatsio(const std::vector<std::string>& files, std::ostream& out, std::ostream& err) {
  const std::optional<std::string> text = ReadFile(files[0]);
  if (!text) return CannotRead(files[0], err);
  StatusOr<seat::SeatsioChart> drawing = seat::ParseSeatsioChart(*text);
  if (!drawing.ok()) return Refuse(files[0], drawing.status(), err);
  Print(files[0], drawing->findings, err);
  const StatusOr<seat::Chart> chart = seat::Chart::Build(std::move(drawing->drawing));
  if (!chart.ok()) return Refuse(files[0], chart.status(), err);
  const int code = WriteChart(*chart, files[1], files.size() > 2 ? files[2] : "", err);
  if (code == kDone) Summarise(*chart, out);
  return code;
}

int ExportSeatsio(const std::vector<std::string>& files, std::ostream& out, std::ostream& err) {
  int code = kDone;
  const std::optional<seat::Chart> chart = LoadChart(files[0], err, &code);
  if (!chart) return code;
  if (!WriteFile(files[1], seat::ToSeatsioChart(*chart))) return CannotWrite(files[1], err);
  Summarise(*chart, out);
  return kDone;
}

struct Command {
  std::string_view name;
  size_t files_min, files_max;
  int (*run)(const std::vector<std::string>& files, std::ostream& out, std::ostream& err);
};
constexpr Command kCommands[] = {{"validate", 1, 1, Validate},
                                 {"diff", 2, 2, Diff},
                                 {"import-seatsio", 2, 3, ImportSeatsio},
                                 {"export-seatsio", 2, 2, ExportSeatsio}};

const Command* FindCommand(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                         [name](const Command& c) { return c.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace

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

int Refuse(const std::string& file, const Status& status, std::ostream& err) {
  const ErrorDetails details = DetailsOf(status);
  if (details.fields.empty()) err << file << ": " << MessageOf(status) << "\n";
  for (const FieldError& fault : details.fields) {
    err << file << ": " << (fault.field.empty() ? "" : fault.field + ": ") << fault.detail << "\n";
  }
  return kWrong;
}

int WriteChart(const seat::Chart& chart, const std::string& json, const std::string& svg,
               std::ostream& err) {
  if (!json.empty() && !WriteFile(json, seat::ToJson(chart))) return CannotWrite(json, err);
  if (!svg.empty() && !WriteFile(svg, seat::ToSvg(chart))) return CannotWrite(svg, err);
  return kDone;
}

void Summarise(const seat::Chart& chart, std::ostream& out) {
  const seat::Drawing& d = chart.drawing();
  std::vector<uint64_t> places(d.categories.size());
  uint64_t standing = 0;
  uint32_t booths = 0;
  for (const seat::Object& object : chart.objects()) {
    // The places of a table are counted as its seats.
    if (object.kind != seat::ObjectKind::kTable) places[object.category] += object.capacity;
    if (object.kind == seat::ObjectKind::kArea) standing += object.capacity;
    if (object.kind == seat::ObjectKind::kBooth) ++booths;
  }
  const uint32_t areas = chart.object_count() - chart.unit_count();
  out << d.name << ": " << chart.seat_count() << " seats in " << d.sections.size()
      << " sections and " << chart.rows().size() << " rows, " << d.suites.size() << " suites, "
      << areas << " standing areas for " << standing;
  if (chart.table_count() > 0) out << ", " << chart.table_count() << " tables";
  if (booths > 0) out << ", " << booths << " booths";
  out << "\n";
  for (size_t i = 0; i < places.size(); ++i) {
    out << "  " << d.categories[i].key << " (" << d.categories[i].name << "): " << places[i]
        << " places\n";
  }
}

bool IsCommand(std::string_view name) {
  return FindCommand(name) != nullptr;
}

int RunCommand(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  const Command* const command = FindCommand(arguments[0]);
  const std::vector<std::string> files(arguments.begin() + 1, arguments.end());
  const bool flags = std::any_of(files.begin(), files.end(), [](const std::string& file) {
    return file.empty() || file.starts_with("-");
  });
  if (flags || files.size() < command->files_min || files.size() > command->files_max) {
    err << "chart-tool: cannot understand the arguments of " << command->name << "; see --help\n";
    return kWrong;
  }
  return command->run(files, out, err);
}

}  // namespace ticketing::examples
