#include "ticketing/pricing/quote.h"

#include <gtest/gtest.h>

#include <random>

#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

PriceList Stadium() {
  PriceList list;
  list.currency = Currency::Mxn();
  list.prices = {{"lower", "", Mxn(80000)}, {"upper", "", Mxn(35050)}, {"free", "", Mxn(0)}};
  return list;
}

QuoteRequest TwoSeats() {
  return {.items = {{"N-101-A-1", "lower", "", 1}, {"N-101-A-2", "lower", "", 1}}};
}

std::string FirstField(const Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? "" : details.fields[0].field;
}

TEST(QuoteTest, PlainPricesAddUp) {
  const StatusOr<Quote> quote = MakeQuote(Stadium(), TwoSeats());
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->total, Mxn(160000));
  EXPECT_EQ(quote->lines[1].unit_price, Mxn(80000));
  EXPECT_EQ(quote->lines[1].object, "N-101-A-2");
  EXPECT_EQ(quote->shares, (QuoteShares{Mxn(160000), Mxn(0), Mxn(0)}));
}

TEST(QuoteTest, MexicanVatIsPartOfThePrice) {
  PriceList list = Stadium();
  list.taxes = {MexicanVat()};
  list.fees = {{.code = "service", .amount = Mxn(2500)}};
  const StatusOr<Quote> quote = MakeQuote(list, TwoSeats());
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->total, Mxn(165000));
  EXPECT_EQ(quote->fees_total, Mxn(5000));
  // 160000 / 1.16 = 137931.03..., 5000 / 1.16 = 4310.34...
  EXPECT_EQ(quote->shares, (QuoteShares{Mxn(137931), Mxn(4310), Mxn(22069 + 690)}));
  EXPECT_EQ(quote->tax_total, Mxn(22759));
  // The odd minor unit goes to the first line.
  EXPECT_EQ(quote->lines[0].tax, Mxn(11035 + 345));
  EXPECT_EQ(quote->lines[1].tax, Mxn(11034 + 345));
}

TEST(QuoteTest, ExclusiveTaxComesOnTop) {
  PriceList list = Stadium();
  list.tax_mode = TaxMode::kExclusive;
  list.taxes = {{.code = "state", .basis_points = 625},
                {.code = "city", .basis_points = 100, .on_fees = false}};
  list.fees = {{.code = "order", .basis = FeeBasis::kPerOrder, .amount = Mxn(999)}};
  const StatusOr<Quote> quote =
      MakeQuote(list, {.items = {{"a", "upper", "", 1}, {"b", "upper", "", 2}}});
  ASSERT_TRUE(quote.ok());
  // 105150 * 6.25 % = 6571.875, 999 * 6.25 % = 62.4375, 105150 * 1 % = 1051.5.
  EXPECT_EQ(quote->taxes[0].amount, Mxn(6572 + 62));
  EXPECT_EQ(quote->taxes[1].amount, Mxn(1052));
  EXPECT_EQ(quote->total, Mxn(105150 + 999 + 7686));
  EXPECT_EQ(quote->lines[0].fees, Mxn(333));
  EXPECT_EQ(quote->lines[1].fees, Mxn(666));
}

TEST(QuoteTest, IncludedFeeChangesOnlyWhoGetsTheMoney) {
  PriceList list = Stadium();
  list.fees = {
      {.code = "platform", .basis = FeeBasis::kPercentage, .basis_points = 1000, .included = true},
      {.code = "card", .basis = FeeBasis::kPercentage, .basis_points = 333}};
  const StatusOr<Quote> quote = MakeQuote(list, {.items = {{"a", "upper", "", 1}}});
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->fees[0].amount, Mxn(3505));
  EXPECT_EQ(quote->fees[1].amount, Mxn(1167));  // 1167.165
  EXPECT_EQ(quote->total, Mxn(35050 + 1167));
  EXPECT_EQ(quote->shares, (QuoteShares{Mxn(31545), Mxn(3505 + 1167), Mxn(0)}));
}

