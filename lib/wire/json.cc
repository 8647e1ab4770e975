#include "ticketing/wire/json.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

// Protobuf's messages read "(orders[0].price): invalid value "x" for type TYPE_INT64", "(orders[0])
// colour: Cannot find field." and "(orders[0]): invalid value Starting an object on a scalar field
// for type name". Gives the place.
FieldError Located(std::string_view text) {
  std::string path;
  const auto extend = [&](std::string_view name) {
    if (!path.empty()) path += ".";
    path += name;
  };
  if (text.starts_with('(')) {
    const size_t close = text.find(')');
    path = std::string(text.substr(1, close - 1));
    text.remove_prefix(std::min(close, text.size() - 1) + 1);
  }
  constexpr std::string_view kUnknown = ": Cannot find field.";
  if (text.ends_with(kUnknown)) {
    extend(Trimmed(text.substr(0, text.size() - kUnknown.size())));
    return {path, "is not a field of this resource"};
  }
  constexpr std::string_view kStructure = "Starting an object on a scalar field for type ";
  if (const size_t at = text.find(kStructure); at != std::string_view::npos) {
    extend(text.substr(at + kStructure.size()));
  }
  return {path.empty() ? "(body)" : path, "has a value of the wrong type or form"};
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
  // Only now, on the way out, is it worth asking whether the text was JSON at all.
  if (!nlohmann::json::accept(json))
    return MakeError(ErrorCode::kBadSyntax, "The body is not valid JSON.");
  const FieldError error = Located(std::string(status.message().data(), status.message().size()));
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
