#include "lib/service/seatsio/json_text.h"

#include <algorithm>

#include "lib/service/seatsio/json.h"

namespace ticketing::seatsio {

void AppendJsonString(std::string& out, std::string_view text) {
  const bool plain = std::ranges::all_of(
      text, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (plain) {
    out.append("\"").append(text).append("\"");
  } else {
    out.append(Dump(Json(text)));
  }
}

void JsonText::Name(std::string_view name) {
  if (out_.back() != '{') out_.push_back(',');
  out_.append("\"").append(name).append("\":");
}

void JsonText::Text(std::string_view name, std::string_view text) {
  Name(name);
  AppendJsonString(out_, text);
}

void JsonText::Number(std::string_view name, int64_t number) {
  Name(name);
  out_.append(std::to_string(number));
}

void JsonText::Flag(std::string_view name, bool flag) {
  Name(name);
  out_.append(flag ? "true" : "false");
}

void JsonText::Raw(std::string_view name, std::string_view json) {
  Name(name);
  out_.append(json);
}

void JsonText::Open(std::string_view name) {
  Name(name);
  out_.push_back('{');
}

void JsonText::Close() {
  out_.push_back('}');
}

}  // namespace ticketing::seatsio
