// Checks access tokens offline, with the keys that identity publishes. Keys are fetched when none
// is known, when a token names a key that is not known (at most once in kRefetchPause), and by Tick
// when they are old. A service that cannot reach identity goes on with the keys it has.
//
// Checking a signature costs more than most requests, so a token that was found right is remembered
// by its hash, until it expires or the keys are fetched again, whichever comes first: a key that
// identity takes back takes all its tokens with it.
#ifndef TICKETING_SERVICE_COMMON_TOKEN_VERIFIER_H_
#define TICKETING_SERVICE_COMMON_TOKEN_VERIFIER_H_

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ticketing/base/status.h"
#include "ticketing/env/clock.h"
#include "ticketing/env/http.h"
#include "ticketing/token/access_token.h"

namespace ticketing {

inline constexpr char kTokenIssuer[] = "ticketing-identity";
inline constexpr char kTokenAudience[] = "ticketing";

class TokenVerifier {
 public:
  static constexpr Duration kRefetchPause = Duration::Seconds(5);
  static constexpr Duration kKeysFresh = Duration::Minutes(5);

  // `identity` answers GET /.well-known/jwks.json. Both must outlive the verifier.
  TokenVerifier(HttpClient& identity, Clock& clock);

  // Errors: kUnauthenticated, kTokenExpired; kUnavailable when no key was ever fetched.
  StatusOr<AccessClaims> Verify(std::string_view token);

  // Fetches the keys again when they are old.
  Status Tick();

  bool ready() const;

 private:
  // A token that was found right with these keys.
  struct Known {
    AccessClaims claims;
    std::shared_ptr<const JwkSet> keys;
    Timestamp checked_at;
  };
  using KnownTokens = std::unordered_map<std::string, std::shared_ptr<const Known>>;

  Status Fetch();
  std::shared_ptr<const JwkSet> keys() const;
  std::shared_ptr<const Known> Recall(const std::string& hash, Timestamp now) const;
  void Remember(const std::string& hash, std::shared_ptr<const Known> known);

  HttpClient& identity_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const JwkSet> keys_;
  Timestamp tried_at_;
  Timestamp fetched_at_;
  KnownTokens recent_;  // by hash; when it is full it becomes old_, and what old_ had is forgotten
  KnownTokens old_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_COMMON_TOKEN_VERIFIER_H_
