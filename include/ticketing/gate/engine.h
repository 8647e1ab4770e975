// The gate engine: what a handheld, a bastion and any program that opens a gate embed. It holds
// event copies and the scans it knows of in a database of its own, decides, and writes every
// decision into the device's signed log before it answers.
//
// A transaction decides and records, and the database runs one write after the other: of N
// concurrent scans of one ticket exactly one is admitted. Scans that wait at the same time are in
// one transaction, each with an answer of its own, and share a signature under their entries. An
// answer that was given is durable; a crash before the answer leaves either nothing or the whole
// record. The same scan id always gets the same answer.
//
// Thread-safe. The Env and the database factory must outlive the engine. Errors of every function
// that touches the database: kUnavailable when it cannot write (a full disk refuses before anything
// is lost), kDataLoss when it is damaged.
#ifndef TICKETING_GATE_ENGINE_H_
#define TICKETING_GATE_ENGINE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/admission/decision.h"
#include "ticketing/admission/explain.h"
#include "ticketing/admission/rules.h"
#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/gate/figures.h"
#include "ticketing/gate/scan.h"
#include "ticketing/sync/event_copy.h"
#include "ticketing/sync/log_entry.h"
#include "ticketing/sync/merge.h"
#include "ticketing/wire/search_codec.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {

namespace gate {
class Feed;
class FiguresBook;
class NoteBook;
class OwnRun;
struct LogProgress;
struct StoredScan;
}  // namespace gate

// How many event copies one engine holds.
inline constexpr size_t kGateEventsMax = 8;
struct GateConfig {
  DeviceId device;                           // owner of the log
  DecidedBy decides_as = DecidedBy::kAlone;  // kAlone for a handheld, kBastion, kCloud
  Duration reread_window = limits::kRereadWindow;
};

struct GateStatus {
  DeviceId device;
  std::map<Reason, uint64_t> scans;  // of all devices, as merged, by reason
  uint64_t admitted = 0;             // people who went in: counted entries
  uint64_t refused = 0;
  uint64_t inside = 0;             // entries less exits
  uint64_t own_sequence = 0;       // entries in this device's log
  uint64_t waiting_for_cloud = 0;  // entries that only this place is known to hold
  uint64_t conflicts = 0;
  uint64_t clock_alarms = 0;  // entries seen whose clocks are too far ahead, since the start
  std::vector<EventVersion> events;
};

// For the files of handhelds and bastions (SqliteOptions::page_size): a scan's commit touches a
// dozen pages and a few bytes of each.
inline constexpr int kGatePageBytes = 1024;

// Entries to upload, and where the next ones begin.
struct PendingEntries {
  std::vector<std::string> entries;
  uint64_t next_after = 0;
  bool more = false;  // behind these
};

// Where entries came from. Bastion and cloud vouch for what they pass on: they took it while its
// device was still trusted. What the cloud sent needs no upload.
enum class LogSource : uint8_t { kDevice, kCloud, kBastion };

// Who supervises which event, by number and device, for events whose copy is not held.
using Supervisors = std::set<std::pair<uint32_t, DeviceId>>;

class GateEngine {
 public:
  // Opens the database `name` and makes its schema. Errors: kConflict when the database belongs to
  // another device.
  static StatusOr<std::unique_ptr<GateEngine>> Open(const Env& env, DatabaseFactory& databases,
                                                    std::string_view name, SigningKey key,
                                                    GateConfig config);
  ~GateEngine();
  GateEngine(const GateEngine&) = delete;
  GateEngine& operator=(const GateEngine&) = delete;

  // Verifies, decides and records. A refusal is a result, not an error. Errors: kInvalidField for a
  // gate that the event does not have or an override without who and why; kPermissionDenied for an
  // override by a device without the right; kConflict for a scan id that was used with another
  // ticket.
  StatusOr<ScanResult> Scan(std::string_view text, const ScanContext& context);

  // Tickets of a seat, out of the copy: what can be looked up without names. Errors: kNotFound for
  // an event that is not here.
  StatusOr<FoundTickets> FindSeat(const TicketSearch& search) const;

  // The same for a device that asks; `scanner` is who asks. One writer: this is what a bastion
  // runs.
  StatusOr<ScanResponse> DecideFor(DeviceId scanner, const ScanRequest& request,
                                   AnswerForm form = AnswerForm::kSigned);

  // Scans with somebody else's answer, for Scanner: Begin writes the intent down, then either Scan
  // (with the intent's scan id) or RecordAnswer closes it. A read of the same ticket while an
  // intent of it is open takes that one up again. One caller at a time: a Begin means that the
  // answers before it were shown.
  StatusOr<ScanIntent> BeginScan(std::string_view text, const ScanContext& context);
  StatusOr<ScanResult> RecordAnswer(const ScanIntent& intent, const ScanResponse& answer,
                                    DecidedBy by);
  // Closes an intent that nobody will finish: logged as refused, so that whoever else decided it
  // learns that nobody went in.
  Status Abandon(const ScanIntent& intent);
  StatusOr<std::vector<ScanIntent>> OpenIntents();
  Status DropIntent(ScanId scan);

