#include "ticketing/pricing/quote.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

using Amounts = std::vector<int64_t>;  // minor units, one per line

int64_t Sum(const Amounts& amounts) {
  return std::accumulate(amounts.begin(), amounts.end(), int64_t{0});
}

// Largest remainder over the lines; nothing to hand out by leaves nothing.
Amounts HandOut(int64_t total, const Amounts& weights) {
  Amounts parts(weights.size(), 0);
  if (Sum(weights) == 0) return parts;
  const std::vector<Money> split = Split(Money{total, Currency()}, weights);
  for (size_t i = 0; i < parts.size(); ++i) parts[i] = split[i].minor;
  return parts;
}

void AddTo(Amounts& sums, const Amounts& parts) {
  for (size_t i = 0; i < sums.size(); ++i) sums[i] += parts[i];
}

std::string Place(std::string_view list, size_t index, std::string_view field) {
  return std::string(list) + "[" + std::to_string(index) + "]." + std::string(field);
}

// Works in plain minor units: all amounts are known to be in one currency and so small (limits.h:
// at most 200 tickets of 10^11 and 20 fees each) that no sum can overflow 63 bits.
class Calculation {
 public:
  Calculation(const PriceList& list, const QuoteRequest& request)
      : list_(list), request_(request) {}

  StatusOr<Quote> Run() {
    TICKETING_RETURN_IF_ERROR(PriceLines());
    TICKETING_RETURN_IF_ERROR(TakeDiscounts());
    ApplyFees();
    ApplyTaxes();
    Quote quote = Assemble();
    if (quote.total.minor > limits::kAmountMinorMax) {
      return MakeError(ErrorCode::kAmountOverflow, "The total of this order is too large.");
    }
    return quote;
  }

 private:
  Status PriceLines();
  Status TakeDiscounts();
  void ApplyFees();
  Amounts FeeOfLines(const FeeRule& rule) const;
  void ApplyTaxes();
  void TaxOne(const Amounts& gross, bool TaxRule::*applies, Amounts& tax);
  Quote Assemble() const;

  Money Of(int64_t minor) const { return {minor, list_.currency}; }

  const PriceList& list_;
  const QuoteRequest& request_;

  Amounts unit_, subtotal_, discount_, quantity_;
  Amounts net_;         // subtotal - discount
  Amounts left_;        // of net_, after the included fees: what the organizer gets, tax included
  Amounts fees_added_;  // by line
  Amounts fees_all_;    // by line, added and included
  Amounts ticket_tax_, fee_tax_;
  Amounts fee_by_rule_, tax_by_rule_;
};

Status Calculation::PriceLines() {
  if (request_.items.empty()) return InvalidField("items", "must not be empty");
  if (request_.items.size() > limits::kObjectsPerCommandMax) {
    return InvalidField("items", "has too many entries");
  }
  for (size_t i = 0; i < request_.items.size(); ++i) {
    const QuoteItem& item = request_.items[i];
    const auto most = static_cast<int64_t>(limits::kObjectsPerCommandMax);
    if (item.quantity < 1 || item.quantity > most) {
      return InvalidField(Place("items", i, "quantity"), "must be from 1 to 200");
    }
    const CategoryPrice* price = FindPrice(list_, item.category, item.ticket_type);
    if (price == nullptr) {
      return InvalidField(Place("items", i, "category"),
                          "has no price for this category and ticket type");
    }
    unit_.push_back(price->price.minor);
    quantity_.push_back(item.quantity);
    subtotal_.push_back(price->price.minor * item.quantity);
  }
  if (Sum(quantity_) > static_cast<int64_t>(limits::kObjectsPerCommandMax)) {
    return InvalidField("items", "asks for too many tickets");
  }
  return OkStatus();
}

Status Calculation::TakeDiscounts() {
  net_ = subtotal_;
  if (request_.discounts.size() > limits::kDiscountsPerOrderMax) {
    return InvalidField("discounts", "has too many entries");
  }
  for (size_t i = 0; i < request_.discounts.size(); ++i) {
    const Discount& discount = request_.discounts[i];
    if (discount.line && *discount.line >= net_.size()) {
      return InvalidField(Place("discounts", i, "line"), "names no item");
    }
    if (discount.amount.currency != list_.currency) {
      return InvalidField(Place("discounts", i, "amount"),
                          "must be in the currency of the price list");
    }
    const int64_t available = discount.line ? net_[*discount.line] : Sum(net_);
    if (discount.amount.minor < 1 || discount.amount.minor > available) {
      return InvalidField(Place("discounts", i, "amount"),
                          "must be positive and at most what there is to pay");
    }
    if (discount.line) {
      net_[*discount.line] -= discount.amount.minor;
    } else {
      const Amounts parts = HandOut(discount.amount.minor, net_);
      for (size_t line = 0; line < net_.size(); ++line) net_[line] -= parts[line];
    }
  }
  for (size_t i = 0; i < net_.size(); ++i) discount_.push_back(subtotal_[i] - net_[i]);
  return OkStatus();
}

