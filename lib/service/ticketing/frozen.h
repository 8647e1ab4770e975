// Frozen prices: from a quote to storage, to holds and to orders.
#ifndef TICKETING_LIB_SERVICE_TICKETING_FROZEN_H_
#define TICKETING_LIB_SERVICE_TICKETING_FROZEN_H_

#include <span>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "ticketing/order/order.h"
#include "ticketing/seat/inventory.h"

namespace ticketing {

// What these places cost now. Errors: kAmountOverflow.
StatusOr<v1::FrozenLines> Freeze(const EventInfo& event, std::span<const seat::Pick> picks);

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
