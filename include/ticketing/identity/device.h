// Devices of a venue: bastions and handhelds. A device proves itself with a key of its own, never
// with a person's password. It joins once, with a pairing code that staff made for it and that
// works once, briefly, and only for a few attempts.
#ifndef TICKETING_IDENTITY_DEVICE_H_
#define TICKETING_IDENTITY_DEVICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing::identity {

// Numbers are stored; append, never renumber.
enum class DeviceKind : int32_t { kBastion = 1, kHandheld = 2 };

std::string_view DeviceKindName(DeviceKind kind);  // "bastion", "handheld"
std::optional<DeviceKind> DeviceKindOfName(std::string_view name);

struct Device {
  DeviceId id;
  DeviceKind kind = DeviceKind::kHandheld;
  std::string name;        // what staff call it: "Puerta 4, carril 2"
  std::string public_key;  // Ed25519, 32 bytes
  Timestamp enrolled_at;
  std::string enrolled_by;  // the account that made the pairing, or the bastion that relayed it
  Timestamp last_proof_at;  // of the latest session
  std::optional<Timestamp> revoked_at;

  bool revoked() const { return revoked_at.has_value(); }
};

// How far the clock of a device may be from ours when it asks for a session.
inline constexpr Duration kDeviceProofAge = Duration::Minutes(2);

// The bytes that a device signs with its key to open a session: "ticketing device session", NUL,
// its id, NUL, its time in RFC 3339 as it sends it.
std::string DeviceProofMessage(DeviceId device, std::string_view time_text);

// Whether the signature proves the device at `now`: made by its key over that very text, its time
// within kDeviceProofAge of ours and later than that of the last proof accepted, so that no proof
// counts twice. Returns the time of the proof, to be stored as the new `last_proof_at`. Errors:
// kUnauthenticated for a time or signature that is wrong, too old or repeated; kDeviceRevoked.
StatusOr<Timestamp> CheckDeviceProof(const Device& device, std::string_view time_text,
                                     std::string_view signature, Timestamp now);

inline constexpr size_t kPairingCodeLength = 8;

// A pairing code: 8 of Crockford's 32 digits and capitals (40 bits), readable aloud and typed on
// any keyboard.
std::string PairingCodeFromEntropy(uint64_t entropy);

// What a person typed as a code in its normal form: capitals, no spaces or dashes, O as 0, I and L
// as 1. nullopt when it cannot be a code.
std::optional<std::string> NormalizePairingCode(std::string_view typed);

// The stored form of a code: SHA-256 over a prefix and the code. The code itself is shown once and
// not kept.
std::string PairingCodeHash(std::string_view normal_code);

// A pairing that waits for its device.
struct Pairing {
  PairingId id;
  std::string code_hash;
  DeviceKind kind = DeviceKind::kHandheld;
  std::string name;
  AccountId made_by;
  Timestamp expires_at;
  std::optional<DeviceId> device;  // who used it
};

enum class PairingVerdict {
  kAccepted,  // the pairing belongs to the device now: store it
  kRepeated,  // the same device asks again with the same key: same answer, nothing changes
  kRefused,   // expired, or used by another
};

struct PairingResult {
  PairingVerdict verdict = PairingVerdict::kRefused;
  Pairing pairing;
};

// Decides what happens when `device` shows the code of this pairing at `now`. A code that names no
// pairing counts against the address that tried it (kPairingThrottle): 40 bits, a few minutes and a
// few attempts leave nothing to guess.
PairingResult UsePairing(const Pairing& pairing, DeviceId device, Timestamp now);

}  // namespace ticketing::identity

#endif  // TICKETING_IDENTITY_DEVICE_H_
