#include "ticketing/sync/merge.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace ticketing {
namespace {

// Which of two entries speaks first among those of its kind, independent of the order of arrival.
// What comes behind the sequence breaks the tie between two different entries with one place in one
// log, which only a cheating device writes.
bool SpeaksBefore(const LogEntry& a, const LogEntry& b) {
  const auto place = [](const LogEntry& e) { return std::tie(e.device, e.sequence); };
  const auto content = [](const LogEntry& e) {
    return std::tie(e.signature, e.previous, e.hlc, e.at, e.ticket, e.event, e.gate, e.direction,
                    e.outcome, e.reason, e.decided_by, e.issue, e.counted, e.not_in_copy,
                    e.overridden, e.reentry);
  };
  if (place(a) != place(b)) return place(a) < place(b);
  return content(a) < content(b);
}

// What the entries tell of the scan of one scanner.
struct Claim {
  const LogEntry* own = nullptr;      // the scanner's word: what the person was told
  const LogEntry* decided = nullptr;  // the word of whoever decided for it
  std::set<DeviceId> logs;
  std::set<TicketId> tickets;
  bool admitted = false;
  bool refused = false;

  void Add(const LogEntry& entry) {
    const LogEntry*& word = entry.device == entry.scanner ? own : decided;
    if (word == nullptr || SpeaksBefore(entry, *word)) word = &entry;
    logs.insert(entry.device);
    if (entry.ticket) tickets.insert(entry.ticket);
    (entry.outcome == kLogAdmitted ? admitted : refused) = true;
  }

  // A scanner that names another ticket than it asked about does not take back what it asked.
  const LogEntry& Speaker() const {
    if (own == nullptr) return *decided;
    const bool other =
        decided != nullptr && decided->ticket && own->ticket && decided->ticket != own->ticket;
    return other ? *decided : *own;
  }
};

// Only the device that let the person in can say that nobody went through, and a supervisor of that
// event; what was said of another ticket or event says nothing about this scan.
bool TakesBack(const LogEntry& annul, const LogEntry& told) {
  return annul.kind == LogKind::kAnnul && annul.scanner == told.scanner &&
         annul.ticket == told.ticket && annul.event == told.event &&
         (annul.device == told.scanner || annul.supervisor);
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

std::vector<ScanRecord> CombineScan(std::span<const LogEntry> entries) {
  std::map<DeviceId, Claim> claims;
  for (const LogEntry& entry : entries) {
    if (entry.kind == LogKind::kScan) claims[entry.scanner].Add(entry);
  }
  std::vector<ScanRecord> records;
  for (const auto& [scanner, claim] : claims) {
    ScanRecord& record = records.emplace_back();
    record.told = claim.Speaker();
    record.sources = static_cast<uint32_t>(claim.logs.size());
    record.disputed =
        (claim.admitted && claim.refused) || claim.tickets.size() > 1 || claims.size() > 1;
    record.annulled = std::ranges::any_of(
        entries, [&](const LogEntry& entry) { return TakesBack(entry, record.told); });
  }
  return records;
}

void SortScans(std::vector<ScanRecord>& scans) {
  std::sort(scans.begin(), scans.end(), [](const ScanRecord& a, const ScanRecord& b) {
    return std::tie(a.told.hlc, a.told.scan, a.told.scanner) <
           std::tie(b.told.hlc, b.told.scan, b.told.scanner);
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
    for (ScanRecord& record : CombineScan(told)) {
      if (record.told.ticket) tickets[record.told.ticket].push_back(record);
      result.scans.emplace(std::pair(scan, record.told.scanner), std::move(record));
    }
  }
  for (auto& [ticket, scans] : tickets) {
    SortScans(scans);
    for (const ScanRecord& scan : scans) result.by_ticket[ticket].push_back(scan.told.scan);
    for (Conflict& conflict : FindConflicts(scans)) result.conflicts.push_back(conflict);
  }
  return result;
}

}  // namespace ticketing
