// A device's clock, corrected by the time that a server tells: for phones, whose users set theirs,
// and for handhelds that nobody sets.
//
// The server's time in an answer is taken as of half-way between request and answer (Cristian's
// algorithm), so it is wrong by at most half the round trip. Of many answers the best one is kept,
// until a clock's usual drift has made a newer one better.
//
// The correction is a difference to the device's wall clock, because monotonic clocks of phones
// stand still while they sleep. When the wall clock moves otherwise than the monotonic one, it was
// set or the device slept: set back (less time went by than surely did) is undone by itself; set
// forward looks like sleep, so it is believed but is_sure() becomes false until a server is heard
// again.
#ifndef TICKETING_ENV_SERVER_CLOCK_H_
#define TICKETING_ENV_SERVER_CLOCK_H_

#include <mutex>
#include <optional>

#include "ticketing/env/clock.h"

namespace ticketing {

// Thread-safe. The device's clock must outlive it.
class ServerClock final : public Clock {
 public:
  // `offset` is what was known at the end of the last run: how far the server is ahead.
  explicit ServerClock(Clock& device, Duration offset = {});

  // The server's time, as far as is known.
  Timestamp Now() override;
  Duration Monotonic() override { return device_.Monotonic(); }

  // What a server said: its time, in steps of `step` (a second for the Date of HTTP), in an answer
  // that was asked for at `sent` and came at `received`, both of Monotonic(). Call it at once when
  // the answer is there. False when the sample says less than is known, or cannot be true.
  bool Learn(Timestamp server, Duration sent, Duration received, Duration step = {});

  // How far the server is ahead of the device's clock: what to keep for the next run.
  Duration offset() const;
  // How wrong Now() is at most, as of the last sample; nullopt when no server was heard in this
  // run.
  std::optional<Duration> error() const;
  // Whether a server was heard in this run and the device's clock was not touched since.
  bool is_sure();

 private:
  // How much further the wall clock went than the monotonic one since the anchor.
  Duration Slip(Timestamp wall, Duration monotonic) const;

  Clock& device_;
  mutable std::mutex mutex_;  // guards what follows
  Duration offset_;
  std::optional<Duration> error_;
  Timestamp anchor_wall_;
  Duration anchor_monotonic_;
};

}  // namespace ticketing

#endif  // TICKETING_ENV_SERVER_CLOCK_H_
