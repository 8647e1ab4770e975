// Bounds how many passwords are hashed at once: each takes tens of megabytes and milliseconds by
// design, which is a way to bring a server down with a handful of requests per second.
#ifndef TICKETING_LIB_SERVICE_IDENTITY_HASH_GATE_H_
#define TICKETING_LIB_SERVICE_IDENTITY_HASH_GATE_H_

#include <condition_variable>
#include <functional>
#include <mutex>

#include "ticketing/base/status.h"

namespace ticketing::identity {

// Thread-safe.
class HashGate {
 public:
  HashGate(int at_once, int waiting_max) : free_(at_once), waiting_left_(waiting_max) {}

  // Runs `work` when there is room. Errors: kRateLimited when too many wait already, else those of
  // `work`.
  Status Run(const std::function<Status()>& work);

 private:
  std::mutex mutex_;
  std::condition_variable room_;
  int free_;
  int waiting_left_;
};

}  // namespace ticketing::identity

#endif  // TICKETING_LIB_SERVICE_IDENTITY_HASH_GATE_H_
