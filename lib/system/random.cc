#include "ticketing/system/random.h"

#include <sys/random.h>

#include <cerrno>

#include "ticketing/base/assert.h"

namespace ticketing {

void SystemRandom::Fill(std::span<uint8_t> out) {
  while (!out.empty()) {
    const ssize_t count = ::getrandom(out.data(), out.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    TICKETING_ASSERT(count > 0);
    out = out.subspan(static_cast<size_t>(count));
  }
}

}  // namespace ticketing
