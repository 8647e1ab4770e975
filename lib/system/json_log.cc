#include "ticketing/system/json_log.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "lib/system/json_line.h"

namespace ticketing {

class JsonLog::Impl {
 public:
  Impl(JsonLogOptions options, Clock& clock, spdlog::sink_ptr sink)
      : options_(std::move(options)), clock_(clock), logger_("", std::move(sink)) {
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::trace);
    logger_.set_pattern("%v");
    // A full disk under the log must not stop sales: what cannot be written is dropped.
    logger_.set_error_handler([](const std::string&) {});
  }

  void Write(LogLevel level, std::string_view message, const LogFields& fields) {
    if (level < options_.level) return;
    const std::string line =
        system::JsonLine(clock_.Now(), level, message, options_.service, fields);
    logger_.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  const JsonLogOptions options_;
  Clock& clock_;
  spdlog::logger logger_;
};

JsonLog::JsonLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonLog::~JsonLog() = default;

StatusOr<std::unique_ptr<JsonLog>> JsonLog::Open(JsonLogOptions options, Clock& clock) {
  spdlog::sink_ptr sink;
  try {
    if (options.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      // spdlog would make the file readable for everybody.
      const int fd = ::open(options.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
      if (fd < 0) {
        return MakeError(ErrorCode::kUnavailable,
                         "cannot open log " + options.file + ": " + std::strerror(errno));
      }
      ::close(fd);
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
    }
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kUnavailable, std::string("cannot open log: ") + error.what());
  }
  return std::unique_ptr<JsonLog>(
      new JsonLog(std::make_unique<Impl>(std::move(options), clock, std::move(sink))));
}

void JsonLog::Write(LogLevel level, std::string_view message, const LogFields& fields) {
  try {
    impl_->Write(level, message, fields);
  } catch (const std::exception&) {
    // Dropped, as the port promises.
  }
}

std::string_view LogLevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      break;
  }
  return "error";
}

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (name == LogLevelName(level)) return level;
  }
  return std::nullopt;
}

}  // namespace ticketing
