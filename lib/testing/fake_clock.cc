#include "ticketing/testing/fake_clock.h"

#include "ticketing/base/assert.h"

namespace ticketing {

Timestamp FakeClock::Now() {
  const std::lock_guard lock(mutex_);
  return now_;
}

Duration FakeClock::Monotonic() {
  const std::lock_guard lock(mutex_);
  return monotonic_;
}

void FakeClock::Advance(Duration span) {
  TICKETING_ASSERT(span >= Duration());
  const std::lock_guard lock(mutex_);
  now_ = now_ + span;
  monotonic_ = monotonic_ + span;
}

void FakeClock::SetNow(Timestamp now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace ticketing
