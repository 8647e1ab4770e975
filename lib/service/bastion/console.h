// What staff do at a bastion, on its page: pair a handheld, shut one out, put a spare in the first
// bastion's place. Everybody on the LAN can open the page, so everything here needs the staff PIN,
// wherever it is asked from; it is on the bastion's own screen.
#ifndef TICKETING_LIB_SERVICE_BASTION_CONSOLE_H_
#define TICKETING_LIB_SERVICE_BASTION_CONSOLE_H_

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/bastion/address_throttle.h"
#include "ticketing/env/env.h"
#include "ticketing/gate/engine.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Six digits are few: after kPinAttemptsMax wrong ones in a row an address waits for kPinPause. On
// a LAN addresses cost little, so after kPinAttemptsAllMax wrong ones within kPinPause, from
// whichever, everybody waits but the bastion's own machine and addresses from which the right PIN
// came before: strangers keep staff at work out of nothing, and a guess in two takes them days.
inline constexpr int kPinAttemptsMax = 10;
inline constexpr int kPinAttemptsAllMax = 100;
inline constexpr Duration kPinPause = Duration::Seconds(60);
inline constexpr size_t kPinAddressesKnownMax = 64;

// Thread-safe.
class StaffPin {
 public:
  explicit StaffPin(std::string pin) : pin_(std::move(pin)) {}
  // `address` is where it was typed, `now` monotonic. Errors: kPermissionDenied for a wrong one or
  // when there is none, kRateLimited in the pause.
  Status Check(std::string_view typed, const std::string& address, Duration now);

 private:
  bool IsPaused(const std::string& address, Duration now) const;
  void CountForAll(Duration now);

  const std::string pin_;
  std::mutex mutex_;
  AddressThrottle throttle_{kPinAttemptsMax, kPinPause};
  std::set<std::string> known_;  // addresses from which the right PIN came
  int wrong_ = 0;                // from all addresses since counting_since_
  Duration counting_since_{};
  Duration paused_until_{};  // for all but the known
};

// What the console can do; each may be empty.
struct ConsoleActions {
  std::function<StatusOr<std::string>()> pairing_symbol;  // SVG, with the text below it
  std::function<Status(DeviceId)> revoke;
  std::function<Status(bool promoted)> promote;  // empty: this bastion follows nobody
  std::function<bool()> promoted;
  std::function<bool()> log_whole;      // empty: it always is
  std::function<Status()> release_log;  // nobody holds more of this bastion's log
};

// GET /console shows the forms; they post to /console/pairing, /console/revocations,
// /console/role and /console/log. `pin` and `actions` must outlive the routes.
std::vector<Route> ConsoleRoutes(GateEngine& engine, StaffPin& pin, const ConsoleActions& actions);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_CONSOLE_H_
