// Logs of others coming in, our own and theirs going out, and what the cloud has acknowledged.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "lib/gate/figures_book.h"
#include "lib/gate/log_batch.h"
#include "lib/gate/note_book.h"
#include "lib/gate/scan_store.h"
#include "lib/gate/zone_counts.h"
#include "ticketing/gate/engine.h"

namespace ticketing {
namespace {

LogAck Rejected(ErrorCode code) {
  return {AckState::kRejected, std::string(InfoOf(code).slug)};
}

gate::LogRow RowOf(const SqlRow& row) {
  return {static_cast<uint64_t>(row.Int(0)), DeviceId::FromSql(row.Int(1)),
          static_cast<uint64_t>(row.Int(2)), row.Bytes(3)};
}

// The logs that a batch is about, so that a run of entries is held against the run itself and not
// against the database one by one.
class LogsOfBatch {
 public:
  explicit LogsOfBatch(SqlTransaction& tx) : tx_(tx) {}

  // Whether an entry fits what is stored around it. Two different entries with one place in a log,
  // or a chain that does not hold, mean a device that rewrites its past.
  StatusOr<LogAck> Fits(const LogEntry& entry, const std::string& bytes) {
    TICKETING_ASSIGN_OR_RETURN(Log * log, Find(entry.device));
    if (entry.sequence == 1 && entry.previous != std::string(kLogHashBytes, '\0')) {
      return Rejected(ErrorCode::kLogBroken);
    }
    if (entry.sequence <= log->highest) return FitsInside(entry, bytes);
    if (log->last_sequence + 1 != entry.sequence) {
      TICKETING_ASSIGN_OR_RETURN(const auto before,
                                 gate::LoadLogEntry(tx_, entry.device, entry.sequence - 1));
      log->last_hash = before ? LogEntryHash(*before) : "";
    }
    if (!log->last_hash.empty() && log->last_hash != entry.previous) {
      return Rejected(ErrorCode::kLogBroken);
    }
    return LogAck{AckState::kStored, ""};
  }

  // `entry` was stored just now.
  void Stored(const LogEntry& entry, std::string hash) {
    Log& log = logs_[entry.device];
    log.highest = std::max(log.highest, entry.sequence);
    log.last_sequence = entry.sequence;
    log.last_hash = std::move(hash);
  }

 private:
  struct Log {
    uint64_t highest = 0;        // that is stored
    uint64_t last_sequence = 0;  // of the entry before in this batch
    std::string last_hash;
  };

  StatusOr<Log*> Find(DeviceId device) {
    const auto [found, fresh] = logs_.try_emplace(device);
    if (fresh) {
      TICKETING_ASSIGN_OR_RETURN(
          const int64_t highest,
          gate::QueryInt(tx_, "SELECT MAX(sequence) FROM log_entries WHERE device = ?",
                         {device.ToSql()}));
      found->second.highest = static_cast<uint64_t>(highest);
    }
    return &found->second;
  }

  StatusOr<LogAck> FitsInside(const LogEntry& entry, const std::string& bytes) {
    TICKETING_ASSIGN_OR_RETURN(const auto same,
                               gate::LoadLogEntry(tx_, entry.device, entry.sequence));
    if (same) {
      return *same == bytes ? LogAck{AckState::kRepeated, ""} : Rejected(ErrorCode::kLogBroken);
    }
    TICKETING_ASSIGN_OR_RETURN(const auto before,
                               gate::LoadLogEntry(tx_, entry.device, entry.sequence - 1));
    if (before && LogEntryHash(*before) != entry.previous) return Rejected(ErrorCode::kLogBroken);
    TICKETING_ASSIGN_OR_RETURN(const auto after,
                               gate::LoadLogEntry(tx_, entry.device, entry.sequence + 1));
    if (after) {
      TICKETING_ASSIGN_OR_RETURN(const LogEntry next, DecodeLogEntry(*after));
      if (next.previous != LogEntryHash(bytes)) return Rejected(ErrorCode::kLogBroken);
    }
    return LogAck{AckState::kStored, ""};
  }

