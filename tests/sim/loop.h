// Simulated time: one heap of events, one thread. What an event starts may wait (for an answer, for
// a lock, for time to pass) as if it had a thread of its own: it runs on a stack of its own and the
// loop goes on with the next event meanwhile. Which of two events of the same moment comes first is
// decided by who asked first, so a run depends on nothing but its seed.
#ifndef TICKETING_TESTS_SIM_LOOP_H_
#define TICKETING_TESTS_SIM_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string_view>
#include <vector>

#include "ticketing/base/time.h"
#include "ticketing/env/fiber.h"

namespace ticketing::sim {

class Loop {
 public:
  using Task = std::function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Simulated time since the start.
  Duration now() const { return now_; }

  void At(Duration when, Task task);
  void After(Duration span, Task task) { At(now_ + span, std::move(task)); }

  // Only inside a task. Lets `span` pass; waits until `done` says so or the time is up, and looks
  // again whenever Wake is called with the same `key`.
  void Sleep(Duration span);
  bool WaitFor(const void* key, Duration timeout, const std::function<bool()>& done);
  void Wake(const void* key);

  // Runs until nothing is left to do or `end` is reached.
  void RunUntil(Duration end);
  // Runs `task` now and what it waits for, until it is done.
  void RunTask(Task task);

  // Everything that matters is told here: two runs of one seed tell the same.
  void Note(std::string_view what, uint64_t a = 0, uint64_t b = 0, std::string_view bytes = {});
  uint64_t hash() const { return hash_; }
  uint64_t events() const { return events_; }

 private:
  struct Event {
    Duration at;
    uint64_t order;
    Task task;     // starts something, or
    Fiber* fiber;  // goes on with it
    uint64_t turn;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  struct Waiter {
    const void* key;
    Fiber* fiber;
    uint64_t turn;
  };

  void Step();
  void RunOn(Fiber* fiber);
  void Suspend();

  Duration now_{};
  uint64_t order_ = 0;
  uint64_t events_ = 0;
  uint64_t hash_ = 0x9e3779b97f4a7c15;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> heap_;
  std::vector<Waiter> waiters_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
};

// A fast hash for the trace; not for secrets.
uint64_t HashBytes(std::string_view bytes, uint64_t seed = 0);

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_LOOP_H_