// What a rule takes from each line. An included fee is limited to what is left of the price:
// handing out at most the sum of the weights never gives a line more than its weight.
Amounts Calculation::FeeOfLines(const FeeRule& rule) const {
  Amounts parts(net_.size(), 0);
  switch (rule.basis) {
    case FeeBasis::kPerTicket:
      for (size_t i = 0; i < parts.size(); ++i) {
        parts[i] = rule.amount.minor * quantity_[i];
        if (rule.included) parts[i] = std::min(parts[i], left_[i]);
      }
      return parts;
    case FeeBasis::kPerOrder:
      if (rule.included) return HandOut(std::min(rule.amount.minor, Sum(left_)), left_);
      return HandOut(rule.amount.minor, Sum(net_) > 0 ? net_ : quantity_);
    case FeeBasis::kPercentage: {
      const StatusOr<Money> fee = Percentage(Of(Sum(net_)), rule.basis_points);
      TICKETING_ASSERT(fee.ok());
      if (rule.included) return HandOut(std::min(fee->minor, Sum(left_)), left_);
      return HandOut(fee->minor, net_);
    }
  }
  return parts;
}

void Calculation::ApplyFees() {
  left_ = net_;
  fees_added_.assign(net_.size(), 0);
  fees_all_.assign(net_.size(), 0);
  for (const FeeRule& rule : list_.fees) {
    const Amounts parts = FeeOfLines(rule);
    fee_by_rule_.push_back(Sum(parts));
    AddTo(fees_all_, parts);
    if (rule.included) {
      for (size_t i = 0; i < left_.size(); ++i) left_[i] -= parts[i];
    } else {
      AddTo(fees_added_, parts);
    }
  }
}

// The taxes on one kind of amount, over all lines at once.
void Calculation::TaxOne(const Amounts& gross, bool TaxRule::*applies, Amounts& tax) {
  tax.assign(gross.size(), 0);
  Amounts rates;
  for (const TaxRule& rule : list_.taxes) rates.push_back(rule.*applies ? rule.basis_points : 0);
  const int64_t rate = Sum(rates);
  const int64_t base = Sum(gross);
  if (rate == 0 || base == 0) return;

  Amounts by_rule(rates.size(), 0);
  if (list_.tax_mode == TaxMode::kInclusive) {
    const __int128 whole = 10'000 + rate;
    const auto net =
        static_cast<int64_t>((static_cast<__int128>(base) * 10'000 * 2 + whole) / (whole * 2));
    by_rule = HandOut(base - net, rates);
  } else {
    for (size_t i = 0; i < rates.size(); ++i) {
      const StatusOr<Money> amount = Percentage(Of(base), rates[i]);
      TICKETING_ASSERT(amount.ok());
      by_rule[i] = amount->minor;
    }
  }
  AddTo(tax_by_rule_, by_rule);
  tax = HandOut(Sum(by_rule), gross);
}

void Calculation::ApplyTaxes() {
  tax_by_rule_.assign(list_.taxes.size(), 0);
  TaxOne(left_, &TaxRule::on_tickets, ticket_tax_);
  TaxOne(fees_all_, &TaxRule::on_fees, fee_tax_);
}

void AddShares(QuoteShares& sum, const QuoteShares& part) {
  sum.organizer.minor += part.organizer.minor;
  sum.fees.minor += part.fees.minor;
  sum.tax.minor += part.tax.minor;
}

Quote Calculation::Assemble() const {
  const bool inclusive = list_.tax_mode == TaxMode::kInclusive;
  Quote quote;
  quote.tax_mode = list_.tax_mode;
  quote.subtotal = Of(Sum(subtotal_));
  quote.discount = Of(Sum(discount_));
  quote.fees_total = Of(Sum(fees_added_));
  quote.tax_total = Of(Sum(tax_by_rule_));
  quote.total = quote.shares.organizer = quote.shares.fees = quote.shares.tax = Of(0);
  for (size_t i = 0; i < net_.size(); ++i) {
    const QuoteItem& item = request_.items[i];
    const int64_t tax = ticket_tax_[i] + fee_tax_[i];
    QuoteLine line{.object = item.object,
                   .category = item.category,
                   .ticket_type = item.ticket_type,
                   .quantity = item.quantity,
                   .unit_price = Of(unit_[i]),
                   .subtotal = Of(subtotal_[i]),
                   .discount = Of(discount_[i]),
                   .fees = Of(fees_added_[i]),
                   .tax = Of(tax),
                   .total = Of(net_[i] + fees_added_[i] + (inclusive ? 0 : tax))};
    line.shares = {.organizer = Of(left_[i] - (inclusive ? ticket_tax_[i] : 0)),
                   .fees = Of(fees_all_[i] - (inclusive ? fee_tax_[i] : 0)),
                   .tax = Of(tax)};
    TICKETING_ASSERT(line.shares.organizer.minor + line.shares.fees.minor + tax ==
                     line.total.minor);
    quote.total.minor += line.total.minor;
    AddShares(quote.shares, line.shares);
    quote.lines.push_back(std::move(line));
  }
  for (size_t i = 0; i < list_.fees.size(); ++i) {
    quote.fees.push_back({list_.fees[i].code, Of(fee_by_rule_[i]), list_.fees[i].included});
  }
  for (size_t i = 0; i < list_.taxes.size(); ++i) {
    quote.taxes.push_back({list_.taxes[i].code, list_.taxes[i].basis_points, Of(tax_by_rule_[i])});
  }
  return quote;
}

}  // namespace

StatusOr<Quote> MakeQuote(const PriceList& list, const QuoteRequest& request) {
  TICKETING_RETURN_IF_ERROR(ValidatePriceList(list));
  return Calculation(list, request).Run();
}

}  // namespace ticketing
