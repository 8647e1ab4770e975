// Scans are decided and recorded in groups: whoever waits while a commit runs is in the next one.
#include <algorithm>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

#include "lib/gate/note_book.h"
#include "lib/gate/own_run.h"
#include "lib/gate/reading.h"
#include "lib/gate/scan_store.h"
#include "lib/gate/zone_counts.h"
#include "ticketing/env/wait.h"
#include "ticketing/gate/engine.h"

namespace ticketing {
namespace {

LogEntry EntryOf(const ScannedCode& code, const TicketFacts& facts, const ScanContext& context,
                 const Decision& decision) {
  LogEntry entry;
  entry.ticket = code.ticket;
  entry.event = code.event;
  entry.issue = code.issue;
  entry.gate = context.gate;
  entry.direction = static_cast<uint8_t>(context.direction);
  entry.outcome = static_cast<uint8_t>(decision.outcome);
  entry.reason = static_cast<uint16_t>(decision.reason);
  entry.counted = decision.counted;
  entry.not_in_copy = decision.not_in_copy;
  entry.overridden = decision.reason == Reason::kOverride;
  if (entry.overridden || context.picked) entry.staff = context.staff;
  entry.reentry = static_cast<uint8_t>(facts.reentry);
  return entry;
}

// What was answered, from its record.
Status ResultOf(const gate::StoredScan& stored, ScanResult& result) {
  const LogEntry& told = stored.record.told;
  TICKETING_ASSIGN_OR_RETURN(result.decision, DecodeDecisionDetail(stored.detail));
  result.decision.outcome = static_cast<Outcome>(told.outcome);
  result.decision.reason = static_cast<Reason>(told.reason);
  result.decision.counted = told.counted;
  result.decision.not_in_copy = told.not_in_copy;
  result.scan_id = told.scan;
  result.ticket_id = told.ticket;
  result.event = told.event;
  result.gate = told.gate;
  result.mode = told.decided_by;
  result.seat_label = stored.seat_label;
  result.at = told.at;
  return OkStatus();
}

// The same answer as before, whatever changed since.
Status Replay(SqlTransaction& tx, const gate::StoredScan& stored, const ScannedCode& code,
              ScanResult& result) {
  const LogEntry& told = stored.record.told;
  if (told.ticket != code.ticket) {
    return MakeError(ErrorCode::kConflict, "This scan id was used with another ticket.");
  }
  TICKETING_RETURN_IF_ERROR(ResultOf(stored, result));
  DecisionInput input;
  input.earlier_answer = result.decision;
  result.decision = Decide(input);
  TICKETING_ASSIGN_OR_RETURN(const auto entry, gate::LoadLogEntry(tx, told.device, told.sequence));
  result.entry = entry.value_or("");
  return OkStatus();
}

}  // namespace

ScanId ScanIdAt(Timestamp now, uint64_t entropy) {
  constexpr int kEntropyBits = 31;
  const auto millis = static_cast<uint64_t>(now.micros / 1000);
  return ScanId::FromEntropy(millis << kEntropyBits | entropy >> (64 - kEntropyBits));
}

// A scan that was read and is to be decided.
struct GateEngine::Waiting {
  const Reading& reading;
  const ScanContext& context;
  ScanId scan;
  Timestamp now;
  ScanResult& result;
  Status status = OkStatus();  // its own; not what became of the transaction
  bool recorded = false;       // something was written for it
  std::function<void(Status)> done = nullptr;
};

// Whether somebody may have told of this scan before.
bool GateEngine::MayBeKnown(const Waiting& scan) {
  return scan.context.scan_id.has_value();  // else its id was drawn a moment ago
}

Status GateEngine::DecideIn(SqlTransaction& tx, gate::OwnRun& run, Waiting& waiting) {
  const auto& [reading, context, scan, now, result] =
      std::tie(waiting.reading, waiting.context, waiting.scan, waiting.now, waiting.result);
  std::optional<gate::StoredScan> stored;
  if (MayBeKnown(waiting)) {
    const DeviceId scanner = context.scanner ? context.scanner : config_.device;
    TICKETING_ASSIGN_OR_RETURN(stored, gate::LoadScan(tx, scan, scanner));
  }
  if (stored) {
    TICKETING_RETURN_IF_ERROR(Replay(tx, *stored, reading.code, result));
    LogEntry entry = stored->record.told;
    if ((entry.overridden || context.picked) && !result.entry.empty()) {
      // What staff said is only in the entry itself.
      TICKETING_ASSIGN_OR_RETURN(entry, DecodeLogEntry(result.entry));
    }
    if (entry.device == config_.device || context.scanner) return OkStatus();
    // The answer of the one who was asked came by another road than his own: it is recorded as one
    // that came in time, or the scan would stay open and this answer be given to the next person.
    entry.at = now;
    result.decision.counted = entry.counted;
    result.decision.replayed = false;
    result.at = now;
    return Record(tx, run, waiting, entry, reading.code.zone);
  }
  if (!context.scanner && MayBeKnown(waiting)) {
    const auto note = notes_->Find(reading.code.ticket, scan, config_.device);
    if (note) return RecordNoted(tx, run, waiting, *note);
  }
  DecisionInput input;
  TICKETING_RETURN_IF_ERROR(Gather(tx, run, reading, context, now, input));
  result.decision = Decide(input, RulesFor(reading).get());
  LogEntry entry = EntryOf(input.code, input.facts, context, result.decision);
  entry.scan = scan;
  entry.scanner = input.gate.device;
  entry.at = now;
  entry.decided_by = config_.decides_as;
  result.scan_id = scan;
  result.ticket_id = entry.ticket;
  result.event = entry.event;
  result.gate = context.gate;
  result.mode = config_.decides_as;
  result.seat_label = std::move(input.facts.seat_label);
  result.at = now;
  return Record(tx, run, waiting, entry, input.facts.zone);
}

// The one who was asked let the person in, and his answer came as a note: recorded as one that came
// in time.
Status GateEngine::RecordNoted(SqlTransaction& tx, gate::OwnRun& run, Waiting& waiting,
                               const PassageNote& note) {
  LogEntry entry = RecordOf(note).told;
  entry.at = waiting.now;
  ScanResult& result = waiting.result;
  result.decision.outcome = Outcome::kAdmitted;
  result.decision.reason = static_cast<Reason>(note.reason);
  result.decision.counted = true;
  result.decision.not_in_copy = note.not_in_copy;
  result.scan_id = note.scan;
  result.ticket_id = note.ticket;
  result.event = note.event;
  result.gate = note.gate;
  result.mode = note.decided_by;
  result.at = waiting.now;
  return Record(tx, run, waiting, entry, waiting.reading.code.zone);
}

Status GateEngine::Record(SqlTransaction& tx, gate::OwnRun& run, Waiting& waiting,
                          const LogEntry& entry, uint16_t zone) {
  waiting.recorded = true;
  ScanResult& result = waiting.result;
  return AppendScan(tx, run, entry, result.decision, result.seat_label, zone, &result.entry,
                    MayBeKnown(waiting));
}

Status GateEngine::AppendScan(SqlTransaction& tx, gate::OwnRun& run, const LogEntry& entry,
                              const Decision& detail, const std::string& seat_label, uint16_t zone,
                              std::string* bytes, bool may_be_known) {
  std::vector<LogEntry> entries;
  if (may_be_known) {
    TICKETING_ASSIGN_OR_RETURN(entries, gate::LoadEntriesOfScan(tx, entry.scan));
  }
  gate::StoredScan scan;
  scan.detail = EncodeDecisionDetail(detail);
  scan.seat_label = seat_label;
  bool claimed_by_others = false;
  if (entries.empty()) {
    scan.record.told = entry;
    scan.record.sources = 1;
    TICKETING_RETURN_IF_ERROR(run.Append(scan.record.told, bytes));
  } else {
    entries.push_back(entry);
    TICKETING_RETURN_IF_ERROR(run.Append(entries.back(), bytes));
    const std::vector<ScanRecord> claims = CombineScan(entries);
    scan.record = *std::ranges::find(claims, entry.scanner,
                                     [](const ScanRecord& claim) { return claim.told.scanner; });
    claimed_by_others = claims.size() > 1;
  }
  const std::shared_ptr<const EventHeader> header = Event(entry.event);
  if (header != nullptr && header->LimitsZones()) {
    TICKETING_ASSIGN_OR_RETURN(scan.zone, gate::CountedZone(tx, *header, entry.ticket, zone));
  }
  // A decision made here does not contradict what is known here; what others decided or staff
  // forced may.
  const bool noted =
      may_be_known && notes_->Find(entry.ticket, entry.scan, entry.scanner).has_value();
  const bool plain =
      entries.empty() && entry.decided_by == config_.decides_as && !entry.overridden && !noted;
  if (plain && scan.zone == 0) {
    run.Add(scan);
  } else {
    TICKETING_RETURN_IF_ERROR(run.Flush());
    TICKETING_RETURN_IF_ERROR(gate::SaveScan(tx, scan));
  }
  if (claimed_by_others) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE scans SET disputed = 1 WHERE scan = ?", {entry.scan.ToSql()}).status());
  }
  if (config_.decides_as == DecidedBy::kAlone) notes_->Touch(entry.ticket);
  if (may_be_known && entry.scanner == config_.device) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE intents SET decided = 1 WHERE scan = ?", {entry.scan.ToSql()}).status());
  }
  return plain ? OkStatus() : RefreshConflicts(tx, entry.ticket);
}

