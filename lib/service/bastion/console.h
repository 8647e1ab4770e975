// What staff do at a bastion, on its page: pair a handheld, shut one out, put a spare in the first
// bastion's place. Everybody on the LAN can open the page, so everything here needs the staff PIN,
// wherever it is asked from; it is on the bastion's own screen.
#ifndef TICKETING_LIB_SERVICE_BASTION_CONSOLE_H_
#define TICKETING_LIB_SERVICE_BASTION_CONSOLE_H_

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/env/env.h"
#include "ticketing/gate/engine.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe. Six digits are few: after kPinAttemptsMax wrong ones in a row nobody gets in for
// kPinPause, from whichever address, because on a LAN addresses cost nothing.
inline constexpr int kPinAttemptsMax = 10;
inline constexpr Duration kPinPause = Duration::Seconds(60);

class StaffPin {
 public:
  explicit StaffPin(std::string pin) : pin_(std::move(pin)) {}
  // Errors: kPermissionDenied for a wrong one or when there is none, kRateLimited in the pause.
  Status Check(std::string_view typed, Duration now);

 private:
  const std::string pin_;
  std::mutex mutex_;
  int wrong_ = 0;
  Duration paused_until_{};
};

// What the console can do; each may be empty.
struct ConsoleActions {
  std::function<StatusOr<std::string>()> pairing_symbol;  // SVG, with the text below it
  std::function<Status(DeviceId)> revoke;
  std::function<Status(bool promoted)> promote;  // empty: this bastion follows nobody
  std::function<bool()> promoted;
};

// GET /console shows the forms; they post to /console/pairing, /console/revocations and
// /console/role. `pin` and `actions` must outlive the routes.
std::vector<Route> ConsoleRoutes(GateEngine& engine, StaffPin& pin, const ConsoleActions& actions);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_CONSOLE_H_
