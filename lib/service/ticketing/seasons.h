// Seasons: events that are sold together. A season, its partial seasons and its matches are events
// like any other to those who look, hold and order; here they are made and changed. They share one
// lane, which keeps a chair from being sold twice.
#ifndef TICKETING_LIB_SERVICE_TICKETING_SEASONS_H_
#define TICKETING_LIB_SERVICE_TICKETING_SEASONS_H_

#include <string>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe.
class Seasons {
 public:
  Seasons(const Context& context, Catalog& catalog, Lanes& lanes, const TicketKeys& keys)
      : context_(context), catalog_(catalog), lanes_(lanes), keys_(keys) {}

  std::vector<Route> Routes();

 private:
  using MatchList = google::protobuf::RepeatedPtrField<v1::CreateMatchRequest>;

  StatusOr<HttpResponse> Create(Call& call);
  StatusOr<HttpResponse> List(Call& call);
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> AddMatches(Call& call);
  StatusOr<HttpResponse> CreatePartial(Call& call);
  StatusOr<HttpResponse> AddPartialMatches(Call& call);
  StatusOr<HttpResponse> RemovePartialMatch(Call& call);

  // The season of the path. kNotFound for an event that is none.
  StatusOr<EventOnLane> Find(Call& call);
  StatusOr<EventOnLane> PartialOf(Call& call, const EventOnLane& season);
  StatusOr<v1::Season> Message(const EventOnLane& season);
  StatusOr<v1::PartialSeason> PartialMessage(const EventOnLane& partial);
  StatusOr<std::vector<NewEvent>> DraftMatches(Call& call, const v1::Event& season,
                                               const MatchList& list);
  // Puts them on sale, with tickets for who has the season already. A repeat changes nothing.
  Status Store(const EventOnLane& season, std::vector<NewEvent> matches, const std::string& actor);
  // Puts matches into a partial season, with tickets for who has it already.
  Status Cover(const EventOnLane& partial, const std::vector<EventOnLane>& matches,
               const std::string& actor);
  StatusOr<std::vector<EventOnLane>> MatchesOf(
      const EventOnLane& season, const google::protobuf::RepeatedPtrField<std::string>& ids);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
  const TicketKeys& keys_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_SEASONS_H_
