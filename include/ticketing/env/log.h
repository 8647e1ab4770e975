// The log port: structured records, one JSON line each in production. Never log a password, a
// token, a card, a ticket code or personal data; ids are fine.
#ifndef TICKETING_ENV_LOG_H_
#define TICKETING_ENV_LOG_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticketing {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

using LogFields = std::vector<std::pair<std::string, std::string>>;

class Log {
 public:
  virtual ~Log() = default;
  // Writes one record. Thread-safe; never fails and never throws, a record that cannot be written
  // is dropped.
  virtual void Write(LogLevel level, std::string_view message, const LogFields& fields) = 0;

  void Info(std::string_view message, const LogFields& fields = {}) {
    Write(LogLevel::kInfo, message, fields);
  }
  void Warning(std::string_view message, const LogFields& fields = {}) {
    Write(LogLevel::kWarning, message, fields);
  }
  void Error(std::string_view message, const LogFields& fields = {}) {
    Write(LogLevel::kError, message, fields);
  }
};

}  // namespace ticketing

#endif  // TICKETING_ENV_LOG_H_
