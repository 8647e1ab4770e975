// A stored season from anywhere: it is loaded whole, and then stores and expires as its own, or it
// is refused as damaged.
//
// Input: two bytes with the length of the head, the head, then the same for every event.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/seat_fuzz_chart.h"
#include "ticketing/base/assert.h"
#include "ticketing/seat/event_set.h"

namespace {

namespace seat = ticketing::seat;
using ticketing::StatusOr;

std::string TakePart(std::string_view& bytes) {
  if (bytes.size() < 2) {
    bytes = {};
    return {};
  }
  const size_t size = static_cast<uint8_t>(bytes[0]) * 256u + static_cast<uint8_t>(bytes[1]);
  const std::string part(bytes.substr(2, size));
  bytes.remove_prefix(2 + part.size());
  return part;
}

std::vector<std::string> EventsOf(const seat::EventSet& set) {
  std::vector<std::string> events;
  for (uint32_t slot = 0; slot < set.size(); ++slot) events.push_back(set.EncodeEvent(slot));
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string head = TakePart(bytes);
  std::vector<std::string> events;
  while (!bytes.empty()) events.push_back(TakePart(bytes));
  StatusOr<seat::EventSet> set = seat::EventSet::Load(seat::FuzzChart(), head, events);
  if (!set.ok()) {
    TICKETING_ASSERT(ticketing::CodeOf(set.status()) == ticketing::ErrorCode::kDataLoss);
    return 0;
  }
  const std::string again = set->EncodeHead();
  const StatusOr<seat::EventSet> same =
      seat::EventSet::Load(seat::FuzzChart(), again, EventsOf(*set));
  TICKETING_ASSERT(same.ok());
  TICKETING_ASSERT(same->EncodeHead() == again);
  TICKETING_ASSERT(EventsOf(*same) == EventsOf(*set));
  const seat::EventSet::Savepoint savepoint = set->Mark();
  const std::vector<std::string> before = EventsOf(*set);
  (void)set->ExpireHolds(ticketing::Timestamp{INT64_MAX});
  for (uint32_t slot = 0; slot < set->size(); ++slot) {
    TICKETING_ASSERT(set->at(slot).Holds().empty());
  }
  set->Rollback(savepoint);
  set->Forget();
  TICKETING_ASSERT(EventsOf(*set) == before);
  return 0;
}
