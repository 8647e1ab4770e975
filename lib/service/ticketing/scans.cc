#include "lib/service/ticketing/scans.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "lib/service/ticketing/cursor.h"
#include "lib/service/ticketing/gate_policy.h"
#include "lib/service/ticketing/projection.h"
#include "lib/wire/convert.h"
#include "ticketing/admission/reason.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/own_log.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/token/ticket_code.h"
#include "ticketing/token/typed_code.h"
#include "ticketing/v1/gate_policy.pb.h"

namespace ticketing {
namespace {

constexpr size_t kUploadBytesMax = 4 << 20;
// Whoever is shut out is so at the gates within two seconds; this is the first part of that way.
constexpr Duration kDevicesFresh = Duration::Millis(500);
// A device that is not known is asked for at once, but no more often than this.
constexpr Duration kUnknownDevicePause = Duration::Seconds(1);

HttpResponse Protobuf(std::string body) {
  HttpResponse response;
  response.headers.Set("Content-Type", kProtobufMediaType);
  response.body = std::move(body);
  return response;
}

// Whether we signed a code; an old screenshot counts.
bool IsOurs(const std::string& text, const KeyRing& keys, Timestamp now) {
  const ErrorCode code = CodeOf(VerifyTicketCode(text, keys, now).status());
  return code == ErrorCode::kOk || code == ErrorCode::kTokenExpired;
}

std::string GateName(const v1::Event& event, uint16_t number) {
  if (number == 0 || number > event.gates_size()) return {};
  return event.gates(number - 1).name();
}

void SetWord(const LogEntry& entry, v1::StaffWord* word) {
  const auto why = StaffWhyOfNumber(entry.staff.why);
  word->set_by(entry.staff.by);
  if (why) word->set_why(std::string(StaffWhyName(*why)));
  word->set_note(entry.staff.note);
  word->set_device_id(entry.device.ToString());
  wire::SetTime(entry.at, word->mutable_at());
}

// Who took a scan back: the first who may and did.
Status FillAnnulled(SqlTransaction& tx, const LogEntry& told, v1::Scan& scan) {
  return tx.Query("SELECT entry FROM log_entries WHERE scan_id = ? ORDER BY device_id, sequence",
                  {told.scan.ToSql()}, [&](const SqlRow& row) -> Status {
                    TICKETING_ASSIGN_OR_RETURN(const LogEntry entry, DecodeLogEntry(row.Bytes(0)));
                    const bool may = entry.supervisor || entry.device == entry.scanner;
                    // What was said of another ticket or event did not take this scan back.
                    const bool of_this = entry.scanner == told.scanner &&
                                         entry.ticket == told.ticket && entry.event == told.event;
                    if (entry.kind != LogKind::kAnnul || !may || !of_this) return OkStatus();
                    const bool earlier =
                        !scan.has_annulled() || entry.at < wire::TimeOf(scan.annulled().at());
                    if (earlier) SetWord(entry, scan.mutable_annulled());
                    return OkStatus();
                  });
}

Status FillScan(const SqlRow& row, const v1::Event& event, LogEntry& told, v1::Scan& scan) {
  TICKETING_ASSIGN_OR_RETURN(told, DecodeLogEntry(row.Bytes(1)));
  scan.set_id(told.scan.ToString());
  scan.set_event_id(event.id());
  if (told.ticket) scan.set_ticket_id(told.ticket.ToString());
  scan.set_label(row.Text(6));
  scan.set_gate(GateName(event, told.gate));
  scan.set_device_id(told.scanner.ToString());
  scan.set_outcome(told.outcome == kLogAdmitted && row.Int(5) == 0 ? "admitted" : "refused");
  scan.set_reason(std::string(ReasonName(static_cast<Reason>(told.reason))));
  scan.set_decided_by(std::string(DecidedByName(told.decided_by)));
  wire::SetTime(told.at, scan.mutable_at());
  wire::SetTime(Timestamp{row.Int(4)}, scan.mutable_received_at());
  scan.set_sources(static_cast<int32_t>(row.Int(2)));
  scan.set_disputed(row.Int(3) != 0);
  scan.set_direction(std::string(DirectionName(static_cast<Direction>(told.direction))));
  if (told.overridden) SetWord(told, scan.mutable_override());
  if (row.Int(5) != 0) scan.mutable_annulled();  // filled in once the rows are read
  return OkStatus();
}

Status FillTotals(SqlTransaction& tx, EventId event, v1::ScanList& list) {
  return tx.Query(
      "SELECT COUNT(*), SUM(CASE WHEN outcome = 1 AND annulled = 0 THEN 1 ELSE 0 END),"
      " SUM(CASE WHEN disputed = 1 OR conflict = 1 THEN 1 ELSE 0 END)"
      " FROM scans WHERE event_id = ?",
      {event.ToSql()}, [&](const SqlRow& row) {
        list.set_total(row.Int(0));
        list.set_admitted(row.Int(1));
        list.set_refused(row.Int(0) - row.Int(1));
        list.set_disputed(row.Int(2));
        return OkStatus();
      });
}

}  // namespace

std::vector<Route> Scans::Routes() {
  const Access devices{.roles = {Role::kDevice}};
  const std::string type(kProtobufMediaType);
  Route upload{"POST",
               "/v1/device-logs",
               "uploadDeviceLogs",
               "Takes log entries of any devices, each judged by itself",
               devices,
               "",
               "",
               [this](Call& call) { return Upload(call); }};
  upload.request_type = upload.response_type = type;
  upload.body_bytes_max = kUploadBytesMax;
  Route decide{
      "POST",  "/v1/scans", "decideScan", "Decides a scan for a device that reaches the cloud",
      devices, "",          "",           [this](Call& call) { return Decide(call); }};
  decide.request_type = decide.response_type = type;
  Route changes{"GET",
                std::string(kChangesPath),
                "listGateChanges",
                "Gives the log entries that came in since a cursor, with devices and events",
                devices,
                "",
                "",
                [this](Call& call) { return ListChanges(call); }};
  changes.response_type = type;
  changes.query = {{"after", "The cursor of the answer before."},
                   {"passages", "others or all: notes of passages instead of log entries."},
                   {"devices", "The digest of the list of devices that the caller has."}};
  Route list{"GET",
             "/v1/events/{event_id}/scans",
             "listScans",
             "Lists the scans of an event, each once, newest first",
             {.roles = {Role::kAdmin, Role::kBoxOffice, Role::kGate}},
             "",
             "ticketing.v1.ScanList",
             [this](Call& call) { return List(call); }};
  list.query = {{"limit", "How many, 1 to 500."},
                {"cursor", "next_cursor of the page before, for older scans."},
                {"after", "latest_cursor of an earlier answer, for what came in since."}};
  // The same under the paths that bastions answer too, so that one client serves both.
  Route gate_upload = upload;
  gate_upload.path = std::string(kLogPath);
  gate_upload.operation = "uploadGateLog";
  Route gate_decide = decide;
  gate_decide.path = std::string(kScansPath);
  gate_decide.operation = "decideGateScan";
  return {std::move(upload),
          std::move(decide),
          std::move(gate_upload),
          std::move(gate_decide),
          std::move(changes),
          std::move(list),
          {"POST",
           "/v1/scans/{scan_id}/annulments",
           "annulScan",
           "Takes a mistaken scan back: the ticket may enter again, at every gate that hears of it",
           {.roles = {Role::kAdmin, Role::kGate}},
           "ticketing.v1.AnnulScanRequest",
           "",
           [this](Call& call) { return Annul(call); },
           false,
           204}};
}

StatusOr<DeviceId> Scans::CallerOf(const Call& call) const {
  const std::optional<DeviceId> device = DeviceId::Parse(call.principal.subject);
  if (!device) return MakeError(ErrorCode::kPermissionDenied, "Only a device may do this.");
  return *device;
}

// Whose right it is to take scans back stands in the copy. But there may be no room for it, or it
// makes room for another a moment later, and an entry that is refused does not come again: so the
// policy is asked as well.
Status Scans::AddSupervisors(uint32_t event, Supervisors& supervisors) {
  const StatusOr<EventId> id = copies_.EventOfNumber(event);
  if (CodeOf(id.status()) == ErrorCode::kNotFound) return OkStatus();
  TICKETING_RETURN_IF_ERROR(id.status());
  v1::StoredGatePolicy stored;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(stored, ReadGatePolicy(tx, *id));
    return OkStatus();
  }));
  for (const std::string& text : stored.policy().supervisor_devices()) {
    if (const auto device = DeviceId::Parse(text)) supervisors.emplace(event, *device);
  }
  return OkStatus();
}

