// Commands that span lanes: all of it happens or nothing, and all lanes go on.
#include <atomic>
#include <stdexcept>
#include <thread>

#include "tests/lane/lane_world.h"

namespace ticketing {
namespace {

constexpr LaneId kOther{500};  // comes before kLane

class TogetherTest : public LaneTest {
 protected:
  TogetherTest() {
    CreateLane(kOther);
    other_ = MakeLane(*tricky_, kOther);
  }
  ~TogetherTest() override { tricky_->Open(); }

  // Lets a hold go in the first lane and makes one in the second.
  static auto Swap(uint64_t from, uint64_t to, uint32_t seat) {
    return [=](std::span<LaneState* const> states,
               Timestamp now) -> StatusOr<std::vector<LaneEffect>> {
      std::vector<LaneEffect> effects(2);
      TICKETING_ASSIGN_OR_RETURN(effects[0], Shop::Release(from)(*states[0], now));
      TICKETING_ASSIGN_OR_RETURN(effects[1], Shop::Hold(to, {seat})(*states[1], now));
      return effects;
    };
  }
  Status RunSwap(EventLane& from, uint64_t hold, EventLane& to, uint64_t next, uint32_t seat) {
    EventLane* const lanes[] = {&from, &to};
    return RunTogether(lanes, Swap(hold, next, seat));
  }
  void ExpectBothAsStored() {
    EXPECT_EQ(Dump(*lane_), FreshDump());
    EXPECT_EQ(Dump(*other_), FreshDump(kOther));
  }

  std::unique_ptr<EventLane> other_;
};
INSTANTIATE_TEST_SUITE_P(Engines, TogetherTest, AllEngines(), NameOf);

TEST_P(TogetherTest, BothHappenInOneCommit) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {5})));
  const int before = tricky_->writes;
  EXPECT_OK(RunSwap(*lane_, 1, *other_, 2, 7));
  EXPECT_EQ(tricky_->writes, before + 1);
  EXPECT_EQ(Totals().held, 0u);
  EXPECT_EQ(Row(7, 0, kOther).hold, HoldId{2});
  EXPECT_OK(RunSwap(*other_, 2, *lane_, 3, 5));
  EXPECT_EQ(Totals(0, kOther).held, 0u);
  EXPECT_EQ(Row(5).hold, HoldId{3});
  ExpectBothAsStored();
  EXPECT_EQ((*lane_->View())->categories[0].held, 1u);
  EXPECT_EQ((*other_->View())->categories[0].held, 0u);
}

TEST_P(TogetherTest, ARefusalInTheMiddleUndoesAll) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {5})));
  EXPECT_OK(other_->Run(Shop::Hold(2, {7})));
  EXPECT_THAT(RunSwap(*lane_, 1, *other_, 3, 7), HasCode(ErrorCode::kSeatNotAvailable));
  EXPECT_EQ(Row(5).hold, HoldId{1});
  ExpectBothAsStored();
  // The state in memory is whole: the next command does not load.
  const int reads = tricky_->reads;
  EXPECT_OK(lane_->Run(Shop::Book(1, 1)));
  EXPECT_OK(other_->Run(Shop::Release(2)));
  EXPECT_EQ(tricky_->reads, reads);
  ExpectBothAsStored();
  Audit();
}

TEST_P(TogetherTest, AnExceptionUndoesAll) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {5})));
  EventLane* const lanes[] = {lane_.get(), other_.get()};
  const Status status = RunTogether(
      lanes,
      [](std::span<LaneState* const> states, Timestamp now) -> StatusOr<std::vector<LaneEffect>> {
        EXPECT_OK(Shop::Release(1)(*states[0], now).status());
        throw std::runtime_error("a bug of the caller");
      });
  EXPECT_EQ(CodeOf(status), ErrorCode::kInternal);
  EXPECT_EQ(Row(5).hold, HoldId{1});
  ExpectBothAsStored();
  EXPECT_OK(RunSwap(*lane_, 1, *other_, 2, 7));
}

TEST_P(TogetherTest, RefusedRowsUndoAll) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {5})));
  EventLane* const lanes[] = {lane_.get(), other_.get()};
  const auto refused = [](std::span<LaneState* const> states,
                          Timestamp now) -> StatusOr<std::vector<LaneEffect>> {
    std::vector<LaneEffect> effects(2);
    TICKETING_ASSIGN_OR_RETURN(effects[0], Shop::Book(1, 1)(*states[0], now));
    TICKETING_ASSIGN_OR_RETURN(effects[1], Shop::Hold(2, {7})(*states[1], now));
    states[1]->counters[0].next_ordinal = 9;
    effects[1].rows = [](SqlTransaction&) { return MakeError(ErrorCode::kConflict, "No."); };
    return effects;
  };
  EXPECT_THAT(RunTogether(lanes, refused), HasCode(ErrorCode::kConflict));
  const int reads = tricky_->reads;
  EXPECT_OK(lane_->Run(Shop::Hold(3, {6})));
  EXPECT_OK(other_->Run(Shop::Hold(4, {6})));
  EXPECT_EQ(tricky_->reads, reads);
  EXPECT_EQ(Row(5).hold, HoldId{1});
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM orders"), 0);
  ExpectBothAsStored();
}

