// Entries that one transaction puts at the end of our own log. All but the last share its
// signature: only that one is signed by itself.
#ifndef TICKETING_LIB_GATE_OWN_RUN_H_
#define TICKETING_LIB_GATE_OWN_RUN_H_

#include <cstddef>
#include <optional>
#include <string>

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

  // Takes the next place in the log, which is filled in. The entry's bytes are there, in the
  // database and in `bytes`, which must live until then, when the next one comes or the run is
  // sealed. Error: kDataLoss when the head of the log is missing.
  Status Append(LogEntry& entry, std::string* bytes);

  // Signs the last entry and saves the head of the log. A transaction that appended anything must
  // not end without it. More may follow in a run of its own.
  Status Seal();

 private:
  Status Store(std::string encoded);

  SqlTransaction& tx_;
  const SigningKey& key_;
  std::optional<OwnLog> own_;
  std::optional<LogEntry> last_;  // not yet encoded
  std::string* last_bytes_ = nullptr;
  size_t chained_ = 0;  // entries since the last signature
};

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_OWN_RUN_H_
