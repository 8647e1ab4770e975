// The objects that changed lately in one event, so that a reader can be told of them alone.
#ifndef TICKETING_LIB_LANE_RECENT_H_
#define TICKETING_LIB_LANE_RECENT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ticketing/lane/event_lane.h"

namespace ticketing::lane {

// An object that changed with a version of an event's inventory.
struct Touch {
  static constexpr uint32_t kEverything = UINT32_MAX;

  uint64_t version = 0;
  uint32_t slot = 0;
  uint32_t index = 0;  // kEverything: any object may look different now
};

// What the changes of one command touch, in all events. An event whose changes name no object saw
// some blocked or freed by what happened to the same objects in the others.
void AppendTouches(std::vector<Touch>& out, std::span<const seat::Changes> changes);

// A ring of the last 65,536 changes. Not thread-safe.
class Recent {
 public:
  // Nothing is known of what happened up to `version`.
  void Reset(uint64_t version);
  void Add(const Touch& touch);
  // Everything that changed after `version`, each object once, ascending; nullopt when that is not
  // known any more.
  std::optional<std::vector<uint32_t>> Since(uint64_t version) const;

 private:
  struct Entry {
    uint64_t version = 0;
    uint32_t index = 0;
  };
  std::vector<Entry> ring_;
  size_t next_ = 0;     // where the oldest one lies once the ring is full
  uint64_t known_ = 0;  // changes after this version are all in the ring
};

}  // namespace ticketing::lane

#endif  // TICKETING_LIB_LANE_RECENT_H_
