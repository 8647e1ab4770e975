#include "ticketing/notification/language.h"

#include <array>

namespace ticketing::notification {
namespace {

constexpr std::array<std::string_view, 12> kSpanishMonths = {
    "enero", "febrero", "marzo",      "abril",   "mayo",      "junio",
    "julio", "agosto",  "septiembre", "octubre", "noviembre", "diciembre"};
constexpr std::array<std::string_view, 12> kEnglishMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kSpanishDays = {
    "domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"};
constexpr std::array<std::string_view, 7> kEnglishDays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int kEpochWeekday = 4;  // 1970-01-01 was a Thursday

}  // namespace

Language LanguageOf(std::string_view tag) {
  if (tag.empty()) return Language::kSpanish;
  const bool spanish = tag.size() >= 2 && (tag[0] | 0x20) == 'e' && (tag[1] | 0x20) == 's' &&
                       (tag.size() == 2 || tag[2] == '-');
  return spanish ? Language::kSpanish : Language::kEnglish;
}

std::string_view LanguageTag(Language language) {
  return language == Language::kSpanish ? "es" : "en";
}

std::string FormatLocalDate(Timestamp time, int utc_offset_minutes, Language language) {
  // The text form of base does the calendar: "2026-11-28T19:00:00Z", taken apart by position.
  const Timestamp local = time + Duration::Minutes(utc_offset_minutes);
  const std::string text = FormatTimestamp(local);
  const int month = (text[5] - '0') * 10 + (text[6] - '0');
  const int day = (text[8] - '0') * 10 + (text[9] - '0');
  const int hour = (text[11] - '0') * 10 + (text[12] - '0');
  const auto weekday = static_cast<size_t>((local.seconds() / kSecondsPerDay + kEpochWeekday) % 7);
  const auto month_index = static_cast<size_t>(month - 1);
  const std::string year = text.substr(0, 4);
  const std::string minute = text.substr(14, 2);

  std::string out;
  if (language == Language::kSpanish) {
    out.append(kSpanishDays[weekday]).append(" ").append(std::to_string(day)).append(" de ");
    out.append(kSpanishMonths[month_index]).append(" de ").append(year).append(", ");
    return out.append(text.substr(11, 2)).append(":").append(minute).append(" h");
  }
  const int hour12 = hour % 12 == 0 ? 12 : hour % 12;
  out.append(kEnglishDays[weekday]).append(", ").append(kEnglishMonths[month_index]).append(" ");
  out.append(std::to_string(day)).append(", ").append(year).append(", ");
  out.append(std::to_string(hour12)).append(":").append(minute);
  return out.append(hour < 12 ? " AM" : " PM");
}

}  // namespace ticketing::notification
