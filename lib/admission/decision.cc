#include "ticketing/admission/decision.h"

#include <algorithm>
#include <utility>

#include "ticketing/admission/rules.h"

namespace ticketing {
namespace {

bool Contains(const std::vector<uint16_t>& list, uint16_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Decision Refuse(Reason reason) {
  Decision decision;
  decision.outcome = Outcome::kRefused;
  decision.reason = reason;
  return decision;
}

Decision Admit(Reason reason, bool counted) {
  Decision decision;
  decision.outcome = Outcome::kAdmitted;
  decision.reason = reason;
  decision.counted = counted;
  return decision;
}

std::optional<Reason> CodeProblem(CodeCheck check) {
  switch (check) {
    case CodeCheck::kGood:
      return std::nullopt;
    case CodeCheck::kMalformed:
      return Reason::kMalformed;
    case CodeCheck::kForged:
      return Reason::kForged;
    case CodeCheck::kUnknownKey:
      return Reason::kUnknownKey;
    case CodeCheck::kOtherEvent:
      return Reason::kOtherEvent;
    case CodeCheck::kExpired:
      return Reason::kExpiredCode;
    case CodeCheck::kStaticForm:
      return Reason::kStaticCode;
  }
  return Reason::kMalformed;
}

// A wedge scanner that fires twice, or a person who is asked to show the code again, must not be
// told "already used". Only the very last passage counts, on this device, in this direction and
// with the same issue of the ticket: the old print of a ticket that was just transferred is not a
// re-read. A negative span means that the clock was set back, and then nobody can say how long ago
// it was.
std::optional<Decision> Reread(const DecisionInput& input) {
  if (input.history.empty()) return std::nullopt;
  const Passage& last = input.history.back();
  if (last.device != input.gate.device || last.direction != input.gate.direction ||
      last.gate != input.gate.gate || last.issue != input.code.issue) {
    return std::nullopt;
  }
  const Duration since = input.gate.now - last.at;
  if (since.micros < 0 || since > input.gate.reread_window) return std::nullopt;
  Decision decision = Admit(Reason::kReread, false);
  decision.first = last;
  return decision;
}

std::optional<Reason> StatusProblem(TicketStatus status) {
  switch (status) {
    case TicketStatus::kValid:
      return std::nullopt;
    case TicketStatus::kBlocked:
      return Reason::kBlocked;
    case TicketStatus::kRevoked:
      return Reason::kRevoked;
    case TicketStatus::kCancelled:
      return Reason::kCancelled;
    case TicketStatus::kUnpaid:
      return Reason::kUnpaid;
    case TicketStatus::kSuspended:
      return Reason::kSuspended;
    case TicketStatus::kTransferred:
      return Reason::kTransferred;
  }
  // A status that this build does not know was added to keep somebody out: refuse.
  return Reason::kBlocked;
}

// A place without contact learns of a transfer when the new code walks past it, or when somebody
// else's log says that it did.
uint16_t NewestIssue(const DecisionInput& input) {
  uint16_t newest = input.facts.in_copy ? input.facts.issue : uint16_t{0};
  for (const Passage& passage : input.history) newest = std::max(newest, passage.issue);
  return newest;
}

std::optional<Decision> TicketProblem(const DecisionInput& input) {
  const TicketFacts& facts = input.facts;
  if (!facts.in_copy && !facts.signature_enough) return Refuse(Reason::kUnknownTicket);
  // Revoked tells staff more than "an older issue", so the status speaks first.
  if (facts.in_copy) {
    if (const auto reason = StatusProblem(facts.status)) return Refuse(*reason);
  }
  if (input.code.issue < NewestIssue(input)) return Refuse(Reason::kSuperseded);
  return std::nullopt;
}

std::optional<Decision> TimeProblem(const DecisionInput& input) {
  const TicketFacts& facts = input.facts;
  if (facts.valid_from && input.gate.now < *facts.valid_from) {
    Decision decision = Refuse(Reason::kNotYet);
    decision.opens_at = facts.valid_from;
    return decision;
  }
  if (facts.valid_until && input.gate.now >= *facts.valid_until) {
    Decision decision = Refuse(Reason::kTooLate);
    decision.closed_at = facts.valid_until;
    return decision;
  }
  return std::nullopt;
}

std::optional<Decision> PlaceProblem(const DecisionInput& input, uint16_t zone, uint16_t type) {
  const TicketFacts& facts = input.facts;
  if (facts.add_on) {
    // Its point need not lead to any zone, and a gate that names no types takes no add-on.
    if (Contains(input.gate.ticket_types, type)) return std::nullopt;
    Decision decision = Refuse(Reason::kWrongProduct);
    decision.right_gates = facts.right_gates;
    return decision;
  }
  const bool zone_served = input.gate.zones.empty() || Contains(input.gate.zones, zone);
  const bool gate_right = facts.right_gates.empty() || Contains(facts.right_gates, input.gate.gate);
  if (!gate_right || !zone_served) {
    // The zone is wrong when no gate of the venue is known to lead there; else another gate is
    // right.
    Decision decision = Refuse(facts.right_gates.empty() ? Reason::kWrongZone : Reason::kWrongGate);
    decision.right_gates = facts.right_gates;
    return decision;
  }
  if (!input.gate.ticket_types.empty() && !Contains(input.gate.ticket_types, type)) {
    return Refuse(Reason::kWrongProduct);
  }
  return std::nullopt;
}

// The entry that a person at the gate should be told of: the first since the last exit when the
// holder is inside, else the last one.
std::optional<Passage> EntryInTheWay(const std::vector<Passage>& history) {
  std::optional<Passage> found;
  bool inside = false;
  for (const Passage& passage : history) {
    if (passage.direction == Direction::kExit) {
      inside = false;
    } else if (!inside) {
      inside = true;
      found = passage;
    }
  }
  return found;
}

std::optional<Decision> UseProblem(const DecisionInput& input) {
  const TicketFacts& facts = input.facts;
  const uint32_t entries = EntriesOf(input.history);
  const bool spent = facts.reentry == ReentryPolicy::kNever && entries > 0;
  const bool counted_out = facts.entries_allowed > 0 && entries >= facts.entries_allowed &&
                           facts.reentry != ReentryPolicy::kNever;
  const bool passed_back = facts.reentry == ReentryPolicy::kAfterExit && IsInside(input.history);
  if (!spent && !counted_out && !passed_back) return std::nullopt;
  Decision decision = Refuse(Reason::kAlreadyUsed);
  decision.first = EntryInTheWay(input.history);
  return decision;
}

// Asked last: who may not enter at all is not told to wait.
std::optional<Decision> RoomProblem(const TicketFacts& facts) {
  const CompanionFacts& companion = facts.companion;
  if (companion.per_holder > 0 &&
      companion.companions_inside >=
          uint64_t{companion.per_holder} * uint64_t{companion.holders_inside}) {
    return Refuse(Reason::kHolderFirst);
  }
  const AreaFacts& area = facts.area;
  if (area.persons_max > 0 && area.inside >= int64_t{area.persons_max}) {
    return Refuse(Reason::kAreaFull);
  }
  return std::nullopt;
}

Decision DecideExit(const DecisionInput& input) {
  // Nobody is kept inside by a status, a time or a rule. An exit that follows no entry is told,
  // because it means that the entry was never scanned or that this code belongs to somebody else.
  if (auto reread = Reread(input)) return *reread;
  if (!IsInside(input.history)) return Refuse(Reason::kNotInside);
  return Admit(Reason::kOk, true);
}

Decision DecideEntry(const DecisionInput& input, const GateRules* rules) {
  const bool in_copy = input.facts.in_copy;
  const uint16_t zone = in_copy ? input.facts.zone : input.code.zone;
  const uint16_t type = in_copy ? input.facts.ticket_type : input.code.ticket_type;
  if (auto refusal = TicketProblem(input)) return *refusal;
  if (auto refusal = TimeProblem(input)) return *refusal;
  if (auto refusal = PlaceProblem(input, zone, type)) return *refusal;
  if (rules != nullptr) {
    const RuleSubject subject{type, zone, input.gate.gate, input.gate.now};
    if (auto refusal = rules->Check(subject, input.history)) {
      Decision decision = Refuse(Reason::kRule);
      decision.rule_text = std::move(refusal->text);
      decision.rule_hints = std::move(refusal->hints);
      return decision;
    }
  }
  if (auto reread = Reread(input)) return *reread;
  if (auto refusal = UseProblem(input)) return *refusal;
  if (auto refusal = RoomProblem(input.facts)) return *refusal;
  return Admit(Reason::kOk, true);
}

}  // namespace

bool IsInside(const std::vector<Passage>& history) {
  return !history.empty() && history.back().direction == Direction::kEntry;
}

uint32_t EntriesOf(const std::vector<Passage>& history) {
  return static_cast<uint32_t>(std::count_if(history.begin(), history.end(), [](const Passage& p) {
    return p.direction == Direction::kEntry;
  }));
}

Decision Decide(const DecisionInput& input, const GateRules* rules) {
  if (input.earlier_answer) {
    Decision same = *input.earlier_answer;
    same.replayed = true;
    same.counted = false;
    return same;
  }
  if (const auto reason = CodeProblem(input.code.check)) return Refuse(*reason);
  Decision decision =
      input.gate.direction == Direction::kExit ? DecideExit(input) : DecideEntry(input, rules);
  if (decision.outcome == Outcome::kRefused && input.gate.staff_override) {
    decision = Admit(Reason::kOverride, true);
  }
  decision.not_in_copy = !input.facts.in_copy;
  return decision;
}

}  // namespace ticketing
