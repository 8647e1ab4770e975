// Which ticket type a new ticket is of, as this process last heard: for its code alone, which is
// asked only where the event copy does not have the ticket. Copies are made from what is stored.
#ifndef TICKETING_LIB_SERVICE_TICKETING_GATE_TYPES_H_
#define TICKETING_LIB_SERVICE_TICKETING_GATE_TYPES_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "ticketing/v1/gate_policy.pb.h"

namespace ticketing {

// Thread-safe.
class GateTypes {
 public:
  void Set(v1::StoredGatePolicy stored);
  uint16_t NumberOf(std::string_view sold_as, std::string_view category) const;

 private:
  mutable std::mutex mutex_;
  v1::StoredGatePolicy stored_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_GATE_TYPES_H_
