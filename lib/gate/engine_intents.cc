// Scans that are written down before they are answered.
#include <algorithm>

#include "lib/gate/own_run.h"
#include "lib/gate/reading.h"
#include "lib/gate/scan_store.h"
#include "lib/gate/zone_counts.h"
#include "ticketing/gate/engine.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

Status LoadIntents(SqlTransaction& tx, std::vector<ScanIntent>& intents) {
  intents.clear();
  return tx.Query(
      "SELECT scan, at, text, event, gate, direction, staff_override, ticket, decided, "
      "staff_why, staff_by, staff_note FROM intents "
      "ORDER BY at, scan",
      {}, [&](const SqlRow& row) {
        ScanIntent intent;
        intent.scan_id = ScanId::FromSql(row.Int(0));
        intent.at = Timestamp{row.Int(1)};
        intent.text = row.Text(2);
        intent.context.event = static_cast<uint32_t>(row.Int(3));
        intent.context.gate = static_cast<uint16_t>(row.Int(4));
        intent.context.direction = static_cast<Direction>(row.Int(5));
        intent.context.staff_override = row.Int(6) != 0;
        intent.context.scan_id = intent.scan_id;
        intent.ticket = TicketId::FromSql(row.Int(7));
        intent.decided = row.Int(8) != 0;
        intent.context.staff = {static_cast<uint8_t>(row.Int(9)), row.Text(10), row.Text(11)};
        // Every code has a text, so a ticket without one was picked.
        if (intent.text.empty()) intent.context.picked = intent.ticket;
        intents.push_back(std::move(intent));
        return OkStatus();
      });
}

// Whether two codes of a ticket are of one issue: another one is in somebody else's hands.
bool SameIssue(const std::string& a, const std::string& b) {
  const StatusOr<TicketClaims> first = ParseTicketCode(a);
  const StatusOr<TicketClaims> second = ParseTicketCode(b);
  return first.ok() && second.ok() && first->issue == second->issue;
}

// Whether reading `intent` again is the same physical scan: the ticket when it could be read (a
// rotating code changes its text), else the text.
bool SameScan(const ScanIntent& open, const ScanIntent& fresh) {
  const bool same_place = open.context.gate == fresh.context.gate &&
                          open.context.direction == fresh.context.direction &&
                          open.context.staff_override == fresh.context.staff_override &&
                          open.context.picked == fresh.context.picked;
  const bool same_code = fresh.ticket
                             ? open.ticket == fresh.ticket && SameIssue(open.text, fresh.text)
                             : open.text == fresh.text;
  const Duration age = fresh.at - open.at;
  return !open.decided && same_place && same_code && age.micros >= 0 && age <= kIntentLife;
}

Status InsertIntent(SqlTransaction& tx, const ScanIntent& intent) {
  return tx
      .Execute(
          "INSERT INTO intents (scan, at, text, event, gate, direction, staff_override, "
          "ticket, decided, staff_why, staff_by, staff_note) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
          {intent.scan_id.ToSql(), intent.at.micros, intent.text, int64_t{intent.context.event},
           int64_t{intent.context.gate}, static_cast<int64_t>(intent.context.direction),
           int64_t{intent.context.staff_override ? 1 : 0}, intent.ticket.ToSql(),
           int64_t{intent.context.staff.why}, intent.context.staff.by, intent.context.staff.note})
      .status();
}

// Whoever overrules the rules says who he is and why.
Status CheckSaid(const StaffNote& staff) {
  const std::optional<StaffWhy> why = StaffWhyOfNumber(staff.why);
  if (!why) return InvalidField("staff.why", "The reason is missing.");
  if (staff.by.empty()) return InvalidField("staff.by", "Whoever does this must say who he is.");
  if (*why == StaffWhy::kOther && staff.note.empty()) {
    return InvalidField("staff.note", "The reason \"other\" needs words.");
  }
  return OkStatus();
}

}  // namespace

