#include "ticketing/gate/link.h"

#include <charconv>

#include "ticketing/base/bytes.h"
#include "ticketing/gate/own_log.h"
#include "ticketing/identity/device.h"
#include "ticketing/sync/device_auth.h"

namespace ticketing {
namespace {

Status ErrorOf(const HttpResponse& response) {
  const auto error = [&](ErrorCode code) {
    return MakeError(code,
                     "The server answered with status " + std::to_string(response.status) + ".");
  };
  switch (response.status) {
    case 400:
      return error(ErrorCode::kBadSyntax);
    case 401:
      return error(ErrorCode::kUnauthenticated);
    case 403:
      return error(ErrorCode::kPermissionDenied);
    case 404:
      return error(ErrorCode::kNotFound);
    case 409:
      return error(ErrorCode::kConflict);
    case 412:
      return error(ErrorCode::kPreconditionFailed);
    case 413:
      return error(ErrorCode::kPayloadTooLarge);
    case 422:
      return error(ErrorCode::kInvalidField);
    case 429:
      return error(ErrorCode::kRateLimited);
    default:
      return error(ErrorCode::kUnavailable);
  }
}

std::optional<Timestamp> ServerTime(const HttpResponse& response) {
  const auto text = response.headers.Get(kServerTimeHeader);
  if (!text) return std::nullopt;
  Timestamp time;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), time.micros);
  if (error != std::errc() || end != text->data() + text->size() || time.micros < 0) {
    return std::nullopt;
  }
  return time;
}

}  // namespace

StatusOr<HttpResponse> SyncLink::Send(HttpRequest request, Duration timeout) {
  const Duration started = env_.clock.Monotonic();
  for (int attempt = 0;; ++attempt) {
    const Timestamp now = env_.clock.Now() + clock_offset();
    request.headers.Set("Authorization",
                        SignDeviceRequest({request.method, request.target, request.body}, device_,
                                          now, env_.random.Bytes(kDeviceNonceBytes), key_));
    const Duration left = timeout - (env_.clock.Monotonic() - started);
    if (left.micros <= 0) {
      return MakeError(ErrorCode::kDeadlineExceeded, "The answer did not come in time.");
    }
    const Duration sent = env_.clock.Monotonic();
    TICKETING_ASSIGN_OR_RETURN(HttpResponse response, http_.Send(request, left));
    const int64_t took = (env_.clock.Monotonic() - sent).micros;
    decides_ = response.headers.Get(kDecidesHeader).value_or("") != "no";
    int64_t quickest = quickest_micros_.load();
    while (took < quickest && !quickest_micros_.compare_exchange_weak(quickest, took)) {
    }
    const std::optional<Timestamp> server = ServerTime(response);
    if (!server) return response;
    // A device with a wrong clock takes the server's for its proofs, and tries once more. How far
    // it was off is looked at before anybody corrects the clock itself, what is left of it after.
    const Duration change = *server - env_.clock.Now() - clock_offset();
    const bool far = change > kDeviceRequestSkew || change < Duration{} - kDeviceRequestSkew;
    if (on_server_time_) on_server_time_(*server, sent, env_.clock.Monotonic());
    if (far) offset_micros_.store((*server - env_.clock.Now()).micros);
    if (response.status != 401 || !far || attempt > 0) return response;
  }
}

StatusOr<HttpResponse> SyncLink::Call(std::string_view method, std::string target, std::string body,
                                      Duration timeout) {
  HttpRequest request;
  request.method = std::string(method);
  request.target = std::move(target);
  request.body = std::move(body);
  request.headers.Set("Accept", kProtobufMediaType);
  if (request.target == kScansPath) request.headers.Set(kLogFormHeader, kChainedLogForm);
  if (!request.body.empty()) request.headers.Set("Content-Type", kProtobufMediaType);
  TICKETING_ASSIGN_OR_RETURN(HttpResponse response, Send(std::move(request), timeout));
  if (response.status != 200 && response.status != 304) return ErrorOf(response);
  return response;
}

StatusOr<ScanResponse> SyncLink::Decide(const ScanRequest& request, Duration timeout) {
  TICKETING_ASSIGN_OR_RETURN(
      const HttpResponse response,
      Call("POST", std::string(kScansPath), EncodeScanRequest(request), timeout));
  return DecodeScanResponse(response.body);
}

