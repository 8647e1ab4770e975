// A stack that can be left and come back to (POSIX contexts, no thread).
#ifndef TICKETING_TESTS_SIM_FIBER_H_
#define TICKETING_TESTS_SIM_FIBER_H_

#include <ucontext.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ticketing::sim {

class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // The fiber that runs now; null on the loop's own stack.
  static Fiber* Current();

  // Gives an idle fiber something to do, on its next Run.
  void Start(std::function<void()> task) { task_ = std::move(task); }
  bool idle() const { return task_ == nullptr; }
  // From the loop's stack: goes on with the fiber until it is done or leaves.
  void Run();
  // From the fiber's own stack: back to whoever called Run.
  void Leave();

  // Counts how often it came back, so that an old wake-up is told from a new one.
  uint64_t turn = 0;

 private:
  static void Enter(unsigned high, unsigned low);

  ucontext_t here_{};
  ucontext_t caller_{};
  char* stack_ = nullptr;
  std::function<void()> task_;
  // What sanitizers must know of a change of stacks.
  void* fake_stack_ = nullptr;
  void* caller_fake_stack_ = nullptr;
  const void* caller_bottom_ = nullptr;
  size_t caller_size_ = 0;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_FIBER_H_
