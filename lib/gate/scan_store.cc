#include "lib/gate/scan_store.h"

#include <algorithm>

#include "lib/gate/zone_counts.h"

namespace ticketing::gate {
namespace {

constexpr char kScanColumns[] =
    "scan, ticket, event, gate, direction, outcome, reason, counted, hlc_micros, hlc_counter, at, "
    "scanner, decided_by, issue, reentry, overridden, not_in_copy, sources, disputed, annulled, "
    "log_device, log_sequence";

const std::string& InsertScanSql() {
  static const std::string sql =
      "INSERT INTO scans (" + std::string(kScanColumns) +
      ", detail, seat_label, counts, zone) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  return sql;
}

ScanRecord ReadScan(const SqlRow& row) {
  ScanRecord record;
  LogEntry& told = record.told;
  told.scan = ScanId::FromSql(row.Int(0));
  told.ticket = TicketId::FromSql(row.Int(1));
  told.event = static_cast<uint32_t>(row.Int(2));
  told.gate = static_cast<uint16_t>(row.Int(3));
  told.direction = static_cast<uint8_t>(row.Int(4));
  told.outcome = static_cast<uint8_t>(row.Int(5));
  told.reason = static_cast<uint16_t>(row.Int(6));
  told.counted = row.Int(7) != 0;
  told.hlc = {row.Int(8), static_cast<uint16_t>(row.Int(9))};
  told.at = Timestamp{row.Int(10)};
  told.scanner = DeviceId::FromSql(row.Int(11));
  told.decided_by = static_cast<DecidedBy>(row.Int(12));
  told.issue = static_cast<uint16_t>(row.Int(13));
  told.reentry = static_cast<uint8_t>(row.Int(14));
  told.overridden = row.Int(15) != 0;
  told.not_in_copy = row.Int(16) != 0;
  record.sources = static_cast<uint32_t>(row.Int(17));
  record.disputed = row.Int(18) != 0;
  record.annulled = row.Int(19) != 0;
  told.device = DeviceId::FromSql(row.Int(20));
  told.sequence = static_cast<uint64_t>(row.Int(21));
  return record;
}

// Of kScanColumns, detail, seat_label, zone.
StoredScan ReadStored(const SqlRow& row) {
  return {ReadScan(row), row.Bytes(22), row.Text(23), static_cast<uint16_t>(row.Int(24))};
}

Conflict ReadConflict(const SqlRow& row) {
  Conflict conflict;
  conflict.second_scan = ScanId::FromSql(row.Int(0));
  conflict.ticket = TicketId::FromSql(row.Int(1));
  conflict.event = static_cast<uint32_t>(row.Int(2));
  conflict.first_scan = ScanId::FromSql(row.Int(3));
  conflict.first_gate = static_cast<uint16_t>(row.Int(4));
  conflict.second_gate = static_cast<uint16_t>(row.Int(5));
  conflict.first_device = DeviceId::FromSql(row.Int(6));
  conflict.second_device = DeviceId::FromSql(row.Int(7));
  conflict.first_at = Timestamp{row.Int(8)};
  conflict.second_at = Timestamp{row.Int(9)};
  return conflict;
}

int64_t Sql(uint64_t value) {
  return static_cast<int64_t>(value);
}

}  // namespace

StatusOr<int64_t> QueryInt(SqlTransaction& tx, std::string_view sql, const SqlArgs& args) {
  int64_t value = 0;
  TICKETING_RETURN_IF_ERROR(tx.Query(sql, args, [&](const SqlRow& row) {
    value = row.Int(0);
    return OkStatus();
  }));
  return value;
}

StatusOr<std::optional<OwnLog>> LoadOwnLog(SqlTransaction& tx) {
  std::optional<OwnLog> own;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT device, sequence, hash, hlc_micros, hlc_counter, arrival FROM own_log "
               "WHERE id = 1",
               {}, [&](const SqlRow& row) {
                 own.emplace();
                 own->device = DeviceId::FromSql(row.Int(0));
                 own->sequence = static_cast<uint64_t>(row.Int(1));
                 own->hash = row.Bytes(2);
                 own->hlc = {row.Int(3), static_cast<uint16_t>(row.Int(4))};
                 own->arrival = static_cast<uint64_t>(row.Int(5));
                 return OkStatus();
               }));
  return own;
}

