#include "lib/service/bastion/pairing.h"

#include "ticketing/base/bytes.h"
#include "ticketing/identity/device.h"

namespace ticketing {

void BastionPairing::Renew(Timestamp now) {
  code_ = identity::PairingCodeFromEntropy(env_.random.Next64());
  expires_at_ = now + life_;
  wrong_ = 0;
}

std::string BastionPairing::Code() {
  const std::lock_guard lock(mutex_);
  const Timestamp now = env_.clock.Now();
  if (code_.empty() || now >= expires_at_) Renew(now);
  return code_;
}

bool BastionPairing::Accept(std::string_view typed, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const Timestamp now = env_.clock.Now();
  if (code_.empty() || now >= expires_at_) Renew(now);
  const Duration monotonic = env_.clock.Monotonic();
  if (throttle_.IsPaused(address, monotonic)) return false;
  const auto normal = identity::NormalizePairingCode(typed);
  if (normal && ConstantTimeEquals(*normal, code_)) {
    throttle_.Succeed(address);
    return true;
  }
  throttle_.Fail(address, monotonic);
  if (++wrong_ >= wrong_max_) Renew(now);
  return false;
}

}  // namespace ticketing
