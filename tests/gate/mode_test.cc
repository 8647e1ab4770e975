#include "ticketing/gate/mode.h"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

Duration At(int64_t millis) {
  return Duration::Millis(millis);
}

TEST(Mode, PrefersCloudThenBastionThenAlone) {
  ModeSelector modes(true, true);
  EXPECT_EQ(modes.mode(), DecidedBy::kCloud);
  modes.Report(DecidedBy::kCloud, false, At(0));
  EXPECT_EQ(modes.mode(), DecidedBy::kCloud) << "one failure is no reason";
  modes.Report(DecidedBy::kCloud, false, At(10));
  EXPECT_EQ(modes.mode(), DecidedBy::kBastion);
  modes.Report(DecidedBy::kBastion, false, At(20));
  modes.Report(DecidedBy::kBastion, false, At(30));
  EXPECT_EQ(modes.mode(), DecidedBy::kAlone);
  EXPECT_EQ(ModeSelector(false, true).mode(), DecidedBy::kBastion);
  EXPECT_EQ(ModeSelector(false, false).mode(), DecidedBy::kAlone);
}

TEST(Mode, ASuccessBetweenFailuresKeepsTheRoute) {
  RouteHealth route;
  for (int i = 0; i < 50; ++i) {
    route.Report(false, At(i * 20));
    route.Report(true, At(i * 20 + 10));
    EXPECT_TRUE(route.up());
  }
}

TEST(Mode, ComesBackOnlyAfterSeveralSuccessesOverTime) {
  RouteHealth route;
  route.Report(false, At(0));
  route.Report(false, At(1));
  ASSERT_FALSE(route.up());
  for (int i = 0; i < 20; ++i) route.Report(true, At(100 + i));
  EXPECT_FALSE(route.up()) << "many successes in a moment prove little";
  route.Report(true, At(100) + kRecoveryMin);
  EXPECT_TRUE(route.up());
}

TEST(Mode, AFailureStartsTheRecoveryOver) {
  RouteHealth route;
  route.Report(false, At(0));
  route.Report(false, At(1));
  route.Report(true, At(100));
  route.Report(true, At(1000));
  route.Report(false, At(1500));
  route.Report(true, At(2200));
  route.Report(true, At(2300));
  route.Report(true, At(2400));
  EXPECT_FALSE(route.up());
}

// A link that works for three seconds and fails for one, for ten minutes: without the growing
// recovery time the mode would change some 300 times.
TEST(Mode, AFlickeringLinkDoesNotFlap) {
  RouteHealth route;
  int changes = 0;
  bool before = route.up();
  for (int64_t ms = 0; ms < 600'000; ms += 100) {
    route.Report(ms % 4'000 < 3'000, At(ms));
    if (route.up() != before) ++changes;
    before = route.up();
  }
  EXPECT_GE(changes, 2);
  EXPECT_LE(changes, 24);
}

TEST(Mode, AQuietTimeForgives) {
  RouteHealth route;
  Duration now{};
  const auto fall = [&] {
    route.Report(false, now);
    route.Report(false, now);
  };
  const auto rise = [&](Duration span) {
    route.Report(true, now);
    route.Report(true, now);
    now = now + span;
    route.Report(true, now);
    return route.up();
  };
  fall();
  EXPECT_TRUE(rise(kRecoveryMin));
  fall();
  EXPECT_FALSE(rise(kRecoveryMin)) << "twice in a minute: it takes twice as long";
  EXPECT_TRUE(rise(kRecoveryMin));
  now = now + kFlapWindow + Duration::Seconds(1);
  fall();
  EXPECT_TRUE(rise(kRecoveryMin));
}

}  // namespace
}  // namespace ticketing
