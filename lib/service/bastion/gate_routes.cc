#include "lib/service/bastion/gate_routes.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "ticketing/env/wait.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/own_log.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/wire/search_codec.h"

namespace ticketing {
namespace {

constexpr size_t kUploadBytesMax = 4 << 20;
constexpr size_t kScanBytesMax = 8 << 10;  // a code's text and a few numbers
constexpr Duration kNewsWaitMax = Duration::Seconds(10);
// What a spare gives the first bastion before it answers by itself: of a scan so much that the
// handheld's budget is not over yet.
constexpr Duration kPassScan = Duration::Millis(120);
constexpr Duration kPassOther = Duration::Seconds(3);
constexpr Duration kSearchPatience = Duration::Seconds(3);

HttpResponse Bytes(std::string body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", kProtobufMediaType);
  response.body = std::move(body);
  return response;
}

StatusOr<uint64_t> Number(std::string_view text, std::string_view field, uint64_t max) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > max) {
    return InvalidField(field, "is not a number that this bastion gave");
  }
  return number;
}

Route ForDevices(std::string method, std::string_view path, std::string operation,
                 std::string summary) {
  Route route;
  route.method = std::move(method);
  route.path = std::string(path);
  route.operation = std::move(operation);
  route.summary = std::move(summary);
  route.request_type =
      route.method == "POST" ? std::string(kProtobufMediaType) : "application/json";
  route.response_type = std::string(kProtobufMediaType);
  return route;
}

}  // namespace

// The route as it stands, answered by the first bastion while this one follows it.
Route GateRoutes::PassedOn(Route route, Answer answer, Duration patience) {
  route.handler = [this, answer, patience](Call& call) -> StatusOr<HttpResponse> {
    if (venue_ && venue_->follower != nullptr && venue_->follower->follows()) {
      // Strangers must neither reach the first bastion through this one, nor make it look slow.
      TICKETING_ASSIGN_OR_RETURN(const DeviceCredential signer, SignerOf(call));
      TICKETING_RETURN_IF_ERROR(CheckFresh(signer));
      if (auto passed = venue_->follower->Pass(call.request, patience)) {
        // Once is once, whoever of the two answers the copy.
        const std::lock_guard lock(mutex_);
        (void)nonces_.Accept(signer, call.env.clock.Now());
        return *std::move(passed);
      }
    }
    StatusOr<HttpResponse> own = (this->*answer)(call);
    if (own.ok()) SayWhetherDeciding(*own);
    return own;
  };
  return route;
}

Status GateRoutes::CheckFresh(const DeviceCredential& signer) const {
  const std::lock_guard lock(mutex_);
  if (!nonces_.Refuses(signer)) return OkStatus();
  return MakeError(ErrorCode::kUnauthenticated, "This request was sent before.");
}

const char* GateRoutes::Silent() const {
  return venue_ && venue_->silent ? venue_->silent() : nullptr;
}

void GateRoutes::SayWhetherDeciding(HttpResponse& response) {
  if (Silent() == nullptr) return;
  response.headers.Set(kDecidesHeader, "no");
  if (venue_->past.whole()) return;
  if (const StatusOr<uint64_t> own = engine_.OwnSequence(); own.ok()) {
    response.headers.Set(kOwnLogHeader, WriteOwnLogEnd({engine_.device(), *own}));
  }
}

void GateRoutes::Announce() {
  if (venue_) venue_->news.Announce();
}

std::vector<Route> GateRoutes::LogRoutes() {
  Route upload =
      ForDevices("POST", kLogPath, "uploadLogEntries", "Takes log entries, each judged by itself.");
  upload.body_bytes_max = kUploadBytesMax;
  Route changes = ForDevices("GET", kChangesPath, "getChanges", "What came in since a cursor.");
  changes.query = {{"after", "The cursor of the answer before."},
                   {"passages", "others or all: notes of passages instead of log entries."},
                   {"devices", "The digest of the list of devices that the caller has."},
                   {std::string(kOwnLogQuery), "Instead: the caller's own log behind a number."}};
  std::vector<Route> routes;
  routes.push_back(PassedOn(std::move(upload), &GateRoutes::Upload, kPassOther));
  routes.push_back(PassedOn(std::move(changes), &GateRoutes::ListChanges, kPassOther));
  return routes;
}

