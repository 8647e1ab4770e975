// From log entries to the rows that staff read.
#ifndef TICKETING_LIB_SERVICE_TICKETING_PROJECTION_H_
#define TICKETING_LIB_SERVICE_TICKETING_PROJECTION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing {

// How far the engine's log was read.
StatusOr<uint64_t> ReadProjectionCursor(Database& database);

// Takes entries that the engine gave after `from`, and moves the mark to `to`. Entries taken before
// change nothing; when the mark is not at `from` any more, another process was faster and nothing
// is done.
Status ProjectEntries(SqlTransaction& tx, const std::vector<std::string>& entries, uint64_t from,
                      uint64_t to, Timestamp now);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_PROJECTION_H_
