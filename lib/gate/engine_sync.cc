// Logs of others coming in, our own and theirs going out, and what the cloud has acknowledged.
#include <algorithm>
#include <set>

#include "lib/gate/scan_store.h"
#include "ticketing/gate/engine.h"

namespace ticketing {
namespace {

LogAck Rejected(ErrorCode code) {
  return {AckState::kRejected, std::string(InfoOf(code).slug)};
}

// Whether an entry fits what is stored around it. Two different entries with one place in a log, or
// a chain that does not hold, mean a device that rewrites its past.
StatusOr<LogAck> FitsIn(SqlTransaction& tx, const LogEntry& entry, const std::string& bytes) {
  TICKETING_ASSIGN_OR_RETURN(const auto same, gate::LoadLogEntry(tx, entry.device, entry.sequence));
  if (same) {
    return *same == bytes ? LogAck{AckState::kRepeated, ""} : Rejected(ErrorCode::kLogBroken);
  }
  if (entry.sequence == 1 && entry.previous != std::string(kLogHashBytes, '\0')) {
    return Rejected(ErrorCode::kLogBroken);
  }
  TICKETING_ASSIGN_OR_RETURN(const auto before,
                             gate::LoadLogEntry(tx, entry.device, entry.sequence - 1));
  if (before && LogEntryHash(*before) != entry.previous) return Rejected(ErrorCode::kLogBroken);
  TICKETING_ASSIGN_OR_RETURN(const auto after,
                             gate::LoadLogEntry(tx, entry.device, entry.sequence + 1));
  if (after) {
    TICKETING_ASSIGN_OR_RETURN(const LogEntry next, DecodeLogEntry(*after));
    if (next.previous != LogEntryHash(bytes)) return Rejected(ErrorCode::kLogBroken);
  }
  return LogAck{AckState::kStored, ""};
}

// Makes the scan what all its entries tell, keeping what only we know of it (the explanation).
Status RefreshScan(SqlTransaction& tx, ScanId scan) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<LogEntry> entries,
                             gate::LoadEntriesOfScan(tx, scan));
  const bool told = std::any_of(entries.begin(), entries.end(),
                                [](const LogEntry& e) { return e.kind == LogKind::kScan; });
  if (!told) return OkStatus();  // the annulment came before what it annuls
  TICKETING_ASSIGN_OR_RETURN(const auto stored, gate::LoadScan(tx, scan));
  gate::StoredScan fresh = stored.value_or(gate::StoredScan{});
  fresh.record = CombineScan(entries);
  return gate::SaveScan(tx, fresh);
}

// Stores a genuine entry that fits, and what it changes.
Status TakeOne(SqlTransaction& tx, const LogEntry& entry, const std::string& bytes, bool in_cloud,
               gate::OwnLog& own) {
  own.arrival += 1;
  TICKETING_RETURN_IF_ERROR(gate::InsertLogEntry(tx, entry, bytes, own.arrival, in_cloud));
  if (entry.device == own.device && entry.sequence == own.sequence + 1) {
    // Our own past comes back after this place lost its data: the log goes on behind it.
    own.sequence = entry.sequence;
    own.hash = LogEntryHash(bytes);
  }
  return RefreshScan(tx, entry.scan);
}

}  // namespace

LogAck GateEngine::Judge(const std::string& bytes, LogSource source, LogEntry& entry) const {
  StatusOr<LogEntry> decoded = DecodeLogEntry(bytes);
  if (!decoded.ok()) return Rejected(CodeOf(decoded.status()));
  entry = *std::move(decoded);
  const std::optional<CopyDevice> device = FindDevice(entry.device);
  if (!device) return {AckState::kLater, ""};
  if (device->revoked && source == LogSource::kDevice) return Rejected(ErrorCode::kDeviceRevoked);
  if (!IsLogEntryGenuine(bytes, device->public_key)) return Rejected(ErrorCode::kLogBroken);
  return {AckState::kStored, ""};
}

