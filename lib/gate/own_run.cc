#include "lib/gate/own_run.h"

#include <utility>

#include "ticketing/sync/hlc.h"

namespace ticketing::gate {

Status OwnRun::Append(LogEntry& entry, std::string* bytes) {
  if (!own_) {
    TICKETING_ASSIGN_OR_RETURN(own_, LoadOwnLog(tx_));
    if (!own_) return MakeError(ErrorCode::kDataLoss, "The head of the device log is missing.");
  }
  if (last_ && chained_ == kLogRunMax) {
    TICKETING_RETURN_IF_ERROR(Seal());
  } else if (last_) {
    ++chained_;
    Store(ChainLogEntry(*last_));
  }
  HybridClock clock(own_->hlc);
  // An answer comes after the decision it tells of, whatever the two clocks say.
  (void)clock.Observe(entry.hlc, entry.at);
  entry.device = own_->device;
  entry.sequence = own_->sequence + 1;
  entry.previous = own_->hash;
  entry.hlc = clock.Tick(entry.at);
  own_->sequence = entry.sequence;
  own_->hlc = clock.last();
  last_ = entry;
  last_bytes_ = bytes;
  return OkStatus();
}

Status OwnRun::Seal() {
  if (!last_) return OkStatus();
  chained_ = 0;
  Store(SealLogEntry(*last_, key_));
  last_.reset();
  TICKETING_RETURN_IF_ERROR(Flush());
  return SaveOwnLog(tx_, *own_);
}

void OwnRun::Add(const StoredScan& scan) {
  held_.insert(scan.record.told.ticket.value);
  scans_.push_back(RowOfScan(scan));
}

Status OwnRun::Flush() {
  TICKETING_RETURN_IF_ERROR(InsertLogEntries(tx_, entries_));
  TICKETING_RETURN_IF_ERROR(InsertScans(tx_, scans_));
  entries_.clear();
  scans_.clear();
  held_.clear();
  return OkStatus();
}

void OwnRun::Store(std::string encoded) {
  own_->hash = LogEntryHash(encoded);
  own_->arrival += 1;
  entries_.push_back(RowOfEntry(*last_, encoded, own_->arrival, kUploadWaits));
  *last_bytes_ = std::move(encoded);
}

}  // namespace ticketing::gate
