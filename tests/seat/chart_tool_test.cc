// The commands of the chart tool.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "examples/stadium/chart_tool.h"
#include "tests/seat/chart_fixture.h"
#include "ticketing/seat/chart_json.h"

namespace ticketing::seat {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ChartCommandsTest : public testing::Test {
 protected:
  ChartCommandsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "chart-tool-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ChartCommandsTest() override { std::filesystem::remove_all(folder_); }
  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    return examples::RunChartTool(arguments, out_, err_);
  }
  std::string File(const std::string& name) { return (folder_ / name).string(); }
  std::string Write(const std::string& name, std::string_view text) {
    std::ofstream(File(name), std::ios::binary) << text;
    return File(name);
  }
  std::string Write(const std::string& name, const Drawing& drawing) {
    return Write(name, ToJson(*MakeChart(drawing)));
  }
  std::string Read(const std::string& name) {
    std::ifstream file(File(name), std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }

  std::filesystem::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(ChartCommandsTest, ValidateSaysWhatMayNotBeMeant) {
  Drawing drawing = SmallDrawing();
  drawing.sections[0].gate = "";
  const std::string file = Write("chart.json", drawing);
  EXPECT_EQ(Run({"validate", file}), 0) << err_.str();
  EXPECT_EQ(out_.str(), file + ": warning: no-gate: Others have a gate, these have none: Sur\n" +
                            file +
                            ": warning: mixed-category: Objects of different kinds have these "
                            "categories: P\n");
  drawing.sections[0].gate = "2";
  drawing.suites.clear();
  EXPECT_EQ(Run({"validate", Write("chart.json", drawing)}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("nothing to remark"));
  EXPECT_EQ(Run({"validate", Write("bad.json", "{}")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("bad.json: format: missing-field"));
}

TEST_F(ChartCommandsTest, ValidateShortensLongLists) {
  Drawing drawing = SmallDrawing();
  drawing.suites.clear();
  drawing.sections[1].rows.push_back(MakeRow("Z", 0, 0, 30));
  for (DrawnSeat& seat : drawing.sections[1].rows.back().seats) seat.at = {0, 2'000};
  EXPECT_EQ(Run({"validate", Write("chart.json", drawing)}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("Norte-Z-11 and 19 more\n"));
}

TEST_F(ChartCommandsTest, DiffSaysWhatDiffers) {
  Drawing drawing = SmallDrawing();
  const std::string before = Write("old.json", drawing);
  drawing.sections[0].rows[0].seats.pop_back();
  drawing.suites[0].capacity = 14;
  EXPECT_EQ(Run({"diff", before, Write("new.json", drawing)}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "removed Sur-A-6\ncapacity Palco 1: 12 -> 14\n2 differences\n");
  EXPECT_EQ(Run({"diff", before, before}), 0);
  EXPECT_EQ(out_.str(), "0 differences\n");
  EXPECT_EQ(Run({"diff", before, File("missing.json")}), 1);
  EXPECT_EQ(err_.str(), "chart-tool: cannot read " + File("missing.json") + "\n");
}

TEST_F(ChartCommandsTest, SeatsioDrawingsComeAndGo) {
  const std::string chart = Write("chart.json", MixedDrawing());
  ASSERT_EQ(Run({"export-seatsio", chart, File("drawing.json")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("3 tables, 1 booths\n"));
  ASSERT_EQ(Run({"import-seatsio", File("drawing.json"), File("back.json"), File("back.svg")}), 0)
      << err_.str();
  EXPECT_TRUE(ParseChart(Read("back.json"))->Find("Norte-T1-3"));
  EXPECT_THAT(Read("back.svg"), StartsWith("<svg"));
}

TEST_F(ChartCommandsTest, ImportTellsWhatItLeftOut) {
  const std::string file = std::string(TICKETING_SOURCE_DIR) + "/tests/seat/charts/faulty.json";
  EXPECT_EQ(Run({"import-seatsio", file, File("chart.json")}), 0);
  EXPECT_THAT(err_.str(), HasSubstr(": error: VALIDATE_DUPLICATE_LABELS: Several objects have the "
                                    "same label: A-1, A-1\n"));
  EXPECT_EQ(ParseChart(Read("chart.json"))->object_count(), 2u);
  EXPECT_EQ(Run({"import-seatsio", Write("empty.json", "{}"), File("none.json")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("no-objects"));
  EXPECT_FALSE(std::filesystem::exists(File("none.json")));
  EXPECT_EQ(Run({"import-seatsio", Write("bad.json", "[]"), File("none.json")}), 2);
  EXPECT_EQ(err_.str(), File("bad.json") + ": wrong-type: must be an object\n");
  const std::string odd = Write("odd.json", R"({"subChart": {"rows": [{"label": "A", "seats": [
      {"label": "a\nb"}]}]}})");
  EXPECT_EQ(Run({"import-seatsio", odd, File("none.json")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("A-a?b\n"));
}

TEST_F(ChartCommandsTest, RefusesArgumentsItDoesNotKnow) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"validate"},
                                                    {"validate", "a", "b"},
                                                    {"diff", "a"},
                                                    {"import-seatsio", "a"},
                                                    {"export-seatsio", "--chart=a", "b"},
                                                    {"validate", ""}}) {
    EXPECT_EQ(Run(arguments), 2);
    EXPECT_EQ(err_.str(),
              "chart-tool: cannot understand the arguments of " + arguments[0] + "; see --help\n");
  }
  EXPECT_EQ(Run({"export-seatsio", Write("c.json", SmallDrawing()), File("no/d.json")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("cannot write"));
}

}  // namespace
}  // namespace ticketing::seat
