#include "ticketing/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace ticketing::internal {

void AssertFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace ticketing::internal
