// What a set of tickets costs, line by line and to the last minor unit.
//
// Rounding. Per-ticket fees and prices are exact. A percentage fee and each tax are computed once
// over the whole order (taxes once over the tickets and once over the fees), rounded half away from
// zero, and handed out to the lines by largest remainder, ties to the earlier line. So the lines
// always sum to the totals, and the shares of organizer, fees and tax always sum to what the buyer
// pays.
//
// With inclusive taxes of rates r1..rn the net of a gross amount is round(gross / (1 + r1 + .. +
// rn)), the tax is the rest, and it is handed to the rules by their rates.
//
// Pure: no clock, no state; the same list and lines give the same quote for ever.
#ifndef TICKETING_PRICING_QUOTE_H_
#define TICKETING_PRICING_QUOTE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/pricing/price_list.h"

namespace ticketing {

// One object that is wanted: a seat (quantity 1) or places in a standing area.
struct QuoteItem {
  std::string object;  // the label that people see, "N-101-A-12"
  std::string category;
  std::string ticket_type;
  int64_t quantity = 1;
};

// An amount off, from a coupon or a membership; what entitles to it is decided elsewhere. Without
// `line` it is handed out over all lines by their price.
struct Discount {
  std::string code;
  std::optional<size_t> line;  // index into the items
  Money amount;                // > 0
};

struct QuoteRequest {
  std::vector<QuoteItem> items;
  std::vector<Discount> discounts;
};

// Who gets what of an amount the buyer pays; the three sum to it.
struct QuoteShares {
  Money organizer;
  Money fees;  // net of tax
  Money tax;

  bool operator==(const QuoteShares&) const = default;
};

struct QuoteLine {
  std::string object;
  std::string category;
  std::string ticket_type;
  int64_t quantity = 1;
  Money unit_price;  // of the list
  Money subtotal;    // unit_price * quantity
  Money discount;    // >= 0, at most the subtotal
  Money fees;        // added fees, this line's share of fees per order included
  Money tax;         // all tax of this line, whether part of the prices or on top
  Money total;       // what the buyer pays for this line
  QuoteShares shares;

  bool operator==(const QuoteLine&) const = default;
};

// A fee rule at work. In `total`s only the fees that are not included.
struct QuoteFee {
  std::string code;
  Money amount;
  bool included = false;

  bool operator==(const QuoteFee&) const = default;
};

struct QuoteTax {
  std::string code;
  int64_t basis_points = 0;
  Money amount;

  bool operator==(const QuoteTax&) const = default;
};

struct Quote {
  std::vector<QuoteLine> lines;  // in the order of the items
  std::vector<QuoteFee> fees;    // in the order of the rules
  std::vector<QuoteTax> taxes;   // in the order of the rules
  TaxMode tax_mode = TaxMode::kInclusive;
  Money subtotal;
  Money discount;
  Money fees_total;  // added fees
  Money tax_total;
  Money total;  // subtotal - discount + fees_total, and + tax_total when taxes are exclusive
  QuoteShares shares;

  bool operator==(const Quote&) const = default;
};

// Prices the request with a list that ValidatePriceList accepts (checked again). Errors:
// kInvalidField naming the place ("items[1].category" for a category or type without a price,
// "items[0].quantity" outside [1, limits::kObjectsPerCommandMax], "discounts[0].amount" that is not
// positive, in another currency or more than there is to take off); kAmountOverflow when the total
// exceeds limits::kAmountMinorMax.
StatusOr<Quote> MakeQuote(const PriceList& list, const QuoteRequest& request);

}  // namespace ticketing

#endif  // TICKETING_PRICING_QUOTE_H_
