#include "ticketing/crypto/secret_box.h"

#include <sodium.h>

#include "lib/crypto/sodium.h"
#include "ticketing/base/assert.h"

namespace ticketing {

using internal::Bytes;
using internal::EnsureSodium;

static_assert(kBoxKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kBoxNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kBoxOverheadBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

std::string SealBox(std::string_view key, std::string_view nonce, std::string_view associated_data,
                    std::string_view plain) {
  EnsureSodium();
  TICKETING_ASSERT(key.size() == kBoxKeyBytes);
  TICKETING_ASSERT(nonce.size() == kBoxNonceBytes);
  std::string box(plain.size() + kBoxOverheadBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(box), nullptr, Bytes(plain), plain.size(),
                                             Bytes(associated_data), associated_data.size(),
                                             nullptr, Bytes(nonce), Bytes(key));
  return box;
}

std::optional<std::string> OpenBox(std::string_view key, std::string_view nonce,
                                   std::string_view associated_data, std::string_view box) {
  EnsureSodium();
  if (key.size() != kBoxKeyBytes || nonce.size() != kBoxNonceBytes ||
      box.size() < kBoxOverheadBytes) {
    return std::nullopt;
  }
  std::string plain(box.size() - kBoxOverheadBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          Bytes(plain), nullptr, nullptr, Bytes(box), box.size(), Bytes(associated_data),
          associated_data.size(), Bytes(nonce), Bytes(key)) != 0) {
    return std::nullopt;
  }
  return plain;
}

void WipeSecret(std::string& secret) {
  // Also the bytes that an earlier, longer value left between size and capacity.
  secret.resize(secret.capacity());
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace ticketing
