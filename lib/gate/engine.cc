#include "ticketing/gate/engine.h"

#include <algorithm>

#include "lib/gate/copy_store.h"
#include "lib/gate/feed.h"
#include "lib/gate/figures_book.h"
#include "lib/gate/note_book.h"
#include "lib/gate/own_run.h"
#include "lib/gate/reading.h"
#include "lib/gate/scan_store.h"
#include "lib/gate/schema.h"
#include "lib/gate/zone_counts.h"
#include "ticketing/token/ticket_code.h"
#include "ticketing/token/typed_code.h"

namespace ticketing {
namespace {

// The sync module carries these as plain numbers; they are the admission module's.
static_assert(kLogAdmitted == static_cast<uint8_t>(Outcome::kAdmitted));
static_assert(kLogRefused == static_cast<uint8_t>(Outcome::kRefused));
static_assert(kLogEntryWay == static_cast<uint8_t>(Direction::kEntry));
static_assert(kLogExitWay == static_cast<uint8_t>(Direction::kExit));
static_assert(kLogReentryNever == static_cast<uint8_t>(ReentryPolicy::kNever));
static_assert(kLogReentryAfterExit == static_cast<uint8_t>(ReentryPolicy::kAfterExit));
static_assert(kLogReentryAlways == static_cast<uint8_t>(ReentryPolicy::kAlways));

std::optional<Timestamp> IfSet(Timestamp time) {
  if (time.micros == 0) return std::nullopt;
  return time;
}

TicketFacts FactsOf(const ScannedCode& code, const std::optional<CopyTicket>& ticket,
                    const EventHeader& header) {
  TicketFacts facts;
  facts.in_copy = ticket.has_value();
  facts.zone = ticket ? ticket->zone : code.zone;
  facts.ticket_type = ticket ? ticket->ticket_type : code.ticket_type;
  if (ticket) {
    facts.status = static_cast<TicketStatus>(ticket->status);
    facts.issue = ticket->issue;
    facts.seat_label = ticket->seat_label;
  }
  facts.right_gates = header.GatesFor(facts.zone, facts.ticket_type);
  facts.valid_from = IfSet(header.doors_open_at);
  facts.valid_until = IfSet(header.ends_at);
  if (const CopyTicketType* type = header.FindTicketType(facts.ticket_type)) {
    facts.reentry = static_cast<ReentryPolicy>(type->reentry);
    facts.entries_allowed = type->entries_allowed;
    facts.signature_enough = type->signature_enough;
    if (type->valid_from) facts.valid_from = type->valid_from;
    if (type->valid_until) facts.valid_until = type->valid_until;
    facts.add_on = type->add_on;
    // Outside the copy nobody knows whom a companion came with.
    if (ticket) facts.companion.per_holder = type->companions_per_holder;
  }
  return facts;
}

// Who of a companion's group is inside. The cost is that of an order, never of the event.
Status FindCompany(SqlTransaction& tx, const gate::NoteBook& notes, const EventHeader& header,
                   const CopyTicket& ticket, const CopyTicketType& type, Timestamp now,
                   CompanionFacts& facts) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<gate::GroupMember> group,
                             gate::LoadGroup(tx, header.number, ticket.group));
  for (const gate::GroupMember& member : group) {
    const CopyTicketType* theirs = header.FindTicketType(member.ticket_type);
    if (theirs != nullptr && theirs->add_on) continue;
    TICKETING_ASSIGN_OR_RETURN(const std::vector<Passage> past,
                               gate::HistoryOf(tx, notes, member.ticket));
    if (!IsInside(past)) continue;
    if (theirs != nullptr && theirs->companions_per_holder > 0) {
      ++facts.companions_inside;
    } else if (type.companion_minutes == 0 ||
               now - past.back().at <= Duration::Minutes(type.companion_minutes)) {
      ++facts.holders_inside;
    }
  }
  return OkStatus();
}

}  // namespace

GateEngine::GateEngine(const Env& env, std::unique_ptr<Database> database, SigningKey key,
                       GateConfig config)
    : env_(env),
      database_(std::move(database)),
      key_(std::move(key)),
      config_(config),
      feed_(std::make_unique<gate::Feed>()),
      figures_(std::make_unique<gate::FiguresBook>()) {}

