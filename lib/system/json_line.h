// One log record as one line of JSON.
#ifndef TICKETING_LIB_SYSTEM_JSON_LINE_H_
#define TICKETING_LIB_SYSTEM_JSON_LINE_H_

#include <string>
#include <string_view>

#include "ticketing/base/time.h"
#include "ticketing/env/log.h"

namespace ticketing::system {

// Texts longer than this are cut, with "..." at the end.
inline constexpr size_t kLogTextBytesMax = 8 << 10;

// The record without a line break at the end.
std::string JsonLine(Timestamp time, LogLevel level, std::string_view message,
                     std::string_view service, const LogFields& fields);

}  // namespace ticketing::system

#endif  // TICKETING_LIB_SYSTEM_JSON_LINE_H_
