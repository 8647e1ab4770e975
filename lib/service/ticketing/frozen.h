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

v1::Quote QuoteMessage(const v1::FrozenLines& lines);
v1::Hold HoldMessage(const EventInfo& event, HoldId id, Timestamp expires_at,
                     const v1::FrozenLines& lines);

std::vector<OrderLine> OrderLinesOf(const v1::FrozenLines& lines);
std::vector<seat::Pick> PicksOf(const v1::FrozenLines& lines);
Money TotalOf(const v1::FrozenLines& lines);
Currency CurrencyOf(const v1::FrozenLines& lines);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_FROZEN_H_
