// The pairing code of a bastion: one code at a time, shown on its console, good for many handhelds
// until its life ends or too many wrong codes were tried.
#ifndef TICKETING_LIB_SERVICE_BASTION_PAIRING_H_
#define TICKETING_LIB_SERVICE_BASTION_PAIRING_H_

#include <mutex>
#include <string>
#include <string_view>

#include "ticketing/base/time.h"
#include "ticketing/env/env.h"

namespace ticketing {

// Thread-safe.
class BastionPairing {
 public:
  BastionPairing(Env env, Duration life, int attempts_max)
      : env_(env), life_(life), attempts_max_(attempts_max) {}

  // The present code; a new one when the old one's life has ended.
  std::string Code();
  // Whether this is the present code. A wrong one counts.
  bool Accept(std::string_view typed);

 private:
  void Renew(Timestamp now);

  const Env env_;
  const Duration life_;
  const int attempts_max_;
  std::mutex mutex_;
  std::string code_;
  Timestamp expires_at_;
  int wrong_ = 0;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_PAIRING_H_
