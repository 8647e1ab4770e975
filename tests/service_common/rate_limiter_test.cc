#include "ticketing/service/common/rate_limiter.h"

#include <gtest/gtest.h>

#include <deque>

#include "ticketing/testing/seeded_random.h"

namespace ticketing {
namespace {

TEST(RateLimiterTest, AllowsABurstThenTheSteadyRate) {
  RateLimiter limiter(10, 4);
  Duration now = Duration::Seconds(100);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.Admit("a", now)) << i;
  const auto wait = limiter.Admit("a", now);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, Duration::Millis(100));
  EXPECT_FALSE(limiter.Admit("b", now));  // another caller is not held up
  EXPECT_TRUE(limiter.Admit("a", now + *wait - Duration::Micros(1)));
  EXPECT_FALSE(limiter.Admit("a", now + *wait));
}

// Method: a token bucket kept the long way must admit the same requests.
TEST(RateLimiterTest, EqualsATokenBucket) {
  constexpr int64_t kRate = 20;
  constexpr int64_t kBurst = 7;
  RateLimiter limiter(kRate, kBurst);
  SeededRandom random(3);
  int64_t now = 0;
  // Tokens in micro-requests: the bucket holds kBurst + 1 requests and gains kRate per second.
  int64_t tokens = (kBurst + 1) * 1'000'000;
  int64_t filled_at = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += static_cast<int64_t>(random.Uniform(100'000));
    tokens = std::min<int64_t>((kBurst + 1) * 1'000'000, tokens + (now - filled_at) * kRate);
    filled_at = now;
    const bool expected = tokens >= 1'000'000;
    if (expected) tokens -= 1'000'000;
    ASSERT_EQ(!limiter.Admit("k", Duration::Micros(now)).has_value(), expected) << i;
  }
}

TEST(RateLimiterTest, RemembersABoundedNumberOfCallers) {
  RateLimiter limiter(1, 0, 2);
  EXPECT_FALSE(limiter.Admit("a", Duration::Seconds(1)));
  EXPECT_FALSE(limiter.Admit("b", Duration::Seconds(1)));
  EXPECT_TRUE(limiter.Admit("c", Duration::Seconds(1)));   // no room while both are busy
  EXPECT_FALSE(limiter.Admit("c", Duration::Seconds(3)));  // they are at rest: forgotten
}

TEST(RateLimiterTest, CountsOnlyWhatWentWrong) {
  RateLimiter limiter(Duration::Minutes(1), 2);
  Duration now = Duration::Seconds(100);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(limiter.Wait("a", now));
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(limiter.Wait("a", now)) << i;
    limiter.Count("a", now);
  }
  EXPECT_EQ(limiter.Wait("a", now), Duration::Minutes(1));
  EXPECT_FALSE(limiter.Wait("b", now));
  limiter.Count("a", now);  // was let in beside the third
  EXPECT_EQ(limiter.Wait("a", now), Duration::Minutes(2));
  EXPECT_FALSE(limiter.Wait("a", now + Duration::Minutes(2)));
}

TEST(RateLimiterTest, HoldsNobodyUpForWantOfRoom) {
  RateLimiter limiter(Duration::Minutes(1), 0, 2);
  const Duration now = Duration::Seconds(100);
  for (const char* key : {"a", "b", "c"}) limiter.Count(key, now);
  EXPECT_TRUE(limiter.Wait("a", now));
  EXPECT_TRUE(limiter.Wait("b", now));
  EXPECT_FALSE(limiter.Wait("c", now));
}

}  // namespace
}  // namespace ticketing
