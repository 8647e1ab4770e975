#include "ticketing/admission/reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ticketing {
namespace {

TEST(Reasons, NamesAndNumbersAreUniqueAndRoundTrip) {
  std::set<std::string_view> names;
  uint64_t last = 0;
  for (const Reason reason : AllReasons()) {
    const uint64_t number = static_cast<uint64_t>(reason);
    EXPECT_GT(number, last) << "the table is in the order of the numbers";
    last = number;
    EXPECT_TRUE(names.insert(ReasonName(reason)).second) << ReasonName(reason);
    EXPECT_EQ(ReasonOfName(ReasonName(reason)), reason);
    EXPECT_EQ(ReasonOfNumber(number), reason);
    EXPECT_EQ(IsAdmitting(reason), number < 20) << ReasonName(reason);
  }
  EXPECT_EQ(names.size(), 28u);
}

// These stand in device logs and in reports of others: a change here breaks data that exists.
TEST(Reasons, NumbersAndNamesNeverChange) {
  EXPECT_EQ(ReasonName(static_cast<Reason>(1)), "ok");
  EXPECT_EQ(ReasonName(static_cast<Reason>(21)), "forged");
  EXPECT_EQ(ReasonName(static_cast<Reason>(42)), "revoked");
  EXPECT_EQ(ReasonName(static_cast<Reason>(62)), "wrong_gate");
  EXPECT_EQ(ReasonName(static_cast<Reason>(80)), "already_used");
}

TEST(Reasons, WhatStaffSayHasNumbersAndNames) {
  for (uint64_t number = 1; number <= 9; ++number) {
    const auto why = StaffWhyOfNumber(number);
    ASSERT_TRUE(why.has_value()) << number;
    EXPECT_EQ(StaffWhyOfName(StaffWhyName(*why)), why);
  }
  EXPECT_EQ(StaffWhyName(StaffWhy::kTurnstileStuck), "turnstile_stuck");
  EXPECT_FALSE(StaffWhyOfNumber(0).has_value());
  EXPECT_FALSE(StaffWhyOfNumber(10).has_value());
}

TEST(Reasons, StrangersAreNotRead) {
  EXPECT_EQ(ReasonName(static_cast<Reason>(999)), "unknown");
  EXPECT_FALSE(ReasonOfName("unknown").has_value());
  EXPECT_FALSE(ReasonOfName("OK").has_value());
  EXPECT_FALSE(ReasonOfNumber(0).has_value());
  EXPECT_FALSE(ReasonOfNumber((uint64_t{1} << 32) + 1).has_value());
  EXPECT_FALSE(OutcomeOfNumber(3).has_value());
  EXPECT_FALSE(DirectionOfNumber(0).has_value());
  EXPECT_EQ(OutcomeOfName("admitted"), Outcome::kAdmitted);
  EXPECT_EQ(DirectionOfName("exit"), Direction::kExit);
}

}  // namespace
}  // namespace ticketing