StatusOr<std::vector<LogAck>> GateEngine::TakeEntries(const std::vector<std::string>& entries,
                                                      LogSource source) {
  const Timestamp now = env_.clock.Now();
  std::vector<LogAck> verdicts(entries.size());
  std::vector<LogEntry> decoded(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) verdicts[i] = Judge(entries[i], source, decoded[i]);
  std::vector<LogAck> acks;
  uint64_t alarms = 0;
  const Status done = database_->Write([&](SqlTransaction& tx) -> Status {
    acks = verdicts;
    alarms = 0;
    TICKETING_ASSIGN_OR_RETURN(std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    if (!own) return MakeError(ErrorCode::kDataLoss, "The head of the device log is missing.");
    HybridClock clock(own->hlc);
    std::set<TicketId> tickets;
    std::set<DeviceId> devices;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (acks[i].state != AckState::kStored) continue;
      const LogEntry& entry = decoded[i];
      TICKETING_ASSIGN_OR_RETURN(acks[i], FitsIn(tx, entry, entries[i]));
      if (acks[i].state != AckState::kStored) continue;
      TICKETING_RETURN_IF_ERROR(TakeOne(tx, entry, entries[i], source == LogSource::kCloud, *own));
      if (!clock.Observe(entry.hlc, now)) ++alarms;
      if (entry.ticket) tickets.insert(entry.ticket);
      devices.insert(entry.device);
    }
    for (const TicketId ticket : tickets) {
      TICKETING_RETURN_IF_ERROR(gate::RefreshConflicts(tx, ticket));
    }
    for (const DeviceId device : devices) {
      TICKETING_RETURN_IF_ERROR(
          gate::AdvanceStored(tx, device, config_.decides_as == DecidedBy::kCloud));
      // A device with nothing new to tell asks us, too, how far the cloud has its log.
      if (source == LogSource::kCloud) TICKETING_RETURN_IF_ERROR(gate::AdvanceCloud(tx, device));
    }
    own->hlc = clock.last();
    return gate::SaveOwnLog(tx, *own);
  });
  TICKETING_RETURN_IF_ERROR(done);
  Alarm(acks, decoded, alarms);
  return acks;
}

void GateEngine::Alarm(const std::vector<LogAck>& acks, const std::vector<LogEntry>& entries,
                       uint64_t clock_alarms) {
  if (clock_alarms > 0) {
    env_.log.Warning("Log entries from a clock that is too far ahead.",
                     {{"entries", std::to_string(clock_alarms)}});
    const std::lock_guard lock(mutex_);
    clock_alarms_ += clock_alarms;
  }
  for (size_t i = 0; i < acks.size(); ++i) {
    if (acks[i].state != AckState::kRejected) continue;
    env_.log.Warning("A log entry was rejected.",
                     {{"error", acks[i].error},
                      {"device", entries[i].device.ToString()},
                      {"sequence", std::to_string(entries[i].sequence)}});
  }
}

// What the cloud itself has stored is in the cloud.
uint64_t GateEngine::InCloud(const gate::LogProgress& progress) const {
  return config_.decides_as == DecidedBy::kCloud ? progress.stored : progress.cloud;
}

StatusOr<Changes> GateEngine::ChangesSince(uint64_t cursor, size_t max, DeviceId reader) {
  max = std::min(max, limits::kLogBatchItemsMax);
  Changes changes;
  changes.server = config_.device;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    const uint64_t newest = own ? own->arrival : 0;
    // A cursor from before this place lost its data begins again: nothing is missed, some is
    // repeated.
    changes.cursor = cursor > newest ? 0 : cursor;
    size_t rows = 0;
    TICKETING_RETURN_IF_ERROR(tx.Query(
        "SELECT arrival, device, entry FROM log_entries WHERE arrival > ? "
        "ORDER BY arrival LIMIT ?",
        {static_cast<int64_t>(changes.cursor), static_cast<int64_t>(max)}, [&](const SqlRow& row) {
          ++rows;
          changes.cursor = static_cast<uint64_t>(row.Int(0));
          if (DeviceId::FromSql(row.Int(1)) != reader) {
            changes.entries.push_back(row.Bytes(2));
          }
          return OkStatus();
        }));
    changes.more = rows == max;
    TICKETING_ASSIGN_OR_RETURN(const gate::LogProgress progress, gate::LoadProgress(tx, reader));
    changes.stored.push_back({reader, progress.stored});
    changes.cloud.push_back({reader, InCloud(progress)});
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  changes.devices = Devices();
  changes.events = Events();
  return changes;
}

