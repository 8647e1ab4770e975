// Event copies as rows. All functions run inside a transaction of the caller and return its errors.
#ifndef TICKETING_LIB_GATE_COPY_STORE_H_
#define TICKETING_LIB_GATE_COPY_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing::gate {

struct StoredEvent {
  EventHeader header;
  uint64_t version = 0;
  uint64_t first_version = 0;  // deltas can be made from here on
};
StatusOr<std::map<uint32_t, StoredEvent>> LoadEvents(SqlTransaction& tx);

// The same without the headers, which are most of the work.
struct StoredVersion {
  uint64_t version = 0;
  uint64_t first_version = 0;
};
StatusOr<std::map<uint32_t, StoredVersion>> LoadVersions(SqlTransaction& tx);

// Stores a snapshot, or what a delta changes. The caller has checked that it fits, and with
// `same_header` that the header is the one that is stored.
Status StoreCopy(SqlTransaction& tx, const EventCopy& copy, uint64_t first_version,
                 bool same_header);
Status DeleteEvent(SqlTransaction& tx, uint32_t number);

// The whole copy, or with `since` what changed after it.
StatusOr<EventCopy> LoadCopy(SqlTransaction& tx, const StoredEvent& event, uint64_t since);

StatusOr<std::optional<CopyTicket>> LoadTicket(SqlTransaction& tx, uint32_t event, TicketId ticket);

// Tickets that were bought together, with their types; no more than an order has.
struct GroupMember {
  TicketId ticket;
  uint16_t ticket_type = 0;
};
StatusOr<std::vector<GroupMember>> LoadGroup(SqlTransaction& tx, uint32_t event, uint32_t group);

StatusOr<std::map<DeviceId, CopyDevice>> LoadDevices(SqlTransaction& tx);
// Adds or renames; a revocation stays.
Status StoreDevice(SqlTransaction& tx, const CopyDevice& device);

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_COPY_STORE_H_
