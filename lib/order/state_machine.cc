#include "ticketing/order/state_machine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

using S = OrderState;
using E = OrderEventKind;
using A = OrderAction;

// The one table. What is not here is refused.
const std::vector<OrderTransition>& Table() {
  static const std::vector<OrderTransition> table = {
      {S::kPending, E::kPaymentStarted, S::kPaying, {}},
      {S::kPending, E::kPaymentApproved, S::kPaid, {A::kBookSeats}},
      {S::kPending, E::kHoldLost, S::kExpired, {A::kNotify}},
      {S::kPending, E::kExpired, S::kExpired, {A::kReleaseSeats, A::kNotify}},
      {S::kPending, E::kCancelled, S::kCancelled, {A::kReleaseSeats}},

      {S::kPaying, E::kPaymentApproved, S::kPaid, {A::kBookSeats}},
      {S::kPaying, E::kPaymentDeclined, S::kPending, {}},
      {S::kPaying, E::kPaymentPending, S::kAwaiting, {A::kExtendHold, A::kNotify}},
      // The outcome of the attempt decides: an approval still tries to book.
      {S::kPaying, E::kHoldLost, S::kPaying, {}},

      {S::kAwaiting, E::kPaymentApproved, S::kPaid, {A::kBookSeats}},
      {S::kAwaiting, E::kPaymentDeclined, S::kExpired, {A::kReleaseSeats, A::kNotify}},
      {S::kAwaiting, E::kHoldLost, S::kAwaiting, {}},
      {S::kAwaiting, E::kExpired, S::kExpired, {A::kCancelPayment, A::kReleaseSeats, A::kNotify}},
      {S::kAwaiting,
       E::kCancelled,
       S::kCancelled,
       {A::kCancelPayment, A::kReleaseSeats, A::kNotify}},

      {S::kPaid, E::kBooked, S::kCompleted, {A::kIssueTickets, A::kNotify}},
      {S::kPaid, E::kHoldLost, S::kRefunding, {A::kRefundPayment, A::kNotify}},
      {S::kPaid, E::kCancelled, S::kRefunding, {A::kReleaseSeats, A::kRefundPayment, A::kNotify}},
      {S::kPaid, E::kPaymentApproved, S::kPaid, {A::kRefundPayment}},
      {S::kPaid, E::kRefundDone, S::kPaid, {}},
      {S::kPaid, E::kRefundFailed, S::kPaid, {A::kAlertStaff}},

      {S::kCompleted, E::kBooked, S::kCompleted, {}},
      {S::kCompleted,
       E::kCancelled,
       S::kRefunding,
       {A::kRevokeTickets, A::kReleaseSeats, A::kRefundPayment, A::kNotify}},
      {S::kCompleted, E::kPaymentApproved, S::kCompleted, {A::kRefundPayment}},
      {S::kCompleted, E::kRefundDone, S::kCompleted, {}},
      {S::kCompleted, E::kRefundFailed, S::kCompleted, {A::kAlertStaff}},

      // Late money: the seats are tried once more, and a kHoldLost in kPaid gives it back.
      {S::kExpired, E::kPaymentApproved, S::kPaid, {A::kBookSeats}},
      {S::kExpired, E::kHoldLost, S::kExpired, {}},
      {S::kExpired, E::kExpired, S::kExpired, {}},

      // Who gave the order up does not want it any more.
      {S::kCancelled, E::kPaymentApproved, S::kRefunding, {A::kRefundPayment, A::kNotify}},
      {S::kCancelled, E::kHoldLost, S::kCancelled, {}},
      {S::kCancelled, E::kCancelled, S::kCancelled, {}},

      {S::kRefunding, E::kPaymentApproved, S::kRefunding, {A::kRefundPayment}},
      {S::kRefunding, E::kRefundDone, S::kRefunded, {A::kNotify}},
      {S::kRefunding, E::kRefundFailed, S::kRefunding, {A::kAlertStaff}},
      {S::kRefunding, E::kCancelled, S::kRefunding, {}},

      {S::kRefunded, E::kPaymentApproved, S::kRefunding, {A::kRefundPayment}},
      {S::kRefunded, E::kCancelled, S::kRefunded, {}},
  };
  return table;
}

