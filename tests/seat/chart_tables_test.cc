// Tables, booths, areas in sections, and sections without a label.
#include <gmock/gmock.h>

#include <set>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/chart.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/seat/chart_svg.h"

namespace ticketing::seat {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Faults(const StatusOr<Chart>& chart) {
  std::vector<std::string> faults;
  for (const FieldError& fault : DetailsOf(chart.status()).fields) {
    faults.push_back(fault.field + " " + fault.detail.substr(0, fault.detail.find(':')));
  }
  return faults;
}
std::vector<std::string> Faults(const Drawing& drawing) {
  return Faults(Chart::Build(drawing));
}

TEST(ChartTablesTest, NumbersRowsTableSeatsTablesBoothsSuitesAreas) {
  const auto chart = MakeChart(MixedDrawing());
  std::vector<std::string> labels;
  for (uint32_t i = 24; i < chart->object_count(); ++i) {
    labels.push_back(std::string(NameOfKind(chart->object(i).kind)) + " " + chart->object(i).label);
  }
  EXPECT_THAT(labels, ElementsAre("seat A-1", "seat A-2", "seat Norte-T1-1", "seat Norte-T1-2",
                                  "seat Norte-T1-3", "seat Norte-T1-4", "seat Norte-T2-1",
                                  "seat Norte-T2-2", "seat Norte-T2-3", "seat T1-1", "seat T1-2",
                                  "table Norte-T1", "table Norte-T2", "table T1", "booth Norte-B1",
                                  "suite Palco 1", "suite Palco 2", "area Norte-GA1", "area Pie 1",
                                  "area Pie 2"));
  EXPECT_EQ(chart->row_seat_count(), 26u);
  EXPECT_EQ(chart->seat_count(), 35u);
  EXPECT_EQ(chart->table_count(), 3u);
  EXPECT_EQ(chart->unit_count(), 41u);
  EXPECT_EQ(chart->object_count(), 44u);
  for (uint32_t i = 0; i < chart->object_count(); ++i) {
    EXPECT_EQ(chart->Find(chart->object(i).label), i);
    EXPECT_EQ(chart->IsUnit(i), chart->object(i).kind != ObjectKind::kArea);
  }
}

TEST(ChartTablesTest, TheNumbersOfTheKindsStay) {
  EXPECT_EQ(static_cast<int>(ObjectKind::kSeat), 0);
  EXPECT_EQ(static_cast<int>(ObjectKind::kSuite), 1);
  EXPECT_EQ(static_cast<int>(ObjectKind::kArea), 2);
  EXPECT_EQ(static_cast<int>(ObjectKind::kTable), 3);
  EXPECT_EQ(static_cast<int>(ObjectKind::kBooth), 4);
}

TEST(ChartTablesTest, ATableKnowsItsSeatsAndTheyKnowIt) {
  const auto chart = MakeChart(MixedDrawing());
  const uint32_t table = chart->Find("Norte-T2").value();
  EXPECT_EQ(chart->seats_of_table(table), (TableSeats{30, 3}));
  EXPECT_EQ(chart->object(table).table, kNone);
  EXPECT_EQ(chart->row_label_of(table), "T2");
  EXPECT_EQ(chart->seat_label_of(table), "");
  const uint32_t seat = chart->Find("Norte-T2-3").value();
  EXPECT_EQ(chart->object(seat).table, table);
  EXPECT_EQ(chart->object(seat).row, kNone);
  EXPECT_EQ(chart->object(seat).place, 2u);
  EXPECT_EQ(chart->row_label_of(seat), "T2");
  EXPECT_EQ(chart->seat_label_of(seat), "3");
  EXPECT_EQ(chart->section_label_of(seat), "Norte");
  const uint32_t other = chart->Find("T1-1").value();
  EXPECT_EQ(chart->object(other).table, chart->Find("T1"));
  EXPECT_EQ(chart->section_label_of(other), "");
  EXPECT_EQ(chart->row_label_of(chart->Find("A-2").value()), "A");
}

TEST(ChartTablesTest, EveryTableIsOneRun) {
  const auto chart = MakeChart(MixedDrawing());
  std::vector<std::vector<uint32_t>> runs;
  for (const auto& run : chart->runs()) {
    if (run.row == kNone) runs.push_back({run.first, run.count});
  }
  EXPECT_THAT(runs, ElementsAre(ElementsAre(26, 4), ElementsAre(30, 3), ElementsAre(33, 2)));
  for (uint32_t seat = 0; seat < chart->seat_count(); ++seat) {
    const auto& run = chart->runs()[chart->run_of(seat)];
    EXPECT_GE(seat, run.first);
    EXPECT_LT(seat, run.first + run.count);
    EXPECT_EQ(run.row, chart->object(seat).row);
  }
}

TEST(ChartTablesTest, WhatIsInASectionInheritsFromIt) {
  const auto chart = MakeChart(MixedDrawing());
  const auto of = [&](std::string_view label) { return chart->Find(label).value(); };
  EXPECT_EQ(chart->category_of(of("Norte-T1")).key, "Q");
  EXPECT_EQ(chart->category_of(of("Norte-T1-1")).key, "Q");
  EXPECT_EQ(chart->category_of(of("Norte-T2-1")).key, "P");
  EXPECT_EQ(chart->category_of(of("Norte-B1")).key, "G");
  EXPECT_EQ(chart->category_of(of("Norte-GA1")).key, "P");
  EXPECT_EQ(chart->gate_of(of("Norte-T1-1")), "1");
  EXPECT_EQ(chart->gate_of(of("Norte-T2")), "2");
  EXPECT_EQ(chart->gate_of(of("Norte-T2-1")), "2");
  EXPECT_EQ(chart->gate_of(of("Norte-GA1")), "1");
  EXPECT_EQ(chart->zone_of(of("Norte-B1")), "n");
  EXPECT_EQ(chart->zone_of(of("T1")), "");
  EXPECT_EQ(chart->object(of("Norte-B1")).distance, 700u);
  EXPECT_EQ(chart->object(of("Norte-GA1")).at, (Point{0, 850}));
}

TEST(ChartTablesTest, SaysWhichPartyTakesAThingWhole) {
  Drawing drawing = MixedDrawing();
  DrawnArea& lounge = drawing.areas[0];
  lounge.whole = lounge.variable = true;
  lounge.max_people = 4;
  const auto chart = MakeChart(drawing);
  const auto of = [&](std::string_view label) { return chart->object(chart->Find(label).value()); };
  const auto party = [&](std::string_view label) {
    const Object o = of(label);
    return std::vector<uint32_t>{o.whole, o.variable, o.capacity, o.min_people, o.max_people};
  };
  EXPECT_THAT(party("Norte-T1"), ElementsAre(0, 0, 4, 4, 4));
  EXPECT_THAT(party("Norte-T2"), ElementsAre(1, 1, 3, 2, 3));
  EXPECT_THAT(party("Norte-B1"), ElementsAre(1, 0, 1, 1, 1));
  EXPECT_THAT(party("Norte-GA1"), ElementsAre(1, 0, 10, 10, 10));
  EXPECT_THAT(party("Pie 1"), ElementsAre(1, 1, 5, 1, 4));
  EXPECT_THAT(party("Pie 2"), ElementsAre(0, 0, 3, 3, 3));
  EXPECT_THAT(party("Palco 1"), ElementsAre(1, 0, 12, 12, 12));
  EXPECT_THAT(party("Norte-A-1"), ElementsAre(0, 0, 1, 1, 1));
}

TEST(ChartTablesTest, ATableMayTakeMorePeopleThanItHasSeats) {
  Drawing drawing = MixedDrawing();
  drawing.sections[1].tables[1].max_people = 8;
  const auto chart = MakeChart(drawing);
  EXPECT_EQ(chart->object(chart->Find("Norte-T2").value()).capacity, 8u);
}

TEST(ChartTablesTest, FullLabelsAreUniqueAcrossKinds) {
  Drawing drawing = MixedDrawing();
  DrawnSection& plain = drawing.sections[2];
  plain.rows[0].label = "T1";  // its seats and those of the table
  EXPECT_THAT(Faults(drawing), ElementsAre("sections[2].tables[0].seats[0].label duplicate-label",
                                           "sections[2].tables[0].seats[1].label duplicate-label"));
  drawing = MixedDrawing();
  drawing.sections[2].tables[0].label = "Norte-T1";
  EXPECT_THAT(Faults(drawing), testing::UnorderedElementsAre(
                                   "sections[2].tables[0].label duplicate-label",
                                   "sections[2].tables[0].seats[0].label duplicate-label",
                                   "sections[2].tables[0].seats[1].label duplicate-label"));
  drawing = MixedDrawing();
  drawing.sections[1].booths[0].label = "A-3";
  EXPECT_THAT(Faults(drawing), ElementsAre("sections[1].booths[0].label duplicate-label"));
  drawing = MixedDrawing();
  drawing.areas[0].label = "Norte-GA1";
  EXPECT_THAT(Faults(drawing), ElementsAre("areas[0].label duplicate-label"));
  drawing = MixedDrawing();
  drawing.sections[0].label = "";
  EXPECT_THAT(Faults(drawing), ElementsAre("sections[2].rows[0].seats[0].label duplicate-label",
                                           "sections[2].rows[0].seats[1].label duplicate-label"));
  drawing.sections[0].rows[0].label = "Z";  // two sections without a label are fine
  EXPECT_THAT(Faults(drawing), IsEmpty());
}

TEST(ChartTablesTest, WrongTablesBoothsAndAreasAreNamed) {
  Drawing drawing = MixedDrawing();
  DrawnSection& norte = drawing.sections[1];
  norte.tables[0].seats.clear();
  norte.tables[0].gate = "77";
  norte.tables[0].radius = -1;
  norte.tables[1].min_people = 4;
  norte.tables[1].seats[1].category = "Z";
  norte.tables[1].seats[2].gap_before = true;
  norte.booths[0].at.x = limits::kChartCoordinateMax + 1;
  norte.booths[0].width = limits::kChartCoordinateMax + 1;
  norte.areas[0].capacity = 0;
  drawing.sections[2].category = "";
  drawing.areas[0].variable = true;
  drawing.areas[1].max_people = 2;
  EXPECT_THAT(
      Faults(drawing),
      testing::UnorderedElementsAre(
          "sections[1].tables[0].seats empty-table", "sections[1].tables[0].gate unknown-gate",
          "sections[1].tables[0].radius out-of-range",
          "sections[1].tables[1].minPeople bad-occupancy",
          "sections[1].tables[1].seats[1].category unknown-category",
          "sections[1].tables[1].seats[2].gap bad-gap", "sections[1].booths[0].at out-of-range",
          "sections[1].booths[0].width out-of-range", "sections[1].areas[0].capacity out-of-range",
          "sections[2].rows[0].seats[0].category no-category",
          "sections[2].rows[0].seats[1].category no-category",
          "sections[2].tables[0].category no-category", "areas[0].variable bad-occupancy",
          "areas[1].maxPeople bad-occupancy"));
}

TEST(ChartTablesTest, PartiesHaveLimits) {
  Drawing drawing = MixedDrawing();
  DrawnTable& table = drawing.sections[1].tables[1];
  table.min_people = -3;
  table.max_people = limits::kAreaCapacityMax + 1;
  drawing.areas[0].whole = drawing.areas[0].variable = true;
  drawing.areas[0].max_people = drawing.areas[0].capacity + 1;
  EXPECT_THAT(Faults(drawing), ElementsAre("sections[1].tables[1].minPeople out-of-range",
                                           "sections[1].tables[1].maxPeople out-of-range",
                                           "areas[0].maxPeople out-of-range"));
}

TEST(ChartTablesTest, LabelsMayBeAnyTextWithinTheLimit) {
  Drawing drawing = MixedDrawing();
  drawing.sections[1].tables[0].label = "Mesa \"Ñandú\" 🎸 <b>&";
  drawing.sections[1].booths[0].label = "it's; DROP TABLE seats";
  const auto chart = MakeChart(drawing);
  const auto back = ParseChart(ToJson(*chart));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(back->Find("Norte-Mesa \"Ñandú\" 🎸 <b>&-1").has_value());
  EXPECT_THAT(ToSvg(*chart), HasSubstr("Norte-Mesa &quot;Ñandú&quot; 🎸 &lt;b&gt;&amp;"));
  drawing.sections[1].tables[0].label = std::string(1'000, 'x');
  drawing.sections[1].areas[0].label = "a\nb";
  EXPECT_THAT(Faults(drawing), Contains("sections[1].tables[0].label bad-text"));
  EXPECT_THAT(Faults(drawing), Contains("sections[1].areas[0].label bad-text"));
  drawing.sections[1].tables[0].label = std::string(limits::kLabelBytesMax, 'x');
  EXPECT_THAT(Faults(drawing), Contains("sections[1].tables[0].seats[0].label bad-text"));
}

TEST(ChartTablesTest, WhatIsWrittenReadsBackTheSame) {
  const auto chart = MakeChart(MixedDrawing());
  const std::string text = ToJson(*chart);
  const StatusOr<Chart> back = ParseChart(text);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->drawing(), chart->drawing());
  EXPECT_EQ(ToJson(*back), text);
  EXPECT_THAT(text, HasSubstr(R"({"label": "T2", "gate": "2", "at": [300, 600], "radius": 60, )"
                              R"("whole": true, "variable": true, "minPeople": 2, "seats": [)"));
}

TEST(ChartTablesTest, ABoothAloneMakesAChart) {
  const StatusOr<Chart> chart =
      ParseChart(R"({"format": "ticketing-chart/1", "name": "Fair", "focalPoint": [0, 0],
      "categories": [{"key": "A", "name": "A", "color": "#000000"}],
      "sections": [{"label": "", "booths": [{"label": "1", "at": [0, 0], "category": "A"}]}]})");
  ASSERT_TRUE(chart.ok()) << chart.status();
  EXPECT_EQ(chart->object(0).label, "1");
  EXPECT_EQ(chart->unit_count(), 1u);
}

