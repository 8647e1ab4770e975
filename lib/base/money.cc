#include "ticketing/base/money.h"

#include <algorithm>
#include <numeric>

#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

constexpr std::string_view kNoDecimals[] = {"CLP", "ISK", "JPY", "KRW", "PYG",
                                            "UGX", "VND", "XAF", "XOF", "XPF"};
constexpr std::string_view kThreeDecimals[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

Status Overflow() {
  return MakeError(ErrorCode::kAmountOverflow, "The amount is too large.");
}

// The currency of a sum: a Money of nothing in no currency takes the other's.
StatusOr<Currency> Common(Money a, Money b) {
  if (a.currency == b.currency) return a.currency;
  if (a.currency == Currency() && a.minor == 0) return b.currency;
  if (b.currency == Currency() && b.minor == 0) return a.currency;
  return InvalidField("currency", "Amounts in different currencies cannot be added.");
}

}  // namespace

std::optional<Currency> Currency::Parse(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  for (const char c : code) {
    if (c < 'A' || c > 'Z') return std::nullopt;
  }
  return Currency(code[0], code[1], code[2]);
}

int Currency::exponent() const {
  if (std::ranges::find(kNoDecimals, code()) != std::end(kNoDecimals)) return 0;
  if (std::ranges::find(kThreeDecimals, code()) != std::end(kThreeDecimals)) return 3;
  return 2;
}

StatusOr<Money> Add(Money a, Money b) {
  TICKETING_ASSIGN_OR_RETURN(const Currency currency, Common(a, b));
  Money sum{0, currency};
  if (__builtin_add_overflow(a.minor, b.minor, &sum.minor)) return Overflow();
  return sum;
}

StatusOr<Money> Subtract(Money a, Money b) {
  TICKETING_ASSIGN_OR_RETURN(const Currency currency, Common(a, b));
  Money difference{0, currency};
  if (__builtin_sub_overflow(a.minor, b.minor, &difference.minor)) return Overflow();
  return difference;
}

StatusOr<Money> Multiply(Money amount, int64_t factor) {
  Money product{0, amount.currency};
  if (__builtin_mul_overflow(amount.minor, factor, &product.minor)) return Overflow();
  return product;
}

StatusOr<Money> Percentage(Money amount, int64_t basis_points) {
  const __int128 product = static_cast<__int128>(amount.minor) * basis_points;
  const __int128 half = product < 0 ? -5000 : 5000;
  const __int128 rounded = (product + half) / 10000;
  if (rounded > INT64_MAX || rounded < INT64_MIN) return Overflow();
  return Money{static_cast<int64_t>(rounded), amount.currency};
}

std::vector<Money> Split(Money total, const std::vector<int64_t>& weights) {
  __int128 sum = 0;
  for (const int64_t weight : weights) {
    TICKETING_ASSERT(weight >= 0);
    sum += weight;
  }
  TICKETING_ASSERT(sum > 0);
  const bool negative = total.minor < 0;
  const __int128 amount = negative ? -static_cast<__int128>(total.minor) : total.minor;

  std::vector<Money> parts;
  std::vector<__int128> remainders;
  __int128 given = 0;
  for (const int64_t weight : weights) {
    const __int128 share = amount * weight / sum;
    parts.push_back({static_cast<int64_t>(share), total.currency});
    remainders.push_back(amount * weight % sum);
    given += share;
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order,
                           [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  for (size_t i = 0; given < amount; ++i, ++given) parts[order[i]].minor += 1;
  if (negative) {
    for (Money& part : parts) part.minor = -part.minor;
  }
  return parts;
}

std::string FormatMoney(Money amount) {
  const int exponent = amount.currency.exponent();
  std::string digits = std::to_string(amount.minor);
  const bool negative = digits[0] == '-';
  if (negative) digits.erase(0, 1);
  const size_t least = static_cast<size_t>(exponent) + 1;
  if (digits.size() < least) {
    std::string padded(least - digits.size(), '0');
    digits = padded.append(digits);
  }
  const std::string fraction = digits.substr(digits.size() - exponent);
  digits.resize(digits.size() - exponent);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(static_cast<size_t>(i), 1, ',');
  std::string text = negative ? "-" : "";
  text += digits;
  // Appended piece by piece: g++ 12 takes the sum of a literal and a string for an overlap.
  if (exponent > 0) text.append(".").append(fraction);
  if (!amount.currency.code().empty()) text.append(" ").append(amount.currency.code());
  return text;
}

}  // namespace ticketing
