#include "lib/service/seatsio/json.h"

#include <algorithm>

#include "lib/service/seatsio/call.h"
#include "ticketing/base/bytes.h"

namespace ticketing::seatsio {
namespace {

// Brackets outside of strings; what is not JSON is found later.
bool DepthIsFine(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kJsonDepthMax) return false;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return true;
}

}  // namespace

StatusOr<Json> ParseJson(std::string_view text) {
  if (text.empty()) return Json::object();
  if (!IsValidUtf8(text)) return Refuse("GENERAL_ERROR", "The body is not UTF-8");
  if (!DepthIsFine(text)) return Refuse("GENERAL_ERROR", "The body is nested too deeply");
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Refuse("GENERAL_ERROR", "The body is not JSON");
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string KeyText(const Json& key) {
  if (key.is_string()) return key.get<std::string>();
  if (key.is_number_integer()) return key.dump();
  return {};
}

Fields::Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object()) Fault("", "expected type: JSONObject");
}

const Json* Fields::Find(std::string_view name) const {
  if (!object_.is_object()) return nullptr;
  const auto it = object_.find(name);
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

void Fields::Fault(std::string_view name, std::string_view what) {
  if (!status_.ok()) return;
  std::string path = "#" + where_;
  if (!name.empty()) path.append("/").append(name);
  status_ = Refuse("GENERAL_ERROR", path + ": " + std::string(what));
}

std::optional<std::string> Fields::Text(std::string_view name, size_t bytes_max) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    Fault(name, "expected type: String");
    return std::nullopt;
  }
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > bytes_max) {
    Fault(name, "expected maxLength: " + std::to_string(bytes_max));
    return std::nullopt;
  }
  return text;
}

std::string Fields::RequiredText(std::string_view name, size_t bytes_max) {
  std::optional<std::string> text = Text(name, bytes_max);
  if (!text || text->empty()) Fault(name, "required key not found");
  return text.value_or("");
}

std::optional<bool> Fields::Flag(std::string_view name) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    Fault(name, "expected type: Boolean");
    return std::nullopt;
  }
  return value->get<bool>();
}

std::optional<int64_t> Fields::Integer(std::string_view name, int64_t min, int64_t max) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() ||
                     value->get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX)) &&
                    value->get<int64_t>() >= min && value->get<int64_t>() <= max;
  if (!fits) {
    Fault(name, "expected an integer from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return value->get<int64_t>();
}

std::optional<std::vector<std::string>> Fields::Texts(std::string_view name, size_t count_max,
                                                      size_t bytes_max) {
  const Json* const list = Array(name, count_max);
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const Json& item : *list) {
    std::string text = KeyText(item);
    if (text.empty() || text.size() > bytes_max) {
      Fault(name, "expected texts of 1 to " + std::to_string(bytes_max) + " bytes");
      return std::nullopt;
    }
    out.push_back(std::move(text));
  }
  return out;
}

std::optional<std::map<std::string, int64_t>> Fields::Counts(std::string_view name,
                                                             size_t count_max) {
  const Json* const object = Object(name);
  if (object == nullptr) return std::nullopt;
  if (object->size() > count_max) {
    Fault(name, "expected maximum item count: " + std::to_string(count_max));
    return std::nullopt;
  }
  std::map<std::string, int64_t> out;
  Fields inner(*object, where_ + "/" + std::string(name));
  for (const auto& [key, value] : object->items()) {
    out[key] = inner.Integer(key, 0, limits::kAreaCapacityMax).value_or(0);
  }
  if (status_.ok()) status_ = inner.status();
  return out;
}

std::optional<std::string> Fields::Key(std::string_view name) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  std::string text = KeyText(*value);
  if (text.empty() || text.size() > limits::kNameBytesMax) {
    Fault(name, "expected a key");
    return std::nullopt;
  }
  return text;
}

const Json* Fields::Object(std::string_view name) {
  const Json* const value = Find(name);
  if (value != nullptr && !value->is_object()) {
    Fault(name, "expected type: JSONObject");
    return nullptr;
  }
  return value;
}

const Json* Fields::Array(std::string_view name, size_t count_max) {
  const Json* const value = Find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) {
    Fault(name, "expected type: JSONArray");
    return nullptr;
  }
  if (value->size() > count_max) {
    Fault(name, "expected maximum item count: " + std::to_string(count_max));
    return nullptr;
  }
  return value;
}

}  // namespace ticketing::seatsio
