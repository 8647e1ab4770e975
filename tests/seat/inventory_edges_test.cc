// Limits at the very number, texts that are no text, and what must not change.
#include <string>

#include "tests/seat/states_fixture.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/event_set.h"

namespace ticketing::seat {
namespace {

using EdgesTest = StatesTest;

std::string Field(const Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? std::string() : details.fields[0].field;
}

TEST_F(EdgesTest, MovingAnExpiryToWhereItIsChangesNothing) {
  ASSERT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kOk);
  const uint64_t version = inventory_.version();
  const StatusOr<Changes> changes = inventory_.Extend(kAnn, At(900), At(2));
  ASSERT_TRUE(changes.ok());
  EXPECT_TRUE(changes->empty());
  EXPECT_EQ(inventory_.version(), version);
}

TEST_F(EdgesTest, ABookingNeedsAnOrder) {
  ASSERT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kOk);
  EXPECT_EQ(Field(inventory_.Book(kAnn, {}, At(2)).status()), "order");
  EXPECT_EQ(inventory_.RowsOf(kAnn).size(), 1u);
}

TEST_F(EdgesTest, ExtraDataHasALongestFormAndOnlyObjectsOfTheChart) {
  const std::string longest(limits::kExtraBytesMax, 'x');
  EXPECT_TRUE(inventory_.SetExtra(0, longest).ok());
  EXPECT_EQ(Field(inventory_.SetExtra(0, longest + "x").status()), "extra");
  EXPECT_EQ(inventory_.extra(0), longest);
  EXPECT_EQ(CodeOf(inventory_.SetExtra(chart_->object_count(), "x").status()),
            ErrorCode::kUnknownObject);
}

TEST_F(EdgesTest, TheIdOfAChannelIsNeverGivenAgain) {
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-1"})};
  SetRules(rules);
  SetRules({});
  rules.channels = {MakeChannel("members", {"Norte-A-1"})};
  SetRules(rules);
  EXPECT_EQ(inventory_.rules().channels[0].id, 2);
  EXPECT_EQ(inventory_.last_channel(), 2);
}

TEST_F(EdgesTest, IdsOfChannelsGoOnFromTheLargest) {
  SaleRules rules;
  rules.channels = {MakeChannel("a", {}), MakeChannel("b", {}), MakeChannel("c", {})};
  rules.channels[0].id = 5;
  rules.channels[1].id = 2;
  SetRules(rules);
  EXPECT_EQ(inventory_.rules().channels[2].id, 6);
  rules.channels[1].id = 5;
  EXPECT_EQ(Field(inventory_.SetRules(rules, At(1))), "channels[1].id");
}

TEST_F(EdgesTest, AnEventHasOnlySoManyChannels) {
  SaleRules rules;
  for (size_t i = 0; i < limits::kChannelsMax; ++i)
    rules.channels.push_back(MakeChannel("c" + std::to_string(i), {}));
  EXPECT_TRUE(inventory_.SetRules(rules, At(1)).ok());
  rules.channels.push_back(MakeChannel("more", {}));
  EXPECT_EQ(Field(inventory_.SetRules(rules, At(1))), "channels");
}

TEST_F(EdgesTest, ObjectsOfAChannelAreKeptInOrderAndOnce) {
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-2", "Norte-A-1", "Norte-A-2"})};
  SetRules(rules);
  const std::vector<uint32_t> sorted = {Index("Norte-A-1"), Index("Norte-A-2")};
  EXPECT_EQ(inventory_.rules().channels[0].objects, sorted);
}

TEST_F(EdgesTest, AVersionIsNeverLowered) {
  ASSERT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kOk);
  const uint64_t version = inventory_.version();
  inventory_.RaiseVersion(version - 1);
  EXPECT_EQ(inventory_.version(), version);
  inventory_.RaiseVersion(version + 5);
  EXPECT_EQ(inventory_.version(), version + 5);
}

