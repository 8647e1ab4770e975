#include "tests/sim/loop.h"

#include <pthread.h>

#include <algorithm>
#include <cstring>

#include "ticketing/base/assert.h"

namespace ticketing::sim {
namespace {

// Of the one simulation that runs, for locks.
Loop* running_loop = nullptr;

uint64_t Mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  x ^= x >> 29;
  return x;
}

}  // namespace

uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  uint64_t hash = seed ^ (bytes.size() * 0x9e3779b97f4a7c15);
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    hash = Mix(hash ^ word) + word;
  }
  uint64_t rest = 0;
  std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
  return Mix(hash ^ rest);
}

Loop::Loop() = default;

Loop::~Loop() = default;

void Loop::At(Duration when, Task task) {
  heap_.push({std::max(when, now_), ++order_, std::move(task), nullptr, 0});
}

void Loop::Suspend() {
  Fiber::Current()->Leave();
}

void Loop::Sleep(Duration span) {
  Fiber* self = Fiber::Current();
  TICKETING_ASSERT(self != nullptr);
  heap_.push({now_ + span, ++order_, nullptr, self, self->turn});
  Suspend();
}

bool Loop::WaitFor(const void* key, Duration timeout, const std::function<bool()>& done) {
  Fiber* self = Fiber::Current();
  TICKETING_ASSERT(self != nullptr);
  const Duration end = now_ + timeout;
  while (!done()) {
    if (now_ >= end) return false;
    heap_.push({end, ++order_, nullptr, self, self->turn});
    waiters_.push_back({key, self, self->turn});
    Suspend();
    std::erase_if(waiters_, [self](const Waiter& w) { return w.fiber == self; });
  }
  return true;
}

void Loop::Wake(const void* key) {
  for (const Waiter& waiter : waiters_) {
    if (waiter.key == key) heap_.push({now_, ++order_, nullptr, waiter.fiber, waiter.turn});
  }
}

void Loop::RunOn(Fiber* fiber) {
  fiber->Run();
  if (fiber->idle()) idle_.push_back(fiber);
}

void Loop::Step() {
  // The top is moved from before it is popped: its order does not depend on the task.
  Event event = std::move(const_cast<Event&>(heap_.top()));
  heap_.pop();
  now_ = event.at;
  if (event.fiber != nullptr) {
    if (event.fiber->turn != event.turn || event.fiber->idle()) return;
    ++events_;
    RunOn(event.fiber);
    return;
  }
  ++events_;
  if (idle_.empty()) {
    fibers_.push_back(std::make_unique<Fiber>());
    idle_.push_back(fibers_.back().get());
  }
  Fiber* fiber = idle_.back();
  idle_.pop_back();
  fiber->Start(std::move(event.task));
  RunOn(fiber);
}

void Loop::RunUntil(Duration end) {
  running_loop = this;
  while (!heap_.empty() && heap_.top().at <= end) Step();
  now_ = std::max(now_, end);
}

void Loop::RunTask(Task task) {
  bool done = false;
  running_loop = this;
  At(now_, [&] {
    task();
    done = true;
  });
  while (!done) {
    TICKETING_ASSERT(!heap_.empty());
    Step();
  }
}

void Loop::Note(std::string_view what, uint64_t a, uint64_t b, std::string_view bytes) {
  hash_ = HashBytes(what, hash_ ^ static_cast<uint64_t>(now_.micros));
  hash_ = Mix(hash_ ^ Mix(a) ^ (Mix(b) << 1));
  if (!bytes.empty()) hash_ = HashBytes(bytes, hash_);
}

}  // namespace ticketing::sim

// The locks of the code under test, under the simulation. A lock that another task holds while it
// waits for an answer would stop the one thread for ever; so whoever finds it taken lets time pass.
// The linker puts this in the place of the C library's function (--wrap).
extern "C" {
int __real_pthread_mutex_lock(pthread_mutex_t* mutex);

int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) {
  using ticketing::Fiber;
  if (Fiber::Current() == nullptr) return __real_pthread_mutex_lock(mutex);
  while (pthread_mutex_trylock(mutex) != 0) {
    ticketing::sim::running_loop->Sleep(ticketing::Duration::Millis(1));
  }
  return 0;
}
}
