// Randomness that repeats: the same seed gives the same bytes on every machine.
#ifndef TICKETING_TESTING_SEEDED_RANDOM_H_
#define TICKETING_TESTING_SEEDED_RANDOM_H_

#include <cstdint>
#include <mutex>
#include <span>

#include "ticketing/env/random.h"

namespace ticketing {

// SplitMix64 (S. Vigna, after G. Steele et al., "Fast Splittable Pseudorandom Number Generators",
// 2014), eight little-endian bytes per step; what is left of a step at the end of a Fill is thrown
// away. Thread-safe, though the order of threads then decides who gets what. Never for production.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed = 1) : state_(seed) {}

  void Fill(std::span<uint8_t> out) override;

 private:
  std::mutex mutex_;
  uint64_t state_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_SEEDED_RANDOM_H_