const OrderTransition* Find(OrderState from, OrderEventKind event) {
  for (const OrderTransition& row : Table()) {
    if (row.from == from && row.event == event) return &row;
  }
  return nullptr;
}

// For people: the names of events are for logs.
std::string_view RefusalOf(OrderEventKind kind) {
  constexpr std::array<std::string_view, 10> kTexts = {
      "cannot be paid",           "cannot take this payment", "has no such payment to decline",
      "has no payment to expect", "cannot lose its seats",    "cannot get its seats",
      "cannot expire now",        "cannot be cancelled",      "has no such refund",
      "has no such refund"};
  return kTexts[static_cast<size_t>(kind)];
}

Status Refuse(const Order& order, const OrderEvent& event) {
  return MakeError(ErrorCode::kOrderState, "An order that is " + std::string(NameOf(order.state)) +
                                               " " + std::string(RefusalOf(event.kind)) + ".");
}

bool IsRunning(const Order& order, const PaymentAttempt& attempt) {
  const bool open =
      attempt.state == AttemptState::kStarted || attempt.state == AttemptState::kAwaiting;
  return open && &attempt == &order.attempts.back();
}

// Whether the money of the attempt is here, even if on its way back.
bool IsMoneyHere(const PaymentAttempt& attempt) {
  return attempt.state == AttemptState::kApproved || attempt.state == AttemptState::kRefunding;
}

bool IsMoneyHere(const Order& order) {
  return std::ranges::any_of(order.attempts,
                             [](const PaymentAttempt& attempt) { return IsMoneyHere(attempt); });
}

// What an event means for the attempts, before the table is asked.
enum class Verdict {
  kApply,   // the table decides
  kIgnore,  // a repeat, or news about an attempt that matters no more
};

StatusOr<Verdict> StartAttempt(Order& order, const OrderEvent& event, Timestamp now) {
  if (!event.payment) return InvalidField("payment", "must be there");
  if (FindAttempt(order, event.payment) != nullptr) return Verdict::kIgnore;
  if (event.amount != order.total) return InvalidField("amount", "must be the order's total");
  if (order.attempts.size() >= limits::kPaymentAttemptsMax) {
    return InvalidField("payment", "too many attempts to pay this order");
  }
  order.attempts.push_back({.payment = event.payment,
                            .method = event.method,
                            .amount = event.amount,
                            .started_at = now});
  return Verdict::kApply;
}

StatusOr<Verdict> CloseAttempt(Order& order, const OrderEvent& event, PaymentAttempt& attempt,
                               Timestamp now) {
  switch (event.kind) {
    case E::kPaymentApproved:
      if (IsMoneyHere(attempt) || attempt.state == AttemptState::kRefunded) return Verdict::kIgnore;
      if (event.amount != attempt.amount) {
        return InvalidField("amount", "must be the amount of the attempt");
      }
      attempt.state = AttemptState::kApproved;
      attempt.reason.clear();
      break;
    case E::kPaymentDeclined: {
      if (attempt.state == AttemptState::kDeclined) return Verdict::kIgnore;
      if (IsMoneyHere(attempt) || attempt.state == AttemptState::kRefunded) {
        return Refuse(order, event);
      }
      const bool matters =
          IsRunning(order, attempt) && (order.state == S::kPaying || order.state == S::kAwaiting);
      attempt.state = AttemptState::kDeclined;
      attempt.reason = event.reason;
      attempt.decided_at = now;
      return matters ? Verdict::kApply : Verdict::kIgnore;
    }
    case E::kPaymentPending:
      if (attempt.state != AttemptState::kStarted) return Verdict::kIgnore;
      if (!IsRunning(order, attempt)) return Refuse(order, event);
      attempt.state = AttemptState::kAwaiting;
      order.expires_at = event.deadline;
      return Verdict::kApply;
    case E::kRefundDone:
      if (attempt.state == AttemptState::kRefunded) return Verdict::kIgnore;
      if (!IsMoneyHere(attempt)) return Refuse(order, event);
      attempt.state = AttemptState::kRefunded;
      break;
    case E::kRefundFailed:
      if (!IsMoneyHere(attempt)) return Refuse(order, event);
      attempt.reason = event.reason;
      break;
    default:
      return Verdict::kApply;
  }
  attempt.decided_at = now;
  return Verdict::kApply;
}

