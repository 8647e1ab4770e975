#include "lib/service/identity/hash_gate.h"

namespace ticketing::identity {

Status HashGate::Run(const std::function<Status()>& work) {
  {
    std::unique_lock lock(mutex_);
    if (free_ == 0) {
      if (waiting_left_ == 0) {
        return MakeError(ErrorCode::kRateLimited, "Too many people are logging in; try again.",
                         {.retry_after = Duration::Seconds(2)});
      }
      --waiting_left_;
      room_.wait(lock, [this] { return free_ > 0; });
      ++waiting_left_;
    }
    --free_;
  }
  Status status = work();
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  room_.notify_one();
  return status;
}

}  // namespace ticketing::identity
