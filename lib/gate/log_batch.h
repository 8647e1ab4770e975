// Batches of log entries on their way out: an entry without signature is worth something only
// together with those behind it, up to the next signature.
#ifndef TICKETING_LIB_GATE_LOG_BATCH_H_
#define TICKETING_LIB_GATE_LOG_BATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/env/database.h"

namespace ticketing::gate {

struct LogRow {
  uint64_t arrival = 0;
  DeviceId device;
  uint64_t sequence = 0;
  std::string entry;
};

// The longest beginning of `rows`, which are in the order of their arrival, in which every entry is
// proven by what is behind it there. When already the first is not, as when the rest of its run was
// told before, it comes with that rest from the database; what has none anywhere is left out.
struct LogBatch {
  std::vector<std::string> entries;
  uint64_t last_arrival = 0;  // up to here, all rows are in `entries` or left out
  bool cut = false;           // rows are behind that
};
StatusOr<LogBatch> CloseBatch(SqlTransaction& tx, std::vector<LogRow> rows);

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_LOG_BATCH_H_
