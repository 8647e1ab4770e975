// What a bastion's screen shows to a handheld that is to join: where the bastion answers, which key
// it shows there, and the pairing code, in one text for one QR symbol. Whoever has it can join the
// venue's devices while the code lives, and is safe from everybody who only stands in between.
//
//   "TKB" and Base32Encode of: 1 (version), port (2 bytes, big-endian), length of the host (1),
//   host, pin (32), length of the code (1), code, the first 4 bytes of the SHA-256 of all before
//
// Digits and capitals only: QR alphanumeric mode, and what keyboard-wedge scanners type well.
#ifndef TICKETING_GATE_PAIRING_TEXT_H_
#define TICKETING_GATE_PAIRING_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing {

struct PairingText {
  std::string host;  // a name or an address; of IPv6 without brackets
  uint16_t port = 0;
  std::string pin;   // of the bastion's TLS key, 64 hexadecimal digits
  std::string code;  // empty: only where to find the bastion

  std::string Url() const;
  bool operator==(const PairingText&) const = default;
};

// Error: kInvalidField for a host of none or more than 100 bytes, a port of 0, a pin that is none,
// or a code of more than 32 bytes.
StatusOr<std::string> MakePairingText(const PairingText& pairing);

// Spaces, dashes and small letters do not matter. Error: kInvalidField ("pairing") when it is not
// such a text, or one letter of it was misread.
StatusOr<PairingText> ParsePairingText(std::string_view text);

}  // namespace ticketing

#endif  // TICKETING_GATE_PAIRING_TEXT_H_
