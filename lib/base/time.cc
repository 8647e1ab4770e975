#include "ticketing/base/time.h"

#include <array>
#include <cstdio>

namespace ticketing {
namespace {

struct Date {
  int64_t year;
  int month;
  int day;
};

// Days since 1970-01-01 and back, proleptic Gregorian (H. Hinnant, "chrono-Compatible Low-Level
// Date Algorithms").
int64_t DaysOf(Date date) {
  const int64_t y = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t yoe = y - era * 400;
  const int64_t doy = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

Date DateOf(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t doe = days - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  const int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int DaysInMonth(int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Reads exactly `count` digits and moves on; -1 when there are none.
int64_t TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count) return -1;
  int64_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

// "Z" or "+06:00": seconds to subtract from local time; false when malformed.
bool TakeOffset(std::string_view& text, int64_t& seconds) {
  seconds = 0;
  if (TakeChar(text, 'Z')) return true;
  const bool plus = TakeChar(text, '+');
  if (!plus && !TakeChar(text, '-')) return false;
  const int64_t hours = TakeDigits(text, 2);
  if (hours < 0 || hours > 23 || !TakeChar(text, ':')) return false;
  const int64_t minutes = TakeDigits(text, 2);
  if (minutes < 0 || minutes > 59) return false;
  seconds = (hours * 3600 + minutes * 60) * (plus ? 1 : -1);
  return true;
}

}  // namespace

std::string FormatTimestamp(Timestamp time) {
  int64_t seconds = time.micros / 1'000'000;
  int64_t micros = time.micros % 1'000'000;
  if (micros < 0) {
    micros += 1'000'000;
    seconds -= 1;
  }
  int64_t days = seconds / 86400;
  int64_t rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    days -= 1;
  }
  const Date date = DateOf(days);
  std::array<char, 64> buffer{};
  int size = std::snprintf(buffer.data(), buffer.size(), "%04lld-%02d-%02dT%02d:%02d:%02d",
                           static_cast<long long>(date.year), date.month, date.day,
                           static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60),
                           static_cast<int>(rest % 60));
  std::string text(buffer.data(), size);
  if (micros != 0) {
    const bool millis = micros % 1000 == 0;
    size = std::snprintf(buffer.data(), buffer.size(), millis ? ".%03d" : ".%06d",
                         static_cast<int>(millis ? micros / 1000 : micros));
    text.append(buffer.data(), size);
  }
  return text + "Z";
}

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  const int64_t year = TakeDigits(text, 4);
  if (year < 1970 || !TakeChar(text, '-')) return std::nullopt;
  const int64_t month = TakeDigits(text, 2);
  if (month < 1 || month > 12 || !TakeChar(text, '-')) return std::nullopt;
  const int64_t day = TakeDigits(text, 2);
  if (day < 1 || day > DaysInMonth(year, static_cast<int>(month)) || !TakeChar(text, 'T'))
    return std::nullopt;
  const int64_t hour = TakeDigits(text, 2);
  if (hour < 0 || hour > 23 || !TakeChar(text, ':')) return std::nullopt;
  const int64_t minute = TakeDigits(text, 2);
  if (minute < 0 || minute > 59 || !TakeChar(text, ':')) return std::nullopt;
  const int64_t second = TakeDigits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  int64_t micros = 0;
  if (TakeChar(text, '.')) {
    size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits < 1 || digits > 6) return std::nullopt;
    micros = TakeDigits(text, digits);
    for (size_t i = digits; i < 6; ++i) micros *= 10;
  }
  int64_t offset = 0;
  if (!TakeOffset(text, offset) || !text.empty()) return std::nullopt;
  const int64_t days = DaysOf({year, static_cast<int>(month), static_cast<int>(day)});
  return Timestamp{(days * 86400 + hour * 3600 + minute * 60 + second - offset) * 1'000'000 +
                   micros};
}

std::optional<Duration> ParseDuration(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 9) return std::nullopt;
  const int64_t count = TakeDigits(text, digits);
  if (text == "ms") return Duration::Millis(count);
  if (text == "s") return Duration::Seconds(count);
  if (text == "m") return Duration::Minutes(count);
  if (text == "h") return Duration::Hours(count);
  if (text == "d" && count <= 100'000) return Duration::Days(count);
  return std::nullopt;
}

}  // namespace ticketing