Status BeginOwnLog(SqlTransaction& tx, const OwnLog& own) {
  return tx
      .Execute(
          "INSERT INTO own_log (id, device, sequence, hash, hlc_micros, hlc_counter, arrival) "
          "VALUES (1, ?, ?, ?, ?, ?, ?)",
          {own.device.ToSql(), Sql(own.sequence), Blob{own.hash}, own.hlc.micros,
           int64_t{own.hlc.counter}, Sql(own.arrival)})
      .status();
}

Status SaveOwnLog(SqlTransaction& tx, const OwnLog& own) {
  return tx
      .Execute(
          "UPDATE own_log SET sequence = ?, hash = ?, hlc_micros = ?, hlc_counter = ?, arrival = ? "
          "WHERE id = 1",
          {Sql(own.sequence), Blob{own.hash}, own.hlc.micros, int64_t{own.hlc.counter},
           Sql(own.arrival)})
      .status();
}

StatusOr<std::optional<StoredScan>> LoadScan(SqlTransaction& tx, ScanId scan, DeviceId scanner) {
  std::optional<StoredScan> found;
  static const std::string sql =
      "SELECT " + std::string(kScanColumns) +
      ", detail, seat_label, zone FROM scans WHERE scan = ? AND scanner = ?";
  TICKETING_RETURN_IF_ERROR(tx.Query(sql, {scan.ToSql(), scanner.ToSql()}, [&](const SqlRow& row) {
    found = ReadStored(row);
    return OkStatus();
  }));
  return found;
}

StatusOr<std::vector<StoredScan>> LoadClaims(SqlTransaction& tx, ScanId scan) {
  std::vector<StoredScan> claims;
  static const std::string sql =
      "SELECT " + std::string(kScanColumns) +
      ", detail, seat_label, zone FROM scans WHERE scan = ? ORDER BY scanner";
  TICKETING_RETURN_IF_ERROR(tx.Query(sql, {scan.ToSql()}, [&](const SqlRow& row) {
    claims.push_back(ReadStored(row));
    return OkStatus();
  }));
  return claims;
}

namespace {

// What a scan that is stored or about to be adds to its zone.
int64_t Weight(bool counts, int64_t direction) {
  if (!counts) return 0;
  return direction == kLogExitWay ? -1 : 1;
}

// Moves the zone's count from what the stored row of the scan adds to what the new one does.
Status RecountScan(SqlTransaction& tx, const StoredScan& scan) {
  const LogEntry& told = scan.record.told;
  int64_t before = 0;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT counts, direction FROM scans WHERE scan = ? AND scanner = ? AND zone = ?",
      {told.scan.ToSql(), told.scanner.ToSql(), int64_t{scan.zone}}, [&](const SqlRow& row) {
        before = Weight(row.Int(0) != 0, row.Int(1));
        return OkStatus();
      }));
  const int64_t change = Weight(scan.record.counts(), told.direction) - before;
  if (change == 0) return OkStatus();
  return tx
      .Execute("UPDATE zone_counts SET inside = inside + ? WHERE event = ? AND zone = ?",
               {change, int64_t{told.event}, int64_t{scan.zone}})
      .status();
}

}  // namespace

SqlArgs RowOfScan(const StoredScan& scan) {
  const LogEntry& told = scan.record.told;
  SqlArgs row;
  row.reserve(26);
  const auto add = [&row](auto value) { row.emplace_back(static_cast<int64_t>(value)); };
  add(told.scan.value);
  add(told.ticket.value);
  add(told.event);
  add(told.gate);
  add(told.direction);
  add(told.outcome);
  add(told.reason);
  add(told.counted);
  add(told.hlc.micros);
  add(told.hlc.counter);
  add(told.at.micros);
  add(told.scanner.value);
  add(told.decided_by);
  add(told.issue);
  add(told.reentry);
  add(told.overridden);
  add(told.not_in_copy);
  add(scan.record.sources);
  add(scan.record.disputed);
  add(scan.record.annulled);
  add(told.device.value);
  add(told.sequence);
  row.emplace_back(Blob{scan.detail});
  row.emplace_back(scan.seat_label);
  add(scan.record.counts());
  add(scan.zone);
  return row;
}

