// What a bastion or the cloud tells handhelds of each other's passages, made once for all of them:
// an answer copies notes, it reads no rows.
#ifndef TICKETING_LIB_GATE_FEED_H_
#define TICKETING_LIB_GATE_FEED_H_

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/sync/passage_note.h"

namespace ticketing::gate {

// Thread-safe.
class Feed {
 public:
  // Notes about the scans of log entries that came in after `from` and up to `to`, but not those
  // that `left_out` told of itself (zero: nobody). Inside a transaction that reads; `newest` is the
  // last arrival that it sees.
  StatusOr<std::string> Read(SqlTransaction& tx, uint64_t from, uint64_t to, uint64_t newest,
                             DeviceId left_out);

 private:
  struct Item {
    uint64_t arrival = 0;
    uint64_t again = 0;                // arrival of the next note about the same scan; 0: none
    std::pair<ScanId, DeviceId> scan;  // and its scanner
    DeviceId teller;
    std::string note;
  };
  Status Load(SqlTransaction& tx, uint64_t from, uint64_t to);
  Status Reach(SqlTransaction& tx, uint64_t from, uint64_t newest);

  std::mutex mutex_;
  std::deque<Item> items_;
  std::map<std::pair<ScanId, DeviceId>, uint64_t> last_;  // arrival of the last note, by scan
  uint64_t begin_ = 0;                                    // items are of arrivals behind it
  uint64_t end_ = 0;                                      // and up to it
  bool started_ = false;
};

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_FEED_H_
