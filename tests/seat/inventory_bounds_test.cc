// Bounds of areas, tables and the memory of holds, and what a stored inventory must not be.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/seat/states_fixture.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/event_set.h"

namespace ticketing::seat {
namespace {

class BoundsTest : public StatesTest {
 protected:
  void Use(const Drawing& drawing) {
    chart_ = MakeChart(drawing);
    inventory_ = Inventory(chart_);
  }
  // Books every unit of a kind that is sold here.
  void BookAll(ObjectKind kind) {
    for (uint32_t unit = 0; unit < chart_->unit_count(); ++unit) {
      if (chart_->object(unit).kind != kind || !inventory_.sold_here(unit)) continue;
      Step step = To(SeatStatus::kBooked, {});
      step.picks = {{unit, 1}};
      ASSERT_EQ(Apply(step), ErrorCode::kOk) << last_;
    }
  }
  ErrorCode BookPlaces(const std::string& area, int64_t places,
                       std::vector<std::string> channels = {}) {
    Step step = To(SeatStatus::kBooked, {});
    step.picks = {{Index(area), places}};
    step.access.channels = std::move(channels);
    return Apply(step);
  }
  static BestAvailableRequest Party(int64_t people) {
    BestAvailableRequest request;
    request.quantity = people;
    request.areas = true;
    return request;
  }
};

// --- Best available without seats

TEST_F(BoundsTest, AnAreaForOnePartyIsChosenOnlyWhenNobodyIsInIt) {
  Drawing drawing = MixedDrawing();
  drawing.sections[1].areas[0].variable = true;
  Use(drawing);
  BookAll(ObjectKind::kSeat);
  BestAvailableRequest request = Party(4);
  request.sections = {"Norte"};
  EXPECT_EQ(Chosen(request), (std::vector<Pick>{{Index("Norte-GA1"), 4}}));
  inventory_.BlockPlaces(Index("Norte-GA1"), 4);
  EXPECT_EQ(CodeOf(inventory_.FindBestAvailable(request).status()), ErrorCode::kNoAdjacentSeats);
}

TEST_F(BoundsTest, TheNearestAreaIsChosen) {
  Drawing drawing = MixedDrawing();
  drawing.areas[1].capacity = 5;
  Use(drawing);
  BookAll(ObjectKind::kSeat);
  BookAll(ObjectKind::kBooth);
  BookAll(ObjectKind::kTable);
  const std::vector<Pick> chosen = Chosen(Party(3));
  ASSERT_EQ(chosen.size(), 1u);
  for (const std::string area : {"Pie 1", "Pie 2"}) {
    EXPECT_LE(chart_->object(chosen[0].index).distance, chart_->object(Index(area)).distance);
  }
  ASSERT_NE(chart_->object(Index("Pie 1")).distance, chart_->object(Index("Pie 2")).distance);
}

TEST_F(BoundsTest, ATableIsForItsSmallestPartyAtLeast) {
  BookAll(ObjectKind::kSeat);
  BookAll(ObjectKind::kBooth);
  EXPECT_EQ(Chosen(Party(2)), Picks(*chart_, {"Norte-T2"}));
  EXPECT_NE(Chosen(Party(1)), Picks(*chart_, {"Norte-T2"})) << "for two to three people";
}

TEST_F(BoundsTest, TheSmallestTableThatTakesThePartyIsChosen) {
  SaleRules rules;
  rules.tables.mode = TableSelling::Mode::kWhole;
  SetRules(rules);
  BookAll(ObjectKind::kSeat);
  const auto capacity = [&](int64_t people) {
    return chart_->object(Chosen(Party(people)).at(0).index).capacity;
  };
  EXPECT_EQ(capacity(2), 2u);
  EXPECT_EQ(capacity(3), 3u);
  EXPECT_EQ(capacity(4), 4u);
}

// --- Areas and channels

TEST_F(BoundsTest, AsManyPicksAsACommandTakesAreTaken) {
  Drawing drawing = MixedDrawing();
  drawing.areas[0].capacity = static_cast<int64_t>(limits::kObjectsPerCommandMax) + 1;
  Use(drawing);
  Step step = To(SeatStatus::kBooked, {});
  step.picks.assign(limits::kObjectsPerCommandMax, {Index("Pie 1"), 1});
  EXPECT_EQ(Apply(step), ErrorCode::kOk) << last_;
  EXPECT_EQ(inventory_.area(Index("Pie 1")).free(), 1u);
  step.picks.push_back({Index("Pie 1"), 1});
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
}

TEST_F(BoundsTest, APartyIsNotLargerThanAnAreaIsFor) {
  Drawing drawing = MixedDrawing();
  DrawnArea& area = drawing.sections[1].areas[0];
  area.variable = true;
  area.min_people = 2;
  area.max_people = 6;  // of 10
  Use(drawing);
  EXPECT_EQ(BookPlaces("Norte-GA1", 1), ErrorCode::kInvalidField);
  EXPECT_EQ(BookPlaces("Norte-GA1", 7), ErrorCode::kInvalidField);
  EXPECT_EQ(BookPlaces("Norte-GA1", 6), ErrorCode::kOk);
}

TEST_F(BoundsTest, AChannelThatGaveMoreThanItHasNowTakesNothingFromAnother) {
  const uint32_t pie = Index("Pie 1");  // 5 places
  SaleRules rules;
  rules.channels = {MakeChannel("a", {}), MakeChannel("b", {})};
  rules.channels[0].area_places = {{pie, 4}};
  SetRules(rules);
  ASSERT_EQ(BookPlaces("Pie 1", 3, {"a"}), ErrorCode::kOk);
  rules = inventory_.rules();
  rules.channels[0].area_places = {{pie, 1}};
  rules.channels[1].area_places = {{pie, 2}};
  SetRules(rules);
  EXPECT_EQ(BookPlaces("Pie 1", 1), ErrorCode::kNotForSale) << "both that are free are b's";
  EXPECT_EQ(BookPlaces("Pie 1", 2, {"b"}), ErrorCode::kOk);
}

TEST_F(BoundsTest, WhatIsSetAsideTwiceOverIsStillChosenForWhoMayHaveIt) {
  const uint32_t pie = Index("Pie 1");
  ASSERT_EQ(BookPlaces("Pie 1", 3), ErrorCode::kOk);
  SaleRules rules;
  rules.channels = {MakeChannel("a", {}), MakeChannel("b", {})};
  rules.channels[0].area_places = {{pie, 2}};
  rules.channels[1].area_places = {{pie, 3}};  // five set aside where two are free
  SetRules(rules);
  BookAll(ObjectKind::kSeat);
  BookAll(ObjectKind::kBooth);
  BookAll(ObjectKind::kTable);
  BestAvailableRequest request = Party(2);
  request.zones = {"n"};
  request.categories = {"G"};
  request.access.channels = {"a"};
  EXPECT_EQ(Chosen(request), (std::vector<Pick>{{pie, 2}}));
}

TEST_F(BoundsTest, FewerThanNoPlacesAreNone) {
  SaleRules rules;
  rules.for_sale = ForSale{true, {}, {{"Pie 1", -5}}, {}};
  SetRules(rules);
  EXPECT_EQ(BookPlaces("Pie 1", 1), ErrorCode::kNotForSale);
  rules.for_sale->only_listed = false;
  SetRules(rules);
  EXPECT_EQ(BookPlaces("Pie 1", 5), ErrorCode::kOk);
}

TEST_F(BoundsTest, OnlyAreasOfTheChartAreSetAside) {
  SaleRules rules;
  for (const uint32_t area : {uint32_t{0}, chart_->object_count(), kNone}) {
    rules.channels = {MakeChannel("a", {})};
    rules.channels[0].area_places = {{area, 1}};
    EXPECT_EQ(CodeOf(inventory_.SetRules(rules, At(1))), ErrorCode::kInvalidField) << area;
  }
}

// --- Holds

TEST_F(BoundsTest, HoldsThatMoveAgainAndAgainTakeNoMoreMemory) {
  ASSERT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kOk);
  const auto move = [&](int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_TRUE(inventory_.Extend(kAnn, At(900 + i % 7), At(1)).ok());
  };
  move(500);
  const size_t before = inventory_.MemoryBytes();
  move(20'000);
  EXPECT_EQ(inventory_.MemoryBytes(), before);
}

TEST_F(BoundsTest, EachOfManyHoldsThatMovedEndsInItsTime) {
  Drawing drawing = MixedDrawing();
  drawing.areas[0].capacity = 300;
  Use(drawing);
  constexpr uint64_t kHolds = 300;
  for (uint64_t i = 0; i < kHolds; ++i) {
    const std::vector<Pick> place = {{Index("Pie 1"), 1}};
    ASSERT_TRUE(inventory_.Apply(Step::ToHold({1 + i * 7919}, place, At(5000)), At(1)).ok());
  }
  // Everything moves several times, so that what is known of their ends is made anew in between.
  const auto ends = [](uint64_t i) { return At(1000 + static_cast<int64_t>(i * 37 % kHolds)); };
  for (const int64_t later : {900, 500, 100, 0}) {
    for (uint64_t i = 0; i < kHolds; ++i) {
      const Timestamp at = ends(i) + Duration::Seconds(later);
      ASSERT_TRUE(inventory_.Extend({1 + i * 7919}, at, At(1)).ok());
    }
  }
  for (int64_t second = 0; second < static_cast<int64_t>(kHolds); ++second) {
    EXPECT_LE(inventory_.NextExpiry(), At(1000 + second));
    EXPECT_EQ(inventory_.ExpireHolds(At(1000 + second)).holds.size(), 1u) << second;
  }
  EXPECT_EQ(inventory_.area(Index("Pie 1")).held, 0u);
}

// --- What is stored

TEST_F(BoundsTest, AFreeSeatThatNamesAnOrderIsStored) {
  ASSERT_EQ(Apply(To(SeatStatus::kBooked, {"Norte-A-1"})), ErrorCode::kOk);
  Step release = To(SeatStatus::kFree, {"Norte-A-1"});
  release.order_name = "refund-1";
  ASSERT_EQ(Apply(release), ErrorCode::kOk);
  Inventory loaded(chart_);
  ASSERT_TRUE(loaded.Restore(inventory_.Snapshot()).ok());
  EXPECT_EQ(loaded.row(0).order_name, "refund-1");
}

TEST_F(BoundsTest, WhatCouldNotBeStoredIsNotLoaded) {
  const auto load = [&](std::vector<std::tuple<uint32_t, uint32_t, OrderId>> booked) {
    Changes changes;
    changes.version = 1;
    for (const auto& [index, quantity, order] : booked) {
      SeatRow row;
      row.index = index;
      row.quantity = quantity;
      row.status = SeatStatus::kBooked;
      row.order = order;
      changes.seats.push_back({row, SeatStatus::kBooked, 0});
    }
    Inventory inventory(chart_);
    const Status status = inventory.Restore(changes);
    return CodeOf(status.ok() ? inventory.CheckWhole() : status);
  };
  const uint32_t pie = Index("Pie 1");
  EXPECT_EQ(load({{pie, 5, {1}}}), ErrorCode::kOk);
  EXPECT_EQ(load({{pie, 3, {1}}, {pie, 3, {2}}}), ErrorCode::kDataLoss);
  // Sums that come back to nothing: 2^32 places and six.
  EXPECT_EQ(load({{pie, UINT32_MAX, {1}}, {pie, 6, {2}}}), ErrorCode::kDataLoss);
  const uint32_t table = Index("Norte-T1");
  EXPECT_EQ(load({{table, 1, {1}}}), ErrorCode::kOk);
  EXPECT_EQ(load({{table, 1, {1}}, {Index("Norte-T1-2"), 1, {2}}}), ErrorCode::kDataLoss);
}

TEST_F(BoundsTest, PlacesThatAnotherEventHasAreNotCountedAsFree) {
  EventSet set(chart_);
  ASSERT_TRUE(set.Add({1}, EventKind::kSeason).ok());
  ASSERT_TRUE(set.Add({2}, EventKind::kMatch).ok());
  const EventStep step = {0, Step::ToBook(kOrder, std::vector<Pick>{{Index("Pie 1"), 2}})};
  ASSERT_TRUE(set.Apply({&step, 1}, At(1)).ok());
  const CategoryTotals before = inventory_.TotalsByCategory()[2];
  const CategoryTotals after = set.at(1).TotalsByCategory()[2];
  EXPECT_EQ(after.booked, before.booked + 2);
  EXPECT_EQ(after.free, before.free - 2);
}

}  // namespace
}  // namespace ticketing::seat