Status InsertScans(SqlTransaction& tx, const std::vector<SqlArgs>& rows) {
  return tx.ExecuteMany(InsertScanSql(), rows).status();
}

Status SaveScan(SqlTransaction& tx, const StoredScan& scan) {
  if (scan.zone != 0) TICKETING_RETURN_IF_ERROR(RecountScan(tx, scan));
  static const std::string sql =
      InsertScanSql() +
      " ON CONFLICT (scan, scanner) DO UPDATE SET ticket = excluded.ticket, "
      "event = excluded.event, gate = excluded.gate, direction = excluded.direction, "
      "outcome = excluded.outcome, reason = excluded.reason, counted = excluded.counted, "
      "hlc_micros = excluded.hlc_micros, hlc_counter = excluded.hlc_counter, at = excluded.at, "
      "decided_by = excluded.decided_by, issue = excluded.issue, "
      "reentry = excluded.reentry, overridden = excluded.overridden, "
      "not_in_copy = excluded.not_in_copy, sources = excluded.sources, "
      "disputed = excluded.disputed, annulled = excluded.annulled, "
      "log_device = excluded.log_device, log_sequence = excluded.log_sequence, "
      "detail = excluded.detail, seat_label = excluded.seat_label, counts = excluded.counts, "
      "zone = excluded.zone";
  return tx.Execute(sql, RowOfScan(scan)).status();
}

StatusOr<bool> RefreshScans(SqlTransaction& tx, const LogEntry& entry, const EventHeader* header,
                            std::set<TicketId>& tickets) {
  TICKETING_ASSIGN_OR_RETURN(std::vector<LogEntry> entries, LoadEntriesOfScan(tx, entry.scan));
  const auto often = std::ranges::count(entries, entry.device, &LogEntry::device);
  if (static_cast<size_t>(often) >= kEntriesOfScanMax) return false;
  std::vector<StoredScan> before;
  if (!entries.empty()) {
    TICKETING_ASSIGN_OR_RETURN(before, LoadClaims(tx, entry.scan));
  }
  entries.push_back(entry);
  for (ScanRecord& record : CombineScan(entries)) {
    const LogEntry& told = record.told;
    const auto known = std::ranges::find(before, told.scanner,
                                         [](const StoredScan& s) { return s.record.told.scanner; });
    StoredScan fresh;
    if (known != before.end()) {
      tickets.insert(known->record.told.ticket);
      fresh = std::move(*known);
    }
    tickets.insert(told.ticket);
    fresh.record = std::move(record);
    if (header != nullptr && header->number == fresh.record.told.event && header->LimitsZones() &&
        fresh.zone == 0) {
      TICKETING_ASSIGN_OR_RETURN(fresh.zone, CountedZone(tx, *header, fresh.record.told.ticket, 0));
    }
    TICKETING_RETURN_IF_ERROR(SaveScan(tx, fresh));
  }
  tickets.erase(TicketId{});
  return true;
}

StatusOr<std::vector<ScanRecord>> LoadScansOfTicket(SqlTransaction& tx, TicketId ticket) {
  std::vector<ScanRecord> scans;
  static const std::string sql =
      "SELECT " + std::string(kScanColumns) +
      " FROM scans WHERE ticket = ? ORDER BY hlc_micros, hlc_counter, scan, scanner";
  TICKETING_RETURN_IF_ERROR(tx.Query(sql, {ticket.ToSql()}, [&](const SqlRow& row) {
    scans.push_back(ReadScan(row));
    return OkStatus();
  }));
  return scans;
}

StatusOr<std::vector<Passage>> LoadPassages(SqlTransaction& tx, TicketId ticket) {
  std::vector<Passage> passages;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT scan, at, gate, scanner, direction, issue FROM scans WHERE ticket = ? AND "
               "counts = 1 ORDER BY hlc_micros, hlc_counter, scan, scanner",
               {ticket.ToSql()}, [&](const SqlRow& row) {
                 Passage passage;
                 passage.scan = ScanId::FromSql(row.Int(0));
                 passage.at = Timestamp{row.Int(1)};
                 passage.gate = static_cast<uint16_t>(row.Int(2));
                 passage.device = DeviceId::FromSql(row.Int(3));
                 passage.direction = static_cast<Direction>(row.Int(4));
                 passage.issue = static_cast<uint16_t>(row.Int(5));
                 passages.push_back(passage);
                 return OkStatus();
               }));
  return passages;
}

