// Seasons, their events, and partial seasons: all in one lane.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_SEASONS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_SEASONS_H_

#include <string>
#include <vector>

#include "lib/service/seatsio/events.h"

namespace ticketing::seatsio {

// Thread-safe.
class Seasons {
 public:
  Seasons(const Context& context, EventStore& events, Events& shown)
      : context_(context), events_(events), shown_(shown) {}

  std::vector<Route> Routes();

 private:
  StatusOr<Reply> Create(Call& call);
  StatusOr<Reply> CreateEvents(Call& call);
  StatusOr<Reply> CreatePartial(Call& call);
  StatusOr<Reply> AddEvents(Call& call);
  StatusOr<Reply> RemoveEvent(Call& call);

  // A season or partial season of the path; a refusal when it is none.
  StatusOr<EventRow> Top(Call& call);
  StatusOr<EventRow> Partial(Call& call, const EventRow& top);
  // The events of a season with these keys. Errors: EVENT_NOT_FOUND.
  StatusOr<std::vector<EventRow>> Matches(const Call& call, const EventRow& top,
                                          const std::vector<std::string>& keys);
  // New events of a season, not yet stored.
  StatusOr<std::vector<EventRow>> NewMatches(const Call& call, const EventRow& top, Fields& in);
  // Adds events to a season's lane and writes their rows after `first`.
  Status AddMatches(const Call& call, const EventRow& top, std::vector<EventRow>& matches,
                    const SqlFunction& first);

  const Context& context_;
  EventStore& events_;
  Events& shown_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_SEASONS_H_
