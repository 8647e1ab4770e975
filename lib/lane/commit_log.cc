#include "lib/lane/commit_log.h"

#include <utility>

#include "ticketing/base/varint.h"

namespace ticketing::lane {
namespace {

constexpr char kFormat = 1;

bool TakeRecord(std::string_view& bytes, bool first, LogRecord& record) {
  ByteReader in(bytes);
  const uint64_t has_note = in.Bounded(1);
  if (has_note == 0 && first) return false;
  if (has_note == 1) {
    record.note.actor = in.Text();
    record.note.origin = in.Text();
    record.note.reason = in.Text();
  }
  const uint64_t count = in.Bounded(in.rest().size());
  if (!in.ok()) return false;
  bytes = in.rest();
  record.changes.clear();
  for (uint64_t i = 0; i < count; ++i) {
    std::optional<seat::Changes> changes = seat::TakeChanges(bytes);
    if (!changes) return false;
    record.changes.push_back(*std::move(changes));
  }
  return true;
}

}  // namespace

void LogWriter::Begin(Timestamp now, std::string buffer) {
  body_ = std::move(buffer);
  body_.clear();
  body_.push_back(kFormat);
  AppendSigned(body_, now.micros);
  first_ = true;
}

void LogWriter::Add(const LaneNote& note, std::span<const seat::Changes> changes) {
  // Commands of one commit mostly come from one place.
  if (first_ || !(note == last_)) {
    body_.push_back(1);
    AppendText(body_, note.actor);
    AppendText(body_, note.origin);
    AppendText(body_, note.reason);
    last_ = note;
    first_ = false;
  } else {
    body_.push_back(0);
  }
  AppendVarint(body_, changes.size());
  for (const seat::Changes& one : changes) seat::AppendChanges(body_, one);
}

Timestamp TimeOfLogBody(std::string_view body) {
  ByteReader in(body);
  if (in.Byte() != kFormat) return {};
  const Timestamp at{in.Signed()};
  return in.ok() ? at : Timestamp();
}

Status DamagedLog(LaneId lane, uint64_t version) {
  return MakeError(ErrorCode::kDataLoss, "The log of lane " + lane.ToString() +
                                             " cannot be read at version " +
                                             std::to_string(version) + ".");
}

Status ReadLogBody(LaneId lane, uint64_t version, std::string_view body,
                   const std::function<Status(LogRecord&)>& use) {
  LogRecord record;
  ByteReader in(body);
  if (in.Byte() != kFormat) return DamagedLog(lane, version);
  record.at = Timestamp{in.Signed()};
  if (!in.ok()) return DamagedLog(lane, version);
  body = in.rest();
  for (bool first = true; !body.empty(); first = false) {
    const size_t before = body.size();
    if (!TakeRecord(body, first, record)) return DamagedLog(lane, version);
    record.bytes = before - body.size();
    TICKETING_RETURN_IF_ERROR(use(record));
  }
  return OkStatus();
}

}  // namespace ticketing::lane