  // Takes back a scan, as when the turnstile did not turn: the ticket may enter again wherever this
  // log reaches. A device takes back its own; the cloud and supervisors of the event those of
  // others too. Errors: kNotFound for a scan that is not known here or admitted nobody;
  // kPermissionDenied; kPreconditionFailed for another device's scan of an event that is not held
  // here, so that nobody knows who supervises it; kInvalidField for the note.
  Status Annul(ScanId scan, const StaffNote& staff = {});

  // Whether a scan was taken back. Error: kNotFound.
  StatusOr<bool> IsAnnulled(ScanId scan);

  // How many people are in the zones of an event that limit them, by zone, as far as is known here.
  StatusOr<std::map<uint16_t, int64_t>> ZoneCounts(uint32_t event);

  // Event copies. An older version than the one held changes nothing. Errors: kInvalidField,
  // kPreconditionFailed (a delta that does not fit: ask for a snapshot), kConflict (too many
  // events).
  Status ApplyEventCopy(const EventCopy& copy);
  Status RemoveEvent(uint32_t number);
  std::vector<EventVersion> Events() const;
  std::shared_ptr<const EventHeader> Event(uint32_t number) const;
  // What a device that has `since` needs: a delta, a snapshot for 0 or an unknown version, nullopt
  // when it is up to date. Error: kNotFound.
  StatusOr<std::optional<EventCopy>> ReadEventCopy(uint32_t number, uint64_t since);

  // Devices whose logs are believed, from event copies and from here. A revocation is never undone.
  Status AddDevices(const std::vector<CopyDevice>& devices);
  std::vector<CopyDevice> Devices() const;
  std::optional<CopyDevice> FindDevice(DeviceId device) const;

  // Takes in log entries of other devices (or of our own, come back from elsewhere), each judged by
  // itself: one acknowledgement for each, in their order. The right to take back what another
  // device scanned stands in the event copy, or in `supervisors` for who knows without one; who
  // knows neither answers that the entry should come again later, but the cloud, which has all
  // events and is the last to ask, refuses it.
  StatusOr<std::vector<LogAck>> TakeEntries(const std::vector<std::string>& entries,
                                            LogSource source, const Supervisors& supervisors = {});
  // Entries that came in after `cursor`, for a device that learns of the others' scans; its own are
  // left out. Devices, events and marks are filled in.
  StatusOr<Changes> ChangesSince(uint64_t cursor, size_t max, DeviceId reader);
  // What a server answers to this: entries as above, or notes of passages. Devices are left out for
  // who has the list.
  StatusOr<Changes> ChangesFor(const ChangesQuery& query, DeviceId reader);
  // Takes in notes of a server that we believe, with what it says of our log in the cloud and the
  // cursor behind them, under this name, in one write.
  Status TakePassages(const Changes& changes, std::string_view cursor_setting);
  // Whether all its notes were taken in before, as of another server.
  StatusOr<bool> KnowsPassages(const Changes& changes) const;

  // Entries of our own log from `sequence` on, to relay.
  StatusOr<std::vector<std::string>> OwnEntries(uint64_t from_sequence, size_t max);
  // The same of any log that is held here; and the number of the last entry of our own.
  StatusOr<std::vector<std::string>> EntriesOf(DeviceId device, uint64_t from_sequence, size_t max);
  StatusOr<uint64_t> OwnSequence();
  // Entries that the cloud has not acknowledged, oldest first, from behind `after` (0: from the
  // start); `own_only` leaves out other devices'.
  StatusOr<PendingEntries> PendingUpload(size_t max, bool own_only, uint64_t after = 0);
  // Entries of others that handhelds have told this one, from behind `after`: what a bastion has
  // perhaps not heard, while their owners cannot reach it.
  StatusOr<PendingEntries> FromPeers(size_t max, uint64_t after);
  // What the cloud answered to exactly these entries.
  Status AcknowledgeCloud(const std::vector<std::string>& entries, const LogUploadResult& result);
  // What others say that the cloud has of our own log.
  Status ApplyCloudMarks(const std::vector<LogMark>& marks);
  // How far we know the logs of these devices, and how far the cloud does.
  StatusOr<std::vector<LogMark>> StoredMarks(const std::vector<DeviceId>& devices);
  StatusOr<std::vector<LogMark>> CloudMarks(const std::vector<DeviceId>& devices);

  // Small numbers that outlive a restart, such as cursors; 0 when never set.
  StatusOr<int64_t> Setting(std::string_view name);
  Status SetSetting(std::string_view name, int64_t value);

  StatusOr<std::vector<Conflict>> Conflicts();
  StatusOr<std::vector<ScanRecord>> ScansOfTicket(TicketId ticket);
  StatusOr<GateStatus> GetStatus();
  // By gate and by zone; `lately` counts scans since `since`, of the last hour at most. Like
  // GetStatus it reads what came in since the last call.
  StatusOr<GateFigures> Figures(Timestamp since);

