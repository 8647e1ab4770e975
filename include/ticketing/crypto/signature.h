// Ed25519 signatures (RFC 8032, the pure variant): deterministic, so a signature needs no
// randomness; the seed of a key comes from the caller's Random.
//
// Verification is strict: a signature whose S is not reduced, a public key that is not canonical,
// and public keys or R points of small order are refused, so no second signature can be derived
// from a valid one.
#ifndef TICKETING_CRYPTO_SIGNATURE_H_
#define TICKETING_CRYPTO_SIGNATURE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing {

inline constexpr size_t kSignatureSeedBytes = 32;
inline constexpr size_t kPublicKeyBytes = 32;
inline constexpr size_t kSignatureBytes = 64;

// A private key. It can be moved but not copied, and its memory is wiped when it goes; a moved-from
// key may only be destroyed or assigned to. Sign() is safe from many threads at once.
class SigningKey {
 public:
  // The key of a seed of 32 bytes, which the caller keeps (and wipes). Error: kInvalidField for
  // another length.
  static StatusOr<SigningKey> FromSeed(std::string_view seed);

  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&& other) noexcept;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  ~SigningKey();

  // 64 bytes over every byte of `message`.
  std::string Sign(std::string_view message) const;
  // 32 bytes.
  std::string public_key() const;

 private:
  SigningKey() = default;
  void TakeFrom(SigningKey& other);

  bool usable_ = false;
  std::array<uint8_t, 64> secret_{};  // the seed, then the public key
};

// Whether `signature` is one of `message` by the owner of `public_key`. False for any wrong length
// too.
bool VerifySignature(std::string_view public_key, std::string_view message,
                     std::string_view signature);

// Whether these are 32 bytes that encode, canonically, a point of the curve not of small order: the
// check to make once, when a public key comes in from outside.
bool IsValidPublicKey(std::string_view public_key);

}  // namespace ticketing

#endif  // TICKETING_CRYPTO_SIGNATURE_H_
