// What readers of a lane see.
#include <thread>

#include "tests/lane/lane_world.h"
#include "ticketing/seat/availability.h"

namespace ticketing {
namespace {

class ViewTest : public LaneTest {};
INSTANTIATE_TEST_SUITE_P(Engines, ViewTest, AllEngines(), NameOf);

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

// A reader with an old map brings it up to date, from any lane.
TEST_P(ViewTest, DeltasBringAMapUpToDate) {
  const auto map = [&] { return *seat::UnpackAvailability((*lane_->View())->map); };
  EXPECT_OK(lane_->Run(Shop::Hold(100, {5})));
  std::vector<seat::AvailabilityMap> readers = {map()};
  const LaneApply steps[] = {
      Shop::Hold(101, {1, 2}),   Shop::Release(101), Shop::Hold(102, {2}),
      Shop::HoldPlaces(103, 4),  Shop::Book(102, 9), Shop::Hold(104, {40, 41}),
      Shop::Hold(105, {20, 21}), Shop::Release(104), Shop::Hold(106, {42})};
  for (const LaneApply& step : steps) {
    EXPECT_OK(lane_->Run(step));
    readers.push_back(map());
  }
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_OK(lane_->ExpireHolds());
  const seat::AvailabilityMap now = map();
  const std::unique_ptr<EventLane> loaded = MakeLane(*tricky_);
  for (const seat::AvailabilityMap& old : readers) {
    for (EventLane* lane : {lane_.get(), loaded.get()}) {
      const auto delta = lane->Delta(old.version);
      ASSERT_OK(delta);
      ASSERT_TRUE(delta->has_value());
      seat::AvailabilityMap brought = old;
      EXPECT_OK(seat::ApplyDelta(**delta, brought));
      EXPECT_EQ(brought.version, now.version);
      EXPECT_EQ(brought.units, now.units);
      EXPECT_EQ(brought.area_free, now.area_free);
    }
  }
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