// Nothing is fetched for what its device did not sign.
StatusOr<Supervisors> Scans::HaveCopiesFor(const std::vector<std::string>& entries) {
  std::set<uint32_t> events;
  for (const std::string& bytes : entries) {
    const StatusOr<LogEntry> entry = DecodeLogEntry(bytes);
    if (!entry.ok() || !entry->supervisor || events.contains(entry->event)) continue;
    const std::optional<CopyDevice> device = engine_->FindDevice(entry->device);
    if (device && IsLogEntryGenuine(bytes, device->public_key)) events.insert(entry->event);
  }
  Supervisors supervisors;
  for (const uint32_t event : events) {
    TICKETING_RETURN_IF_ERROR(HaveCopyOf(event));
    TICKETING_RETURN_IF_ERROR(AddSupervisors(event, supervisors));
  }
  return supervisors;
}

// Entries of a device that enrolled a moment ago are taken at once, not at the next round. A
// bastion vouches for what it passes on: of a handheld that was stolen it took what was scanned
// before it heard of that, and those people are inside.
StatusOr<std::vector<LogAck>> Scans::Take(DeviceId caller,
                                          const std::vector<std::string>& entries) {
  TICKETING_ASSIGN_OR_RETURN(const Supervisors supervisors, HaveCopiesFor(entries));
  const std::optional<CopyDevice> known = engine_->FindDevice(caller);
  const bool vouches = known && known->bastion && !known->revoked;
  const LogSource source = vouches ? LogSource::kBastion : LogSource::kDevice;
  TICKETING_ASSIGN_OR_RETURN(std::vector<LogAck> acks,
                             engine_->TakeEntries(entries, source, supervisors));
  const bool unknown =
      std::ranges::any_of(acks, [](const LogAck& ack) { return ack.state == AckState::kLater; });
  if (!unknown || !devices_.Refresh(kUnknownDevicePause).ok()) return acks;
  std::vector<std::string> again;
  std::vector<size_t> places;
  for (size_t i = 0; i < acks.size(); ++i) {
    if (acks[i].state != AckState::kLater) continue;
    again.push_back(entries[i]);
    places.push_back(i);
  }
  TICKETING_ASSIGN_OR_RETURN(const Supervisors now, HaveCopiesFor(again));
  TICKETING_ASSIGN_OR_RETURN(std::vector<LogAck> second, engine_->TakeEntries(again, source, now));
  for (size_t i = 0; i < places.size(); ++i) acks[places[i]] = std::move(second[i]);
  return acks;
}

