#include "ticketing/identity/throttle.h"

#include <gtest/gtest.h>

namespace ticketing::identity {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'800'000'000);
constexpr ThrottlePolicy kPolicy{.free_failures = 2,
                                 .first_wait = Duration::Seconds(1),
                                 .longest_wait = Duration::Seconds(10),
                                 .forget_after = Duration::Minutes(5)};

ThrottleState Fail(ThrottleState state, int times, Timestamp now = kNow) {
  for (int i = 0; i < times; ++i) state = ThrottleAfterFailure(kPolicy, state, now);
  return state;
}

TEST(Throttle, FirstFailuresAreFree) {
  EXPECT_FALSE(ThrottleWait(Fail({}, 2), kNow));
}

TEST(Throttle, WaitDoublesUpToTheBound) {
  EXPECT_EQ(ThrottleWait(Fail({}, 3), kNow), Duration::Seconds(1));
  EXPECT_EQ(ThrottleWait(Fail({}, 4), kNow), Duration::Seconds(2));
  EXPECT_EQ(ThrottleWait(Fail({}, 5), kNow), Duration::Seconds(4));
  EXPECT_EQ(ThrottleWait(Fail({}, 6), kNow), Duration::Seconds(8));
  EXPECT_EQ(ThrottleWait(Fail({}, 7), kNow), Duration::Seconds(10));
  EXPECT_EQ(ThrottleWait(Fail({}, 5000), kNow), Duration::Seconds(10));
}

TEST(Throttle, WaitEndsByItself) {
  const ThrottleState state = Fail({}, 4);
  EXPECT_TRUE(ThrottleWait(state, kNow + Duration::Micros(1'999'999)));
  EXPECT_FALSE(ThrottleWait(state, kNow + Duration::Seconds(2)));
}

TEST(Throttle, QuietTimeForgets) {
  const ThrottleState state = Fail({}, 7);
  EXPECT_FALSE(ThrottleForgotten(kPolicy, state, kNow + Duration::Minutes(4)));
  const Timestamp later = kNow + Duration::Minutes(5);
  EXPECT_TRUE(ThrottleForgotten(kPolicy, state, later));
  EXPECT_EQ(Fail(state, 1, later).failures, 1);
  EXPECT_EQ(Fail(state, 1, kNow + Duration::Minutes(4)).failures, 8);
}

TEST(Throttle, ClockThatGoesBackShortensNothing) {
  const ThrottleState state = Fail({}, 7);
  const ThrottleState after = Fail(state, 1, kNow - Duration::Hours(1));
  EXPECT_EQ(after.blocked_until, state.blocked_until);
  EXPECT_EQ(after.last_failure, state.last_failure);
}

}  // namespace
}  // namespace ticketing::identity
