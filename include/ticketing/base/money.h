// Amounts of money: integer minor units and an ISO 4217 currency. No floating point, no silent
// overflow, no silent mixing of currencies.
#ifndef TICKETING_BASE_MONEY_H_
#define TICKETING_BASE_MONEY_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing {

// Three capital letters of ISO 4217. The default is the "no currency" of an empty Money.
class Currency {
 public:
  constexpr Currency() = default;
  // nullopt unless `code` is three capital ASCII letters.
  static std::optional<Currency> Parse(std::string_view code);
  static constexpr Currency Mxn() { return Currency('M', 'X', 'N'); }

  std::string_view code() const { return {letters_.data(), letters_[0] == 0 ? 0u : 3u}; }
  // How many decimal digits the minor unit has: 2 for MXN and most, 0 for JPY and its like, 3 for
  // KWD.
  int exponent() const;
  auto operator<=>(const Currency&) const = default;

 private:
  constexpr Currency(char a, char b, char c) : letters_{a, b, c} {}
  std::array<char, 3> letters_{};
};

struct Money {
  int64_t minor = 0;  // centavos for MXN
  Currency currency;

  auto operator<=>(const Money&) const = default;
  bool IsZero() const { return minor == 0; }
};

// Sums and products. Errors: kAmountOverflow when the result does not fit; kInvalidField when the
// currencies differ (a Money with no currency and no amount takes the other's currency).
StatusOr<Money> Add(Money a, Money b);
StatusOr<Money> Subtract(Money a, Money b);
StatusOr<Money> Multiply(Money amount, int64_t factor);

// amount * basis_points / 10,000, rounded half away from zero. Same errors.
StatusOr<Money> Percentage(Money amount, int64_t basis_points);

// Splits `total` by `weights` (each >= 0, not all zero) so that the parts sum to it exactly:
// largest remainder, ties to the earlier part.
std::vector<Money> Split(Money total, const std::vector<int64_t>& weights);

// "1,234.50 MXN", for logs and mails; never parsed back.
std::string FormatMoney(Money amount);

}  // namespace ticketing

#endif  // TICKETING_BASE_MONEY_H_
