#include "lib/service/bastion/address_throttle.h"

#include <algorithm>

namespace ticketing {
namespace {

constexpr size_t kAddressesMax = 1024;

}  // namespace

bool IsLoopbackAddress(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

bool AddressThrottle::IsPaused(const std::string& address, Duration now) const {
  const auto entry = entries_.find(address);
  return entry != entries_.end() && now < entry->second.paused_until;
}

void AddressThrottle::Fail(const std::string& address, Duration now) {
  if (IsLoopbackAddress(address)) return;
  if (entries_.size() >= kAddressesMax && !entries_.contains(address)) {
    entries_.erase(std::ranges::min_element(entries_, {},
                                            [](const auto& entry) { return entry.second.last; }));
  }
  Entry& entry = entries_[address];
  entry.last = now;
  if (++entry.failures < failures_max_) return;
  entry.failures = 0;
  entry.paused_until = now + pause_;
}

void AddressThrottle::Succeed(const std::string& address) {
  entries_.erase(address);
}

}  // namespace ticketing
