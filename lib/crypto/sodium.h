// The one place that makes libsodium ready. Every function of the module calls it first, so that
// none depends on a program's start-up order; after the first call it costs one load.
#ifndef TICKETING_LIB_CRYPTO_SODIUM_H_
#define TICKETING_LIB_CRYPTO_SODIUM_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace ticketing::internal {

void EnsureSodium();

// libsodium speaks unsigned char; our bytes are std::string.
inline const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace ticketing::internal

#endif  // TICKETING_LIB_CRYPTO_SODIUM_H_
