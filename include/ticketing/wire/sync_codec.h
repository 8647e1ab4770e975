// Protobuf bytes of what gates, bastions and the cloud exchange
// (lib/wire/proto/ticketing/v1/sync.proto).
//
// Every decoder is strict about what it believes: limits, ranges, column lengths and UTF-8 are
// checked, and the values it gives are valid. Errors: kBadSyntax for bytes that are no such
// message, kInvalidField (naming the field) for values out of range. Unknown fields of newer
// programs are ignored. Content-Type: application/x-protobuf.
#ifndef TICKETING_WIRE_SYNC_CODEC_H_
#define TICKETING_WIRE_SYNC_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/admission/decision.h"
#include "ticketing/base/status.h"
#include "ticketing/sync/event_copy.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/sync/merge.h"
#include "ticketing/sync/passage_note.h"

namespace ticketing {

inline constexpr std::string_view kProtobufMediaType = "application/x-protobuf";

// The paths that bastion and cloud answer alike. Every request carries a device's Authorization
// (sync/device_auth.h), except the enrolment.
inline constexpr std::string_view kEnrolPath = "/v1/gate/enrolments";  // POST EnrolmentRequest
inline constexpr std::string_view kScansPath = "/v1/gate/scans";       // POST ScanRequest
inline constexpr std::string_view kLogPath = "/v1/gate/log-entries";   // POST LogUpload
inline constexpr std::string_view kChangesPath =
    "/v1/gate/changes";  // GET ?after=..., ChangesQuery
inline constexpr std::string_view kCopiesPath =
    "/v1/gate/event-copies";  // GET /<number>?since=<version>

// A copy of 25,000 tickets takes less than 1 MB. A copy that the receiver has already is answered
// with status 304 and no body.
std::string EncodeEventCopy(const EventCopy& copy);
StatusOr<EventCopy> DecodeEventCopy(std::string_view bytes);

struct EventVersion {
  uint32_t number = 0;
  EventId id;
  uint64_t version = 0;
  std::string name;
  bool operator==(const EventVersion&) const = default;
};

// How far a log is known without gaps: up to and including `sequence`.
struct LogMark {
  DeviceId device;
  uint64_t sequence = 0;
  bool operator==(const LogMark&) const = default;
};

// An upload keeps its entries as bytes: each is judged by itself, so a broken one never blocks the
// rest. At most limits::kLogBatchItemsMax.
struct LogUpload {
  std::vector<std::string> entries;
  bool operator==(const LogUpload&) const = default;
};
std::string EncodeLogUpload(const LogUpload& upload);
StatusOr<LogUpload> DecodeLogUpload(std::string_view bytes);

enum class AckState : uint8_t { kStored = 1, kRepeated = 2, kRejected = 3, kLater = 4 };
struct LogAck {
  AckState state = AckState::kLater;
  std::string error;  // slug, when rejected
  bool operator==(const LogAck&) const = default;
};
struct LogUploadResult {
  std::vector<LogAck> acks;     // one for each entry, in its order
  std::vector<LogMark> stored;  // of the logs in the upload and of the caller's
  std::vector<LogMark> cloud;   // what the cloud acknowledged of them
  bool operator==(const LogUploadResult&) const = default;
};
std::string EncodeLogUploadResult(const LogUploadResult& result);
StatusOr<LogUploadResult> DecodeLogUploadResult(std::string_view bytes);

// A scan that somebody else is asked to decide.
struct ScanRequest {
  ScanId scan;
  std::string text;
  uint32_t event = 0;  // 0: whichever event the code is of
  uint16_t gate = 0;
  Direction direction = Direction::kEntry;
  Timestamp at;
  bool staff_override = false;
  StaffNote staff = {};  // of the override, or of who picked
  TicketId picked = {};  // what staff found, in the place of a text; zero: none
  bool operator==(const ScanRequest&) const = default;
};
std::string EncodeScanRequest(const ScanRequest& request);
StatusOr<ScanRequest> DecodeScanRequest(std::string_view bytes);

struct ScanResponse {
  std::string entry;  // signed by whoever decided: outcome, reason, ticket and the rest
  Decision detail;    // only what explains: first, right_gates, opens_at, closed_at, rule_text
  std::string seat_label;
};
std::string EncodeScanResponse(const ScanResponse& response);
StatusOr<ScanResponse> DecodeScanResponse(std::string_view bytes);

// The explaining part of a decision alone, for storage.
std::string EncodeDecisionDetail(const Decision& decision);
StatusOr<Decision> DecodeDecisionDetail(std::string_view bytes);

struct Changes {
  std::vector<std::string> entries;
  uint64_t cursor = 0;
  DeviceId server;  // a cursor is good only for the server that gave it
  bool more = false;
  std::vector<CopyDevice> devices;
  std::vector<EventVersion> events;
  std::vector<LogMark> stored;  // how far this server has the reader's log
  std::vector<LogMark> cloud;   // how far the cloud has
  std::string passages;         // DecodePassageNotes; in the place of entries when asked for
  uint64_t devices_digest = 0;  // of the list of devices; 0 from a server that does not know it
  bool operator==(const Changes&) const = default;
};
// Tells lists of devices apart; never 0.
uint64_t DevicesDigest(const std::vector<CopyDevice>& devices);

// What a device asks for; the query of kChangesPath. Servers ignore what they do not know and send
// entries and devices always, as the first ones did.
struct ChangesQuery {
  enum class Form : uint8_t {
    kEntries,   // log entries of others: bastions, who keep them for the cloud
    kPassages,  // passages=others: notes of what others let in and out
    kAll,       // passages=all: and of the reader itself, when it knows of nothing
  };
  uint64_t after = 0;
  Form form = Form::kEntries;
  uint64_t devices = 0;  // digest of the list that the reader has
  bool operator==(const ChangesQuery&) const = default;
};
std::string EncodeChangesQuery(const ChangesQuery& query);  // "after=12&passages=others&devices=9"
// Puts the list into the answer, or only its digest when the reader has it.
void PutDevices(const ChangesQuery& query, std::vector<CopyDevice> devices, Changes& changes);
// Error: kInvalidField for numbers that are none. Values of other fields are ignored.
StatusOr<ChangesQuery> ReadChangesQuery(std::string_view after, std::string_view passages,
                                        std::string_view devices);

std::string EncodeChanges(const Changes& changes);
StatusOr<Changes> DecodeChanges(std::string_view bytes);

struct EnrolmentRequest {
  std::string pairing_code;
  DeviceId device;
  std::string public_key;
  std::string name;
  std::string proof;
  bool operator==(const EnrolmentRequest&) const = default;
};
std::string EncodeEnrolmentRequest(const EnrolmentRequest& request);
StatusOr<EnrolmentRequest> DecodeEnrolmentRequest(std::string_view bytes);

struct EnrolmentResponse {
  DeviceId device;
  DeviceId server;
  std::string server_key;
  std::string name;
  std::string gate;
  Timestamp server_time;
  std::vector<EventVersion> events;
  bool operator==(const EnrolmentResponse&) const = default;
};
std::string EncodeEnrolmentResponse(const EnrolmentResponse& response);
StatusOr<EnrolmentResponse> DecodeEnrolmentResponse(std::string_view bytes);

}  // namespace ticketing

#endif  // TICKETING_WIRE_SYNC_CODEC_H_
