// Ed25519 under the simulation. Fifty devices sign everything they say and check what the others
// said; done in full, that would be a third of a match and show nothing that the tests of `crypto`
// do not. So a signature is here what Ed25519 promises to be: 64 bytes that only the holder of the
// secret key can make, over exactly this message. They are a keyed hash, and whoever checks them
// looks up the secret key of the public one. What does not hold that way goes to the library's own
// check, which has the last word. The linker puts these in the place of the library's functions
// (--wrap).
#include <sodium.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

extern "C" {
int __real_crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                       unsigned long long message_size,
                                       const unsigned char* public_key);
int __real_crypto_core_ed25519_is_valid_point(const unsigned char* point);
}

namespace {

using Key = std::array<unsigned char, crypto_sign_PUBLICKEYBYTES>;
using Secret = std::array<unsigned char, crypto_sign_SECRETKEYBYTES>;

struct KeyHash {
  size_t operator()(const Key& key) const {
    size_t hash;
    std::memcpy(&hash, key.data(), sizeof(hash));
    return hash;
  }
};

Key KeyAt(const unsigned char* bytes) {
  Key key;
  std::memcpy(key.data(), bytes, key.size());
  return key;
}

// Of those who have signed anything.
std::unordered_map<Key, Secret, KeyHash>& Secrets() {
  static std::unordered_map<Key, Secret, KeyHash> secrets;
  return secrets;
}

void MakeSignature(unsigned char* signature, const unsigned char* message, unsigned long long size,
                   const unsigned char* secret) {
  static_assert(crypto_sign_SECRETKEYBYTES <= crypto_generichash_KEYBYTES_MAX);
  crypto_generichash(signature, crypto_sign_BYTES, message, size, secret,
                     crypto_sign_SECRETKEYBYTES);
}

}  // namespace

extern "C" int __wrap_crypto_sign_detached(unsigned char* signature, unsigned long long* size,
                                           const unsigned char* message,
                                           unsigned long long message_size,
                                           const unsigned char* secret_key) {
  // The second half of a secret key is the public one.
  const auto [known, fresh] = Secrets().try_emplace(KeyAt(secret_key + 32));
  if (fresh) std::memcpy(known->second.data(), secret_key, known->second.size());
  MakeSignature(signature, message, message_size, secret_key);
  if (size != nullptr) *size = crypto_sign_BYTES;
  return 0;
}

extern "C" int __wrap_crypto_sign_verify_detached(const unsigned char* signature,
                                                  const unsigned char* message,
                                                  unsigned long long message_size,
                                                  const unsigned char* public_key) {
  const auto found = Secrets().find(KeyAt(public_key));
  if (found != Secrets().end()) {
    unsigned char expected[crypto_sign_BYTES];
    MakeSignature(expected, message, message_size, found->second.data());
    if (std::memcmp(expected, signature, sizeof(expected)) == 0) return 0;
  }
  return __real_crypto_sign_verify_detached(signature, message, message_size, public_key);
}

extern "C" int __wrap_crypto_core_ed25519_is_valid_point(const unsigned char* point) {
  static std::unordered_map<Key, int, KeyHash> known;
  const auto [found, fresh] = known.emplace(KeyAt(point), 0);
  if (fresh) found->second = __real_crypto_core_ed25519_is_valid_point(point);
  return found->second;
}
