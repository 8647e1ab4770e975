// Waits for something that answers by calling back.
#ifndef TICKETING_ENV_WAIT_H_
#define TICKETING_ENV_WAIT_H_

#include <functional>

#include "ticketing/base/status.h"

namespace ticketing {

// Calls `start` with a callback, and returns what the callback is called with, on whichever thread.
// It must be called once. Blocks the calling thread: never where the callback would have to run.
Status WaitFor(const std::function<void(std::function<void(Status)> done)>& start);

}  // namespace ticketing

#endif  // TICKETING_ENV_WAIT_H_
