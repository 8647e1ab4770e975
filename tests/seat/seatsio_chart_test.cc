#include "ticketing/seat/seatsio_chart.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/seat/description.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Slurp(const std::string& name) {
  std::ifstream file(std::string(TICKETING_SOURCE_DIR) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

SeatsioChart Import(std::string_view text) {
  StatusOr<SeatsioChart> chart = ParseSeatsioChart(text);
  EXPECT_TRUE(chart.ok()) << chart.status();
  return chart.ok() ? *std::move(chart) : SeatsioChart();
}
SeatsioChart File(const std::string& name) {
  return Import(Slurp("tests/seat/charts/" + name));
}

const SeatsioObject& Find(const SeatsioChart& chart, std::string_view label) {
  static const SeatsioObject kMissing;
  for (const SeatsioObject& object : chart.objects) {
    if (object.label == label) return object;
  }
  ADD_FAILURE() << "no " << label;
  return kMissing;
}

std::vector<std::string> Parts(const SeatsioName& name) {
  return {name.label, name.id, name.type};
}

// Code, severity and objects of each finding, as text.
std::vector<std::string> Findings(const SeatsioChart& chart) {
  std::vector<std::string> out;
  for (const Finding& finding : chart.findings) {
    std::string text = finding.code + (finding.severity == Severity::kError ? "!" : "");
    for (const std::string& object : finding.objects) text += " [" + object + "]";
    EXPECT_EQ(finding.count, finding.objects.size());
    EXPECT_FALSE(finding.message.empty());
    out.push_back(text);
  }
  return out;
}

TEST(SeatsioChartTest, ReadsAChartOfRowsAndAreas) {
  const SeatsioChart chart = File("simple.json");
  EXPECT_EQ(chart.name, "Simple");
  EXPECT_EQ(chart.venue, SeatsioVenue::kSimple);
  EXPECT_TRUE(chart.supports_best_available);
  EXPECT_EQ(chart.objects.size(), 34u);
  ASSERT_EQ(chart.categories.size(), 3u);
  EXPECT_EQ(chart.categories[0].key, "9");
  EXPECT_TRUE(chart.categories[0].number);
  EXPECT_EQ(chart.categories[2].key, "string11");
  EXPECT_FALSE(chart.categories[2].number);
  const auto ours = MakeChart(chart.drawing);
  EXPECT_EQ(ours->seat_count(), 32u);
  EXPECT_EQ(ours->object_count(), 34u);
  EXPECT_EQ(ours->object(ours->Find("A-7").value()).attributes, kAccessible);
  EXPECT_EQ(ours->category_of(ours->Find("C-1").value()).key, "10");
  EXPECT_EQ(ours->object(ours->Find("A-1").value()).at, (Point{13925, 8206}));
  EXPECT_EQ(ours->drawing().focal_point, (Point{22500, 3323}));
  EXPECT_EQ(ours->object(0).label, "A-1");
  EXPECT_EQ(ours->drawing().shapes.size(), 1u);
  EXPECT_EQ(ours->drawing().shapes[0].kind, "stage");
  const Object& ga = ours->object(ours->Find("GA1").value());
  EXPECT_EQ(ga.kind, ObjectKind::kArea);
  EXPECT_EQ(ga.capacity, 100u);
  EXPECT_TRUE(ga.whole && ga.variable);
  EXPECT_EQ(ga.min_people, 2u);
  EXPECT_EQ(ga.max_people, 100u);
  EXPECT_EQ(ga.at, (Point{9000, 26000}));
}

TEST(SeatsioChartTest, DistancesHaveTheirLastBit) {
  const SeatsioChart chart = File("simple.json");
  EXPECT_EQ(Find(chart, "A-1").distance, 98.67842540608864);
}

TEST(SeatsioChartTest, SaysWhatTheApiSaysOfASeat) {
  const SeatsioChart chart = File("simple.json");
  const SeatsioObject& seat = Find(chart, "B-3");
  EXPECT_THAT(Parts(seat.own), ElementsAre("3", "3", "seat"));
  EXPECT_THAT(Parts(seat.parent), ElementsAre("B", "B", "row"));
  EXPECT_EQ(seat.section_id, "");
  EXPECT_EQ(chart.objects[seat.left].label, "B-2");
  EXPECT_EQ(chart.objects[seat.right].label, "B-4");
  EXPECT_EQ(Find(chart, "B-1").left, kNone);
  EXPECT_EQ(Find(chart, "B-8").right, kNone);
  EXPECT_EQ(seat.x, 183.25);
  EXPECT_EQ(seat.floor, kNone);
  EXPECT_EQ(chart.categories[seat.category].label, "Cat1");
  EXPECT_THAT(Parts(Find(chart, "GA2").own), ElementsAre("GA2", "GA2", "generalAdmission"));
  EXPECT_EQ(Find(chart, "GA2").parent.type, "");
  EXPECT_EQ(Find(chart, "GA1").max_people, 0);
}

TEST(SeatsioChartTest, ReadsTablesAndBooths) {
  const SeatsioChart chart = File("tables.json");
  EXPECT_THAT(Findings(chart), ElementsAre("VALIDATE_OBJECT_TYPES_PER_CATEGORY [string11]"));
  const SeatsioObject& table = Find(chart, "T1");
  EXPECT_THAT(Parts(table.own), ElementsAre("Table one", "T1", "table"));
  EXPECT_EQ(table.displayed_type, "bench");
  EXPECT_EQ(table.seats, 6u);
  EXPECT_FALSE(table.whole);
  EXPECT_TRUE(Find(chart, "T2").whole);
  const SeatsioObject& seat = Find(chart, "T1-3");
  EXPECT_THAT(Parts(seat.parent), ElementsAre("Table one", "T1", "table"));
  EXPECT_EQ(seat.parent_displayed_type, "bench");
  EXPECT_EQ(chart.objects[seat.table].label, "T1");
  EXPECT_EQ(seat.left, kNone);
  EXPECT_EQ(Find(chart, "B1").displayed_type, "stall");
  const auto ours = MakeChart(chart.drawing);
  EXPECT_EQ(ours->seat_count(), 18u);
  EXPECT_EQ(ours->table_count(), 3u);
  const Object& variable = ours->object(ours->Find("T3").value());
  EXPECT_TRUE(variable.whole && variable.variable);
  EXPECT_EQ(variable.min_people, 2u);
  EXPECT_EQ(variable.max_people, 8u);
  EXPECT_EQ(ours->object(ours->Find("B1").value()).kind, ObjectKind::kBooth);
  EXPECT_EQ(ours->category_of(ours->Find("T3-2").value()).key, "string11");
}

TEST(SeatsioChartTest, SectionsPrefixLabelsAndPassOnWhatTheyHave) {
  const SeatsioChart chart = File("sections.json");
  EXPECT_EQ(chart.venue, SeatsioVenue::kSectionsAndFloors);
  EXPECT_EQ(chart.objects.size(), 36u + 35 + 2);
  const SeatsioObject& seat = Find(chart, "Section A-2-3");
  EXPECT_EQ(seat.section_id, "Section A");
  EXPECT_EQ(seat.section_label, "Stalls");
  EXPECT_EQ(seat.entrance, "Entrance 1");
  EXPECT_EQ(seat.x, 70);
  EXPECT_EQ(seat.y, 72.5);
  EXPECT_EQ(chart.categories[seat.category].key, "9");
  EXPECT_EQ(Find(chart, "Z-1").entrance, "Side door");
  EXPECT_THAT(Parts(Find(chart, "Z-1").parent), ElementsAre("Row Z", "Z", "row"));
  const auto ours = MakeChart(chart.drawing);
  const uint32_t number = ours->Find("Section B-5-7").value();
  EXPECT_EQ(ours->gate_of(number), "Entrance 2");
  EXPECT_EQ(ours->object(number).at, (Point{35050, 13275}));
  EXPECT_EQ(ours->gate_of(ours->Find("Z-2").value()), "Side door");
  const uint32_t section = ours->FindSection("Section A").value();
  EXPECT_EQ(ours->drawing().sections[section].name, "Stalls");
  EXPECT_EQ(ours->drawing().sections[section].outline.front(), (Point{2000, 4000}));
}

TEST(SeatsioChartTest, ReadsFloors) {
  const SeatsioChart chart = File("floors.json");
  ASSERT_EQ(chart.floors.size(), 3u);
  EXPECT_EQ(chart.floors[1].name, "2");
  EXPECT_EQ(chart.floors[1].display_name, "Floor 2");
  EXPECT_EQ(Find(chart, "S1-A-1").floor, 0u);
  EXPECT_EQ(Find(chart, "S2-B-2").floor, 1u);
  EXPECT_THAT(Findings(chart), ElementsAre("VALIDATE_EMPTY_FLOOR [3]"));
  const auto ours = MakeChart(chart.drawing);
  EXPECT_EQ(ours->drawing().sections[1].level, "2");
  EXPECT_EQ(ours->drawing().levels[1].name, "Floor 2");
}

TEST(SeatsioChartTest, ZonesHaveFocalPointsOfTheirOwn) {
  const SeatsioChart chart = File("zones.json");
  EXPECT_EQ(chart.venue, SeatsioVenue::kZones);
  EXPECT_TRUE(chart.supports_best_available);
  const SeatsioObject& seat = Find(chart, "Mid-1-5");
  EXPECT_EQ(chart.zones[seat.zone].key, "midtrack");
  EXPECT_EQ(seat.distance, std::sqrt(double{20 * 20 + 52.5 * 52.5}));
  const auto ours = MakeChart(chart.drawing);
  EXPECT_EQ(ours->zone_of(ours->Find("Goal-1-1").value()), "finishline");
  EXPECT_EQ(ours->object(ours->Find("Mid-1-5").value()).distance, 5618u);
}

TEST(SeatsioChartTest, KeepsFaultyChartsAndSaysWhatIsWrong) {
  const SeatsioChart chart = File("faulty.json");
  EXPECT_THAT(Findings(chart),
              testing::UnorderedElementsAre(
                  "VALIDATE_FOCAL_POINT [Faulty]", "VALIDATE_DUPLICATE_LABELS! [A-1] [A-1]",
                  "VALIDATE_UNLABELED_OBJECTS! [A-?] [row ?]",
                  "VALIDATE_OBJECTS_WITHOUT_CATEGORIES! [A-2] [A-3] [T9]", "bad-label! [B -1]",
                  "no-capacity! [GA]", "VALIDATE_OBJECT_TYPES_PER_CATEGORY [9]"));
  EXPECT_FALSE(chart.supports_best_available);
  EXPECT_EQ(chart.objects.size(), 13u);
  std::vector<std::string> bookable;
  for (const SeatsioObject& object : chart.objects) {
    if (object.bookable) bookable.push_back(object.label);
  }
  EXPECT_THAT(bookable, ElementsAre("A-1", "GA1"));
  const auto ours = MakeChart(chart.drawing);
  EXPECT_EQ(ours->object_count(), 2u);
  EXPECT_EQ(ours->object(0).label, "A-1");
}

// Whatever is marked as bookable is in the chart, and nothing else.
TEST(SeatsioChartTest, TheDrawingHasExactlyWhatIsBookable) {
  for (const char* name : {"simple.json", "tables.json", "sections.json", "floors.json",
                           "zones.json", "faulty.json"}) {
    const SeatsioChart chart = File(name);
    const auto ours = MakeChart(chart.drawing);
    uint32_t bookable = 0;
    for (const SeatsioObject& object : chart.objects) {
      if (!object.bookable) continue;
      ++bookable;
      const auto found = ours->Find(object.label);
      ASSERT_TRUE(found) << object.label;
      EXPECT_EQ(ours->object(*found).kind, object.kind) << object.label;
      EXPECT_EQ(ours->object(*found).attributes, object.attributes) << object.label;
      EXPECT_EQ(ours->category_of(*found).key, chart.categories[object.category].key);
      EXPECT_NEAR(ours->object(*found).at.x, object.x * 100, 1) << object.label;
      EXPECT_NEAR(ours->object(*found).at.y, object.y * 100, 1) << object.label;
    }
    EXPECT_EQ(ours->object_count(), bookable) << name;
  }
}

TEST(SeatsioChartTest, AnEmptyChartIsAChart) {
  const SeatsioChart chart = Import("{}");
  EXPECT_EQ(chart.venue, SeatsioVenue::kSimple);
  EXPECT_THAT(chart.objects, IsEmpty());
  EXPECT_FALSE(Chart::Build(chart.drawing).ok());
  const StatusOr<Chart> ours = Chart::Build(chart.drawing, Chart::kMayBeEmpty);
  ASSERT_TRUE(ours.ok()) << ours.status();
  EXPECT_EQ(ours->object_count(), 0u);
  EXPECT_EQ(ours->name(), "Untitled chart");
}

TEST(SeatsioChartTest, AFakeSectionOfARowIsASection) {
  const SeatsioChart chart = Import(
      R"({"categories": {"list": [{"key": 1, "label": "A", "color": "red"}]},
          "subChart": {"focalPoint": {"x": 0, "y": 0}, "rows": [
            {"label": "A", "sectionLabel": "Box", "sectionDisplayedLabel": "The box",
             "seats": [{"label": "1", "x": 1, "y": 2, "categoryKey": 1}]}]}})");
  EXPECT_EQ(chart.objects[0].label, "Box-A-1");
  EXPECT_EQ(chart.objects[0].section_label, "The box");
  EXPECT_TRUE(MakeChart(chart.drawing)->Find("Box-A-1"));
}

