#include "ticketing/env/random.h"

#include <array>
#include <cstring>

#include "ticketing/base/assert.h"

namespace ticketing {

uint64_t Random::Next64() {
  std::array<uint8_t, 8> bytes;
  Fill(bytes);
  uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

std::string Random::Bytes(size_t count) {
  std::string bytes(count, '\0');
  Fill({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

// Multiply and shift with rejection (D. Lemire, "Fast Random Integer Generation in an Interval",
// 2019).
uint64_t Random::Uniform(uint64_t bound) {
  TICKETING_ASSERT(bound > 0);
  const uint64_t threshold = (0 - bound) % bound;
  while (true) {
    const unsigned __int128 product = static_cast<unsigned __int128>(Next64()) * bound;
    if (static_cast<uint64_t>(product) >= threshold) return static_cast<uint64_t>(product >> 64);
  }
}

}  // namespace ticketing
