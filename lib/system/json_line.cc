#include "lib/system/json_line.h"

#include <algorithm>
#include <array>

#include "ticketing/base/bytes.h"
#include "ticketing/system/json_log.h"

namespace ticketing::system {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void AppendEscape(std::string& out, unsigned code) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.append("\\u00");
  out.push_back(kHex[code >> 4]);
  out.push_back(kHex[code & 15]);
}

void AppendAscii(std::string& out, char c) {
  const auto code = static_cast<uint8_t>(c);
  if (c == '"' || c == '\\') {
    out.push_back('\\');
    out.push_back(c);
  } else if (c == '\n') {
    out.append("\\n");
  } else if (c == '\t') {
    out.append("\\t");
  } else if (code < 0x20 || code == 0x7f) {
    AppendEscape(out, code);
  } else {
    out.push_back(c);
  }
}

bool IsPlain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

// How long the character at the front is: 0 when it is not UTF-8.
size_t CharacterSize(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return size <= text.size() && IsValidUtf8(text.substr(0, size)) ? size : 0;
}

void AppendString(std::string& out, std::string_view text) {
  const bool cut = text.size() > kLogTextBytesMax;
  if (cut) text = text.substr(0, kLogTextBytesMax);
  out.push_back('"');
  while (!text.empty()) {
    // Most of what is logged is plain.
    const auto end = std::ranges::find_if_not(text, IsPlain);
    const auto plain = static_cast<size_t>(end - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const size_t size = CharacterSize(text);
    if (size == 0) {
      out.append(kReplacement);
    } else if (size == 1) {
      AppendAscii(out, text[0]);
    } else if (size == 2 && static_cast<uint8_t>(text[0]) == 0xc2 &&
               static_cast<uint8_t>(text[1]) < 0xa0) {
      // U+0080 to U+009F: terminals obey some of them.
      AppendEscape(out, static_cast<uint8_t>(text[1]));
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out.append(cut ? "...\"" : "\"");
}

// Always six digits of fraction, so that lines sort as text.
std::string MicrosTime(Timestamp time) {
  std::string text = FormatTimestamp(time);
  text.pop_back();
  const size_t dot = text.find('.');
  const size_t digits = dot == std::string::npos ? 0 : text.size() - dot - 1;
  if (digits == 0) text.push_back('.');
  text.append(6 - digits, '0');
  return text + "Z";
}

bool IsFixed(std::string_view name) {
  constexpr std::array<std::string_view, 4> kFixed = {"ts", "level", "msg", "service"};
  for (const std::string_view fixed : kFixed) {
    if (name == fixed) return true;
  }
  return false;
}

}  // namespace

std::string JsonLine(Timestamp time, LogLevel level, std::string_view message,
                     std::string_view service, const LogFields& fields) {
  std::string out = "{\"ts\":\"" + MicrosTime(time) + "\",\"level\":\"";
  out.append(LogLevelName(level)).append("\",\"msg\":");
  AppendString(out, message);
  out.append(",\"service\":");
  AppendString(out, service);
  for (const auto& [name, value] : fields) {
    out.push_back(',');
    AppendString(out, IsFixed(name) ? "field." + name : name);
    out.push_back(':');
    AppendString(out, value);
  }
  out.push_back('}');
  return out;
}

}  // namespace ticketing::system
