#include "ticketing/sync/log_entry.h"

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kVersionWithNote = 2;
constexpr uint8_t kVersionChained = 3;
constexpr uint8_t kVersionChainedWithNote = 4;
constexpr size_t kFixedBytes = kLogEntryBytes - kSignatureBytes;
static_assert(kFixedBytes == kChainedEntryBytes);
constexpr uint8_t kFlagSupervisor = 1;
constexpr uint64_t kIdMax = 0x7fff'ffff'ffff'ffff;

constexpr uint8_t kFlagCounted = 1;
constexpr uint8_t kFlagNotInCopy = 2;
constexpr uint8_t kFlagOverridden = 4;
constexpr uint8_t kFlagReentryAfterExit = 8;
constexpr uint8_t kFlagReentryAlways = 16;
constexpr uint8_t kFlagsKnown = 31;

uint8_t FlagsOf(const LogEntry& entry) {
  uint8_t flags = 0;
  if (entry.counted) flags |= kFlagCounted;
  if (entry.not_in_copy) flags |= kFlagNotInCopy;
  if (entry.overridden) flags |= kFlagOverridden;
  if (entry.reentry == kLogReentryAfterExit) flags |= kFlagReentryAfterExit;
  if (entry.reentry == kLogReentryAlways) flags |= kFlagReentryAlways;
  return flags;
}

bool HasNote(const LogEntry& entry) {
  return entry.supervisor || !entry.staff.empty();
}

void AppendText(std::string& out, std::string_view text) {
  AppendBigEndian(out, text.size(), 1);
  out += text;
}

// All but the signature; `version` is that of an entry without note.
std::string Encode(const LogEntry& entry, uint8_t version) {
  static_assert(kVersionWithNote == kVersion + 1);
  static_assert(kVersionChainedWithNote == kVersionChained + 1);
  TICKETING_ASSERT(entry.previous.size() == kLogHashBytes);
  std::string out;
  out.reserve(HasNote(entry) ? kLogEntryBytesMax : kLogEntryBytes);
  AppendBigEndian(out, version + (HasNote(entry) ? 1u : 0u), 1);
  AppendBigEndian(out, static_cast<uint64_t>(entry.kind), 1);
  AppendBigEndian(out, entry.device.value, 8);
  AppendBigEndian(out, entry.sequence, 8);
  AppendBigEndian(out, static_cast<uint64_t>(entry.hlc.micros), 8);
  AppendBigEndian(out, entry.hlc.counter, 2);
  AppendBigEndian(out, static_cast<uint64_t>(entry.at.micros), 8);
  out += entry.previous;
  AppendBigEndian(out, entry.scan.value, 8);
  AppendBigEndian(out, entry.ticket.value, 8);
  AppendBigEndian(out, entry.event, 4);
  AppendBigEndian(out, entry.scanner.value, 8);
  AppendBigEndian(out, entry.gate, 2);
  AppendBigEndian(out, entry.direction, 1);
  AppendBigEndian(out, entry.outcome, 1);
  AppendBigEndian(out, entry.reason, 2);
  AppendBigEndian(out, static_cast<uint64_t>(entry.decided_by), 1);
  AppendBigEndian(out, entry.issue, 2);
  AppendBigEndian(out, FlagsOf(entry), 1);
  TICKETING_ASSERT(out.size() == kFixedBytes);
  if (HasNote(entry)) {
    TICKETING_ASSERT(CheckStaffNote(entry.staff).ok());
    AppendBigEndian(out, entry.staff.why, 1);
    AppendBigEndian(out, entry.supervisor ? kFlagSupervisor : uint8_t{0}, 1);
    AppendText(out, entry.staff.by);
    AppendText(out, entry.staff.note);
  }
  return out;
}

Status Broken(std::string_view field, std::string_view what) {
  ErrorDetails details;
  details.fields.push_back({std::string(field), std::string(what)});
  return MakeError(ErrorCode::kLogBroken, "A log entry does not hold: " + std::string(what) + ".",
                   details);
}

