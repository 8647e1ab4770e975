// The pairing code of a bastion: one code at a time, shown on its console, good for many handhelds
// until its life ends. Whoever types too many wrong codes waits, by his address; the code stays as
// it is on the screen, so that a stranger does not keep handhelds out. Only very many wrong ones,
// from whichever addresses, replace it.
#ifndef TICKETING_LIB_SERVICE_BASTION_PAIRING_H_
#define TICKETING_LIB_SERVICE_BASTION_PAIRING_H_

#include <mutex>
#include <string>
#include <string_view>

#include "lib/service/bastion/address_throttle.h"
#include "ticketing/base/time.h"
#include "ticketing/env/env.h"

namespace ticketing {

// Thread-safe.
class BastionPairing {
 public:
  BastionPairing(Env env, Duration life, int attempts_max)
      : env_(env), life_(life), wrong_max_(50 * attempts_max), throttle_(attempts_max, kPause) {}

  // The present code; a new one when the old one's life has ended.
  std::string Code();
  // Whether this is the present code, and typed at an address that need not wait. A wrong one
  // counts.
  bool Accept(std::string_view typed, const std::string& address);

  static constexpr Duration kPause = Duration::Seconds(60);

 private:
  void Renew(Timestamp now);

  const Env env_;
  const Duration life_;
  const int wrong_max_;
  std::mutex mutex_;
  AddressThrottle throttle_;
  std::string code_;
  Timestamp expires_at_;
  int wrong_ = 0;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_PAIRING_H_
