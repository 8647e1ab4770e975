#include "ticketing/seat/replacement.h"

#include <gmock/gmock.h>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<ObjectInUse> InUse(const Chart& chart,
                               const std::vector<std::pair<std::string, uint64_t>>& labels) {
  std::vector<ObjectInUse> out;
  for (const auto& [label, taken] : labels) {
    const auto index = chart.Find(label);
    EXPECT_TRUE(index) << label;
    out.push_back({index.value_or(0), taken});
  }
  return out;
}

std::vector<std::string> Lost(const StatusOr<Replacement>& replacement) {
  std::vector<std::string> out;
  EXPECT_EQ(CodeOf(replacement.status()), ErrorCode::kConflict);
  const ErrorDetails details = DetailsOf(replacement.status());
  for (const FieldError& field : details.fields) {
    out.push_back(field.field + " " + field.detail.substr(0, field.detail.find(':')));
  }
  EXPECT_EQ(details.objects.size(), details.fields.size());
  return out;
}

TEST(ReplacementTest, MapsOldNumbersToNew) {
  const auto old_chart = MakeChart(MixedDrawing());
  Drawing drawing = MixedDrawing();
  drawing.focal_point = Point{0, 2'000};  // another order of rows
  drawing.sections[0].rows[0].seats.pop_back();
  const auto new_chart = MakeChart(drawing);
  const auto found = CheckReplacement(*old_chart, *new_chart,
                                      InUse(*old_chart, {{"Norte-A-1", 1}, {"Norte-T2", 3}}));
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->numbers.size(), old_chart->object_count());
  bool moved = false;
  for (uint32_t i = 0; i < found->numbers.size(); ++i) {
    if (old_chart->object(i).label == "Sur-A-6") {
      EXPECT_EQ(found->numbers[i], kNone);
    } else {
      ASSERT_NE(found->numbers[i], kNone);
      EXPECT_EQ(new_chart->object(found->numbers[i]).label, old_chart->object(i).label);
      moved |= found->numbers[i] != i;
    }
  }
  EXPECT_TRUE(moved);
}

