#include "ticketing/gate/mode.h"

#include <algorithm>

namespace ticketing {

void RouteHealth::Report(bool ok, Duration now) {
  if (!ok) {
    successes_ = 0;
    ++failures_;
    if (!up_ || failures_ < kFailuresDown) return;
    up_ = false;
    const bool flapped = was_down_ && now - last_change_ < kFlapWindow;
    recovery_ = flapped ? std::min(recovery_ * 2, kRecoveryMax) : kRecoveryMin;
    was_down_ = true;
    last_change_ = now;
    return;
  }
  failures_ = 0;
  if (up_) return;
  if (successes_ == 0) first_success_ = now;
  ++successes_;
  if (successes_ < kSuccessesUp || now - first_success_ < recovery_) return;
  up_ = true;
  successes_ = 0;
  last_change_ = now;
}

void ModeSelector::Report(DecidedBy route, bool ok, Duration now) {
  if (route == DecidedBy::kCloud) cloud_.Report(ok, now);
  if (route == DecidedBy::kBastion) bastion_.Report(ok, now);
}

bool ModeSelector::IsUp(DecidedBy route) const {
  if (route == DecidedBy::kCloud) return has_cloud_ && cloud_.up();
  if (route == DecidedBy::kBastion) return has_bastion_ && bastion_.up();
  return true;
}

DecidedBy ModeSelector::mode() const {
  if (IsUp(DecidedBy::kCloud)) return DecidedBy::kCloud;
  if (IsUp(DecidedBy::kBastion)) return DecidedBy::kBastion;
  return DecidedBy::kAlone;
}

}  // namespace ticketing
