// One payment of an order, and the states it goes through.
//
//   created -> processing -> succeeded -> partially_refunded -> refunded
//          \-> requires_action -/   \______________________/
//           \-> declined / canceled
//
// A payment is one attempt: who was declined pays with a new one. Pure value and functions; time is
// an argument.
#ifndef TICKETING_PAYMENT_PAYMENT_H_
#define TICKETING_PAYMENT_PAYMENT_H_

#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/payment/gateway.h"
#include "ticketing/payment/ledger.h"

namespace ticketing {

// The numbers are stored: append, never renumber.
enum class PaymentState {
  kCreated = 0,         // written down, the gateway not yet asked (or its answer not yet known)
  kProcessing = 1,      // the gateway works on it
  kRequiresAction = 2,  // the buyer must act: a voucher
  kSucceeded = 3,
  kDeclined = 4,
  kCanceled = 5,
  kPartiallyRefunded = 6,
  kRefunded = 7,
};

// "created", "processing", "requires_action", "succeeded", "declined", "canceled",
// "partially_refunded", "refunded".
std::string_view NameOf(PaymentState state);
std::optional<PaymentState> ParsePaymentState(std::string_view name);

// Whether nothing can come of it any more except refunds.
bool IsDecided(PaymentState state);

enum class PaymentMethod { kCard = 0, kCash = 1, kOxxo = 2 };

// "card", "cash", "oxxo".
std::string_view NameOf(PaymentMethod method);
std::optional<PaymentMethod> ParsePaymentMethod(std::string_view name);

struct Payment {
  PaymentId id;
  OrderId order;
  PaymentMethod method = PaymentMethod::kCard;
  PaymentState state = PaymentState::kCreated;
  Money amount;
  MoneyShares shares;           // of amount, for the books
  Money refunded;               // so far, set aside or given back
  MoneyShares refunded_shares;  // of refunded
  std::string token;  // of a card: the gateway's payment method; not a secret, never a card number
  std::string reference;  // the gateway's id, once it answered
  std::string decline_code;
  std::string message;  // of the gateway, for the person who pays
  ShiftId shift;        // of cash
  Money tendered;       // of cash: what was handed over
  Timestamp created_at;
  Timestamp updated_at;

  bool operator==(const Payment&) const = default;
};

// OK when a new payment can be stored: ids; an amount in (0, limits::kAmountMinorMax] with a
// currency; shares that sum to it; a token for a card, a shift and enough tendered for cash.
// Otherwise kInvalidField naming the field.
Status ValidatePayment(const Payment& payment);

// What to hand back of the cash that was tendered.
Money ChangeOf(const Payment& payment);

// The account that the money of this payment comes to and refunds leave.
AccountName TenderOf(const Payment& payment);

// Takes the gateway's word. Returns whether the payment has just become kSucceeded (then a sale is
// booked, once). The same word again changes nothing. A success is believed also after kDeclined or
// kCanceled: late money is real. Errors, with the payment unchanged: kConflict for a word that a
// decided payment cannot take (a decline after a success); kDataLoss when the gateway took another
// amount than was asked.
StatusOr<bool> ApplyGatewayResult(Payment& payment, const GatewayResult& result, Timestamp now);

// Books cash as received. Errors: kConflict unless kCreated.
Status ApplyCash(Payment& payment, Timestamp now);

// Sets `amount` aside for a refund and returns the shares it is made of; the state says what is
// left. It happens before the gateway is asked, so that refunds at the same time can never exceed
// the payment. Errors, with the payment unchanged: kConflict when the payment has not succeeded or
// is fully refunded; kInvalidField ("amount") when it is not positive, in another currency or more
// than is left.
StatusOr<MoneyShares> ApplyRefund(Payment& payment, Money amount, Timestamp now);

// Takes back what ApplyRefund set aside, because the money could not be returned. `shares` are
// those it gave.
void UndoRefund(Payment& payment, const MoneyShares& shares, Timestamp now);

}  // namespace ticketing

#endif  // TICKETING_PAYMENT_PAYMENT_H_
