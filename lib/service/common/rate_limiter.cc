#include "ticketing/service/common/rate_limiter.h"

#include <algorithm>

#include "ticketing/base/assert.h"

namespace ticketing {

RateLimiter::RateLimiter(int64_t per_second, int64_t burst, size_t keys_max)
    : RateLimiter(Duration::Micros(1'000'000 / std::max<int64_t>(per_second, 1)), burst, keys_max) {
  TICKETING_ASSERT(per_second > 0);
}

RateLimiter::RateLimiter(Duration interval, int64_t burst, size_t keys_max)
    : interval_(interval), slack_(interval * burst), keys_max_(keys_max) {
  TICKETING_ASSERT(interval > Duration() && burst >= 0);
}

std::optional<Duration> RateLimiter::Admit(std::string_view key, Duration now) {
  const std::lock_guard lock(mutex_);
  Duration* const due = DueOf(key, now);
  if (due == nullptr) return interval_;
  if (*due - now > slack_) return *due - now - slack_;
  *due = *due + interval_;
  return std::nullopt;
}

std::optional<Duration> RateLimiter::Wait(std::string_view key, Duration now) const {
  const std::lock_guard lock(mutex_);
  const auto due = due_.find(std::string(key));
  if (due == due_.end() || due->second - now <= slack_) return std::nullopt;
  return due->second - now - slack_;
}

void RateLimiter::Count(std::string_view key, Duration now) {
  const std::lock_guard lock(mutex_);
  if (Duration* const due = DueOf(key, now)) *due = *due + interval_;
}

Duration* RateLimiter::DueOf(std::string_view key, Duration now) {
  if (due_.size() >= keys_max_) {
    // Who is back on the steady rate starts afresh anyway, so forgetting them changes nothing.
    std::erase_if(due_, [&](const auto& entry) { return entry.second <= now; });
    if (due_.size() >= keys_max_) return nullptr;
  }
  Duration& due = due_.try_emplace(std::string(key), now).first->second;
  due = std::max(due, now);
  return &due;
}

}  // namespace ticketing
