// What readers of a lane see.
#include <thread>

#include "tests/lane/lane_world.h"
#include "ticketing/seat/availability.h"

namespace ticketing {
namespace {

class ViewTest : public LaneTest {};
INSTANTIATE_TEST_SUITE_P(Engines, ViewTest, ::testing::Values(EngineKind::kSqlite), NameOf);

TEST_P(ViewTest, ViewsShowCommittedStatesOnly) {
  const auto before = lane_->View();
  ASSERT_OK(before);
  tricky_->Close();
  Submit(Shop::Hold(100, {0}));
  // The hold is applied in memory and waits for its commit; the view of now does not have it.
  const auto during = lane_->View();
  ASSERT_OK(during);
  EXPECT_EQ((*during)->version, (*before)->version);
  EXPECT_EQ((*during)->map, (*before)->map);
  tricky_->Open();
  WaitForAnswers();
  const auto after = lane_->View();
  ASSERT_OK(after);
  EXPECT_GT((*after)->version, (*before)->version);
  EXPECT_EQ((*after)->categories[0].held, 1u);
}

// A reader who comes while a commit is under way waits for it, and hears of it or of its failure.
TEST_P(ViewTest, AReaderOfABusyLaneIsServed) {
  for (const bool fails : {false, true}) {
    env_.clock.Advance(Duration::Minutes(10));  // what is known is old, and all holds are over
    EXPECT_OK(lane_->ExpireHolds());
    env_.clock.Advance(Duration::Seconds(2));
    tricky_->Close();
    if (fails) tricky_->FailAt(2);
    Submit(Shop::Hold(100, {0}));
    StatusOr<std::shared_ptr<const LaneView>> view = nullptr;
    std::thread reader([&] { view = lane_->View(); });
    tricky_->Open();
    reader.join();
    WaitForAnswers();
    ASSERT_OK(view);
    EXPECT_EQ((*view)->map.empty(), false);
  }
}

TEST_P(ViewTest, TheCommitsOfOthersAreSeenWithinASecond) {
  const std::unique_ptr<EventLane> other = MakeLane(*database_);
  EXPECT_OK(lane_->View());
  EXPECT_OK(other->Run(Shop::Hold(100, {0, 1})));
  env_.clock.Advance(Duration::Seconds(1));
  const auto view = lane_->View();
  ASSERT_OK(view);
  EXPECT_EQ((*view)->categories[0].held, 2u);
}

TEST_P(ViewTest, ViewsLetExpiredHoldsGo) {
  EXPECT_OK(lane_->Run(Shop::Hold(100, {0})));
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_EQ((*lane_->View())->categories[0].held, 0u);
  // By a lane that has not looked yet, too.
  EXPECT_OK(lane_->Run(Shop::Hold(101, {0})));
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_EQ((*MakeLane(*tricky_)->View())->categories[0].held, 0u);
}

TEST_P(ViewTest, DeltasTellWhatChanged) {
  EXPECT_OK(lane_->Run(Shop::Hold(100, {5})));
  const uint64_t since = (*lane_->View())->version;
  EXPECT_OK(lane_->Run(Shop::Hold(101, {1, 2})));
  EXPECT_OK(lane_->Run(Shop::Release(101)));
  EXPECT_OK(lane_->Run(Shop::Hold(102, {2})));
  EXPECT_OK(lane_->Run(Shop::HoldPlaces(103, 4)));
  std::string state;
  EXPECT_OK(lane_->Ask([&](const LaneState& now) {
    const uint32_t changed[] = {1, 2, kHallArea};
    state = seat::PackDelta(now.seats.at(0), since, changed);
    return OkStatus();
  }));
  const auto delta = lane_->Delta(since);
  ASSERT_OK(delta);
  EXPECT_EQ(*delta, state);
  // A lane that has just been loaded knows it from the log.
  const auto again = MakeLane(*tricky_)->Delta(since);
  ASSERT_OK(again);
  EXPECT_EQ(*again, state);
}

TEST_P(ViewTest, ADeltaKnowsThatATableBlocksItsSeats) {
  const uint64_t since = (*lane_->View())->version;
  EXPECT_OK(lane_->Run(Shop::Hold(100, {40})));
  std::string state;
  EXPECT_OK(lane_->Ask([&](const LaneState& now) {
    const uint32_t changed[] = {40, kHallTable};
    state = seat::PackDelta(now.seats.at(0), since, changed);
    return OkStatus();
  }));
  EXPECT_EQ(**lane_->Delta(since), state);
}

TEST_P(ViewTest, AVersionFromTheFutureOrThePastNeedsTheMap) {
  EXPECT_OK(lane_->Run(Shop::Hold(100, {5})));
  const uint64_t now = (*lane_->View())->version;
  EXPECT_EQ(*lane_->Delta(now + 1), std::nullopt);
  EXPECT_NE(*lane_->Delta(now), std::nullopt);
  // New rules can change any seat.
  EXPECT_OK(lane_->Run([](LaneState& state, Timestamp at) -> StatusOr<LaneEffect> {
    seat::SaleRules rules;
    rules.for_sale = {.only_listed = true, .objects = {"N-1-1"}};
    TICKETING_RETURN_IF_ERROR(state.seats.SetRules(0, rules, at));
    return LaneEffect{.head = true};
  }));
  EXPECT_EQ(*lane_->Delta(now), std::nullopt);
  EXPECT_GT((*lane_->View())->version, now);
  EXPECT_EQ(Dump(*lane_), FreshDump());
}

// More changes than the lane remembers.
TEST_P(ViewTest, ADeltaThatIsTooOldNeedsTheMap) {
  const uint64_t first = (*lane_->View())->version;
  std::vector<uint32_t> all;
  for (uint32_t i = 0; i < 40; ++i) all.push_back(i);
  const auto change_all = [&] {
    EXPECT_OK(lane_->Run(Shop::Hold(1, all)));
    EXPECT_OK(lane_->Run(Shop::Release(1)));
  };
  change_all();
  const uint64_t second = (*lane_->View())->version;
  EXPECT_NE(*lane_->Delta(first), std::nullopt);
  for (int i = 0; i < 65'536 / 80; ++i) change_all();
  EXPECT_EQ(*lane_->Delta(first), std::nullopt);
  EXPECT_NE(*lane_->Delta(second + 80), std::nullopt);
}

}  // namespace
}  // namespace ticketing
