#include "ticketing/wire/sync_codec.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "lib/wire/codec_parts.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/v1/sync.pb.h"

namespace ticketing {
namespace {

using codec::CheckText;
using codec::kIdMax;
using codec::Parse;

// Narrows a number that came in, and says so when it does not fit.
template <typename Number>
Status Narrow(std::string_view field, uint64_t value, Number& out) {
  if (value > std::numeric_limits<Number>::max()) {
    return InvalidField(field, "The number is too large.");
  }
  out = static_cast<Number>(value);
  return OkStatus();
}

template <typename AnyId>
Status ReadId(std::string_view field, uint64_t value, bool required, AnyId& out) {
  if (value > kIdMax || (required && value == 0)) return InvalidField(field, "This is not an id.");
  out = AnyId{value};
  return OkStatus();
}

void PutVersion(const EventVersion& version, v1::EventVersion* out) {
  out->set_number(version.number);
  out->set_id(version.id.value);
  out->set_version(version.version);
  out->set_name(version.name);
}

template <typename List>
StatusOr<std::vector<EventVersion>> ReadVersions(const List& list) {
  std::vector<EventVersion> versions;
  for (const v1::EventVersion& row : list) {
    EventVersion version;
    version.number = row.number();
    TICKETING_RETURN_IF_ERROR(ReadId("events.id", row.id(), true, version.id));
    version.version = row.version();
    TICKETING_RETURN_IF_ERROR(CheckText("events.name", row.name(), limits::kNameBytesMax));
    version.name = row.name();
    versions.push_back(std::move(version));
  }
  return versions;
}

void PutMark(const LogMark& mark, v1::LogMark* out) {
  out->set_device(mark.device.value);
  out->set_sequence(mark.sequence);
}

template <typename List>
StatusOr<std::vector<LogMark>> ReadMarks(const List& list) {
  std::vector<LogMark> marks;
  for (const v1::LogMark& row : list) {
    LogMark mark;
    TICKETING_RETURN_IF_ERROR(ReadId("marks.device", row.device(), true, mark.device));
    if (row.sequence() > kIdMax) return InvalidField("marks.sequence", "It is too large.");
    mark.sequence = row.sequence();
    marks.push_back(mark);
  }
  return marks;
}

// Only the count is judged: each entry is judged by whoever takes it in.
template <typename List>
StatusOr<std::vector<std::string>> ReadEntries(const List& list) {
  if (static_cast<size_t>(list.size()) > limits::kLogBatchItemsMax) {
    return InvalidField("entries", "There are too many in one message.");
  }
  return std::vector<std::string>(list.begin(), list.end());
}

void PutDetail(const Decision& decision, v1::DecisionDetail* out) {
  if (decision.first) {
    out->set_first_scan(decision.first->scan.value);
    out->set_first_at(decision.first->at.micros);
    out->set_first_gate(decision.first->gate);
    out->set_first_device(decision.first->device.value);
    out->set_first_direction(static_cast<uint32_t>(decision.first->direction));
    out->set_first_issue(decision.first->issue);
  }
  for (const uint16_t gate : decision.right_gates) out->add_right_gates(gate);
  if (decision.opens_at) out->set_opens_at(decision.opens_at->micros);
  if (decision.closed_at) out->set_closed_at(decision.closed_at->micros);
  out->set_rule_text(decision.rule_text);
  for (const RuleHint& hint : decision.rule_hints) {
    v1::RuleHint* row = out->add_rule_hints();
    row->set_kind(static_cast<uint32_t>(hint.kind));
    row->set_value(hint.value);
  }
}

StatusOr<Decision> ReadDetail(const v1::DecisionDetail& in) {
  Decision decision;
  if (in.first_scan() != 0) {
    Passage first;
    TICKETING_RETURN_IF_ERROR(ReadId("first_scan", in.first_scan(), true, first.scan));
    TICKETING_RETURN_IF_ERROR(ReadId("first_device", in.first_device(), false, first.device));
    TICKETING_RETURN_IF_ERROR(Narrow("first_gate", in.first_gate(), first.gate));
    TICKETING_RETURN_IF_ERROR(Narrow("first_issue", in.first_issue(), first.issue));
    const auto direction = DirectionOfNumber(in.first_direction());
    if (!direction) return InvalidField("first_direction", "Unknown direction.");
    first.direction = *direction;
    first.at = Timestamp{in.first_at()};
    decision.first = first;
  }
  if (static_cast<size_t>(in.right_gates_size()) > kCopyGatesMax) {
    return InvalidField("right_gates", "There are too many.");
  }
  for (const uint32_t gate : in.right_gates()) {
    uint16_t number = 0;
    TICKETING_RETURN_IF_ERROR(Narrow("right_gates", gate, number));
    decision.right_gates.push_back(number);
  }
  if (in.has_opens_at()) decision.opens_at = Timestamp{in.opens_at()};
  if (in.has_closed_at()) decision.closed_at = Timestamp{in.closed_at()};
  TICKETING_RETURN_IF_ERROR(CheckText("rule_text", in.rule_text(), limits::kNameBytesMax));
  decision.rule_text = in.rule_text();
  if (static_cast<size_t>(in.rule_hints_size()) > limits::kRuleNodesMax) {
    return InvalidField("rule_hints", "There are too many.");
  }
  for (const v1::RuleHint& hint : in.rule_hints()) {
    // One that a newer sender knows is left out: the sentence stands without it.
    if (hint.kind() > static_cast<uint32_t>(RuleHint::Kind::kWeekday)) continue;
    decision.rule_hints.push_back({static_cast<RuleHint::Kind>(hint.kind()), hint.value()});
  }
  return decision;
}

}  // namespace

std::string EncodeLogUpload(const LogUpload& upload) {
  v1::LogUpload message;
  for (const std::string& entry : upload.entries) message.add_entries(entry);
  return message.SerializeAsString();
}

StatusOr<LogUpload> DecodeLogUpload(std::string_view bytes) {
  v1::LogUpload message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  LogUpload upload;
  TICKETING_ASSIGN_OR_RETURN(upload.entries, ReadEntries(message.entries()));
  return upload;
}

std::string EncodeLogUploadResult(const LogUploadResult& result) {
  v1::LogUploadResult message;
  for (const LogAck& ack : result.acks) {
    v1::LogAck* out = message.add_acks();
    out->set_state(static_cast<v1::LogAck::State>(ack.state));
    out->set_error(ack.error);
  }
  for (const LogMark& mark : result.stored) PutMark(mark, message.add_stored());
  for (const LogMark& mark : result.cloud) PutMark(mark, message.add_cloud());
  return message.SerializeAsString();
}

StatusOr<LogUploadResult> DecodeLogUploadResult(std::string_view bytes) {
  v1::LogUploadResult message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  LogUploadResult result;
  for (const v1::LogAck& in : message.acks()) {
    // A state that only newer programs know is asked again later, never taken for an
    // acknowledgement.
    LogAck ack;
    if (in.state() >= v1::LogAck::STORED && in.state() <= v1::LogAck::LATER) {
      ack.state = static_cast<AckState>(in.state());
    }
    TICKETING_RETURN_IF_ERROR(CheckText("acks.error", in.error(), limits::kNameBytesMax));
    ack.error = in.error();
    result.acks.push_back(std::move(ack));
  }
  TICKETING_ASSIGN_OR_RETURN(result.stored, ReadMarks(message.stored()));
  TICKETING_ASSIGN_OR_RETURN(result.cloud, ReadMarks(message.cloud()));
  return result;
}

std::string EncodeScanRequest(const ScanRequest& request) {
  v1::ScanRequest message;
  message.set_scan(request.scan.value);
  message.set_text(request.text);
  message.set_event(request.event);
  message.set_gate(request.gate);
  message.set_direction(static_cast<uint32_t>(request.direction));
  message.set_at(request.at.micros);
  message.set_staff_override(request.staff_override);
  message.set_staff_why(request.staff.why);
  message.set_staff_by(request.staff.by);
  message.set_staff_note(request.staff.note);
  message.set_picked(request.picked.value);
  return message.SerializeAsString();
}

StatusOr<ScanRequest> DecodeScanRequest(std::string_view bytes) {
  v1::ScanRequest message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  ScanRequest request;
  TICKETING_RETURN_IF_ERROR(ReadId("scan", message.scan(), true, request.scan));
  TICKETING_RETURN_IF_ERROR(CheckText("text", message.text(), limits::kScanTextBytesMax));
  request.text = message.text();
  request.event = message.event();
  TICKETING_RETURN_IF_ERROR(Narrow("gate", message.gate(), request.gate));
  const auto direction = DirectionOfNumber(message.direction());
  if (!direction) return InvalidField("direction", "It is 1 for entry or 2 for exit.");
  request.direction = *direction;
  request.at = Timestamp{message.at()};
  request.staff_override = message.staff_override();
  TICKETING_RETURN_IF_ERROR(Narrow("staff_why", message.staff_why(), request.staff.why));
  request.staff.by = message.staff_by();
  request.staff.note = message.staff_note();
  TICKETING_RETURN_IF_ERROR(ReadId("picked", message.picked(), false, request.picked));
  TICKETING_RETURN_IF_ERROR(CheckStaffNote(request.staff));
  return request;
}

std::string EncodeScanResponse(const ScanResponse& response) {
  v1::ScanResponse message;
  message.set_entry(response.entry);
  PutDetail(response.detail, message.mutable_detail());
  message.set_seat_label(response.seat_label);
  return message.SerializeAsString();
}

StatusOr<ScanResponse> DecodeScanResponse(std::string_view bytes) {
  v1::ScanResponse message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  ScanResponse response;
  response.entry = message.entry();
  TICKETING_RETURN_IF_ERROR(DecodeLogEntry(response.entry).status());
  TICKETING_ASSIGN_OR_RETURN(response.detail, ReadDetail(message.detail()));
  TICKETING_RETURN_IF_ERROR(CheckText("seat_label", message.seat_label(), limits::kLabelBytesMax));
  response.seat_label = message.seat_label();
  return response;
}

std::string EncodeDecisionDetail(const Decision& decision) {
  v1::DecisionDetail message;
  PutDetail(decision, &message);
  return message.SerializeAsString();
}

StatusOr<Decision> DecodeDecisionDetail(std::string_view bytes) {
  v1::DecisionDetail message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  return ReadDetail(message);
}

std::string EncodeChanges(const Changes& changes) {
  v1::Changes message;
  for (const std::string& entry : changes.entries) message.add_entries(entry);
  message.set_cursor(changes.cursor);
  message.set_server(changes.server.value);
  message.set_more(changes.more);
  for (const CopyDevice& device : changes.devices) {
    v1::CopyDevice* out = message.add_devices();
    out->set_id(device.id.value);
    out->set_public_key(device.public_key);
    out->set_name(device.name);
    out->set_bastion(device.bastion);
    out->set_revoked(device.revoked);
  }
  for (const EventVersion& version : changes.events) PutVersion(version, message.add_events());
  for (const LogMark& mark : changes.stored) PutMark(mark, message.add_stored());
  for (const LogMark& mark : changes.cloud) PutMark(mark, message.add_cloud());
  message.set_passages(changes.passages);
  message.set_devices_digest(changes.devices_digest);
  return message.SerializeAsString();
}

StatusOr<Changes> DecodeChanges(std::string_view bytes) {
  v1::Changes message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  Changes changes;
  TICKETING_ASSIGN_OR_RETURN(changes.entries, ReadEntries(message.entries()));
  if (message.cursor() > kIdMax) return InvalidField("cursor", "It is too large.");
  changes.cursor = message.cursor();
  TICKETING_RETURN_IF_ERROR(ReadId("server", message.server(), false, changes.server));
  changes.more = message.more();
  if (static_cast<size_t>(message.devices_size()) > kCopyDevicesMax) {
    return InvalidField("devices", "There are too many.");
  }
  for (const v1::CopyDevice& in : message.devices()) {
    CopyDevice device;
    TICKETING_RETURN_IF_ERROR(ReadId("devices.id", in.id(), true, device.id));
    if (!IsValidPublicKey(in.public_key())) {
      return InvalidField("devices.public_key", "This is not a public key.");
    }
    TICKETING_RETURN_IF_ERROR(CheckText("devices.name", in.name(), limits::kNameBytesMax));
    device.public_key = in.public_key();
    device.name = in.name();
    device.bastion = in.bastion();
    device.revoked = in.revoked();
    changes.devices.push_back(std::move(device));
  }
  TICKETING_ASSIGN_OR_RETURN(changes.events, ReadVersions(message.events()));
  TICKETING_ASSIGN_OR_RETURN(changes.stored, ReadMarks(message.stored()));
  TICKETING_ASSIGN_OR_RETURN(changes.cloud, ReadMarks(message.cloud()));
  if (message.passages().size() > kPassageNotesMax * kPassageNoteBytes) {
    return InvalidField("passages", "There are too many in one message.");
  }
  TICKETING_RETURN_IF_ERROR(DecodePassageNotes(message.passages()).status());
  changes.passages = message.passages();
  changes.devices_digest = message.devices_digest();
  return changes;
}

uint64_t DevicesDigest(const std::vector<CopyDevice>& devices) {
  std::string all;
  for (const CopyDevice& device : devices) {
    AppendBigEndian(all, device.id.value, 8);
    all += device.public_key;
    AppendBigEndian(all, (device.bastion ? 1u : 0u) | (device.revoked ? 2u : 0u), 1);
    AppendBigEndian(all, device.name.size(), 4);
    all += device.name;
  }
  return std::max<uint64_t>(ReadBigEndian(Blake2b256(all), 0, 8), 1);
}

void PutDevices(const ChangesQuery& query, std::vector<CopyDevice> devices, Changes& changes) {
  changes.devices_digest = DevicesDigest(devices);
  changes.devices.clear();
  if (changes.devices_digest != query.devices) changes.devices = std::move(devices);
}

std::string EncodeChangesQuery(const ChangesQuery& query) {
  std::string text = "after=" + std::to_string(query.after);
  if (query.form == ChangesQuery::Form::kPassages) text += "&passages=others";
  if (query.form == ChangesQuery::Form::kAll) text += "&passages=all";
  if (query.devices != 0) text += "&devices=" + std::to_string(query.devices);
  return text;
}

StatusOr<ChangesQuery> ReadChangesQuery(std::string_view after, std::string_view passages,
                                        std::string_view devices) {
  const auto read = [](std::string_view field, std::string_view text, uint64_t max,
                       uint64_t& out) -> Status {
    if (text.empty()) return OkStatus();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || out > max) {
      return InvalidField(field, "is not a number that this server gave");
    }
    return OkStatus();
  };
  ChangesQuery query;
  TICKETING_RETURN_IF_ERROR(read("after", after, kIdMax, query.after));
  TICKETING_RETURN_IF_ERROR(read("devices", devices, UINT64_MAX, query.devices));
  if (passages == "others") query.form = ChangesQuery::Form::kPassages;
  if (passages == "all") query.form = ChangesQuery::Form::kAll;
  return query;
}