StatusOr<std::vector<std::string>> GateEngine::OwnEntries(uint64_t from_sequence, size_t max) {
  std::vector<std::string> entries;
  const Status done = database_->Read([&](SqlTransaction& tx) {
    return tx.Query(
        "SELECT entry FROM log_entries WHERE device = ? AND sequence >= ? ORDER BY sequence "
        "LIMIT ?",
        {config_.device.ToSql(), static_cast<int64_t>(from_sequence), static_cast<int64_t>(max)},
        [&](const SqlRow& row) {
          entries.push_back(row.Bytes(0));
          return OkStatus();
        });
  });
  TICKETING_RETURN_IF_ERROR(done);
  return entries;
}

StatusOr<PendingEntries> GateEngine::PendingUpload(size_t max, bool own_only, uint64_t after) {
  PendingEntries pending;
  pending.next_after = after;
  const Status done = database_->Read([&](SqlTransaction& tx) {
    const std::string whose = own_only ? "AND device = ? " : "AND device <> ? ";
    return tx.Query("SELECT entry, arrival FROM log_entries WHERE upload = 0 AND arrival > ? " +
                        whose + "ORDER BY arrival LIMIT ?",
                    // No device has the id 0: nothing is left out.
                    {static_cast<int64_t>(after), own_only ? config_.device.ToSql() : int64_t{0},
                     static_cast<int64_t>(max)},
                    [&](const SqlRow& row) {
                      pending.entries.push_back(row.Bytes(0));
                      pending.next_after = static_cast<uint64_t>(row.Int(1));
                      return OkStatus();
                    });
  });
  TICKETING_RETURN_IF_ERROR(done);
  return pending;
}

Status GateEngine::AcknowledgeCloud(const std::vector<std::string>& entries,
                                    const LogUploadResult& result) {
  if (result.acks.size() != entries.size()) {
    return InvalidField("acks", "There is not one acknowledgement for each entry.");
  }
  return database_->Write([&](SqlTransaction& tx) -> Status {
    std::set<DeviceId> devices;
    for (size_t i = 0; i < entries.size(); ++i) {
      const AckState state = result.acks[i].state;
      if (state == AckState::kLater) continue;
      const StatusOr<LogEntry> entry = DecodeLogEntry(entries[i]);
      if (!entry.ok()) continue;
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("UPDATE log_entries SET upload = ? WHERE device = ? AND sequence = ?",
                     {int64_t{state == AckState::kRejected ? 2 : 1}, entry->device.ToSql(),
                      static_cast<int64_t>(entry->sequence)})
              .status());
      devices.insert(entry->device);
    }
    for (const DeviceId device : devices) {
      TICKETING_RETURN_IF_ERROR(gate::AdvanceCloud(tx, device));
    }
    for (const LogMark& mark : result.stored) {
      TICKETING_RETURN_IF_ERROR(gate::RaiseCloudMark(tx, mark.device, mark.sequence));
    }
    return OkStatus();
  });
}

Status GateEngine::ApplyCloudMarks(const std::vector<LogMark>& marks) {
  return database_->Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    for (const LogMark& mark : marks) {
      // A mark beyond our own end is not about this log: it came from before its data was lost.
      if (mark.device != config_.device || !own || mark.sequence > own->sequence) continue;
      TICKETING_RETURN_IF_ERROR(gate::RaiseCloudMark(tx, mark.device, mark.sequence));
    }
    return OkStatus();
  });
}