TEST(SeatsioChartTest, SectionsWithOneLabelBecomeOne) {
  std::string text = Slurp("tests/seat/charts/floors.json");
  const size_t at = text.find("\"S2\"");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 4, "\"S1\"");
  const SeatsioChart chart = Import(text);
  const auto ours = MakeChart(chart.drawing);
  EXPECT_TRUE(ours->Find("S1-A-1"));
  EXPECT_TRUE(ours->Find("S1-B-1"));
}

TEST(SeatsioChartTest, VeryLargeDrawingsGetACoarserGrid) {
  const SeatsioChart chart = Import(
      R"({"categories": {"list": [{"key": 1}]}, "subChart": {"rows": [{"label": "A", "seats": [
           {"label": "1", "x": 20000, "y": 0, "categoryKey": 1}]}]}})");
  EXPECT_EQ(chart.scale, 10);
  EXPECT_EQ(MakeChart(chart.drawing)->object(0).at, (Point{200'000, 0}));
}

TEST(SeatsioChartTest, PartiesThatCannotBeAreMended) {
  const SeatsioChart chart = Import(
      R"({"categories": {"list": [{"key": 1}]}, "subChart": {"generalAdmissionAreas": [
           {"label": "G", "categoryKey": 1, "capacity": 10, "bookAsAWhole": true, "variableOccupancy": true,
            "minOccupancy": 20, "maxOccupancy": 30}]}})");
  EXPECT_EQ(chart.findings.back().code, "bad-occupancy");
  const auto ours = MakeChart(chart.drawing);
  const Object& area = ours->object(0);
  EXPECT_EQ(area.min_people, 10u);
  EXPECT_EQ(area.max_people, 10u);
}

