#include "lib/provider/sandbox/form.h"

#include <algorithm>
#include <charconv>

#include "ticketing/base/bytes.h"
#include "ticketing/env/http.h"

namespace ticketing::sandbox {

std::optional<Form> Form::Parse(std::string_view body) {
  constexpr size_t kParametersMax = 200;
  const auto pairs = ParseQuery(body);
  if (!pairs || pairs->size() > kParametersMax) return std::nullopt;
  Form form;
  for (const auto& [name, value] : *pairs) {
    if (!IsValidUtf8(name) || !IsValidUtf8(value)) return std::nullopt;
    if (!form.values_.emplace(name, value).second) return std::nullopt;
  }
  return form;
}

std::optional<Answer> Form::RefuseUnknown(const std::vector<std::string_view>& known) const {
  for (const auto& [name, value] : values_) {
    const bool is_known = std::ranges::any_of(known, [&given = name](std::string_view pattern) {
      return pattern.ends_with('[') ? given.starts_with(pattern) : given == pattern;
    });
    if (!is_known)
      return BadParameter("parameter_unknown", name, "Received unknown parameter: " + name);
  }
  return std::nullopt;
}

std::string Form::Get(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? std::string() : found->second;
}

std::optional<int64_t> Form::Int(std::string_view name) const {
  const std::string text = Get(name);
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::map<std::string, std::string> Form::Map(std::string_view prefix) const {
  std::map<std::string, std::string> out;
  const std::string open = std::string(prefix) + "[";
  for (const auto& [name, value] : values_) {
    if (!name.starts_with(open) || !name.ends_with(']')) continue;
    out.emplace(name.substr(open.size(), name.size() - open.size() - 1), value);
  }
  return out;
}

std::vector<std::string> Form::List(std::string_view prefix) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : Map(prefix)) out.push_back(value);
  return out;
}

std::string Form::Canonical() const {
  std::string out;
  for (const auto& [name, value] : values_) {
    out += PercentEncode(name) + "=" + PercentEncode(value) + "&";
  }
  return out;
}

}  // namespace ticketing::sandbox
