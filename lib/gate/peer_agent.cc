#include "lib/gate/peer_agent.h"

namespace ticketing::gate {

Status PeerAgent::Pull(Duration timeout, bool& more) {
  TICKETING_ASSIGN_OR_RETURN(const int64_t cursor, engine_.Setting(cursor_name_));
  TICKETING_ASSIGN_OR_RETURN(const Changes changes,
                             link_.Pull({.after = static_cast<uint64_t>(cursor)}, timeout));
  if (changes.server != peer_) {
    return MakeError(ErrorCode::kUnauthenticated, "Another device answers there.");
  }
  if (!changes.entries.empty()) {
    // As from the device itself: who was shut out is not believed because a peer says so.
    TICKETING_RETURN_IF_ERROR(engine_.TakeEntries(changes.entries, LogSource::kDevice).status());
  }
  if (static_cast<int64_t>(changes.cursor) != cursor) {
    TICKETING_RETURN_IF_ERROR(
        engine_.SetSetting(cursor_name_, static_cast<int64_t>(changes.cursor)));
  }
  uint64_t has = 0;
  for (const LogMark& mark : changes.stored) {
    if (mark.device == engine_.device()) has = mark.sequence;
  }
  if (next_ == 0 || has + 1 < next_) next_ = has + 1;
  more = changes.more;
  return OkStatus();
}

Status PeerAgent::Push(Duration timeout, bool& more) {
  if (next_ == 0) return OkStatus();
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> entries,
                             engine_.OwnEntries(next_, limits::kLogBatchItemsMax));
  if (entries.empty()) return OkStatus();
  TICKETING_ASSIGN_OR_RETURN(const LogUploadResult result, link_.Upload(entries, timeout));
  for (const LogAck& ack : result.acks) {
    if (ack.state == AckState::kLater) return OkStatus();  // it does not know us yet
    ++next_;
  }
  more = more || entries.size() + kLogRunMax >= limits::kLogBatchItemsMax;
  return OkStatus();
}

}  // namespace ticketing::gate
