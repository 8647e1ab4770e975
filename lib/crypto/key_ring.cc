#include "ticketing/crypto/key_ring.h"

#include <utility>

#include "ticketing/crypto/signature.h"

namespace ticketing {

Status KeyRing::Add(uint8_t key_id, TrustedKey key) {
  if (key_id == 0) return InvalidField("key_id", "Key ids are 1 to 255.");
  if (!IsValidPublicKey(key.public_key)) {
    return InvalidField("public_key", "This is not an Ed25519 public key.");
  }
  if (key.not_before >= key.not_after) {
    return InvalidField("not_after", "A key must be trusted for some time.");
  }
  const auto [found, added] = keys_.try_emplace(key_id, key);
  if (added) return OkStatus();
  if (found->second.public_key != key.public_key) {
    return MakeError(ErrorCode::kConflict,
                     "This key id names another key; give the new key an id of its own.");
  }
  found->second = std::move(key);
  return OkStatus();
}

const TrustedKey* KeyRing::Find(uint8_t key_id, Timestamp now) const {
  const auto found = keys_.find(key_id);
  if (found == keys_.end()) return nullptr;
  const TrustedKey& key = found->second;
  return key.not_before <= now && now < key.not_after ? &key : nullptr;
}

}  // namespace ticketing