  SqlTransaction& tx_;
  std::map<DeviceId, Log> logs_;
};

// Stores a genuine entry that fits, and what it changes.
StatusOr<LogAck> TakeOne(SqlTransaction& tx, const LogEntry& entry, const std::string& bytes,
                         const std::string& hash, int64_t upload, const EventHeader* header,
                         gate::OwnLog& own, std::set<TicketId>& tickets) {
  TICKETING_ASSIGN_OR_RETURN(const bool taken, gate::RefreshScans(tx, entry, header, tickets));
  if (!taken) return Rejected(ErrorCode::kLogBroken);
  own.arrival += 1;
  if (entry.device == own.device && entry.sequence == own.sequence + 1) {
    // Our own past comes back after this place lost its data: the log goes on behind it.
    own.sequence = entry.sequence;
    own.hash = hash;
  }
  TICKETING_RETURN_IF_ERROR(
      gate::InsertLogEntries(tx, {gate::RowOfEntry(entry, bytes, own.arrival, upload)}));
  return LogAck{AckState::kStored, ""};
}

}  // namespace

struct GateEngine::Judged {
  LogEntry entry;
  std::string hash;
  LogAck ack;           // kStored when nothing speaks against it yet
  bool proven = false;  // that its device wrote it
  size_t behind = 0;    // how many entries further its signature is
};

// Who may tell us this.
LogAck GateEngine::JudgeOwner(const LogEntry& entry, const CopyDevice& device, LogSource source,
                              const Supervisors& supervisors) const {
  if (device.revoked && source == LogSource::kDevice) return Rejected(ErrorCode::kDeviceRevoked);
  // Bastions and the cloud decide for others' scanners; else it is somebody who puts words into
  // another one's mouth.
  const bool own_word = entry.kind != LogKind::kScan || entry.scanner == entry.device;
  const bool self = entry.device == config_.device && config_.decides_as != DecidedBy::kAlone;
  if (!own_word && !device.bastion && !self) return Rejected(ErrorCode::kPermissionDenied);
  // That it is a supervisor's is the device's own word, and makes used tickets good again
  // everywhere: whoever takes it first asks the event copy. A device's copy may be older than the
  // right.
  if (entry.supervisor && source == LogSource::kDevice) {
    const std::shared_ptr<const EventHeader> header = Event(entry.event);
    const bool may = (header != nullptr && header->IsSupervisor(entry.device)) ||
                     supervisors.contains({entry.event, entry.device});
    if (!may && config_.decides_as == DecidedBy::kCloud) {
      return Rejected(ErrorCode::kPermissionDenied);
    }
    if (!may) return {AckState::kLater, ""};
  }
  return {AckState::kStored, ""};
}

// What can be said of an entry by itself, but for its signature. Without a key it is of nobody that
// is known here.
GateEngine::Judged GateEngine::Judge(const std::string& bytes, LogSource source,
                                     const Supervisors& supervisors,
                                     std::string& public_key) const {
  Judged judged;
  StatusOr<LogEntry> decoded = DecodeLogEntry(bytes);
  if (!decoded.ok()) {
    judged.ack = Rejected(CodeOf(decoded.status()));
    return judged;
  }
  judged.entry = *std::move(decoded);
  const std::optional<CopyDevice> device = FindDevice(judged.entry.device);
  if (!device) return judged;
  judged.ack = JudgeOwner(judged.entry, *device, source, supervisors);
  judged.hash = LogEntryHash(bytes);
  public_key = device->public_key;
  return judged;
}

// A signature speaks for all that is chained before it, because it is over the hash of the entry
// before: of a run of entries only the last one's is checked. That is what makes a log of hundreds
// of scans cheap to take, and entries without signature possible. An entry that is not taken speaks
// for those before it all the same.
std::vector<GateEngine::Judged> GateEngine::JudgeAll(const std::vector<std::string>& entries,
                                                     LogSource source,
                                                     const Supervisors& supervisors) const {
  std::vector<Judged> judged(entries.size());
  std::vector<std::string> keys(entries.size());
  std::vector<size_t> order;
  for (size_t i = 0; i < entries.size(); ++i) {
    judged[i] = Judge(entries[i], source, supervisors, keys[i]);
    if (!keys[i].empty()) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](size_t i) {
    return std::pair(judged[i].entry.device, judged[i].entry.sequence);
  });
  std::map<std::pair<DeviceId, uint64_t>, const Judged*> proven;
  for (auto place = order.rbegin(); place != order.rend(); ++place) {
    Judged& one = judged[*place];
    const bool signs = CarriesSignature(entries[*place]);
    const auto next = proven.find({one.entry.device, one.entry.sequence + 1});
    const bool vouched_for = next != proven.end() && next->second->entry.previous == one.hash &&
                             (signs || next->second->behind < kLogRunMax);
    if (!signs && vouched_for) one.behind = next->second->behind + 1;
    // One that is refused anyway is not worth the check of a signature.
    one.proven = vouched_for || (one.ack.state != AckState::kRejected && signs &&
                                 IsLogEntryGenuine(entries[*place], keys[*place]));
    if (one.proven) {
      proven.try_emplace({one.entry.device, one.entry.sequence}, &one);
    } else if (one.ack.state != AckState::kRejected) {
      one.ack = signs ? Rejected(ErrorCode::kLogBroken)
                      : LogAck{AckState::kRejected, std::string(kLogUnproven)};
    }
  }
  return judged;
}

