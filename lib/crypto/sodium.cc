#include "lib/crypto/sodium.h"

#include <sodium.h>

#include "ticketing/base/assert.h"

namespace ticketing::internal {

void EnsureSodium() {
  // It fails only when the system has no source of randomness at all; then nothing may go on.
  static const bool ready = sodium_init() >= 0;
  TICKETING_ASSERT(ready);
}

}  // namespace ticketing::internal