// Reads integers one after the other. The caller has checked the length.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  uint64_t Take(size_t width) {
    const uint64_t value = ReadBigEndian(bytes_, offset_, width);
    offset_ += width;
    return value;
  }
  std::string TakeBytes(size_t count) {
    std::string out(bytes_.substr(offset_, count));
    offset_ += count;
    return out;
  }

 private:
  std::string_view bytes_;
  size_t offset_ = 0;
};

// What a note adds; `bytes` is between the fixed part and the signature or the end.
bool ReadNote(std::string_view bytes, LogEntry& entry) {
  if (bytes.size() < 4) return false;
  entry.staff.why = static_cast<uint8_t>(bytes[0]);
  const uint8_t flags = static_cast<uint8_t>(bytes[1]);
  if ((flags & ~kFlagSupervisor) != 0) return false;
  entry.supervisor = flags != 0;
  bytes.remove_prefix(2);
  for (std::string* text : {&entry.staff.by, &entry.staff.note}) {
    if (bytes.empty()) return false;
    const size_t length = static_cast<uint8_t>(bytes[0]);
    if (bytes.size() - 1 < length) return false;
    *text = std::string(bytes.substr(1, length));
    bytes.remove_prefix(1 + length);
  }
  return bytes.empty() && HasNote(entry) && CheckStaffNote(entry.staff).ok();
}

bool IsId(uint64_t value) {
  return value != 0 && value <= kIdMax;
}

bool InRange(const LogEntry& e, uint64_t kind, uint64_t decided_by, uint64_t flags) {
  const bool both_policies =
      (flags & kFlagReentryAfterExit) != 0 && (flags & kFlagReentryAlways) != 0;
  return (kind == 1 || kind == 2) && decided_by >= 1 && decided_by <= 3 &&
         (flags & ~uint64_t{kFlagsKnown}) == 0 && !both_policies && IsId(e.device.value) &&
         IsId(e.scan.value) && IsId(e.scanner.value) && e.ticket.value <= kIdMax &&
         e.sequence >= 1 && e.sequence <= kIdMax && e.hlc.micros >= 0 && e.at.micros >= 0 &&
         (e.direction == kLogEntryWay || e.direction == kLogExitWay) &&
         (e.outcome == kLogAdmitted || e.outcome == kLogRefused) && e.reason != 0;
}

}  // namespace

Status CheckStaffNote(const StaffNote& note) {
  if (note.by.size() > kStaffByBytesMax || !IsValidUtf8(note.by)) {
    return InvalidField("staff.by", "It is longer than 64 bytes or not UTF-8.");
  }
  if (note.note.size() > kStaffNoteBytesMax || !IsValidUtf8(note.note)) {
    return InvalidField("staff.note", "It is longer than 160 bytes or not UTF-8.");
  }
  return OkStatus();
}

std::string_view DecidedByName(DecidedBy by) {
  switch (by) {
    case DecidedBy::kAlone:
      return "alone";
    case DecidedBy::kBastion:
      return "bastion";
    case DecidedBy::kCloud:
      return "cloud";
  }
  return "unknown";
}

std::string SealLogEntry(const LogEntry& entry, const SigningKey& device_key) {
  std::string bytes = Encode(entry, kVersion);
  bytes += device_key.Sign(bytes);
  return bytes;
}

std::string ChainLogEntry(const LogEntry& entry) {
  return Encode(entry, kVersionChained);
}

bool CarriesSignature(std::string_view bytes) {
  if (bytes.size() < kLogEntryBytes) return false;
  const auto version = static_cast<uint8_t>(bytes[0]);
  return version == kVersion || version == kVersionWithNote;
}

