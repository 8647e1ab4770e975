// A stack that can be left and come back to (POSIX contexts, no thread).
//
// Code that was written to block runs on one, so that its thread can do something else while it
// waits: that of the services in an HTTP server, whole machines in a simulator. In a server a fiber
// may come back on another thread than the one it left, so that nobody may hold a std::mutex then.
#ifndef TICKETING_ENV_FIBER_H_
#define TICKETING_ENV_FIBER_H_

#include <ucontext.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace ticketing {

class Fiber;

// Who runs fibers that wait, on threads of his own.
class FiberHost {
 public:
  virtual ~FiberHost() = default;
  // A fiber that waited can go on. From any thread.
  virtual void Ready(Fiber& fiber) = 0;
  // The calling fiber is about to block its thread, and did: others need another one meanwhile.
  virtual void BeginBlocking() = 0;
  virtual void EndBlocking() = 0;
  // Lets the calling fiber wait until `fd` has one of the events of epoll(7), or is broken, and
  // gives what came; 0 at the deadline (monotonic, in microseconds).
  virtual uint32_t AwaitEvents(int fd, uint32_t events, int64_t deadline) = 0;
};

class Fiber {
 public:
  // `host` may be null: then what waits blocks.
  explicit Fiber(FiberHost* host = nullptr);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // The fiber that runs now; null on a thread's own stack.
  static Fiber* Current();
  FiberHost* host() const { return host_; }

  // Gives an idle fiber something to do, on its next Run.
  void Start(std::function<void()> task) { task_ = std::move(task); }
  bool idle() const { return task_ == nullptr; }
  // From a thread's own stack: goes on with the fiber until it is done or leaves.
  void Run();
  // From the fiber's own stack: back to whoever called Run.
  void Leave();

  // How many WaitsAside (env/wait.h) live on it: without one it must not leave its thread.
  int aside = 0;
  // The fiber that runs now, when it may leave its thread and has a host; else null.
  static Fiber* CurrentAside();

  // Counts how often it came back, so that an old wake-up is told from a new one.
  uint64_t turn = 0;

  // --- For fibers with a host. Each Sleep belongs to one Wake, which may come first.

  // From the fiber's own stack: leaves until Wake.
  void Sleep();
  // From any thread. When the fiber has left, its host hears that it is ready.
  void Wake();
  // The same for the host. True: it had left, and the host has it to run; false: it goes on by
  // itself and must not be touched any more.
  bool MarkWoken();
  // For the host, behind a Run after which the fiber is not idle. True: it sleeps, belongs to
  // whoever wakes it, and must not be touched any more. False: it is awake already, run it again.
  bool Park();

 private:
  enum class State { kAwake, kParked, kWoken };

  static void Enter(unsigned high, unsigned low);

  FiberHost* const host_;
  std::atomic<State> state_ = State::kAwake;
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

}  // namespace ticketing

#endif  // TICKETING_ENV_FIBER_H_
