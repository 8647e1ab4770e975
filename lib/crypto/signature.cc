#include "ticketing/crypto/signature.h"

#include <sodium.h>

#include <utility>

#include "lib/crypto/sodium.h"
#include "ticketing/base/assert.h"

namespace ticketing {

using internal::Bytes;
using internal::EnsureSodium;

static_assert(kSignatureSeedBytes == crypto_sign_SEEDBYTES);
static_assert(kPublicKeyBytes == crypto_sign_PUBLICKEYBYTES);
static_assert(kSignatureBytes == crypto_sign_BYTES);

StatusOr<SigningKey> SigningKey::FromSeed(std::string_view seed) {
  EnsureSodium();
  if (seed.size() != kSignatureSeedBytes) return InvalidField("seed", "A seed has 32 bytes.");
  static_assert(sizeof(secret_) == crypto_sign_SECRETKEYBYTES);
  SigningKey key;
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  crypto_sign_seed_keypair(public_key, key.secret_.data(), Bytes(seed));
  key.usable_ = true;
  return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept {
  TakeFrom(other);
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  if (this != &other) TakeFrom(other);
  return *this;
}

SigningKey::~SigningKey() {
  sodium_memzero(secret_.data(), secret_.size());
}

void SigningKey::TakeFrom(SigningKey& other) {
  secret_ = other.secret_;
  usable_ = std::exchange(other.usable_, false);
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

std::string SigningKey::Sign(std::string_view message) const {
  TICKETING_ASSERT(usable_);
  std::string signature(kSignatureBytes, '\0');
  crypto_sign_detached(Bytes(signature), nullptr, Bytes(message), message.size(), secret_.data());
  return signature;
}

std::string SigningKey::public_key() const {
  TICKETING_ASSERT(usable_);
  return {reinterpret_cast<const char*>(secret_.data()) + kSignatureSeedBytes, kPublicKeyBytes};
}

bool VerifySignature(std::string_view public_key, std::string_view message,
                     std::string_view signature) {
  EnsureSodium();
  if (public_key.size() != kPublicKeyBytes || signature.size() != kSignatureBytes) return false;
  return crypto_sign_verify_detached(Bytes(signature), Bytes(message), message.size(),
                                     Bytes(public_key)) == 0;
}

bool IsValidPublicKey(std::string_view public_key) {
  EnsureSodium();
  if (public_key.size() != kPublicKeyBytes) return false;
  return crypto_core_ed25519_is_valid_point(Bytes(public_key)) == 1;
}

}  // namespace ticketing
