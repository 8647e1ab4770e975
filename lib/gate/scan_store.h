// Scans and logs as rows. All functions run inside a transaction of the caller and return its
// errors.
#ifndef TICKETING_LIB_GATE_SCAN_STORE_H_
#define TICKETING_LIB_GATE_SCAN_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ticketing/admission/decision.h"
#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/sync/event_copy.h"
#include "ticketing/sync/hlc.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/sync/merge.h"

namespace ticketing::gate {

// The end of our own log and of the list of arrivals.
struct OwnLog {
  DeviceId device;
  uint64_t sequence = 0;  // of the last entry
  std::string hash = std::string(kLogHashBytes, '\0');
  HlcTime hlc;
  uint64_t arrival = 0;  // of the last entry of any log
};
StatusOr<std::optional<OwnLog>> LoadOwnLog(SqlTransaction& tx);
Status BeginOwnLog(SqlTransaction& tx, const OwnLog& own);  // the first time
Status SaveOwnLog(SqlTransaction& tx, const OwnLog& own);

struct StoredScan {
  ScanRecord record;
  std::string detail;  // EncodeDecisionDetail
  std::string seat_label;
  uint16_t zone = 0;  // of its ticket, where the event limits its zones
};
// SaveScan also keeps the count of the zone.
StatusOr<std::optional<StoredScan>> LoadScan(SqlTransaction& tx, ScanId scan, DeviceId scanner);
// Of every scanner that claims the id, by scanner; nearly always one.
StatusOr<std::vector<StoredScan>> LoadClaims(SqlTransaction& tx, ScanId scan);
Status SaveScan(SqlTransaction& tx, const StoredScan& scan);
// Scans that are not stored yet and in no zone that counts, many at once.
SqlArgs RowOfScan(const StoredScan& scan);
Status InsertScans(SqlTransaction& tx, const std::vector<SqlArgs>& rows);
// Makes the scans with this id what all their entries tell, `entry`, which is new, among them,
// keeping what only we know of them (the explanation). `header` is of the entry's event, if that is
// here. Adds the tickets whose history may have changed. False, and nothing done, when its device
// has told of this scan more often than any honest one does.
StatusOr<bool> RefreshScans(SqlTransaction& tx, const LogEntry& entry, const EventHeader* header,
                            std::set<TicketId>& tickets);
// A scan, an annulment, both once more after a restart: an honest device needs four. Every entry
// reads those before it about the same scan, so that thousands of them would cost millions of rows.
inline constexpr size_t kEntriesOfScanMax = 32;
// In the order in which they happened.
StatusOr<std::vector<ScanRecord>> LoadScansOfTicket(SqlTransaction& tx, TicketId ticket);
// Those that count, for a decision.
StatusOr<std::vector<Passage>> LoadPassages(SqlTransaction& tx, TicketId ticket);

// What log_entries.upload says of an entry and the cloud (schema.cc).
inline constexpr int64_t kUploadWaits = 0;
inline constexpr int64_t kUploadDone = 1;
inline constexpr int64_t kUploadFromPeer = 3;
SqlArgs RowOfEntry(const LogEntry& entry, const std::string& bytes, uint64_t arrival,
                   int64_t upload);
Status InsertLogEntries(SqlTransaction& tx, const std::vector<SqlArgs>& rows);
StatusOr<std::optional<std::string>> LoadLogEntry(SqlTransaction& tx, DeviceId device,
                                                  uint64_t sequence);
StatusOr<std::vector<LogEntry>> LoadEntriesOfScan(SqlTransaction& tx, ScanId scan);

// The scans that the log entries with these arrivals tell of, after `from` and up to `to`, in their
// order; a scan comes as often as its entries.
Status LoadArrivals(
    SqlTransaction& tx, uint64_t from, uint64_t to,
    const std::function<void(uint64_t arrival, uint16_t zone, const ScanRecord&)>& row);

// Makes the conflicts of a ticket what its scans, sorted, tell.
Status StoreConflicts(SqlTransaction& tx, TicketId ticket, const std::vector<ScanRecord>& scans);
StatusOr<std::vector<Conflict>> LoadConflicts(SqlTransaction& tx);

// Moves the mark of a log on over what is there without gaps, from the first entry ever; unless
// `strict`, what the cloud is known to have counts as there. Never from the first that happens to
// be here: what is missing before it may be nowhere else but with its owner.
Status AdvanceStored(SqlTransaction& tx, DeviceId device, bool strict);
struct LogProgress {
  uint64_t stored = 0;
  uint64_t cloud = 0;
};
StatusOr<LogProgress> LoadProgress(SqlTransaction& tx, DeviceId device);
// Moves the cloud's mark of a log on over entries that it acknowledged one by one, without gaps.
Status AdvanceCloud(SqlTransaction& tx, DeviceId device);
Status RaiseCloudMark(SqlTransaction& tx, DeviceId device, uint64_t sequence);

// Notes of passages as they came.
Status AppendNotes(SqlTransaction& tx, const std::string& notes);
StatusOr<std::vector<std::string>> LoadNotes(SqlTransaction& tx);

Status SaveSetting(SqlTransaction& tx, std::string_view name, int64_t value);

// One number, 0 when the query gives no row.
StatusOr<int64_t> QueryInt(SqlTransaction& tx, std::string_view sql, const SqlArgs& args);

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_SCAN_STORE_H_
