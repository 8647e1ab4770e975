#include "ticketing/base/id.h"

#include "ticketing/base/bytes.h"

namespace ticketing::internal {

// 13 digits hold 65 bits. The value is written in its low 63, so the two top bits are always zero
// and the first digit is at most '7': one text for each value.
constexpr size_t kDigits = 13;
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string FormatId(std::string_view prefix, uint64_t value) {
  std::string text(prefix);
  text.push_back('_');
  for (size_t i = kDigits; i-- > 0;)
    text.push_back(kAlphabet[i * 5 >= 64 ? 0 : (value >> (i * 5)) & 31]);
  return text;
}

std::optional<uint64_t> ParseId(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + 1 + kDigits || !text.starts_with(prefix) ||
      text[prefix.size()] != '_') {
    return std::nullopt;
  }
  text.remove_prefix(prefix.size() + 1);
  if (text[0] > '7') return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = (value << 5) | digit;
  }
  if (value == 0) return std::nullopt;
  return value;
}

}  // namespace ticketing::internal