StatusOr<LogEntry> DecodeLogEntry(std::string_view bytes) {
  if (bytes.size() < kChainedEntryBytes || bytes.size() > kLogEntryBytesMax) {
    return Broken("length", "no entry has this length");
  }
  Reader in(bytes);
  const uint64_t version = in.Take(1);
  if (version < kVersion || version > kVersionChainedWithNote) {
    return Broken("version", "its version is not known");
  }
  const bool with_note = version == kVersionWithNote || version == kVersionChainedWithNote;
  const size_t signed_by_itself = version <= kVersionWithNote ? kSignatureBytes : 0;
  const size_t shortest = kFixedBytes + signed_by_itself;
  if (bytes.size() < shortest || (!with_note && bytes.size() != shortest)) {
    return Broken("length", "no entry of its version has this length");
  }
  LogEntry e;
  const uint64_t kind = in.Take(1);
  e.device.value = in.Take(8);
  e.sequence = in.Take(8);
  e.hlc.micros = static_cast<int64_t>(in.Take(8));
  e.hlc.counter = static_cast<uint16_t>(in.Take(2));
  e.at.micros = static_cast<int64_t>(in.Take(8));
  e.previous = in.TakeBytes(kLogHashBytes);
  e.scan.value = in.Take(8);
  e.ticket.value = in.Take(8);
  e.event = static_cast<uint32_t>(in.Take(4));
  e.scanner.value = in.Take(8);
  e.gate = static_cast<uint16_t>(in.Take(2));
  e.direction = static_cast<uint8_t>(in.Take(1));
  e.outcome = static_cast<uint8_t>(in.Take(1));
  e.reason = static_cast<uint16_t>(in.Take(2));
  const uint64_t decided_by = in.Take(1);
  e.issue = static_cast<uint16_t>(in.Take(2));
  const uint64_t flags = in.Take(1);
  if (with_note && !ReadNote(in.TakeBytes(bytes.size() - shortest), e)) {
    return Broken("staff", "what staff said is not well formed");
  }
  e.signature = in.TakeBytes(signed_by_itself);
  if (!InRange(e, kind, decided_by, flags)) return Broken("value", "a value is out of range");
  e.kind = static_cast<LogKind>(kind);
  e.decided_by = static_cast<DecidedBy>(decided_by);
  e.counted = (flags & kFlagCounted) != 0;
  e.not_in_copy = (flags & kFlagNotInCopy) != 0;
  e.overridden = (flags & kFlagOverridden) != 0;
  if ((flags & kFlagReentryAfterExit) != 0) e.reentry = kLogReentryAfterExit;
  if ((flags & kFlagReentryAlways) != 0) e.reentry = kLogReentryAlways;
  return e;
}

bool IsLogEntryGenuine(std::string_view bytes, std::string_view public_key) {
  if (!CarriesSignature(bytes) || bytes.size() > kLogEntryBytesMax) return false;
  const size_t signed_bytes = bytes.size() - kSignatureBytes;
  return VerifySignature(public_key, bytes.substr(0, signed_bytes), bytes.substr(signed_bytes));
}

std::string LogEntryHash(std::string_view bytes) {
  return Blake2b256(bytes);
}

StatusOr<LogPosition> VerifyLog(DeviceId device, std::string_view public_key,
                                std::span<const std::string> entries, const LogPosition& from) {
  LogPosition position = from;
  size_t proven = 0;  // entries before this one have a signature behind them
  const auto place_of = [](size_t i) { return "entries[" + std::to_string(i) + "]"; };
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string place = place_of(i);
    const StatusOr<LogEntry> entry = DecodeLogEntry(entries[i]);
    if (!entry.ok()) return Broken(place, MessageOf(entry.status()));
    if (entry->device != device) return Broken(place, "it is of another device");
    if (entry->sequence != position.next_sequence) return Broken(place, "its sequence is wrong");
    if (entry->previous != position.previous) return Broken(place, "the chain is broken");
    if (CarriesSignature(entries[i])) {
      if (!IsLogEntryGenuine(entries[i], public_key))
        return Broken(place, "its signature is wrong");
      proven = i + 1;
    } else if (i - proven >= kLogRunMax) {
      return Broken(place, "too many before it have no signature");
    }
    position = {entry->sequence + 1, LogEntryHash(entries[i])};
  }
  if (proven < entries.size()) return Broken(place_of(proven), "no signature is behind it");
  return position;
}

}  // namespace ticketing
