// Where a bastion answers and which TLS key it shows there, signed with its device key: what
// handhelds learn of the venue's other bastions without anybody pairing them again. A card may
// travel by any road. Whoever reads it believes it only of a device that the event copy knows as a
// bastion.
#ifndef TICKETING_SYNC_BASTION_CARD_H_
#define TICKETING_SYNC_BASTION_CARD_H_

#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {

struct BastionCard {
  DeviceId device;
  std::string url;    // "https://HOST:PORT"
  std::string pin;    // SHA-256 of the TLS key, 64 hexadecimal digits
  Timestamp made_at;  // of two cards of one bastion the later one holds
  std::string signature;
  bool operator==(const BastionCard&) const = default;
};

// Fills in the signature. It is over the line "ticketing bastion card v1", then id (8 bytes), url,
// pin and made_at (8 bytes), each preceded by its length in 4 bytes.
void SignBastionCard(BastionCard& card, const SigningKey& key);
bool IsBastionCardGenuine(const BastionCard& card, std::string_view public_key);

}  // namespace ticketing

#endif  // TICKETING_SYNC_BASTION_CARD_H_
