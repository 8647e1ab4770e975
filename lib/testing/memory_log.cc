#include "ticketing/testing/memory_log.h"

namespace ticketing {

std::optional<std::string> LogRecord::Field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return std::nullopt;
}

void MemoryLog::Write(LogLevel level, std::string_view message, const LogFields& fields) {
  const std::lock_guard lock(mutex_);
  records_.push_back({level, std::string(message), fields});
}

std::vector<LogRecord> MemoryLog::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

bool MemoryLog::Contains(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  for (const LogRecord& record : records_) {
    if (record.message.find(text) != std::string::npos) return true;
    for (const auto& [key, value] : record.fields) {
      if (key.find(text) != std::string::npos || value.find(text) != std::string::npos) return true;
    }
  }
  return false;
}

void MemoryLog::Clear() {
  const std::lock_guard lock(mutex_);
  records_.clear();
}

}  // namespace ticketing
