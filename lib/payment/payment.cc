#include "ticketing/payment/payment.h"

#include <algorithm>
#include <array>

#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

constexpr std::array<std::string_view, 8> kStateNames = {
    "created",  "processing", "requires_action",    "succeeded",
    "declined", "canceled",   "partially_refunded", "refunded"};
constexpr std::array<std::string_view, 3> kMethodNames = {"card", "cash", "oxxo"};

template <typename Enum, size_t n>
std::optional<Enum> ParseName(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool IsPaid(PaymentState state) {
  return state == PaymentState::kSucceeded || state == PaymentState::kPartiallyRefunded ||
         state == PaymentState::kRefunded;
}

Status WordConflict(const Payment& payment, PaymentState next) {
  return MakeError(ErrorCode::kConflict, "A payment that is " + std::string(NameOf(payment.state)) +
                                             " cannot become " + std::string(NameOf(next)) + ".");
}

PaymentState StateOf(GatewayOutcome outcome) {
  switch (outcome) {
    case GatewayOutcome::kApproved:
      return PaymentState::kSucceeded;
    case GatewayOutcome::kDeclined:
      return PaymentState::kDeclined;
    case GatewayOutcome::kRequiresAction:
      return PaymentState::kRequiresAction;
    case GatewayOutcome::kProcessing:
      return PaymentState::kProcessing;
    case GatewayOutcome::kCanceled:
      return PaymentState::kCanceled;
  }
  return PaymentState::kProcessing;
}

// Sets the state that the refunded amount says.
void SettleRefunds(Payment& payment, Timestamp now) {
  payment.state = payment.refunded.IsZero()                       ? PaymentState::kSucceeded
                  : payment.refunded.minor < payment.amount.minor ? PaymentState::kPartiallyRefunded
                                                                  : PaymentState::kRefunded;
  payment.updated_at = now;
}

MoneyShares Plus(const MoneyShares& a, const MoneyShares& b) {
  const auto plus = [](Money x, Money y) {
    const StatusOr<Money> sum = Add(x, y);
    TICKETING_ASSERT(sum.ok());
    return *sum;
  };
  return {plus(a.organizer, b.organizer), plus(a.fees, b.fees), plus(a.tax, b.tax)};
}

}  // namespace

std::string_view NameOf(PaymentState state) {
  return kStateNames[static_cast<size_t>(state)];
}

std::optional<PaymentState> ParsePaymentState(std::string_view name) {
  return ParseName<PaymentState>(kStateNames, name);
}

bool IsDecided(PaymentState state) {
  return IsPaid(state) || state == PaymentState::kDeclined || state == PaymentState::kCanceled;
}

std::string_view NameOf(PaymentMethod method) {
  return kMethodNames[static_cast<size_t>(method)];
}

std::optional<PaymentMethod> ParsePaymentMethod(std::string_view name) {
  return ParseName<PaymentMethod>(kMethodNames, name);
}

Status ValidatePayment(const Payment& payment) {
  if (!payment.id) return InvalidField("id", "must be there");
  if (!payment.order) return InvalidField("order_id", "must be there");
  if (payment.amount.currency == Currency()) {
    return InvalidField("amount.currency", "must be a currency code of ISO 4217");
  }
  if (payment.amount.minor < 1 || payment.amount.minor > limits::kAmountMinorMax) {
    return InvalidField("amount", "must be positive and not too large");
  }
  TICKETING_ASSIGN_OR_RETURN(const Money total, TotalOf(payment.shares));
  if (total != payment.amount) return InvalidField("shares", "must sum to the amount");
  if (payment.method == PaymentMethod::kCash) {
    if (!payment.shift) return InvalidField("cash.shift_id", "must be there");
    if (payment.tendered.currency != payment.amount.currency ||
        payment.tendered.minor < payment.amount.minor ||
        payment.tendered.minor > limits::kAmountMinorMax) {
      return InvalidField("cash.tendered", "must be at least the amount, in its currency");
    }
  } else if (payment.method == PaymentMethod::kCard && payment.token.empty()) {
    return InvalidField("card.payment_method", "must be there");
  }
  return OkStatus();
}

Money ChangeOf(const Payment& payment) {
  if (payment.method != PaymentMethod::kCash) return {0, payment.amount.currency};
  return {payment.tendered.minor - payment.amount.minor, payment.amount.currency};
}

AccountName TenderOf(const Payment& payment) {
  if (payment.method == PaymentMethod::kCash) return {AccountKind::kCashDrawer, payment.shift};
  return {AccountKind::kGatewayClearing};
}

StatusOr<bool> ApplyGatewayResult(Payment& payment, const GatewayResult& result, Timestamp now) {
  const PaymentState next = StateOf(result.outcome);
  if (next == PaymentState::kSucceeded && result.amount != payment.amount) {
    return MakeError(ErrorCode::kDataLoss, "The gateway took another amount than was asked.");
  }
  if (IsPaid(payment.state)) {
    if (next == PaymentState::kSucceeded) return false;
    // Slow news of an earlier state says nothing new; a decline or a cancellation contradicts what
    // we know.
    if (!IsDecided(next)) return false;
    return WordConflict(payment, next);
  }
  if (IsDecided(payment.state) && next != PaymentState::kSucceeded) {
    if (next == payment.state || !IsDecided(next)) return false;
    return WordConflict(payment, next);
  }
  Payment changed = payment;
  changed.state = next;
  changed.decline_code = result.decline_code;
  changed.message = result.message;
  if (!result.reference.empty()) changed.reference = result.reference;
  if (changed != payment) changed.updated_at = now;
  payment = changed;
  return next == PaymentState::kSucceeded;
}

Status ApplyCash(Payment& payment, Timestamp now) {
  if (payment.state != PaymentState::kCreated) {
    return WordConflict(payment, PaymentState::kSucceeded);
  }
  payment.state = PaymentState::kSucceeded;
  payment.updated_at = now;
  return OkStatus();
}

StatusOr<MoneyShares> ApplyRefund(Payment& payment, Money amount, Timestamp now) {
  if (!IsPaid(payment.state)) {
    return MakeError(ErrorCode::kConflict, "Only a payment that succeeded can be refunded.");
  }
  if (payment.state == PaymentState::kRefunded) {
    return MakeError(ErrorCode::kConflict, "The payment is fully refunded already.");
  }
  TICKETING_ASSIGN_OR_RETURN(
      const MoneyShares shares,
      TakeShares(SubtractShares(payment.shares, payment.refunded_shares), amount));
  payment.refunded_shares = Plus(payment.refunded_shares, shares);
  payment.refunded = {payment.refunded.minor + amount.minor, amount.currency};
  SettleRefunds(payment, now);
  return shares;
}

void UndoRefund(Payment& payment, const MoneyShares& shares, Timestamp now) {
  const StatusOr<Money> amount = TotalOf(shares);
  TICKETING_ASSERT(amount.ok() && IsPaid(payment.state));
  payment.refunded_shares = SubtractShares(payment.refunded_shares, shares);
  payment.refunded.minor -= amount->minor;
  SettleRefunds(payment, now);
}

}  // namespace ticketing
