#include "ticketing/sync/bastion_card.h"

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

std::string SignedBytes(const BastionCard& card) {
  std::string id, time;
  AppendBigEndian(id, card.device.value, 8);
  AppendBigEndian(time, static_cast<uint64_t>(card.made_at.micros), 8);
  std::string out = "ticketing bastion card v1\n";
  for (const std::string_view part : {std::string_view(id), std::string_view(card.url),
                                      std::string_view(card.pin), std::string_view(time)}) {
    AppendBigEndian(out, part.size(), 4);
    out += part;
  }
  return out;
}

}  // namespace

void SignBastionCard(BastionCard& card, const SigningKey& key) {
  card.signature = key.Sign(SignedBytes(card));
}

bool IsBastionCardGenuine(const BastionCard& card, std::string_view public_key) {
  return VerifySignature(public_key, SignedBytes(card), card.signature);
}

}  // namespace ticketing
