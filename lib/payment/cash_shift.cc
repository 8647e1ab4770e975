#include "ticketing/payment/cash_shift.h"

#include <utility>

#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

Status CheckOpen(const CashShift& shift) {
  if (shift.open) return OkStatus();
  return MakeError(ErrorCode::kShiftNotOpen, "The cash shift is closed.");
}

Status CheckMovement(const CashShift& shift, Money amount) {
  TICKETING_RETURN_IF_ERROR(CheckOpen(shift));
  if (amount.currency != shift.opening.currency) {
    return InvalidField("amount", "must be in the currency of the shift");
  }
  if (amount.minor < 1 || amount.minor > limits::kAmountMinorMax) {
    return InvalidField("amount", "must be positive and not too large");
  }
  return OkStatus();
}

Status AddTo(Money& sum, Money amount) {
  if (sum.minor > limits::kAmountMinorMax - amount.minor) {
    return MakeError(ErrorCode::kAmountOverflow, "The cash shift cannot hold so much.");
  }
  sum.minor += amount.minor;
  return OkStatus();
}

Status TakeOut(CashShift& shift, Money& sum, Money amount) {
  TICKETING_RETURN_IF_ERROR(CheckMovement(shift, amount));
  if (amount.minor > ExpectedCash(shift).minor) {
    return MakeError(ErrorCode::kConflict, "The drawer does not hold so much.");
  }
  return AddTo(sum, amount);
}

}  // namespace

StatusOr<CashShift> OpenCashShift(ShiftId id, std::string opened_by, Money opening, Timestamp now) {
  if (opening.currency == Currency() || opening.minor < 0 ||
      opening.minor > limits::kAmountMinorMax) {
    return InvalidField("opening_cash", "must be an amount that is not negative");
  }
  const Money none{0, opening.currency};
  return CashShift{.id = id,
                   .opened_by = std::move(opened_by),
                   .opened_at = now,
                   .opening = opening,
                   .sales = none,
                   .refunds = none,
                   .drops = none,
                   .counted = none};
}

Money ExpectedCash(const CashShift& shift) {
  return {shift.opening.minor + shift.sales.minor - shift.refunds.minor - shift.drops.minor,
          shift.opening.currency};
}

Money CashDifference(const CashShift& shift) {
  return {shift.counted.minor - ExpectedCash(shift).minor, shift.opening.currency};
}

Status RecordCashSale(CashShift& shift, Money amount) {
  TICKETING_RETURN_IF_ERROR(CheckMovement(shift, amount));
  // What the drawer holds is booked as one amount when it closes.
  if (ExpectedCash(shift).minor > limits::kAmountMinorMax - amount.minor) {
    return MakeError(ErrorCode::kAmountOverflow, "The drawer cannot hold so much.");
  }
  return AddTo(shift.sales, amount);
}

Status RecordCashRefund(CashShift& shift, Money amount) {
  return TakeOut(shift, shift.refunds, amount);
}

Status RecordCashDrop(CashShift& shift, Money amount) {
  return TakeOut(shift, shift.drops, amount);
}

Status CloseCashShift(CashShift& shift, std::string closed_by, Money counted, Timestamp now) {
  TICKETING_RETURN_IF_ERROR(CheckOpen(shift));
  if (counted.currency != shift.opening.currency || counted.minor < 0 ||
      counted.minor > limits::kAmountMinorMax) {
    return InvalidField("counted_cash", "must be an amount of the shift's currency, not negative");
  }
  shift.open = false;
  shift.closed_by = std::move(closed_by);
  shift.closed_at = now;
  shift.counted = counted;
  return OkStatus();
}

}  // namespace ticketing
