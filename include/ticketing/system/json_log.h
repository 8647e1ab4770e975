// The log of production: one JSON object per line, to standard error or a file.
//
//   {"ts":"2026-11-22T19:30:00.000123Z","level":"info","msg":"request","service":"client-api","status":"200"}
//
// Field values are JSON strings. Control characters are escaped and bytes that are not UTF-8 become
// U+FFFD, so one record is one line whatever a caller passes. A field named as one of the four
// fixed ones gets "field." in front.
#ifndef TICKETING_SYSTEM_JSON_LOG_H_
#define TICKETING_SYSTEM_JSON_LOG_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/env/clock.h"
#include "ticketing/env/log.h"

namespace ticketing {

struct JsonLogOptions {
  std::string service;               // who writes: "client-api"
  LogLevel level = LogLevel::kInfo;  // records below are dropped
  std::string file;                  // appended to, made with mode 0600; empty for standard error
};

// Thread-safe; a record is written before Write returns. The clock must outlive it.
class JsonLog final : public Log {
 public:
  // Errors: kUnavailable when the file cannot be opened.
  static StatusOr<std::unique_ptr<JsonLog>> Open(JsonLogOptions options, Clock& clock);
  ~JsonLog() override;

  void Write(LogLevel level, std::string_view message, const LogFields& fields) override;

 private:
  class Impl;
  explicit JsonLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "debug", "info", "warning", "error" and back.
std::string_view LogLevelName(LogLevel level);
std::optional<LogLevel> ParseLogLevel(std::string_view name);

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_JSON_LOG_H_