StatusOr<std::vector<LogAck>> GateEngine::TakeEntries(const std::vector<std::string>& entries,
                                                      LogSource source,
                                                      const Supervisors& supervisors) {
  const Timestamp now = env_.clock.Now();
  const std::vector<Judged> judged = JudgeAll(entries, source, supervisors);
  std::vector<LogAck> acks(entries.size());
  uint64_t alarms = 0;
  const Status done = database_->Write([&](SqlTransaction& tx) -> Status {
    alarms = 0;
    TICKETING_ASSIGN_OR_RETURN(std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    if (!own) return MakeError(ErrorCode::kDataLoss, "The head of the device log is missing.");
    HybridClock clock(own->hlc);
    LogsOfBatch logs(tx);
    std::set<TicketId> tickets;
    std::set<DeviceId> devices;
    for (size_t i = 0; i < entries.size(); ++i) {
      const LogEntry& entry = judged[i].entry;
      acks[i] = judged[i].ack;
      if (acks[i].state != AckState::kStored) continue;
      TICKETING_ASSIGN_OR_RETURN(acks[i], logs.Fits(entry, entries[i]));
      if (acks[i].state != AckState::kStored) continue;
      TICKETING_ASSIGN_OR_RETURN(
          acks[i], TakeOne(tx, entry, entries[i], judged[i].hash, UploadOf(entry, source),
                           Event(entry.event).get(), *own, tickets));
      if (acks[i].state != AckState::kStored) continue;
      logs.Stored(entry, judged[i].hash);
      if (!clock.Observe(entry.hlc, now)) ++alarms;
      devices.insert(entry.device);
    }
    for (const TicketId ticket : tickets) {
      if (config_.decides_as == DecidedBy::kAlone) notes_->Touch(ticket);
      TICKETING_RETURN_IF_ERROR(RefreshConflicts(tx, ticket));
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
  WarnOfClocks(alarms);
  WarnOfRejected(acks, judged);
  return acks;
}

void GateEngine::WarnOfClocks(uint64_t entries) {
  if (entries == 0) return;
  env_.log.Warning("Log entries from a clock that is too far ahead.",
                   {{"entries", std::to_string(entries)}});
  const std::lock_guard lock(mutex_);
  clock_alarms_ += entries;
}

void GateEngine::WarnOfRejected(const std::vector<LogAck>& acks,
                                const std::vector<Judged>& judged) const {
  for (size_t i = 0; i < acks.size(); ++i) {
    if (acks[i].state != AckState::kRejected) continue;
    env_.log.Warning("A log entry was rejected.",
                     {{"error", acks[i].error},
                      {"device", judged[i].entry.device.ToString()},
                      {"sequence", std::to_string(judged[i].entry.sequence)}});
  }
}

// What the cloud itself has stored is in the cloud.
uint64_t GateEngine::InCloud(const gate::LogProgress& progress) const {
  return config_.decides_as == DecidedBy::kCloud ? progress.stored : progress.cloud;
}

StatusOr<Changes> GateEngine::ChangesSince(uint64_t cursor, size_t max, DeviceId reader) {
  StatusOr<Changes> changes = EntriesSince(cursor, max, reader);
  if (changes.ok()) changes->devices = Devices();
  return changes;
}

StatusOr<Changes> GateEngine::EntriesSince(uint64_t cursor, size_t max, DeviceId reader) {
  max = std::min(max, limits::kLogBatchItemsMax);
  Changes changes;
  changes.server = config_.device;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    const uint64_t newest = own ? own->arrival : 0;
    // A cursor from before this place lost its data begins again: nothing is missed, some is
    // repeated.
    changes.cursor = cursor > newest ? 0 : cursor;
    size_t found = 0;
    std::vector<gate::LogRow> rows;
    TICKETING_RETURN_IF_ERROR(tx.Query(
        "SELECT arrival, device, sequence, entry FROM log_entries WHERE arrival > ? "
        "ORDER BY arrival LIMIT ?",
        {static_cast<int64_t>(changes.cursor), static_cast<int64_t>(max)}, [&](const SqlRow& row) {
          ++found;
          changes.cursor = static_cast<uint64_t>(row.Int(0));
          if (DeviceId::FromSql(row.Int(1)) != reader) rows.push_back(RowOf(row));
          return OkStatus();
        }));
    TICKETING_ASSIGN_OR_RETURN(gate::LogBatch batch, gate::CloseBatch(tx, std::move(rows)));
    changes.entries = std::move(batch.entries);
    if (batch.cut) changes.cursor = batch.last_arrival;
    changes.more = found == max || batch.cut;
    TICKETING_ASSIGN_OR_RETURN(const gate::LogProgress progress, gate::LoadProgress(tx, reader));
    changes.stored.push_back({reader, progress.stored});
    changes.cloud.push_back({reader, InCloud(progress)});
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  changes.events = Events();
  return changes;
}

namespace {

// A query of arrival, device, sequence and entry, as a batch that proves itself; `newest` becomes
// the last arrival that the query saw.
StatusOr<PendingEntries> ReadBatch(Database& database, std::string_view sql, const SqlArgs& args,
                                   size_t max, uint64_t* newest = nullptr) {
  PendingEntries pending;
  const Status done = database.Read([&](SqlTransaction& tx) -> Status {
    std::vector<gate::LogRow> rows;
    TICKETING_RETURN_IF_ERROR(tx.Query(sql, args, [&](const SqlRow& row) {
      rows.push_back(RowOf(row));
      return OkStatus();
    }));
    const bool full = rows.size() == max;
    TICKETING_ASSIGN_OR_RETURN(gate::LogBatch batch, gate::CloseBatch(tx, std::move(rows)));
    pending = {std::move(batch.entries), batch.last_arrival, full || batch.cut};
    if (newest == nullptr) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(const int64_t last,
                               gate::QueryInt(tx, "SELECT MAX(arrival) FROM log_entries", {}));
    *newest = static_cast<uint64_t>(last);
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return pending;
}

}  // namespace

StatusOr<std::vector<std::string>> GateEngine::OwnEntries(uint64_t from_sequence, size_t max) {
  return EntriesOf(config_.device, from_sequence, max);
}

StatusOr<std::vector<std::string>> GateEngine::EntriesOf(DeviceId device, uint64_t from_sequence,
                                                         size_t max) {
  TICKETING_ASSIGN_OR_RETURN(
      PendingEntries own,
      ReadBatch(*database_,
                "SELECT arrival, device, sequence, entry FROM log_entries WHERE device = ? AND "
                "sequence >= ? ORDER BY sequence LIMIT ?",
                {device.ToSql(), static_cast<int64_t>(from_sequence), static_cast<int64_t>(max)},
                max));
  return std::move(own.entries);
}

StatusOr<uint64_t> GateEngine::OwnSequence() {
  uint64_t sequence = 0;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const auto own, gate::LoadOwnLog(tx));
    sequence = own ? own->sequence : 0;
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return sequence;
}

// What a handheld was told by its like. A bastion and the cloud, whose devices tell them, keep such
// entries to upload.
int64_t GateEngine::UploadOf(const LogEntry& entry, LogSource source) const {
  if (source == LogSource::kCloud) return gate::kUploadDone;
  const bool from_peer = source == LogSource::kDevice && config_.decides_as == DecidedBy::kAlone &&
                         entry.device != config_.device;
  return from_peer ? gate::kUploadFromPeer : gate::kUploadWaits;
}

StatusOr<PendingEntries> GateEngine::FromPeers(size_t max, uint64_t after) {
  uint64_t newest = 0;
  TICKETING_ASSIGN_OR_RETURN(
      PendingEntries told,
      ReadBatch(*database_,
                // A number in the text: SQLite plans anew for each value that an index with a
                // condition may depend on.
                "SELECT arrival, device, sequence, entry FROM log_entries WHERE arrival > ? AND "
                "upload = 3 ORDER BY arrival LIMIT ?",
                {static_cast<int64_t>(after), static_cast<int64_t>(max)}, max, &newest));
  static_assert(gate::kUploadFromPeer == 3);
  // What was looked through in vain need not be again.
  if (told.entries.empty()) told.next_after = std::max(after, newest);
  return told;
}

StatusOr<PendingEntries> GateEngine::PendingUpload(size_t max, bool own_only, uint64_t after) {
  const std::string whose = own_only ? "AND device = ? " : "AND device <> ? ";
  TICKETING_ASSIGN_OR_RETURN(
      PendingEntries pending,
      ReadBatch(*database_,
                "SELECT arrival, device, sequence, entry FROM log_entries WHERE upload = 0 AND "
                "arrival > ? " +
                    whose + "ORDER BY arrival LIMIT ?",
                // No device has the id 0: nothing is left out.
                {static_cast<int64_t>(after), own_only ? config_.device.ToSql() : int64_t{0},
                 static_cast<int64_t>(max)},
                max));
  if (pending.entries.empty()) pending.next_after = after;
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

Status GateEngine::MarkInCloud(SqlTransaction& tx, const std::vector<LogMark>& marks) {
  TICKETING_ASSIGN_OR_RETURN(const std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
  for (const LogMark& mark : marks) {
    // A mark beyond our own end is not about this log: it came from before its data was lost.
    if (mark.device != config_.device || !own || mark.sequence > own->sequence) continue;
    TICKETING_RETURN_IF_ERROR(gate::RaiseCloudMark(tx, mark.device, mark.sequence));
  }
  return OkStatus();
}

Status GateEngine::ApplyCloudMarks(const std::vector<LogMark>& marks) {
  return database_->Write([&](SqlTransaction& tx) { return MarkInCloud(tx, marks); });
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
  return database_->Write([&](SqlTransaction& tx) { return gate::SaveSetting(tx, name, value); });
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
    TICKETING_ASSIGN_OR_RETURN(scans, gate::KnownScans(tx, *notes_, ticket));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return scans;
}

// Passages that only notes tell of.
Status GateEngine::CountNotes(SqlTransaction& tx, GateStatus& status, uint64_t& exits) {
  gate::NoteBook::Totals totals = notes_->totals();
  for (const PassageNote& note : notes_->OfSelf()) {
    TICKETING_ASSIGN_OR_RETURN(const auto logged, gate::LoadScan(tx, note.scan, note.scanner));
    if (logged) continue;
    ++totals.reasons[note.reason];
    ++(note.exit ? totals.exits : totals.entries);
  }
  for (const auto& [reason, count] : totals.reasons) {
    if (count > 0) status.scans[static_cast<Reason>(reason)] += count;
  }
  status.admitted += totals.entries;
  exits += totals.exits;
  return OkStatus();
}

StatusOr<GateStatus> GateEngine::GetStatus() {
  GateStatus status;
  status.device = config_.device;
  status.events = Events();
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    uint64_t exits = 0;
    TICKETING_RETURN_IF_ERROR(figures_->Look(tx, env_.clock.Now()));
    figures_->AddTo(status, exits);
    TICKETING_RETURN_IF_ERROR(CountNotes(tx, status, exits));
    status.inside = status.admitted - std::min(status.admitted, exits);
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
