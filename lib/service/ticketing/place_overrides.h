// Overrides of areas: places that a match sells by itself although holders of a season have them.
// Places have no names, so staff names the tickets: who holds them loses his place in this match,
// and has it back when the match gives it back. See overrides.h for seats.
#ifndef TICKETING_LIB_SERVICE_TICKETING_PLACE_OVERRIDES_H_
#define TICKETING_LIB_SERVICE_TICKETING_PLACE_OVERRIDES_H_

#include <compare>
#include <map>
#include <vector>

#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/seasons.pb.h"

namespace ticketing {

// Thread-safe.
class PlaceOverrides {
 public:
  PlaceOverrides(const Context& context, Lanes& lanes, Tickets& tickets)
      : context_(context), lanes_(lanes), tickets_(tickets) {}

  std::vector<Route> Routes();

 private:
  // Whose places of what in which season.
  struct Share {
    uint32_t season = 0;  // slot
    uint32_t area = 0;
    OrderId order;
    auto operator<=>(const Share&) const = default;
  };
  using Shares = std::map<Share, int64_t>;

  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> Change(Call& call);
  StatusOr<Shares> SharesOf(const EventOnLane& match, const std::vector<TicketId>& tickets);
  StatusOr<Share> ShareOf(const EventOnLane& match, TicketId ticket);
  StatusOr<v1::PlaceOverrides> Message(const EventOnLane& match);

  const Context& context_;
  Lanes& lanes_;
  Tickets& tickets_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_PLACE_OVERRIDES_H_
