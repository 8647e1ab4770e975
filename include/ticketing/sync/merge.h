// Merging device logs: what happened at the gates, told once, whatever order the logs came in,
// however often, and by whichever road.
//
// One physical scan may stand in several logs under one scan id (the scanner's own, the bastion's,
// the cloud's). What counts is what the person at the gate was told, so the scanner's own entry
// speaks when it is there, unless it names another ticket than the one that was decided; otherwise
// the entry of the lowest (device, sequence). Scans of one ticket sort by hybrid time, then by scan
// id, then by scanner.
//
// A scan id is its scanner's: a device that writes somebody else's id into its own log has made a
// scan of its own, whatever it meant by it, and takes nothing from the other. Both are disputed.
// That an entry for another device's scanner comes from a bastion or the cloud, which decide for
// others, is for the caller to see to.
//
// A conflict is an entry that its ticket's policy forbids given the scans before it: the two gates
// could not see each other, and both let somebody in. Each forbidden entry is one conflict, named
// by its own scan. Everything here is a function of the set of entries.
#ifndef TICKETING_SYNC_MERGE_H_
#define TICKETING_SYNC_MERGE_H_

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/time.h"
#include "ticketing/sync/hlc.h"
#include "ticketing/sync/log_entry.h"

namespace ticketing {

// One physical scan.
struct ScanRecord {
  LogEntry told;          // the entry that speaks; its signature and chain are of no use here
  uint32_t sources = 0;   // how many logs hold this scan
  bool disputed = false;  // logs tell different outcomes or tickets, or two scanners claim the id
  bool annulled = false;  // an annul entry of the scanner or of a supervisor takes it back

  // Whether it changes who is inside.
  bool counts() const { return told.counted && told.outcome == kLogAdmitted && !annulled; }
  bool operator==(const ScanRecord&) const = default;
};

// Two admissions that could not see each other.
struct Conflict {
  TicketId ticket;
  uint32_t event = 0;
  // The entry that stood first, and the one that should not have been.
  ScanId first_scan;
  ScanId second_scan;
  uint16_t first_gate = 0;
  uint16_t second_gate = 0;
  DeviceId first_device;
  DeviceId second_device;
  Timestamp first_at;
  Timestamp second_at;

  bool operator==(const Conflict&) const = default;
};

// The scans that these entries, all of one scan id, tell: one for each scanner that claims the id,
// by scanner, and nearly always a single one. The same entry given twice counts once. An annulment
// holds for the scan of its scanner, ticket and event; one without its scan tells nothing.
std::vector<ScanRecord> CombineScan(std::span<const LogEntry> entries);

// Sorts scans of one ticket into the order in which they happened.
void SortScans(std::vector<ScanRecord>& scans);

// The conflicts among the scans of one ticket, in their order. `scans` must be sorted.
std::vector<Conflict> FindConflicts(std::span<const ScanRecord> scans);

struct MergeResult {
  std::map<std::pair<ScanId, DeviceId>, ScanRecord> scans;  // by scan and scanner
  // The readable ones, sorted, by ticket; a scan without a ticket id stands in `scans` only.
  std::map<TicketId, std::vector<ScanId>> by_ticket;
  std::vector<Conflict> conflicts;  // by ticket, then in the order of their second scans

  bool operator==(const MergeResult&) const = default;
};

// Merges any set of entries of any devices. Annul entries whose scan is not there are ignored.
MergeResult MergeLogs(std::span<const LogEntry> entries);

}  // namespace ticketing

#endif  // TICKETING_SYNC_MERGE_H_
