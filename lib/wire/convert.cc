#include "lib/wire/convert.h"

#include "ticketing/base/limits.h"

namespace ticketing::wire {

void SetTime(Timestamp time, google::protobuf::Timestamp* out) {
  int64_t seconds = time.micros / 1'000'000;
  int64_t micros = time.micros % 1'000'000;
  if (micros < 0) {
    seconds -= 1;
    micros += 1'000'000;
  }
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(micros * 1000));
}

Timestamp TimeOf(const google::protobuf::Timestamp& time) {
  return Timestamp{time.seconds() * 1'000'000 + time.nanos() / 1000};
}

void SetMoney(Money money, v1::Money* out) {
  out->set_minor(money.minor);
  out->set_currency(std::string(money.currency.code()));
}

StatusOr<Money> MoneyOf(const v1::Money& money, std::string_view field) {
  const std::optional<Currency> currency = Currency::Parse(money.currency());
  if (!currency)
    return InvalidField(std::string(field) + ".currency",
                        "must be three capital letters of ISO 4217");
  if (money.minor() > limits::kAmountMinorMax || money.minor() < -limits::kAmountMinorMax) {
    return InvalidField(std::string(field) + ".minor", "is beyond the largest amount");
  }
  return Money{money.minor(), *currency};
}

}  // namespace ticketing::wire
