#include "ticketing/env/wait.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "ticketing/env/fiber.h"

namespace ticketing {
namespace {

Fiber* HostedFiber() {
  Fiber* const fiber = Fiber::Current();
  return fiber != nullptr && fiber->host() != nullptr ? fiber : nullptr;
}

Status SleepFor(Fiber& fiber, const std::function<void(std::function<void(Status)> done)>& start) {
  Status outcome;
  start([&outcome, &fiber](Status status) {
    outcome = std::move(status);
    fiber.Wake();
  });
  fiber.Sleep();
  return outcome;
}

}  // namespace

Status WaitFor(const std::function<void(std::function<void(Status)> done)>& start) {
  if (Fiber* const fiber = Fiber::CurrentAside()) return SleepFor(*fiber, start);
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
  const BlockedThread blocked;
  std::unique_lock lock(outcome->mutex);
  outcome->changed.wait(lock, [&] { return outcome->status.has_value(); });
  return *std::move(outcome->status);
}

WaitsAside::WaitsAside() {
  if (Fiber* const fiber = HostedFiber()) ++fiber->aside;
}

WaitsAside::~WaitsAside() {
  if (Fiber* const fiber = HostedFiber()) --fiber->aside;
}

WaitsInPlace::WaitsInPlace() {
  if (Fiber* const fiber = HostedFiber()) before_ = std::exchange(fiber->aside, 0);
}

WaitsInPlace::~WaitsInPlace() {
  if (Fiber* const fiber = HostedFiber()) fiber->aside = before_;
}

BlockedThread::BlockedThread() {
  if (Fiber* const fiber = HostedFiber()) fiber->host()->BeginBlocking();
}

BlockedThread::~BlockedThread() {
  if (Fiber* const fiber = HostedFiber()) fiber->host()->EndBlocking();
}

}  // namespace ticketing
