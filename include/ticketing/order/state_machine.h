// The life of an order as one table: in each state, what each event leads to and what has to be
// done about it.
//
//   pending -> paying -> paid -> completed -> refunding -> refunded
//      ^  \       \ \      \                     ^
//      |   \       \ awaiting (voucher)          |  seats lost after the money came
//      +----\--- declined                        |
//            expired / cancelled --- late money -+-- or booked after all
//
// The effects are for the service to carry out after it has stored the order, in the same
// transaction's outbox where they reach other services. Each effect is safe to repeat. Pure: time
// is an argument.
#ifndef TICKETING_ORDER_STATE_MACHINE_H_
#define TICKETING_ORDER_STATE_MACHINE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/order/order.h"

namespace ticketing {

enum class OrderEventKind {
  kPaymentStarted = 0,   // an attempt begins
  kPaymentApproved = 1,  // its money is there, however late
  kPaymentDeclined = 2,  // it failed for good; the buyer may try again
  kPaymentPending = 3,   // a voucher was made; `deadline` says until when
  kHoldLost = 4,         // the seats cannot be had (any more)
  kBooked = 5,           // the seats are booked
  kExpired = 6,          // expires_at has passed
  kCancelled = 7,        // by the buyer or by staff
  kRefundDone = 8,       // the money of one payment is back
  kRefundFailed = 9,     // the gateway cannot give it back; staff must
};

struct OrderEvent {
  OrderEventKind kind = OrderEventKind::kPaymentStarted;
  PaymentId payment;   // of kPayment* and kRefund* events; none for an order that costs nothing
  std::string method;  // of kPaymentStarted
  Money amount;        // of kPaymentStarted and kPaymentApproved
  std::string reason;  // of kPaymentDeclined and kRefundFailed
  Timestamp deadline;  // of kPaymentPending
};

enum class OrderAction {
  kBookSeats = 0,  // then answer with kBooked or kHoldLost; a lost hold is worth one try without it
  kReleaseSeats = 1,  // let the hold or the booking go
  kExtendHold = 2,    // until the order's expires_at
  kIssueTickets = 3,
  kRevokeTickets = 4,  // the gates must hear of it
  kRefundPayment = 5,  // give back `payment`, then answer with kRefundDone or kRefundFailed
  kCancelPayment = 6,  // ask the gateway to take no money for `payment` any more
  kNotify = 7,         // tell the buyer about the new state
  kAlertStaff = 8,     // somebody has to look at it
};

// Something to do. `payment` and `amount` are set for kRefundPayment and kCancelPayment.
struct OrderEffect {
  OrderAction action = OrderAction::kNotify;
  PaymentId payment;
  Money amount;

  bool operator==(const OrderEffect&) const = default;
};

// Applies an event: changes `order` (state, attempts, timestamps) and returns what to do, in order.
//
// Repeats are harmless: an event about a payment that is already in that state changes nothing and
// asks for nothing. An approval beside the one that paid the order is money too much and is
// refunded. A decline of an attempt that is not the running one only closes that attempt. Errors,
// with the order unchanged: kOrderState when the state refuses the event (the message says both);
// kInvalidField for a payment id that is missing or unknown, an amount that is not the order's
// total, or too many attempts.
StatusOr<std::vector<OrderEffect>> ApplyOrderEvent(Order& order, const OrderEvent& event,
                                                   Timestamp now);

// "payment_started", ... and "book_seats", ...: stable, for logs and stored rows.
std::string_view NameOf(OrderEventKind kind);
std::string_view NameOf(OrderAction action);

// A row of the table. A pair that has no row is refused.
struct OrderTransition {
  OrderState from;
  OrderEventKind event;
  OrderState to;
  std::vector<OrderAction> actions;
};

// The whole table, for documentation and tests.
std::span<const OrderTransition> AllOrderTransitions();

}  // namespace ticketing

#endif  // TICKETING_ORDER_STATE_MACHINE_H_
