#include "ticketing/testing/seeded_random.h"

namespace ticketing {

void SeededRandom::Fill(std::span<uint8_t> out) {
  const std::lock_guard lock(mutex_);
  uint64_t word = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) {
      state_ += 0x9e3779b97f4a7c15;
      word = state_;
      word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
      word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
      word ^= word >> 31;
    }
    out[i] = static_cast<uint8_t>(word >> (i % 8 * 8));
  }
}

}  // namespace ticketing
