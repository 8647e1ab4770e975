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
  std::string venue;       // id of the venue it serves, in text form; may be empty
  std::string gate;        // of a handheld; may be empty
  std::string public_key;  // Ed25519, 32 bytes
  Timestamp enrolled_at;
  std::optional<Timestamp> revoked_at;

  bool revoked() const { return revoked_at.has_value(); }
};

// How far the clock of a device may be from ours when it asks for a session.
inline constexpr Duration kDeviceProofAge = Duration::Minutes(2);

// The bytes that a device signs to open a session: a fixed prefix, its id, its time and a nonce,
// unambiguous by lengths. The server accepts a nonce once within kDeviceProofAge.
std::string DeviceProofMessage(DeviceId device, Timestamp time, std::string_view nonce);

// The bytes that a new device signs with its key to enrol, so that nobody enrols a key they do not
// hold.
std::string EnrolmentProofMessage(std::string_view pairing_code, std::string_view public_key);

// How many wrong attempts an open pairing survives.
inline constexpr int32_t kPairingAttempts = 10;
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
  std::string venue;
  std::string gate;
  Timestamp expires_at;
  int32_t attempts_left = kPairingAttempts;
  std::optional<DeviceId> device;  // who used it
};

enum class PairingVerdict {
  kAccepted,   // the pairing belongs to the device now: store it
  kRepeated,   // the same device asks again with the same key: same answer, nothing changes
  kWrongCode,  // one attempt fewer: store it
  kClosed,     // expired, used by another, or out of attempts
};

struct PairingResult {
  PairingVerdict verdict = PairingVerdict::kClosed;
  Pairing pairing;
};

// Decides one attempt of `device` with a code of hash `code_hash`. Hashes are compared in constant
// time.
PairingResult UsePairing(const Pairing& pairing, std::string_view code_hash, DeviceId device,
                         Timestamp now);

}  // namespace ticketing::identity

#endif  // TICKETING_IDENTITY_DEVICE_H_
