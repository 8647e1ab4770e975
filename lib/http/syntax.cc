#include "lib/http/syntax.h"

#include <algorithm>

namespace ticketing::http {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool SameText(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

bool IsFieldValue(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto code = static_cast<uint8_t>(c);
    return code == '\t' || (code >= 0x20 && code != 0x7f);
  });
}

bool IsVisible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool ListHolds(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    if (SameText(Trim(list.substr(0, end)), item)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

size_t CountFields(const HttpHeaders& headers, std::string_view name) {
  return static_cast<size_t>(std::ranges::count_if(
      headers.all(), [&](const auto& field) { return SameText(field.first, name); }));
}

bool AddField(std::string_view line, HttpHeaders& headers) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) return false;
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!IsFieldValue(value)) return false;
  headers.Add(line.substr(0, colon), value);
  return true;
}

std::optional<uint64_t> ParseLength(std::string_view text, uint64_t max, bool& too_large) {
  too_large = false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, digit)) return std::nullopt;
  uint64_t length = 0;
  for (const char c : text) {
    length = length * 10 + static_cast<uint64_t>(c - '0');
    too_large = length > max;
    if (too_large) return std::nullopt;
  }
  return length;
}

}  // namespace ticketing::http
