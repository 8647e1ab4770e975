#include "lib/notification/mime_text.h"

#include <algorithm>

#include "ticketing/base/bytes.h"
#include "ticketing/notification/mime.h"

namespace ticketing::notification {
namespace {

constexpr size_t kBodyLine = 76;
constexpr size_t kEncodedWordLine = 76;  // RFC 2047 section 2: lines that hold encoded words
constexpr size_t kHeaderLine = 78;
constexpr std::string_view kWordStart = "=?UTF-8?B?";
constexpr std::string_view kWordEnd = "?=";

// How many bytes the UTF-8 character that starts with `c` has. The text is known to be valid.
size_t CharacterBytes(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

// The longest start of `text` that ends between characters and has at most `bytes` bytes, but at
// least one character.
std::string_view WholeCharacters(std::string_view text, size_t bytes) {
  size_t taken = CharacterBytes(text[0]);
  while (taken < text.size() && taken + CharacterBytes(text[taken]) <= bytes) {
    taken += CharacterBytes(text[taken]);
  }
  return text.substr(0, taken);
}

// One line of quoted-printable without its line end.
void AppendQuotedLine(std::string& out, std::string_view line) {
  size_t column = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    const bool blank = c == ' ' || c == '\t';
    const bool literal = blank ? !last : (IsPrintableAscii(c) && c != '=');
    const size_t width = literal ? 1 : 3;
    // A soft break needs the last column, unless this character ends the line.
    if (column + width > (last ? kBodyLine : kBodyLine - 1)) {
      out.append("=\r\n");
      column = 0;
    }
    if (literal) {
      out.push_back(c);
    } else {
      out.append("=").append(UpperHex(c));
    }
    column += width;
  }
}

}  // namespace

std::string UpperHex(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {kDigits[byte >> 4], kDigits[byte & 15]};
}

std::string CrlfText(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out.append("\r\n");
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else if (text[i] == '\n') {
      out.append("\r\n");
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string EncodeQuotedPrintable(std::string_view text) {
  const std::string lines = CrlfText(text);
  std::string_view rest = lines;
  std::string out;
  out.reserve(lines.size() + lines.size() / 8);
  while (!rest.empty()) {
    const size_t end = rest.find("\r\n");
    AppendQuotedLine(out, rest.substr(0, end));
    if (end == std::string_view::npos) break;
    out.append("\r\n");
    rest.remove_prefix(end + 2);
  }
  return out;
}

std::string EncodeBase64Lines(std::string_view bytes) {
  const std::string flat = Base64Encode(bytes);
  std::string out;
  out.reserve(flat.size() + flat.size() / 38 + 2);
  for (size_t i = 0; i < flat.size(); i += kBodyLine) {
    out.append(flat, i, kBodyLine).append("\r\n");
  }
  return out;
}

std::string EncodeWords(std::string_view text, size_t used) {
  std::string out;
  size_t column = used;
  while (!text.empty()) {
    constexpr size_t kFrame = kWordStart.size() + kWordEnd.size();
    const size_t room = column + kFrame < kEncodedWordLine ? kEncodedWordLine - column - kFrame : 0;
    if (room < 8) {  // not even two characters: begin a new line
      out.append("\r\n ");
      column = 1;
      continue;
    }
    const std::string_view piece = WholeCharacters(text, room / 4 * 3);
    out.append(kWordStart).append(Base64Encode(piece)).append(kWordEnd);
    text.remove_prefix(piece.size());
    column = kEncodedWordLine;
  }
  return out;
}

std::string FoldAscii(std::string_view text, size_t used) {
  std::string out;
  size_t column = used;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    if (column + word.size() > kHeaderLine && !out.empty()) {
      out.pop_back();  // the space before the word starts the next line instead
      out.append("\r\n ");
      column = 1;
    }
    out.append(word);
    column += word.size() + 1;
    text.remove_prefix(word.size());
    if (!text.empty()) {
      out.push_back(' ');
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string EncodeHeaderText(std::string_view text, size_t used) {
  bool plain = !text.starts_with(' ') && !text.ends_with(' ') &&
               text.find("  ") == std::string_view::npos &&
               text.find("=?") == std::string_view::npos &&
               std::all_of(text.begin(), text.end(), IsPrintableAscii);
  size_t word = 0;
  for (const char c : text) {
    word = c == ' ' ? 0 : word + 1;
    if (word > kHeaderLine - 2 - std::min<size_t>(used, 20)) plain = false;
  }
  return plain ? FoldAscii(text, used) : EncodeWords(text, used);
}

std::string FormatMailDate(Timestamp time) {
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  constexpr int64_t kSecondsPerDay = 86'400;
  const std::string text = FormatTimestamp(time);  // "2026-11-28T19:00:00Z"
  const auto weekday = static_cast<size_t>((time.seconds() / kSecondsPerDay + 4) % 7);
  const auto month = static_cast<size_t>((text[5] - '0') * 10 + (text[6] - '0') - 1);
  std::string out(kDays.substr(weekday * 3, 3));
  out.append(", ").append(text, 8, 2).append(" ").append(kMonths.substr(month * 3, 3));
  out.append(" ").append(text, 0, 4).append(" ").append(text, 11, 8);
  return out.append(" +0000");
}

}  // namespace ticketing::notification
