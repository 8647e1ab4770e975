// Frozen prices: from a quote to storage, to holds and to orders.
#ifndef TICKETING_LIB_SERVICE_TICKETING_FROZEN_H_
#define TICKETING_LIB_SERVICE_TICKETING_FROZEN_H_

#include <map>
#include <span>
#include <string>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "ticketing/order/order.h"
#include "ticketing/seat/inventory.h"

namespace ticketing {

// Which ticket type an object is sold as: `all`, unless the object has its own.
struct SoldTypes {
  std::string all;
  std::map<uint32_t, std::string> of;

  const std::string& Of(uint32_t object) const {
    const auto own = of.find(object);
    return own == of.end() ? all : own->second;
  }
};

// Who is to buy. Prices for staff only are as if they were not there for everybody else.
enum class Buyer { kAnybody, kStaff };

// What these places cost now. Errors: kInvalidField for a ticket type without a price here for this
// buyer, kAmountOverflow.
StatusOr<v1::FrozenLines> Freeze(const EventInfo& event, std::span<const seat::Pick> picks,
                                 Buyer buyer, const SoldTypes& types = {});

// Whether the buyer may have these prices, for they may have been frozen for another one. Errors:
// kPermissionDenied.
Status CheckBuyer(Catalog& catalog, const v1::FrozenLines& lines, Buyer buyer);

// Adds the lines and sums of `more`. Errors: kInvalidField for another currency, kAmountOverflow.
Status Join(v1::FrozenLines& lines, const v1::FrozenLines& more);

v1::Quote QuoteMessage(const v1::FrozenLines& lines);
v1::HeldObject ObjectMessage(const EventInfo& event, const v1::FrozenLine& line, Currency currency);

std::vector<OrderLine> OrderLinesOf(const v1::FrozenLines& lines);
// Each event once, in the order of the lines.
std::vector<EventId> EventsOf(const v1::FrozenLines& lines);
Money TotalOf(const v1::FrozenLines& lines);
Currency CurrencyOf(const v1::FrozenLines& lines);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_FROZEN_H_
