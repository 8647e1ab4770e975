#include "ticketing/env/wait.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace ticketing {

Status WaitFor(const std::function<void(std::function<void(Status)> done)>& start) {
  struct Outcome {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Status> status;
  };
  // Shared with the callback: it may still be inside notify when this thread has returned.
  const auto outcome = std::make_shared<Outcome>();
  start([outcome](Status status) {
    {
      const std::lock_guard lock(outcome->mutex);
      outcome->status = std::move(status);
    }
    // Without the mutex, which the one who wakes up would have to wait for.
    outcome->changed.notify_one();
  });
  std::unique_lock lock(outcome->mutex);
  outcome->changed.wait(lock, [&] { return outcome->status.has_value(); });
  return *std::move(outcome->status);
}

}  // namespace ticketing
