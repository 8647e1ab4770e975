// How a device proves who it is on every request it sends: a signature with its own key over the
// method, the target, the hash of the body, its time and a nonce, carried in the Authorization
// header:
//
//   Authorization: Device v=1,id=dev_0W2K9Q7ZC4T1A,at=1795348800000000,nonce=...,sig=...
//
// at: wall time of the device in microseconds; nonce: 16 bytes; sig: 64 bytes; both base64url.
// Exactly this order and these fields; anything else is refused. The signed bytes are the ASCII
// line "ticketing device request v1", then method, target, BLAKE2b-256 of the body, id, at and
// nonce, each preceded by its length in 4 bytes, so no two requests give the same bytes.
//
// A server that knows the device's public key needs nothing else: a bastion that was started a
// minute ago accepts every device of the venue without pairing it again.
#ifndef TICKETING_SYNC_DEVICE_AUTH_H_
#define TICKETING_SYNC_DEVICE_AUTH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {

// How far a device's clock may be from the server's. A refused device learns the server's time from
// the response (kServerTimeHeader) and corrects the times it sends.
inline constexpr Duration kDeviceRequestSkew = Duration::Minutes(5);
inline constexpr std::string_view kServerTimeHeader = "Ticketing-Time";  // microseconds, decimal
inline constexpr size_t kDeviceNonceBytes = 16;

struct DeviceRequest {
  std::string_view method;
  std::string_view target;
  std::string_view body;
};

// The value of the Authorization header. `nonce` is 16 fresh random bytes (another length is a bug
// and asserts).
std::string SignDeviceRequest(const DeviceRequest& request, DeviceId device, Timestamp now,
                              std::string_view nonce, const SigningKey& key);

// What a header claims; nothing is verified yet.
struct DeviceCredential {
  DeviceId device;
  Timestamp at;
  std::string nonce;
  std::string signature;
};

// Error: kUnauthenticated for a header of another form.
StatusOr<DeviceCredential> ParseDeviceCredential(std::string_view header);

// Whether `credential` is for this request and by this key, now. Error: kUnauthenticated for a
// wrong signature or a time too far off. The nonce is the caller's to check, with a NonceWindow.
Status VerifyDeviceRequest(const DeviceCredential& credential, const DeviceRequest& request,
                           std::string_view public_key, Timestamp now);

// Remembers nonces as long as their requests would be believed. Each device has a window of its
// own, so that none can fill another's. Bounded: with the bounds below at most 128 MB, when
// hundreds of devices misbehave at once, and a few hundred kilobytes as a rule. Needs the caller's
// lock.
class NonceWindow {
 public:
  explicit NonceWindow(size_t entries_max = 4'096, size_t devices_max = 512)
      : entries_max_(entries_max), devices_max_(devices_max) {}

  // True the first time a device uses a nonce at a time; call it for requests that
  // VerifyDeviceRequest accepted. A device whose window is full is refused from then on what is
  // older than the oldest there, which is forgotten, so that it cannot come back. While the windows
  // of as many devices as fit are in use, others are refused.
  bool Accept(const DeviceCredential& credential, Timestamp now);

  // Whether it is known to have come before, or to be older than what is remembered of its device.
  bool Refuses(const DeviceCredential& credential) const;

  // Nonces of all devices.
  size_t size() const;

 private:
  struct Window {
    Timestamp floor{};
    std::set<std::pair<Timestamp, std::string>> seen;
  };
  Window* WindowOf(DeviceId device, Timestamp oldest);

  size_t entries_max_;
  size_t devices_max_;
  std::map<DeviceId, Window> windows_;
};

}  // namespace ticketing

#endif  // TICKETING_SYNC_DEVICE_AUTH_H_