GateEngine::~GateEngine() = default;

StatusOr<std::unique_ptr<GateEngine>> GateEngine::Open(const Env& env, DatabaseFactory& databases,
                                                       std::string_view name, SigningKey key,
                                                       GateConfig config) {
  if (!config.device) return InvalidField("device", "A gate needs the id of its device.");
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                             databases.Open(name, gate::Schema()));
  std::unique_ptr<GateEngine> engine(
      new GateEngine(env, std::move(database), std::move(key), config));
  TICKETING_RETURN_IF_ERROR(engine->Load());
  return engine;
}

Status GateEngine::Load() {
  const Status done = database_->Write([this](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(std::optional<gate::OwnLog> own, gate::LoadOwnLog(tx));
    if (!own) {
      own.emplace();
      own->device = config_.device;
      TICKETING_RETURN_IF_ERROR(gate::BeginOwnLog(tx, *own));
    }
    if (own->device != config_.device) {
      return MakeError(ErrorCode::kConflict,
                       "This data belongs to another device: " + own->device.ToString() + ".");
    }
    CopyDevice self;
    self.id = config_.device;
    self.public_key = key_.public_key();
    self.bastion = config_.decides_as == DecidedBy::kBastion;
    TICKETING_RETURN_IF_ERROR(LoadNotes(tx));
    return gate::StoreDevice(tx, self);
  });
  TICKETING_RETURN_IF_ERROR(done);
  return database_->Read([this](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(ReloadEvents(tx));
    TICKETING_ASSIGN_OR_RETURN(auto devices, gate::LoadDevices(tx));
    const std::lock_guard lock(mutex_);
    devices_ = std::move(devices);
    devices_digest_ = 0;
    return OkStatus();
  });
}

// What a scanner typed may stand for several codes; the one that was signed is meant.
GateEngine::Reading GateEngine::Read(std::string_view text, uint32_t event, Timestamp now) const {
  if (text.size() > limits::kScanTextBytesMax) return {};
  // Nearly every scan is what it says, and the other ways to read it cost as much as a signature.
  Reading first = ReadCode(NormalizeScannedText(text), event, now);
  if (first.code.ticket) return first;
  std::vector<std::string> others = ReadingsOfTypedCode(text);
  others.erase(others.begin());
  for (std::string& code : others) {
    Reading reading = ReadCode(std::move(code), event, now);
    if (reading.code.ticket) return reading;
    if (first.code.check == CodeCheck::kMalformed) first = std::move(reading);
  }
  return first;
}

GateEngine::Reading GateEngine::ReadCode(std::string text, uint32_t event, Timestamp now) const {
  Reading reading;
  reading.text = std::move(text);
  const StatusOr<TicketClaims> claims = ParseTicketCode(reading.text);
  if (event != 0) reading.header = Event(event);
  if (!claims.ok()) return reading;
  const bool other_event = event != 0 && claims->event_number != event;
  std::shared_ptr<const EventHeader> issuer = Event(claims->event_number);
  if (event == 0) reading.header = issuer;
  if (issuer == nullptr) {
    // Without a copy of its event the code can only be judged by the keys of one that we have.
    const std::lock_guard lock(mutex_);
    if (reading.header != nullptr) issuer = reading.header;
    if (issuer == nullptr && !events_.empty()) issuer = events_.begin()->second;
  }
  ScannedCode& code = reading.code;
  const Status verified = issuer == nullptr
                              ? MakeError(ErrorCode::kUnknownKey, "No event copy is here yet.")
                              : VerifyTicketCode(reading.text, issuer->keys, now).status();
  switch (CodeOf(verified)) {
    case ErrorCode::kOk:
      code.check = CodeCheck::kGood;
      break;
    case ErrorCode::kTokenExpired:
      code.check = CodeCheck::kExpired;
      break;
    case ErrorCode::kCodeForged:
      code.check = CodeCheck::kForged;
      return reading;
    case ErrorCode::kUnknownKey:
      code.check = other_event ? CodeCheck::kOtherEvent : CodeCheck::kUnknownKey;
      return reading;
    default:
      code.check = CodeCheck::kMalformed;
      return reading;
  }
  if (other_event || Event(claims->event_number) == nullptr) code.check = CodeCheck::kOtherEvent;
  code.ticket = claims->ticket;
  code.event = claims->event_number;
  code.issue = claims->issue;
  code.zone = claims->zone;
  code.ticket_type = claims->ticket_type;
  reading.static_form = claims->form == TicketForm::kStatic;
  return reading;
}

