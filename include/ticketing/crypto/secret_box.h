// Authenticated encryption: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Key and nonce are
// arguments: a key is 32 bytes, a nonce 24 bytes of the caller's Random, fresh for each message of
// a key (it is long enough to be drawn at random without counting). The nonce is not secret; store
// it beside the box.
//
// Associated data is not encrypted but must be the same when the box is opened: put there what the
// box belongs to (a ticket id, a column name), so that a box cannot be moved to another place.
#ifndef TICKETING_CRYPTO_SECRET_BOX_H_
#define TICKETING_CRYPTO_SECRET_BOX_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ticketing {

inline constexpr size_t kBoxKeyBytes = 32;
inline constexpr size_t kBoxNonceBytes = 24;
inline constexpr size_t kBoxOverheadBytes = 16;

// The encrypted text followed by its tag of 16 bytes. Wrong lengths of key or nonce are bugs and
// assert.
std::string SealBox(std::string_view key, std::string_view nonce, std::string_view associated_data,
                    std::string_view plain);

// The text inside, or nullopt when anything was changed: box, nonce, associated data or key. Wrong
// lengths of key or nonce give nullopt as well, since both may have been read from storage.
std::optional<std::string> OpenBox(std::string_view key, std::string_view nonce,
                                   std::string_view associated_data, std::string_view box);

// Overwrites the bytes of a secret in a way the compiler keeps, then empties the string.
void WipeSecret(std::string& secret);

}  // namespace ticketing

#endif  // TICKETING_CRYPTO_SECRET_BOX_H_
