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
    TICKETING_RETURN_IF_ERROR(Store(ChainLogEntry(*last_)));
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
  TICKETING_RETURN_IF_ERROR(Store(SealLogEntry(*last_, key_)));
  last_.reset();
  return SaveOwnLog(tx_, *own_);
}

Status OwnRun::Store(std::string encoded) {
  own_->hash = LogEntryHash(encoded);
  own_->arrival += 1;
  TICKETING_RETURN_IF_ERROR(InsertLogEntry(tx_, *last_, encoded, own_->arrival, kUploadWaits));
  *last_bytes_ = std::move(encoded);
  return OkStatus();
}

}  // namespace ticketing::gate
