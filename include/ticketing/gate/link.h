// One end of the talk between a device and a bastion or the cloud: signed requests over an
// HttpClient. Handhelds use it towards both, bastions towards the cloud.
#ifndef TICKETING_GATE_LINK_H_
#define TICKETING_GATE_LINK_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/gate/scan.h"
#include "ticketing/wire/search_codec.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {

// Hears the time that a server told in an answer, and when (of Clock::Monotonic()) that was asked
// for and received: what ServerClock::Learn takes. Called on the thread of the request.
using ServerTimeListener = std::function<void(Timestamp server, Duration sent, Duration received)>;

// A device that knows log entries without signature says so when it asks for a decision.
inline constexpr std::string_view kLogFormHeader = "Ticketing-Log-Form";
inline constexpr std::string_view kChainedLogForm = "chained";
inline AnswerForm FormAskedFor(const HttpRequest& request) {
  return request.headers.Get(kLogFormHeader) == kChainedLogForm ? AnswerForm::kAsLogged
                                                                : AnswerForm::kSigned;
}

// Thread-safe. What it refers to must outlive it. Errors of every call: those of HttpClient; those
// of the decoders when the answer is not what it should be; for an answer of another status than
// 200 the code of its problem, kUnauthenticated and kDeviceRevoked among them.
class SyncLink {
 public:
  SyncLink(const Env& env, HttpClient& http, DeviceId device, const SigningKey& key,
           ServerTimeListener on_server_time = nullptr)
      : env_(env),
        http_(http),
        device_(device),
        key_(key),
        on_server_time_(std::move(on_server_time)) {}

  StatusOr<ScanResponse> Decide(const ScanRequest& request, Duration timeout);
  StatusOr<LogUploadResult> Upload(const std::vector<std::string>& entries, Duration timeout);
  StatusOr<Changes> Pull(const ChangesQuery& query, Duration timeout);
  // Entries of our own log behind `after` that the server has (gate/own_log.h); none from a server
  // that does not know how to give them.
  StatusOr<std::vector<std::string>> PullOwnLog(uint64_t after, Duration timeout);
  // nullopt when there is nothing newer than `since`.
  StatusOr<std::optional<EventCopy>> FetchCopy(uint32_t number, uint64_t since, Duration timeout);
  // Also kUnavailable of a bastion that does not reach the cloud, which alone knows names.
  StatusOr<FoundTickets> Search(const TicketSearch& search, Duration timeout);

  // Any other request of this device, signed.
  StatusOr<HttpResponse> Send(HttpRequest request, Duration timeout);

  // The quickest answer since this was last asked; the greatest Duration when there was none. Of a
  // round of sync it tells whether a decision could have come in time.
  Duration TakeQuickest() {
    return Duration{quickest_micros_.exchange(std::numeric_limits<int64_t>::max())};
  }

  // Whether the server decides scans, as it said last (gate/own_log.h).
  bool decides() const { return decides_.load(); }

  // How far the server's clock was ahead of ours when it last said.
  Duration clock_offset() const { return Duration{offset_micros_.load()}; }

 private:
  StatusOr<HttpResponse> Call(std::string_view method, std::string target, std::string body,
                              Duration timeout);

  const Env env_;
  HttpClient& http_;
  const DeviceId device_;
  const SigningKey& key_;
  const ServerTimeListener on_server_time_;
  std::atomic<int64_t> offset_micros_{0};
  std::atomic<bool> decides_{true};
  std::atomic<int64_t> quickest_micros_{std::numeric_limits<int64_t>::max()};
};

// Joins a new device: proves its key with the pairing code that staff gave it. No credential
// needed.
StatusOr<EnrolmentResponse> Enrol(HttpClient& http, std::string_view pairing_code, DeviceId device,
                                  const SigningKey& key, std::string_view name, Duration timeout);

// The bytes that a new device signs to enrol, so that nobody enrols a key they do not hold: a fixed
// line, then the code in its normal form, the device's id and its public key, each preceded by its
// length in 4 bytes.
std::string EnrolmentProof(std::string_view pairing_code, DeviceId device,
                           std::string_view public_key);

}  // namespace ticketing

#endif  // TICKETING_GATE_LINK_H_
