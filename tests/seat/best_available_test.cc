#include <gmock/gmock.h>

#include "tests/seat/chart_fixture.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;

constexpr Timestamp kNow = Timestamp::FromSeconds(1'000);
constexpr Timestamp kLater = Timestamp::FromSeconds(1'600);

class BestAvailableTest : public testing::Test {
 protected:
  void Use(Drawing drawing) {
    chart_ = MakeChart(std::move(drawing));
    inventory_ = Inventory(chart_);
  }
  void Sell(std::initializer_list<std::string> labels) {
    ASSERT_TRUE(inventory_.Apply(Step::ToBook({1}, Picks(*chart_, labels)), kNow).ok());
  }
  static BestAvailableRequest Want(int64_t quantity) {
    BestAvailableRequest request;
    request.quantity = quantity;
    return request;
  }
  std::vector<std::string> Find(const BestAvailableRequest& request) {
    const StatusOr<BestAvailable> best = inventory_.FindBestAvailable(request);
    if (!best.ok()) return {std::string(InfoOf(CodeOf(best.status())).slug)};
    std::vector<std::string> labels;
    for (const Pick& pick : best->picks) labels.push_back(chart_->object(pick.index).label);
    last_ = *best;
    return labels;
  }

  std::shared_ptr<const Chart> chart_ = SmallChart();
  Inventory inventory_{chart_};
  BestAvailable last_;
};

TEST_F(BestAvailableTest, TakesTheMiddleOfTheNearestRow) {
  EXPECT_THAT(Find(Want(2)), ElementsAre("Norte-A-4", "Norte-A-5"));
  EXPECT_TRUE(last_.adjacent);
  EXPECT_FALSE(last_.orphans);
  EXPECT_THAT(Find(Want(1)), ElementsAre("Norte-A-4"));
}

TEST_F(BestAvailableTest, RatherMovesThanLeavesASingleSeat) {
  Sell({"Norte-A-1", "Norte-A-2"});
  // 3..8 are free: 4-5 would leave 3 alone, and 5-6 leaves pairs.
  EXPECT_THAT(Find(Want(2)), ElementsAre("Norte-A-3", "Norte-A-4"));
  Sell({"Norte-A-3", "Norte-A-4"});
  EXPECT_THAT(Find(Want(2)), ElementsAre("Norte-A-5", "Norte-A-6"));
  BestAvailableRequest request = Want(3);
  EXPECT_THAT(Find(request), ElementsAre("Norte-B-3", "Norte-B-4", "Norte-B-5"));
  request.avoid_orphans = false;
  EXPECT_THAT(Find(request), ElementsAre("Norte-A-5", "Norte-A-6", "Norte-A-7"));
  EXPECT_TRUE(last_.orphans);
}

TEST_F(BestAvailableTest, LeavesASingleSeatWhenThereIsNoOtherWay) {
  DrawnSection section;
  section.label = "S";
  section.category = "P";
  section.rows = {MakeRow("A", 0, 100, 3)};
  Drawing drawing = SmallDrawing();
  drawing.sections = {section};
  Use(drawing);
  EXPECT_THAT(Find(Want(2)), ElementsAre("S-A-1", "S-A-2"));
  EXPECT_TRUE(last_.adjacent);
  EXPECT_TRUE(last_.orphans);
}

TEST_F(BestAvailableTest, NeverSeatsAGroupAcrossAnAisle) {
  Sell({"Norte-A-1", "Norte-A-2", "Norte-A-3", "Norte-A-4", "Norte-A-5", "Norte-A-6", "Norte-A-7",
        "Norte-A-8"});
  BestAvailableRequest request = Want(6);
  request.sections = {"Norte"};
  request.adjacent_only = true;
  EXPECT_THAT(Find(request), ElementsAre("no-adjacent-seats"));
  request.sections = {"Sur"};
  EXPECT_THAT(Find(request),
              ElementsAre("Sur-A-1", "Sur-A-2", "Sur-A-3", "Sur-A-4", "Sur-A-5", "Sur-A-6"));
}

TEST_F(BestAvailableTest, KeepsFiltersAlsoWithinARow) {
  BestAvailableRequest request = Want(2);
  request.categories = {"Q"};
  EXPECT_THAT(Find(request), ElementsAre("Norte-B-4", "Norte-B-5"));
  request.zones = {"s"};
  EXPECT_THAT(Find(request), ElementsAre("Sur-A-3", "Sur-A-4"));
  request = Want(1);
  request.categories = {"P"};
  request.sections = {"Sur"};
  EXPECT_THAT(Find(request), ElementsAre("Sur-A-6"));  // the one seat of another category
  request.quantity = 2;
  EXPECT_THAT(Find(request), ElementsAre("no-adjacent-seats"));
}

TEST_F(BestAvailableTest, GivesWheelchairPlacesOnlyToThoseWhoAsk) {
  BestAvailableRequest request = Want(3);
  request.sections = {"Norte"};
  request.categories = {"Q"};
  Sell({"Norte-B-1", "Norte-B-2", "Norte-B-3", "Norte-B-4", "Norte-B-5"});
  EXPECT_THAT(Find(request), ElementsAre("Norte-B-6", "Norte-B-7", "Norte-B-8"));
  request.quantity = 4;
  EXPECT_THAT(Find(request), ElementsAre("no-adjacent-seats"));
  request.quantity = 2;
  request.accessible = 1;
  EXPECT_THAT(Find(request), ElementsAre("Norte-B-9", "Norte-B-10"));
  request.quantity = 3;
  EXPECT_THAT(Find(request), ElementsAre("Norte-B-8", "Norte-B-9", "Norte-B-10"));
  request.accessible = 2;
  EXPECT_THAT(Find(request), ElementsAre("no-adjacent-seats"));
}

TEST_F(BestAvailableTest, PartsAGroupIntoCompanyNotIntoLoneSeats) {
  Sell({"Norte-A-3", "Norte-A-6", "Norte-B-3", "Norte-B-8"});
  BestAvailableRequest request = Want(4);
  request.sections = {"Norte"};
  const std::vector<std::string> seats = Find(request);
  EXPECT_FALSE(last_.adjacent);
  ASSERT_EQ(seats.size(), 4u);
  for (const Pick& pick : last_.picks) {
    bool company = false;
    for (const Pick& other : last_.picks) {
      const uint32_t apart =
          pick.index > other.index ? pick.index - other.index : other.index - pick.index;
      company |= apart == 1 && chart_->run_of(pick.index) == chart_->run_of(other.index);
    }
    EXPECT_TRUE(company) << chart_->object(pick.index).label;
  }
}

TEST_F(BestAvailableTest, GoesAcrossSectionsBeforeGivingUp) {
  EXPECT_EQ(Find(Want(21)).size(), 21u);
  EXPECT_FALSE(last_.adjacent);
  EXPECT_EQ(Find(Want(22)).size(), 22u);  // all but the two reserved places
  EXPECT_THAT(Find(Want(23)), ElementsAre("no-adjacent-seats"));
}

TEST_F(BestAvailableTest, GivesPlacesOfOneAreaOnlyWhenTold) {
  BestAvailableRequest request = Want(4);
  request.categories = {"G"};
  EXPECT_THAT(Find(request), ElementsAre("no-adjacent-seats"));
  request.areas = true;
  EXPECT_THAT(Find(request), ElementsAre("Pie 1"));
  EXPECT_THAT(last_.picks, ElementsAre(Pick{26, 4}));
  ASSERT_TRUE(inventory_.Apply(Step::ToBook({1}, std::vector<Pick>{{26, 3}}), kNow).ok());
  EXPECT_THAT(Find(request), ElementsAre("no-adjacent-seats"));  // never from two areas
  request.quantity = 3;
  EXPECT_THAT(Find(request), ElementsAre("Pie 2"));
}

TEST_F(BestAvailableTest, NamesTheWrongFieldOfARequest) {
  const auto fields = [&](const BestAvailableRequest& request) {
    std::vector<std::string> names;
    const Status status = inventory_.FindBestAvailable(request).status();
    EXPECT_EQ(CodeOf(status), ErrorCode::kInvalidField);
    for (const FieldError& fault : DetailsOf(status).fields) names.push_back(fault.field);
    return names;
  };
  EXPECT_THAT(fields(Want(0)), ElementsAre("quantity"));
  EXPECT_THAT(fields(Want(-1)), ElementsAre("quantity"));
  EXPECT_THAT(fields(Want(51)), ElementsAre("quantity"));
  BestAvailableRequest request = Want(2);
  request.accessible = 3;
  request.categories = {"P", "X"};
  request.sections = {"Oeste"};
  request.zones = {"n", "n", "w"};
  EXPECT_THAT(fields(request),
              ElementsAre("accessible", "categories[1]", "sections[0]", "zones[2]"));
}

TEST_F(BestAvailableTest, HoldsWhatItFound) {
  BestAvailable found;
  const auto first = inventory_.HoldBestAvailable({1}, Want(2), kLater, kNow, &found);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->seats.size(), 2u);
  EXPECT_THAT(found.picks, ElementsAre(Pick{3, 1}, Pick{4, 1}));
  ASSERT_TRUE(inventory_.HoldBestAvailable({2}, Want(2), kLater, kNow, &found).ok());
  // Seats 1-3 and 6-8 are left of the row: a pair from either would leave one alone.
  EXPECT_THAT(found.picks, testing::Not(ElementsAre(Pick{1, 1}, Pick{2, 1})));
  ASSERT_TRUE(inventory_.Release({1}).ok());
  EXPECT_THAT(Find(Want(2)), ElementsAre("Norte-A-4", "Norte-A-5"));
}

// Against the plain way: look at every block of every run.
TEST_F(BestAvailableTest, AgreesWithLookingAtEveryBlock) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Sequence random(seed);
    Drawing drawing = SmallDrawing();
    drawing.sections.clear();
    for (int s = 0; s < 3; ++s) {
      DrawnSection section;
      section.label = "S" + std::to_string(s);
      section.category = "P";
      for (int r = 0; r < 3; ++r) {
        // Some rows are wider than a word of the masks.
        const int count = random.Chance(20) ? 65 + static_cast<int>(random.Below(120))
                                            : 1 + static_cast<int>(random.Below(30));
        const auto x = static_cast<int32_t>(random.Below(8000)) - 4000;
        DrawnRow row = MakeRow(std::to_string(r), x, 300 + 1000 * s + 90 * r, count);
        for (DrawnSeat& seat : row.seats) {
          seat.gap_before = random.Chance(4);
          if (random.Chance(3)) seat.attributes = random.Chance(50) ? kAccessible : kCompanion;
        }
        section.rows.push_back(row);
      }
      drawing.sections.push_back(section);
    }
    Use(drawing);
    const uint32_t sold = random.Below(101);
    // Seats to give, and seats that are company for one that stays free.
    std::vector<bool> open(chart_->seat_count()), left(chart_->seat_count());
    for (uint32_t i = 0; i < chart_->seat_count(); ++i) {
      const bool sell = random.Chance(sold);
      if (sell)
        ASSERT_TRUE(inventory_.Apply(Step::ToBook({1}, std::vector<Pick>{{i, 1}}), kNow).ok());
      left[i] = !sell;
      open[i] = !sell && (chart_->object(i).attributes & kReservedAttributes) == 0;
    }
    BestAvailableRequest request = Want(1 + random.Below(8));
    request.adjacent_only = true;
    const auto count = static_cast<uint32_t>(request.quantity);
    uint64_t best[2] = {UINT64_MAX, UINT64_MAX};  // without and with a seat left alone
    for (const auto& run : chart_->runs()) {
      const uint32_t end = run.first + run.count;
      const auto is_open = [&](uint32_t i) { return i >= run.first && i < end && open[i]; };
      const auto is_left = [&](uint32_t i) { return i >= run.first && i < end && left[i]; };
      for (uint32_t start = run.first; start + count <= end; ++start) {
        bool all = true;
        uint64_t sum = 0;
        for (uint32_t i = start; i < start + count; ++i) {
          all &= open[i];
          sum += chart_->object(i).distance;
        }
        if (!all) continue;
        const bool alone = (is_open(start - 1) && !is_left(start - 2)) ||
                           (is_open(start + count) && !is_left(start + count + 1));
        best[alone] = std::min(best[alone], sum);
      }
    }
    const StatusOr<BestAvailable> found = inventory_.FindBestAvailable(request);
    const bool exists = best[0] != UINT64_MAX || best[1] != UINT64_MAX;
    ASSERT_EQ(found.ok(), exists) << "seed " << seed;
    if (!exists) continue;
    uint64_t sum = 0;
    for (const Pick& pick : found->picks) sum += chart_->object(pick.index).distance;
    const bool alone = best[0] == UINT64_MAX;
    ASSERT_EQ(sum, best[alone]) << "seed " << seed;
    ASSERT_EQ(found->orphans, alone) << "seed " << seed;
  }
}

