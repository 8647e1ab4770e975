#include "ticketing/sync/hlc.h"

#include <algorithm>
#include <limits>

namespace ticketing {
namespace {

// The time right behind `time`. A counter that is full moves into the next microsecond, so that the
// clock stays strictly increasing whatever the rate of events.
HlcTime After(HlcTime time) {
  if (time.counter == std::numeric_limits<uint16_t>::max()) return {time.micros + 1, 0};
  return {time.micros, static_cast<uint16_t>(time.counter + 1)};
}

}  // namespace

HlcTime HybridClock::Tick(Timestamp wall) {
  last_ = wall.micros > last_.micros ? HlcTime{wall.micros, 0} : After(last_);
  return last_;
}

bool HybridClock::Observe(HlcTime remote, Timestamp wall) {
  // Compared without adding to `remote`, which comes from outside and may be at the end of its
  // range.
  if (remote.micros > wall.micros && remote.micros - skew_max_.micros > wall.micros) return false;
  last_ = std::max(last_, remote);
  return true;
}

}  // namespace ticketing