TEST(ChartTablesTest, AFileNamesItsFaultsToo) {
  const StatusOr<Chart> chart =
      ParseChart(R"({"format": "ticketing-chart/1", "name": "Fair", "focalPoint": [0, 0],
      "categories": [{"key": "A", "name": "A", "color": "#000000"}],
      "sections": [{"category": "A", "tables": [
          {"label": "", "at": [0, 0], "seats": []},
          {"label": "2", "at": [0, 0], "whole": 1, "minPeople": 0,
           "seats": [{"label": "1", "at": [0, 0], "gap": true}]}],
        "booths": [{"label": "1", "at": [0, 0], "width": 1.5, "seats": 3}],
        "areas": [{"label": "G"}]}]})");
  EXPECT_THAT(
      Faults(chart),
      testing::UnorderedElementsAre(
          "sections[0].tables[0].label bad-text", "sections[0].tables[0].seats empty-table",
          "sections[0].tables[1].whole wrong-type", "sections[0].tables[1].minPeople out-of-range",
          "sections[0].tables[1].seats[0].gap unknown-field",
          "sections[0].booths[0].width wrong-type", "sections[0].booths[0].seats unknown-field",
          "sections[0].areas[0].capacity missing-field"));
}

TEST(ChartTablesTest, AFaultyLabelOfASectionIsNotReadAsNone) {
  const StatusOr<Chart> chart =
      ParseChart(R"({"format": "ticketing-chart/1", "name": "Fair", "focalPoint": [0, 0],
      "categories": [{"key": "A", "name": "A", "color": "#000000"}],
      "sections": [{"category": "A", "booths": [{"label": "1", "at": [0, 0]}]},
        {"label": 7, "category": "A", "booths": [{"label": "1", "at": [0, 0]}]}]})");
  EXPECT_THAT(Faults(chart), ElementsAre("sections[1].label wrong-type"));
}