StatusOr<HttpResponse> Scans::Upload(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  TICKETING_ASSIGN_OR_RETURN(const LogUpload upload, DecodeLogUpload(call.request.body));
  LogUploadResult result;
  TICKETING_ASSIGN_OR_RETURN(result.acks, Take(caller, upload.entries));
  std::set<DeviceId> logs = {caller};
  for (const std::string& bytes : upload.entries) {
    const StatusOr<LogEntry> entry = DecodeLogEntry(bytes);
    if (entry.ok()) logs.insert(entry->device);
  }
  const std::vector<DeviceId> wanted(logs.begin(), logs.end());
  TICKETING_ASSIGN_OR_RETURN(result.stored, engine_->StoredMarks(wanted));
  TICKETING_ASSIGN_OR_RETURN(result.cloud, engine_->CloudMarks(wanted));
  return Protobuf(EncodeLogUploadResult(result));
}

// An event that may make room for another one: the one that started first of those that gates do
// not work at any more. An engine holds a few only, and never lets go of a match that is on.
StatusOr<std::optional<uint32_t>> Scans::Spare(const std::vector<EventVersion>& held) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<EventVersion> current, copies_.Current());
  std::optional<uint32_t> spare;
  Timestamp started;
  for (const EventVersion& event : held) {
    const std::shared_ptr<const EventHeader> header = engine_->Event(event.number);
    const bool at_work =
        std::ranges::find(current, event.number, &EventVersion::number) != current.end();
    if (header == nullptr || at_work) continue;
    if (spare && header->starts_at >= started) continue;
    spare = event.number;
    started = header->starts_at;
  }
  return spare;
}