std::vector<Route> GateRoutes::Routes() {
  Route enrol = ForDevices("POST", kEnrolPath, "enrol", "A handheld joins with the pairing code.");
  enrol.handler = [this](Call& call) { return Enrol(call); };
  Route decide = ForDevices("POST", kScansPath, "decideScan", "Decides a scan.");
  decide.body_bytes_max = kScanBytesMax;
  Route copy = ForDevices("GET", std::string(kCopiesPath) + "/{number}", "getEventCopy",
                          "An event copy or a delta.");
  copy.query = {{"since", "The version that the device has."}};
  Route news = ForDevices("GET", kNewsPath, "awaitNews", "Waits until there is something to pull.");
  news.query = {{"seen", "The number of the answer before; 0 at first."},
                {"wait_ms", "How long to wait at most."},
                {"battery", "The device's battery in percent."},
                {"disk", "low when the device's disk is nearly full."}};
  Route report = ForDevices("POST", kReportsPath, "reportVenue",
                            "Another bastion says where it answers and which devices it knows.");
  report.handler = [this](Call& call) { return TakeReport(call); };
  report.success = 204;
  Route search = ForDevices("POST", kSearchPath, "findTickets",
                            "Asks the cloud for tickets by name, order or seat.");
  search.handler = [this](Call& call) { return Search(call); };
  std::vector<Route> routes = LogRoutes();
  routes.push_back(std::move(enrol));
  routes.push_back(PassedOn(std::move(decide), &GateRoutes::Decide, kPassScan));
  routes.push_back(PassedOn(std::move(copy), &GateRoutes::ShowCopy, kPassOther));
  routes.push_back(PassedOn(std::move(news), &GateRoutes::TellNews, kNewsWaitMax + kPassOther));
  routes.push_back(std::move(report));
  routes.push_back(std::move(search));
  return routes;
}

std::map<DeviceId, DevicePresence> GateRoutes::Presence() const {
  const std::lock_guard lock(mutex_);
  return presence_;
}

StatusOr<DeviceCredential> GateRoutes::SignerOf(const Call& call) const {
  const std::string_view header = call.request.headers.Get("Authorization").value_or("");
  TICKETING_ASSIGN_OR_RETURN(const DeviceCredential credential, ParseDeviceCredential(header));
  const std::optional<CopyDevice> device = engine_.FindDevice(credential.device);
  if (!device) {
    return MakeError(ErrorCode::kUnauthenticated,
                     "This bastion does not know the device; enrol it with a pairing code.");
  }
  const Timestamp now = call.env.clock.Now();
  const DeviceRequest request{call.request.method, call.request.target, call.request.body};
  TICKETING_RETURN_IF_ERROR(VerifyDeviceRequest(credential, request, device->public_key, now));
  // Told only to the owner of the key: others learn nothing of who is shut out.
  if (device->revoked)
    return MakeError(ErrorCode::kDeviceRevoked, "This device was shut out by staff.");
  return credential;
}

StatusOr<DeviceId> GateRoutes::CallerOf(const Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceCredential credential, SignerOf(call));
  const Timestamp now = call.env.clock.Now();
  const std::lock_guard lock(mutex_);
  if (!nonces_.Accept(credential, now)) {
    return MakeError(ErrorCode::kUnauthenticated, "This request was sent before.");
  }
  presence_[credential.device].at = now;
  return credential.device;
}

