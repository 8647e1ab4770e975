// A passage told in short: what a gate must know of a scan that somebody else made, so that it
// refuses the next one and finds the double entry. Bastion and cloud make notes of the logs they
// hold and vouch for them; a handheld believes whom it asks to decide. The logs themselves travel
// up, never sideways: fifty handhelds need not keep fifty copies of each.
//
// Layout, 56 bytes, all integers big-endian:
//
//   offset  bytes
//        0      1  flags: 1 counts, 2 exit, 4 overridden, 8 re-entry after exit,
//                  16 re-entry always, 32 not in copy; other bits zero
//        1      1  decided by: 1 the scanner alone, 2 the bastion, 3 the cloud
//        2      2  reason
//        4      8  scan id
//       12      8  ticket id
//       20      4  event number
//       24      8  scanner
//       32      2  gate
//       34      2  issue of the ticket
//       36     10  hybrid time: microseconds, counter
//       46      8  wall time of the scanner, microseconds
//       54      2  zone that it counts in, where the event limits its zones; else 0
//
// A later note about a scan replaces an earlier one. One that does not count takes it back: the
// scan was annulled, or its scanner had answered otherwise than the one it asked.
#ifndef TICKETING_SYNC_PASSAGE_NOTE_H_
#define TICKETING_SYNC_PASSAGE_NOTE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/sync/hlc.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/sync/merge.h"

namespace ticketing {

inline constexpr size_t kPassageNoteBytes = 56;
// Log entries that one answer tells of; about 110 KB.
inline constexpr size_t kPassageNotesMax = 2'000;

struct PassageNote {
  bool counts = true;
  bool exit = false;
  bool overridden = false;
  bool not_in_copy = false;
  uint8_t reentry = kLogReentryNever;
  DecidedBy decided_by = DecidedBy::kAlone;
  uint16_t reason = 0;
  ScanId scan;
  TicketId ticket;
  uint32_t event = 0;
  DeviceId scanner;
  uint16_t gate = 0;
  uint16_t issue = 0;
  HlcTime hlc;
  Timestamp at;
  uint16_t zone = 0;

  bool operator==(const PassageNote&) const = default;
};

// Of a scan as the logs tell it. Whether others need to hear of it: everything but a refusal that
// nobody disputes.
bool IsWorthANote(const ScanRecord& record);
PassageNote NoteOf(const ScanRecord& record);
// The record that a note stands for, as far as merging needs it: an admission.
ScanRecord RecordOf(const PassageNote& note);

void AppendPassageNote(const PassageNote& note, std::string& out);
// Notes one behind the other. Error: kInvalidField for another length, values outside their
// ranges, spare bits, zero ids.
StatusOr<std::vector<PassageNote>> DecodePassageNotes(std::string_view bytes);

}  // namespace ticketing

#endif  // TICKETING_SYNC_PASSAGE_NOTE_H_
