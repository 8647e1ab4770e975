// The venue's rules of one event, ready to be asked: the document inside its copy, read against the
// gates, zones and ticket types of the same copy. Whoever takes rules in (the cloud, at the upload)
// and whoever applies them (every gate) calls this one function.
#ifndef TICKETING_GATE_EVENT_RULES_H_
#define TICKETING_GATE_EVENT_RULES_H_

#include "ticketing/admission/rules.h"
#include "ticketing/base/status.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing {

// The rules of `header`, which must have some. Error: kInvalidField with the place in the document.
StatusOr<GateRules> RulesOfEvent(const EventHeader& header);

}  // namespace ticketing

#endif  // TICKETING_GATE_EVENT_RULES_H_
