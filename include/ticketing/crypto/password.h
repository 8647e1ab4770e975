// Password hashing: Argon2id (RFC 9106) in the PHC string form that other Argon2 libraries read,
// "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>".
//
// A hash with the default cost takes about 20 ms of one core and 19 MiB: callers bound how many run
// at once. For a name without an account verify against UnmatchablePasswordHash(), so that the time
// does not tell it apart.
#ifndef TICKETING_CRYPTO_PASSWORD_H_
#define TICKETING_CRYPTO_PASSWORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing {

inline constexpr size_t kPasswordSaltBytes = 16;

// OWASP's middle setting by default. Memory in KiB, 8 to 1,048,576; passes 1 to 16; one lane
// always.
struct PasswordCost {
  uint32_t memory_kib = 19456;
  uint32_t passes = 2;
  bool operator==(const PasswordCost&) const = default;
};

// The text to store. `salt` is 16 fresh bytes of the caller's Random (another length is a bug and
// asserts, as is a cost out of bounds). Errors: kInvalidField when the password is longer than
// limits::kPasswordBytesMax; how short it may be is the caller's policy. kUnavailable when the
// memory for it cannot be had.
StatusOr<std::string> HashPassword(std::string_view password, std::string_view salt,
                                   const PasswordCost& cost = {});

// OK when `password` is the one behind `stored`. Errors: kWrongCredentials when it is not (also
// when it is too long); kDataLoss when `stored` is no text of HashPassword; kUnavailable when the
// memory for it cannot be had.
Status VerifyPassword(std::string_view stored, std::string_view password);

// Whether `stored` was made with another cost than `cost` (or cannot be read), so that it is to be
// made again at the next successful sign-in.
bool NeedsRehash(std::string_view stored, const PasswordCost& cost = {});

// A well-formed text of the default cost that no password matches.
std::string_view UnmatchablePasswordHash();

}  // namespace ticketing

#endif  // TICKETING_CRYPTO_PASSWORD_H_