StatusOr<HttpResponse> GateRoutes::Enrol(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EnrolmentRequest request,
                             DecodeEnrolmentRequest(call.request.body));
  if (!venue_->pairing.Accept(request.pairing_code, call.request.remote_address)) {
    return MakeError(
        ErrorCode::kPairingRefused,
        "The pairing code is wrong or has expired; look at the bastion's screen. After "
        "many wrong ones wait a minute.");
  }
  if (!IsValidPublicKey(request.public_key) ||
      !VerifySignature(request.public_key,
                       EnrolmentProof(request.pairing_code, request.device, request.public_key),
                       request.proof)) {
    return MakeError(ErrorCode::kPairingRefused,
                     "The device does not hold the key that it wants to enrol.");
  }
  const std::optional<CopyDevice> known = engine_.FindDevice(request.device);
  if (known && known->public_key != request.public_key) {
    return MakeError(ErrorCode::kConflict, "Another device has this id.");
  }
  if (known && known->revoked)
    return MakeError(ErrorCode::kDeviceRevoked, "This device was shut out by staff.");
  const CopyDevice device{request.device, request.public_key, request.name, false, false};
  if (!known) {
    TICKETING_RETURN_IF_ERROR(enrolled_(device));
    TICKETING_RETURN_IF_ERROR(engine_.AddDevices({device}));
    Announce();
  }
  EnrolmentResponse response;
  response.device = request.device;
  response.server = engine_.device();
  response.server_key = engine_.key().public_key();
  response.name = request.name;
  response.server_time = call.env.clock.Now();
  response.events = engine_.Events();
  return Bytes(EncodeEnrolmentResponse(response), 201);
}

StatusOr<HttpResponse> GateRoutes::Decide(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  TICKETING_ASSIGN_OR_RETURN(const ScanRequest request, DecodeScanRequest(call.request.body));
  if (const char* why = Silent()) {
    return ProblemResponse(MakeError(ErrorCode::kUnavailable, why), call.request_id);
  }
  const WaitsAside aside;  // for the disk: nobody holds a lock here
  TICKETING_ASSIGN_OR_RETURN(const ScanResponse response,
                             engine_.DecideFor(caller, request, FormAskedFor(call.request)));
  Announce();
  return Bytes(EncodeScanResponse(response));
}

StatusOr<HttpResponse> GateRoutes::Upload(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  TICKETING_ASSIGN_OR_RETURN(const LogUpload upload, DecodeLogUpload(call.request.body));
  LogUploadResult result;
  TICKETING_ASSIGN_OR_RETURN(result.acks, engine_.TakeEntries(upload.entries, LogSource::kDevice));
  const auto stored = [](const LogAck& ack) { return ack.state == AckState::kStored; };
  if (std::ranges::any_of(result.acks, stored)) Announce();
  std::set<DeviceId> logs = {caller};
  for (const std::string& bytes : upload.entries) {
    if (const StatusOr<LogEntry> entry = DecodeLogEntry(bytes); entry.ok())
      logs.insert(entry->device);
  }
  const std::vector<DeviceId> wanted(logs.begin(), logs.end());
  TICKETING_ASSIGN_OR_RETURN(result.stored, engine_.StoredMarks(wanted));
  TICKETING_ASSIGN_OR_RETURN(result.cloud, engine_.CloudMarks(wanted));
  return Bytes(EncodeLogUploadResult(result));
}

StatusOr<HttpResponse> GateRoutes::ListChanges(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  if (const auto own = call.Query(kOwnLogQuery)) {
    TICKETING_ASSIGN_OR_RETURN(const Changes past, GiveOwnLog(engine_, caller, *own));
    return Bytes(EncodeChanges(past));
  }
  TICKETING_ASSIGN_OR_RETURN(
      const ChangesQuery query,
      ReadChangesQuery(call.Query("after").value_or(""), call.Query("passages").value_or(""),
                       call.Query("devices").value_or("")));
  TICKETING_ASSIGN_OR_RETURN(const Changes changes, engine_.ChangesFor(query, caller));
  return Bytes(EncodeChanges(changes));
}

StatusOr<HttpResponse> GateRoutes::ShowCopy(Call& call) {
  TICKETING_RETURN_IF_ERROR(CallerOf(call).status());
  TICKETING_ASSIGN_OR_RETURN(const uint64_t number,
                             Number(call.Path("number"), "number", UINT32_MAX));
  TICKETING_ASSIGN_OR_RETURN(const uint64_t since,
                             Number(call.Query("since").value_or("0"), "since", INT64_MAX));
  TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> copy,
                             engine_.ReadEventCopy(static_cast<uint32_t>(number), since));
  if (!copy) return Bytes("", 304);
  return Bytes(EncodeEventCopy(*copy));
}