  // One sentence for a screen, with the names and the venue time of the event copy.
  std::string Explain(const ScanResult& result, GateLanguage language) const;

  DeviceId device() const { return config_.device; }
  const SigningKey& key() const { return key_; }
  const Env& env() const { return env_; }

 private:
  struct Reading;  // a scanned text after verification
  struct Waiting;  // one that waits for its turn
  GateEngine(const Env& env, std::unique_ptr<Database> database, SigningKey key, GateConfig config);

  Status Load();
  Status ReloadEvents(SqlTransaction& tx);
  void Hold(EventHeader header, uint64_t version);
  std::shared_ptr<const EventHeader> HeaderOf(uint32_t number, uint64_t version) const;
  Reading Read(std::string_view text, uint32_t event, Timestamp now) const;
  StatusOr<Reading> ReadPicked(const ScanContext& context) const;
  // Either of both.
  StatusOr<Reading> ReadScan(std::string_view text, const ScanContext& context,
                             Timestamp now) const;
  Reading ReadCode(std::string text, uint32_t event, Timestamp now) const;
  void Enqueue(Waiting& scan);
  std::vector<Waiting*> TakeWaiting();
  Status DecideGroup(SqlTransaction& tx, const std::vector<Waiting*>& group);
  Status DecideIn(SqlTransaction& tx, gate::OwnRun& run, Waiting& waiting);
  static bool MayBeKnown(const Waiting& scan);
  Status Record(SqlTransaction& tx, gate::OwnRun& run, Waiting& waiting, const LogEntry& entry,
                uint16_t zone);
  Status RecordNoted(SqlTransaction& tx, gate::OwnRun& run, Waiting& waiting,
                     const PassageNote& note);
  // Puts the entry into our log; what only its place there tells is filled in.
  Status AppendScan(SqlTransaction& tx, gate::OwnRun& run, const LogEntry& entry,
                    const Decision& detail, const std::string& seat_label, uint16_t zone,
                    std::string* bytes, bool may_be_known);
  Status Gather(SqlTransaction& tx, gate::OwnRun& run, const Reading& reading,
                const ScanContext& context, Timestamp now, DecisionInput& input) const;
  Status TakeBack(SqlTransaction& tx, gate::StoredScan& scan, const StaffNote& staff,
                  Timestamp now);
  Status CheckOverride(const Reading& reading, const ScanContext& context) const;
  bool MayOverride(const Reading& reading, DeviceId device) const;
  struct Judged;  // an entry of others and whether it can be theirs
  LogAck JudgeOwner(const LogEntry& entry, const CopyDevice& device, LogSource source,
                    const Supervisors& supervisors) const;
  Judged Judge(const std::string& bytes, LogSource source, const Supervisors& supervisors,
               std::string& public_key) const;
  std::vector<Judged> JudgeAll(const std::vector<std::string>& entries, LogSource source,
                               const Supervisors& supervisors) const;
  void WarnOfRejected(const std::vector<LogAck>& acks, const std::vector<Judged>& judged) const;
  void WarnOfClocks(uint64_t entries);
  uint64_t InCloud(const gate::LogProgress& progress) const;
  int64_t UploadOf(const LogEntry& entry, LogSource source) const;
  Status MarkInCloud(SqlTransaction& tx, const std::vector<LogMark>& marks);
  StatusOr<Changes> EntriesSince(uint64_t cursor, size_t max, DeviceId reader);
  void TellDevices(const ChangesQuery& query, Changes& changes) const;
  StatusOr<Changes> PassagesSince(const ChangesQuery& query, DeviceId reader);
  Status LoadNotes(SqlTransaction& tx);
  Status RefreshConflicts(SqlTransaction& tx, TicketId ticket);
  Status CountNotes(SqlTransaction& tx, GateStatus& status, uint64_t& exits);
  Status CheckGate(const Reading& reading, const ScanContext& context) const;
  std::shared_ptr<const GateRules> RulesFor(const Reading& reading) const;
  void CountScan(const ScanResult& result) const;

  const Env env_;
  const std::unique_ptr<Database> database_;
  const SigningKey key_;
  const GateConfig config_;
  const std::unique_ptr<gate::Feed> feed_;
  const std::unique_ptr<gate::FiguresBook> figures_;
  std::unique_ptr<gate::NoteBook> notes_;  // set once, when the engine opens

  mutable std::mutex mutex_;  // guards what follows
  std::map<uint32_t, std::shared_ptr<const EventHeader>> events_;
  std::map<uint32_t, std::shared_ptr<const GateRules>> rules_;  // of events that have some
  std::map<uint32_t, uint64_t> versions_;
  std::map<DeviceId, CopyDevice> devices_;
  mutable uint64_t devices_digest_ = 0;  // of them; 0: not worked out
  uint64_t clock_alarms_ = 0;

  std::mutex waiting_mutex_;  // guards what follows
  std::vector<Waiting*> waiting_;
  bool group_asked_ = false;  // a write was submitted that will take them
};

}  // namespace ticketing

#endif  // TICKETING_GATE_ENGINE_H_
