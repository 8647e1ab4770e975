// Where two rules of the inventory meet: marks and windows, quotas and areas, orders and the table
// of transitions, numbers at their ends.
#include <gmock/gmock.h>

#include "tests/seat/states_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::SizeIs;

TEST_F(StatesTest, AHoldThatWasBookedComesBackWithItsSeats) {
  ASSERT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1", "Norte-A-2"})), ErrorCode::kOk);
  const size_t mark = inventory_.Mark();
  ASSERT_TRUE(inventory_.Book(kAnn, kOrder, At(2)).ok());
  inventory_.Rollback(mark);
  inventory_.Forget();
  EXPECT_TRUE(inventory_.CheckWhole().ok());
  EXPECT_THAT(inventory_.RowsOf(kAnn), SizeIs(2));
  EXPECT_THAT(inventory_.Release(kAnn)->seats, SizeIs(2));
}

TEST_F(StatesTest, AWindowThatOpenedBehindAMarkClosesAgain) {
  SaleRules rules;
  rules.windows = {{"", At(100), {}}};
  SetRules(rules);
  const size_t mark = inventory_.Mark();
  inventory_.ExpireHolds(At(100));
  EXPECT_EQ(inventory_.PackedUnit(0), 0);
  inventory_.Rollback(mark);
  inventory_.Forget();
  EXPECT_EQ(inventory_.PackedUnit(0), 3) << "one version, one map";
  const uint64_t version = inventory_.version();
  inventory_.ExpireHolds(At(100));
  EXPECT_EQ(inventory_.PackedUnit(0), 0);
  EXPECT_EQ(inventory_.version(), version + 1);
}

TEST_F(StatesTest, AQuotaCountsPlacesOfAreasToo) {
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-1"})};
  rules.channels[0].area_places = {{Index("Pie 1"), 4}};
  rules.channels[0].quota = 3;
  SetRules(rules);
  Step step = To(SeatStatus::kHeld, {"Norte-A-1", "Pie 1"});
  step.access.channels = {"presale"};
  step.access.without_channel = false;
  step.picks[1].quantity = 3;
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  step.picks[1].quantity = 2;
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  step.picks = {{Index("Pie 1"), 1}};
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  // Loading and new rules count the same.
  Inventory loaded(chart_);
  ASSERT_TRUE(loaded.Restore(inventory_.Snapshot()).ok());
  ASSERT_TRUE(loaded.SetRules(inventory_.rules(), At(1)).ok());
  EXPECT_EQ(CodeOf(loaded.Apply(step, At(1)).status()), ErrorCode::kNotForSale);
  ASSERT_TRUE(inventory_.Release(kAnn).ok());
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
}

TEST_F(StatesTest, BestAvailableLeavesAChannelWhoseQuotaIsSpent) {
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-4", "Norte-A-5"})};
  rules.channels[0].quota = 1;
  SetRules(rules);
  BestAvailableRequest request;
  request.quantity = 2;
  request.access.channels = {"presale"};
  EXPECT_TRUE(inventory_.HoldBestAvailable(kAnn, request, At(900), At(1)).ok());
  request.quantity = 1;
  ASSERT_THAT(Chosen(request), SizeIs(1));
  EXPECT_EQ(inventory_.channel(Chosen(request)[0].index), 1);
}

TEST_F(StatesTest, WhoMaySellChannelsOnlyGetsNothingWithoutOne) {
  BestAvailableRequest request;
  request.quantity = 1;
  request.access.without_channel = false;
  EXPECT_EQ(CodeOf(inventory_.FindBestAvailable(request).status()), ErrorCode::kNoAdjacentSeats);
}

TEST_F(StatesTest, BestAvailableKnowsWhatAnAreaCanGive) {
  BestAvailableRequest request;
  request.quantity = 4;
  request.sections = {"Norte"};
  request.categories = {"P"};
  request.areas = true;
  for (uint32_t unit = 0; unit < chart_->unit_count(); ++unit) {
    if (!inventory_.sold_here(unit)) continue;
    Step step = To(SeatStatus::kBooked, {});
    step.picks = {{unit, 1}};
    ASSERT_EQ(Apply(step), ErrorCode::kOk);
  }
  request.quantity = 10;
  EXPECT_EQ(Chosen(request), (std::vector<Pick>{{Index("Norte-GA1"), 10}}));
  SaleRules rules;
  rules.channels = {MakeChannel("a", {})};
  rules.channels[0].area_places = {{Index("Norte-GA1"), 5}};
  SetRules(rules);
  EXPECT_FALSE(inventory_.FindBestAvailable(request).ok());
  request.access.channels = {"a", "a"};
  EXPECT_TRUE(inventory_.FindBestAvailable(request).ok());
  // Naming a channel twice does not double its places.
  rules.channels[0].area_places = {{Index("Pie 1"), 2}};
  SetRules(rules);
  request = {};
  request.quantity = 3;
  request.areas = true;
  request.zones = {"n"};
  request.categories = {"G"};
  request.access.channels = {"a", "a"};
  request.access.without_channel = false;
  EXPECT_FALSE(inventory_.FindBestAvailable(request).ok());
}

