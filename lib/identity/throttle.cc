#include "ticketing/identity/throttle.h"

#include <algorithm>

namespace ticketing::identity {
namespace {

constexpr int32_t kFailuresMax = 1'000'000;  // so that the counter can never overflow

}  // namespace

std::optional<Duration> ThrottleWait(const ThrottleState& state, Timestamp now) {
  if (now >= state.blocked_until) return std::nullopt;
  return state.blocked_until - now;
}

ThrottleState ThrottleAfterFailure(const ThrottlePolicy& policy, const ThrottleState& state,
                                   Timestamp now) {
  ThrottleState next = ThrottleForgotten(policy, state, now) ? ThrottleState{} : state;
  next.failures = std::min(next.failures + 1, kFailuresMax);
  next.last_failure = std::max(next.last_failure, now);
  const int32_t beyond = next.failures - policy.free_failures;
  if (beyond <= 0) return next;
  Duration wait = policy.first_wait;
  for (int32_t i = 1; i < beyond && wait < policy.longest_wait; ++i) wait = wait * 2;
  wait = std::min(wait, policy.longest_wait);
  next.blocked_until = std::max(next.blocked_until, now + wait);
  return next;
}

bool ThrottleForgotten(const ThrottlePolicy& policy, const ThrottleState& state, Timestamp now) {
  return now >= state.blocked_until && now - state.last_failure >= policy.forget_after;
}

}  // namespace ticketing::identity
