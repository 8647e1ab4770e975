#include "ticketing/system/clock.h"

#include <time.h>

#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

int64_t ReadMicros(clockid_t id) {
  struct timespec time {};
  TICKETING_ASSERT(::clock_gettime(id, &time) == 0);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace

Timestamp SystemClock::Now() {
  return {ReadMicros(CLOCK_REALTIME)};
}

// CLOCK_BOOTTIME would count sleep too, but a span that is measured here is one of work.
Duration SystemClock::Monotonic() {
  return {ReadMicros(CLOCK_MONOTONIC)};
}

}  // namespace ticketing
