#include "ticketing/order/order.h"

#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

constexpr std::array<std::string_view, 9> kStateNames = {"pending",   "paying",    "awaiting",
                                                         "paid",      "completed", "expired",
                                                         "cancelled", "refunding", "refunded"};
constexpr std::array<std::string_view, 2> kChannelNames = {"online", "box_office"};

template <typename Enum, size_t n>
std::optional<Enum> ParseName(const std::array<std::string_view, n>& names, std::string_view name) {
  for (size_t i = 0; i < n; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

void AddFault(ErrorDetails& faults, std::string field, std::string_view detail) {
  faults.fields.push_back({std::move(field), std::string(detail)});
}

void CheckText(const std::string& field, std::string_view text, size_t bytes_max, bool required,
               ErrorDetails& faults) {
  if (required && text.empty()) AddFault(faults, field, "must not be empty");
  if (text.size() > bytes_max) AddFault(faults, field, "is too long");
  if (!IsValidUtf8(text)) AddFault(faults, field, "must be UTF-8");
}

bool IsAmount(Money amount, Currency currency) {
  return amount.currency == currency && amount.minor >= 0 &&
         amount.minor <= limits::kAmountMinorMax;
}

void CheckContact(const Contact& contact, std::string_view prefix, ErrorDetails& faults) {
  const std::string base(prefix);
  CheckText(base + ".name", contact.name, limits::kNameBytesMax, false, faults);
  CheckText(base + ".email", contact.email, limits::kEmailBytesMax, false, faults);
  CheckText(base + ".phone", contact.phone, limits::kPhoneBytesMax, false, faults);
  // Only what is surely wrong is refused: an address is proved by a mail that arrives.
  const size_t at = contact.email.find('@');
  const bool has_space = contact.email.find_first_of(" \t\r\n") != std::string::npos;
  if (!contact.email.empty() &&
      (at == 0 || at == std::string::npos || at + 1 == contact.email.size() || has_space)) {
    AddFault(faults, base + ".email", "is not a mail address");
  }
  for (const char c : contact.phone) {
    if ((c < '0' || c > '9') && std::string_view("+-() .").find(c) == std::string_view::npos) {
      AddFault(faults, base + ".phone", "is not a phone number");
      break;
    }
  }
}

void CheckLine(const OrderLine& line, const std::string& place, Currency currency,
               ErrorDetails& faults) {
  CheckText(place + ".object", line.object, limits::kLabelBytesMax, true, faults);
  CheckText(place + ".category", line.category, limits::kLabelBytesMax, true, faults);
  CheckText(place + ".ticket_type", line.ticket_type, limits::kLabelBytesMax, false, faults);
  if (line.quantity < 1 || line.quantity > static_cast<int64_t>(limits::kObjectsPerCommandMax)) {
    AddFault(faults, place + ".quantity", "must be from 1 to 200");
  }
  const std::pair<std::string_view, Money> amounts[] = {{"unit_price", line.unit_price},
                                                        {"discount", line.discount},
                                                        {"fees", line.fees},
                                                        {"tax", line.tax},
                                                        {"total", line.total},
                                                        {"organizer_share", line.organizer_share},
                                                        {"fee_share", line.fee_share}};
  for (const auto& [name, amount] : amounts) {
    if (!IsAmount(amount, currency)) {
      AddFault(faults, place + "." + std::string(name),
               "must be an amount of the order's currency that is not negative");
      return;
    }
  }
  if (line.organizer_share.minor + line.fee_share.minor + line.tax.minor != line.total.minor) {
    AddFault(faults, place + ".total", "is not the sum of its shares");
  }
}

void CheckLines(const Order& order, ErrorDetails& faults) {
  if (order.lines.empty() || order.lines.size() > limits::kObjectsPerCommandMax) {
    AddFault(faults, "lines", "must be from 1 to 200");
    return;
  }
  std::set<std::tuple<EventId, std::string_view, std::string_view>> seen;
  int64_t total = 0;
  for (size_t i = 0; i < order.lines.size(); ++i) {
    const OrderLine& line = order.lines[i];
    const std::string place = "lines[" + std::to_string(i) + "]";
    CheckLine(line, place, order.total.currency, faults);
    // An area may stand twice, once for each ticket type; a seat's label stands once in practice.
    const EventId event = line.event ? line.event : order.event;
    if (!seen.emplace(event, line.object, line.ticket_type).second) {
      AddFault(faults, place + ".object", "stands twice");
    }
    if (IsAmount(line.total, order.total.currency)) total += line.total.minor;
  }
  if (!IsAmount(order.total, order.total.currency) || order.total.currency == Currency()) {
    AddFault(faults, "total", "must be an amount that is not negative");
  } else if (order.total.minor != total) {
    AddFault(faults, "total", "is not the sum of the lines");
  }
}

Status Finish(const ErrorDetails& faults, std::string_view message) {
  if (faults.fields.empty()) return OkStatus();
  return MakeError(ErrorCode::kInvalidField, message, faults);
}

}  // namespace

std::string_view NameOf(OrderState state) {
  return kStateNames[static_cast<size_t>(state)];
}

std::optional<OrderState> ParseOrderState(std::string_view name) {
  return ParseName<OrderState>(kStateNames, name);
}

std::string_view NameOf(SaleChannel channel) {
  return kChannelNames[static_cast<size_t>(channel)];
}

std::optional<SaleChannel> ParseSaleChannel(std::string_view name) {
  return ParseName<SaleChannel>(kChannelNames, name);
}

const PaymentAttempt* FindAttempt(const Order& order, PaymentId payment) {
  for (const PaymentAttempt& attempt : order.attempts) {
    if (attempt.payment == payment) return &attempt;
  }
  return nullptr;
}

PaymentAttempt* FindAttempt(Order& order, PaymentId payment) {
  return const_cast<PaymentAttempt*>(FindAttempt(std::as_const(order), payment));
}

Status ValidateContact(const Contact& contact, std::string_view prefix) {
  ErrorDetails faults;
  CheckContact(contact, prefix, faults);
  return Finish(faults, "The contact has errors.");
}

Status ValidateOrder(const Order& order) {
  ErrorDetails faults;
  if (!order.id) AddFault(faults, "id", "must be there");
  if (!order.event) AddFault(faults, "event", "must be there");
  if (!order.hold) AddFault(faults, "hold", "must be there");
  CheckLines(order, faults);
  CheckContact(order.contact, "contact", faults);
  const bool reachable = order.buyer || !order.contact.email.empty();
  if (!reachable && order.channel == SaleChannel::kOnline) {
    AddFault(faults, "contact.email", "is needed without an account");
  }
  if (order.language != "es" && order.language != "en") {
    AddFault(faults, "language", "must be es or en");
  }
  return Finish(faults, "The order has errors.");
}

}  // namespace ticketing
