#include "ticketing/seat/chart_json.h"

#include <gmock/gmock.h>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::HasSubstr;

TEST(ChartJsonTest, WhatIsWrittenReadsBackTheSame) {
  const StatusOr<Chart> chart = Chart::Build(SmallDrawing());
  ASSERT_TRUE(chart.ok());
  const std::string text = ToJson(*chart);
  const StatusOr<Chart> back = ParseChart(text);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->drawing(), chart->drawing());
  EXPECT_EQ(ToJson(*back), text);
  for (uint32_t i = 0; i < chart->object_count(); ++i) {
    EXPECT_EQ(back->object(i).label, chart->object(i).label);
  }
}

TEST(ChartJsonTest, RanksInTheFileFixTheNumbers) {
  Drawing drawing = SmallDrawing();
  drawing.sections[0].rows[0].rank = 0;
  drawing.sections[1].rows[0].rank = 1;
  drawing.sections[1].rows[1].rank = 2;
  const auto chart = MakeChart(drawing);
  const StatusOr<Chart> back = ParseChart(ToJson(*chart));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->object(0).label, "Sur-A-1");
}

constexpr std::string_view kGood =
    R"({"format": "ticketing-chart/1", "name": "N", "focalPoint": [0, 0],
 "categories": [{"key": "A", "name": "A", "color": "#000000"}],
 "sections": [{"label": "S", "category": "A", "rows": [
   {"label": "1", "seats": [{"label": "1", "at": [0, 100]}, {"label": "2", "at": [50, 100]}]}]}]})";

// kGood with one text in place of another.
std::string With(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ChartJsonTest, TheGoodOneIsGood) {
  const StatusOr<Chart> chart = ParseChart(kGood);
  ASSERT_TRUE(chart.ok()) << chart.status();
  EXPECT_EQ(chart->seat_count(), 2u);
}

struct BadChart {
  std::string name;
  std::string text;
  std::string field;
  std::string code;
  friend void PrintTo(const BadChart& bad, std::ostream* out) { *out << bad.name; }
};

class BadChartTest : public testing::TestWithParam<BadChart> {};

TEST_P(BadChartTest, NamesThePlace) {
  const StatusOr<Chart> chart = ParseChart(GetParam().text);
  ASSERT_FALSE(chart.ok());
  EXPECT_EQ(CodeOf(chart.status()), ErrorCode::kChartInvalid);
  const std::vector<FieldError> fields = DetailsOf(chart.status()).fields;
  bool found = false;
  std::string all;
  for (const FieldError& fault : fields) {
    all += "  [" + fault.field + "] " + fault.detail + "\n";
    found |= fault.field == GetParam().field && fault.detail.starts_with(GetParam().code + ": ");
  }
  EXPECT_TRUE(found) << "wanted [" << GetParam().field << "] " << GetParam().code << ", got\n"
                     << all;
}

