// A hybrid logical clock: time that follows the wall clock as long as it can and never goes back,
// so that what a device knew when it wrote an entry always sorts before that entry.
//
// Source: S. Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots in Globally
// Distributed Databases", 2014. The wall clock is an argument; nothing here reads one.
#ifndef TICKETING_SYNC_HLC_H_
#define TICKETING_SYNC_HLC_H_

#include <compare>
#include <cstdint>

#include "ticketing/base/time.h"

namespace ticketing {

// Sorts by time, then by counter.
struct HlcTime {
  int64_t micros = 0;
  uint16_t counter = 0;

  auto operator<=>(const HlcTime&) const = default;
};

// How far ahead of our wall clock another device's time may be before we stop following it. A
// device beyond it has a wrong clock (or we have): its entries are still taken, its time is not.
inline constexpr Duration kHlcSkewMax = Duration::Minutes(2);

// A plain value; the caller keeps it where the log is kept, and locks.
class HybridClock {
 public:
  HybridClock() = default;
  explicit HybridClock(HlcTime last, Duration skew_max = kHlcSkewMax)
      : last_(last), skew_max_(skew_max) {}

  // The time of a new local event: greater than every time given or observed before.
  HlcTime Tick(Timestamp wall);

  // Takes note of a time seen in another device's entry. False, and nothing changes, when it is
  // further ahead of `wall` than the bound: the caller raises the alarm.
  bool Observe(HlcTime remote, Timestamp wall);

  HlcTime last() const { return last_; }

 private:
  HlcTime last_;
  Duration skew_max_ = kHlcSkewMax;
};

}  // namespace ticketing

#endif  // TICKETING_SYNC_HLC_H_
