// Hashes and message authentication codes. Pure functions of their arguments, safe from any thread;
// every result is a std::string of 32 raw bytes (print it with HexEncode or Base64UrlEncode).
//
// Sources: SHA-256 is FIPS 180-4, HMAC is RFC 2104, BLAKE2b is RFC 7693; all computed by libsodium.
#ifndef TICKETING_CRYPTO_HASH_H_
#define TICKETING_CRYPTO_HASH_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace ticketing {

inline constexpr size_t kHashBytes = 32;

// SHA-256: for whatever others must be able to compute (thumbprints, API keys, ETags).
std::string Sha256(std::string_view message);

// BLAKE2b with 32 bytes of output: for what stays among our own programs (log chains, snapshots).
std::string Blake2b256(std::string_view message);

// BLAKE2b keyed with 16 to 64 bytes (any other length is a bug and asserts). A MAC by itself,
// without HMAC.
std::string KeyedBlake2b256(std::string_view key, std::string_view message);

// HMAC-SHA-256. The key may have any length. Compare tags with ConstantTimeEquals only.
std::string HmacSha256(std::string_view key, std::string_view message);

}  // namespace ticketing

#endif  // TICKETING_CRYPTO_HASH_H_