StatusOr<HttpResponse> GateRoutes::TellNews(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  TICKETING_ASSIGN_OR_RETURN(const uint64_t seen,
                             Number(call.Query("seen").value_or("0"), "seen", UINT64_MAX));
  const uint64_t longest = static_cast<uint64_t>(kNewsWaitMax.millis());
  TICKETING_ASSIGN_OR_RETURN(const uint64_t wait,
                             Number(call.Query("wait_ms").value_or("0"), "wait_ms", longest));
  if (const auto text = call.Query("battery")) {
    TICKETING_ASSIGN_OR_RETURN(const uint64_t battery, Number(*text, "battery", 100));
    const std::lock_guard lock(mutex_);
    presence_[caller].battery = static_cast<int>(battery);
  }
  {
    const std::lock_guard lock(mutex_);
    presence_[caller].disk_low = call.Query("disk").value_or("") == "low";
  }
  GateNews answer;
  const Duration until = call.env.clock.Monotonic() + Duration::Millis(static_cast<int64_t>(wait));
  answer.number = wait == 0 ? venue_->news.Number() : venue_->news.Await(seen, until);
  TICKETING_ASSIGN_OR_RETURN(answer.bastions, venue_->store.Cards());
  return Bytes(EncodeGateNews(answer));
}

// The cloud judges the right to it as well: its policy may be newer than the copy here.
StatusOr<HttpResponse> GateRoutes::Search(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  TICKETING_ASSIGN_OR_RETURN(TicketSearch search, DecodeTicketSearch(call.request.body));
  const std::shared_ptr<const EventHeader> event = engine_.Event(search.event);
  if (event == nullptr || !event->IsSupervisor(caller)) {
    return MakeError(ErrorCode::kPermissionDenied,
                     "Only a supervisor's device of this event looks for people.");
  }
  if (venue_->cloud == nullptr) {
    return MakeError(ErrorCode::kUnavailable, "This bastion knows no names and has no cloud.");
  }
  search.device = caller;
  HttpRequest request;
  request.method = "POST";
  request.target = std::string(kSearchPath);
  request.headers.Set("Content-Type", kProtobufMediaType);
  request.headers.Set("Accept", kProtobufMediaType);
  request.body = EncodeTicketSearch(search);
  TICKETING_ASSIGN_OR_RETURN(HttpResponse found, venue_->cloud->Send(request, kSearchPatience));
  switch (found.status) {
    case 200:
    case 403:
    case 422:
    case 429:
      return Bytes(std::move(found.body), found.status);
    default:  // what is between this bastion and the cloud says nothing to a handheld
      return MakeError(ErrorCode::kUnavailable, "The cloud did not answer the search.");
  }
}

StatusOr<HttpResponse> GateRoutes::TakeReport(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  const std::optional<CopyDevice> device = engine_.FindDevice(caller);
  if (!device || !device->bastion) {
    return MakeError(ErrorCode::kPermissionDenied, "Only the venue's bastions speak of it.");
  }
  TICKETING_ASSIGN_OR_RETURN(const VenueReport report, DecodeVenueReport(call.request.body));
  if (report.card.device != caller || !IsBastionCardGenuine(report.card, device->public_key)) {
    return InvalidField("card", "This is not the sender's own card.");
  }
  const std::vector<CopyDevice> before = engine_.Devices();
  std::vector<DeviceId> out;
  for (const CopyDevice& known : before) {
    if (known.bastion && known.revoked) out.push_back(known.id);
  }
  TICKETING_RETURN_IF_ERROR(venue_->store.DropCards(out));
  TICKETING_ASSIGN_OR_RETURN(bool changed,
                             venue_->store.PutCard(report.card, call.env.clock.Now()));
  for (CopyDevice known : report.devices) {
    // Who is a bastion only the cloud says; one that is known already keeps what it is.
    known.bastion = false;
    const Status added = engine_.AddDevices({known});
    if (!added.ok() && CodeOf(added) != ErrorCode::kConflict) return added;
  }
  changed = changed || engine_.Devices() != before;
  if (changed) Announce();
  const auto told = ReadLogNumber(call.request.headers.Get(kOwnLogToldHeader).value_or(""));
  if (told) {
    TICKETING_ASSIGN_OR_RETURN(const uint64_t own, engine_.OwnSequence());
    if (*told <= own) venue_->past.BastionHasNoMore(caller);
  }
  HttpResponse response = Bytes("", 204);
  SayWhetherDeciding(response);
  return response;
}

}  // namespace ticketing
