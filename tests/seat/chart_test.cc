#include "ticketing/seat/chart.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

std::vector<std::string> Faults(const Drawing& drawing) {
  const StatusOr<Chart> chart = Chart::Build(drawing);
  if (chart.ok()) return {};
  EXPECT_EQ(CodeOf(chart.status()), ErrorCode::kChartInvalid);
  std::vector<std::string> faults;
  for (const FieldError& fault : DetailsOf(chart.status()).fields) {
    faults.push_back(fault.field + " " + fault.detail.substr(0, fault.detail.find(':')));
  }
  return faults;
}

TEST(ChartTest, NumbersTheNearestRowFirstThenSuitesThenAreas) {
  const auto chart = SmallChart();
  EXPECT_EQ(chart->seat_count(), 24u);
  EXPECT_EQ(chart->unit_count(), 26u);
  EXPECT_EQ(chart->object_count(), 28u);
  EXPECT_EQ(chart->object(0).label, "Norte-A-1");
  EXPECT_EQ(chart->object(7).label, "Norte-A-8");
  EXPECT_EQ(chart->object(8).label, "Norte-B-1");
  EXPECT_EQ(chart->object(18).label, "Sur-A-1");
  EXPECT_EQ(chart->object(24).label, "Palco 1");
  EXPECT_EQ(chart->object(24).kind, ObjectKind::kSuite);
  EXPECT_EQ(chart->object(24).capacity, 12u);
  EXPECT_EQ(chart->object(26).label, "Pie 1");
  EXPECT_EQ(chart->object(26).kind, ObjectKind::kArea);
  EXPECT_TRUE(chart->IsUnit(25));
  EXPECT_FALSE(chart->IsUnit(26));
}

TEST(ChartTest, ResolvesWhatAnObjectInherits) {
  const auto chart = SmallChart();
  const uint32_t seat = chart->Find("Norte-B-9").value();
  EXPECT_EQ(chart->category_of(seat).key, "Q");  // of the row, not the section
  EXPECT_EQ(chart->section_label_of(seat), "Norte");
  EXPECT_EQ(chart->row_label_of(seat), "B");
  EXPECT_EQ(chart->seat_label_of(seat), "9");
  EXPECT_EQ(chart->zone_of(seat), "n");
  EXPECT_EQ(chart->gate_of(seat), "1");
  EXPECT_EQ(chart->object(seat).attributes, kAccessible);
  EXPECT_EQ(chart->object(seat).at, (Point{175, 400}));
  EXPECT_EQ(chart->object(seat).distance, 436u);  // floor(sqrt(175^2 + 400^2))
  EXPECT_EQ(chart->category_of(chart->Find("Norte-A-1").value()).key, "P");
  EXPECT_EQ(chart->category_of(chart->Find("Sur-A-6").value()).key, "P");  // its own
  const uint32_t area = chart->Find("Pie 2").value();
  EXPECT_EQ(chart->gate_of(area), "2");
  EXPECT_EQ(chart->section_label_of(area), "");
}

TEST(ChartTest, RunsEndAtAislesAndRows) {
  const auto chart = SmallChart();
  std::vector<uint32_t> counts;
  for (const auto& run : chart->runs()) counts.push_back(run.count);
  EXPECT_THAT(counts, ElementsAre(8, 5, 5, 6));
  EXPECT_EQ(chart->run_of(12), 1u);
  EXPECT_EQ(chart->run_of(13), 2u);
}

TEST(ChartTest, FindsEveryLabelAndNoOther) {
  const auto chart = SmallChart();
  for (uint32_t i = 0; i < chart->object_count(); ++i) {
    EXPECT_EQ(chart->Find(chart->object(i).label), i);
  }
  EXPECT_EQ(chart->Find(""), std::nullopt);
  EXPECT_EQ(chart->Find("Norte-A-9"), std::nullopt);
  EXPECT_EQ(chart->Find("~"), std::nullopt);
}

TEST(ChartTest, StoredRanksWinOverDistances) {
  StatusOr<Chart> first = Chart::Build(SmallDrawing());
  ASSERT_TRUE(first.ok());
  Drawing drawing = first->drawing();
  EXPECT_EQ(drawing.sections[1].rows[1].rank, 0u);
  std::swap(drawing.sections[0].rows[0].rank, drawing.sections[1].rows[1].rank);
  const auto chart = MakeChart(drawing);
  EXPECT_EQ(chart->object(0).label, "Sur-A-1");
}

TEST(ChartTest, AZoneMayLookElsewhere) {
  Drawing drawing = SmallDrawing();
  drawing.zones[1].focal_point = Point{0, 950};
  const auto chart = MakeChart(drawing);
  EXPECT_EQ(chart->object(0).label, "Sur-A-1");
}

TEST(ChartTest, ACopyStandsAlone) {
  StatusOr<Chart> chart = Chart::Build(SmallDrawing());
  ASSERT_TRUE(chart.ok());
  const Chart copy = *chart;
  *chart = Chart::Build(SmallDrawing()).value();
  EXPECT_EQ(copy.Find("Norte-B-3"), 10u);
  EXPECT_EQ(copy.seat_label_of(10), "3");
}

