// The identity of a bastion in a file under a passphrase: its id and device key, its TLS key and
// that it is enrolled. On the machine that takes a lost bastion's place, handhelds find the bastion
// they know, and nobody pairs anything.
//
//   "ticketing sealed identity 1\n", a salt of 16 bytes, a nonce of 24 bytes, and the box
//   (crypto/secret_box.h) of the files, each as the length of its name in 1 byte, its name, its
//   length in 4 bytes and its bytes. The key is BLAKE2b-256 of Argon2id of the passphrase, in the
//   text form of crypto/password.h with kSealCost. The associated data is all before the box.
#ifndef TICKETING_CLIENTS_COMMON_SEALED_IDENTITY_H_
#define TICKETING_CLIENTS_COMMON_SEALED_IDENTITY_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/env/random.h"

namespace ticketing {

inline constexpr size_t kPassphraseBytesMin = 12;
inline constexpr size_t kSealedIdentityBytesMax = 64 << 10;

// The identity that lies in `folder`, sealed. Errors: kInvalidField for a passphrase that is too
// short or too long, kNotFound when there is no bastion's identity there, those of reading.
StatusOr<std::string> SealIdentity(const std::string& folder, std::string_view passphrase,
                                   Random& random);

// Puts a sealed identity into `folder`, made when missing. Errors: kWrongCredentials for another
// passphrase or a file that was changed, kBadSyntax for one that is none of ours, kConflict when
// the folder has an identity already, and those of writing; then what was written stays.
Status OpenIdentity(const std::string& folder, std::string_view sealed,
                    std::string_view passphrase);

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_COMMON_SEALED_IDENTITY_H_