// All of them in one transaction. What one scan asks in vain is its own affair; what the database
// cannot do it cannot do for any.
Status GateEngine::DecideGroup(SqlTransaction& tx, const std::vector<Waiting*>& group) {
  gate::OwnRun run(tx, key_);
  std::set<ScanId> seen;
  ScanId fresh = ScanIdAt(env_.clock.Now(), env_.random.Next64());
  for (Waiting* waiting : group) {
    waiting->result = {};
    waiting->recorded = false;
    if (!MayBeKnown(*waiting)) {
      waiting->scan = fresh;
      ++fresh.value;
    } else if (!seen.insert(waiting->scan).second) {
      // The first one's entry must be in the log for the second to be answered as it was.
      TICKETING_RETURN_IF_ERROR(run.Seal());
    }
    waiting->status = DecideIn(tx, run, *waiting);
    if (waiting->recorded) TICKETING_RETURN_IF_ERROR(waiting->status);
    const ErrorCode code = CodeOf(waiting->status);
    if (code == ErrorCode::kAborted || code == ErrorCode::kUnavailable) return waiting->status;
  }
  return run.Seal();
}

std::vector<GateEngine::Waiting*> GateEngine::TakeWaiting() {
  const std::lock_guard lock(waiting_mutex_);
  group_asked_ = false;
  return std::exchange(waiting_, {});
}

