#include "ticketing/token/jwk.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "lib/token/strict_json.h"
#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {
namespace {

using internal::StrictJson;

// A member that is missing says nothing; one that is there must say `value`.
bool AbsentOr(const StrictJson& key, std::string_view member, std::string_view value) {
  return !key.Has(member) || key.String(member) == value;
}

// Whether a JWK is a key for Ed25519 signatures at all.
bool IsForSignatures(const StrictJson& key) {
  if (key.String("kty") != "OKP" || key.String("crv") != "Ed25519") return false;
  if (!AbsentOr(key, "alg", "EdDSA") || !AbsentOr(key, "use", "sig")) return false;
  if (!key.Has("key_ops")) return true;
  const std::optional<std::vector<std::string>> operations = key.Strings("key_ops");
  return operations &&
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

// The public key of a JWK for our signatures; errors name the member within `path`.
StatusOr<std::string> ReadPublicKey(const StrictJson& key, const std::string& path) {
  if (key.Has("d")) {
    return InvalidField(path + ".d", "A private key must not be here; take it out of use.");
  }
  const std::optional<std::string> x = key.String("x");
  std::optional<std::string> public_key;
  if (x) public_key = Base64UrlDecode(*x);
  if (!public_key || !IsValidPublicKey(*public_key)) {
    return InvalidField(path + ".x", "This is not an Ed25519 public key.");
  }
  if (!AbsentOr(key, "kid", JwkThumbprint(*public_key))) {
    return InvalidField(path + ".kid", "The key id must be the key's RFC 7638 thumbprint.");
  }
  return *std::move(public_key);
}

}  // namespace

std::string JwkThumbprint(std::string_view public_key) {
  TICKETING_ASSERT(public_key.size() == kPublicKeyBytes);
  return Base64UrlEncode(
      Sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + Base64UrlEncode(public_key) + R"("})"));
}

StatusOr<JwkSet> JwkSet::FromJson(std::string_view json) {
  if (json.size() > limits::kJwkSetBytesMax) {
    return MakeError(ErrorCode::kBadSyntax, "The key set is too long.");
  }
  const std::optional<StrictJson> document = StrictJson::Parse(json);
  if (!document) return MakeError(ErrorCode::kBadSyntax, "The key set is not well-formed JSON.");
  const std::optional<std::vector<StrictJson>> keys = document->Objects("keys");
  if (!keys) return MakeError(ErrorCode::kBadSyntax, "A key set has an array of keys.");
  if (keys->size() > limits::kJwkSetKeysMax)
    return InvalidField("keys", "There are too many keys.");

  JwkSet set;
  for (size_t i = 0; i < keys->size(); ++i) {
    const StrictJson& key = (*keys)[i];
    if (!IsForSignatures(key)) continue;
    const std::string path = "keys[" + std::to_string(i) + "]";
    TICKETING_ASSIGN_OR_RETURN(std::string public_key, ReadPublicKey(key, path));
    std::string kid = JwkThumbprint(public_key);
    if (!set.keys_.emplace(std::move(kid), std::move(public_key)).second) {
      return InvalidField(path, "This key is there twice.");
    }
  }
  return set;
}

Status JwkSet::Add(std::string_view public_key) {
  if (!IsValidPublicKey(public_key)) {
    return InvalidField("public_key", "This is not an Ed25519 public key.");
  }
  std::string kid = JwkThumbprint(public_key);
  if (keys_.contains(kid)) return OkStatus();
  if (keys_.size() >= limits::kJwkSetKeysMax) {
    return InvalidField("public_key", "The key set is full; take old keys out first.");
  }
  keys_.emplace(std::move(kid), public_key);
  return OkStatus();
}

bool JwkSet::Remove(std::string_view kid) {
  const auto found = keys_.find(kid);
  if (found == keys_.end()) return false;
  keys_.erase(found);
  return true;
}

const std::string* JwkSet::Find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

std::string JwkSet::ToJson() const {
  // Every value is base64url, so nothing needs to be escaped.
  std::string json = R"({"keys":[)";
  for (const auto& [kid, public_key] : keys_) {
    if (json.back() != '[') json += ',';
    json += R"({"alg":"EdDSA","crv":"Ed25519","kid":")" + kid +
            R"(","kty":"OKP","use":"sig","x":")" + Base64UrlEncode(public_key) + R"("})";
  }
  return json + "]}";
}

}  // namespace ticketing
