#include "ticketing/crypto/hash.h"

#include <sodium.h>

#include "lib/crypto/sodium.h"
#include "ticketing/base/assert.h"

namespace ticketing {

using internal::Bytes;
using internal::EnsureSodium;

std::string Sha256(std::string_view message) {
  EnsureSodium();
  std::string digest(kHashBytes, '\0');
  crypto_hash_sha256(Bytes(digest), Bytes(message), message.size());
  return digest;
}

std::string Blake2b256(std::string_view message) {
  EnsureSodium();
  std::string digest(kHashBytes, '\0');
  crypto_generichash(Bytes(digest), digest.size(), Bytes(message), message.size(), nullptr, 0);
  return digest;
}

std::string KeyedBlake2b256(std::string_view key, std::string_view message) {
  EnsureSodium();
  TICKETING_ASSERT(key.size() >= crypto_generichash_KEYBYTES_MIN &&
                   key.size() <= crypto_generichash_KEYBYTES_MAX);
  std::string digest(kHashBytes, '\0');
  crypto_generichash(Bytes(digest), digest.size(), Bytes(message), message.size(), Bytes(key),
                     key.size());
  return digest;
}

std::string HmacSha256(std::string_view key, std::string_view message) {
  EnsureSodium();
  std::string tag(kHashBytes, '\0');
  // The one-shot function takes keys of 32 bytes only.
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, Bytes(key), key.size());
  crypto_auth_hmacsha256_update(&state, Bytes(message), message.size());
  crypto_auth_hmacsha256_final(&state, Bytes(tag));
  sodium_memzero(&state, sizeof state);
  return tag;
}

}  // namespace ticketing