StatusOr<std::vector<LogMark>> GateEngine::StoredMarks(const std::vector<DeviceId>& devices) {
  std::vector<LogMark> marks;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    for (const DeviceId device : devices) {
      TICKETING_ASSIGN_OR_RETURN(const gate::LogProgress progress, gate::LoadProgress(tx, device));
      marks.push_back({device, progress.stored});
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return marks;
}

StatusOr<std::vector<LogMark>> GateEngine::CloudMarks(const std::vector<DeviceId>& devices) {
  std::vector<LogMark> marks;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    for (const DeviceId device : devices) {
      TICKETING_ASSIGN_OR_RETURN(const gate::LogProgress progress, gate::LoadProgress(tx, device));
      marks.push_back({device, InCloud(progress)});
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return marks;
}

StatusOr<int64_t> GateEngine::Setting(std::string_view name) {
  int64_t value = 0;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(
        value,
        gate::QueryInt(tx, "SELECT value FROM settings WHERE name = ?", {std::string(name)}));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return value;
}

Status GateEngine::SetSetting(std::string_view name, int64_t value) {
  return database_->Write([&](SqlTransaction& tx) {
    return tx
        .Execute(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) "
            "DO UPDATE SET value = excluded.value",
            {std::string(name), value})
        .status();
  });
}

StatusOr<std::vector<Conflict>> GateEngine::Conflicts() {
  std::vector<Conflict> conflicts;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(conflicts, gate::LoadConflicts(tx));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return conflicts;
}

StatusOr<std::vector<ScanRecord>> GateEngine::ScansOfTicket(TicketId ticket) {
  std::vector<ScanRecord> scans;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(scans, gate::LoadScansOfTicket(tx, ticket));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return scans;
}

StatusOr<GateStatus> GateEngine::GetStatus() {
  GateStatus status;
  status.device = config_.device;
  status.events = Events();
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    int64_t exits = 0;
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT reason, outcome, direction, counts, COUNT(*) FROM scans "
                 "GROUP BY reason, outcome, direction, counts",
                 {}, [&](const SqlRow& row) {
                   const int64_t count = row.Int(4);
                   status.scans[static_cast<Reason>(row.Int(0))] += static_cast<uint64_t>(count);
                   if (row.Int(1) == kLogRefused) status.refused += static_cast<uint64_t>(count);
                   if (row.Int(3) == 0) return OkStatus();
                   if (row.Int(2) == kLogExitWay) {
                     exits += count;
                   } else {
                     status.admitted += static_cast<uint64_t>(count);
                   }
                   return OkStatus();
                 }));
    status.inside = status.admitted - std::min(status.admitted, static_cast<uint64_t>(exits));
    TICKETING_ASSIGN_OR_RETURN(const auto own, gate::LoadOwnLog(tx));
    status.own_sequence = own ? own->sequence : 0;
    // A bastion answers for every log that it holds, a handheld for its own.
    const bool all = config_.decides_as == DecidedBy::kBastion;
    TICKETING_ASSIGN_OR_RETURN(
        const int64_t waiting,
        gate::QueryInt(
            tx,
            std::string("SELECT COUNT(*) FROM log_entries WHERE upload = 0 AND device ") +
                (all ? "<> ?" : "= ?"),
            {all ? int64_t{0} : config_.device.ToSql()}));
    TICKETING_ASSIGN_OR_RETURN(const int64_t conflicts,
                               gate::QueryInt(tx, "SELECT COUNT(*) FROM conflicts", {}));
    status.waiting_for_cloud = static_cast<uint64_t>(waiting);
    status.conflicts = static_cast<uint64_t>(conflicts);
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  const std::lock_guard lock(mutex_);
  status.clock_alarms = clock_alarms_;
  return status;
}

}  // namespace ticketing
