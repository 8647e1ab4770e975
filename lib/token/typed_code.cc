#include "ticketing/token/typed_code.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "ticketing/base/bytes.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

// The keys that carry a digit, a letter or "]" on any of the layouts, in one order for all of them:
// the digit row, the three letter rows with the keys beside them, and the backslash.
constexpr size_t kKeys = 39;

struct Layout {
  std::u32string_view plain;
  std::u32string_view shifted;
};

constexpr std::array<Layout, 4> kLayouts = {{
    {U"1234567890qwertyuiop]asdfghjkl;zxcvbnm\\", U"!@#$%^&*()QWERTYUIOP}ASDFGHJKL:ZXCVBNM|"},
    {U"1234567890qwertyuiop+asdfghjklñzxcvbnm}", U"!\"#$%&/()=QWERTYUIOP*ASDFGHJKLÑZXCVBNM]"},
    {U"1234567890qwertzuiop+asdfghjklöyxcvbnm#", U"!\"§$%&/()=QWERTZUIOP*ASDFGHJKLÖYXCVBNM'"},
    {U"&é\"'(-è_çàazertyuiop$qsdfghjklmwxcvbn,*", U"1234567890AZERTYUIOP£QSDFGHJKLMWXCVBN?µ"},
}};
static_assert(std::ranges::all_of(kLayouts, [](const Layout& layout) {
  return layout.plain.size() == kKeys && layout.shifted.size() == kKeys;
}));

// What Caps Lock turns round: nothing, the letters, or (as on Windows with French and German
// layouts) every key.
enum class Caps { kOff, kLetters, kAll };

bool IsLetter(char32_t c) {
  return (c >= U'a' && c <= U'z') || c == U'ñ' || c == U'ö';
}

bool IsOfCodes(char32_t c) {
  return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z') ||
         c == U']';
}

// From a typed character (all of them are below 256) to the one that was meant; 0: none.
using Way = std::array<char, 256>;

Way MakeWay(const Layout& scanner, const Layout& host, Caps caps) {
  Way way{};
  for (size_t key = 0; key < kKeys; ++key) {
    const bool turned = caps == Caps::kAll || (caps == Caps::kLetters && IsLetter(host.plain[key]));
    for (const bool shift : {false, true}) {
      const char32_t meant = (shift ? scanner.shifted : scanner.plain)[key];
      const char32_t typed = (shift != turned ? host.shifted : host.plain)[key];
      if (IsOfCodes(meant)) way[typed] = static_cast<char>(meant);
    }
  }
  return way;
}

// Every way there is, each once.
const std::vector<Way>& Ways() {
  static const std::vector<Way> ways = [] {
    std::vector<Way> found;
    for (const Caps caps : {Caps::kOff, Caps::kLetters, Caps::kAll}) {
      for (const Layout& scanner : kLayouts) {
        for (const Layout& host : kLayouts) {
          const Way way = MakeWay(scanner, host, caps);
          if (std::ranges::find(found, way) == found.end()) found.push_back(way);
        }
      }
    }
    return found;
  }();
  return ways;
}

// A character for each of U+0000 to U+00FF; nullopt when there are others.
std::optional<std::string> Latin1(std::string_view utf8) {
  if (!IsValidUtf8(utf8)) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<uint8_t>(utf8[i]);
    if (byte < 0x80) {
      out.push_back(utf8[i]);
    } else if (byte == 0xc2 || byte == 0xc3) {
      out.push_back(static_cast<char>((byte & 3) << 6 | (utf8[++i] & 0x3f)));
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::string_view WithoutBlanks(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<uint8_t>(c) <= ' ' || c == '\x7f'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Whether a code fits, alone or behind a symbology identifier of three characters.
bool HasLengthOfCode(size_t characters) {
  return std::ranges::any_of(std::array{kStaticCodeChars, kRotatingCodeChars}, [&](size_t code) {
    return characters == code || characters == code + 3;
  });
}

std::string Through(const Way& way, std::string_view latin1) {
  std::string meant;
  for (const char c : latin1) {
    const char m = way[static_cast<uint8_t>(c)];
    if (m == 0) return {};
    meant.push_back(m);
  }
  return meant;
}

}  // namespace

std::vector<std::string> ReadingsOfTypedCode(std::string_view typed) {
  std::vector<std::string> readings = {NormalizeScannedText(typed)};
  typed = WithoutBlanks(typed);
  if (typed.size() > 2 * (kRotatingCodeChars + 3)) return readings;  // nothing else can fit
  const std::optional<std::string> latin1 = Latin1(typed);
  if (!latin1 || !HasLengthOfCode(latin1->size())) return readings;
  for (const Way& way : Ways()) {
    if (readings.size() == kTypedReadingsMax) break;
    std::string reading = NormalizeScannedText(Through(way, *latin1));
    if (!ParseTicketCode(reading).ok() || std::ranges::find(readings, reading) != readings.end()) {
      continue;
    }
    readings.push_back(std::move(reading));
  }
  return readings;
}

void TypedLines::Type(std::string_view bytes, Duration now) {
  if (bytes.empty()) return;
  if (now - typed_at_ >= kTypingGap) Close();
  typed_at_ = now;
  for (const char c : bytes) {
    if (static_cast<uint8_t>(c) < ' ' || c == '\x7f') {
      Close();
    } else if (open_.size() < bytes_max_) {
      open_.push_back(c);
    }
  }
}

std::optional<std::string> TypedLines::Take(Duration now) {
  if (now - typed_at_ >= kTypingGap) Close();
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  return line;
}

void TypedLines::Close() {
  if (!open_.empty()) lines_.push_back(std::move(open_));
  open_.clear();
}

}  // namespace ticketing