TEST(ReplacementTest, NamesEveryObjectInUseThatWouldBeLost) {
  const auto old_chart = MakeChart(MixedDrawing());
  Drawing drawing = MixedDrawing();
  DrawnSection& norte = drawing.sections[1];
  norte.rows[1].seats.pop_back();            // Norte-A-8
  norte.tables[1].max_people = 2;            // Norte-T2, for three
  drawing.areas[0].capacity = 3;             // Pie 1
  drawing.suites.push_back(norte.areas[0]);  // Norte-GA1 becomes a suite
  drawing.suites.back().label = "Norte-GA1";
  drawing.suites.back().category = "P";
  norte.areas.clear();
  DrawnTable a = MakeTable("A", 0, 2'000, 2);  // A-1 moves from the row to a table
  drawing.sections[2].rows.clear();
  drawing.sections[2].tables.push_back(a);
  const auto new_chart = MakeChart(drawing);
  const auto used = InUse(*old_chart, {{"Norte-A-8", 1},
                                       {"Norte-T2", 3},
                                       {"Pie 1", 4},
                                       {"Pie 2", 3},
                                       {"Norte-GA1", 1},
                                       {"A-1", 1},
                                       {"Norte-B-1", 1}});
  const auto lost = CheckReplacement(*old_chart, *new_chart, used);
  EXPECT_THAT(Lost(lost),
              ElementsAre("Norte-A-8 missing", "Norte-T2 lost-capacity", "Pie 1 lost-capacity",
                          "Norte-GA1 changed-kind", "A-1 changed-kind"));
  EXPECT_THAT(std::string(MessageOf(lost.status())), testing::HasSubstr("5 objects"));
  EXPECT_TRUE(CheckReplacement(*old_chart, *new_chart, {}).ok());
}

TEST(ReplacementTest, SaysWhatWouldBeSoldInAnotherWay) {
  const auto old_chart = MakeChart(MixedDrawing());
  Drawing drawing = MixedDrawing();
  drawing.sections[1].tables[0].whole = true;
  drawing.areas[1].whole = true;
  const auto new_chart = MakeChart(drawing);
  const auto found = CheckReplacement(*old_chart, *new_chart,
                                      InUse(*old_chart, {{"Norte-T1", 1}, {"Norte-T2", 1}}));
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(found->sale_changed, ElementsAre("Norte-T1"));
}

TEST(ReplacementTest, ErrorsAreBoundedAndCounted) {
  Drawing drawing = SmallDrawing();
  drawing.sections[0].rows[0] = MakeRow("A", 0, 900, 300);
  const auto old_chart = MakeChart(drawing);
  drawing.sections[0].rows[0].label = "Z";
  const auto new_chart = MakeChart(drawing);
  std::vector<ObjectInUse> used;
  for (uint32_t i = 0; i < old_chart->seat_count(); ++i) used.push_back({i, 1});
  const auto lost = CheckReplacement(*old_chart, *new_chart, used);
  EXPECT_EQ(Lost(lost).size(), limits::kChartErrorsMax);
  EXPECT_THAT(std::string(MessageOf(lost.status())), testing::HasSubstr("300 objects"));
}

TEST(ReplacementTest, RefusesNumbersThatTheChartDoesNotHave) {
  const auto chart = SmallChart();
  const std::vector<ObjectInUse> used = {{chart->object_count(), 1}};
  EXPECT_EQ(CodeOf(CheckReplacement(*chart, *chart, used).status()), ErrorCode::kUnknownObject);
}

std::vector<std::string> Differences(const Chart& a, const Chart& b) {
  std::vector<std::string> out;
  for (const ObjectDifference& d : CompareCharts(a, b)) {
    out.push_back(std::string(NameOfDifference(d.difference)) + " " + d.label + ": " + d.was +
                  " -> " + d.is);
  }
  return out;
}

TEST(CompareChartsTest, TheSameChartHasNoDifferences) {
  EXPECT_THAT(Differences(*MakeChart(MixedDrawing()), *MakeChart(MixedDrawing())), IsEmpty());
}

TEST(CompareChartsTest, NamesEveryDifference) {
  Drawing drawing = MixedDrawing();
  DrawnSection& norte = drawing.sections[1];
  norte.rows[1].seats[0].category = "Q";
  norte.rows[1].seats[1].at.x += 1;
  norte.rows[1].seats[2].attributes = kCompanion | kPlusSize;
  norte.rows[1].seats[7].label = "9";
  norte.tables[1].max_people = 8;
  norte.areas[0].whole = false;
  drawing.areas[0].gate = "2";
  drawing.areas[1].label = "Palco 2";
  drawing.suites[1].label = "Pie 2";
  EXPECT_THAT(
      Differences(*MakeChart(MixedDrawing()), *MakeChart(drawing)),
      ElementsAre("category Norte-A-1: P -> Q", "moved Norte-A-2: -125, 300 -> -124, 300",
                  "attributes Norte-A-3:  -> companion plus-size", "removed Norte-A-8:  -> ",
                  "capacity Norte-T2: 3, for 2 to 3 -> 8, for 2 to 8",
                  "kind Palco 2: suite -> area", "category Palco 2: P -> G",
                  "capacity Palco 2: 8 -> 3", "sale Palco 2: whole -> by place",
                  "moved Palco 2: 0, 0 -> 766, 133", "sale Norte-GA1: whole -> by place",
                  "entry Pie 1: gate \"1\", zone \"n\" -> gate \"2\", zone \"n\"",
                  "kind Pie 2: area -> suite", "category Pie 2: G -> P", "capacity Pie 2: 3 -> 8",
                  "sale Pie 2: by place -> whole", "moved Pie 2: 766, 133 -> 0, 0",
                  "added Norte-A-9:  -> "));
}

}  // namespace
}  // namespace ticketing::seat
