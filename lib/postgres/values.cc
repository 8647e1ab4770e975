#include "lib/postgres/values.h"

#include <endian.h>

#include <charconv>
#include <cstring>

namespace ticketing::postgres {
namespace {

void AppendInt32(std::string& out, int64_t value) {
  const uint32_t bits = htobe32(static_cast<uint32_t>(value));
  out.append(reinterpret_cast<const char*>(&bits), sizeof(bits));
}

int64_t BigEndian(std::string_view bytes) {
  // Signed: the first byte carries the sign.
  int64_t value = bytes.empty() ? 0 : static_cast<int8_t>(bytes[0]);
  for (size_t i = 1; i < bytes.size(); ++i)
    value = value * 256 + static_cast<int64_t>(static_cast<uint8_t>(bytes[i]));
  return value;
}

// A numeric is a list of digits to the base of 10,000; sums of integers come as one. What stands
// behind the point is dropped.
std::optional<int64_t> DecodeNumeric(std::string_view bytes) {
  constexpr int64_t kBase = 10'000;
  constexpr uint16_t kNegative = 0x4000;
  constexpr uint16_t kSpecial = 0x8000;  // not a number, infinite
  constexpr size_t kHeader = 8;
  if (bytes.size() < kHeader) return std::nullopt;
  const int64_t digits = BigEndian(bytes.substr(0, 2));
  const int64_t weight = BigEndian(bytes.substr(2, 2));
  const auto sign = static_cast<uint16_t>(BigEndian(bytes.substr(4, 2)));
  if ((sign & kSpecial) != 0) return std::nullopt;
  __int128 value = 0;
  for (int64_t i = 0; i <= weight; ++i) {
    const size_t at = kHeader + static_cast<size_t>(i) * 2;
    const int64_t digit = i < digits && at + 2 <= bytes.size() ? BigEndian(bytes.substr(at, 2)) : 0;
    value = value * kBase + digit;
    if (value > static_cast<__int128>(INT64_MAX) + 1) return std::nullopt;
  }
  if (sign == kNegative) value = -value;
  if (value > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(value);
}

}  // namespace

TypeId TypeOf(const SqlValue& value) {
  switch (value.index()) {
    case 1:
      return kInt8;
    case 2:
      return kText;
    case 3:
      return kBytea;
    default:
      return kUnknownType;
  }
}

TypeId ArrayOf(TypeId element) {
  return element == kInt8 ? kInt8Array : element == kText ? kTextArray : kByteaArray;
}

uint64_t ToNetworkOrder(int64_t value) {
  return htobe64(static_cast<uint64_t>(value));
}

std::string EncodeArray(std::span<const SqlArgs> rows, size_t column, TypeId element) {
  bool nulls = false;
  size_t size = 0;
  for (const SqlArgs& args : rows) {
    const SqlValue& value = args[column];
    if (const auto* text = std::get_if<std::string>(&value)) {
      size += text->size();
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      size += blob->bytes.size();
    } else {
      size += sizeof(int64_t);
      nulls = nulls || value.index() == 0;
    }
  }
  std::string out;
  out.reserve(20 + rows.size() * 4 + size);
  AppendInt32(out, 1);  // dimensions
  AppendInt32(out, nulls ? 1 : 0);
  AppendInt32(out, element);
  AppendInt32(out, static_cast<int64_t>(rows.size()));
  AppendInt32(out, 1);  // the first index
  for (const SqlArgs& args : rows) {
    const SqlValue& value = args[column];
    if (const auto* number = std::get_if<int64_t>(&value)) {
      const uint64_t bits = ToNetworkOrder(*number);
      AppendInt32(out, sizeof(bits));
      out.append(reinterpret_cast<const char*>(&bits), sizeof(bits));
    } else if (value.index() == 0) {
      AppendInt32(out, -1);
    } else {
      const auto* text = std::get_if<std::string>(&value);
      const std::string& bytes = text != nullptr ? *text : std::get<Blob>(value).bytes;
      AppendInt32(out, static_cast<int64_t>(bytes.size()));
      out.append(bytes);
    }
  }
  return out;
}

std::optional<int64_t> DecodeInt(TypeId type, std::string_view bytes) {
  switch (type) {
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
      return BigEndian(bytes);
    case kNumeric:
      return DecodeNumeric(bytes);
    default: {
      int64_t value = 0;
      std::from_chars(bytes.data(), bytes.data() + bytes.size(), value);
      return value;
    }
  }
}

std::string DecodeText(TypeId type, std::string_view bytes) {
  switch (type) {
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
    case kNumeric:
      return std::to_string(DecodeInt(type, bytes).value_or(0));
    default:
      return std::string(bytes);
  }
}

}  // namespace ticketing::postgres
