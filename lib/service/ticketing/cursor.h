// Cursors of lists: the sort key of the last row seen, opaque to callers.
#ifndef TICKETING_LIB_SERVICE_TICKETING_CURSOR_H_
#define TICKETING_LIB_SERVICE_TICKETING_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/service/common/api.h"

namespace ticketing {

struct Cursor {
  int64_t first = 0;
  int64_t second = 0;
};

std::string EncodeCursor(Cursor cursor);

// The cursor in the query value `name`; nullopt when there is none. Errors: kInvalidField for one
// that this API did not make.
StatusOr<std::optional<Cursor>> QueryCursor(const Call& call, std::string_view name);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_CURSOR_H_
