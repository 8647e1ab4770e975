// A rate for each caller: the generic cell rate algorithm (ITU-T I.371), which is a token bucket
// that keeps one time per key. Pure but for its table of keys; thread-safe.
#ifndef TICKETING_SERVICE_COMMON_RATE_LIMITER_H_
#define TICKETING_SERVICE_COMMON_RATE_LIMITER_H_

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ticketing/base/time.h"

namespace ticketing {

class RateLimiter {
 public:
  // At most `keys_max` callers are remembered; when there are more, the ones at rest are forgotten
  // first.
  RateLimiter(int64_t per_second, int64_t burst, size_t keys_max = 100'000);
  // For rates below one a second: one every `interval`, which must be longer than none.
  RateLimiter(Duration interval, int64_t burst, size_t keys_max = 100'000);

  // nullopt when the request may pass; otherwise how long to wait. `now` is monotonic.
  std::optional<Duration> Admit(std::string_view key, Duration now);

  // Admit in two halves, for what counts only if it goes wrong. Wait says what Admit would, and
  // counts nothing; it holds nobody up for want of room. Count counts, also beyond the burst: of
  // many that were let in at the same moment each is worked off. Without room it counts nothing.
  std::optional<Duration> Wait(std::string_view key, Duration now) const;
  void Count(std::string_view key, Duration now);

 private:
  // When the next request of `key` would be on the steady rate; null without room for it.
  Duration* DueOf(std::string_view key, Duration now);

  const Duration interval_;  // between two requests at the steady rate
  const Duration slack_;     // how far ahead of the steady rate a burst may run
  const size_t keys_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Duration>
      due_;  // when the next request would be on the steady rate
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_COMMON_RATE_LIMITER_H_