TEST(QuoteTest, IncludedFeeNeverExceedsThePrice) {
  PriceList list = Stadium();
  list.prices[1].price = Mxn(100);
  list.fees = {{.code = "a", .amount = Mxn(70), .included = true},
               {.code = "b", .amount = Mxn(70), .included = true},
               {.code = "c", .basis = FeeBasis::kPerOrder, .amount = Mxn(70), .included = true}};
  const StatusOr<Quote> quote = MakeQuote(list, {.items = {{"a", "upper", "", 1}}});
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->shares, (QuoteShares{Mxn(0), Mxn(100), Mxn(0)}));
  EXPECT_EQ(quote->fees[1].amount, Mxn(30));
  EXPECT_EQ(quote->fees[2].amount, Mxn(0));
}

TEST(QuoteTest, FreeTicketsSplitAnOrderFeeByTheirNumber) {
  PriceList list = Stadium();
  list.fees = {{.code = "order", .basis = FeeBasis::kPerOrder, .amount = Mxn(100)}};
  const StatusOr<Quote> quote =
      MakeQuote(list, {.items = {{"a", "free", "", 1}, {"b", "free", "", 2}}});
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->lines[0].total, Mxn(33));
  EXPECT_EQ(quote->lines[1].total, Mxn(67));
}

TEST(QuoteTest, DiscountsOfALineAndOfTheOrder) {
  PriceList list = Stadium();
  list.taxes = {MexicanVat()};
  QuoteRequest request{.items = {{"a", "lower", "", 1}, {"b", "upper", "", 1}}};
  request.discounts = {{"PROMO", 1, Mxn(5050)}, {"CLUB", std::nullopt, Mxn(11000)}};
  const StatusOr<Quote> quote = MakeQuote(list, request);
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(quote->discount, Mxn(16050));
  EXPECT_EQ(quote->lines[0].discount, Mxn(8000));
  EXPECT_EQ(quote->lines[1].discount, Mxn(5050 + 3000));
  EXPECT_EQ(quote->total, Mxn(115050 - 16050));
}

TEST(QuoteTest, RefusalsNameTheField) {
  const PriceList list = Stadium();
  QuoteRequest request;
  EXPECT_EQ(FirstField(MakeQuote(list, request).status()), "items");
  request = TwoSeats();
  request.items[1].category = "moon";
  EXPECT_EQ(FirstField(MakeQuote(list, request).status()), "items[1].category");
  for (const int64_t quantity : {int64_t{0}, int64_t{-1}, int64_t{201}, INT64_MAX, INT64_MIN}) {
    request = TwoSeats();
    request.items[0].quantity = quantity;
    EXPECT_EQ(FirstField(MakeQuote(list, request).status()), "items[0].quantity") << quantity;
  }
  request = TwoSeats();
  request.items[0].quantity = 200;
  EXPECT_EQ(FirstField(MakeQuote(list, request).status()), "items");
  for (const Money amount : {Mxn(0), Mxn(-1), Mxn(160001), Money{1, *Currency::Parse("USD")}}) {
    request = TwoSeats();
    request.discounts = {{"X", std::nullopt, amount}};
    EXPECT_EQ(FirstField(MakeQuote(list, request).status()), "discounts[0].amount");
  }
  request.discounts = {{"X", 2, Mxn(1)}};
  EXPECT_EQ(FirstField(MakeQuote(list, request).status()), "discounts[0].line");
}

TEST(QuoteTest, TooLargeATotalIsRefused) {
  PriceList list = Stadium();
  list.prices[0].price = Mxn(limits::kAmountMinorMax);
  EXPECT_TRUE(MakeQuote(list, {.items = {{"a", "lower", "", 1}}}).ok());
  EXPECT_EQ(CodeOf(MakeQuote(list, TwoSeats()).status()), ErrorCode::kAmountOverflow);
  EXPECT_EQ(CodeOf(MakeQuote(list, {.items = {{"a", "lower", "", 200}}}).status()),
            ErrorCode::kAmountOverflow);
}

