// The rules that a venue writes for its gates: "members from 17:00, everybody from 18:00", "three
// entries a day", "again only 30 minutes after the last entry". One engine for upload, cloud,
// bastion and handheld: what was accepted at the upload is what the gate evaluates.
//
// A document is a JSON object {"rule": RULE, "text": "what to say when it refuses"}; the text may
// be left out, then the gate says what is missing. A RULE is JsonLogic, of which this much is
// understood, each object with one member:
//
//   {"and": [RULE, ...]}   {"or": [RULE, ...]}
//   {"<": [NUMBER, NUMBER]}   and <= > >= == !=
//   {"==": [{"var": "entry_status"}, "present"]}   and !=; or "absent"
//   {"isBefore": [TIME, TIME, tolerance]}   a < b + tolerance minutes; the tolerance is optional
//   {"isAfter": [TIME, TIME, tolerance]}    b < a + tolerance minutes
//   {"inList": [{"var": "product"}, {"objectList": [{"lookup": ["product", "ID", "NAME"]}, ...]}]}
//                          "gate" and "zone" likewise; names are for people and not read
//
//   NUMBER  an integer, or {"var": NAME} with NAME one of
//           now_isoweekday (1 is Monday), entries_number, entries_today, entries_days (days with an
//           entry), minutes_since_last_entry, minutes_since_first_entry (-1 without any entry); or
//           {"entries_since": [TIME]}, {"entries_before": [TIME]}, {"entries_days_since": [TIME]},
//           {"entries_days_before": [TIME]}: since counts the moment itself, before does not
//   TIME    {"var": "now"}, {"buildTime": ["custom", "2026-11-22T19:30:00Z"]},
//           {"buildTime": ["customtime", "19:30"]} (today, "19:30:15" too), and the event's
//           {"buildTime": ["date_admission"]}, {"buildTime": ["date_from"]}, {"buildTime":
//           ["date_to"]}: doors, start and end
//
// Days and times of day are those of the venue. Entries are counted passages of this ticket that
// the device knows of, in the order in which it holds them. Rules are asked for entries only.
//
// Source of the explanation: of the ways in that an "or" offers, the one that is nearest is told;
// what waiting mends is nearer than what a number of entries forbids, and that nearer than what
// would need another ticket.
//
// Threads: immutable once made.
#ifndef TICKETING_ADMISSION_RULES_H_
#define TICKETING_ADMISSION_RULES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/admission/decision.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

// What a document may name: the event's times, and the numbers of its products (ticket types),
// gates and zones by their ids.
struct RuleVocabulary {
  using Lookup = std::function<std::optional<uint16_t>(std::string_view id)>;
  Lookup product;
  Lookup gate;
  Lookup zone;
  Timestamp doors_open_at;
  Timestamp starts_at;
  Timestamp ends_at;
  int32_t utc_offset_minutes = 0;
};

// Who stands at the gate, as far as rules may ask.
struct RuleSubject {
  uint16_t ticket_type = 0;
  uint16_t zone = 0;
  uint16_t gate = 0;
  Timestamp now;
};

struct RuleRefusal {
  std::string text;             // the author's; may be empty
  std::vector<RuleHint> hints;  // what is missing on the nearest way in, each once
};

class GateRules {
 public:
  // Compiles a document. Error: kInvalidField, whose field is the path inside the document
  // ("rule.and[1].isAfter[0]"): JSON that is none, deeper than limits::kRuleDepthMax, more than
  // limits::kRuleNodesMax terms or limits::kRuleBytesMax bytes, an operator or variable that is not
  // in the list above, operands of another kind, an id that the event does not have.
  static StatusOr<GateRules> Parse(std::string_view document, const RuleVocabulary& vocabulary);

  // Why these rules keep the ticket out; nullopt when they let it in. The cost grows with the terms
  // of the document times the ticket's passages.
  std::optional<RuleRefusal> Check(const RuleSubject& subject,
                                   const std::vector<Passage>& history) const;

  struct Tree;  // private to lib/admission

 private:
  explicit GateRules(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}

  std::shared_ptr<const Tree> tree_;
};

}  // namespace ticketing

#endif  // TICKETING_ADMISSION_RULES_H_
