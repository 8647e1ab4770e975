#include "ticketing/base/bytes.h"

#include <array>

#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase32Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using ReverseTable = std::array<int8_t, 256>;

constexpr ReverseTable Reverse(std::string_view digits) {
  ReverseTable table{};
  for (int8_t& entry : table) entry = -1;
  for (size_t i = 0; i < digits.size(); ++i) {
    table[static_cast<uint8_t>(digits[i])] = static_cast<int8_t>(i);
  }
  return table;
}

constexpr ReverseTable kHexValues = Reverse(kHexDigits);
constexpr ReverseTable kBase32Values = Reverse(kBase32Digits);
constexpr ReverseTable kBase64Values = Reverse(kBase64Digits);
constexpr ReverseTable kBase64UrlValues = Reverse(kBase64UrlDigits);

// Groups of `bits` bits, most significant first; the last group is filled with zero bits.
std::string EncodeBits(std::string_view bytes, std::string_view digits, int bits) {
  std::string text;
  text.reserve((bytes.size() * 8 + bits - 1) / bits);
  uint32_t buffer = 0;
  int filled = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<uint8_t>(c);
    filled += 8;
    while (filled >= bits) {
      filled -= bits;
      text.push_back(digits[(buffer >> filled) & ((1u << bits) - 1)]);
    }
    buffer &= (1u << filled) - 1;
  }
  if (filled > 0) text.push_back(digits[(buffer << (bits - filled)) & ((1u << bits) - 1)]);
  return text;
}

// The inverse. Rejects foreign digits, a digit too many, and spare bits that are not zero: one
// text, one meaning.
std::optional<std::string> DecodeBits(std::string_view text, const ReverseTable& values, int bits) {
  std::string bytes;
  bytes.reserve(text.size() * bits / 8);
  uint32_t buffer = 0;
  int filled = 0;
  for (const char c : text) {
    const int8_t value = values[static_cast<uint8_t>(c)];
    if (value < 0) return std::nullopt;
    buffer = (buffer << bits) | static_cast<uint32_t>(value);
    filled += bits;
    if (filled >= 8) {
      filled -= 8;
      bytes.push_back(static_cast<char>((buffer >> filled) & 0xff));
    }
    buffer &= (1u << filled) - 1;
  }
  if (filled >= bits || buffer != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string HexEncode(std::string_view bytes) {
  return EncodeBits(bytes, kHexDigits, 4);
}
std::optional<std::string> HexDecode(std::string_view text) {
  return DecodeBits(text, kHexValues, 4);
}

std::string Base32Encode(std::string_view bytes) {
  return EncodeBits(bytes, kBase32Digits, 5);
}
std::optional<std::string> Base32Decode(std::string_view text) {
  return DecodeBits(text, kBase32Values, 5);
}

std::string Base64UrlEncode(std::string_view bytes) {
  return EncodeBits(bytes, kBase64UrlDigits, 6);
}
std::optional<std::string> Base64UrlDecode(std::string_view text) {
  return DecodeBits(text, kBase64UrlValues, 6);
}

std::string Base64Encode(std::string_view bytes) {
  std::string text = EncodeBits(bytes, kBase64Digits, 6);
  while (text.size() % 4 != 0) text.push_back('=');
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  return DecodeBits(text, kBase64Values, 6);
}

void AppendBigEndian(std::string& out, uint64_t value, size_t width) {
  TICKETING_ASSERT(width >= 1 && width <= 8);
  for (size_t i = width; i-- > 0;) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

uint64_t ReadBigEndian(std::string_view bytes, size_t offset, size_t width) {
  TICKETING_ASSERT(width >= 1 && width <= 8 && offset + width <= bytes.size());
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value = (value << 8) | static_cast<uint8_t>(bytes[offset + i]);
  return value;
}

bool IsValidUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const uint8_t lead = static_cast<uint8_t>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    size_t length = 0;
    uint32_t minimum = 0;
    uint32_t point = 0;
    if ((lead & 0xe0) == 0xc0) {
      length = 2, minimum = 0x80, point = lead & 0x1f;
    } else if ((lead & 0xf0) == 0xe0) {
      length = 3, minimum = 0x800, point = lead & 0x0f;
    } else if ((lead & 0xf8) == 0xf0) {
      length = 4, minimum = 0x10000, point = lead & 0x07;
    } else {
      return false;
    }
    if (i + length > text.size()) return false;
    for (size_t k = 1; k < length; ++k) {
      const uint8_t next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = (point << 6) | (next & 0x3f);
    }
    if (point < minimum || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = difference | static_cast<uint8_t>(a[i] ^ b[i]);
  }
  return difference == 0;
}

}  // namespace ticketing