TEST_F(StatesTest, PlacesSetAsideStayThereWhenAnotherChannelLostItsOwn) {
  const uint32_t pie = Index("Pie 1");  // 5 places
  SaleRules rules;
  rules.channels = {MakeChannel("old", {}), MakeChannel("new", {})};
  rules.channels[0].area_places = {{pie, 2}};
  SetRules(rules);
  Step step = To(SeatStatus::kBooked, {});
  step.picks = {{pie, 2}};
  step.access.channels = {"old"};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  rules = inventory_.rules();
  rules.channels[0].area_places = {};
  rules.channels[1].area_places = {{pie, 2}};
  SetRules(rules);
  step.access.channels = {};
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  step.picks = {{pie, 1}};
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
}

TEST_F(StatesTest, WhatAnOrderHasOfAnAreaFollowsTheTableAndCountsOnce) {
  const uint32_t pie = Index("Pie 1");
  Step step = To(SeatStatus::kBooked, {});
  step.picks = {{pie, 1}};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  Step hold = To(SeatStatus::kHeld, {});
  hold.picks = {{pie, 1}};
  hold.of_order = kOrder;
  EXPECT_EQ(Apply(hold), ErrorCode::kSeatNotAvailable);
  Step kill = To(SeatStatus::kCustom, {});
  kill.order = kill.of_order = kOrder;
  kill.picks = {{pie, 2}};
  EXPECT_EQ(Apply(kill), ErrorCode::kConflict) << "the order has one";
  kill.picks = {{pie, 1}};
  ASSERT_EQ(Apply(kill), ErrorCode::kOk);
  EXPECT_EQ(Apply(hold), ErrorCode::kSeatNotAvailable);
  // What a hold has belongs to no order.
  ASSERT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kOk);
  Step release = Step::ToRelease(kAnn, std::vector<Pick>{{pie, 1}});
  release.of_order = kOrder;
  EXPECT_EQ(Apply(release), ErrorCode::kConflict);
}

TEST_F(StatesTest, APartyThatTookAWholeAreaBooksAllOfIt) {
  Drawing drawing = MixedDrawing();
  drawing.sections[1].areas[0].variable = true;
  chart_ = MakeChart(drawing);
  inventory_ = Inventory(chart_);
  const uint32_t area = Index("Norte-GA1");  // 10, for a party of any size
  Step step = To(SeatStatus::kHeld, {});
  step.picks = {{area, 4}};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  EXPECT_EQ(inventory_.area(area).held, 10u);
  Step book = To(SeatStatus::kBooked, {});
  book.hold = kAnn;
  book.picks = {{area, 4}};
  ASSERT_EQ(Apply(book), ErrorCode::kOk);
  EXPECT_EQ(inventory_.area(area).booked, 10u);
  EXPECT_EQ(inventory_.FindHold(kAnn), std::nullopt);
}

TEST_F(StatesTest, TheMapClosesResaleThatIsNotForSale) {
  ASSERT_EQ(Apply(To(SeatStatus::kResale, {"Norte-A-1"})), ErrorCode::kOk);
  SaleRules rules;
  rules.for_sale = ForSale{false, {"Norte-A-1"}, {}, {}};
  SetRules(rules);
  EXPECT_EQ(inventory_.PackedUnit(0), 3);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kNotForSale);
}

TEST_F(StatesTest, NumbersBeyondAllBoundsDoNotWrap) {
  Step step = To(SeatStatus::kHeld, {"Norte-A-1"});
  step.hold_max = Duration{INT64_MAX};
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
  step.picks = Picks(*chart_, {"Norte-A-2"});
  step.hold_max = {};
  step.expires_at = Timestamp{INT64_MAX};
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  step.expires_at = At(10);
  step.hold_max = Duration{-1};
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);

  SaleRules rules;
  rules.channels = {MakeChannel("last", {})};
  rules.channels[0].id = UINT16_MAX;
  SetRules(rules);
  rules.channels.push_back(MakeChannel("one more", {}));
  EXPECT_EQ(CodeOf(inventory_.SetRules(rules, At(1))), ErrorCode::kInvalidField);
}

