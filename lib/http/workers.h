// The threads of a server and what they wait for: one epoll set, and fibers.
//
// Every event is handled on a fiber. One that waits for a lane or another server gives its thread
// back, so a handful of threads answers any number of requests, and the answers of one commit are
// written one after the other instead of waking a thread each. Only as many threads take work as
// there are processors, and one more; for one that says it blocks, another one steps in, and when
// all block without a word Tend() lets more in.
#ifndef TICKETING_LIB_HTTP_WORKERS_H_
#define TICKETING_LIB_HTTP_WORKERS_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ticketing/env/fiber.h"

namespace ticketing::http {

class Workers final : public FiberHost {
 public:
  // `handle` gets the tags of the events, on fibers.
  explicit Workers(std::function<void(void*)> handle);
  ~Workers() override;

  void Start(size_t threads);
  // Ends the threads. No event may be being handled, and none that comes is.
  void Stop();

  // Waits for one event of a descriptor: epoll_ctl(2) with EPOLLONESHOT. Tags are even.
  void Arm(int operation, int fd, uint32_t events, void* tag);

  // To be called every few milliseconds: ends waits that are over and sees to it that work goes on.
  void Tend();

  void Ready(Fiber& fiber) override;
  void BeginBlocking() override;
  void EndBlocking() override;
  uint32_t AwaitEvents(int fd, uint32_t events, int64_t deadline) override;

 private:
  struct Awaiting {
    Fiber* fiber = nullptr;
    int64_t deadline = 0;
    uint32_t* came = nullptr;
  };

  void Work();
  void Turn(std::unique_lock<std::mutex>& lock);
  Fiber* NextFiber(std::unique_lock<std::mutex>& lock);
  Fiber* FiberFor(uint64_t tag, uint32_t events);
  void Signal();

  const std::function<void(void*)> handle_;
  const size_t base_limit_;
  int epoll_ = -1;
  int ready_event_ = -1;
  int stop_event_ = -1;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable spare_;  // for threads that are not needed now
  size_t limit_;                   // how many may take work
  size_t running_ = 0;             // how many do, those that block not counted
  size_t polling_ = 0;             // of these: waiting for an event
  bool signaled_ = false;          // one of them was told of ready_
  bool stopping_ = false;
  uint64_t begun_ = 0;  // turns
  uint64_t seen_ = 0;   // of these, by Tend
  std::deque<Fiber*> ready_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  // By number, and not by address: an event may be on its way when its wait is over.
  std::map<uint64_t, Awaiting> awaiting_;
  uint64_t next_wait_ = 0;
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_WORKERS_H_
