// Published keys for access tokens: a set of Ed25519 public keys as JSON (RFC 7517, RFC 8037), each
// named by its RFC 7638 thumbprint. Identity publishes the set; every other service verifies tokens
// with it, offline.
//
// A plain value. Const use is safe from many threads; changes need the caller's lock (swap a whole
// set instead).
#ifndef TICKETING_TOKEN_JWK_H_
#define TICKETING_TOKEN_JWK_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing {

// The key id of an Ed25519 public key of 32 bytes (another length asserts): base64url of the
// SHA-256 of
// {"crv":"Ed25519","kty":"OKP","x":"..."}; 43 characters.
std::string JwkThumbprint(std::string_view public_key);

class JwkSet {
 public:
  // Reads a JWK Set. A key that is not meant for our signatures (another kty, crv, alg, use or
  // key_ops) is skipped, as RFC 7517 asks; a key that is meant for them must be right. Errors:
  // kBadSyntax when the text is longer than limits::kJwkSetBytesMax, not JSON, has a member twice
  // or is not a set; kInvalidField (field "keys[2].x") for a public key that is not valid, a kid
  // that is not its thumbprint, a key that is there twice, one that carries its private part, and
  // for more than limits::kJwkSetKeysMax keys.
  static StatusOr<JwkSet> FromJson(std::string_view json);

  // Adds a public key; adding it again changes nothing. Errors: kInvalidField when it is not a
  // valid one, or when the set is full.
  Status Add(std::string_view public_key);
  // Takes a key out; false when there was none with this id.
  bool Remove(std::string_view kid);

  // The 32 bytes of the key with this id, or nullptr. Valid until the set changes.
  const std::string* Find(std::string_view kid) const;

  // The set as JSON, members and keys in a fixed order: equal sets give equal texts (and equal
  // ETags).
  std::string ToJson() const;

  // kid -> public key, in the order of kids.
  const std::map<std::string, std::string, std::less<>>& keys() const { return keys_; }
  size_t size() const { return keys_.size(); }
  bool empty() const { return keys_.empty(); }

  bool operator==(const JwkSet&) const = default;

 private:
  std::map<std::string, std::string, std::less<>> keys_;
};

}  // namespace ticketing

#endif  // TICKETING_TOKEN_JWK_H_