TEST(QuoteTest, BadListIsRefused) {
  PriceList list = Stadium();
  list.prices[0].price.minor = -1;
  EXPECT_EQ(FirstField(MakeQuote(list, TwoSeats()).status()), "prices[0].price");
}

// Draws lists and baskets and checks what must hold for all of them.
class RandomQuotes {
 public:
  explicit RandomQuotes(uint32_t seed) : engine_(seed) {}

  int64_t Draw(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }

  PriceList List() {
    PriceList list;
    list.currency = Currency::Mxn();
    for (int i = 0; i < 4; ++i) list.prices.push_back({std::to_string(i), "", Mxn(Draw(0, 99999))});
    for (int64_t i = Draw(0, 5); i > 0; --i) {
      list.fees.push_back({.code = "f" + std::to_string(i),
                           .basis = static_cast<FeeBasis>(Draw(0, 2)),
                           .amount = Mxn(Draw(0, 9999)),
                           .basis_points = Draw(0, 2500),
                           .included = Draw(0, 1) == 0});
    }
    list.tax_mode = static_cast<TaxMode>(Draw(0, 1));
    for (int64_t i = Draw(0, 3); i > 0; --i) {
      list.taxes.push_back({.code = "t" + std::to_string(i),
                            .basis_points = Draw(0, 3000),
                            .on_tickets = Draw(0, 1) == 0,
                            .on_fees = Draw(0, 1) == 0});
    }
    return list;
  }

  QuoteRequest Request() {
    QuoteRequest request;
    for (int64_t i = Draw(1, 8); i > 0; --i) {
      request.items.push_back(
          {"o" + std::to_string(i), std::to_string(Draw(0, 3)), "", Draw(1, 6)});
    }
    for (int64_t i = Draw(0, 2); i > 0; --i) {
      request.discounts.push_back({"d", std::nullopt, Mxn(Draw(1, 500))});
    }
    return request;
  }

 private:
  std::mt19937 engine_;
};

TEST(QuoteTest, LinesAndSharesAlwaysSumToTheTotal) {
  RandomQuotes draw(7);
  int priced = 0;
  for (int round = 0; round < 3000; ++round) {
    const PriceList list = draw.List();
    const StatusOr<Quote> quote = MakeQuote(list, draw.Request());
    if (!quote.ok()) continue;  // a discount of more than the price
    ++priced;
    int64_t total = 0, tax = 0, fees = 0, by_rule = 0, added = 0;
    for (const QuoteLine& line : quote->lines) {
      total += line.total.minor;
      tax += line.tax.minor;
      fees += line.fees.minor;
      const int64_t shares =
          line.shares.organizer.minor + line.shares.fees.minor + line.shares.tax.minor;
      EXPECT_EQ(shares, line.total.minor);
      EXPECT_GE(line.shares.organizer.minor, 0);
      EXPECT_GE(line.shares.fees.minor, 0);
      EXPECT_GE(line.tax.minor, 0);
      EXPECT_EQ(line.subtotal.minor, line.unit_price.minor * line.quantity);
    }
    for (const QuoteTax& rule : quote->taxes) by_rule += rule.amount.minor;
    for (const QuoteFee& fee : quote->fees) added += fee.included ? 0 : fee.amount.minor;
    const int64_t on_top = list.tax_mode == TaxMode::kExclusive ? quote->tax_total.minor : 0;
    EXPECT_EQ(total, quote->total.minor);
    EXPECT_EQ(tax, quote->tax_total.minor);
    EXPECT_EQ(by_rule, quote->tax_total.minor);
    EXPECT_EQ(fees, quote->fees_total.minor);
    EXPECT_EQ(added, quote->fees_total.minor);
    EXPECT_EQ(total, quote->subtotal.minor - quote->discount.minor + fees + on_top);
    EXPECT_EQ(quote->shares.organizer.minor + quote->shares.fees.minor + quote->shares.tax.minor,
              total);
  }
  EXPECT_GT(priced, 2000);
}

}  // namespace
}  // namespace ticketing
