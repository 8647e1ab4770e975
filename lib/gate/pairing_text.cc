#include "ticketing/gate/pairing_text.h"

#include <algorithm>
#include <cctype>

#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing {
namespace {

constexpr std::string_view kPrefix = "TKB";
constexpr char kVersion = 1;
constexpr size_t kHostBytesMax = 100;
constexpr size_t kCodeBytesMax = 32;
constexpr size_t kCheckBytes = 4;
constexpr size_t kTextBytesMax = 400;

bool IsHost(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax && std::ranges::all_of(host, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == ':';
  });
}

std::string CheckOf(std::string_view bytes) {
  return Sha256(bytes).substr(0, kCheckBytes);
}

// Takes the next `size` bytes off the front, or all there is.
std::string_view Take(std::string_view& bytes, size_t size) {
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(taken.size());
  return taken;
}

// A byte that tells a length, and that many bytes.
std::string_view TakeCounted(std::string_view& bytes) {
  const std::string_view count = Take(bytes, 1);
  return count.empty() ? count : Take(bytes, static_cast<unsigned char>(count[0]));
}

}  // namespace

std::string PairingText::Url() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return "https://" + (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

StatusOr<std::string> MakePairingText(const PairingText& pairing) {
  const auto pin = HexDecode(pairing.pin);
  if (!IsHost(pairing.host)) return InvalidField("host", "is no name or address");
  if (pairing.port == 0) return InvalidField("port", "must not be 0");
  if (!pin || pin->size() != kHashBytes) return InvalidField("pin", "must be 64 hex digits");
  if (pairing.code.size() > kCodeBytesMax) return InvalidField("code", "is too long");
  std::string bytes(1, kVersion);
  AppendBigEndian(bytes, pairing.port, 2);
  AppendBigEndian(bytes, pairing.host.size(), 1);
  bytes += pairing.host + *pin;
  AppendBigEndian(bytes, pairing.code.size(), 1);
  bytes += pairing.code;
  return std::string(kPrefix) + Base32Encode(bytes + CheckOf(bytes));
}

StatusOr<PairingText> ParsePairingText(std::string_view text) {
  const Status wrong = InvalidField(
      "pairing", "is not what a bastion shows; read the symbol on its screen once more");
  if (text.size() > kTextBytesMax) return wrong;
  std::string plain;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != '-') {
      plain += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  if (!plain.starts_with(kPrefix)) return wrong;
  const auto bytes = Base32Decode(plain.substr(kPrefix.size()));
  if (!bytes || bytes->size() < kCheckBytes) return wrong;
  std::string_view rest(*bytes);
  const std::string_view check = rest.substr(rest.size() - kCheckBytes);
  rest.remove_suffix(kCheckBytes);
  if (check != CheckOf(rest)) return wrong;
  if (Take(rest, 1) != std::string_view(&kVersion, 1)) {
    return InvalidField("pairing", "is of a newer bastion than this program knows");
  }
  if (rest.size() < 2) return wrong;
  PairingText pairing;
  pairing.port = static_cast<uint16_t>(ReadBigEndian(Take(rest, 2), 0, 2));
  pairing.host = TakeCounted(rest);
  const std::string_view pin = Take(rest, kHashBytes);
  pairing.pin = HexEncode(pin);
  pairing.code = TakeCounted(rest);
  const bool whole = rest.empty() && pin.size() == kHashBytes;
  if (!whole || !MakePairingText(pairing).ok()) return wrong;
  return pairing;
}

}  // namespace ticketing
