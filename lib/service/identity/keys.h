// The secrets of the identity service: the key that signs access tokens and the key behind refresh
// tokens. Both are made once and kept in the database.
#ifndef TICKETING_LIB_SERVICE_IDENTITY_KEYS_H_
#define TICKETING_LIB_SERVICE_IDENTITY_KEYS_H_

#include <memory>
#include <string>
#include <string_view>

#include "ticketing/crypto/signature.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/token/access_token.h"
#include "ticketing/token/jwk.h"

namespace ticketing::identity {

// Const after Load; thread-safe.
class Keys {
 public:
  // Reads the keys, after making those that are missing. The newest signing key signs; all are
  // published, so that tokens signed by older ones hold to their end.
  static StatusOr<std::unique_ptr<Keys>> Load(Database& database, Env env);

  const std::string& jwks_json() const { return jwks_json_; }
  std::string_view refresh_key() const { return refresh_key_; }

  // Fills in issuer, audience and times, and signs.
  std::string Sign(AccessClaims claims, Timestamp now, Duration life) const;
  // The claims of a token of ours. Errors: those of VerifyAccessToken.
  StatusOr<AccessClaims> Verify(std::string_view token, Timestamp now) const;

 private:
  Keys(SigningKey key, std::string refresh_key)
      : key_(std::move(key)), refresh_key_(std::move(refresh_key)) {}

  SigningKey key_;
  std::string kid_;
  JwkSet set_;
  std::string jwks_json_;
  std::string refresh_key_;
};

}  // namespace ticketing::identity

#endif  // TICKETING_LIB_SERVICE_IDENTITY_KEYS_H_
