// Events as that API manages them: made, shown, listed, changed, deleted.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_EVENTS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_EVENTS_H_

#include <map>
#include <vector>

#include "lib/service/seatsio/event_store.h"

namespace ticketing::seatsio {

// Key, name and day of a request; a key is made when none is given.
Status ReadEventNames(const Json& request, std::string_view key_field, Random& random,
                      EventRow& event);

// Thread-safe.
class Events {
 public:
  Events(const Context& context, EventStore& events) : context_(context), events_(events) {}

  std::vector<Route> Routes();

  // An event or season with all that belongs to it.
  StatusOr<Json> ShowWhole(const EventRow& event);
  StatusOr<Json> Show(const EventRow& event);
  StatusOr<Json> ShowList(const std::vector<EventRow>& events);
  // The newest events of a chart.
  StatusOr<Json> OfChart(const Principal& principal, int64_t chart, size_t limit);

 private:
  StatusOr<Reply> Create(Call& call);
  StatusOr<Reply> CreateMultiple(Call& call);
  StatusOr<Reply> Get(Call& call);
  StatusOr<Reply> List(Call& call);
  StatusOr<Reply> Update(Call& call);
  StatusOr<Reply> Delete(Call& call);
  StatusOr<Reply> MoveToChartCopy(Call& call);

  // Makes events of one chart, all or none.
  StatusOr<std::vector<EventRow>> Make(const Call& call, const ChartRow& chart,
                                       const std::vector<const Json*>& requests);

  const Context& context_;
  EventStore& events_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_EVENTS_H_
