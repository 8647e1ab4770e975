#include "ticketing/env/random.h"

#include <gtest/gtest.h>

#include <array>

#include "ticketing/testing/seeded_random.h"

namespace ticketing {
namespace {

TEST(RandomTest, UniformReachesEveryValueAboutEquallyOften) {
  SeededRandom random(7);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts.at(random.Uniform(6));
  for (const int count : counts) {
    EXPECT_GT(count, 9'500);
    EXPECT_LT(count, 10'500);
  }
  EXPECT_EQ(random.Uniform(1), 0u);
}

TEST(RandomTest, BytesHaveTheLengthAskedFor) {
  SeededRandom random(7);
  EXPECT_EQ(random.Bytes(0).size(), 0u);
  EXPECT_EQ(random.Bytes(33).size(), 33u);
  EXPECT_NE(random.Bytes(16), random.Bytes(16));
}

}  // namespace
}  // namespace ticketing
