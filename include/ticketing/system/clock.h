// The operating system's clocks.
#ifndef TICKETING_SYSTEM_CLOCK_H_
#define TICKETING_SYSTEM_CLOCK_H_

#include "ticketing/env/clock.h"

namespace ticketing {

// Thread-safe.
class SystemClock final : public Clock {
 public:
  Timestamp Now() override;
  Duration Monotonic() override;
};

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_CLOCK_H_
