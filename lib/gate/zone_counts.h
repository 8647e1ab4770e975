// How many people are in the zones that an event limits: one number per zone, kept with every scan
// that is stored, so that a decision reads one row. All functions run inside a transaction of the
// caller and return its errors.
#ifndef TICKETING_LIB_GATE_ZONE_COUNTS_H_
#define TICKETING_LIB_GATE_ZONE_COUNTS_H_

#include <cstdint>
#include <map>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing::gate {

// The zone that a scan of the ticket counts in: the copy's, else `code_zone`; 0 for an add-on,
// which is nobody.
StatusOr<uint16_t> CountedZone(SqlTransaction& tx, const EventHeader& header, TicketId ticket,
                               uint16_t code_zone);

// Entries that count less exits; 0 for a zone without a limit. Below 0 when an exit became known
// before its entry.
StatusOr<int64_t> PeopleInside(SqlTransaction& tx, uint32_t event, uint16_t zone);
StatusOr<std::map<uint16_t, int64_t>> AllInside(SqlTransaction& tx, uint32_t event);

// After a copy was stored: counts anew when the limited zones changed (`before` is the header held
// until then, or null), and when scans turn out to be of tickets that the copy is the first to tell
// of.
Status FollowCopy(SqlTransaction& tx, const EventCopy& copy, const EventHeader* before);

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_ZONE_COUNTS_H_
