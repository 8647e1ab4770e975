// How a device speaks to the cloud: it enrols once with a pairing code, proves its key whenever it
// needs a token, and sends every request with that token.
#ifndef TICKETING_SERVICE_COMMON_DEVICE_SESSION_H_
#define TICKETING_SERVICE_COMMON_DEVICE_SESSION_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/clock.h"
#include "ticketing/env/http.h"

namespace ticketing {

// Enrols a device at the cloud. Doing it again with the same code and key is safe. Errors:
// kPairingRefused, kConflict when the id belongs to another key, and those of the way.
Status EnrolAtCloud(HttpClient& cloud, std::string_view pairing_code, DeviceId device,
                    std::string_view public_key);

// Tells the cloud of a device that enrolled elsewhere: what a bastion does for its handhelds.
// `cloud` must carry the bastion's own session. Safe to repeat.
Status RelayDevice(HttpClient& cloud, DeviceId device, std::string_view public_key,
                   std::string_view name);

// Tells the cloud that staff at a bastion shut a handheld out. As RelayDevice. Errors: kNotFound
// for a device that the cloud does not know, kPermissionDenied for one that is no handheld, and
// those of the way.
Status RelayRevocation(HttpClient& cloud, DeviceId device);

// A client that puts the device's access token on every request, in place of whatever Authorization
// it had. Gets a token when there is none, when it is about to expire, and once more when the cloud
// refuses it. A device with a wrong clock learns the cloud's time from the Date of the refusal, for
// its proofs only. All that takes no longer than the timeout of Send. Thread-safe; what it refers
// to must outlive it. Errors of Send: those of the inner client, and kDeviceRevoked or
// kUnauthenticated when the cloud gives no token.
class DeviceSessionClient final : public HttpClient {
 public:
  DeviceSessionClient(HttpClient& cloud, Clock& clock, DeviceId device, const SigningKey& key);

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override;

 private:
  Duration Left(Duration end) const;
  StatusOr<HttpResponse> SendUntil(const HttpRequest& request, Duration end);
  StatusOr<std::string> Token(Duration end, std::string_view refused);
  StatusOr<HttpResponse> Prove(Duration end);

  HttpClient& cloud_;
  Clock& clock_;
  const DeviceId device_;
  const SigningKey& key_;
  std::atomic<int64_t> ahead_micros_{0};  // how far the cloud's clock is ahead of ours
  std::mutex mutex_;
  std::string token_;
  Duration expires_at_;  // of Clock::Monotonic()
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_COMMON_DEVICE_SESSION_H_
