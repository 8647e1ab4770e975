#include "ticketing/base/id.h"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

TEST(IdTest, TextAndValueAreOneToOne) {
  for (const uint64_t value :
       {uint64_t{1}, uint64_t{31}, uint64_t{32}, uint64_t{0x7fff'ffff'ffff'ffff}}) {
    const OrderId id{value};
    EXPECT_EQ(id.ToString().size(), 17u);
    EXPECT_EQ(OrderId::Parse(id.ToString()), id);
    EXPECT_EQ(OrderId::FromSql(id.ToSql()), id);
  }
}

TEST(IdTest, EntropyNeverGivesNone) {
  EXPECT_TRUE(OrderId::FromEntropy(0));
  EXPECT_TRUE(OrderId::FromEntropy(uint64_t{1} << 63));
  EXPECT_GE(OrderId::FromEntropy(~uint64_t{0}).ToSql(), 1);
}

TEST(IdTest, RefusesWhateverIsNotItsOwnText) {
  const std::string good = OrderId{77}.ToString();
  EXPECT_TRUE(OrderId::Parse(good));
  EXPECT_FALSE(TicketId::Parse(good));
  EXPECT_FALSE(OrderId::Parse(""));
  EXPECT_FALSE(OrderId::Parse("ord_"));
  EXPECT_FALSE(OrderId::Parse(good + "0"));
  EXPECT_FALSE(OrderId::Parse("ord_0000000000000"));  // zero is no id
  EXPECT_FALSE(OrderId::Parse("ord_8000000000001"));  // beyond 63 bits
  EXPECT_FALSE(OrderId::Parse("ord_000000000002d"));  // small letters
  EXPECT_FALSE(OrderId::Parse("ord_000000000002U"));  // not a digit of the alphabet
}

}  // namespace
}  // namespace ticketing
