#include "ticketing/wire/json.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lib/base/absl_compat.h"
#include "lib/wire/json_print.h"
#include "lib/wire/json_read.h"
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

// Reads a text before protobuf's parser does, which neither tells where a text breaks nor minds a
// member that stands twice. Keeps no values.
class Scout final : public nlohmann::json::json_sax_t {
 public:
  bool null() override { return Value(); }
  bool boolean(bool) override { return Value(); }
  bool number_integer(int64_t) override { return Value(); }
  bool number_unsigned(uint64_t) override { return Value(); }
  bool number_float(double, const std::string&) override { return Value(); }
  bool string(std::string&) override { return Value(); }
  bool binary(nlohmann::json::binary_t&) override { return Value(); }
  bool start_object(size_t) override { return Open(false); }
  bool start_array(size_t) override { return Open(true); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(std::string& name) override {
    Frame& frame = frames_.back();
    frame.key = name;
    if (frame.seen.insert(FieldName(name)).second) return true;
    twice_ = Path();
    return false;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    broken_at_ = position;
    return false;
  }

  // The path of the member that stands twice; empty when none does.
  const std::string& twice() const { return twice_; }
  // How many characters were read when the text broke.
  size_t broken_at() const { return broken_at_; }

 private:
  struct Frame {
    bool is_array = false;
    size_t count = 0;
    std::string key;
    std::set<std::string> seen;
  };

  // Protobuf takes "event_id" and "eventId" for the same field.
  static std::string FieldName(std::string_view name) {
    std::string out;
    for (size_t i = 0; i < name.size(); ++i) {
      const bool raised = i > 0 && name[i - 1] == '_' && name[i] >= 'a' && name[i] <= 'z';
      if (raised) out.push_back(static_cast<char>(name[i] - 'a' + 'A'));
      if (!raised && name[i] != '_') out.push_back(name[i]);
    }
    return out;
  }

  bool Value() {
    if (!frames_.empty() && frames_.back().is_array) ++frames_.back().count;
    return true;
  }

  bool Open(bool is_array) {
    frames_.push_back({.is_array = is_array});
    return true;
  }

  bool Close() {
    frames_.pop_back();
    return Value();
  }

  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (frame.is_array) {
        path += "[" + std::to_string(frame.count) + "]";
      } else {
        if (!path.empty()) path += ".";
        path += frame.key;
      }
    }
    return path;
  }

  std::vector<Frame> frames_;
  std::string twice_;
  size_t broken_at_ = 0;
};

// Where a text breaks, as editors count.
std::string Place(std::string_view text, size_t characters) {
  const std::string_view read = text.substr(0, characters == 0 ? 0 : characters - 1);
  const size_t line = 1 + static_cast<size_t>(std::ranges::count(read, '\n'));
  const size_t start = read.rfind('\n');
  const size_t column = read.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

Status Explore(std::string_view json) {
  Scout scout;
  if (nlohmann::json::sax_parse(json, &scout)) return OkStatus();
  if (!scout.twice().empty()) return InvalidField(scout.twice(), "stands twice in one object");
  return MakeError(ErrorCode::kBadSyntax, "The body is not valid JSON: it breaks at " +
                                              Place(json, scout.broken_at()) + ".");
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
  if (ReadJson(json, message)) return OkStatus();
  message->Clear();
  if (!Trimmed(json).starts_with('{'))
    return MakeError(ErrorCode::kBadSyntax, "The body must be one JSON object.");
  if (TooDeep(json)) return MakeError(ErrorCode::kBadSyntax, "The body is nested too deep.");
  TICKETING_RETURN_IF_ERROR(Explore(json));
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), message, options);
  if (status.ok()) return OkStatus();
  const FieldError error = Located(std::string(status.message().data(), status.message().size()));
  return InvalidField(error.field, error.detail);
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string printed;
  printed.reserve(1024);
  if (PrintJson(message, printed)) return printed;
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
