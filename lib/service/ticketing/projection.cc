#include "lib/service/ticketing/projection.h"

#include <algorithm>
#include <set>

#include "ticketing/base/id.h"
#include "ticketing/seat/event_set.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/sync/merge.h"

namespace ticketing {
namespace {

StatusOr<int64_t> QueryInt(SqlTransaction& tx, std::string_view sql, const SqlArgs& args) {
  int64_t value = 0;
  TICKETING_RETURN_IF_ERROR(tx.Query(sql, args, [&](const SqlRow& row) {
    value = row.Int(0);
    return OkStatus();
  }));
  return value;
}

// The event of a scan. A code that could not be read names none: such a scan belongs to the event
// that its scanner works at, which the scanner's last readable scan tells, else to the event that
// starts nearest to it.
StatusOr<int64_t> EventOf(SqlTransaction& tx, const LogEntry& told) {
  if (told.event != 0) {
    TICKETING_ASSIGN_OR_RETURN(
        const int64_t named,
        QueryInt(tx, "SELECT id FROM events WHERE number = ?", {int64_t{told.event}}));
    if (named != 0) return named;
  }
  TICKETING_ASSIGN_OR_RETURN(
      const int64_t worked_at,
      QueryInt(tx, "SELECT event_id FROM scans WHERE scanner_id = ? ORDER BY arrival DESC LIMIT 1",
               {told.scanner.ToSql()}));
  if (worked_at != 0) return worked_at;
  // A season is not gone to: its matches are.
  return QueryInt(
      tx, "SELECT id FROM events WHERE kind IN (?, ?) ORDER BY ABS(starts_at - ?), id LIMIT 1",
      {static_cast<int64_t>(seat::EventKind::kEvent), static_cast<int64_t>(seat::EventKind::kMatch),
       told.at.micros});
}

Status ReadEntries(SqlTransaction& tx, ScanId scan, std::vector<LogEntry>& entries) {
  return tx.Query("SELECT entry FROM log_entries WHERE scan_id = ? ORDER BY device_id, sequence",
                  {scan.ToSql()}, [&](const SqlRow& row) -> Status {
                    TICKETING_ASSIGN_OR_RETURN(LogEntry entry, DecodeLogEntry(row.Bytes(0)));
                    entries.push_back(std::move(entry));
                    return OkStatus();
                  });
}

// The bytes of an entry as they are stored, found by its place in its log.
StatusOr<std::string> BytesOf(SqlTransaction& tx, const LogEntry& entry) {
  std::string bytes;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT entry FROM log_entries WHERE device_id = ? AND sequence = ?",
      {entry.device.ToSql(), static_cast<int64_t>(entry.sequence)}, [&](const SqlRow& row) {
        bytes = row.Bytes(0);
        return OkStatus();
      }));
  return bytes;
}

// Makes the row of a scan what its record is.
Status SaveScan(SqlTransaction& tx, const ScanRecord& record, Timestamp now) {
  TICKETING_ASSIGN_OR_RETURN(const std::string bytes, BytesOf(tx, record.told));
  TICKETING_ASSIGN_OR_RETURN(const int64_t event, EventOf(tx, record.told));
  TICKETING_ASSIGN_OR_RETURN(const int64_t arrival,
                             QueryInt(tx, "SELECT MAX(arrival) FROM scans", {}));
  return tx
      .Execute(
          "INSERT INTO scans (id, arrival, event_id, ticket_id, scanner_id, entry, outcome,"
          " annulled, sources, disputed, conflict, received_at)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (id, scanner_id) DO UPDATE SET"
          " ticket_id = excluded.ticket_id, entry = excluded.entry, outcome = excluded.outcome,"
          " annulled = excluded.annulled, sources = excluded.sources,"
          " disputed = excluded.disputed",
          {record.told.scan.ToSql(), arrival + 1, event, record.told.ticket.ToSql(),
           record.told.scanner.ToSql(), Blob{bytes}, int64_t{record.told.outcome},
           int64_t{record.annulled}, int64_t{record.sources}, int64_t{record.disputed}, now.micros})
      .status();
}

