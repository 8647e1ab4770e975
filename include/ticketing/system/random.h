// The operating system's random generator (getrandom), fit for keys.
#ifndef TICKETING_SYSTEM_RANDOM_H_
#define TICKETING_SYSTEM_RANDOM_H_

#include <cstdint>
#include <span>

#include "ticketing/env/random.h"

namespace ticketing {

// Thread-safe. A generator that fails ends the process: nothing may go on with guessable keys.
class SystemRandom final : public Random {
 public:
  void Fill(std::span<uint8_t> out) override;
};

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_RANDOM_H_
