// A database that fails at any statement, at any commit, or after it: whoever was told something
// was told the truth, and a new lane finds what the running one knows.
#include <set>

#include "tests/lane/lane_world.h"

namespace ticketing {
namespace {

class FaultTest : public LaneTest {
 protected:
  // Sells two seats, asking again after failures as a client does.
  void Sell(uint64_t sale) {
    const auto seat = static_cast<uint32_t>(2 * sale);
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Status held = lane_->Run(Shop::Hold(sale, {seat, seat + 1}));
      if (CodeOf(held) == ErrorCode::kUnavailable) continue;
      // What was not heard of had happened.
      if (!held.ok()) EXPECT_GT(attempt, 0) << held;
      break;
    }
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Status booked = lane_->Run(Shop::Book(sale, sale));
      if (CodeOf(booked) == ErrorCode::kUnavailable) continue;
      if (!booked.ok()) {
        EXPECT_THAT(booked, HasCode(ErrorCode::kHoldNotFound));
        EXPECT_GT(attempt, 0);
      }
      break;
    }
  }

  void ExpectSold(uint64_t sales) {
    for (uint64_t sale = 1; sale <= sales; ++sale) {
      for (const uint32_t seat : {2 * sale, 2 * sale + 1}) {
        EXPECT_EQ(Row(seat).status, seat::SeatStatus::kBooked);
        EXPECT_EQ(Row(seat).order, OrderId{sale});
      }
    }
    EXPECT_EQ(Totals().booked, 2 * sales);
    EXPECT_EQ(Sql("SELECT next_ordinal FROM lane_counters WHERE lane_id = 1000"),
              static_cast<int64_t>(sales));
    Audit();
    EXPECT_EQ(Dump(*lane_), FreshDump());
  }

  void StartAnew() {
    lane_.reset();
    tricky_.reset();
    database_.reset();
    engine_ = Engine::Make(GetParam());
    database_ = engine_->Open();
    CreateLane(kLane);
    tricky_ = std::make_unique<TrickyDatabase>(*database_);
    lane_ = MakeLane(*tricky_);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, FaultTest, AllEngines(), NameOf);

TEST_P(FaultTest, FailingAtAnyStepSellsEverySeatOnce) {
  constexpr uint64_t kSales = 4;
  bool finished = false;
  int failures = 0;
  for (int n = 1; !finished; ++n) {
    SCOPED_TRACE("step " + std::to_string(n));
    ASSERT_LT(n, 300);
    StartAnew();
    tricky_->FailAt(n);
    for (uint64_t sale = 1; sale <= kSales; ++sale) Sell(sale);
    finished = !tricky_->failed();
    failures += finished ? 0 : 1;
    ExpectSold(kSales);
    if (HasFailure()) return;
  }
  EXPECT_GE(failures, 20);
}

// Batches of many commands, some of which are refused by their rows.
TEST_P(FaultTest, FailingAtAnyStepOfABatchIsAllOrNothing) {
  bool finished = false;
  for (int n = 1; !finished; ++n) {
    SCOPED_TRACE("step " + std::to_string(n));
    ASSERT_LT(n, 300);
    StartAnew();
    for (uint64_t i = 1; i <= 6; ++i) EXPECT_OK(lane_->Run(Shop::Hold(i, {uint32_t(i)})));
    EXPECT_OK(lane_->Run(Shop::Book(1, 1)));
    tricky_->Close();
    tricky_->FailAt(n);
    Submit(Shop::Hold(20, {20}));
    Submit(Shop::Book(2, 2));
    Submit(Shop::Book(3, 1));  // refused
    Submit(Shop::Book(4, 4));
    Submit(Shop::Book(99, 5));  // there is no such hold
    tricky_->Open();
    const std::vector<ErrorCode> codes = WaitForAnswers();
    finished = !tricky_->failed();
    if (codes[0] == ErrorCode::kOk) EXPECT_EQ(Row(20).hold, HoldId{20});
    // The later ones share a commit; only the one refused may know better.
    EXPECT_EQ(codes[1], codes[3]);
    EXPECT_THAT(codes[2], ::testing::AnyOf(ErrorCode::kConflict, codes[1]));
    if (codes[1] == ErrorCode::kOk) {
      EXPECT_EQ(codes[2], ErrorCode::kConflict);
      EXPECT_EQ(codes[4], ErrorCode::kHoldNotFound);
      EXPECT_EQ(Row(2).order, OrderId{2});
      EXPECT_EQ(Row(4).order, OrderId{4});
    } else {
      EXPECT_EQ(codes[1], ErrorCode::kUnavailable);
      EXPECT_EQ(Row(2).status, Row(4).status);
    }
    EXPECT_EQ(Row(3).hold, HoldId{3});
    Audit();
    EXPECT_EQ(Dump(*lane_), FreshDump());
    tricky_->FailAt(INT32_MAX);
    EXPECT_OK(lane_->Run(Shop::Hold(50, {30})));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace ticketing
