// The reference venues, from the descriptions in examples/stadium to charts, and the tool that
// makes them.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "examples/stadium/chart_tool.h"
#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/availability.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/seat/chart_svg.h"
#include "ticketing/seat/description.h"

namespace ticketing::seat {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::filesystem::path kExamples =
    std::filesystem::path(TICKETING_SOURCE_DIR) / "examples/stadium";

const Chart& Stadium() {
  static const Chart* const chart = [] {
    StatusOr<Drawing> drawing = ParseDescription(Slurp(kExamples / "stadium.json"));
    EXPECT_TRUE(drawing.ok()) << drawing.status();
    StatusOr<Chart> built = Chart::Build(*std::move(drawing));
    EXPECT_TRUE(built.ok()) << built.status();
    return new Chart(*std::move(built));
  }();
  return *chart;
}

TEST(StadiumTest, IsAStadiumInFull) {
  const Chart& chart = Stadium();
  EXPECT_GE(chart.seat_count(), 25'000u);
  EXPECT_LE(chart.seat_count(), 30'000u);
  EXPECT_EQ(chart.drawing().suites.size(), 40u);
  EXPECT_EQ(chart.drawing().areas.size(), 2u);
  EXPECT_EQ(chart.drawing().gates.size(), 8u);
  EXPECT_EQ(chart.drawing().stands.size(), 4u);
  std::map<std::string, uint64_t> places;
  std::set<std::string> gates;
  int accessible = 0, companion = 0;
  for (uint32_t i = 0; i < chart.object_count(); ++i) {
    places[chart.category_of(i).key] += chart.object(i).capacity;
    gates.emplace(chart.gate_of(i));
    EXPECT_FALSE(chart.zone_of(i).empty()) << chart.object(i).label;
    accessible += (chart.object(i).attributes & kAccessible) != 0;
    companion += (chart.object(i).attributes & kCompanion) != 0;
  }
  EXPECT_EQ(gates, (std::set<std::string>{"1", "2", "3", "4", "5", "6", "7", "8"}));
  EXPECT_EQ(places.size(), 8u);
  for (const auto& [key, count] : places) EXPECT_GE(count, 400u) << key;
  EXPECT_EQ(places["PIE"], 2'400u);
  EXPECT_EQ(places["PAL"], 480u);
  EXPECT_GE(accessible, 100);
  EXPECT_EQ(accessible, companion);
}

TEST(StadiumTest, LabelsAreAsPrintedOnTickets) {
  const Chart& chart = Stadium();
  const auto seat = chart.Find("Norte 104-F-23");
  ASSERT_TRUE(seat.has_value());
  EXPECT_EQ(chart.section_label_of(*seat), "Norte 104");
  EXPECT_EQ(chart.row_label_of(*seat), "F");
  EXPECT_EQ(chart.seat_label_of(*seat), "23");
  EXPECT_EQ(chart.gate_of(*seat), "2");
  EXPECT_TRUE(chart.Find("Palco 40").has_value());
  EXPECT_TRUE(chart.Find("General de pie Sur").has_value());
  EXPECT_EQ(chart.Find("Norte 104-I-1"), std::nullopt);  // no row is called I
}

// Neighbours sit side by side, rows one behind another, nobody on somebody else or on the pitch.
TEST(StadiumTest, NobodySitsOnAnybody) {
  const Chart& chart = Stadium();
  std::map<std::pair<int32_t, int32_t>, std::vector<uint32_t>> grid;
  for (uint32_t i = 0; i < chart.seat_count(); ++i) {
    const Point at = chart.object(i).at;
    EXPECT_TRUE(std::abs(at.x) > 5'250 || std::abs(at.y) > 3'400) << chart.object(i).label;
    const std::pair<int32_t, int32_t> cell = {(at.x + 1'000'000) / 100, (at.y + 1'000'000) / 100};
    for (int32_t x = -1; x <= 1; ++x) {
      for (int32_t y = -1; y <= 1; ++y) {
        for (const uint32_t other : grid[{cell.first + x, cell.second + y}]) {
          const Point there = chart.object(other).at;
          const int64_t dx = at.x - there.x, dy = at.y - there.y;
          ASSERT_GE(dx * dx + dy * dy, 45 * 45)
              << chart.object(i).label << " and " << chart.object(other).label;
        }
      }
    }
    grid[cell].push_back(i);
  }
  for (const auto& run : chart.runs()) {
    for (uint32_t i = run.first + 1; i < run.first + run.count; ++i) {
      const int64_t dx = chart.object(i).at.x - chart.object(i - 1).at.x;
      const int64_t dy = chart.object(i).at.y - chart.object(i - 1).at.y;
      ASSERT_LE(dx * dx + dy * dy, 110 * 110) << chart.object(i).label;
    }
  }
}

TEST(StadiumTest, SurvivesTheFile) {
  const Chart& chart = Stadium();
  const std::string text = ToJson(chart);
  EXPECT_LE(text.size(), 2'000'000u);
  const StatusOr<Chart> back = ParseChart(text);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->drawing(), chart.drawing());
  EXPECT_EQ(ToJson(*back), text);
  for (uint32_t i = 0; i < chart.object_count(); ++i) {
    ASSERT_EQ(back->object(i).label, chart.object(i).label);
    ASSERT_EQ(chart.Find(chart.object(i).label), i);
  }
}

TEST(StadiumTest, AnEventIsSmall) {
  const auto chart = std::make_shared<const Chart>(Stadium());
  Inventory inventory(chart);
  EXPECT_LE(PackAvailability(inventory).size(), 8u << 10);
  EXPECT_LE(inventory.MemoryBytes(), 64u * chart->seat_count());
  // The worst case for memory: all held, by a different customer each two seats.
  const Timestamp now = Timestamp::FromSeconds(1);
  for (uint32_t i = 0; i + 1 < chart->seat_count(); i += 2) {
    const std::vector<Pick> pair = {{i, 1}, {i + 1, 1}};
    ASSERT_TRUE(inventory.Apply(Step::ToHold({i + 1}, pair, now + limits::kHoldDefault), now).ok());
  }
  EXPECT_LE(inventory.MemoryBytes(), 64u * chart->seat_count());
  EXPECT_EQ(inventory.ExpireHolds(now + limits::kHoldDefault).seats.size(),
            chart->seat_count() / 2 * 2);
}

TEST(StadiumTest, BestAvailableSellsItOut) {
  const auto chart = std::make_shared<const Chart>(Stadium());
  Inventory inventory(chart);
  const Timestamp now = Timestamp::FromSeconds(1);
  BestAvailableRequest request;
  request.quantity = 2;
  uint64_t hold = 0;
  uint32_t parted = 0, lonely = 0;
  while (true) {
    BestAvailable found;
    const auto changes =
        inventory.HoldBestAvailable({++hold}, request, now + limits::kHoldDefault, now, &found);
    if (!changes.ok()) {
      ASSERT_EQ(CodeOf(changes.status()), ErrorCode::kNoAdjacentSeats);
      break;
    }
    ASSERT_TRUE(inventory.Book({hold}, {hold}, now).ok());
    parted += !found.adjacent;
    lonely += found.orphans;
  }
  uint32_t left = 0;
  for (uint32_t i = 0; i < chart->seat_count(); ++i) {
    left += inventory.status(i) == SeatStatus::kFree &&
            (chart->object(i).attributes & kReservedAttributes) == 0;
  }
  EXPECT_LE(left, 1u);
  // Only rows of an odd number of seats can leave anybody alone, and only they part pairs.
  const size_t odd = static_cast<size_t>(std::count_if(
      chart->runs().begin(), chart->runs().end(), [](const auto& run) { return run.count % 2; }));
  EXPECT_LE(lonely, odd);
  EXPECT_LE(parted, odd / 2 + 1);
}

TEST(ConcertHallTest, IsASmallHall) {
  const StatusOr<Drawing> drawing = ParseDescription(Slurp(kExamples / "concert_hall.json"));
  ASSERT_TRUE(drawing.ok()) << drawing.status();
  const StatusOr<Chart> chart = Chart::Build(*drawing);
  ASSERT_TRUE(chart.ok()) << chart.status();
  EXPECT_NEAR(chart->seat_count(), 1'000, 100);
  EXPECT_EQ(chart->drawing().suites.size(), 10u);
  // Odd numbers only in the balcony.
  EXPECT_TRUE(chart->Find("Balcón 2-1-3").has_value());
  EXPECT_FALSE(chart->Find("Balcón 2-1-2").has_value());
  EXPECT_EQ(ParseChart(ToJson(*chart))->drawing(), chart->drawing());
}

TEST(ChartSvgTest, DrawsEverySeatAndEscapesText) {
  Drawing drawing = SmallDrawing();
  drawing.name = "A<b>&\"c\"";
  const std::string svg = ToSvg(*MakeChart(drawing));
  size_t dots = 0;
  for (size_t at = svg.find("h0"); at != std::string::npos; at = svg.find("h0", at + 1)) ++dots;
  EXPECT_EQ(dots, 24u);
  EXPECT_THAT(svg, HasSubstr("<title>A&lt;b&gt;&amp;&quot;c&quot;</title>"));
}

// --- Wrong descriptions ---

constexpr std::string_view kGood = R"({
 "format": "ticketing-description/1", "name": "N", "focalPoint": [0, 0],
 "categories": [{"key": "A", "name": "A", "color": "#000000"}],
 "gates": [{"id": "1", "name": "One"}],
 "curves": [{"id": "c", "kind": "arc", "center": [0, 0], "radius": 10},
            {"id": "b", "kind": "bowl", "length": 120, "width": 80, "sideRadius": 200,
             "endRadius": 150, "cornerRadius": 20}],
 "tiers": [{"curve": "c", "offset": 0, "rows": 3, "spans": [
   {"label": "S{n}", "sections": 2, "from": -30, "to": 30, "category": "A", "gates": ["1"],
    "rowCategories": [{"rows": [1, 2], "category": "A"}]}]}]})";

struct BadDescription {
  std::string from, to, field, code;
  friend void PrintTo(const BadDescription& bad, std::ostream* out) { *out << bad.to; }
};

class BadDescriptionTest : public testing::TestWithParam<BadDescription> {};

TEST_P(BadDescriptionTest, NamesThePlace) {
  std::string text(kGood);
  const size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, GetParam().from.size(), GetParam().to);
  const StatusOr<Drawing> drawing = ParseDescription(text);
  ASSERT_EQ(CodeOf(drawing.status()), ErrorCode::kChartInvalid);
  const auto faults = DetailsOf(drawing.status()).fields;
  ASSERT_EQ(faults.size(), 1u) << drawing.status();
  EXPECT_EQ(faults[0].field, GetParam().field);
  EXPECT_THAT(faults[0].detail, StartsWith(GetParam().code + ": "));
}

INSTANTIATE_TEST_SUITE_P(
    Descriptions, BadDescriptionTest,
    testing::Values(
        BadDescription{"description/1", "description/9", "format", "bad-format"},
        BadDescription{R"("focalPoint": [0, 0],)", "", "focalPoint", "missing-field"},
        BadDescription{R"("focalPoint": [0, 0])", R"("focalPoint": [0, 1e9])", "focalPoint",
                       "wrong-type"},
        BadDescription{R"("kind": "arc")", R"("kind": "line")", "curves[0].kind", "bad-kind"},
        BadDescription{R"("radius": 10)", R"("radius": 0)", "curves[0].radius", "out-of-range"},
        BadDescription{R"("id": "b")", R"("id": "c")", "curves[1].id", "duplicate-id"},
        BadDescription{R"("cornerRadius": 20)", R"("cornerRadius": 160)", "curves[1]",
                       "bad-outline"},
        BadDescription{R"("cornerRadius": 20)", R"("cornerRadius": 39000)", "curves[1]",
                       "bad-outline"},
        BadDescription{R"("curve": "c")", R"("curve": "x")", "tiers[0].curve", "unknown-curve"},
        BadDescription{R"("rows": 3)", R"("rows": 1.5)", "tiers[0].rows", "wrong-type"},
        BadDescription{R"("offset": 0)", R"("ofset": 0, "offset": 0)", "tiers[0].ofset",
                       "unknown-field"},
        BadDescription{"S{n}", "S", "tiers[0].spans[0].label", "bad-label"},
        BadDescription{R"("to": 30)", R"("to": -31)", "tiers[0].spans[0].to", "out-of-range"},
        BadDescription{R"("to": 30)", R"("to": -29.9)", "tiers[0].spans[0]", "no-room"},
        BadDescription{R"("category": "A", "gates")", R"("category": "Z", "gates")",
                       "tiers[0].spans[0].category", "unknown-category"},
        BadDescription{R"(["1"])", R"(["1", "7"])", "tiers[0].spans[0].gates[1]", "unknown-gate"},
        BadDescription{"[1, 2]", "[2, 1]", "tiers[0].spans[0].rowCategories[0].rows",
                       "out-of-range"},
        BadDescription{"[1, 2]", "[1, 4]", "tiers[0].spans[0].rowCategories[0].rows",
                       "out-of-range"}));

TEST(DescriptionTest, TheGoodOneIsGood) {
  const StatusOr<Drawing> drawing = ParseDescription(kGood);
  ASSERT_TRUE(drawing.ok()) << drawing.status();
  EXPECT_TRUE(Chart::Build(*drawing).ok());
  EXPECT_EQ(drawing->sections.size(), 2u);
}

TEST(DescriptionTest, NeverMakesMoreSeatsThanAChartMayHave) {
  std::string text(kGood);
  const std::string from = R"("rows": 3)";
  text.replace(text.find(from), from.size(),
               R"("rows": 200, "seatSpacing": 0.2, "rowSpacing": 10, "aisle": 0)");
  const std::string sections = R"("sections": 2)";
  text.replace(text.find(sections), sections.size(), R"("sections": 20)");
  const StatusOr<Drawing> drawing = ParseDescription(text);
  ASSERT_EQ(CodeOf(drawing.status()), ErrorCode::kChartInvalid);
  EXPECT_THAT(DetailsOf(drawing.status()).fields[0].detail, StartsWith("too-many: "));
}

// --- The tool ---

class ChartToolTest : public testing::Test {
 protected:
  ChartToolTest() {
    std::string name = (std::filesystem::temp_directory_path() / "chart-tool-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ChartToolTest() override { std::filesystem::remove_all(folder_); }
  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    return examples::RunChartTool(arguments, out_, err_);
  }
  std::string File(const std::string& name) { return (folder_ / name).string(); }
  void Write(const std::string& name, std::string_view text) {
    std::ofstream(File(name), std::ios::binary) << text;
  }

  std::filesystem::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(ChartToolTest, MakesChartAndPictureAndChecksTheChart) {
  Write("in.json", kGood);
  ASSERT_EQ(
      Run({"--in=" + File("in.json"), "--out=" + File("chart.json"), "--svg=" + File("chart.svg")}),
      0)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("seats in 2 sections"));
  EXPECT_TRUE(ParseChart(Slurp(File("chart.json"))).ok());
  EXPECT_THAT(Slurp(File("chart.svg")), StartsWith("<svg"));
  EXPECT_EQ(Run({"--chart=" + File("chart.json")}), 0);
}

TEST_F(ChartToolTest, NamesFilePlaceAndFaultAndWritesNothing) {
  std::string text(kGood);
  text.replace(text.find("\"c\", \"off"), 3, "\"x\"");
  Write("in.json", text);
  EXPECT_EQ(Run({"--in=" + File("in.json"), "--out=" + File("chart.json")}), 2);
  EXPECT_EQ(err_.str(),
            File("in.json") + ": tiers[0].curve: unknown-curve: no curve is called \"x\"\n");
  EXPECT_FALSE(std::filesystem::exists(File("chart.json")));
}

TEST_F(ChartToolTest, RefusesArgumentsItDoesNotKnow) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"stadium.json"},
                                                    {"--in"},
                                                    {"--in="},
                                                    {"--what=x"},
                                                    {"--in=a", "--chart=b"},
                                                    {"--svg=x"},
                                                    {"-in=a"}}) {
    EXPECT_EQ(Run(arguments), 2);
    EXPECT_THAT(err_.str(), StartsWith("chart-tool: "));
  }
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("--out=FILE"));
}

TEST_F(ChartToolTest, SaysWhichFileItCannotUse) {
  EXPECT_EQ(Run({"--in=" + File("missing.json")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("cannot read " + File("missing.json")));
  Write("in.json", kGood);
  EXPECT_EQ(Run({"--in=" + File("in.json"), "--out=" + File("no/chart.json")}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("cannot write"));
}

}  // namespace
}  // namespace ticketing::seat
