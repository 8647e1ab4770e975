// A log that a test can read.
#ifndef TICKETING_TESTING_MEMORY_LOG_H_
#define TICKETING_TESTING_MEMORY_LOG_H_

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/env/log.h"

namespace ticketing {

struct LogRecord {
  LogLevel level = LogLevel::kInfo;
  std::string message;
  LogFields fields;

  // The first field of that name.
  std::optional<std::string> Field(std::string_view name) const;
};

// Keeps every record. Thread-safe.
class MemoryLog final : public Log {
 public:
  void Write(LogLevel level, std::string_view message, const LogFields& fields) override;

  std::vector<LogRecord> records() const;
  // Whether any message, field name or field value holds `text`: to prove that a secret was not
  // logged.
  bool Contains(std::string_view text) const;
  void Clear();

 private:
  mutable std::mutex mutex_;
  std::vector<LogRecord> records_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_MEMORY_LOG_H_
