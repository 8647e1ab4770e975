// The log of a device: what it decided at the gate, each entry chained to the one before and signed
// with the device's key, alone or with those after it. A log may travel by any road; whoever
// receives it can prove that nothing was changed, left out in the middle or added by somebody else.
//
// Layout, all integers big-endian. The device signs (Ed25519) every byte before its signature; the
// hash of an entry is BLAKE2b-256 over all its bytes. Most entries have the form of version 1, 170
// bytes; what staff said about an override or an annulment makes it version 2. A device that does
// not know the version of an entry rejects that one by itself, the entries around it not.
//
// A signature speaks for all that is chained before it. Entries that became durable in one commit
// share the one of the last of them: versions 3 and 4 are versions 1 and 2 without signature, at
// most kLogRunMax in a row. Such an entry is proven by the entries behind it up to the next
// signature and by nothing else: a log as stored or sent ends with a signed entry, and whoever
// takes entries rejects those behind the last signature. Of a run with a broken entry in it the
// ones behind that one are proven, it and those before it, back to the signature before, are not.
//
//   offset  bytes
//        0      1  version: 1, or 2 when staff said something; 3 and 4 the same without signature
//        1      1  kind: 1 scan, 2 annul
//        2      8  device: owner of this log, whose key signs
//       10      8  sequence in this log, from 1, without gaps
//       18     10  hybrid time: microseconds, counter
//       28      8  wall time of the device, microseconds
//       36     32  hash of the entry before; zeros for sequence 1
//       68      8  scan id
//       76      8  ticket id, 0 when the code could not be read
//       84      4  event number, 0 when unknown
//       88      8  scanner: the device whose scanner read the code
//       96      2  gate
//       98      1  direction: 1 entry, 2 exit
//       99      1  outcome: 1 admitted, 2 refused
//      100      2  reason
//      102      1  decided by: 1 the scanner alone, 2 the bastion, 3 the cloud
//      103      2  issue of the ticket
//      105      1  flags: 1 counted, 2 not in copy, 4 overridden, 8 re-entry after exit,
//                  16 re-entry always; other bits zero
//   versions 2 and 4 go on:
//      106      1  why: a StaffWhy of the admission module, or 0
//      107      1  flags: 1 by a supervisor, who may annul what others scanned; other bits zero
//      108      1  length of who, then who: an account, a badge, at most 64 bytes of UTF-8
//        .      1  length of note, then note: at most 160 bytes of UTF-8
//   versions 1 and 2 end with
//        .     64  signature
//
// A bastion writes an entry of its own for each scan that it decides for a handheld, and the
// handheld writes one too: two entries with one scan id, in two logs, so that losing either loses
// no scan.
#ifndef TICKETING_SYNC_LOG_ENTRY_H_
#define TICKETING_SYNC_LOG_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/sync/hlc.h"

namespace ticketing {

inline constexpr size_t kLogEntryBytes = 170;      // of version 1
inline constexpr size_t kChainedEntryBytes = 106;  // of version 3, the shortest
inline constexpr size_t kStaffByBytesMax = 64;
inline constexpr size_t kStaffNoteBytesMax = 160;
inline constexpr size_t kLogEntryBytesMax =
    kLogEntryBytes + 4 + kStaffByBytesMax + kStaffNoteBytesMax;
inline constexpr size_t kLogHashBytes = 32;
// Entries without signature in a row: with the signed one behind them they fit into one batch.
inline constexpr size_t kLogRunMax = 255;
// What is said of a rejected entry that no signature speaks for, where a broken or unknown one is
// "log-broken".
inline constexpr std::string_view kLogUnproven = "log-unproven";

enum class LogKind : uint8_t { kScan = 1, kAnnul = 2 };
enum class DecidedBy : uint8_t { kAlone = 1, kBastion = 2, kCloud = 3 };
std::string_view DecidedByName(DecidedBy by);  // "alone", "bastion", "cloud"

// Outcome, direction, reason and re-entry policy carry the numbers of the admission module; this
// module only needs to know which of them admit and which enter.
inline constexpr uint8_t kLogAdmitted = 1;
inline constexpr uint8_t kLogRefused = 2;
inline constexpr uint8_t kLogEntryWay = 1;
inline constexpr uint8_t kLogExitWay = 2;
inline constexpr uint8_t kLogReentryNever = 0;
inline constexpr uint8_t kLogReentryAfterExit = 1;
inline constexpr uint8_t kLogReentryAlways = 2;

// What staff said when they let somebody pass or took a scan back.
struct StaffNote {
  uint8_t why = 0;  // numbers of the admission module's StaffWhy; 0: not said
  std::string by;   // who: an account, a badge
  std::string note;

