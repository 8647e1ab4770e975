// Access tokens: JWTs (RFC 7519) in the manner of RFC 9068, signed with Ed25519 (RFC 8037) and
// verified offline with a JwkSet. There is one algorithm, one type ("at+jwt") and one shape;
// following RFC 8725 nothing is negotiated and nothing in a header is ever fetched. RFC 9068's
// client_id is left out: all clients belong to the platform.
//
// Revocation is not in a token: it lives for minutes (limits::kAccessTokenLife), and services
// compare `session` and `token_id` with the lists that identity publishes. Pure functions, safe
// from any thread.
#ifndef TICKETING_TOKEN_ACCESS_TOKEN_H_
#define TICKETING_TOKEN_ACCESS_TOKEN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/token/jwk.h"

namespace ticketing {

// Who may do what. The names in tokens and APIs: customer, box_office, gate, admin, device,
// service.
enum class Role { kCustomer, kBoxOffice, kGate, kAdmin, kDevice, kService };

std::string_view ToString(Role role);
// nullopt unless `name` is exactly one of the names above.
std::optional<Role> ParseRole(std::string_view name);

// Times are whole seconds in a token: fractions are cut off when it is signed.
struct AccessClaims {
  std::string issuer;       // iss: identity's name, such as "https://id.example.mx"; not empty
  std::string audience;     // aud: who is to accept it; not empty
  std::string subject;      // sub: "acc_...", "dev_..." or the name of a service; not empty
  std::string session;      // sid: "ses_..."; empty for tokens without one
  std::vector<Role> roles;  // roles: each at most once
  std::string venue;        // venue: "ven_..." when the roles hold in one venue only; else empty
  Timestamp issued_at;      // iat
  Timestamp not_before;     // nbf
  Timestamp expires_at;     // exp: after issued_at
  std::string token_id;     // jti; not empty

  bool HasRole(Role role) const;
  bool operator==(const AccessClaims&) const = default;
};

// What a service demands of a token. The skew (at most limits::kClockSkewMax) widens exp, nbf and
// iat.
struct TokenPolicy {
  std::string issuer;
  std::string audience;
  Duration clock_skew = limits::kClockSkewMax;
};

// The token. `kid` is JwkThumbprint(key.public_key()), handed in because the caller has it at hand.
// Claims that break the rules above, or a token longer than limits::kAccessTokenBytesMax, are bugs
// and assert.
std::string SignAccessToken(const AccessClaims& claims, std::string_view kid,
                            const SigningKey& key);

// The claims of a token that holds at `now`. Errors: kTokenExpired when only its time has passed
// (signature and everything else are right); kUnauthenticated for whatever else is wrong: the
// message does not say what, because the caller of an API has no use for it. Roles that this
// version does not know are left out: they can only add rights.
StatusOr<AccessClaims> VerifyAccessToken(std::string_view token, const JwkSet& keys,
                                         const TokenPolicy& policy, Timestamp now);

// The key id in the header of a token that nobody has verified yet, to tell whether the key set
// must be fetched again; nullopt when it is not a token of ours.
std::optional<std::string> AccessTokenKeyId(std::string_view token);

}  // namespace ticketing

#endif  // TICKETING_TOKEN_ACCESS_TOKEN_H_
