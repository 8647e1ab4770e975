// The public keys that a verifier trusts, by a one-byte key id, each with the time in which it is
// trusted. A gate holds the old and the new key of an issuer at the same time, so keys rotate
// without a flag day.
//
// A plain value: copy it, compare it. Const use is safe from many threads; changes need the
// caller's lock.
#ifndef TICKETING_CRYPTO_KEY_RING_H_
#define TICKETING_CRYPTO_KEY_RING_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

// Trusted from `not_before` on and before `not_after`; the defaults set no bound. Both speak of the
// moment of verification: a ticket code says nothing about when it was signed.
struct TrustedKey {
  std::string public_key;  // Ed25519, 32 bytes
  Timestamp not_before{std::numeric_limits<int64_t>::min()};
  Timestamp not_after{std::numeric_limits<int64_t>::max()};

  bool operator==(const TrustedKey&) const = default;
};

class KeyRing {
 public:
  // Errors: kInvalidField for key id 0, for a public key that IsValidPublicKey refuses and for a
  // time that is empty; kConflict when the id already names another key (the same key may be added
  // again, with other times: they replace the old ones). An id is never used for a second key,
  // because codes signed by the first still exist.
  Status Add(uint8_t key_id, TrustedKey key);

  // The key trusted under this id at `now`, or nullptr. Valid until the ring changes.
  const TrustedKey* Find(uint8_t key_id, Timestamp now) const;

  // Every key, in the order of ids, whatever its time.
  const std::map<uint8_t, TrustedKey>& keys() const { return keys_; }
  size_t size() const { return keys_.size(); }
  bool empty() const { return keys_.empty(); }

  bool operator==(const KeyRing&) const = default;

 private:
  std::map<uint8_t, TrustedKey> keys_;
};

}  // namespace ticketing

#endif  // TICKETING_CRYPTO_KEY_RING_H_
