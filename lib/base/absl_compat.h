// Debian's absl::string_view is not std::string_view, and neither converts to the other. This
// private header is the one bridge, so that public headers can speak std types only.
#ifndef TICKETING_LIB_BASE_ABSL_COMPAT_H_
#define TICKETING_LIB_BASE_ABSL_COMPAT_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace ticketing {

inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view ToStd(absl::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace ticketing

#endif  // TICKETING_LIB_BASE_ABSL_COMPAT_H_
