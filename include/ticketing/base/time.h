// Points in time and spans, as 64-bit microseconds. UTC everywhere; a venue's time zone matters
// only to rules and to display. Nothing here reads a clock: time comes in through env/clock.h or as
// an argument.
#ifndef TICKETING_BASE_TIME_H_
#define TICKETING_BASE_TIME_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticketing {

// A span of time in microseconds, negative when it reaches back.
struct Duration {
  int64_t micros = 0;

  static constexpr Duration Micros(int64_t n) { return {n}; }
  static constexpr Duration Millis(int64_t n) { return {n * 1000}; }
  static constexpr Duration Seconds(int64_t n) { return {n * 1'000'000}; }
  static constexpr Duration Minutes(int64_t n) { return Seconds(n * 60); }
  static constexpr Duration Hours(int64_t n) { return Minutes(n * 60); }
  static constexpr Duration Days(int64_t n) { return Hours(n * 24); }

  constexpr int64_t millis() const { return micros / 1000; }
  constexpr int64_t seconds() const { return micros / 1'000'000; }
  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return {micros + other.micros}; }
  constexpr Duration operator-(Duration other) const { return {micros - other.micros}; }
  constexpr Duration operator*(int64_t factor) const { return {micros * factor}; }
};

// A point in time: microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  int64_t micros = 0;

  static constexpr Timestamp FromSeconds(int64_t s) { return {s * 1'000'000}; }
  constexpr int64_t seconds() const { return micros / 1'000'000; }
  constexpr auto operator<=>(const Timestamp&) const = default;
  constexpr Timestamp operator+(Duration d) const { return {micros + d.micros}; }
  constexpr Timestamp operator-(Duration d) const { return {micros - d.micros}; }
  constexpr Duration operator-(Timestamp other) const { return {micros - other.micros}; }
};

// RFC 3339 in UTC with as many fraction digits as needed (none, 3 or 6): "2026-11-22T19:30:00Z".
std::string FormatTimestamp(Timestamp time);

// Reads RFC 3339 with a fraction of up to 6 digits and "Z" or an offset; nullopt for anything else,
// including days that do not exist and years outside 1970-9999.
std::optional<Timestamp> ParseTimestamp(std::string_view text);

// A span as a person types it in a flag: "300ms", "15s", "10m", "2h", "7d". nullopt for anything
// else.
std::optional<Duration> ParseDuration(std::string_view text);

}  // namespace ticketing

#endif  // TICKETING_BASE_TIME_H_
