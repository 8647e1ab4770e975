#include "ticketing/sync/merge.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

// Which of two entries about one scan speaks: the scanner's own log knows what the person was told.
// Everything else only makes the choice independent of the order of arrival; what comes behind the
// sequence breaks the tie between two different entries with one place in one log, which only a
// cheating device writes.
bool SpeaksBefore(const LogEntry& a, const LogEntry& b) {
  const bool a_foreign = a.device != a.scanner;
  const bool b_foreign = b.device != b.scanner;
  const auto content = [](const LogEntry& e) {
    return std::tie(e.signature, e.previous, e.hlc, e.at, e.ticket, e.event, e.gate, e.direction,
                    e.outcome, e.reason, e.decided_by, e.issue, e.counted, e.not_in_copy,
                    e.overridden, e.reentry);
  };
  return std::tie(a_foreign, a.device, a.sequence) < std::tie(b_foreign, b.device, b.sequence) ||
         (std::tie(a_foreign, a.device, a.sequence) == std::tie(b_foreign, b.device, b.sequence) &&
          content(a) < content(b));
}

bool Forbidden(const LogEntry& second, bool inside) {
  if (second.overridden || second.reentry == kLogReentryAlways) return false;
  if (second.reentry == kLogReentryAfterExit) return inside;
  return true;  // never: any earlier entry forbids it
}

Conflict MakeConflict(const LogEntry& first, const LogEntry& second) {
  Conflict conflict;
  conflict.ticket = second.ticket;
  conflict.event = second.event;
  conflict.first_scan = first.scan;
  conflict.second_scan = second.scan;
  conflict.first_gate = first.gate;
  conflict.second_gate = second.gate;
  conflict.first_device = first.scanner;
  conflict.second_device = second.scanner;
  conflict.first_at = first.at;
  conflict.second_at = second.at;
  return conflict;
}

}  // namespace

ScanRecord CombineScan(std::span<const LogEntry> entries) {
  ScanRecord record;
  const LogEntry* speaker = nullptr;
  std::set<DeviceId> logs;
  bool admitted = false;
  bool refused = false;
  for (const LogEntry& entry : entries) {
    if (entry.kind != LogKind::kScan) continue;
    if (speaker == nullptr || SpeaksBefore(entry, *speaker)) speaker = &entry;
    logs.insert(entry.device);
    (entry.outcome == kLogAdmitted ? admitted : refused) = true;
  }
  TICKETING_ASSERT(speaker != nullptr);
  record.told = *speaker;
  record.sources = static_cast<uint32_t>(logs.size());
  record.disputed = admitted && refused;
  // Only the device that let the person in can say that nobody went through, and a supervisor.
  for (const LogEntry& entry : entries) {
    const bool may = entry.device == speaker->scanner || entry.supervisor;
    if (entry.kind == LogKind::kAnnul && may) record.annulled = true;
  }
  return record;
}

void SortScans(std::vector<ScanRecord>& scans) {
  std::sort(scans.begin(), scans.end(), [](const ScanRecord& a, const ScanRecord& b) {
    return std::tie(a.told.hlc, a.told.scan) < std::tie(b.told.hlc, b.told.scan);
  });
}

std::vector<Conflict> FindConflicts(std::span<const ScanRecord> scans) {
  std::vector<Conflict> conflicts;
  const LogEntry* standing = nullptr;  // the entry that the next one would contradict
  bool inside = false;
  for (const ScanRecord& scan : scans) {
    if (!scan.counts()) continue;
    if (scan.told.direction == kLogExitWay) {
      inside = false;
      continue;
    }
    if (standing != nullptr && Forbidden(scan.told, inside)) {
      conflicts.push_back(MakeConflict(*standing, scan.told));
    } else if (!inside) {
      standing = &scan.told;
    }
    inside = true;
  }
  return conflicts;
}

MergeResult MergeLogs(std::span<const LogEntry> entries) {
  std::map<ScanId, std::vector<LogEntry>> by_scan;
  for (const LogEntry& entry : entries) by_scan[entry.scan].push_back(entry);
  MergeResult result;
  std::map<TicketId, std::vector<ScanRecord>> tickets;
  for (const auto& [scan, told] : by_scan) {
    const bool any = std::any_of(told.begin(), told.end(),
                                 [](const LogEntry& e) { return e.kind == LogKind::kScan; });
    if (!any) continue;
    ScanRecord record = CombineScan(told);
    if (record.told.ticket) tickets[record.told.ticket].push_back(record);
    result.scans.emplace(scan, std::move(record));
  }
  for (auto& [ticket, scans] : tickets) {
    SortScans(scans);
    for (const ScanRecord& scan : scans) result.by_ticket[ticket].push_back(scan.told.scan);
    for (Conflict& conflict : FindConflicts(scans)) result.conflicts.push_back(conflict);
  }
  return result;
}

}  // namespace ticketing
