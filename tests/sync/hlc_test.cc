#include "ticketing/sync/hlc.h"

#include <gtest/gtest.h>

#include <limits>

namespace ticketing {
namespace {

constexpr Timestamp kWall = Timestamp::FromSeconds(1'795'400'000);

TEST(HybridClock, FollowsTheWallClockAndNeverGoesBack) {
  HybridClock clock;
  EXPECT_EQ(clock.Tick(kWall), (HlcTime{kWall.micros, 0}));
  EXPECT_EQ(clock.Tick(kWall), (HlcTime{kWall.micros, 1}));
  EXPECT_EQ(clock.Tick(kWall - Duration::Hours(5)), (HlcTime{kWall.micros, 2}));
  EXPECT_EQ(clock.Tick(kWall + Duration::Micros(1)), (HlcTime{kWall.micros + 1, 0}));
}

TEST(HybridClock, StaysStrictlyIncreasingWhenTheCounterIsFull) {
  HybridClock clock(HlcTime{kWall.micros, std::numeric_limits<uint16_t>::max()});
  EXPECT_EQ(clock.Tick(kWall), (HlcTime{kWall.micros + 1, 0}));
}

TEST(HybridClock, WhatWasSeenSortsBeforeWhatFollows) {
  HybridClock clock;
  const HlcTime seen{kWall.micros + Duration::Seconds(30).micros, 4};
  EXPECT_TRUE(clock.Observe(seen, kWall));
  EXPECT_GT(clock.Tick(kWall), seen);
  EXPECT_TRUE(clock.Observe(HlcTime{1, 0}, kWall)) << "an old time is no reason for alarm";
  EXPECT_GT(clock.Tick(kWall), seen);
}

TEST(HybridClock, DoesNotFollowAClockThatIsWrong) {
  HybridClock clock;
  clock.Tick(kWall);
  EXPECT_TRUE(clock.Observe({(kWall + kHlcSkewMax).micros, 0}, kWall));
  EXPECT_FALSE(clock.Observe({(kWall + kHlcSkewMax).micros + 1, 0}, kWall));
  EXPECT_FALSE(clock.Observe({std::numeric_limits<int64_t>::max(), 65535}, kWall));
  EXPECT_EQ(clock.last(), (HlcTime{(kWall + kHlcSkewMax).micros, 0}));
}

}  // namespace
}  // namespace ticketing
