// Commands come from outside the library, and what they call may throw. A lane that an exception
// went through would stand for ever, so it ends here.
#ifndef TICKETING_LIB_LANE_GUARDED_H_
#define TICKETING_LIB_LANE_GUARDED_H_

#include <optional>

#include "ticketing/base/status.h"

namespace ticketing::lane {

// What `apply` gave; nullopt when it threw, which may have left what it works on half changed.
template <typename Apply>
auto Guarded(Apply apply) -> std::optional<decltype(apply())> {
  try {
    return apply();
  } catch (...) {
    return std::nullopt;
  }
}

inline Status Threw() {
  return MakeError(ErrorCode::kInternal, "A command threw an exception. Nothing of it was done.");
}

}  // namespace ticketing::lane

#endif  // TICKETING_LIB_LANE_GUARDED_H_
