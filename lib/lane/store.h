// A lane in memory, and how it comes there from its tables.
#ifndef TICKETING_LIB_LANE_STORE_H_
#define TICKETING_LIB_LANE_STORE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "lib/lane/recent.h"
#include "ticketing/env/database.h"
#include "ticketing/lane/event_lane.h"

namespace ticketing::lane {

// What the lane knows of the storage of one event.
struct SlotBook {
  uint64_t said = 0;            // version of the inventory that the log has
  uint64_t snapshot_bytes = 0;  // of its last snapshot
  uint64_t own_bytes = 0;       // of the log since then: its own changes
  uint64_t all_bytes = 0;       // and those of all events of the lane
};

// Beside the state, what goes back with it when a commit does not come about.
struct Ledger {
  uint64_t version = 0;  // of the lane's row
  std::vector<SlotBook> books;
  std::vector<LaneCounters> counters;  // as they are stored
};

struct Memory {
  LaneState state;
  Ledger ledger;
};

// A lane as it is stored; `recent` gets what its log still tells. Errors: kNotFound; kDataLoss,
// which names the lane and the version; those of the database.
Status LoadLane(SqlTransaction& tx, LaneId id, const std::shared_ptr<const seat::Chart>& chart,
                std::unique_ptr<Memory>& out, std::vector<Recent>& recent);

// The version of the lane's row. kNotFound.
Status ReadVersion(SqlTransaction& tx, LaneId id, uint64_t& version);

// Waits for whoever changes the lane and keeps others out until the transaction ends. kNotFound.
Status LockLane(SqlTransaction& tx, LaneId id);

}  // namespace ticketing::lane

#endif  // TICKETING_LIB_LANE_STORE_H_
