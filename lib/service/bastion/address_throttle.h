// Lets somebody who guesses wait, by the address that he guesses from, so that a stranger on the
// LAN keeps nobody else out. Guards with many addresses need a limit for all of them beside it.
#ifndef TICKETING_LIB_SERVICE_BASTION_ADDRESS_THROTTLE_H_
#define TICKETING_LIB_SERVICE_BASTION_ADDRESS_THROTTLE_H_

#include <map>
#include <string>
#include <string_view>

#include "ticketing/base/time.h"

namespace ticketing {

// The machine itself: whoever sits there has its screen anyway.
bool IsLoopbackAddress(std::string_view address);

// After `failures_max` failures in a row an address is paused for `pause`; never loopback. Times
// are of the monotonic clock. Needs the caller's lock.
class AddressThrottle {
 public:
  AddressThrottle(int failures_max, Duration pause) : failures_max_(failures_max), pause_(pause) {}

  bool IsPaused(const std::string& address, Duration now) const;
  void Fail(const std::string& address, Duration now);
  void Succeed(const std::string& address);

 private:
  struct Entry {
    int failures = 0;
    Duration last{};
    Duration paused_until{};
  };

  const int failures_max_;
  const Duration pause_;
  std::map<std::string, Entry> entries_;  // bounded: the one heard of longest ago is forgotten
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_ADDRESS_THROTTLE_H_
