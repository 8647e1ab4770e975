// What others let in and out, told in short: made for handhelds at a bastion or the cloud, kept by
// a handheld.
#include <algorithm>

#include "lib/gate/copy_store.h"
#include "lib/gate/feed.h"
#include "lib/gate/note_book.h"
#include "lib/gate/scan_store.h"
#include "ticketing/gate/engine.h"

namespace ticketing {
namespace {

// Chunks that are put together when the program starts.
constexpr size_t kChunksMax = 256;
// Notes of an event that this place no longer holds are let go of after this.
constexpr Duration kNotesLife = Duration::Days(2);

// Chunks of what one answer may tell: what was left over from a failed write may be more.
Status StoreNotes(SqlTransaction& tx, const std::string& notes) {
  constexpr size_t kChunk = kPassageNotesMax * kPassageNoteBytes;
  for (size_t at = 0; at < notes.size(); at += kChunk) {
    TICKETING_RETURN_IF_ERROR(gate::AppendNotes(tx, notes.substr(at, kChunk)));
  }
  return OkStatus();
}

Status Rewrite(SqlTransaction& tx, const std::vector<PassageNote>& notes) {
  TICKETING_RETURN_IF_ERROR(tx.Execute("DELETE FROM passages", {}).status());
  std::string chunk;
  for (const PassageNote& note : notes) {
    AppendPassageNote(note, chunk);
    if (chunk.size() < kPassageNotesMax * kPassageNoteBytes) continue;
    TICKETING_RETURN_IF_ERROR(gate::AppendNotes(tx, chunk));
    chunk.clear();
  }
  return chunk.empty() ? OkStatus() : gate::AppendNotes(tx, chunk);
}

}  // namespace

Status GateEngine::LoadNotes(SqlTransaction& tx) {
  const bool alone = config_.decides_as == DecidedBy::kAlone;
  auto notes = std::make_unique<gate::NoteBook>(config_.device, alone);
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> chunks, gate::LoadNotes(tx));
  for (const std::string& chunk : chunks) {
    const StatusOr<std::vector<PassageNote>> read = DecodePassageNotes(chunk);
    if (!read.ok()) return MakeError(ErrorCode::kDataLoss, "A stored note is damaged.");
    (void)notes->Apply(*read);
  }
  notes->Settled(UINT64_MAX);  // its conflicts were stored with it
  if (chunks.size() > kChunksMax) {
    TICKETING_ASSIGN_OR_RETURN(const auto events, gate::LoadEvents(tx));
    const Timestamp old = env_.clock.Now() - kNotesLife;
    std::vector<PassageNote> kept = notes->All();
    std::erase_if(kept, [&](const PassageNote& note) {
      return note.at < old && !events.contains(note.event);
    });
    TICKETING_RETURN_IF_ERROR(Rewrite(tx, kept));
    notes = std::make_unique<gate::NoteBook>(config_.device, alone);
    notes->Settled(notes->Apply(kept).round);
  }
  // Only whoever takes notes asks, and that is a handheld.
  if (alone) {
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT DISTINCT ticket FROM scans", {}, [&](const SqlRow& row) {
          notes->Touch(TicketId::FromSql(row.Int(0)));
          return OkStatus();
        }));
  }
  notes_ = std::move(notes);
  return OkStatus();
}

Status GateEngine::RefreshConflicts(SqlTransaction& tx, TicketId ticket) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<ScanRecord> scans,
                             gate::KnownScans(tx, *notes_, ticket));
  return gate::StoreConflicts(tx, ticket, scans);
}

StatusOr<bool> GateEngine::KnowsPassages(const Changes& changes) const {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<PassageNote> notes,
                             DecodePassageNotes(changes.passages));
  return notes_->KnowsAll(notes);
}

Status GateEngine::TakePassages(const Changes& changes, std::string_view cursor_setting) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<PassageNote> notes,
                             DecodePassageNotes(changes.passages));
  const Timestamp now = env_.clock.Now();
  uint64_t alarms = 0;
  gate::NoteBook::Changed changed;
  const Status done = database_->Write([&](SqlTransaction& tx) -> Status {
    alarms = 0;
    TICKETING_ASSIGN_OR_RETURN(std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    if (!own) return MakeError(ErrorCode::kDataLoss, "The head of the device log is missing.");
    TICKETING_RETURN_IF_ERROR(MarkInCloud(tx, changes.cloud));
    TICKETING_RETURN_IF_ERROR(
        gate::SaveSetting(tx, cursor_setting, static_cast<int64_t>(changes.cursor)));
    if (notes.empty()) return OkStatus();
    HybridClock clock(own->hlc);
    for (const PassageNote& note : notes) {
      if (!clock.Observe(note.hlc, now)) ++alarms;
    }
    own->hlc = clock.last();
    TICKETING_RETURN_IF_ERROR(gate::SaveOwnLog(tx, *own));
    // Before the commit: a decision that comes next must know them. If the commit fails, they are
    // true all the same, and come again; what they change is looked at again then.
    changed = notes_->Apply(notes);
    TICKETING_RETURN_IF_ERROR(StoreNotes(tx, changed.notes));
    for (const TicketId ticket : changed.tickets) {
      TICKETING_RETURN_IF_ERROR(RefreshConflicts(tx, ticket));
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  if (changed.round != 0) notes_->Settled(changed.round);
  WarnOfClocks(alarms);
  return OkStatus();
}

StatusOr<Changes> GateEngine::ChangesFor(const ChangesQuery& query, DeviceId reader) {
  StatusOr<Changes> changes = query.form == ChangesQuery::Form::kEntries
                                  ? EntriesSince(query.after, limits::kLogBatchItemsMax, reader)
                                  : PassagesSince(query, reader);
  if (changes.ok()) TellDevices(query, *changes);
  return changes;
}

// Nearly everybody has the list: then it is neither copied nor hashed.
void GateEngine::TellDevices(const ChangesQuery& query, Changes& changes) const {
  changes.devices.clear();
  const std::lock_guard lock(mutex_);
  if (devices_digest_ == 0 || devices_digest_ != query.devices) {
    for (const auto& [id, device] : devices_) changes.devices.push_back(device);
    devices_digest_ = DevicesDigest(changes.devices);
  }
  changes.devices_digest = devices_digest_;
  if (devices_digest_ == query.devices) changes.devices.clear();
}

StatusOr<Changes> GateEngine::PassagesSince(const ChangesQuery& query, DeviceId reader) {
  Changes changes;
  changes.server = config_.device;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    const uint64_t newest = own ? own->arrival : 0;
    // A cursor from before this place lost its data begins again, as in ChangesSince.
    const uint64_t from = query.after > newest ? 0 : query.after;
    changes.cursor = std::min(newest, from + kPassageNotesMax);
    changes.more = changes.cursor < newest;
    const DeviceId left_out = query.form == ChangesQuery::Form::kAll ? DeviceId{} : reader;
    TICKETING_ASSIGN_OR_RETURN(changes.passages,
                               feed_->Read(tx, from, changes.cursor, newest, left_out));
    TICKETING_ASSIGN_OR_RETURN(const gate::LogProgress progress, gate::LoadProgress(tx, reader));
    changes.stored.push_back({reader, progress.stored});
    changes.cloud.push_back({reader, InCloud(progress)});
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  changes.events = Events();
  return changes;
}

}  // namespace ticketing
