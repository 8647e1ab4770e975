// How the configuration of an event changes: the row and the rules of its lane together, and those
// of the events in a season with the season's.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_EVENT_EDIT_H_
#define TICKETING_LIB_SERVICE_SEATSIO_EVENT_EDIT_H_

#include <functional>
#include <string_view>

#include "lib/service/seatsio/event_config.h"
#include "lib/service/seatsio/event_store.h"

namespace ticketing::seatsio {

struct EventEdit {
  // Changes the configuration, or refuses. Runs again when somebody else was quicker.
  std::function<Status(Json& config)> config;
  // What else to write; may be null.
  std::function<Status(SqlTransaction&, const EventRow&)> rows;
  std::string_view log_type;  // of the entry in the event log; empty: none
};

// Gives the configuration as it is afterwards.
StatusOr<Json> EditEvent(const Context& context, EventStore& events, const Principal& principal,
                         std::string_view key, const EventEdit& edit);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_EVENT_EDIT_H_