void GateEngine::Enqueue(Waiting& scan) {
  {
    const std::lock_guard lock(waiting_mutex_);
    waiting_.push_back(&scan);
    if (std::exchange(group_asked_, true)) return;
  }
  // Who is in the group is settled when its turn comes, not now.
  const auto group = std::make_shared<std::vector<Waiting*>>();
  database_->WriteAsync(
      [this, group](SqlTransaction& tx) {
        if (group->empty()) *group = TakeWaiting();
        return DecideGroup(tx, *group);
      },
      [this, group](const Status& status) {
        // Its turn never came: those who wait until now share its fate.
        if (group->empty()) *group = TakeWaiting();
        for (Waiting* waiting : *group) {
          // Whoever is told is gone, and what he waited with.
          const auto done = std::move(waiting->done);
          done(status.ok() ? waiting->status : status);
        }
      });
}

StatusOr<ScanResult> GateEngine::Scan(std::string_view text, const ScanContext& context) {
  const Duration started = env_.clock.Monotonic();
  const Timestamp now = env_.clock.Now();
  TICKETING_ASSIGN_OR_RETURN(const Reading reading, ReadScan(text, context, now));
  TICKETING_RETURN_IF_ERROR(CheckGate(reading, context));
  // A scan that goes on was looked at when it began; whoever lost the right since just has none.
  if (!context.scan_id || context.picked) {
    TICKETING_RETURN_IF_ERROR(CheckOverride(reading, context));
  }
  ScanResult result;
  Waiting waiting{reading, context, context.scan_id.value_or(ScanId{}), now, result};
  TICKETING_RETURN_IF_ERROR(WaitFor([&](std::function<void(Status)> done) {
    waiting.done = std::move(done);
    Enqueue(waiting);
  }));
  result.micros = (env_.clock.Monotonic() - started).micros;
  CountScan(result);
  return result;
}

StatusOr<ScanResponse> GateEngine::DecideFor(DeviceId scanner, const ScanRequest& request,
                                             AnswerForm form) {
  ScanContext context;
  context.gate = request.gate;
  context.direction = request.direction;
  context.event = request.event;
  context.scan_id = request.scan;
  context.scanner = scanner;
  context.staff_override = request.staff_override;
  context.picked = request.picked;
  context.staff = request.staff;
  TICKETING_ASSIGN_OR_RETURN(ScanResult result, Scan(request.text, context));
  if (result.entry.empty()) {
    return MakeError(ErrorCode::kDataLoss, "The record of this scan is missing.");
  }
  ScanResponse response;
  response.entry = std::move(result.entry);
  if (form == AnswerForm::kSigned && !CarriesSignature(response.entry)) {
    TICKETING_ASSIGN_OR_RETURN(const LogEntry entry, DecodeLogEntry(response.entry));
    response.entry = SealLogEntry(entry, key_);
  }
  response.detail = std::move(result.decision);
  response.seat_label = std::move(result.seat_label);
  return response;
}

void GateEngine::CountScan(const ScanResult& result) const {
  if (result.decision.replayed) return;
  env_.metrics.Count("ticketing_gate_scans_total", "Scans answered by this gate.",
                     {{"outcome", std::string(OutcomeName(result.decision.outcome))},
                      {"reason", std::string(ReasonName(result.decision.reason))}},
                     1);
  env_.metrics.Observe("ticketing_gate_scan_seconds", "Time from the scanned text to the answer.",
                       {}, static_cast<double>(result.micros) / 1e6);
}

}  // namespace ticketing
