// How handhelds on a LAN find each other when nobody is there to ask: each tells, now and then and
// to everybody who listens, where it answers.
//
// Layout, 123 bytes, all integers big-endian. The device signs (Ed25519) the line "ticketing peer
// announcement v1\n" and every byte before the signature.
//
//   offset  bytes
//        0      4  "TKPA"
//        4      1  version: 1
//        5      8  device
//       13      8  wall time of the device, microseconds
//       21      4  its IPv4 address on this network
//       25      2  the TCP port that answers there
//       27     32  pin: SHA-256 of the public key of its TLS certificate (SubjectPublicKeyInfo)
//       59     64  signature
//
// An announcement proves that the owner of the key said it at that time; it says nothing of who
// sends these bytes now. A receiver believes one that comes from the address that stands in it,
// whose time is near its own, and that is newer than the last one of that device.
#ifndef TICKETING_SYNC_PEER_ANNOUNCEMENT_H_
#define TICKETING_SYNC_PEER_ANNOUNCEMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {

inline constexpr size_t kPeerAnnouncementBytes = 123;
inline constexpr size_t kPeerPinBytes = 32;

struct PeerAnnouncement {
  DeviceId device;
  Timestamp at;
  uint32_t address = 0;  // 10.0.0.1 is 0x0a000001
  uint16_t port = 0;
  std::string pin = std::string(kPeerPinBytes, '\0');

  bool operator==(const PeerAnnouncement&) const = default;
};

// Signs and gives the 123 bytes. A pin of another length is a bug and asserts.
std::string SealPeerAnnouncement(const PeerAnnouncement& announcement,
                                 const SigningKey& device_key);

// The form only; no signature is checked. Error: kBadSyntax for another length, beginning or
// version, a zero device, address or port, a time before 1970.
StatusOr<PeerAnnouncement> DecodePeerAnnouncement(std::string_view bytes);

// Whether the bytes, of the right form, were signed by this key.
bool IsPeerAnnouncementGenuine(std::string_view bytes, std::string_view public_key);

// "10.0.0.1".
std::string FormatPeerAddress(uint32_t address);

}  // namespace ticketing

#endif  // TICKETING_SYNC_PEER_ANNOUNCEMENT_H_
