// A clock that stands still until a test moves it.
#ifndef TICKETING_TESTING_FAKE_CLOCK_H_
#define TICKETING_TESTING_FAKE_CLOCK_H_

#include <mutex>

#include "ticketing/base/time.h"
#include "ticketing/env/clock.h"

namespace ticketing {

// Thread-safe. Starts at 2026-11-22T12:00:00Z unless told otherwise.
class FakeClock final : public Clock {
 public:
  static constexpr Timestamp kStart = Timestamp::FromSeconds(1'795'348'800);

  explicit FakeClock(Timestamp now = kStart) : now_(now) {}

  Timestamp Now() override;
  Duration Monotonic() override;

  // Moves both clocks forward; `span` is not negative.
  void Advance(Duration span);
  // Sets the wall clock, in either direction, as somebody who sets a computer's clock; Monotonic()
  // stays.
  void SetNow(Timestamp now);

 private:
  std::mutex mutex_;
  Timestamp now_;
  Duration monotonic_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_FAKE_CLOCK_H_
