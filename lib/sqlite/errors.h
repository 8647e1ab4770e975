// SQLite's result codes as errors of the project.
#ifndef TICKETING_LIB_SQLITE_ERRORS_H_
#define TICKETING_LIB_SQLITE_ERRORS_H_

#include <string_view>

#include "ticketing/base/status.h"

namespace ticketing::sqlite {

// `code` is an extended result code, not SQLITE_OK; `message` SQLite's own text, which names tables
// and columns but no bound values.
Status ErrorOf(int code, std::string_view message);

}  // namespace ticketing::sqlite

#endif  // TICKETING_LIB_SQLITE_ERRORS_H_