StatusOr<LogUploadResult> SyncLink::Upload(const std::vector<std::string>& entries,
                                           Duration timeout) {
  TICKETING_ASSIGN_OR_RETURN(
      const HttpResponse response,
      Call("POST", std::string(kLogPath), EncodeLogUpload({entries}), timeout));
  TICKETING_ASSIGN_OR_RETURN(LogUploadResult result, DecodeLogUploadResult(response.body));
  if (result.acks.size() != entries.size()) {
    return InvalidField("acks", "There is not one acknowledgement for each entry.");
  }
  return result;
}

StatusOr<Changes> SyncLink::Pull(const ChangesQuery& query, Duration timeout) {
  TICKETING_ASSIGN_OR_RETURN(
      const HttpResponse response,
      Call("GET", std::string(kChangesPath) + "?" + EncodeChangesQuery(query), "", timeout));
  return DecodeChanges(response.body);
}

StatusOr<std::vector<std::string>> SyncLink::PullOwnLog(uint64_t after, Duration timeout) {
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response,
                             Call("GET",
                                  std::string(kChangesPath) + "?after=0&" +
                                      std::string(kOwnLogQuery) + "=" + std::to_string(after),
                                  "", timeout));
  TICKETING_ASSIGN_OR_RETURN(Changes changes, DecodeChanges(response.body));
  // Whoever does not know the question tells of others' scans.
  std::erase_if(changes.entries, [&](const std::string& bytes) {
    const StatusOr<LogEntry> entry = DecodeLogEntry(bytes);
    return !entry.ok() || entry->device != device_;
  });
  return std::move(changes.entries);
}

StatusOr<std::optional<EventCopy>> SyncLink::FetchCopy(uint32_t number, uint64_t since,
                                                       Duration timeout) {
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response,
                             Call("GET",
                                  std::string(kCopiesPath) + "/" + std::to_string(number) +
                                      "?since=" + std::to_string(since),
                                  "", timeout));
  if (response.status == 304) return std::optional<EventCopy>();
  TICKETING_ASSIGN_OR_RETURN(EventCopy copy, DecodeEventCopy(response.body));
  if (copy.header.number != number) return InvalidField("number", "This is another event.");
  return std::optional<EventCopy>(std::move(copy));
}

StatusOr<FoundTickets> SyncLink::Search(const TicketSearch& search, Duration timeout) {
  TICKETING_ASSIGN_OR_RETURN(
      const HttpResponse response,
      Call("POST", std::string(kSearchPath), EncodeTicketSearch(search), timeout));
  return DecodeFoundTickets(response.body);
}

std::string EnrolmentProof(std::string_view pairing_code, DeviceId device,
                           std::string_view public_key) {
  std::string id;
  AppendBigEndian(id, device.value, 8);
  std::string out = "ticketing device enrolment v1\n";
  for (const std::string_view part : {pairing_code, std::string_view(id), public_key}) {
    AppendBigEndian(out, part.size(), 4);
    out += part;
  }
  return out;
}

StatusOr<EnrolmentResponse> Enrol(HttpClient& http, std::string_view pairing_code, DeviceId device,
                                  const SigningKey& key, std::string_view name, Duration timeout) {
  const auto code = identity::NormalizePairingCode(pairing_code);
  if (!code) return InvalidField("pairing_code", "This is not a pairing code.");
  EnrolmentRequest enrolment;
  enrolment.pairing_code = *code;
  enrolment.device = device;
  enrolment.public_key = key.public_key();
  enrolment.name = std::string(name);
  enrolment.proof = key.Sign(EnrolmentProof(*code, device, enrolment.public_key));
  HttpRequest request;
  request.method = "POST";
  request.target = std::string(kEnrolPath);
  request.headers.Set("Content-Type", kProtobufMediaType);
  request.headers.Set("Accept", kProtobufMediaType);
  request.body = EncodeEnrolmentRequest(enrolment);
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response, http.Send(request, timeout));
  if (response.status == 401 || response.status == 403) {
    return MakeError(ErrorCode::kPairingRefused, "The pairing code is wrong or has expired.");
  }
  if (response.status != 200 && response.status != 201) return ErrorOf(response);
  return DecodeEnrolmentResponse(response.body);
}

}  // namespace ticketing