std::vector<BadChart> BadCharts() {
  const std::string seat = "sections[0].rows[0].seats[0]";
  std::string deep = With(R"("label": "2")", R"("label": )" + std::string(100'000, '['));
  return {
      {"Empty", "", "", "bad-syntax"},
      {"NotJson", "chart", "", "bad-syntax"},
      {"Null", "null", "", "wrong-type"},
      {"List", "[]", "", "wrong-type"},
      {"Truncated", std::string(kGood.substr(0, 200)), "sections[0].rows[0].label", "bad-syntax"},
      {"TwoTexts", std::string(kGood) + "{}", "", "bad-syntax"},
      {"BadUtf8", With(R"("N")", "\"\xc3\x28\""), "", "bad-syntax"},
      {"LoneSurrogate", With(R"("N")", R"("\ud800")"), "name", "bad-syntax"},
      {"NaN", With("[0, 100]", "[NaN, 100]"), seat + ".at[0]", "bad-syntax"},
      {"HugeNumber", With("[0, 100]", "[1e999, 100]"), seat + ".at[0]", "out-of-range"},
      {"TooDeep", deep, "sections[0].rows[0].seats[1].label[0][0][0][0][0][0][0][0][0]",
       "too-deep"},
      {"DuplicateKey", With(R"("name": "N")", R"("name": "N", "name": "M")"), "name",
       "duplicate-key"},
      {"NoFormat", With(R"("format": "ticketing-chart/1", )", ""), "format", "missing-field"},
      {"OtherFormat", With("chart/1", "chart/2"), "format", "bad-format"},
      {"FormatType", With(R"("ticketing-chart/1")", "1"), "format", "wrong-type"},
      {"NoName", With(R"("name": "N", )", ""), "name", "missing-field"},
      {"EmptyName", With(R"("N")", R"("")"), "name", "bad-text"},
      {"ControlName", With(R"("N")", R"("a\u0000b")"), "name", "bad-text"},
      {"NoFocalPoint", With(R"("focalPoint": [0, 0],)", ""), "focalPoint", "no-focal-point"},
      {"FocalPointType", With("[0, 0]", "[0, \"0\"]"), "focalPoint", "wrong-type"},
      {"UnknownField", With(R"("name": "N")", R"("name": "N", "colour": 1)"), "colour",
       "unknown-field"},
      {"UnknownSeatField", With(R"("label": "1", "at")", R"("x": 3, "label": "1", "at")"),
       seat + ".x", "unknown-field"},
      {"CategoriesType", With(R"([{"key": "A", "name": "A", "color": "#000000"}])", "{}"),
       "categories", "wrong-type"},
      {"NoCategories", With(R"([{"key": "A", "name": "A", "color": "#000000"}])", "[]"),
       "sections[0].category", "unknown-category"},
      {"CategoryItemType", With(R"([{"key": "A", "name": "A", "color": "#000000"}])", "[7]"),
       "categories[0]", "wrong-type"},
      {"SeatCategory", With(R"("at": [0, 100])", R"("at": [0, 100], "category": "Z9")"),
       seat + ".category", "unknown-category"},
      {"NoCategoryAtAll", With(R"("category": "A", )", ""), seat + ".category", "no-category"},
      {"SeatType", With(R"({"label": "1", "at": [0, 100]})", "\"1\""), seat, "wrong-type"},
      {"SeatLabelType", With(R"("label": "1", "at")", R"("label": 1, "at")"), seat + ".label",
       "wrong-type"},
      {"NoSeatLabel", With(R"("label": "1", "at")", R"("at")"), seat + ".label", "missing-field"},
      {"NoPlace", With(R"(, "at": [0, 100])", ""), seat + ".at", "missing-field"},
      {"HalfPlace", With("[0, 100]", "[0]"), seat + ".at", "wrong-type"},
      {"FractionPlace", With("[0, 100]", "[0.5, 100]"), seat + ".at", "wrong-type"},
      {"FarPlace", With("[0, 100]", "[0, 1000001]"), seat + ".at", "out-of-range"},
      {"VeryFarPlace", With("[0, 100]", "[18446744073709551615, 0]"), seat + ".at", "out-of-range"},
      {"GapType", With(R"("at": [0, 100])", R"("at": [0, 100], "gap": 1)"), seat + ".gap",
       "wrong-type"},
      {"Attribute", With(R"("at": [0, 100])", R"("at": [0, 100], "attributes": ["soft"])"),
       seat + ".attributes[0]", "bad-attribute"},
      {"EmptyRow",
       With(R"([{"label": "1", "at": [0, 100]}, {"label": "2", "at": [50, 100]}])", "[]"),
       "sections[0].rows[0].seats", "empty-row"},
      {"SameLabels", With(R"("label": "2", "at")", R"("label": "1", "at")"),
       "sections[0].rows[0].seats[1].label", "duplicate-label"},
      {"Rank", With(R"("label": "1", "seats")", R"("label": "1", "rank": 5, "seats")"),
       "sections[0].rows[0].rank", "bad-rank"},
      {"NegativeRank", With(R"("label": "1", "seats")", R"("label": "1", "rank": -1, "seats")"),
       "sections[0].rows[0].rank", "out-of-range"},
      {"Capacity",
       With(R"("sections")", R"("areas": [{"label": "P", "category": "A", "capacity": -5}],
            "sections")"),
       "areas[0].capacity", "out-of-range"},
      {"HugeCapacity",
       With(R"("sections")",
            R"("areas": [{"label": "P", "category": "A", "capacity": 99999999999999999999}],
            "sections")"),
       "areas[0].capacity", "wrong-type"},
      {"Outline",
       With(R"("sections")",
            R"("areas": [{"label": "P", "category": "A", "capacity": 5, "outline": [[0,0],[1]]}],
            "sections")"),
       "areas[0].outline[1]", "wrong-type"},
      {"LongLabel", With(R"("label": "S")", "\"label\": \"" + std::string(1000, 'x') + "\""),
       "sections[0].label", "bad-text"},
  };
}

INSTANTIATE_TEST_SUITE_P(Charts, BadChartTest, testing::ValuesIn(BadCharts()),
                         [](const auto& test) { return test.param.name; });

TEST(ChartJsonTest, ReportsFaultsOfEveryKindAtOnce) {
  std::string text =
      With(R"({"label": "1", "at": [0, 100]})", R"({"label": 1, "at": "x", "seat": true})");
  text.replace(text.find(R"("label": "S")"), 12, R"("label": " ")");
  const StatusOr<Chart> chart = ParseChart(text);
  std::vector<std::string> fields;
  for (const FieldError& fault : DetailsOf(chart.status()).fields) fields.push_back(fault.field);
  EXPECT_THAT(fields, testing::UnorderedElementsAre(
                          "sections[0].label", "sections[0].rows[0].seats[0].label",
                          "sections[0].rows[0].seats[0].at", "sections[0].rows[0].seats[0].seat"));
}

TEST(ChartJsonTest, SaysTheLineOfASyntaxError) {
  const StatusOr<Chart> chart = ParseChart("{\n\"format\": \"ticketing-chart/1\",\n  oops}");
  ASSERT_FALSE(chart.ok());
  EXPECT_THAT(DetailsOf(chart.status()).fields.at(0).detail, HasSubstr("line 3"));
}

TEST(ChartJsonTest, RefusesWhatIsTooLargeBeforeReadingIt) {
  const StatusOr<Chart> chart = ParseChart(std::string(limits::kChartBodyBytesMax + 1, ' '));
  EXPECT_EQ(CodeOf(chart.status()), ErrorCode::kPayloadTooLarge);
}

TEST(ChartJsonTest, RefusesMoreValuesThanAnyChartHas) {
  std::string text = "[0";
  for (size_t i = 0; i < limits::kChartValuesMax; ++i) text += ",0";
  const StatusOr<Chart> chart = ParseChart(text + "]");
  ASSERT_EQ(CodeOf(chart.status()), ErrorCode::kChartInvalid);
  EXPECT_THAT(DetailsOf(chart.status()).fields.at(0).detail, HasSubstr("too-many"));
}

}  // namespace
}  // namespace ticketing::seat