TEST_P(TogetherTest, AHoldThatExpiredIsGoneForBoth) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {5})));
  EXPECT_OK(other_->Run(Shop::Hold(2, {7})));
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_THAT(RunSwap(*lane_, 1, *other_, 3, 7), HasCode(ErrorCode::kHoldNotFound));
  ExpectBothAsStored();
  EXPECT_OK(lane_->Run(Shop::Hold(4, {5})));
  EXPECT_OK(RunSwap(*lane_, 4, *other_, 5, 7));
  EXPECT_EQ(Row(7, 0, kOther).hold, HoldId{5});
  ExpectBothAsStored();
}

TEST_P(TogetherTest, WhatWasSubmittedBeforeComesFirst) {
  tricky_->Close();
  Submit(Shop::Hold(1, {1}));
  Submit(Shop::Hold(2, {5}));
  std::thread swapper([&] { EXPECT_OK(RunSwap(*lane_, 2, *other_, 3, 7)); });
  tricky_->Open();
  swapper.join();
  EXPECT_THAT(WaitForAnswers(), ::testing::Each(ErrorCode::kOk));
  EXPECT_EQ(Row(7, 0, kOther).hold, HoldId{3});
}

// Old memory in either lane is not believed, for good news or bad.
TEST_P(TogetherTest, LostRacesAreRunAgain) {
  const auto lane = MakeLane(*database_);
  const auto other = MakeLane(*database_, kOther);
  EXPECT_OK(lane_->Run(Shop::Hold(1, {5})));
  EXPECT_OK(other_->Run(Shop::Hold(2, {7})));
  EXPECT_OK(lane->Run(Shop::Hold(3, {1})));
  EXPECT_OK(other->Run(Shop::Release(2)));
  EXPECT_OK(RunSwap(*lane_, 1, *other_, 4, 7));
  ExpectBothAsStored();
  EXPECT_THAT(RunTogether(std::vector<EventLane*>{lane.get(), other.get()}, Swap(1, 5, 8)),
              HasCode(ErrorCode::kHoldNotFound));
}

TEST_P(TogetherTest, LanesThatAlwaysLoseKeepTheOthersOut) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {5})));
  const std::unique_ptr<Database> second = engine_->Open();
  const auto rival = MakeLane(*second, kOther);
  uint64_t next = 100;
  tricky_->before_write = [&] {
    // While it holds our write back, it commits.
    const uint64_t id = next++;
    EXPECT_OK(rival->Run(id % 2 == 0 ? Shop::Hold(id, {30}) : Shop::Release(id - 1)));
  };
  EXPECT_OK(RunSwap(*lane_, 1, *other_, 2, 7));
  EXPECT_GT(next, 103u);
  EXPECT_THAT(RunSwap(*lane_, 1, *other_, 3, 8), HasCode(ErrorCode::kHoldNotFound));
  tricky_->before_write = nullptr;
  EXPECT_EQ(Row(7, 0, kOther).hold, HoldId{2});
  ExpectBothAsStored();
}

TEST_P(TogetherTest, FailingAtAnyStepIsAllOrNothing) {
  uint64_t hold = 1;
  EXPECT_OK(lane_->Run(Shop::Hold(hold, {5})));
  bool finished = false;
  int failures = 0;
  for (int n = 1; !finished; ++n) {
    SCOPED_TRACE(n);
    ASSERT_LT(n, 100);
    tricky_->FailAt(n);
    const uint64_t next = hold + 1;
    const Status status = RunSwap(*lane_, hold, *other_, next, 7);
    finished = !tricky_->failed();
    failures += finished ? 0 : 1;
    const bool moved = Totals(0, kOther).held == 1;
    EXPECT_EQ(Totals().held, moved ? 0u : 1u);
    if (status.ok()) EXPECT_TRUE(moved);
    ExpectBothAsStored();
    tricky_->FailAt(INT32_MAX);
    if (moved) EXPECT_OK(RunSwap(*other_, next, *lane_, ++hold + 1, 5));
    if (moved) ++hold;
    if (HasFailure()) return;
  }
  EXPECT_GE(failures, 5);
}

// One hold per thread wanders between two events while others sell there.
TEST_P(TogetherTest, CrossingSwapsNeverWaitForEachOther) {
  constexpr int kThreads = 4;
  constexpr int kSwaps = 100;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      EventLane* from = t % 2 == 0 ? lane_.get() : other_.get();
      EventLane* to = t % 2 == 0 ? other_.get() : lane_.get();
      const auto seat = static_cast<uint32_t>(t);
      uint64_t hold = 1 + t * 10'000;
      EXPECT_OK(from->Run(Shop::Hold(hold, {seat})));
      for (int i = 0; i < kSwaps; ++i) {
        EXPECT_OK(RunSwap(*from, hold, *to, hold + 1, seat));
        ++hold;
        // The seat of a neighbour, who may have it now: refused, or given back at once.
        const uint64_t extra = hold + 500'000;
        const auto other_seat = static_cast<uint32_t>(10 + (t + 1) % 2);
        const Status status = from->Run(Shop::Hold(extra, {other_seat}));
        if (status.ok()) EXPECT_OK(from->Run(Shop::Release(extra)));
        if (!status.ok()) ++failed;
        std::swap(from, to);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Totals().held + Totals(0, kOther).held, 4u);
  ExpectBothAsStored();
}

}  // namespace
}  // namespace ticketing