StatusOr<ScanIntent> GateEngine::BeginScan(std::string_view text, const ScanContext& context) {
  const Timestamp now = env_.clock.Now();
  TICKETING_ASSIGN_OR_RETURN(const Reading reading, ReadScan(text, context, now));
  TICKETING_RETURN_IF_ERROR(CheckGate(reading, context));
  TICKETING_RETURN_IF_ERROR(CheckOverride(reading, context));
  ScanIntent fresh;
  fresh.scan_id = context.scan_id.value_or(ScanIdAt(now, env_.random.Next64()));
  // Text that is not even a code may be anything a keyboard typed: it is not kept.
  fresh.text = reading.code.check == CodeCheck::kMalformed ? "" : reading.text;
  fresh.context = context;
  fresh.check = reading.code.check;
  fresh.ticket = reading.code.ticket;
  fresh.at = now;
  ScanIntent chosen;
  const Status done = database_->Write([&](SqlTransaction& tx) -> Status {
    chosen = fresh;
    TICKETING_RETURN_IF_ERROR(tx.Execute("DELETE FROM intents WHERE decided = 1", {}).status());
    std::vector<ScanIntent> open;
    TICKETING_RETURN_IF_ERROR(LoadIntents(tx, open));
    const auto same = std::find_if(open.begin(), open.end(),
                                   [&](const ScanIntent& i) { return SameScan(i, fresh); });
    if (same != open.end() && !context.scan_id) {
      chosen.scan_id = same->scan_id;
      chosen.at = same->at;
    } else {
      TICKETING_RETURN_IF_ERROR(InsertIntent(tx, chosen));
    }
    chosen.context.scan_id = chosen.scan_id;
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return chosen;
}

StatusOr<ScanResult> GateEngine::RecordAnswer(const ScanIntent& intent, const ScanResponse& answer,
                                              DecidedBy by) {
  TICKETING_ASSIGN_OR_RETURN(const LogEntry theirs, DecodeLogEntry(answer.entry));
  TICKETING_ASSIGN_OR_RETURN(const Reading reading,
                             ReadScan(intent.text, intent.context, env_.clock.Now()));
  // An answer is believed because of whom it came from: a server whose key was pinned, or is known
  // to the world's authorities. So it need not be signed by itself, and what the decider's key is
  // need not be known here; but a signature that can be checked must hold.
  const std::optional<CopyDevice> decider = FindDevice(theirs.device);
  const bool genuine =
      !decider || (!decider->revoked && (!CarriesSignature(answer.entry) ||
                                         IsLogEntryGenuine(answer.entry, decider->public_key)));
  if (theirs.scan != intent.scan_id || theirs.scanner != config_.device ||
      theirs.ticket != reading.code.ticket || !genuine) {
    return MakeError(ErrorCode::kLogBroken, "The answer is not one to this scan.");
  }
  const auto outcome = OutcomeOfNumber(theirs.outcome);
  const Reason reason = static_cast<Reason>(theirs.reason);
  ScanResult result;
  const Status done = database_->Write([&](SqlTransaction& tx) -> Status {
    result = {};
    result.decision = answer.detail;
    result.decision.outcome = *outcome;
    result.decision.reason = reason;
    result.decision.counted = theirs.counted;
    result.decision.not_in_copy = theirs.not_in_copy;
    LogEntry entry = theirs;
    entry.kind = LogKind::kScan;
    entry.at = env_.clock.Now();
    entry.decided_by = by;
    entry.gate = intent.context.gate;
    entry.direction = static_cast<uint8_t>(intent.context.direction);
    result.scan_id = entry.scan;
    result.ticket_id = entry.ticket;
    result.event = entry.event;
    result.gate = entry.gate;
    result.mode = by;
    result.seat_label = answer.seat_label;
    result.at = entry.at;
    gate::OwnRun run(tx, key_);
    TICKETING_RETURN_IF_ERROR(AppendScan(tx, run, entry, result.decision, result.seat_label,
                                         reading.code.zone, &result.entry, true));
    return run.Seal();
  });
  TICKETING_RETURN_IF_ERROR(done);
  CountScan(result);
  return result;
}

Status GateEngine::Abandon(const ScanIntent& intent) {
  const Timestamp now = env_.clock.Now();
  const StatusOr<Reading> read = ReadScan(intent.text, intent.context, now);
  const Reading reading = read.ok() ? *read : Reading();  // its copy may be gone by now
  return database_->Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM intents WHERE scan = ?", {intent.scan_id.ToSql()}).status());
    LogEntry entry;
    entry.scan = intent.scan_id;
    entry.ticket = intent.ticket;
    entry.event = reading.code.ticket == intent.ticket ? reading.code.event : 0;
    entry.issue = reading.code.issue;
    entry.scanner = config_.device;
    entry.gate = intent.context.gate;
    entry.direction = static_cast<uint8_t>(intent.context.direction);
    entry.outcome = kLogRefused;
    entry.reason = static_cast<uint16_t>(Reason::kAbandoned);
    entry.decided_by = config_.decides_as;
    entry.at = now;
    gate::OwnRun run(tx, key_);
    std::string sealed;
    TICKETING_RETURN_IF_ERROR(
        AppendScan(tx, run, entry, Decision{}, "", reading.code.zone, &sealed, true));
    return run.Seal();
  });
}

