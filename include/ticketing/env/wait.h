// Waits for something that answers by calling back.
#ifndef TICKETING_ENV_WAIT_H_
#define TICKETING_ENV_WAIT_H_

#include <functional>

#include "ticketing/base/status.h"

namespace ticketing {

// Calls `start` with a callback, and returns what the callback is called with, on whichever thread.
// It must be called once. Blocks the calling thread: never where the callback would have to run.
Status WaitFor(const std::function<void(std::function<void(Status)> done)>& start);

// The same for who holds no lock: a fiber that has a host lets its thread go meanwhile, and may
// come back on another one.
Status WaitAside(const std::function<void(std::function<void(Status)> done)>& start);

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
