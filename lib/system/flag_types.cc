#include <algorithm>
#include <charconv>

#include "ticketing/base/assert.h"
#include "ticketing/system/flags.h"

namespace ticketing {
namespace {

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string FormatDuration(Duration span) {
  constexpr int64_t kMinute = 60;
  constexpr int64_t kHour = 60 * kMinute;
  constexpr int64_t kDay = 24 * kHour;
  const int64_t seconds = span.seconds();
  if (span.micros % 1'000'000 != 0) return std::to_string(span.millis()) + "ms";
  if (seconds != 0 && seconds % kDay == 0) return std::to_string(seconds / kDay) + "d";
  if (seconds != 0 && seconds % kHour == 0) return std::to_string(seconds / kHour) + "h";
  if (seconds != 0 && seconds % kMinute == 0) return std::to_string(seconds / kMinute) + "m";
  return std::to_string(seconds) + "s";
}

bool IsHost(std::string_view host, bool brackets) {
  return std::ranges::all_of(host, [&](char c) {
    const bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
    return name || (brackets && (c == ':' || c == '%'));
  });
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out.append(separator);
    out.append(part);
  }
  return out;
}

}  // namespace

std::string HostPort::ToString() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<HostPort> HostPort::Parse(std::string_view text) {
  const size_t colon = text.find_last_of(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (brackets) host = host.substr(1, host.size() - 2);
  if (!IsHost(host, brackets)) return std::nullopt;
  const std::optional<int64_t> port = ParseInteger(text.substr(colon + 1));
  if (!port || *port < 0 || *port > UINT16_MAX) return std::nullopt;
  return HostPort{host.empty() ? "0.0.0.0" : std::string(host), static_cast<uint16_t>(*port)};
}

void Flags::Add(std::string_view name, std::string* value, std::string_view help) {
  const auto set = [value](std::string_view text) -> std::optional<std::string> {
    *value = text;
    return std::nullopt;
  };
  Declare(name, "TEXT", help, set, [value] { return *value; });
}

void Flags::AddPath(std::string_view name, std::string* value, std::string_view help) {
  Add(name, value, help);
  flags_.back().type = "PATH";
}

void Flags::AddSecret(std::string_view name, std::string* value, std::string_view help) {
  Add(name, value, help);
  flags_.back().secret = true;
}

void Flags::Add(std::string_view name, bool* value, std::string_view help) {
  const auto set = [value](std::string_view text) -> std::optional<std::string> {
    const bool yes = text == "true" || text == "1" || text == "yes";
    if (!yes && text != "false" && text != "0" && text != "no") return "must be true or false";
    *value = yes;
    return std::nullopt;
  };
  Declare(name, "", help, set, [value] { return *value ? "true" : "false"; });
}

void Flags::Add(std::string_view name, int64_t* value, std::string_view help, int64_t min,
                int64_t max) {
  const auto set = [value, min, max](std::string_view text) -> std::optional<std::string> {
    const std::optional<int64_t> number = ParseInteger(text);
    if (!number || *number < min || *number > max) {
      return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    }
    *value = *number;
    return std::nullopt;
  };
  Declare(name, "NUMBER", help, set, [value] { return std::to_string(*value); });
}

void Flags::Add(std::string_view name, Duration* value, std::string_view help) {
  const auto set = [value](std::string_view text) -> std::optional<std::string> {
    const std::optional<Duration> span = ParseDuration(text);
    if (!span) return "must be a span of time such as 300ms, 15s, 10m, 2h or 7d";
    *value = *span;
    return std::nullopt;
  };
  Declare(name, "SPAN", help, set, [value] { return FormatDuration(*value); });
}

void Flags::Add(std::string_view name, HostPort* value, std::string_view help) {
  const auto set = [value](std::string_view text) -> std::optional<std::string> {
    const std::optional<HostPort> address = HostPort::Parse(text);
    if (!address) return "must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080";
    *value = *address;
    return std::nullopt;
  };
  Declare(name, "HOST:PORT", help, set, [value] { return value->ToString(); });
}

void Flags::AddChoice(std::string_view name, std::string* value, std::vector<std::string> choices,
                      std::string_view help) {
  TICKETING_ASSERT(std::ranges::find(choices, *value) != choices.end());
  const std::string type = Join(choices, "|");
  const auto set =
      [value, choices = std::move(choices)](std::string_view text) -> std::optional<std::string> {
    if (std::ranges::find(choices, text) == choices.end())
      return "must be one of " + Join(choices, ", ");
    *value = text;
    return std::nullopt;
  };
  Declare(name, type, help, set, [value] { return *value; });
}

}  // namespace ticketing