// Makes the engine's copy of an event as new as the tickets are. Where there is no room for it, it
// stays away: a code of it is then another event's.
Status Scans::HaveCopyOf(uint32_t number) {
  const StatusOr<EventId> event = copies_.EventOfNumber(number);
  if (CodeOf(event.status()) == ErrorCode::kNotFound) return OkStatus();  // somebody else's code
  TICKETING_RETURN_IF_ERROR(event.status());
  const std::lock_guard lock(copying_);
  const std::vector<EventVersion> held = engine_->Events();
  const auto mine = std::ranges::find(held, number, &EventVersion::number);
  std::optional<uint32_t> spare;
  if (mine == held.end() && held.size() >= kGateEventsMax) {
    TICKETING_ASSIGN_OR_RETURN(spare, Spare(held));
    if (!spare) return OkStatus();
  }
  TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> copy,
                             copies_.Make(*event, mine == held.end() ? 0 : mine->version));
  if (!copy) return OkStatus();
  if (spare) {
    const std::unique_lock nobody_decides(evicting_);
    ++evictions_;
    TICKETING_RETURN_IF_ERROR(engine_->RemoveEvent(*spare));
  }
  Status applied = engine_->ApplyEventCopy(*copy);
  if (CodeOf(applied) == ErrorCode::kPreconditionFailed) {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<EventCopy> whole, copies_.Make(*event, 0));
    applied = engine_->ApplyEventCopy(*whole);
  }
  return applied;
}

// The events that a scan is about, in every way to read its code. A text that only claims an event
// moves nothing; looking at a signature costs as much as the decision, and is done only where a
// copy would have to be fetched.
std::set<uint32_t> Scans::EventsOf(const ScanRequest& request) const {
  std::set<uint32_t> events;
  if (request.event != 0) events.insert(request.event);
  for (const std::string& reading : ReadingsOfTypedCode(request.text)) {
    const StatusOr<TicketClaims> claims = ParseTicketCode(reading);
    if (!claims.ok()) continue;
    const bool held = engine_->Event(claims->event_number) != nullptr;
    if (held || IsOurs(reading, copies_.keys(), context_.env.clock.Now())) {
      events.insert(claims->event_number);
    }
  }
  return events;
}

// Another request may take the place of an event between its fetching and the decision: then it is
// fetched again.
StatusOr<ScanResponse> Scans::DecideWith(const std::set<uint32_t>& events, DeviceId caller,
                                         const ScanRequest& request, AnswerForm form) {
  constexpr int kTries = 3;
  for (int left = kTries;; --left) {
    const uint64_t before = evictions_;
    for (const uint32_t event : events) TICKETING_RETURN_IF_ERROR(HaveCopyOf(event));
    const std::shared_lock nobody_evicts(evicting_);
    if (evictions_ == before || left == 0) return engine_->DecideFor(caller, request, form);
  }
}

StatusOr<HttpResponse> Scans::Decide(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  TICKETING_ASSIGN_OR_RETURN(const ScanRequest request, DecodeScanRequest(call.request.body));
  if (!engine_->FindDevice(caller)) (void)devices_.Refresh(kUnknownDevicePause);
  const std::optional<CopyDevice> device = engine_->FindDevice(caller);
  if (device && device->revoked)
    return MakeError(ErrorCode::kDeviceRevoked, "This device was shut out.");
  TICKETING_ASSIGN_OR_RETURN(
      const ScanResponse response,
      DecideWith(EventsOf(request), caller, request, FormAskedFor(call.request)));
  return Protobuf(EncodeScanResponse(response));
}

StatusOr<HttpResponse> Scans::ListChanges(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const DeviceId caller, CallerOf(call));
  if (const auto own = call.Query(kOwnLogQuery)) {
    TICKETING_ASSIGN_OR_RETURN(const Changes past, GiveOwnLog(*engine_, caller, *own));
    return Protobuf(EncodeChanges(past));
  }
  TICKETING_ASSIGN_OR_RETURN(
      const ChangesQuery query,
      ReadChangesQuery(call.Query("after").value_or(""), call.Query("passages").value_or(""),
                       call.Query("devices").value_or("")));
  TICKETING_ASSIGN_OR_RETURN(Changes changes, engine_->ChangesFor(query, caller));
  TICKETING_ASSIGN_OR_RETURN(changes.events, copies_.Current());
  changes.devices_digest = devices_.Digest();
  changes.devices.clear();
  if (changes.devices_digest != query.devices) PutDevices(query, devices_.All(), changes);
  return Protobuf(EncodeChanges(changes));
}

