#include "ticketing/sync/passage_note.h"

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

constexpr uint64_t kIdMax = 0x7fff'ffff'ffff'ffff;

constexpr uint8_t kCounts = 1;
constexpr uint8_t kExit = 2;
constexpr uint8_t kOverridden = 4;
constexpr uint8_t kAfterExit = 8;
constexpr uint8_t kAlways = 16;
constexpr uint8_t kNotInCopy = 32;
constexpr uint8_t kKnown = 63;

uint8_t FlagsOf(const PassageNote& note) {
  uint8_t flags = 0;
  if (note.counts) flags |= kCounts;
  if (note.exit) flags |= kExit;
  if (note.overridden) flags |= kOverridden;
  if (note.reentry == kLogReentryAfterExit) flags |= kAfterExit;
  if (note.reentry == kLogReentryAlways) flags |= kAlways;
  if (note.not_in_copy) flags |= kNotInCopy;
  return flags;
}

bool IsId(uint64_t value) {
  return value != 0 && value <= kIdMax;
}

PassageNote ReadNote(std::string_view bytes, size_t at, uint8_t flags) {
  PassageNote note;
  note.counts = (flags & kCounts) != 0;
  note.exit = (flags & kExit) != 0;
  note.overridden = (flags & kOverridden) != 0;
  note.not_in_copy = (flags & kNotInCopy) != 0;
  if ((flags & kAfterExit) != 0) note.reentry = kLogReentryAfterExit;
  if ((flags & kAlways) != 0) note.reentry = kLogReentryAlways;
  note.decided_by = static_cast<DecidedBy>(ReadBigEndian(bytes, at + 1, 1));
  note.reason = static_cast<uint16_t>(ReadBigEndian(bytes, at + 2, 2));
  note.scan.value = ReadBigEndian(bytes, at + 4, 8);
  note.ticket.value = ReadBigEndian(bytes, at + 12, 8);
  note.event = static_cast<uint32_t>(ReadBigEndian(bytes, at + 20, 4));
  note.scanner.value = ReadBigEndian(bytes, at + 24, 8);
  note.gate = static_cast<uint16_t>(ReadBigEndian(bytes, at + 32, 2));
  note.issue = static_cast<uint16_t>(ReadBigEndian(bytes, at + 34, 2));
  note.hlc.micros = static_cast<int64_t>(ReadBigEndian(bytes, at + 36, 8));
  note.hlc.counter = static_cast<uint16_t>(ReadBigEndian(bytes, at + 44, 2));
  note.at.micros = static_cast<int64_t>(ReadBigEndian(bytes, at + 46, 8));
  note.zone = static_cast<uint16_t>(ReadBigEndian(bytes, at + 54, 2));
  return note;
}

bool InRange(const PassageNote& note, uint8_t flags) {
  const auto by = static_cast<uint8_t>(note.decided_by);
  const bool both = (flags & kAfterExit) != 0 && (flags & kAlways) != 0;
  return (flags & ~kKnown) == 0 && !both && by >= 1 && by <= 3 && note.reason != 0 &&
         IsId(note.scan.value) && IsId(note.ticket.value) && IsId(note.scanner.value) &&
         note.hlc.micros >= 0 && note.at.micros >= 0;
}

}  // namespace

bool IsWorthANote(const ScanRecord& record) {
  const LogEntry& told = record.told;
  const bool plain_refusal = told.outcome == kLogRefused && !record.disputed && !record.annulled;
  // Whoever was asked first may have told of an entry and then been lost with all that he knew:
  // what a scanner itself says of its scan in the end takes that back.
  const bool in_the_end =
      told.scanner && told.device == told.scanner && told.decided_by == DecidedBy::kAlone;
  return told.ticket && (!plain_refusal || in_the_end);
}

PassageNote NoteOf(const ScanRecord& record) {
  const LogEntry& told = record.told;
  PassageNote note;
  note.counts = record.counts();
  note.exit = told.direction == kLogExitWay;
  note.overridden = told.overridden;
  note.not_in_copy = told.not_in_copy;
  note.reentry = told.reentry;
  note.decided_by = told.decided_by;
  note.reason = told.reason;
  note.scan = told.scan;
  note.ticket = told.ticket;
  note.event = told.event;
  note.scanner = told.scanner;
  note.gate = told.gate;
  note.issue = told.issue;
  note.hlc = told.hlc;
  note.at = told.at;
  return note;
}

ScanRecord RecordOf(const PassageNote& note) {
  ScanRecord record;
  LogEntry& told = record.told;
  told.device = note.scanner;
  told.outcome = kLogAdmitted;
  told.counted = note.counts;
  told.direction = note.exit ? kLogExitWay : kLogEntryWay;
  told.overridden = note.overridden;
  told.not_in_copy = note.not_in_copy;
  told.reentry = note.reentry;
  told.decided_by = note.decided_by;
  told.reason = note.reason;
  told.scan = note.scan;
  told.ticket = note.ticket;
  told.event = note.event;
  told.scanner = note.scanner;
  told.gate = note.gate;
  told.issue = note.issue;
  told.hlc = note.hlc;
  told.at = note.at;
  record.sources = 1;
  return record;
}

void AppendPassageNote(const PassageNote& note, std::string& out) {
  AppendBigEndian(out, FlagsOf(note), 1);
  AppendBigEndian(out, static_cast<uint64_t>(note.decided_by), 1);
  AppendBigEndian(out, note.reason, 2);
  AppendBigEndian(out, note.scan.value, 8);
  AppendBigEndian(out, note.ticket.value, 8);
  AppendBigEndian(out, note.event, 4);
  AppendBigEndian(out, note.scanner.value, 8);
  AppendBigEndian(out, note.gate, 2);
  AppendBigEndian(out, note.issue, 2);
  AppendBigEndian(out, static_cast<uint64_t>(note.hlc.micros), 8);
  AppendBigEndian(out, note.hlc.counter, 2);
  AppendBigEndian(out, static_cast<uint64_t>(note.at.micros), 8);
  AppendBigEndian(out, note.zone, 2);
}

StatusOr<std::vector<PassageNote>> DecodePassageNotes(std::string_view bytes) {
  if (bytes.size() % kPassageNoteBytes != 0) {
    return InvalidField("passages", "A note has 56 bytes.");
  }
  std::vector<PassageNote> notes;
  notes.reserve(bytes.size() / kPassageNoteBytes);
  for (size_t at = 0; at < bytes.size(); at += kPassageNoteBytes) {
    const auto flags = static_cast<uint8_t>(bytes[at]);
    notes.push_back(ReadNote(bytes, at, flags));
    if (!InRange(notes.back(), flags)) {
      return InvalidField("passages[" + std::to_string(notes.size() - 1) + "]",
                          "A value is out of range.");
    }
  }
  return notes;
}

}  // namespace ticketing
