// The log of what happened to charts and events of a workspace, for those who keep a copy.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_EVENT_LOG_H_
#define TICKETING_LIB_SERVICE_SEATSIO_EVENT_LOG_H_

#include <string_view>
#include <vector>

#include "lib/service/seatsio/context.h"

namespace ticketing::seatsio {

// Adds an entry about the chart or event with this key, within the transaction that it tells of.
Status AppendLog(SqlTransaction& tx, int64_t workspace, std::string_view workspace_key,
                 std::string_view type, std::string_view key, Timestamp now);

std::vector<Route> EventLogRoutes(const Context& context);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_EVENT_LOG_H_