Status GateEngine::CheckGate(const Reading& reading, const ScanContext& context) const {
  if (context.gate == 0 || reading.header == nullptr) return OkStatus();
  if (reading.header->FindGate(context.gate) != nullptr) return OkStatus();
  return InvalidField("gate", "The event has no such gate.");
}

std::shared_ptr<const GateRules> GateEngine::RulesFor(const Reading& reading) const {
  if (reading.header == nullptr || reading.header->rules.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  const auto found = rules_.find(reading.header->number);
  return found == rules_.end() ? nullptr : found->second;
}

// What is known of the ticket, its past, its company and its area.
Status GateEngine::Gather(SqlTransaction& tx, gate::OwnRun& run, const Reading& reading,
                          const ScanContext& context, Timestamp now, DecisionInput& input) const {
  input.code = reading.code;
  input.gate.gate = context.gate;
  input.gate.direction = context.direction;
  input.gate.now = now;
  input.gate.device = context.scanner ? context.scanner : config_.device;
  input.gate.reread_window = config_.reread_window;
  input.gate.staff_override = context.staff_override && MayOverride(reading, input.gate.device);
  if (reading.header == nullptr || !reading.code.ticket) return OkStatus();
  const EventHeader& header = *reading.header;
  TICKETING_ASSIGN_OR_RETURN(const auto ticket,
                             gate::LoadTicket(tx, header.number, reading.code.ticket));
  input.facts = FactsOf(reading.code, ticket, header);
  if (run.Holds(reading.code.ticket)) TICKETING_RETURN_IF_ERROR(run.Flush());
  TICKETING_ASSIGN_OR_RETURN(input.history, gate::HistoryOf(tx, *notes_, reading.code.ticket));
  const CopyTicketType* type = header.FindTicketType(input.facts.ticket_type);
  if (input.code.check == CodeCheck::kGood && reading.static_form && type != nullptr &&
      !type->static_codes) {
    input.code.check = CodeCheck::kStaticForm;
  }
  if (const CopyGate* gate = header.FindGate(context.gate)) {
    input.gate.zones = gate->zones;
    input.gate.ticket_types = gate->ticket_types;
  } else if (!input.facts.add_on) {
    input.facts.right_gates.clear();  // a gate that leads everywhere
  }
  if (input.facts.companion.per_holder > 0) {
    TICKETING_RETURN_IF_ERROR(run.Flush());
    TICKETING_RETURN_IF_ERROR(
        FindCompany(tx, *notes_, header, *ticket, *type, now, input.facts.companion));
  }
  const CopyZone* zone = header.FindZone(input.facts.zone);
  if (zone != nullptr && zone->persons_max > 0 && !input.facts.add_on) {
    input.facts.area.persons_max = zone->persons_max;
    TICKETING_ASSIGN_OR_RETURN(input.facts.area.inside,
                               gate::PeopleInside(tx, header.number, zone->number));
    input.facts.area.inside += notes_->InZone(header.number, zone->number);
  }
  return OkStatus();
}

std::string GateEngine::Explain(const ScanResult& result, GateLanguage language) const {
  std::shared_ptr<const EventHeader> header = Event(result.event);
  if (header == nullptr) {
    const std::lock_guard lock(mutex_);
    if (events_.size() == 1) header = events_.begin()->second;
  }
  ExplainContext context;
  context.language = language;
  context.now = env_.clock.Now();
  if (header != nullptr) {
    context.utc_offset_minutes = header->utc_offset_minutes;
    context.gate_name = [header](uint16_t number) {
      const CopyGate* gate = header->FindGate(number);
      return gate == nullptr ? std::string() : gate->name;
    };
  }
  return ticketing::Explain(result.decision, context);
}

}  // namespace ticketing