StatusOr<HttpResponse> Scans::List(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(id));
  TICKETING_ASSIGN_OR_RETURN(const size_t limit, call.PageLimit());
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Cursor> cursor, QueryCursor(call, "cursor"));
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Cursor> after, QueryCursor(call, "after"));
  if (cursor && after) return InvalidField("after", "cannot be used together with cursor");
  // What came in since is taken from the oldest on, so that a poller that lags misses nothing.
  const std::string order =
      after ? "s.arrival > ? ORDER BY s.arrival" : "s.arrival < ? ORDER BY s.arrival DESC";
  const int64_t bound = after ? after->first : cursor ? cursor->first : INT64_MAX;
  TICKETING_RETURN_IF_ERROR(Project());
  v1::ScanList list;
  std::vector<int64_t> arrivals;
  std::vector<LogEntry> told;
  const Status read = context_.database.Read([&](SqlTransaction& tx) -> Status {
    list.Clear();
    arrivals.clear();
    told.clear();
    TICKETING_RETURN_IF_ERROR(tx.Query(
        "SELECT s.arrival, s.entry, s.sources, CASE WHEN s.disputed = 1 OR s.conflict = 1 THEN 1"
        " ELSE 0 END, s.received_at, s.annulled, t.label FROM scans s"
        " LEFT JOIN tickets t ON t.id = s.ticket_id WHERE s.event_id = ? AND " +
            order + " LIMIT ?",
        {id.ToSql(), bound, static_cast<int64_t>(limit + 1)}, [&](const SqlRow& row) {
          arrivals.push_back(row.Int(0));
          return FillScan(row, event->event, told.emplace_back(), *list.add_scans());
        }));
    for (int i = 0; i < list.scans_size(); ++i) {
      v1::Scan& scan = *list.mutable_scans(i);
      if (!scan.has_annulled()) continue;
      scan.clear_annulled();
      TICKETING_RETURN_IF_ERROR(FillAnnulled(tx, told[static_cast<size_t>(i)], scan));
    }
    return FillTotals(tx, id, list);
  });
  TICKETING_RETURN_IF_ERROR(read);
  const bool more = arrivals.size() > limit;
  if (more) {
    arrivals.pop_back();
    list.mutable_scans()->RemoveLast();
  }
  if (after) std::reverse(list.mutable_scans()->begin(), list.mutable_scans()->end());
  if (more && !after) list.set_next_cursor(EncodeCursor({arrivals.back(), 0}));
  int64_t latest = after ? bound : 0;
  for (const int64_t arrival : arrivals) latest = std::max(latest, arrival);
  if (!cursor) list.set_latest_cursor(EncodeCursor({latest, 0}));
  return call.Reply(200, list);
}

// The cloud is a device with a log of its own, and takes back whatever it knows of.
StatusOr<HttpResponse> Scans::Annul(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ScanId scan, call.PathId<ScanId>("scan_id"));
  v1::AnnulScanRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  const StaffNote staff{static_cast<uint8_t>(*StaffWhyOfName(request.why())),
                        call.principal.subject, request.note()};
  const Status done = engine_->Annul(scan, staff);
  if (CodeOf(done) == ErrorCode::kNotFound) {
    // The same request again has nothing left to do.
    TICKETING_ASSIGN_OR_RETURN(const bool annulled, engine_->IsAnnulled(scan));
    if (!annulled) return done;
  } else {
    TICKETING_RETURN_IF_ERROR(done);
  }
  TICKETING_RETURN_IF_ERROR(Project());
  HttpResponse response;
  response.status = 204;
  return response;
}

// The rows that people look at. No gate waits for them: they are made at the next tick, or when
// somebody looks, for all scans since in one write.
Status Scans::Project() {
  const std::lock_guard lock(projecting_);
  while (true) {
    TICKETING_ASSIGN_OR_RETURN(const uint64_t from, ReadProjectionCursor(context_.database));
    // No device has the id 0: nobody's entries are left out.
    TICKETING_ASSIGN_OR_RETURN(const Changes changes,
                               engine_->ChangesSince(from, limits::kLogBatchItemsMax, DeviceId{}));
    if (changes.cursor == from && changes.entries.empty()) return OkStatus();
    const Timestamp now = context_.env.clock.Now();
    TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
      return ProjectEntries(tx, changes.entries, from, changes.cursor, now);
    }));
    if (!changes.more) return OkStatus();
  }
}

Status Scans::Tick() {
  (void)devices_.Refresh(kDevicesFresh);  // while identity is away, what is known must do
  return Project();
}

}  // namespace ticketing
