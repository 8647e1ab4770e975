#include "lib/service/ticketing/time_zone.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace ticketing {
namespace {

constexpr size_t kLocationBytesMax = 14;

struct Area {
  std::string_view name;
  int64_t least;  // minutes ahead of UTC
  int64_t most;
};

// Danmarkshavn, a station in Greenland that keeps UTC, is left out of America, so that an offset
// that somebody forgot is seen.
constexpr std::array<Area, 10> kAreas = {{{"Africa", 0, 240},
                                          {"America", -600, -60},
                                          {"Antarctica", -180, 780},
                                          {"Arctic", 60, 120},
                                          {"Asia", 120, 720},
                                          {"Atlantic", -240, 120},
                                          {"Australia", 480, 660},
                                          {"Europe", 0, 300},
                                          {"Indian", 180, 420},
                                          {"Pacific", -660, 840}}};

Status NotAName() {
  return InvalidField("time_zone",
                      "is not a name of the IANA time zone database, such as America/Mexico_City");
}

Status NotItsOffset(std::string_view name) {
  return InvalidField("utc_offset_minutes",
                      "is not what clocks show in " + std::string(name) + ": minutes ahead of UTC");
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "Mexico_City", "Port-au-Prince", "DumontDUrville": begins with a capital, ends with a letter.
bool IsLocation(std::string_view text) {
  if (text.empty() || text.size() > kLocationBytesMax) return false;
  if (text[0] < 'A' || text[0] > 'Z' || !IsLetter(text.back())) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsLetter(text[i])) continue;
    if ((text[i] != '_' && text[i] != '-') || !IsLetter(text[i - 1])) return false;
  }
  return true;
}

// "GMT+6" is six hours behind UTC: the sign is POSIX's.
Status CheckFixed(std::string_view name, std::string_view rest, int64_t offset) {
  int64_t hours = 0;
  if (rest != "UTC" && rest != "GMT") {
    if (!rest.starts_with("GMT") || rest.size() < 5) return NotAName();
    const char sign = rest[3];
    const std::string_view digits = rest.substr(4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), hours);
    const bool plain = error == std::errc() && end == digits.data() + digits.size() &&
                       digits[0] >= '1' && digits[0] <= '9';
    if (!plain || (sign != '+' && sign != '-') || hours > (sign == '+' ? 12 : 14))
      return NotAName();
    if (sign == '+') hours = -hours;
  }
  return offset == hours * 60 ? OkStatus() : NotItsOffset(name);
}

}  // namespace

Status CheckTimeZone(std::string_view name, int64_t utc_offset_minutes) {
  if (utc_offset_minutes % 15 != 0)
    return InvalidField("utc_offset_minutes", "must be a multiple of 15");
  if (name.empty()) return OkStatus();
  if (name == "UTC") return CheckFixed(name, name, utc_offset_minutes);
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return NotAName();
  const std::string_view first = name.substr(0, slash);
  std::string_view rest = name.substr(slash + 1);
  if (first == "Etc") return CheckFixed(name, rest, utc_offset_minutes);
  const auto area = std::ranges::find(kAreas, first, &Area::name);
  if (area == kAreas.end()) return NotAName();
  if (const size_t second = rest.find('/'); second != std::string_view::npos) {
    if (!IsLocation(rest.substr(0, second))) return NotAName();
    rest.remove_prefix(second + 1);
  }
  if (!IsLocation(rest)) return NotAName();
  const bool possible = utc_offset_minutes >= area->least && utc_offset_minutes <= area->most;
  return possible ? OkStatus() : NotItsOffset(name);
}

}  // namespace ticketing
