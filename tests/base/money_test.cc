#include "ticketing/base/money.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace ticketing {
namespace {

const Currency kMxn = Currency::Mxn();

TEST(MoneyTest, AddsAndRefusesOverflowAndMixedCurrencies) {
  const Currency usd = *Currency::Parse("USD");
  EXPECT_EQ(Add({100, kMxn}, {50, kMxn})->minor, 150);
  EXPECT_EQ(Add({}, {50, kMxn})->currency, kMxn);
  EXPECT_EQ(CodeOf(Add({INT64_MAX, kMxn}, {1, kMxn}).status()), ErrorCode::kAmountOverflow);
  EXPECT_EQ(CodeOf(Subtract({INT64_MIN, kMxn}, {1, kMxn}).status()), ErrorCode::kAmountOverflow);
  EXPECT_EQ(CodeOf(Multiply({INT64_MAX / 2 + 1, kMxn}, 2).status()), ErrorCode::kAmountOverflow);
  EXPECT_EQ(CodeOf(Add({1, kMxn}, {1, usd}).status()), ErrorCode::kInvalidField);
}

TEST(MoneyTest, PercentageRoundsHalfAwayFromZero) {
  EXPECT_EQ(Percentage({10'000, kMxn}, 1600)->minor, 1600);
  EXPECT_EQ(Percentage({1, kMxn}, 5000)->minor, 1);
  EXPECT_EQ(Percentage({-1, kMxn}, 5000)->minor, -1);
  EXPECT_EQ(Percentage({1, kMxn}, 4999)->minor, 0);
  EXPECT_EQ(CodeOf(Percentage({INT64_MAX, kMxn}, 20'000).status()), ErrorCode::kAmountOverflow);
}

TEST(MoneyTest, SplitLosesNothing) {
  for (int64_t total = -50; total <= 50; ++total) {
    for (int64_t a = 0; a <= 4; ++a) {
      const std::vector<Money> parts = Split({total, kMxn}, {a, 3, 5, 1});
      int64_t sum = 0;
      for (const Money& part : parts) sum += part.minor;
      EXPECT_EQ(sum, total);
    }
  }
  const std::vector<Money> thirds = Split({100, kMxn}, {1, 1, 1});
  EXPECT_EQ(thirds[0].minor, 34);
  EXPECT_EQ(thirds[1].minor, 33);
}

TEST(MoneyTest, FormatsByTheCurrencysExponent) {
  EXPECT_EQ(FormatMoney({123'456'789, kMxn}), "1,234,567.89 MXN");
  EXPECT_EQ(FormatMoney({-5, kMxn}), "-0.05 MXN");
  EXPECT_EQ(FormatMoney({1500, *Currency::Parse("JPY")}), "1,500 JPY");
  EXPECT_EQ(FormatMoney({1500, *Currency::Parse("KWD")}), "1.500 KWD");
}

TEST(MoneyTest, CurrencyIsThreeCapitalLetters) {
  EXPECT_FALSE(Currency::Parse("mxn"));
  EXPECT_FALSE(Currency::Parse("MX"));
  EXPECT_FALSE(Currency::Parse("MXNN"));
  EXPECT_FALSE(Currency::Parse("M1N"));
}

}  // namespace
}  // namespace ticketing
