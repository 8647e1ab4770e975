#include "ticketing/sync/device_auth.h"

#include <charconv>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing {
namespace {

constexpr std::string_view kScheme = "Device v=1,id=";
constexpr size_t kHeaderBytesMax = 300;

void AppendPart(std::string& out, std::string_view part) {
  AppendBigEndian(out, part.size(), 4);
  out += part;
}

std::string SignedBytes(const DeviceRequest& request, DeviceId device, Timestamp at,
                        std::string_view nonce) {
  std::string out = "ticketing device request v1\n";
  AppendPart(out, request.method);
  AppendPart(out, request.target);
  AppendPart(out, Blake2b256(request.body));
  std::string numbers;
  AppendBigEndian(numbers, device.value, 8);
  AppendBigEndian(numbers, static_cast<uint64_t>(at.micros), 8);
  AppendPart(out, numbers);
  AppendPart(out, nonce);
  return out;
}

Status Refused(std::string_view why) {
  return MakeError(ErrorCode::kUnauthenticated, why);
}

// Takes the text up to `end` (or all of it when `end` is empty) off the front of `rest`.
bool TakeField(std::string_view& rest, std::string_view end, std::string_view& field) {
  if (end.empty()) {
    field = rest;
    rest = {};
    return true;
  }
  const size_t at = rest.find(end);
  if (at == std::string_view::npos) return false;
  field = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return true;
}

}  // namespace

std::string SignDeviceRequest(const DeviceRequest& request, DeviceId device, Timestamp now,
                              std::string_view nonce, const SigningKey& key) {
  TICKETING_ASSERT(nonce.size() == kDeviceNonceBytes);
  const std::string signature = key.Sign(SignedBytes(request, device, now, nonce));
  return std::string(kScheme) + device.ToString() + ",at=" + std::to_string(now.micros) +
         ",nonce=" + Base64UrlEncode(nonce) + ",sig=" + Base64UrlEncode(signature);
}

StatusOr<DeviceCredential> ParseDeviceCredential(std::string_view header) {
  const Status malformed = Refused("The Authorization header is not a device's.");
  if (header.size() > kHeaderBytesMax || !header.starts_with(kScheme)) return malformed;
  header.remove_prefix(kScheme.size());
  std::string_view id, at, nonce, sig;
  if (!TakeField(header, ",at=", id) || !TakeField(header, ",nonce=", at) ||
      !TakeField(header, ",sig=", nonce) || !TakeField(header, "", sig)) {
    return malformed;
  }
  DeviceCredential credential;
  const auto device = DeviceId::Parse(id);
  const auto nonce_bytes = Base64UrlDecode(nonce);
  const auto sig_bytes = Base64UrlDecode(sig);
  if (!device || !nonce_bytes || !sig_bytes || nonce_bytes->size() != kDeviceNonceBytes ||
      sig_bytes->size() != kSignatureBytes) {
    return malformed;
  }
  const auto [end, error] =
      std::from_chars(at.data(), at.data() + at.size(), credential.at.micros, 10);
  if (error != std::errc() || end != at.data() + at.size() || credential.at.micros < 0 ||
      std::to_string(credential.at.micros) != at) {
    return malformed;
  }
  credential.device = *device;
  credential.nonce = *nonce_bytes;
  credential.signature = *sig_bytes;
  return credential;
}

Status VerifyDeviceRequest(const DeviceCredential& credential, const DeviceRequest& request,
                           std::string_view public_key, Timestamp now) {
  if (!VerifySignature(public_key,
                       SignedBytes(request, credential.device, credential.at, credential.nonce),
                       credential.signature)) {
    return Refused("The signature of this device does not hold.");
  }
  // The time is judged after the signature, so that a stranger learns nothing about our clock.
  if (credential.at > now + kDeviceRequestSkew || credential.at < now - kDeviceRequestSkew) {
    return Refused("The clock of this device is too far off; send the request with our time.");
  }
  return OkStatus();
}

bool NonceWindow::Refuses(const DeviceCredential& credential) const {
  const auto found = windows_.find(credential.device);
  if (found == windows_.end()) return false;
  const Window& window = found->second;
  return credential.at < window.floor || window.seen.contains({credential.at, credential.nonce});
}

NonceWindow::Window* NonceWindow::WindowOf(DeviceId device, Timestamp oldest) {
  const auto found = windows_.find(device);
  if (found != windows_.end()) return &found->second;
  if (windows_.size() >= devices_max_) {
    // What is older than `oldest` is not believed any more: of such a window nothing is needed.
    std::erase_if(windows_, [&](const auto& entry) {
      const Window& window = entry.second;
      return window.floor <= oldest &&
             (window.seen.empty() || window.seen.rbegin()->first < oldest);
    });
    if (windows_.size() >= devices_max_) return nullptr;
  }
  return &windows_[device];
}

bool NonceWindow::Accept(const DeviceCredential& credential, Timestamp now) {
  const Timestamp oldest = now - kDeviceRequestSkew;
  Window* window = WindowOf(credential.device, oldest);
  if (window == nullptr) return false;
  auto& seen = window->seen;
  while (!seen.empty() && seen.begin()->first < oldest) seen.erase(seen.begin());
  if (credential.at < window->floor) return false;
  // The time is signed as the nonce is: a request that comes again carries both.
  if (!seen.emplace(credential.at, credential.nonce).second) return false;
  if (seen.size() > entries_max_) {
    window->floor = seen.begin()->first + Duration::Micros(1);
    // Others of the same time are below the floor, too.
    while (!seen.empty() && seen.begin()->first < window->floor) seen.erase(seen.begin());
  }
  return true;
}

size_t NonceWindow::size() const {
  size_t entries = 0;
  for (const auto& [device, window] : windows_) entries += window.seen.size();
  return entries;
}

}  // namespace ticketing
