#include "ticketing/base/varint.h"

namespace ticketing {

void AppendVarint(std::string& out, uint64_t value) {
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
    return;
  }
  // One append is cheaper than a push_back per byte.
  char bytes[10];
  size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

void AppendSigned(std::string& out, int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  AppendVarint(out, bits << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void AppendText(std::string& out, std::string_view text) {
  AppendVarint(out, text.size());
  out.append(text);
}

uint64_t ByteReader::Fail() {
  ok_ = false;
  rest_ = {};
  return 0;
}

uint64_t ByteReader::Varint() {
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(rest_[i]);
    // The tenth byte has room for one bit; a last byte of zero would be a second form.
    if (i == 9 && byte > 1) break;
    value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte & 0x80) continue;
    if (byte == 0 && i > 0) break;
    rest_.remove_prefix(i + 1);
    return value;
  }
  return Fail();
}

int64_t ByteReader::Signed() {
  const uint64_t bits = Varint();
  return static_cast<int64_t>(bits >> 1 ^ (bits & 1 ? UINT64_MAX : 0));
}

uint8_t ByteReader::Byte() {
  if (rest_.empty()) return static_cast<uint8_t>(Fail());
  const auto byte = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

std::string_view ByteReader::Text() {
  const uint64_t size = Varint();
  if (!ok_ || size > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

uint64_t ByteReader::Bounded(uint64_t max) {
  const uint64_t value = Varint();
  return value <= max ? value : Fail();
}

}  // namespace ticketing