StatusOr<Verdict> UpdateAttempts(Order& order, const OrderEvent& event, Timestamp now) {
  switch (event.kind) {
    case E::kPaymentStarted:
      return StartAttempt(order, event, now);
    case E::kPaymentApproved:
      if (!event.payment) {
        // An order that costs nothing needs no payment.
        if (order.total.IsZero()) {
          return order.state == S::kPaid || order.state == S::kCompleted ? Verdict::kIgnore
                                                                         : Verdict::kApply;
        }
        return InvalidField("payment", "must be there");
      }
      [[fallthrough]];
    case E::kPaymentDeclined:
    case E::kPaymentPending:
    case E::kRefundDone:
    case E::kRefundFailed: {
      PaymentAttempt* attempt = FindAttempt(order, event.payment);
      if (attempt == nullptr) return InvalidField("payment", "is not of this order");
      return CloseAttempt(order, event, *attempt, now);
    }
    case E::kExpired:
      if (now < order.expires_at) return Refuse(order, event);
      return Verdict::kApply;
    default:
      return Verdict::kApply;
  }
}

void AddEffects(Order& order, const OrderEvent& event, OrderAction action,
                std::vector<OrderEffect>& effects) {
  if (action != A::kRefundPayment && action != A::kCancelPayment) {
    effects.push_back({.action = action});
    return;
  }
  for (PaymentAttempt& attempt : order.attempts) {
    // An approval that comes on top is refunded alone; everything else gives all the money back.
    const bool of_event = event.kind != E::kPaymentApproved || attempt.payment == event.payment;
    const AttemptState wanted =
        action == A::kRefundPayment ? AttemptState::kApproved : AttemptState::kAwaiting;
    if (!of_event || attempt.state != wanted) continue;
    effects.push_back({.action = action, .payment = attempt.payment, .amount = attempt.amount});
    if (action == A::kRefundPayment) attempt.state = AttemptState::kRefunding;  // asked once only
  }
}

OrderState NextState(const Order& order, const OrderTransition& row) {
  if (row.from == S::kRefunding && row.to == S::kRefunded && IsMoneyHere(order)) {
    return S::kRefunding;  // another payment is still on its way back
  }
  if (row.to == S::kRefunding && !IsMoneyHere(order)) return S::kCancelled;  // it cost nothing
  return row.to;
}

}  // namespace

StatusOr<std::vector<OrderEffect>> ApplyOrderEvent(Order& order, const OrderEvent& event,
                                                   Timestamp now) {
  // Works on a copy, so that a refusal leaves the order as it was.
  Order next = order;
  TICKETING_ASSIGN_OR_RETURN(const Verdict verdict, UpdateAttempts(next, event, now));
  std::vector<OrderEffect> effects;
  if (verdict == Verdict::kApply) {
    const OrderTransition* row = Find(order.state, event.kind);
    if (row == nullptr) return Refuse(order, event);
    next.state = NextState(next, *row);
    const bool still_refunding = row->from == S::kRefunding && next.state == S::kRefunding;
    for (const OrderAction action : row->actions) {
      if (event.kind == E::kRefundDone && still_refunding) continue;
      AddEffects(next, event, action, effects);
    }
    if (next.state == S::kCompleted && order.state != S::kCompleted) next.completed_at = now;
  }
  if (next != order) next.updated_at = now;
  order = std::move(next);
  return effects;
}

std::string_view NameOf(OrderEventKind kind) {
  constexpr std::array<std::string_view, 10> kNames = {
      "payment_started", "payment_approved", "payment_declined", "payment_pending",
      "hold_lost",       "booked",           "expired",          "cancelled",
      "refund_done",     "refund_failed"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view NameOf(OrderAction action) {
  constexpr std::array<std::string_view, 9> kNames = {
      "book_seats",     "release_seats",  "extend_hold", "issue_tickets", "revoke_tickets",
      "refund_payment", "cancel_payment", "notify",      "alert_staff"};
  return kNames[static_cast<size_t>(action)];
}

std::span<const OrderTransition> AllOrderTransitions() {
  return Table();
}

}  // namespace ticketing