TEST_F(EdgesTest, TextsOfAStepAreTextAndHaveALength) {
  Step step = To(SeatStatus::kBooked, {"Norte-A-1"});
  step.order_name = "\xff";
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  EXPECT_EQ(Field(last_), "order_name");
  step.order_name = std::string(limits::kOrderNameBytesMax, 'o');
  step.notes = {{"\xff", {}}};
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  EXPECT_EQ(Field(last_), "objects[0].ticket_type");
  step.notes = {{std::string(limits::kTicketTypeBytesMax, 't'), {}}};
  EXPECT_EQ(Apply(step), ErrorCode::kOk) << last_;
}

TEST_F(EdgesTest, OnlyACustomStatusHasAName) {
  Step step = To(SeatStatus::kBooked, {"Pie 1"});
  step.custom = "kill";
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  ASSERT_EQ(inventory_.AreaRows(Index("Pie 1")).size(), 1u);
  EXPECT_EQ(inventory_.AreaRows(Index("Pie 1"))[0].custom, "");
}

TEST_F(EdgesTest, StaffFreeAWholeAreaThatIsHeld) {
  const uint32_t area = Index("Norte-GA1");
  Step step = To(SeatStatus::kHeld, {"Norte-GA1"});
  step.picks[0].quantity = 10;
  ASSERT_EQ(Apply(step), ErrorCode::kOk) << last_;
  ASSERT_EQ(inventory_.area(area).held, 10u);
  step = To(SeatStatus::kFree, {"Norte-GA1"});
  step.picks[0].quantity = 10;
  step.any_hold = true;
  ASSERT_EQ(Apply(step), ErrorCode::kOk) << last_;
  EXPECT_EQ(inventory_.area(area).free(), 10u);
  EXPECT_FALSE(inventory_.FindHold(kAnn).has_value());
}

TEST_F(EdgesTest, EveryWindowThatSpeaksOfASeatMustBeOpen) {
  SaleRules rules;
  rules.windows = {{"", At(100), {}}, {"", {}, At(500)}};
  SetRules(rules, At(50));
  EXPECT_EQ(inventory_.PackedUnit(0), 3);
  inventory_.ExpireHolds(At(100));
  EXPECT_EQ(inventory_.PackedUnit(0), 0);
  inventory_.ExpireHolds(At(500));
  EXPECT_EQ(inventory_.PackedUnit(0), 3);
}

TEST_F(EdgesTest, MorePlacesThanAnAreaHasMeansAllOfThem) {
  SaleRules rules;
  rules.for_sale = ForSale{};
  rules.for_sale->area_places = {{"Pie 1", 1'000'000}};
  SetRules(rules);
  EXPECT_EQ(Apply(To(SeatStatus::kBooked, {"Pie 1"})), ErrorCode::kNotForSale);
  rules.for_sale->only_listed = true;
  SetRules(rules);
  EXPECT_EQ(Apply(To(SeatStatus::kBooked, {"Pie 1"})), ErrorCode::kOk);
}

TEST_F(EdgesTest, ACommandHasOnlySoManySteps) {
  EventSet set(chart_);
  ASSERT_TRUE(set.Add({1}, EventKind::kEvent).ok());
  std::vector<EventStep> steps;
  while (steps.size() < limits::kStepsPerCommandMax)
    steps.push_back({0, To(SeatStatus::kHeld, {"Norte-A-1"})});
  EXPECT_TRUE(set.Apply(steps, At(1)).ok()) << "who holds may hold again";
  steps.push_back(steps[0]);
  EXPECT_EQ(Field(set.Apply(steps, At(1)).status()), "steps");
}

TEST_F(EdgesTest, TheBestSeatsOfAChannelCanBeHeldByWhoMayUseIt) {
  EventSet set(chart_);
  ASSERT_TRUE(set.Add({1}, EventKind::kEvent).ok());
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-1", "Norte-A-2"})};
  ASSERT_TRUE(set.SetRules(0, rules, At(1)).ok());
  BestAvailableRequest request;
  request.quantity = 2;
  request.access.channels = {"presale"};
  request.access.without_channel = false;
  const auto changes = set.HoldBestAvailable(0, kAnn, request, At(900), At(1));
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->at(0).seats.size(), 2u);
}

}  // namespace
}  // namespace ticketing::seat
