#include "ticketing/env/server_clock.h"

#include <algorithm>
#include <cstdlib>

namespace ticketing {
namespace {

// More than the two clocks of a device differ by themselves.
constexpr Duration kSlipMax = Duration::Seconds(2);
// An answer that took longer says too little.
constexpr Duration kRoundTripMax = Duration::Seconds(20);
// A quartz clock is wrong by some 50 parts in a million; double that.
constexpr int64_t kDriftDivisor = 10'000;
// 9999-12-31: nothing beyond is a time, and sums below it do not overflow.
constexpr Timestamp kEndOfTime = Timestamp::FromSeconds(253'402'300'799);

bool IsTime(Timestamp time) {
  return time >= Timestamp{} && time <= kEndOfTime;
}

}  // namespace

// An offset from storage that leads out of time counts as none.
ServerClock::ServerClock(Clock& device, Duration offset)
    : device_(device), anchor_wall_(device.Now()), anchor_monotonic_(device.Monotonic()) {
  const bool sane = offset.micros > -kEndOfTime.micros && offset.micros < kEndOfTime.micros &&
                    IsTime(anchor_wall_) && IsTime(anchor_wall_ + offset);
  if (sane) offset_ = offset;
}

Duration ServerClock::Slip(Timestamp wall, Duration monotonic) const {
  return (wall - anchor_wall_) - (monotonic - anchor_monotonic_);
}

Timestamp ServerClock::Now() {
  const std::lock_guard lock(mutex_);
  const Timestamp wall = device_.Now();
  const Duration monotonic = device_.Monotonic();
  if (Slip(wall, monotonic) < Duration{} - kSlipMax) {
    return anchor_wall_ + (monotonic - anchor_monotonic_) + offset_;
  }
  return wall + offset_;
}

bool ServerClock::Learn(Timestamp server, Duration sent, Duration received, Duration step) {
  const std::lock_guard lock(mutex_);
  const Timestamp wall = device_.Now();
  const Duration monotonic = device_.Monotonic();
  const Duration round_trip = received - sent;
  const bool sane = IsTime(server) && IsTime(wall) && round_trip >= Duration{} &&
                    round_trip <= kRoundTripMax && received <= monotonic && step >= Duration{} &&
                    step <= Duration::Minutes(1);
  if (!sane) return false;
  const Duration slip = Slip(wall, monotonic);
  const bool slipped = slip > kSlipMax || slip < Duration{} - kSlipMax;
  const Duration error{(round_trip.micros + step.micros) / 2};
  if (error_ && !slipped) {
    const Duration age = monotonic - anchor_monotonic_;
    if (error > *error_ + Duration{age.micros / kDriftDivisor}) return false;
  }
  const Timestamp now = server + error + (monotonic - received);
  offset_ = now - wall;
  error_ = error;
  anchor_wall_ = wall;
  anchor_monotonic_ = monotonic;
  return true;
}

Duration ServerClock::offset() const {
  const std::lock_guard lock(mutex_);
  return offset_;
}

std::optional<Duration> ServerClock::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

bool ServerClock::is_sure() {
  const std::lock_guard lock(mutex_);
  const Duration slip = Slip(device_.Now(), device_.Monotonic());
  return error_ && slip <= kSlipMax && slip >= Duration{} - kSlipMax;
}

}  // namespace ticketing
