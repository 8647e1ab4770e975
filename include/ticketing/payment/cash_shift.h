// The cash drawer of one box-office window, from its opening float to the count at the end.
//
//   expected = opening + sales - refunds - drops;  difference = counted - expected (short < 0 <
//   over)
//
// Pure value and functions; the matching journal entries are in ledger.h. Model: Square's cash
// drawer shifts.
#ifndef TICKETING_PAYMENT_CASH_SHIFT_H_
#define TICKETING_PAYMENT_CASH_SHIFT_H_

#include <string>

#include "ticketing/base/id.h"
#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

struct CashShift {
  ShiftId id;
  bool open = true;
  std::string opened_by;  // id of the account that works the drawer
  std::string closed_by;
  Timestamp opened_at;
  Timestamp closed_at;
  Money opening;
  Money sales;
  Money refunds;
  Money drops;
  Money counted;  // when closed

  bool operator==(const CashShift&) const = default;
};

// Opens a drawer. Errors: kInvalidField ("opening_cash") for a negative or too large amount or one
// without currency.
StatusOr<CashShift> OpenCashShift(ShiftId id, std::string opened_by, Money opening, Timestamp now);

// What the drawer must hold now.
Money ExpectedCash(const CashShift& shift);
// counted - expected of a closed shift.
Money CashDifference(const CashShift& shift);

// Each changes the shift, or leaves it and returns: kShiftNotOpen when it is closed; kInvalidField
// ("amount") for an amount that is not positive or in another currency; kConflict when the drawer
// does not hold so much; kAmountOverflow when a sum would exceed limits::kAmountMinorMax.
Status RecordCashSale(CashShift& shift, Money amount);
Status RecordCashRefund(CashShift& shift, Money amount);
Status RecordCashDrop(CashShift& shift, Money amount);

// Ends the shift with the counted cash, for ever. Errors: kShiftNotOpen; kInvalidField
// ("counted_cash").
Status CloseCashShift(CashShift& shift, std::string closed_by, Money counted, Timestamp now);

}  // namespace ticketing

#endif  // TICKETING_PAYMENT_CASH_SHIFT_H_