TEST(ChartTest, NamesEveryFaultByItsPlace) {
  Drawing drawing = SmallDrawing();
  drawing.focal_point.reset();
  drawing.categories[1].color = "red";
  drawing.categories[2].key = "P";
  drawing.sections[1].rows[0].seats[3].category = "Z9";
  drawing.sections[1].rows[0].seats[4].label = "4";
  drawing.sections[1].gate = "99";
  drawing.sections[0].rows[0].seats[0].at.x = limits::kChartCoordinateMax + 1;
  drawing.suites[0].capacity = 0;
  drawing.areas[1].label = "Palco 2";
  drawing.areas[0].outline.pop_back();
  drawing.shapes[0].kind = "moon";
  EXPECT_THAT(Faults(drawing),
              testing::UnorderedElementsAre(
                  "focalPoint no-focal-point", "categories[1].color bad-color",
                  "categories[2].key duplicate-id",
                  "sections[1].rows[0].seats[3].category unknown-category",
                  "sections[1].rows[0].seats[4].label duplicate-label",
                  "sections[1].gate unknown-gate", "sections[0].rows[0].seats[0].at out-of-range",
                  "suites[0].capacity out-of-range", "areas[1].label duplicate-label",
                  "areas[0].outline bad-outline", "shapes[0].kind bad-kind",
                  // The key that was lost to the duplicate.
                  "areas[0].category unknown-category", "areas[1].category unknown-category"));
}

TEST(ChartTest, LabelsThatWouldLookAlikeAreRefused) {
  for (const std::string& label :
       {std::string("a\nb"), std::string("a\x7f"), std::string("\xe2\x80\xae") + "a",
        std::string("\xff"), std::string(" a"), std::string("a "), std::string("\xc2\x85"),
        std::string("a\0b", 3), std::string(limits::kLabelBytesMax + 1, 'x')}) {
    Drawing drawing = SmallDrawing();
    drawing.sections[0].label = label;
    EXPECT_THAT(Faults(drawing), Contains("sections[0].label bad-text")) << label;
  }
  Drawing drawing = SmallDrawing();
  drawing.sections[0].label = "Sección \"Ñ\" 🎸";
  EXPECT_THAT(Faults(drawing), ElementsAre());
}

TEST(ChartTest, AFullLabelHasALimitToo) {
  Drawing drawing = SmallDrawing();
  drawing.sections[0].label = std::string(97, 'x');
  EXPECT_THAT(Faults(drawing), Contains("sections[0].rows[0].seats[0].label bad-text"));
}

TEST(ChartTest, PartsOfLabelsMustNotMeet) {
  Drawing drawing = SmallDrawing();
  drawing.sections[0].label = "Norte-A";
  drawing.sections[0].rows[0].label = "x";
  drawing.sections[1].rows[1].label = "A-x";
  EXPECT_THAT(Faults(drawing), Contains("sections[1].rows[1].seats[0].label duplicate-label"));
}

TEST(ChartTest, RanksAreAPermutationOrAbsent) {
  Drawing drawing = SmallDrawing();
  drawing.sections[0].rows[0].rank = 0;
  EXPECT_THAT(Faults(drawing), ElementsAre("sections bad-rank"));
  drawing.sections[1].rows[0].rank = 0;
  drawing.sections[1].rows[1].rank = 7;
  EXPECT_THAT(Faults(drawing), ElementsAre("sections[1].rows[0].rank bad-rank",
                                           "sections[1].rows[1].rank bad-rank"));
}

TEST(ChartTest, NothingToSellIsAFault) {
  Drawing drawing = SmallDrawing();
  drawing.sections.clear();
  drawing.suites.clear();
  drawing.areas.clear();
  EXPECT_THAT(Faults(drawing), ElementsAre("sections no-objects"));
}

TEST(ChartTest, TooManySeatsAreRefusedWithoutNumberingThem) {
  Drawing drawing = SmallDrawing();
  drawing.sections.resize(1);
  drawing.sections[0].rows.clear();
  for (int r = 0; r < 201; ++r) {
    drawing.sections[0].rows.push_back(MakeRow(std::to_string(r), 0, r, 1000));
  }
  EXPECT_THAT(Faults(drawing), ElementsAre("sections too-many"));
  drawing.sections[0].rows.pop_back();
  EXPECT_THAT(Faults(drawing), ElementsAre());
}

TEST(ChartTest, ReportsAtMostTheLimitAndSaysSo) {
  Drawing drawing = SmallDrawing();
  drawing.sections[0].rows[0] = MakeRow("A", 0, 900, 300);
  for (DrawnSeat& seat : drawing.sections[0].rows[0].seats) seat.category = "none";
  const auto faults = DetailsOf(Chart::Build(drawing).status()).fields;
  ASSERT_EQ(faults.size(), limits::kChartErrorsMax + 1);
  EXPECT_EQ(faults.back().detail, "too-many: and 200 more");
}

}  // namespace
}  // namespace ticketing::seat
