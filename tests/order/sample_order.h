// An order of two seats for the tests of this folder.
#ifndef TICKETING_TESTS_ORDER_SAMPLE_ORDER_H_
#define TICKETING_TESTS_ORDER_SAMPLE_ORDER_H_

#include "ticketing/order/order.h"

namespace ticketing {

inline Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

inline OrderLine SampleLine(std::string object) {
  return {.object = std::move(object),
          .category = "lower",
          .unit_price = Mxn(80000),
          .discount = Mxn(0),
          .fees = Mxn(2500),
          .tax = Mxn(11379),
          .total = Mxn(82500),
          .organizer_share = Mxn(68966),
          .fee_share = Mxn(2155)};
}

inline Order SampleOrder() {
  Order order;
  order.id = OrderId{1};
  order.event = EventId{2};
  order.hold = HoldId{3};
  order.buyer = AccountId{4};
  order.lines = {SampleLine("N-101-A-1"), SampleLine("N-101-A-2")};
  order.total = Mxn(165000);
  order.created_at = order.updated_at = Timestamp::FromSeconds(1000);
  order.expires_at = Timestamp::FromSeconds(1900);
  return order;
}

}  // namespace ticketing

#endif  // TICKETING_TESTS_ORDER_SAMPLE_ORDER_H_
