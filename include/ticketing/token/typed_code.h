// Ticket codes that a keyboard-wedge scanner types: a scanner that plays a keyboard sends keys, not
// characters, and the host makes characters of them by a layout of its own. When the two differ, or
// Caps Lock is on, other characters arrive than the code has:
//
//   scanner and host      what becomes of 0-9 A-Z
//   en-US, es-MX, es-ES   nothing changes (only punctuation does, "]Q1" becomes "+Q1")
//   one of them de        Y and Z change places
//   scanner en-US, fr     A and Q, Z and W change places, M becomes "?", 1234567890 &é"'(-è_çà
//   scanner fr, en-US     A and Q, Z and W change places, M becomes ":", 1234567890 !@#$%^&*()
//
// What was typed is therefore read through every pair of these layouts, with Caps Lock off, on for
// letters, or on for all keys. Each way that gives something of the shape of a code is a reading,
// and the signature says which one is meant: a wrong reading is a code that nobody signed, so a
// layout can make a code unreadable but never turn it into another one.
//
// Sources of the layouts: xkeyboard-config (us, latam, de, fr); ISO/IEC 15424 for the symbology
// identifiers. Pure; functions are safe from any thread, a TypedLines belongs to one.
#ifndef TICKETING_TOKEN_TYPED_CODE_H_
#define TICKETING_TOKEN_TYPED_CODE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/time.h"

namespace ticketing {

// No text has more readings than this, so a forged code costs a gate no more verifications.
inline constexpr size_t kTypedReadingsMax = 8;

// The codes that `typed` (UTF-8) may stand for, each once, the likeliest first: that is
// NormalizeScannedText(typed), always there even when it is no code at all; then those of other
// layouts, only such as ParseTicketCode takes.
std::vector<std::string> ReadingsOfTypedCode(std::string_view typed);

// A scanner types at 2 to 40 ms a key. What stood still for this long is not continued.
inline constexpr Duration kTypingGap = Duration::Millis(700);

// Cuts what scanners type into lines. A line ends with any control character (CR, LF, Tab, GS, the
// STX and ETX that some scanners put around a code) or when nothing was typed for kTypingGap, so
// that a code that broke off half-way does not spoil the next one, and scanners without a suffix
// work too. Empty lines are nothing. Two codes without anything between them are one line, which no
// gate takes: who stands there must be scanned again, one after the other.
class TypedLines {
 public:
  // Longer lines are cut to `bytes_max`; no code is that long, and a cut code is refused.
  explicit TypedLines(size_t bytes_max) : bytes_max_(bytes_max) {}

  // What arrived. `now` is of a monotonic clock, here and below.
  void Type(std::string_view bytes, Duration now);
  // Nothing more will come: what was typed counts as a line.
  void End() { Close(); }
  // The next line, nullopt while there is none.
  std::optional<std::string> Take(Duration now);

 private:
  void Close();

  const size_t bytes_max_;
  std::string open_;
  Duration typed_at_{};
  std::deque<std::string> lines_;
};

}  // namespace ticketing

#endif  // TICKETING_TOKEN_TYPED_CODE_H_
