// An order: what a buyer wants to pay for, from the moment its prices are frozen until tickets or
// money come back.
//
// A plain value. A service stores it and changes its state only through order/state_machine.h.
// Prices were frozen when the order was made and are never computed again.
#ifndef TICKETING_ORDER_ORDER_H_
#define TICKETING_ORDER_ORDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

// The numbers are stored: append, never renumber.
enum class OrderState {
  kPending = 0,    // seats held, prices frozen, waiting for a payment to start
  kPaying = 1,     // a payment attempt runs at the gateway or the window
  kAwaiting = 2,   // a voucher is out; the money comes days later
  kPaid = 3,       // the money is there; the seats are being booked
  kCompleted = 4,  // booked and issued
  kExpired = 5,    // the time to pay ran out
  kCancelled = 6,  // given up before any money
  kRefunding = 7,  // money is on its way back
  kRefunded = 8,   // all money is back
};

enum class SaleChannel { kOnline = 0, kBoxOffice = 1 };

// "pending", "paying", "awaiting", "paid", "completed", "expired", "cancelled", "refunding",
// "refunded".
std::string_view NameOf(OrderState state);
std::optional<OrderState> ParseOrderState(std::string_view name);
// "online", "box_office".
std::string_view NameOf(SaleChannel channel);
std::optional<SaleChannel> ParseSaleChannel(std::string_view name);

// Who buys without an account, or whom to write to. Personal data: never in logs.
struct Contact {
  std::string name;
  std::string email;
  std::string phone;

  bool operator==(const Contact&) const = default;
};

// One object of the order with its frozen price. The shares say who gets what of `total`; they sum
// to it.
struct OrderLine {
  EventId event;              // whose object it is; none: the order's
  std::string object;         // label of the seat or area
  uint32_t object_index = 0;  // the same in the event's inventory
  std::string category;
  std::string ticket_type;
  int64_t quantity = 1;
  Money unit_price;
  Money discount;
  Money fees;   // added fees
  Money tax;    // all tax, part of the price or on top
  Money total;  // what the buyer pays for this line
  Money organizer_share;
  Money fee_share;  // net of tax

  bool operator==(const OrderLine&) const = default;
};

enum class AttemptState {
  kStarted = 0,
  kAwaiting = 1,  // a voucher is out
  kApproved = 2,
  kDeclined = 3,
  kRefunding = 4,  // asked to be given back
  kRefunded = 5,
};

// One try to pay. The payment itself lives in the payments service under the same id.
struct PaymentAttempt {
  PaymentId payment;
  std::string method;  // "card", "cash", "oxxo"
  AttemptState state = AttemptState::kStarted;
  Money amount;
  std::string reason;  // of a decline, a stable slug such as "insufficient_funds"
  Timestamp started_at;
  Timestamp decided_at;

  bool operator==(const PaymentAttempt&) const = default;
};

struct Order {
  OrderId id;
  EventId event;
  HoldId hold;
  SaleChannel channel = SaleChannel::kOnline;
  OrderState state = OrderState::kPending;
  AccountId buyer;  // none for a guest
  Contact contact;
  std::vector<OrderLine> lines;
  Money total;
  std::vector<PaymentAttempt> attempts;  // oldest first
  std::string language = "es";           // for everything sent to the buyer
  ShiftId shift;                         // of a sale at the window
  Timestamp created_at;
  Timestamp updated_at;
  Timestamp expires_at;    // when an unpaid order gives its seats back
  Timestamp completed_at;  // zero until then

  bool operator==(const Order&) const = default;
};

// The attempt with this payment id, or nullptr.
const PaymentAttempt* FindAttempt(const Order& order, PaymentId payment);
PaymentAttempt* FindAttempt(Order& order, PaymentId payment);

// OK when a new order can be stored: ids present; 1 to limits::kObjectsPerCommandMax lines, labels
// not empty and not twice; every amount of one currency and not negative, shares summing to each
// line's total and lines to the order's; a buyer or a guest who can be reached (at the window a
// guest may stay unknown); texts that are UTF-8 within limits.h; language "es" or "en". Otherwise
// kInvalidField naming every wrong place, such as "lines[1].total".
Status ValidateOrder(const Order& order);

// OK when the fields are well formed (empty ones are). Fields are named under `prefix`:
// "contact.email".
Status ValidateContact(const Contact& contact, std::string_view prefix);

}  // namespace ticketing

#endif  // TICKETING_ORDER_ORDER_H_