std::string EncodeEnrolmentRequest(const EnrolmentRequest& request) {
  v1::EnrolmentRequest message;
  message.set_pairing_code(request.pairing_code);
  message.set_device(request.device.value);
  message.set_public_key(request.public_key);
  message.set_name(request.name);
  message.set_proof(request.proof);
  return message.SerializeAsString();
}

StatusOr<EnrolmentRequest> DecodeEnrolmentRequest(std::string_view bytes) {
  v1::EnrolmentRequest message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  EnrolmentRequest request;
  TICKETING_RETURN_IF_ERROR(CheckText("pairing_code", message.pairing_code(), 32));
  TICKETING_RETURN_IF_ERROR(ReadId("device", message.device(), true, request.device));
  if (!IsValidPublicKey(message.public_key())) {
    return InvalidField("public_key", "This is not a public key.");
  }
  TICKETING_RETURN_IF_ERROR(CheckText("name", message.name(), limits::kNameBytesMax));
  if (message.proof().size() != kSignatureBytes) {
    return InvalidField("proof", "A signature has 64 bytes.");
  }
  request.pairing_code = message.pairing_code();
  request.public_key = message.public_key();
  request.name = message.name();
  request.proof = message.proof();
  return request;
}

std::string EncodeEnrolmentResponse(const EnrolmentResponse& response) {
  v1::EnrolmentResponse message;
  message.set_device(response.device.value);
  message.set_server(response.server.value);
  message.set_server_key(response.server_key);
  message.set_name(response.name);
  message.set_gate(response.gate);
  message.set_server_time(response.server_time.micros);
  for (const EventVersion& version : response.events) PutVersion(version, message.add_events());
  return message.SerializeAsString();
}

StatusOr<EnrolmentResponse> DecodeEnrolmentResponse(std::string_view bytes) {
  v1::EnrolmentResponse message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  EnrolmentResponse response;
  TICKETING_RETURN_IF_ERROR(ReadId("device", message.device(), true, response.device));
  TICKETING_RETURN_IF_ERROR(ReadId("server", message.server(), true, response.server));
  if (!IsValidPublicKey(message.server_key())) {
    return InvalidField("server_key", "This is not a public key.");
  }
  TICKETING_RETURN_IF_ERROR(CheckText("name", message.name(), limits::kNameBytesMax));
  TICKETING_RETURN_IF_ERROR(CheckText("gate", message.gate(), limits::kLabelBytesMax));
  response.server_key = message.server_key();
  response.name = message.name();
  response.gate = message.gate();
  response.server_time = Timestamp{message.server_time()};
  TICKETING_ASSIGN_OR_RETURN(response.events, ReadVersions(message.events()));
  return response;
}

}  // namespace ticketing
