// How many wrong access codes a caller may try.
//
// A code opens a channel for whoever knows it, and the rate that a gateway lets everybody have is
// enough to try short ones. So wrong codes are counted by event and caller; who has no try left is
// refused before his codes are looked at, or a right one would stand out by being let in. Wrong
// codes of others never count against an account: it has tries of its own. An anonymous visitor is
// his network, so that whoever sits behind the same address as a guesser logs in to go on.
//
// Staff sells from any channel by its name, so codes keep nothing from it.
//
// Accounts are made freely, so those of one network share a wider limit as well.
#ifndef TICKETING_LIB_SERVICE_TICKETING_CODE_GUESSES_H_
#define TICKETING_LIB_SERVICE_TICKETING_CODE_GUESSES_H_

#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/service/common/api.h"
#include "ticketing/service/common/rate_limiter.h"

namespace ticketing {

// What one subscriber has of the internet: an IPv4 address, or the first 64 bits of an IPv6 one.
std::string NetworkOf(std::string_view address);

// Thread-safe. Takes a few ten megabytes at most.
class CodeGuesses {
 public:
  // Errors: kRateLimited, with when to try again. For callers that send codes.
  Status Check(const Call& call, EventId event) const;
  // A wrong code came.
  void Count(const Call& call, EventId event);

 private:
  RateLimiter callers_{Duration::Minutes(1), 9};    // ten, then one a minute
  RateLimiter networks_{Duration::Seconds(6), 99};  // of accounts: a hundred, then ten a minute
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_CODE_GUESSES_H_
