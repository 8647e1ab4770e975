#include "lib/lane/recent.h"

#include <algorithm>

namespace ticketing::lane {
namespace {

constexpr size_t kRingMax = 65'536;

void Name(std::vector<Touch>& out, const seat::Changes& to, const seat::Changes& from) {
  for (const seat::SeatChange& seat : from.seats)
    out.push_back({to.version, to.slot, seat.row.index});
}

}  // namespace

void AppendTouches(std::vector<Touch>& out, std::span<const seat::Changes> changes) {
  if (changes.size() == 1 && !changes[0].seats.empty()) return Name(out, changes[0], changes[0]);
  for (const seat::Changes& to : changes) {
    const size_t before = out.size();
    for (const seat::Changes& from : changes) Name(out, to, from);
    if (out.size() == before && to.extras.empty() && to.holds.empty())
      out.push_back({to.version, to.slot, Touch::kEverything});
  }
}

void Recent::Reset(uint64_t version) {
  ring_.clear();
  next_ = 0;
  known_ = version;
}

void Recent::Add(const Touch& touch) {
  if (touch.index == Touch::kEverything) return Reset(touch.version);
  if (ring_.size() < kRingMax) {
    ring_.push_back({touch.version, touch.index});
    return;
  }
  known_ = ring_[next_].version;
  ring_[next_] = {touch.version, touch.index};
  next_ = (next_ + 1) % kRingMax;
}

std::optional<std::vector<uint32_t>> Recent::Since(uint64_t version) const {
  if (version < known_) return std::nullopt;
  std::vector<uint32_t> found;
  // From the newest back; versions never grow on the way.
  for (size_t i = 0; i < ring_.size(); ++i) {
    const Entry& entry = ring_[(next_ + ring_.size() - 1 - i) % ring_.size()];
    if (entry.version <= version) break;
    found.push_back(entry.index);
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace ticketing::lane
