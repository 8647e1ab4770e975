#include "ticketing/env/server_clock.h"

#include <gtest/gtest.h>

#include <random>

#include "ticketing/testing/fake_clock.h"

namespace ticketing {
namespace {

// A device whose clock is wrong by `wrong`, and the server that knows.
class ServerClockTest : public ::testing::Test {
 protected:
  static constexpr Duration kWrong = Duration::Minutes(-7);
  Timestamp True() const { return FakeClock::kStart + passed_; }
  void Pass(Duration span) {
    passed_ = passed_ + span;
    device_.Advance(span);
  }
  // A request whose ways take these times.
  bool Ask(Duration there, Duration back, Duration step = {}) {
    const Duration sent = clock_.Monotonic();
    Pass(there);
    Timestamp said = True();
    if (step.micros > 0) said.micros -= said.micros % step.micros;
    Pass(back);
    return clock_.Learn(said, sent, clock_.Monotonic(), step);
  }
  Duration Error() {
    const Duration error = clock_.Now() - True();
    return error < Duration{} ? Duration{} - error : error;
  }

  Duration passed_;
  FakeClock device_{FakeClock::kStart + kWrong};
  ServerClock clock_{device_};
};

TEST_F(ServerClockTest, IsTheDevicesClockUntilAServerIsHeard) {
  EXPECT_EQ(clock_.Now(), device_.Now());
  EXPECT_EQ(clock_.error(), std::nullopt);
  EXPECT_FALSE(clock_.is_sure());
}

TEST_F(ServerClockTest, IsWrongByHalfTheRoundTripAtMost) {
  ASSERT_TRUE(Ask(Duration::Millis(40), Duration::Millis(40)));
  EXPECT_EQ(Error(), Duration{});
  EXPECT_EQ(clock_.offset(), Duration{} - kWrong);
  EXPECT_EQ(clock_.error(), Duration::Millis(40));
  EXPECT_TRUE(clock_.is_sure());
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    Pass(Duration::Minutes(20));
    (void)Ask(Duration::Millis(random() % 400), Duration::Millis(random() % 400));
    EXPECT_LE(Error(), *clock_.error());
  }
}

TEST_F(ServerClockTest, KeepsTheBestAnswerUntilItIsOld) {
  ASSERT_TRUE(Ask(Duration::Millis(10), Duration::Millis(10)));
  EXPECT_FALSE(Ask(Duration::Millis(10), Duration::Millis(900)));
  EXPECT_EQ(Error(), Duration{});
  Pass(Duration::Days(1));  // a quartz clock may be 8 seconds off by now
  EXPECT_TRUE(Ask(Duration::Millis(10), Duration::Millis(900)));
  EXPECT_LE(Error(), Duration::Millis(455));
}

TEST_F(ServerClockTest, TakesTheDateOfHttpAsOfTheMiddleOfItsSecond) {
  Pass(Duration::Millis(730));
  ASSERT_TRUE(Ask(Duration::Millis(20), Duration::Millis(20), Duration::Seconds(1)));
  EXPECT_LE(Error(), Duration::Millis(520));
  EXPECT_EQ(clock_.error(), Duration::Millis(520));
}

TEST_F(ServerClockTest, UndoesAClockThatIsSetBack) {
  ASSERT_TRUE(Ask(Duration{}, Duration{}));
  Pass(Duration::Minutes(3));
  device_.SetNow(device_.Now() - Duration::Hours(5));
  EXPECT_EQ(Error(), Duration{});
  EXPECT_FALSE(clock_.is_sure());
  Pass(Duration::Minutes(3));
  EXPECT_EQ(Error(), Duration{});
  // Even a poor answer is better now.
  ASSERT_TRUE(Ask(Duration::Millis(300), Duration::Millis(300)));
  EXPECT_TRUE(clock_.is_sure());
  EXPECT_EQ(Error(), Duration{});
}

TEST_F(ServerClockTest, ASleepOfTheDeviceIsTimeThatPassed) {
  ASSERT_TRUE(Ask(Duration{}, Duration{}));
  // Monotonic clocks of phones stand still while they sleep.
  passed_ = passed_ + Duration::Hours(2);
  device_.SetNow(device_.Now() + Duration::Hours(2));
  EXPECT_EQ(Error(), Duration{});
  EXPECT_FALSE(clock_.is_sure());  // somebody may have set the clock forward instead
}

TEST_F(ServerClockTest, RemembersOverARestart) {
  ASSERT_TRUE(Ask(Duration{}, Duration{}));
  ServerClock again(device_, clock_.offset());
  EXPECT_EQ(again.Now(), True());
  EXPECT_FALSE(again.is_sure());
  ServerClock nonsense(device_, Duration{INT64_MAX});
  EXPECT_EQ(nonsense.Now(), device_.Now());
}

TEST_F(ServerClockTest, RefusesWhatCannotBeTrue) {
  const Duration now = clock_.Monotonic();
  EXPECT_FALSE(clock_.Learn(Timestamp{-1}, now, now));
  EXPECT_FALSE(clock_.Learn(Timestamp{INT64_MAX}, now, now));
  EXPECT_FALSE(clock_.Learn(True(), now + Duration::Seconds(1), now));
  EXPECT_FALSE(clock_.Learn(True(), now, now + Duration::Seconds(1)));
  Pass(Duration::Minutes(1));
  EXPECT_FALSE(clock_.Learn(True(), now, clock_.Monotonic()));  // a minute on the way
  EXPECT_EQ(clock_.Now(), device_.Now());
}

}  // namespace
}  // namespace ticketing
