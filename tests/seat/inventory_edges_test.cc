// Limits at the very number, texts that are no text, and what must not change.
#include <string>

#include "tests/seat/states_fixture.h"
#include "ticketing/base/limits.h"

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

}  // namespace
}  // namespace ticketing::seat
