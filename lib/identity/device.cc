#include "ticketing/identity/device.h"

#include "ticketing/crypto/hash.h"
#include "ticketing/crypto/signature.h"

namespace ticketing::identity {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kProofPrefix = "ticketing device session";
constexpr std::string_view kPairingPrefix = "ticketing pairing code 1\n";
constexpr size_t kTypedBytesMax = 32;

char CanonicalDigit(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return c;
}

}  // namespace

std::string_view DeviceKindName(DeviceKind kind) {
  return kind == DeviceKind::kBastion ? "bastion" : "handheld";
}

std::optional<DeviceKind> DeviceKindOfName(std::string_view name) {
  if (name == "bastion") return DeviceKind::kBastion;
  if (name == "handheld") return DeviceKind::kHandheld;
  return std::nullopt;
}

std::string DeviceProofMessage(DeviceId device, std::string_view time_text) {
  std::string out(kProofPrefix);
  out.push_back('\0');
  out.append(device.ToString()).push_back('\0');
  return out.append(time_text);
}

StatusOr<Timestamp> CheckDeviceProof(const Device& device, std::string_view time_text,
                                     std::string_view signature, Timestamp now) {
  if (device.revoked()) {
    return MakeError(ErrorCode::kDeviceRevoked, "This device has been revoked; enrol it again.");
  }
  const auto refused = [](std::string_view why) {
    return MakeError(ErrorCode::kUnauthenticated, why);
  };
  const auto time = ParseTimestamp(time_text);
  if (!time ||
      !VerifySignature(device.public_key, DeviceProofMessage(device.id, time_text), signature)) {
    return refused("The signature does not belong to this device.");
  }
  const Duration apart = *time > now ? *time - now : now - *time;
  if (apart > kDeviceProofAge)
    return refused("The clock of the device is wrong, or the proof too old.");
  if (*time <= device.last_proof_at) return refused("This proof was used before; make a new one.");
  return *time;
}

std::string PairingCodeFromEntropy(uint64_t entropy) {
  std::string code;
  for (size_t i = 0; i < kPairingCodeLength; ++i) {
    code.push_back(kDigits[entropy & 31]);
    entropy >>= 5;
  }
  return code;
}

std::optional<std::string> NormalizePairingCode(std::string_view typed) {
  if (typed.size() > kTypedBytesMax) return std::nullopt;
  std::string code;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    const char digit = CanonicalDigit(c);
    if (kDigits.find(digit) == std::string_view::npos) return std::nullopt;
    code.push_back(digit);
  }
  if (code.size() != kPairingCodeLength) return std::nullopt;
  return code;
}

std::string PairingCodeHash(std::string_view normal_code) {
  return Sha256(std::string(kPairingPrefix).append(normal_code));
}

PairingResult UsePairing(const Pairing& pairing, DeviceId device, Timestamp now) {
  PairingResult result{PairingVerdict::kRefused, pairing};
  // A device that never saw the answer may ask again, even when the code has expired meanwhile.
  if (pairing.device) {
    if (*pairing.device == device) result.verdict = PairingVerdict::kRepeated;
    return result;
  }
  if (now >= pairing.expires_at) return result;
  result.pairing.device = device;
  result.verdict = PairingVerdict::kAccepted;
  return result;
}

}  // namespace ticketing::identity