TEST_F(StatesTest, NamesOfStatusesAreBounded) {
  Step step = To(SeatStatus::kCustom, {"Norte-A-1"});
  for (size_t i = 0; i < limits::kStatusNamesMax; ++i) {
    step.custom = "name " + std::to_string(i);
    ASSERT_TRUE(inventory_.Apply(step, At(1)).ok()) << i;
  }
  step.custom = "one more";
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  step.custom = "name 0";
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
  Changes changes;
  SeatRow row = inventory_.row(0);
  row.custom = "one more";
  changes.seats.push_back({row, SeatStatus::kFree, 0});
  EXPECT_EQ(CodeOf(inventory_.Restore(changes)), ErrorCode::kDataLoss);
}

TEST_F(StatesTest, ARowThatCannotBeIsNeverLoaded) {
  const auto load = [&](SeatStatus status, bool resale, OrderId order) {
    Changes changes;
    changes.version = 1;
    SeatRow row;
    row.status = status;
    row.resale = resale;
    row.order = order;
    changes.seats.push_back({row, SeatStatus::kFree, 0});
    Inventory inventory(chart_);
    return CodeOf(inventory.Restore(changes));
  };
  EXPECT_EQ(load(SeatStatus::kResale, false, kOrder), ErrorCode::kOk);
  EXPECT_EQ(load(SeatStatus::kBooked, true, kOrder), ErrorCode::kOk);
  EXPECT_EQ(load(SeatStatus::kFree, false, kOrder), ErrorCode::kDataLoss);
  EXPECT_EQ(load(SeatStatus::kFree, true, {}), ErrorCode::kDataLoss);
  EXPECT_EQ(load(SeatStatus::kResale, true, kOrder), ErrorCode::kDataLoss);
}

TEST_F(StatesTest, ARefusedTextIsToldWhy) {
  Step step = To(SeatStatus::kCustom, {"Norte-A-1"});
  step.custom = std::string(limits::kStatusNameBytesMax + 1, 'x');
  ASSERT_EQ(Apply(step), ErrorCode::kInvalidField);
  EXPECT_EQ(DetailsOf(last_).fields,
            (std::vector<FieldError>{{"status", "must be at most 100 bytes long"}}));
  SaleRules rules;
  rules.channels = {MakeChannel(std::string(limits::kLabelBytesMax + 1, 'x'), {})};
  EXPECT_EQ(DetailsOf(inventory_.SetRules(rules, At(1))).fields,
            (std::vector<FieldError>{{"channels[0].key", "must be at most 100 bytes long"}}));
}

// One form per value: what says nothing in more bytes is refused.
TEST_F(StatesTest, ChangesHaveOneFormInBytes) {
  Changes changes;
  changes.version = 3;
  changes.seats.push_back({inventory_.row(0), SeatStatus::kFree, 1});
  changes.holds.push_back({kAnn, Timestamp{INT64_MIN}, Timestamp{INT64_MAX}, false});
  std::string bytes;
  AppendChanges(bytes, changes);
  std::string_view rest = bytes;
  EXPECT_EQ(TakeChanges(rest), changes);
  const size_t present = 5;  // slot, version, count, index, statuses
  const auto refused = [&](char flag, std::string_view empty) {
    std::string longer = bytes;
    ASSERT_EQ(longer[present], 0);
    longer[present] = flag;
    longer.insert(present + 1, empty);
    std::string_view left = longer;
    EXPECT_EQ(TakeChanges(left), std::nullopt) << int{flag};
  };
  refused(1, "\1\1");
  for (const char flag : {2, 4, 8, 16, 32, 64}) refused(flag, std::string_view("\0", 1));
}

TEST_F(StatesTest, AReleaseAsksNothingOfItsNeighbours) {
  ASSERT_EQ(Apply(To(SeatStatus::kBooked, {"Norte-A-2"})), ErrorCode::kOk);
  Step release = To(SeatStatus::kFree, {"Norte-A-2", "Norte-A-5", "Norte-A-7"});
  release.refuse_orphans = true;
  EXPECT_EQ(Apply(release), ErrorCode::kOk);
}

}  // namespace
}  // namespace ticketing::seat
