// Whether anything changed that a handheld would want to pull, for those who wait to hear of it.
#ifndef TICKETING_LIB_SERVICE_BASTION_NEWS_H_
#define TICKETING_LIB_SERVICE_BASTION_NEWS_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "ticketing/base/time.h"

namespace ticketing {

// Thread-safe. Waiting is bounded by Pulse, which reads no clock of its own: whoever owns this
// calls it every few hundredths of a second. What was announced between two pulses is one piece of
// news, so that a gate at full speed does not call all others for every single person.
class News {
 public:
  // `start` should be the time: a number of an earlier run then means nothing.
  News(uint64_t start, size_t waiters_max) : waiters_max_(waiters_max), number_(start | 1) {}

  void Announce();
  uint64_t Number();
  size_t Waiting();
  // The present number: as soon as it is another than `seen`, when a pulse comes at or after
  // `until`, or at once when too many wait already.
  uint64_t Await(uint64_t seen, Duration until);
  void Pulse(Duration now);
  // Lets everybody go, and lets nobody wait again: before a server stops.
  void Close();

 private:
  const size_t waiters_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t number_;
  Duration now_{};
  Duration looked_{};
  std::optional<Duration> published_;
  size_t waiters_ = 0;
  bool announced_ = false;
  bool closed_ = false;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_NEWS_H_