// Makes the rows of a scan id what all its entries tell, and adds the tickets that they are and
// were of.
Status RefreshScan(SqlTransaction& tx, ScanId scan, Timestamp now, std::set<TicketId>& tickets) {
  std::vector<LogEntry> entries;
  TICKETING_RETURN_IF_ERROR(ReadEntries(tx, scan, entries));
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT ticket_id FROM scans WHERE id = ?", {scan.ToSql()}, [&](const SqlRow& row) {
        tickets.insert(TicketId::FromSql(row.Int(0)));
        return OkStatus();
      }));
  for (const ScanRecord& record : CombineScan(entries)) {
    tickets.insert(record.told.ticket);
    TICKETING_RETURN_IF_ERROR(SaveScan(tx, record, now));
  }
  tickets.erase(TicketId{});
  return OkStatus();
}

// Marks the scans of a ticket that should not have been, given all of them.
Status RefreshConflicts(SqlTransaction& tx, TicketId ticket) {
  std::vector<ScanRecord> scans;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT entry, sources, disputed, annulled FROM scans WHERE ticket_id = ?",
               {ticket.ToSql()}, [&](const SqlRow& row) -> Status {
                 ScanRecord scan;
                 TICKETING_ASSIGN_OR_RETURN(scan.told, DecodeLogEntry(row.Bytes(0)));
                 scan.sources = static_cast<uint32_t>(row.Int(1));
                 scan.disputed = row.Int(2) != 0;
                 scan.annulled = row.Int(3) != 0;
                 scans.push_back(std::move(scan));
                 return OkStatus();
               }));
  SortScans(scans);
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("UPDATE scans SET conflict = 0 WHERE ticket_id = ? AND conflict = 1",
                 {ticket.ToSql()})
          .status());
  for (const Conflict& conflict : FindConflicts(scans)) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE scans SET conflict = 1 WHERE id = ? AND scanner_id = ?",
                   {conflict.second_scan.ToSql(), conflict.second_device.ToSql()})
            .status());
  }
  return OkStatus();
}

}  // namespace

StatusOr<uint64_t> ReadProjectionCursor(Database& database) {
  uint64_t cursor = 0;
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT cursor FROM cloud_device", {}, [&](const SqlRow& row) {
      cursor = static_cast<uint64_t>(row.Int(0));
      return OkStatus();
    });
  }));
  return cursor;
}

Status ProjectEntries(SqlTransaction& tx, const std::vector<std::string>& entries, uint64_t from,
                      uint64_t to, Timestamp now) {
  TICKETING_ASSIGN_OR_RETURN(const int64_t moved,
                             tx.Execute("UPDATE cloud_device SET cursor = ? WHERE cursor = ?",
                                        {static_cast<int64_t>(to), static_cast<int64_t>(from)}));
  if (moved == 0) return OkStatus();
  std::vector<ScanId> scans;  // as they came in
  std::set<TicketId> tickets;
  for (const std::string& bytes : entries) {
    TICKETING_ASSIGN_OR_RETURN(const LogEntry entry, DecodeLogEntry(bytes));
    TICKETING_ASSIGN_OR_RETURN(
        const int64_t rows,
        tx.Execute("INSERT INTO log_entries (device_id, sequence, scan_id, entry, received_at)"
                   " VALUES (?, ?, ?, ?, ?) ON CONFLICT (device_id, sequence) DO NOTHING",
                   {entry.device.ToSql(), static_cast<int64_t>(entry.sequence), entry.scan.ToSql(),
                    Blob{bytes}, now.micros}));
    if (rows == 0) continue;
    if (std::ranges::find(scans, entry.scan) == scans.end()) scans.push_back(entry.scan);
  }
  for (const ScanId scan : scans) TICKETING_RETURN_IF_ERROR(RefreshScan(tx, scan, now, tickets));
  for (const TicketId ticket : tickets) TICKETING_RETURN_IF_ERROR(RefreshConflicts(tx, ticket));
  return OkStatus();
}

}  // namespace ticketing
