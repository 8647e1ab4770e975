#include "ticketing/seat/inspect.h"

#include <gmock/gmock.h>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Findings(Drawing drawing) {
  std::vector<std::string> out;
  for (const Finding& finding : Inspect(*MakeChart(std::move(drawing)))) {
    EXPECT_EQ(finding.severity, Severity::kWarning);
    std::string text = finding.code;
    for (const std::string& object : finding.objects) text += " [" + object + "]";
    out.push_back(text);
  }
  return out;
}

// SmallDrawing, with a category of their own for the suites.
Drawing CleanDrawing() {
  Drawing drawing = SmallDrawing();
  drawing.categories.push_back({"S", "Suites", "#000000"});
  for (DrawnArea& suite : drawing.suites) suite.category = "S";
  return drawing;
}

TEST(InspectTest, AGoodChartHasNothingToSay) {
  EXPECT_THAT(Findings(CleanDrawing()), IsEmpty());
}

TEST(InspectTest, NamesWhatHasNoGateWhenOthersHave) {
  Drawing drawing = CleanDrawing();
  drawing.sections[0].gate = "";
  drawing.suites[1].gate = "";
  drawing.areas[0].gate = "";
  EXPECT_THAT(Findings(drawing), ElementsAre("no-gate [Palco 2] [Pie 1] [Sur]"));
  for (DrawnSection& section : drawing.sections) section.gate = "";
  for (DrawnArea& area : drawing.suites) area.gate = "";
  for (DrawnArea& area : drawing.areas) area.gate = "";
  EXPECT_THAT(Findings(drawing), IsEmpty());
}

TEST(InspectTest, NamesEmptySections) {
  Drawing drawing = CleanDrawing();
  drawing.sections.emplace_back();
  drawing.sections.back().label = "Este";
  drawing.sections.emplace_back();
  EXPECT_THAT(Findings(drawing), ElementsAre("empty-section [Este] [sections[3]]"));
}

TEST(InspectTest, NamesCategoriesThatAreUnusedOrMixed) {
  Drawing drawing = CleanDrawing();
  drawing.categories.push_back({"U", "Unused", "#000000"});
  drawing.areas[0].category = "P";
  EXPECT_THAT(Findings(drawing), ElementsAre("unused-category [U]", "mixed-category [P]"));
}

TEST(InspectTest, ATableCountsAsWhatIsSoldOfIt) {
  Drawing drawing = CleanDrawing();
  drawing.sections[1].tables = {MakeTable("T1", 0, 700, 4)};
  EXPECT_THAT(Findings(drawing), IsEmpty());
  drawing.sections[1].tables[0].whole = true;  // now "P" is of seats and of a table
  EXPECT_THAT(Findings(drawing), ElementsAre("mixed-category [P]"));
}

TEST(InspectTest, NamesSeatsInThePlaceOfOthers) {
  Drawing drawing = CleanDrawing();
  drawing.levels.push_back({"high", "High"});
  DrawnSection above;
  above.label = "Alto";
  above.gate = "1";
  above.category = "P";
  above.level = "high";
  above.rows = {MakeRow("A", 0, 300, 8)};  // over Norte-A, on another level
  drawing.sections.push_back(above);
  EXPECT_THAT(Findings(drawing), IsEmpty());
  drawing.sections[2].level = "low";
  EXPECT_THAT(
      Findings(drawing),
      ElementsAre("overlapping-seats [Alto-A-1] [Alto-A-2] [Alto-A-3] [Alto-A-4] [Alto-A-5] "
                  "[Alto-A-6] [Alto-A-7] [Alto-A-8]"));
  for (DrawnSeat& seat : drawing.sections[2].rows[0].seats) seat.at.y += kSeatsOverlapBelow;
  EXPECT_THAT(Findings(drawing), IsEmpty());
  drawing.sections[2].rows[0].seats[2].at.y -= 1;  // across the border of a square
  EXPECT_THAT(Findings(drawing), ElementsAre("overlapping-seats [Alto-A-3]"));
}

TEST(InspectTest, SeatsOnOnePointCostNoMoreThanOthers) {
  Drawing drawing = CleanDrawing();
  for (int r = 0; r < 190; ++r) {
    drawing.sections[1].rows.push_back(MakeRow("R" + std::to_string(r), 0, 0, 1000));
    for (DrawnSeat& seat : drawing.sections[1].rows.back().seats) seat.at = {5, 5};
  }
  const std::vector<Finding> findings = Inspect(*MakeChart(drawing));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].count, 189'999u);
  EXPECT_EQ(findings[0].objects.size(), limits::kChartErrorsMax);
}

}  // namespace
}  // namespace ticketing::seat