  bool empty() const { return why == 0 && by.empty() && note.empty(); }
  bool operator==(const StaffNote&) const = default;
};

// Errors: kInvalidField for a text that is too long or not UTF-8.
Status CheckStaffNote(const StaffNote& note);

struct LogEntry {
  LogKind kind = LogKind::kScan;
  DeviceId device;
  uint64_t sequence = 0;
  HlcTime hlc;
  Timestamp at;
  std::string previous = std::string(kLogHashBytes, '\0');
  ScanId scan;
  TicketId ticket;
  uint32_t event = 0;
  DeviceId scanner;
  uint16_t gate = 0;
  uint8_t direction = kLogEntryWay;
  uint8_t outcome = kLogRefused;
  uint16_t reason = 0;
  DecidedBy decided_by = DecidedBy::kAlone;
  uint16_t issue = 0;
  bool counted = false;                // changes whether the holder is inside
  bool not_in_copy = false;            // admitted on its signature alone
  bool overridden = false;             // staff let the person pass
  uint8_t reentry = kLogReentryNever;  // the ticket's policy, so that a merge needs no event copy
  StaffNote staff;                     // of an override or an annulment
  bool supervisor = false;             // an annulment that holds for any device's scan
  std::string signature;               // empty when the one of a later entry speaks for this

  bool operator==(const LogEntry&) const = default;
};

// Signs `entry` (whose `signature` is ignored, and whose note CheckStaffNote accepts) and gives its
// bytes.
std::string SealLogEntry(const LogEntry& entry, const SigningKey& device_key);

// The bytes of `entry` without signature: the one of a later entry will speak for it.
std::string ChainLogEntry(const LogEntry& entry);

// Whether the bytes have the form of an entry with a signature of its own. Nothing is checked.
bool CarriesSignature(std::string_view bytes);

// The entry that the bytes are. Only the form is checked, no signature. Error: kLogBroken for
// another length or version, values outside their ranges, spare bits, zero ids of device, scanner
// or scan, a note that says nothing.
StatusOr<LogEntry> DecodeLogEntry(std::string_view bytes);

// Whether the bytes are an entry signed by this key; never of one without signature.
bool IsLogEntryGenuine(std::string_view bytes, std::string_view public_key);

// What the next entry must carry as `previous`.
std::string LogEntryHash(std::string_view bytes);

// A place in a log: everything before `next_sequence` is known and the last of it has hash
// `previous`.
struct LogPosition {
  uint64_t next_sequence = 1;
  std::string previous = std::string(kLogHashBytes, '\0');

  bool operator==(const LogPosition&) const = default;
};

// Verifies that `entries` (encoded) are the continuation of the log of `device` from `from`: in
// order, without gaps, chained, each spoken for by a signature. Gives the position behind the last.
// Error: kLogBroken, whose first detail names the entry ("entries[3]") and what does not hold; of
// entries behind the last signature the first.
StatusOr<LogPosition> VerifyLog(DeviceId device, std::string_view public_key,
                                std::span<const std::string> entries, const LogPosition& from = {});

}  // namespace ticketing

#endif  // TICKETING_SYNC_LOG_ENTRY_H_