class OrphanTest : public BestAvailableTest {
 protected:
  std::vector<std::string> Check(std::initializer_list<std::string> labels) {
    const Status status = inventory_.CheckOrphans(Picks(*chart_, labels));
    if (status.ok()) return {};
    EXPECT_EQ(CodeOf(status), ErrorCode::kLeavesSingleSeat);
    return DetailsOf(status).objects;
  }
};

TEST_F(OrphanTest, NamesTheSeatsThatWouldBeLeftAlone) {
  EXPECT_THAT(Check({"Norte-A-2", "Norte-A-3"}), ElementsAre("Norte-A-1"));
  EXPECT_THAT(Check({"Norte-A-1", "Norte-A-2"}), ElementsAre());
  EXPECT_THAT(Check({"Norte-A-3", "Norte-A-5", "Norte-A-7"}),
              ElementsAre("Norte-A-4", "Norte-A-6", "Norte-A-8"));
  // An aisle ends the stretch as a wall does.
  EXPECT_THAT(Check({"Norte-B-3", "Norte-B-4"}), ElementsAre("Norte-B-5"));
  EXPECT_THAT(Check({"Palco 1", "Pie 1"}), ElementsAre());
}

TEST_F(OrphanTest, AllowsItWhenThereIsNoOtherWay) {
  Sell({"Norte-A-4"});
  // 1-3 free: two of them leave one alone whatever one takes.
  EXPECT_THAT(Check({"Norte-A-1", "Norte-A-2"}), ElementsAre());
  EXPECT_THAT(Check({"Norte-A-2", "Norte-A-3"}), ElementsAre());
  // But the one in the middle leaves two, and one at the end would leave none.
  EXPECT_THAT(Check({"Norte-A-2"}), ElementsAre("Norte-A-1", "Norte-A-3"));
}

TEST_F(OrphanTest, SeatsThatWereAloneBeforeDoNotCount) {
  Sell({"Norte-A-2"});
  EXPECT_THAT(Check({"Norte-A-3", "Norte-A-4"}), ElementsAre());
}

TEST_F(OrphanTest, ReservedPlacesAreNotLeftAlone) {
  // B-9 and B-10 are wheelchair and companion; 6-8 are the ordinary seats of that run.
  EXPECT_THAT(Check({"Norte-B-6", "Norte-B-7", "Norte-B-8"}), ElementsAre());
  EXPECT_THAT(Check({"Norte-B-10"}), ElementsAre());
}

TEST_F(OrphanTest, TheRuleIsAnOptionOfAHold) {
  const std::vector<Pick> picks = Picks(*chart_, {"Norte-A-2", "Norte-A-3"});
  Step step = Step::ToHold({1}, picks, kLater);
  step.refuse_orphans = true;
  const auto refused = inventory_.Apply(step, kNow);
  EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kLeavesSingleSeat);
  EXPECT_EQ(inventory_.version(), 0u);
  EXPECT_TRUE(inventory_.Apply(Step::ToHold({1}, picks, kLater), kNow).ok());
}

}  // namespace
}  // namespace ticketing::seat
