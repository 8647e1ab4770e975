#include "ticketing/seat/report.h"

#include <gmock/gmock.h>

#include "tests/seat/chart_fixture.h"

namespace ticketing::seat {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr Timestamp kNow = Timestamp::FromSeconds(1'000);

class ReportTest : public testing::Test {
 protected:
  ReportTest() {
    SaleRules rules;
    Channel press;
    press.key = "press";
    press.objects = {*chart_->Find("Norte-A-3")};
    press.area_places = {{*chart_->Find("Pie 1"), 2}};
    rules.channels = {press};
    EXPECT_TRUE(inventory_.SetRules(rules, kNow).ok());
    Step step = Step::ToBook({7}, Picks(*chart_, {"Norte-A-1", "Pie 1", "Norte-T2"}));
    step.order_name = "=cmd()|x";
    step.notes = {{"adult, \"big\"", {}}, {}, {}};
    EXPECT_TRUE(inventory_.Apply(step, kNow).ok());
    step = Step::ToHold({5}, Picks(*chart_, {"Norte-A-2"}), kNow + Duration::Minutes(1));
    EXPECT_TRUE(inventory_.Apply(step, kNow).ok());
  }

  ReportGroup Group(ReportField by, const std::string& key) {
    for (const ReportGroup& group : Summarise(ReportLines(inventory_), by)) {
      if (group.key == key) return group;
    }
    return {};
  }

  std::shared_ptr<const Chart> chart_ = MakeChart(MixedDrawing());
  Inventory inventory_{chart_};
};

TEST_F(ReportTest, EveryPlaceIsInEveryReportOnce) {
  const std::vector<ReportLine> lines = ReportLines(inventory_);
  uint64_t places = 0;
  for (const ReportLine& line : lines) places += line.places;
  // 8 + 10 + 6 + 2 row seats, 4 + 2 seats at tables by seat, a table, a booth, two suites, areas of
  // 5, 3 and 10.
  EXPECT_EQ(places, 26u + 6 + 1 + 1 + 2 + 18);
  for (const ReportField by : {ReportField::kStatus, ReportField::kCategory, ReportField::kSection,
                               ReportField::kZone, ReportField::kGate, ReportField::kChannel,
                               ReportField::kOrder, ReportField::kKind, ReportField::kAvailable}) {
    uint64_t sum = 0;
    for (const ReportGroup& group : Summarise(lines, by)) {
      sum += group.places;
      EXPECT_EQ(group.places, group.free + group.held + group.booked + group.resale + group.custom);
    }
    EXPECT_EQ(sum, places) << NameOfField(by);
    EXPECT_EQ(FieldOfName(NameOfField(by)), by);
  }
  EXPECT_EQ(FieldOfName("colour"), std::nullopt);
}

TEST_F(ReportTest, SumsSayWhoHasWhat) {
  EXPECT_EQ(Group(ReportField::kStatus, "booked").places, 3u);
  EXPECT_EQ(Group(ReportField::kStatus, "held").places, 1u);
  EXPECT_EQ(Group(ReportField::kChannel, "press").free, 1u);
  EXPECT_EQ(Group(ReportField::kOrder, OrderId{7}.ToString()).booked, 3u);
  EXPECT_EQ(Group(ReportField::kAvailable, "yes").held, 0u);
  EXPECT_EQ(Group(ReportField::kKind, "table").booked, 1u);
}

TEST_F(ReportTest, TheTableIsSafeToOpen) {
  const std::string csv = ReportCsv(ReportLines(inventory_));
  EXPECT_THAT(csv, HasSubstr("Norte-A-1,seat,booked,1,no,P,Norte,n,1,," + OrderId{7}.ToString() +
                             ",\"'=cmd()|x\",,\"adult, \"\"big\"\"\"\r\n"));
  EXPECT_THAT(csv, EndsWith("\r\n"));
}

}  // namespace
}  // namespace ticketing::seat
