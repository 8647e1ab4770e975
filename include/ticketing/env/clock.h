// The clock port. Nothing in the core reads time by itself; a simulator hands in a clock of its
// own.
#ifndef TICKETING_ENV_CLOCK_H_
#define TICKETING_ENV_CLOCK_H_

#include "ticketing/base/time.h"

namespace ticketing {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time in UTC. May jump in either direction when somebody sets the clock.
  virtual Timestamp Now() = 0;
  // Time since an arbitrary start; never goes back. For measuring spans.
  virtual Duration Monotonic() = 0;
};

}  // namespace ticketing

#endif  // TICKETING_ENV_CLOCK_H_
