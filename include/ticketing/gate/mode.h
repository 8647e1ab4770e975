// Who decides: the cloud, the bastion or the device alone, chosen from what the routes did lately,
// so that the mode follows the network without flapping.
//
// A route goes down after kFailuresDown failures in a row. It comes back after kSuccessesUp
// successes in a row that span at least its recovery time. Each time it goes down again within
// kFlapWindow of coming back, its recovery time doubles, up to kRecoveryMax; after kFlapWindow
// without a failure it starts over. A route that was never tried counts as up.
#ifndef TICKETING_GATE_MODE_H_
#define TICKETING_GATE_MODE_H_

#include <cstdint>

#include "ticketing/base/time.h"
#include "ticketing/sync/log_entry.h"

namespace ticketing {

inline constexpr int kFailuresDown = 2;
inline constexpr int kSuccessesUp = 3;
inline constexpr Duration kRecoveryMin = Duration::Seconds(2);
inline constexpr Duration kRecoveryMax = Duration::Seconds(60);
inline constexpr Duration kFlapWindow = Duration::Seconds(60);

// One road to somebody who decides. Times are of the monotonic clock.
class RouteHealth {
 public:
  void Report(bool ok, Duration now);
  bool up() const { return up_; }

 private:
  bool up_ = true;
  int failures_ = 0;   // in a row
  int successes_ = 0;  // in a row, while down
  Duration first_success_{};
  Duration last_change_{};
  bool was_down_ = false;
  Duration recovery_ = kRecoveryMin;
};

// Prefers the cloud, then the bastion, then to decide alone. Not thread-safe.
class ModeSelector {
 public:
  ModeSelector(bool has_cloud, bool has_bastion)
      : has_cloud_(has_cloud), has_bastion_(has_bastion) {}

  // What a request to this route did (kAlone is ignored).
  void Report(DecidedBy route, bool ok, Duration now);

  DecidedBy mode() const;
  bool IsUp(DecidedBy route) const;

 private:
  bool has_cloud_;
  bool has_bastion_;
  RouteHealth cloud_;
  RouteHealth bastion_;
};

}  // namespace ticketing

#endif  // TICKETING_GATE_MODE_H_
