#include "ticketing/sync/peer_announcement.h"

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

constexpr std::string_view kDomain = "ticketing peer announcement v1\n";
constexpr std::string_view kMagic = "TKPA";
constexpr uint64_t kVersion = 1;
constexpr size_t kSignedBytes = kPeerAnnouncementBytes - kSignatureBytes;
constexpr uint64_t kSignedMax = 0x7fff'ffff'ffff'ffff;

// With a line in front that nothing else is signed with, no signature of the key fits twice.
std::string Signed(std::string_view bytes) {
  return std::string(kDomain) + std::string(bytes.substr(0, kSignedBytes));
}

}  // namespace

std::string SealPeerAnnouncement(const PeerAnnouncement& announcement,
                                 const SigningKey& device_key) {
  std::string out(kMagic);
  AppendBigEndian(out, kVersion, 1);
  AppendBigEndian(out, announcement.device.value, 8);
  AppendBigEndian(out, static_cast<uint64_t>(announcement.at.micros), 8);
  AppendBigEndian(out, announcement.address, 4);
  AppendBigEndian(out, announcement.port, 2);
  out += announcement.pin;
  TICKETING_ASSERT(out.size() == kSignedBytes);
  return out + device_key.Sign(Signed(out));
}

StatusOr<PeerAnnouncement> DecodePeerAnnouncement(std::string_view bytes) {
  const Status wrong = MakeError(ErrorCode::kBadSyntax, "This is not an announcement of a peer.");
  if (bytes.size() != kPeerAnnouncementBytes || !bytes.starts_with(kMagic) ||
      ReadBigEndian(bytes, 4, 1) != kVersion) {
    return wrong;
  }
  const uint64_t device = ReadBigEndian(bytes, 5, 8);
  const uint64_t at = ReadBigEndian(bytes, 13, 8);
  PeerAnnouncement announcement;
  announcement.device = DeviceId{device};
  announcement.at = Timestamp{static_cast<int64_t>(at)};
  announcement.address = static_cast<uint32_t>(ReadBigEndian(bytes, 21, 4));
  announcement.port = static_cast<uint16_t>(ReadBigEndian(bytes, 25, 2));
  announcement.pin = std::string(bytes.substr(27, kPeerPinBytes));
  if (device == 0 || device > kSignedMax || at > kSignedMax || announcement.address == 0 ||
      announcement.port == 0) {
    return wrong;
  }
  return announcement;
}

bool IsPeerAnnouncementGenuine(std::string_view bytes, std::string_view public_key) {
  return bytes.size() == kPeerAnnouncementBytes &&
         VerifySignature(public_key, Signed(bytes), bytes.substr(kSignedBytes));
}

std::string FormatPeerAddress(uint32_t address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += std::to_string(address >> shift & 0xff);
    if (shift > 0) text += '.';
  }
  return text;
}

}  // namespace ticketing
