// Finds tickets by the buyer's name, the order or the seat, for the person at the gate whose phone
// is dead. Only supervisors' devices of the event may ask, by themselves or through a bastion;
// every search is logged by device, without its words, and each device may ask about once a second.
#ifndef TICKETING_LIB_SERVICE_TICKETING_TICKET_SEARCH_H_
#define TICKETING_LIB_SERVICE_TICKETING_TICKET_SEARCH_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/devices.h"
#include "lib/service/ticketing/event_copies.h"
#include "ticketing/service/common/api.h"
#include "ticketing/service/common/rate_limiter.h"
#include "ticketing/v1/gate_policy.pb.h"
#include "ticketing/wire/search_codec.h"

namespace ticketing {

// Text as people compare it: no accents, no capitals, words apart by one space. "Núñez  PÉREZ" and
// "nunez perez" are the same. What is not UTF-8 folds to nothing.
std::string FoldedForSearch(std::string_view text);

// Whether each of the folded words begins a word of the folded text.
bool BeginsWords(std::string_view text, std::string_view words);

// Thread-safe.
class TicketSearches {
 public:
  TicketSearches(const Context& context, Devices& devices, EventCopies& copies)
      : context_(context), devices_(devices), copies_(copies) {}

  std::vector<Route> Routes();

 private:
  StatusOr<HttpResponse> Find(Call& call);
  // Who asks in the end: the caller, or the device that a bastion names.
  StatusOr<DeviceId> AskerOf(const Call& call, const TicketSearch& search) const;
  StatusOr<FoundTickets> Look(EventId event, const v1::StoredGatePolicy& policy,
                              std::string_view words);

  const Context& context_;
  Devices& devices_;
  EventCopies& copies_;
  RateLimiter rate_{1, 10};
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_TICKET_SEARCH_H_
