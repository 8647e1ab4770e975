// The randomness port. Production hands in the operating system's generator, simulations a seeded
// one.
#ifndef TICKETING_ENV_RANDOM_H_
#define TICKETING_ENV_RANDOM_H_

#include <cstdint>
#include <span>
#include <string>

#include "ticketing/base/id.h"

namespace ticketing {

class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with bytes fit for keys. Safe to call from many threads.
  virtual void Fill(std::span<uint8_t> out) = 0;

  uint64_t Next64();                 // 64 uniform bits
  std::string Bytes(size_t count);   // `count` random bytes
  uint64_t Uniform(uint64_t bound);  // uniform in [0, bound); bound > 0; no modulo bias

  template <typename AnyId>
  AnyId NewId() {
    return AnyId::FromEntropy(Next64());
  }
};

}  // namespace ticketing

#endif  // TICKETING_ENV_RANDOM_H_