SqlArgs RowOfEntry(const LogEntry& entry, const std::string& bytes, uint64_t arrival,
                   int64_t upload) {
  SqlArgs row;
  row.reserve(6);
  row.emplace_back(entry.device.ToSql());
  row.emplace_back(Sql(entry.sequence));
  row.emplace_back(Sql(arrival));
  row.emplace_back(entry.scan.ToSql());
  row.emplace_back(Blob{bytes});
  row.emplace_back(upload);
  return row;
}

Status InsertLogEntries(SqlTransaction& tx, const std::vector<SqlArgs>& rows) {
  return tx
      .ExecuteMany(
          "INSERT INTO log_entries (device, sequence, arrival, scan, entry, upload) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          rows)
      .status();
}

StatusOr<std::optional<std::string>> LoadLogEntry(SqlTransaction& tx, DeviceId device,
                                                  uint64_t sequence) {
  std::optional<std::string> entry;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT entry FROM log_entries WHERE device = ? AND sequence = ?",
               {device.ToSql(), Sql(sequence)}, [&](const SqlRow& row) {
                 entry = row.Bytes(0);
                 return OkStatus();
               }));
  return entry;
}

StatusOr<std::vector<LogEntry>> LoadEntriesOfScan(SqlTransaction& tx, ScanId scan) {
  std::vector<LogEntry> entries;
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT entry FROM log_entries WHERE scan = ?", {scan.ToSql()},
                                     [&](const SqlRow& row) -> Status {
                                       StatusOr<LogEntry> entry = DecodeLogEntry(row.Bytes(0));
                                       if (!entry.ok()) {
                                         return MakeError(ErrorCode::kDataLoss,
                                                          "A stored log entry is damaged.");
                                       }
                                       entries.push_back(*std::move(entry));
                                       return OkStatus();
                                     }));
  return entries;
}

StatusOr<std::vector<Conflict>> LoadConflicts(SqlTransaction& tx) {
  std::vector<Conflict> conflicts;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT second_scan, ticket, event, first_scan, first_gate, second_gate, "
               "first_device, second_device, first_at, second_at FROM conflicts "
               "ORDER BY ticket, second_scan, second_device",
               {}, [&](const SqlRow& row) {
                 conflicts.push_back(ReadConflict(row));
                 return OkStatus();
               }));
  return conflicts;
}

Status LoadArrivals(
    SqlTransaction& tx, uint64_t from, uint64_t to,
    const std::function<void(uint64_t arrival, uint16_t zone, const ScanRecord&)>& row) {
  return tx.Query(
      "SELECT " + std::string(kScanColumns) +
          ", arrival, zone FROM log_entries JOIN scans USING (scan) WHERE arrival > ? AND "
          "arrival <= ? ORDER BY arrival",
      {Sql(from), Sql(to)}, [&](const SqlRow& found) {
        row(static_cast<uint64_t>(found.Int(22)), static_cast<uint16_t>(found.Int(23)),
            ReadScan(found));
        return OkStatus();
      });
}

Status StoreConflicts(SqlTransaction& tx, TicketId ticket, const std::vector<ScanRecord>& scans) {
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM conflicts WHERE ticket = ?", {ticket.ToSql()}).status());
  for (const Conflict& c : FindConflicts(scans)) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO conflicts (second_scan, ticket, event, first_scan, first_gate, "
                   "second_gate, first_device, second_device, first_at, second_at) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   {c.second_scan.ToSql(), c.ticket.ToSql(), int64_t{c.event}, c.first_scan.ToSql(),
                    int64_t{c.first_gate}, int64_t{c.second_gate}, c.first_device.ToSql(),
                    c.second_device.ToSql(), c.first_at.micros, c.second_at.micros})
            .status());
  }
  return OkStatus();
}

