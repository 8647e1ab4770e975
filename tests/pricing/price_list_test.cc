#include "ticketing/pricing/price_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;

Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

PriceList GoodList() {
  PriceList list;
  list.currency = Currency::Mxn();
  list.prices = {{"lower", "", Mxn(80000)}, {"lower", "child", Mxn(40000)}};
  list.fees = {{.code = "service", .amount = Mxn(2500)}};
  list.taxes = {MexicanVat()};
  return list;
}

std::vector<std::string> WrongFields(const PriceList& list) {
  const Status status = ValidatePriceList(list);
  EXPECT_EQ(CodeOf(status), ErrorCode::kInvalidField);
  std::vector<std::string> fields;
  for (const FieldError& error : DetailsOf(status).fields) fields.push_back(error.field);
  return fields;
}

TEST(PriceListTest, GoodListIsAccepted) {
  EXPECT_TRUE(ValidatePriceList(GoodList()).ok());
}

TEST(PriceListTest, EveryFaultIsNamedAtOnce) {
  PriceList list = GoodList();
  list.prices[0].price = Mxn(-1);
  list.prices[1].price = Money{100, *Currency::Parse("USD")};
  list.prices.push_back({"", "", Mxn(limits::kAmountMinorMax + 1)});
  list.prices.push_back({"lower", "child", Mxn(1)});
  list.fees.push_back({.code = "service", .amount = Mxn(-5)});
  list.taxes.push_back({.code = std::string(101, 'x'), .basis_points = 10001});
  list.taxes.push_back({.code = "\xff", .basis_points = -1});
  EXPECT_THAT(
      WrongFields(list),
      ElementsAre("prices[0].price", "prices[1].price", "prices[2].category", "prices[2].price",
                  "prices[3].category", "fees[1].code", "fees[1].amount", "taxes[1].code",
                  "taxes[1].basis_points", "taxes[2].code", "taxes[2].basis_points"));
}

TEST(PriceListTest, EmptyListIsRefused) {
  EXPECT_THAT(WrongFields(PriceList{}), ElementsAre("currency", "prices"));
}

TEST(PriceListTest, PercentageFeeNeedsNoAmount) {
  PriceList list = GoodList();
  list.fees = {{.code = "card", .basis = FeeBasis::kPercentage, .basis_points = 350}};
  EXPECT_TRUE(ValidatePriceList(list).ok());
  list.fees[0].basis_points = 10001;
  EXPECT_THAT(WrongFields(list), ElementsAre("fees[0].basis_points"));
}

TEST(PriceListTest, TooManyRulesAreRefused) {
  PriceList list = GoodList();
  for (size_t i = 0; i <= limits::kFeeRulesMax; ++i) {
    list.fees.push_back({.code = std::to_string(i), .amount = Mxn(1)});
  }
  EXPECT_THAT(WrongFields(list), ElementsAre("fees"));
}

TEST(PriceListTest, PriceIsFoundOnlyForExactCategoryAndType) {
  const PriceList list = GoodList();
  ASSERT_NE(FindPrice(list, "lower", "child"), nullptr);
  EXPECT_EQ(FindPrice(list, "lower", "child")->price, Mxn(40000));
  EXPECT_EQ(FindPrice(list, "lower", "member"), nullptr);
  EXPECT_EQ(FindPrice(list, "upper", ""), nullptr);
}

}  // namespace
}  // namespace ticketing
