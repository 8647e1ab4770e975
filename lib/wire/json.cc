#include "ticketing/wire/json.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "lib/base/absl_compat.h"
#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"

namespace ticketing::wire {
namespace {

// The JSON parser recurses; deeper documents than any of ours are refused before it starts.
constexpr int kDepthMax = 32;

bool TooDeep(std::string_view json) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDepthMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos)
    text.remove_prefix(1);
  return text;
}

// Protobuf's messages read "(orders[0].price): invalid value "x" for type TYPE_INT64" and
// "(orders[0]) colour: Cannot find field.". Gives the path, or "" when the text has neither form,
// which is how syntax errors look.
FieldError Located(std::string_view text) {
  std::string path;
  if (text.starts_with('(')) {
    const size_t close = text.find(')');
    if (close == std::string_view::npos) return {};
    path = std::string(text.substr(1, close - 1));
    text.remove_prefix(close + 1);
  }
  const std::string_view unknown = ": Cannot find field.";
  if (text.ends_with(unknown)) {
    const std::string_view name = Trimmed(text.substr(0, text.size() - unknown.size()));
    if (!path.empty()) path += ".";
    return {path + std::string(name), "is not a field of this resource"};
  }
  if (text.find("Proto field is not repeating") != std::string_view::npos ||
      text.find("invalid value") != std::string_view::npos ||
      text.find("invalid name") != std::string_view::npos ||
      text.find("expected") != std::string_view::npos) {
    if (path.empty()) path = "(body)";
    return {path, "has a value of the wrong type or form"};
  }
  if (!path.empty()) return {path, "cannot be read"};
  return {};
}

}  // namespace

Status FromJson(std::string_view json, google::protobuf::Message* message) {
  message->Clear();
  if (!IsValidUtf8(json)) return MakeError(ErrorCode::kBadSyntax, "The body is not valid UTF-8.");
  if (!Trimmed(json).starts_with('{'))
    return MakeError(ErrorCode::kBadSyntax, "The body must be one JSON object.");
  if (TooDeep(json)) return MakeError(ErrorCode::kBadSyntax, "The body is nested too deep.");
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message, options);
  if (status.ok()) return OkStatus();
  const std::string text(status.message().data(), status.message().size());
  FieldError error = Located(text);
  if (error.field.empty()) {
    return MakeError(ErrorCode::kBadSyntax,
                     "The body is not valid JSON: " + text.substr(0, text.find('\n')));
  }
  return InvalidField(error.field, error.detail);
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  TICKETING_ASSERT(status.ok());
  return json;
}

Status FromBytes(std::string_view bytes, google::protobuf::Message* message) {
  if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return MakeError(ErrorCode::kBadSyntax,
                     "The body is not a valid protobuf message of this kind.");
  }
  return OkStatus();
}

std::string ToBytes(const google::protobuf::Message& message) {
  return message.SerializeAsString();
}

}  // namespace ticketing::wire
