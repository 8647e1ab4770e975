// Event copies for the gates, made from the tickets as they are stored. A copy's version is that of
// the lane's counters: it grows with every sale and whenever the list of devices changes.
#ifndef TICKETING_LIB_SERVICE_TICKETING_EVENT_COPIES_H_
#define TICKETING_LIB_SERVICE_TICKETING_EVENT_COPIES_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/devices.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/service/common/api.h"
#include "ticketing/sync/event_copy.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {

// Thread-safe.
class EventCopies {
 public:
  EventCopies(const Context& context, Catalog& catalog, Lanes& lanes, Devices& devices,
              const TicketKeys& keys)
      : context_(context), catalog_(catalog), lanes_(lanes), devices_(devices), keys_(keys) {}

  std::vector<Route> Routes();

  // What somebody who has version `since` (0: nothing) lacks; nullopt when he lacks nothing.
  // Errors: kNotFound.
  StatusOr<std::optional<EventCopy>> Make(EventId event, uint64_t since);

  // The events that gates work at: not over for a day yet, the next ones first, at most
  // kGateEventsMax.
  StatusOr<std::vector<EventVersion>> Current();
  // Errors: kNotFound.
  StatusOr<EventId> EventOfNumber(uint32_t number);

  // Whose codes are ours.
  const KeyRing& keys() const { return keys_.ring(); }

  // Makes every current event's copy newer, because what all of them hold has changed.
  Status BumpAll();

 private:
  struct Encoded {
    uint64_t version = 0;
    std::string bytes;
  };

  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> ShowByNumber(Call& call);
  StatusOr<HttpResponse> Reply(Call& call, EventId event);
  StatusOr<uint64_t> VersionOf(EventId event);
  StatusOr<std::shared_ptr<const Encoded>> Snapshot(EventId event);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
  Devices& devices_;
  const TicketKeys& keys_;
  std::mutex mutex_;
  std::map<EventId, std::shared_ptr<const Encoded>> snapshots_;  // fifty handhelds ask for one
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_EVENT_COPIES_H_
