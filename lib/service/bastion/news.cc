#include "lib/service/bastion/news.h"

#include "ticketing/env/wait.h"

namespace ticketing {
namespace {

// Between two pieces of news: fifty devices that all ask five times a second are work enough.
constexpr Duration kGatherTime = Duration::Millis(200);
constexpr Duration kLookInterval = Duration::Millis(250);

}  // namespace

void News::Announce() {
  const std::lock_guard lock(mutex_);
  announced_ = true;
}

uint64_t News::Number() {
  const std::lock_guard lock(mutex_);
  return number_;
}

size_t News::Waiting() {
  const std::lock_guard lock(mutex_);
  return waiters_;
}

uint64_t News::Await(uint64_t seen, Duration until) {
  std::unique_lock lock(mutex_);
  if (waiters_ >= waiters_max_) return number_;
  ++waiters_;
  // The server lets another thread in for each that stands here, so that scans go on.
  const BlockedThread blocked;
  changed_.wait(lock, [&] { return closed_ || number_ != seen || now_ >= until; });
  --waiters_;
  return number_;
}

void News::Pulse(Duration now) {
  {
    const std::lock_guard lock(mutex_);
    now_ = now;
    // Whose time is over may wait a little longer: waking everybody costs more than that.
    const bool publish = announced_ && (!published_ || now - *published_ >= kGatherTime);
    const bool look = publish || now - looked_ >= kLookInterval;
    if (publish) {
      ++number_;
      announced_ = false;
      published_ = now;
    }
    if (waiters_ == 0 || !look) return;
    looked_ = now;
  }
  changed_.notify_all();
}

void News::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace ticketing
