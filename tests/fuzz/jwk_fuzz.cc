// Key sets from anywhere: what is read writes a text that reads the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ticketing/base/assert.h"
#include "ticketing/base/limits.h"
#include "ticketing/token/jwk.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ticketing::ErrorCode;
  using ticketing::JwkSet;
  const ticketing::StatusOr<JwkSet> set =
      JwkSet::FromJson({reinterpret_cast<const char*>(data), size});
  if (!set.ok()) {
    const ErrorCode code = ticketing::CodeOf(set.status());
    TICKETING_ASSERT(code == ErrorCode::kBadSyntax || code == ErrorCode::kInvalidField);
    return 0;
  }
  TICKETING_ASSERT(set->size() <= ticketing::limits::kJwkSetKeysMax);
  TICKETING_ASSERT(JwkSet::FromJson(set->ToJson()).value() == *set);
  return 0;
}