// --- Hostile files ---

struct BadFile {
  std::string name, text, field, code;
  friend void PrintTo(const BadFile& bad, std::ostream* out) { *out << bad.name; }
};
class BadSeatsioTest : public testing::TestWithParam<BadFile> {};

TEST_P(BadSeatsioTest, NamesThePlace) {
  const StatusOr<SeatsioChart> chart = ParseSeatsioChart(GetParam().text);
  ASSERT_EQ(CodeOf(chart.status()), ErrorCode::kChartInvalid);
  const auto faults = DetailsOf(chart.status()).fields;
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults[0].field, GetParam().field);
  EXPECT_EQ(faults[0].detail.substr(0, faults[0].detail.find(':')), GetParam().code);
}

std::string Row(std::string_view seats) {
  return R"({"subChart": {"rows": [{"label": "A", "seats": )" + std::string(seats) + "}]}}";
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadSeatsioTest,
    testing::Values(
        BadFile{"Empty", "", "", "bad-syntax"}, BadFile{"List", "[]", "", "wrong-type"},
        BadFile{"Truncated", R"({"subChart": {"rows": [{"lab)", "subChart.rows[0]", "bad-syntax"},
        BadFile{"NotUtf8", "{\"name\": \"\xff\"}", "", "bad-syntax"},
        BadFile{"Deep", R"({"unknown": )" + std::string(100'000, '['), "", "too-deep"},
        BadFile{"DeepKnown", R"({"subChart": )" + std::string(100'000, '['),
                "subChart[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]", "too-deep"},
        BadFile{"Rows", R"({"subChart": {"rows": 3}})", "subChart.rows", "wrong-type"},
        BadFile{"RowNull", R"({"subChart": {"rows": [null]}})", "subChart.rows[0]", "wrong-type"},
        BadFile{"Label", Row(R"([{"label": 1}])"), "subChart.rows[0].seats[0].label", "wrong-type"},
        BadFile{"X", Row(R"([{"label": "1", "x": "1"}])"), "subChart.rows[0].seats[0].x",
                "wrong-type"},
        BadFile{"FarX", Row(R"([{"label": "1", "x": 1e300}])"), "subChart.rows[0].seats[0].x",
                "out-of-range"},
        BadFile{"HugeX", Row(R"([{"label": "1", "x": 1e999}])"), "subChart.rows[0].seats[0].x",
                "out-of-range"},
        BadFile{"NaN", Row(R"([{"label": "1", "x": NaN}])"), "subChart.rows[0].seats[0].x",
                "bad-syntax"},
        BadFile{"Flag", Row(R"([{"label": "1", "accessible": 1}])"),
                "subChart.rows[0].seats[0].accessible", "wrong-type"},
        BadFile{"Category", Row(R"([{"label": "1", "categoryKey": 1.5}])"),
                "subChart.rows[0].seats[0].categoryKey", "wrong-type"},
        BadFile{"Twice", Row(R"([{"label": "1", "label": "2"}])"),
                "subChart.rows[0].seats[0].label", "duplicate-key"},
        BadFile{"NoKey", R"({"categories": {"list": [{"label": "A"}]}})", "categories.list[0].key",
                "missing-field"},
        BadFile{"Capacity",
                R"({"subChart": {"generalAdmissionAreas": [{"label": "G", "capacity": -1}]}})",
                "subChart.generalAdmissionAreas[0].capacity", "out-of-range"},
        BadFile{"HugeCapacity",
                R"({"subChart": {"generalAdmissionAreas": [{"label": "G", "capacity": 1e18}]}})",
                "subChart.generalAdmissionAreas[0].capacity", "wrong-type"},
        BadFile{"Section",
                R"({"subChart": {"sections": [{"label": "S", "subChart": {"tables": [7]}}]}})",
                "subChart.sections[0].subChart.tables[0]", "wrong-type"}),
    [](const auto& test) { return test.param.name; });

TEST(SeatsioChartTest, UnknownFieldsMayHoldAnything) {
  const SeatsioChart chart = Import(
      R"({"a": [[[[[[{"label": 1, "label": 2}]]]]]], "name": "N", "b": {"rows": {"x": null}},
          "subChart": {"texts": [{"points": 3}], "shapes": [{"points": 3}, 4]}})");
  EXPECT_EQ(chart.name, "N");
}

TEST(SeatsioChartTest, RefusesWhatIsTooLargeBeforeReadingIt) {
  EXPECT_EQ(CodeOf(ParseSeatsioChart(std::string(limits::kChartBodyBytesMax + 1, ' ')).status()),
            ErrorCode::kPayloadTooLarge);
}

TEST(SeatsioChartTest, FindingsAreBoundedAndCounted) {
  std::string seats = "[";
  for (int i = 0; i < 300; ++i) seats += std::string(i == 0 ? "" : ",") + R"({"label": "?"})";
  const SeatsioChart chart = Import(Row(seats + "]"));
  for (const Finding& finding : chart.findings) {
    if (finding.code != "VALIDATE_UNLABELED_OBJECTS") continue;
    EXPECT_EQ(finding.objects.size(), limits::kChartErrorsMax);
    EXPECT_EQ(finding.count, 300u);
    return;
  }
  FAIL();
}

// --- There and back ---

// What survives the way there and back, by label.
std::map<std::string, std::string> Essence(const Chart& chart) {
  std::map<std::string, std::string> out;
  for (uint32_t i = 0; i < chart.object_count(); ++i) {
    const Object& o = chart.object(i);
    std::string text(NameOfKind(o.kind));
    for (const int64_t number :
         {int64_t{o.at.x}, int64_t{o.at.y}, int64_t{o.attributes}, int64_t{o.capacity},
          int64_t{o.min_people}, int64_t{o.max_people}, int64_t{o.whole}, int64_t{o.variable}}) {
      text += " " + std::to_string(number);
    }
    text += " " + chart.category_of(i).key + " " + chart.category_of(i).name;
    text += " " + std::string(chart.section_label_of(i)) + "/" +
            std::string(chart.row_label_of(i)) + "/" + std::string(chart.seat_label_of(i));
    out[o.label] = text;
  }
  return out;
}

// Pairs of seats that sit side by side.
std::set<std::string> Neighbours(const Chart& chart) {
  std::set<std::string> out;
  for (const Run& run : chart.runs()) {
    for (uint32_t i = 1; i < run.count; ++i) {
      out.insert(chart.object(run.first + i - 1).label + "|" + chart.object(run.first + i).label);
    }
  }
  return out;
}

void ExpectSurvives(const Chart& chart) {
  const SeatsioChart back = Import(ToSeatsioChart(chart));
  EXPECT_EQ(back.scale, 100);
  for (const Finding& finding : back.findings) {
    EXPECT_EQ(finding.severity, Severity::kWarning) << finding.code << finding.objects[0];
  }
  const StatusOr<Chart> ours = Chart::Build(back.drawing);
  ASSERT_TRUE(ours.ok()) << ours.status();
  EXPECT_EQ(Essence(*ours), Essence(chart));
  EXPECT_EQ(Neighbours(*ours), Neighbours(chart));
  EXPECT_EQ(ours->drawing().focal_point, chart.drawing().focal_point);
}

TEST(SeatsioExportTest, TheStadiumSurvives) {
  const StatusOr<Drawing> drawing = ParseDescription(Slurp("examples/stadium/stadium.json"));
  ASSERT_TRUE(drawing.ok());
  ExpectSurvives(Chart::Build(*drawing).value());
}

TEST(SeatsioExportTest, OurTestChartsSurvive) {
  ExpectSurvives(*MakeChart(MixedDrawing()));
  for (const char* name : {"simple.json", "tables.json", "sections.json", "zones.json"}) {
    ExpectSurvives(*MakeChart(File(name).drawing));
  }
}

// A chart of everything that a seed says.
Drawing RandomDrawing(uint64_t seed) {
  Sequence random(seed);
  Drawing d = SmallDrawing();
  d.suites.clear();
  d.areas.clear();
  d.sections.clear();
  d.categories.push_back({"17", "Number", "#000000"});
  d.categories.push_back({"007", "Not a number", "#000000"});
  const auto category = [&] { return d.categories[random.Below(5)].key; };
  const auto at = [&] {
    return Point{static_cast<int32_t>(random.Below(2'000'001)) - 1'000'000,
                 static_cast<int32_t>(random.Below(2'000'001)) - 1'000'000};
  };
  int next = 0;
  const auto label = [&] {
    static const char* const kTexts[] = {"A", "\"q\"", "\\", "Ñ", "🎸", "<b>", "a/b", "x y"};
    return kTexts[random.Below(8)] + std::to_string(next++);
  };
  const auto seats = [&](std::vector<DrawnSeat>& out, bool gaps) {
    for (uint32_t i = 0; i <= random.Below(6); ++i) {
      DrawnSeat seat;
      seat.label = label();
      seat.at = at();
      if (random.Chance(50)) seat.category = category();
      seat.attributes = random.Chance(30) ? static_cast<uint16_t>(random.Below(256)) : 0;
      seat.gap_before = gaps && i > 0 && random.Chance(20);
      out.push_back(seat);
    }
  };
  const auto area = [&] {
    DrawnArea out;
    out.label = label();
    out.category = category();
    out.capacity = 1 + random.Below(300);
    out.outline = {at(), at(), at()};
    out.variable = random.Chance(30);
    out.whole = out.variable || random.Chance(30);
    if (out.variable && random.Chance(50)) out.min_people = 1;
    if (out.variable && random.Chance(50)) out.max_people = out.capacity;
    return out;
  };
  for (uint32_t s = 0; s <= random.Below(4); ++s) {
    DrawnSection section;
    if (random.Chance(70)) section.label = label();
    section.category = category();
    if (random.Chance(50)) section.gate = "2";
    if (random.Chance(50)) section.zone = "n";
    if (random.Chance(50)) section.outline = {at(), at(), at(), at()};
    for (uint32_t i = 0; i < random.Below(4); ++i) {
      DrawnRow row;
      row.label = label();
      if (random.Chance(50)) row.category = category();
      seats(row.seats, true);
      section.rows.push_back(row);
    }
    for (uint32_t i = 0; i < random.Below(4); ++i) {
      DrawnTable table = MakeTable(label(), at().x / 2, at().y / 2, 0);
      if (random.Chance(50)) table.category = category();
      table.variable = random.Chance(30);
      table.whole = table.variable || random.Chance(30);
      if (table.variable) table.max_people = 1 + random.Below(12);
      if (random.Chance(30)) table.gate = "1";
      seats(table.seats, false);
      section.tables.push_back(table);
    }
    for (uint32_t i = 0; i < random.Below(3); ++i) {
      DrawnBooth booth;
      booth.label = label();
      booth.at = at();
      if (random.Chance(50)) booth.category = category();
      section.booths.push_back(booth);
    }
    for (uint32_t i = 0; i < random.Below(3); ++i) section.areas.push_back(area());
    d.sections.push_back(section);
  }
  for (uint32_t i = 0; i <= random.Below(3); ++i) d.areas.push_back(area());
  for (uint32_t i = 0; i < random.Below(3); ++i) {
    d.suites.push_back(area());
    d.suites.back().whole = false;
  }
  return d;
}

TEST(SeatsioExportTest, GeneratedChartsSurvive) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    ExpectSurvives(*MakeChart(RandomDrawing(seed)));
    if (HasFailure()) return;
  }
}

TEST(SeatsioExportTest, OurFilesHoldGeneratedChartsToo) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const auto chart = MakeChart(RandomDrawing(seed));
    const StatusOr<Chart> back = ParseChart(ToJson(*chart));
    ASSERT_TRUE(back.ok()) << seed << back.status();
    ASSERT_EQ(back->drawing(), chart->drawing()) << seed;
  }
}

TEST(SeatsioExportTest, TheLargestChartTravels) {
  Drawing drawing = SmallDrawing();
  drawing.sections.resize(1);
  drawing.sections[0].rows.clear();
  for (int r = 0; r < 1'000; ++r) {
    drawing.sections[0].rows.push_back(MakeRow("R" + std::to_string(r), 0, r, 200));
  }
  const auto chart = MakeChart(drawing);
  const SeatsioChart back = Import(ToSeatsioChart(*chart));
  EXPECT_EQ(back.objects.size(), 200'004u);
  EXPECT_EQ(MakeChart(back.drawing)->seat_count(), 200'000u);
}

}  // namespace
}  // namespace ticketing::seat
