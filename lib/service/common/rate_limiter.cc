#include "ticketing/service/common/rate_limiter.h"

#include <algorithm>

#include "ticketing/base/assert.h"

namespace ticketing {

RateLimiter::RateLimiter(int64_t per_second, int64_t burst, size_t keys_max)
    : interval_(Duration::Micros(1'000'000 / std::max<int64_t>(per_second, 1))),
      slack_(interval_ * burst),
      keys_max_(keys_max) {
  TICKETING_ASSERT(per_second > 0 && per_second <= 1'000'000 && burst >= 0);
}

std::optional<Duration> RateLimiter::Admit(std::string_view key, Duration now) {
  const std::lock_guard lock(mutex_);
  if (due_.size() >= keys_max_) {
    // Who is back on the steady rate starts afresh anyway, so forgetting them changes nothing.
    std::erase_if(due_, [&](const auto& entry) { return entry.second <= now; });
    if (due_.size() >= keys_max_) return interval_;
  }
  Duration& due = due_.try_emplace(std::string(key), now).first->second;
  due = std::max(due, now);
  if (due - now > slack_) return due - now - slack_;
  due = due + interval_;
  return std::nullopt;
}

}  // namespace ticketing