TEST(ChartTablesTest, ThePictureHasTablesBoothsAndAreas) {
  const std::string svg = ToSvg(*MakeChart(MixedDrawing()));
  EXPECT_THAT(svg, HasSubstr("<circle cx=\"-300\" cy=\"600\" r=\"60\" fill=\"#445566\" "
                             "fill-opacity=\".35\"><title>Norte-T1</title></circle>"));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"-150\" y=\"600\" width=\"300\" height=\"200\" "
                             "fill=\"#778899\" fill-opacity=\".35\"><title>Norte-B1</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>GA1</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>Pie 2</title>"));
}

// As many objects as a chart may have, in one section. Quadratic work would take minutes.
TEST(ChartTablesTest, ALargeChartIsBuiltAndReadInSeconds) {
  Drawing drawing = MixedDrawing();
  DrawnSection& section = drawing.sections[2];
  section.tables.clear();
  for (int i = 0; i < 18'000; ++i) {
    section.tables.push_back(MakeTable("M" + std::to_string(i), i, 3'000, 10));
  }
  for (int i = 0; i < 19'000; ++i) {
    DrawnBooth booth;
    booth.label = "S" + std::to_string(i);
    section.booths.push_back(booth);
  }
  const auto chart = MakeChart(drawing);
  EXPECT_EQ(chart->object_count(), 217'041u);
  const StatusOr<Chart> back = ParseChart(ToJson(*chart));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->drawing(), chart->drawing());
}

TEST(ChartTablesTest, TooManyTablesAreRefused) {
  Drawing drawing = MixedDrawing();
  for (size_t i = 0; i < limits::kTablesPerChartMax; ++i) {
    drawing.sections[2].tables.push_back(MakeTable("M" + std::to_string(i), 0, 0, 1));
  }
  EXPECT_THAT(Faults(drawing), ElementsAre("sections too-many"));
  drawing = MixedDrawing();
  drawing.sections[2].tables[0] = MakeTable("T1", 0, 0, limits::kSeatsPerTableMax + 1);
  EXPECT_THAT(Faults(drawing), ElementsAre("sections[2].tables[0].seats too-many"));
}

}  // namespace
}  // namespace ticketing::seat
