// Slowing down who guesses: counters per account and address, per address, and per account, each a
// pure state machine. The first few failures cost nothing (people mistype), then every failure
// doubles the wait up to a bound. A success forgets the account's failures but not the address's,
// so that one known password does not open the door for guessing others.
//
// Who guesses at one account from one address is slowed down there and leaves the owner, at another
// address, alone: a lock is a weapon against the owner. Only guesses from very many addresses reach
// the ceiling of the account, and then its owner, too, waits a little.
//
// Source: OWASP Authentication Cheat Sheet, "Login Throttling": count by account and by address,
// wait exponentially, never lock for ever.
#ifndef TICKETING_IDENTITY_THROTTLE_H_
#define TICKETING_IDENTITY_THROTTLE_H_

#include <cstdint>
#include <optional>

#include "ticketing/base/time.h"

namespace ticketing::identity {

struct ThrottlePolicy {
  int32_t free_failures = 5;                   // failures that cost no wait
  Duration first_wait = Duration::Seconds(1);  // after the next one; doubles with each
  Duration longest_wait = Duration::Minutes(15);
  Duration forget_after = Duration::Hours(1);  // quiet time after which all is forgotten
};

// For one account from one network address: tight. For one address, which many people can share:
// loose. For one account from anywhere: looser still, and never a long wait.
inline constexpr ThrottlePolicy kGuessThrottle{};
inline constexpr ThrottlePolicy kAddressThrottle{.free_failures = 50};
inline constexpr ThrottlePolicy kAccountThrottle{.free_failures = 500,
                                                 .longest_wait = Duration::Seconds(30)};
// For pairing codes tried from one address.
inline constexpr ThrottlePolicy kPairingThrottle{.free_failures = 5,
                                                 .first_wait = Duration::Seconds(10),
                                                 .longest_wait = Duration::Hours(1),
                                                 .forget_after = Duration::Hours(6)};

// What is remembered of one account or address. The default is "nothing yet".
struct ThrottleState {
  int32_t failures = 0;
  Timestamp last_failure;
  Timestamp blocked_until;
  bool operator==(const ThrottleState&) const = default;
};

// How long the next attempt must wait; nullopt when it may run now. An attempt that must wait is
// refused without looking at the password and is not counted.
std::optional<Duration> ThrottleWait(const ThrottleState& state, Timestamp now);

// The state after a failed attempt at `now`. A clock that went back does not shorten a wait that
// was imposed.
ThrottleState ThrottleAfterFailure(const ThrottlePolicy& policy, const ThrottleState& state,
                                   Timestamp now);

// Whether nothing of the state matters any more, so that its row can be deleted.
bool ThrottleForgotten(const ThrottlePolicy& policy, const ThrottleState& state, Timestamp now);

}  // namespace ticketing::identity

#endif  // TICKETING_IDENTITY_THROTTLE_H_
