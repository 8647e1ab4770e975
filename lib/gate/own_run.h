// What one transaction puts at the end of our own log, and the scans that nobody knew before. All
// entries but the last share its signature: only that one is signed by itself. Rows are written
// many at once, which costs a fraction of one by one.
#ifndef TICKETING_LIB_GATE_OWN_RUN_H_
#define TICKETING_LIB_GATE_OWN_RUN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "lib/gate/scan_store.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/database.h"
#include "ticketing/sync/log_entry.h"

namespace ticketing::gate {

// Lives as long as one run of a transaction's function.
class OwnRun {
 public:
  OwnRun(SqlTransaction& tx, const SigningKey& key) : tx_(tx), key_(key) {}

  // Takes the next place in the log, which is filled in. The entry's bytes are in `bytes`, which
  // must live until then, when the next one comes, and in the database when the run is sealed.
  // Error: kDataLoss when the head of the log is missing.
  Status Append(LogEntry& entry, std::string* bytes);

  // Takes a scan of which nothing is stored. Who reads scans in this transaction writes first what
  // waits (Flush).
  void Add(const StoredScan& scan);
  // Whether a scan of this ticket waits.
  bool Holds(TicketId ticket) const { return held_.contains(ticket.value); }
  Status Flush();

  // Signs the last entry and saves the head of the log. A transaction that appended anything must
  // not end without it. More may follow in a run of its own.
  Status Seal();

 private:
  void Store(std::string encoded);

  SqlTransaction& tx_;
  const SigningKey& key_;
  std::optional<OwnLog> own_;
  std::optional<LogEntry> last_;  // not yet encoded
  std::string* last_bytes_ = nullptr;
  size_t chained_ = 0;  // entries since the last signature
  std::vector<SqlArgs> entries_;
  std::vector<SqlArgs> scans_;
  std::unordered_set<uint64_t> held_;
};

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_OWN_RUN_H_
