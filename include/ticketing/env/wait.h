// Waits for something that answers by calling back.
#ifndef TICKETING_ENV_WAIT_H_
#define TICKETING_ENV_WAIT_H_

#include <functional>

#include "ticketing/base/status.h"

namespace ticketing {

// Calls `start` with a callback, and returns what the callback is called with, on whichever thread.
// It must be called once. Blocks the calling thread: never where the callback would have to run.
Status WaitFor(const std::function<void(std::function<void(Status)> done)>& start);

// Stands around waits whose caller holds no lock, over which a std::mutex would be left locked:
// while it lives, a fiber that has a host lets its thread go instead of blocking it, and may come
// back on another one. Without such a fiber it changes nothing.
class WaitsAside {
 public:
  WaitsAside();
  ~WaitsAside();
  WaitsAside(const WaitsAside&) = delete;
  WaitsAside& operator=(const WaitsAside&) = delete;
};

// Takes the leave of WaitsAside back for what is called inside: its callee may hold locks.
class WaitsInPlace {
 public:
  WaitsInPlace();
  ~WaitsInPlace();
  WaitsInPlace(const WaitsInPlace&) = delete;
  WaitsInPlace& operator=(const WaitsInPlace&) = delete;

 private:
  int before_ = 0;
};

// Stands around what blocks a thread for longer than a moment, so that the host of the fiber, if
// there is one, has another thread do the work that comes.
class BlockedThread {
 public:
  BlockedThread();
  ~BlockedThread();
  BlockedThread(const BlockedThread&) = delete;
  BlockedThread& operator=(const BlockedThread&) = delete;
};

}  // namespace ticketing

#endif  // TICKETING_ENV_WAIT_H_