StatusOr<LogProgress> LoadProgress(SqlTransaction& tx, DeviceId device) {
  LogProgress progress;
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT stored, cloud FROM logs WHERE device = ?",
                                     {device.ToSql()}, [&](const SqlRow& row) {
                                       progress.stored = static_cast<uint64_t>(row.Int(0));
                                       progress.cloud = static_cast<uint64_t>(row.Int(1));
                                       return OkStatus();
                                     }));
  return progress;
}

Status AdvanceStored(SqlTransaction& tx, DeviceId device, bool strict) {
  TICKETING_ASSIGN_OR_RETURN(const LogProgress progress, LoadProgress(tx, device));
  uint64_t stored = strict ? progress.stored : std::max(progress.stored, progress.cloud);
  const uint64_t start = stored;
  // Row by row, and stopped at the first gap: in order this reads what is new and one row more.
  const Status walked = tx.Query(
      "SELECT sequence FROM log_entries WHERE device = ? AND sequence > ? ORDER BY sequence "
      "LIMIT 1000",
      {device.ToSql(), Sql(start)}, [&](const SqlRow& row) {
        if (static_cast<uint64_t>(row.Int(0)) == stored + 1) ++stored;
        return OkStatus();
      });
  TICKETING_RETURN_IF_ERROR(walked);
  return tx
      .Execute(
          "INSERT INTO logs (device, stored, cloud) VALUES (?, ?, 0) "
          "ON CONFLICT (device) DO UPDATE SET stored = excluded.stored",
          {device.ToSql(), Sql(stored)})
      .status();
}

Status AdvanceCloud(SqlTransaction& tx, DeviceId device) {
  TICKETING_ASSIGN_OR_RETURN(const LogProgress progress, LoadProgress(tx, device));
  uint64_t cloud = progress.cloud;
  const Status walked = tx.Query(
      "SELECT sequence FROM log_entries WHERE device = ? AND sequence > ? AND upload = 1 "
      "ORDER BY sequence LIMIT 1000",
      {device.ToSql(), Sql(progress.cloud)}, [&](const SqlRow& row) {
        if (static_cast<uint64_t>(row.Int(0)) == cloud + 1) ++cloud;
        return OkStatus();
      });
  TICKETING_RETURN_IF_ERROR(walked);
  return RaiseCloudMark(tx, device, cloud);
}

Status RaiseCloudMark(SqlTransaction& tx, DeviceId device, uint64_t sequence) {
  TICKETING_ASSIGN_OR_RETURN(const LogProgress progress, LoadProgress(tx, device));
  if (sequence <= progress.cloud) return OkStatus();
  TICKETING_RETURN_IF_ERROR(tx.Execute("INSERT INTO logs (device, stored, cloud) VALUES (?, 0, ?) "
                                       "ON CONFLICT (device) DO UPDATE SET cloud = excluded.cloud",
                                       {device.ToSql(), Sql(sequence)})
                                .status());
  return tx
      .Execute(
          "UPDATE log_entries SET upload = 1 WHERE device = ? AND sequence > ? AND "
          "sequence <= ? AND upload = 0",
          {device.ToSql(), Sql(progress.cloud), Sql(sequence)})
      .status();
}

Status AppendNotes(SqlTransaction& tx, const std::string& notes) {
  TICKETING_ASSIGN_OR_RETURN(const int64_t last,
                             QueryInt(tx, "SELECT MAX(chunk) FROM passages", {}));
  return tx.Execute("INSERT INTO passages (chunk, notes) VALUES (?, ?)", {last + 1, Blob{notes}})
      .status();
}

StatusOr<std::vector<std::string>> LoadNotes(SqlTransaction& tx) {
  std::vector<std::string> chunks;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT notes FROM passages ORDER BY chunk", {}, [&](const SqlRow& row) {
        chunks.push_back(row.Bytes(0));
        return OkStatus();
      }));
  return chunks;
}

Status SaveSetting(SqlTransaction& tx, std::string_view name, int64_t value) {
  return tx
      .Execute(
          "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) "
          "DO UPDATE SET value = excluded.value",
          {std::string(name), value})
      .status();
}

}  // namespace ticketing::gate
