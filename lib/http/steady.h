// The clock for time-outs of sockets. They follow the kernel's own waits, which no simulated clock
// can move, so this adapter reads the time by itself.
#ifndef TICKETING_LIB_HTTP_STEADY_H_
#define TICKETING_LIB_HTTP_STEADY_H_

#include <chrono>
#include <cstdint>

namespace ticketing::http {

// Microseconds since an arbitrary start.
inline int64_t SteadyMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_STEADY_H_
