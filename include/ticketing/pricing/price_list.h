// What an event charges: a price per category and ticket type, the fees on top of it or inside it,
// and the taxes.
//
// A price list is plain data, made by staff, stored by a service and frozen into an order by
// MakeQuote (quote.h). All amounts are integer minor units of one currency; percentages are basis
// points (1 % = 100).
#ifndef TICKETING_PRICING_PRICE_LIST_H_
#define TICKETING_PRICING_PRICE_LIST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/money.h"
#include "ticketing/base/status.h"

namespace ticketing {

// The price of one ticket. `category` is the key of a chart category; `ticket_type` is empty for
// the ordinary ticket and otherwise a key of the organizer's ("child", "member"). MakeQuote asks
// nobody who he is: whoever sells keeps from the public what is for staff only.
struct CategoryPrice {
  std::string category;
  std::string ticket_type;
  Money price;
  bool staff_only = false;

  bool operator==(const CategoryPrice&) const = default;
};

enum class FeeBasis {
  kPerTicket = 0,   // `amount` for each ticket
  kPerOrder = 1,    // `amount` once
  kPercentage = 2,  // `basis_points` of the discounted ticket prices
};

// A fee of the platform. An added fee is paid on top of the ticket price; an included fee is a part
// of it and only changes who gets the money. An included fee never exceeds what is left of the
// price it is a part of.
struct FeeRule {
  std::string code;  // "service", unique in its list
  FeeBasis basis = FeeBasis::kPerTicket;
  Money amount;              // for kPerTicket and kPerOrder
  int64_t basis_points = 0;  // for kPercentage
  bool included = false;

  bool operator==(const FeeRule&) const = default;
};

enum class TaxMode {
  kInclusive = 0,  // prices and fees are what the buyer pays; the tax is a part of them (Mexico)
  kExclusive = 1,  // the tax comes on top
};

struct TaxRule {
  std::string code;  // "iva", unique in its list
  int64_t basis_points = 0;
  bool on_tickets = true;
  bool on_fees = true;

  bool operator==(const TaxRule&) const = default;
};

// Mexico's value added tax, 16 %.
TaxRule MexicanVat();

struct PriceList {
  Currency currency;
  std::vector<CategoryPrice> prices;
  std::vector<FeeRule> fees;
  TaxMode tax_mode = TaxMode::kInclusive;
  std::vector<TaxRule> taxes;

  bool operator==(const PriceList&) const = default;
};

// OK when the list can be sold from: a currency, at least one price, every amount in that currency
// and within [0, limits::kAmountMinorMax], basis points within [0, limits::kBasisPointsMax], no
// price, fee or tax named twice, names that are UTF-8 of 1 to limits::kLabelBytesMax bytes (a
// ticket type may be empty), no more rules than limits.h allows. Otherwise kInvalidField with every
// wrong place named, such as "prices[2].price".
Status ValidatePriceList(const PriceList& list);

// The price of a ticket, or nullptr when the list has none for exactly this category and type.
const CategoryPrice* FindPrice(const PriceList& list, std::string_view category,
                               std::string_view ticket_type);

}  // namespace ticketing

#endif  // TICKETING_PRICING_PRICE_LIST_H_