StatusOr<std::vector<ScanIntent>> GateEngine::OpenIntents() {
  std::vector<ScanIntent> intents;
  TICKETING_RETURN_IF_ERROR(
      database_->Read([&](SqlTransaction& tx) { return LoadIntents(tx, intents); }));
  for (ScanIntent& intent : intents) {
    // What was picked was known here.
    intent.check = intent.context.picked
                       ? CodeCheck::kGood
                       : Read(intent.text, intent.context.event, env_.clock.Now()).code.check;
  }
  return intents;
}

Status GateEngine::DropIntent(ScanId scan) {
  return database_->Write([&](SqlTransaction& tx) {
    return tx.Execute("DELETE FROM intents WHERE scan = ?", {scan.ToSql()}).status();
  });
}

Status GateEngine::Annul(ScanId scan, const StaffNote& staff) {
  TICKETING_RETURN_IF_ERROR(CheckStaffNote(staff));
  const Timestamp now = env_.clock.Now();
  return database_->Write([&](SqlTransaction& tx) -> Status {
    // Whoever reads a scan id may claim it: our own is meant when we have one, else all of them.
    TICKETING_ASSIGN_OR_RETURN(std::vector<gate::StoredScan> claims, gate::LoadClaims(tx, scan));
    std::erase_if(claims, [](const gate::StoredScan& claim) { return !claim.record.counts(); });
    if (claims.empty()) {
      return MakeError(ErrorCode::kNotFound, "No admission that is known here has this scan id.");
    }
    const bool own = std::ranges::any_of(claims, [this](const gate::StoredScan& claim) {
      return claim.record.told.scanner == config_.device;
    });
    for (gate::StoredScan& claim : claims) {
      if (own && claim.record.told.scanner != config_.device) continue;
      TICKETING_RETURN_IF_ERROR(TakeBack(tx, claim, staff, now));
    }
    return OkStatus();
  });
}

Status GateEngine::TakeBack(SqlTransaction& tx, gate::StoredScan& scan, const StaffNote& staff,
                            Timestamp now) {
  LogEntry entry = scan.record.told;
  if (entry.scanner != config_.device) {
    const std::shared_ptr<const EventHeader> header = Event(entry.event);
    if (header == nullptr && config_.decides_as != DecidedBy::kCloud) {
      return MakeError(ErrorCode::kPreconditionFailed,
                       "This device does not hold that event, so it does not know its supervisors. "
                       "Take the scan back at the device that made it, or in the cloud.");
    }
    const bool may = config_.decides_as == DecidedBy::kCloud ||
                     (header != nullptr && header->IsSupervisor(config_.device));
    if (!may) {
      return MakeError(ErrorCode::kPermissionDenied,
                       "Only a supervisor's device takes back what another one scanned.");
    }
    TICKETING_RETURN_IF_ERROR(CheckSaid(staff));
    entry.supervisor = true;
  }
  entry.kind = LogKind::kAnnul;
  entry.staff = staff;
  entry.decided_by = config_.decides_as;
  entry.at = now;
  gate::OwnRun run(tx, key_);
  std::string sealed;
  TICKETING_RETURN_IF_ERROR(run.Append(entry, &sealed));
  TICKETING_RETURN_IF_ERROR(run.Seal());
  scan.record.annulled = true;
  TICKETING_RETURN_IF_ERROR(gate::SaveScan(tx, scan));
  return RefreshConflicts(tx, entry.ticket);
}

StatusOr<bool> GateEngine::IsAnnulled(ScanId scan) {
  bool annulled = false;
  const Status done = database_->Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const auto claims, gate::LoadClaims(tx, scan));
    if (claims.empty()) return MakeError(ErrorCode::kNotFound, "Nobody here knows of this scan.");
    const auto counts = [](const gate::StoredScan& claim) { return claim.record.counts(); };
    annulled = std::ranges::none_of(claims, counts) &&
               std::ranges::any_of(
                   claims, [](const gate::StoredScan& claim) { return claim.record.annulled; });
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return annulled;
}

bool GateEngine::MayOverride(const Reading& reading, DeviceId device) const {
  return reading.header != nullptr && reading.header->IsSupervisor(device);
}

Status GateEngine::CheckOverride(const Reading& reading, const ScanContext& context) const {
  if (!context.staff_override && !context.picked) return OkStatus();
  TICKETING_RETURN_IF_ERROR(CheckStaffNote(context.staff));
  TICKETING_RETURN_IF_ERROR(CheckSaid(context.staff));
  if (reading.header == nullptr ||
      MayOverride(reading, context.scanner ? context.scanner : config_.device)) {
    return OkStatus();
  }
  return MakeError(ErrorCode::kPermissionDenied,
                   "Only a supervisor's device lets in whom the rules or a missing code refuse.");
}

}  // namespace ticketing
