#include "ticketing/seat/availability.h"

#include <gtest/gtest.h>

#include "tests/seat/chart_fixture.h"

namespace ticketing::seat {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'000);
constexpr Timestamp kLater = Timestamp::FromSeconds(1'600);

TEST(AvailabilityTest, ShowsEveryStatusAndTheFreePlaces) {
  const auto chart = SmallChart();
  Inventory inventory(chart);
  ASSERT_TRUE(
      inventory.Apply(Step::ToHold({1}, Picks(*chart, {"Norte-A-2", "Palco 2"}), kLater), kNow)
          .ok());
  ASSERT_TRUE(inventory.Apply(Step::ToBook({1}, Picks(*chart, {"Norte-A-8"})), kNow).ok());
  ASSERT_TRUE(
      inventory.Apply(Step::ToBook({1}, std::vector<Pick>{{*chart->Find("Pie 1"), 4}}), kNow).ok());
  const std::string bytes = PackAvailability(inventory);
  EXPECT_EQ(bytes.size(), 20u + 7 + 2 * 4);
  const StatusOr<AvailabilityMap> map = UnpackAvailability(bytes);
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->version, 3u);
  ASSERT_EQ(map->units.size(), 26u);
  for (uint32_t i = 0; i < 26; ++i) {
    const Availability wanted = i == 1 || i == 25 ? Availability::kHeld
                                : i == 7          ? Availability::kBooked
                                                  : Availability::kFree;
    EXPECT_EQ(map->units[i], wanted) << i;
  }
  EXPECT_EQ(map->area_free, (std::vector<uint32_t>{1, 3}));
}

TEST(AvailabilityTest, TheBytesAreAsDocumented) {
  const auto chart = SmallChart();
  Inventory inventory(chart);
  ASSERT_TRUE(inventory.Apply(Step::ToBook({1}, std::vector<Pick>{{1, 1}, {6, 1}}), kNow).ok());
  const std::string bytes = PackAvailability(inventory);
  const std::string head("\x01\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x1a\0\0\0\x02", 20);
  EXPECT_EQ(bytes.substr(0, 20), head);
  EXPECT_EQ(bytes[20], '\x08');  // the second of four: bits 2 and 3
  EXPECT_EQ(bytes[21], '\x20');  // the seventh: bits 4 and 5
  EXPECT_EQ(bytes.substr(27), std::string("\0\0\0\x05\0\0\0\x03", 8));
}

TEST(AvailabilityTest, RefusesWhatItDoesNotWrite) {
  Inventory inventory(SmallChart());
  const std::string good = PackAvailability(inventory);
  ASSERT_TRUE(UnpackAvailability(good).ok());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(CodeOf(UnpackAvailability(good.substr(0, size)).status()), ErrorCode::kBadSyntax);
  }
  EXPECT_FALSE(UnpackAvailability(good + "x").ok());
  for (const size_t byte : {0u, 1u, 2u, 12u, 15u, 16u, 19u}) {
    std::string bad = good;
    bad[byte] ^= 0x40;
    EXPECT_FALSE(UnpackAvailability(bad).ok()) << byte;
  }
  std::string bad = good;
  bad[26] |= '\xc0';  // beyond the 26th unit
  EXPECT_FALSE(UnpackAvailability(bad).ok());
}

}  // namespace
}  // namespace ticketing::seat
