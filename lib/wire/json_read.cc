#include "lib/wire/json_read.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace ticketing::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Less than what the careful reader takes, which is the one to say that a text goes too deep.
constexpr int kDepthMax = 16;
// Members are marked as seen in one word.
constexpr int kFieldsMax = 64;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Document(Message& message) {
    if (!Object(message, 1)) return false;
    SkipSpace();
    return rest_.empty();
  }

 private:
  void SkipSpace() {
    while (!rest_.empty() &&
           (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\r' || rest_[0] == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  bool Take(std::string_view token) {
    SkipSpace();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  std::optional<std::string_view> Text() {
    if (!Take("\"")) return std::nullopt;
    size_t size = 0;
    while (size < rest_.size() && rest_[size] != '"') {
      if (rest_[size] == '\\' || static_cast<uint8_t>(rest_[size]) < 0x20) return std::nullopt;
      ++size;
    }
    if (size == rest_.size()) return std::nullopt;
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return text;
  }

  // A whole number, which may also stand in quotes; digits that JSON would not take are left to
  // others.
  template <typename Number>
  std::optional<Number> Whole() {
    SkipSpace();
    const bool quoted = rest_.starts_with('"');
    const size_t begin = quoted ? 1 : 0;
    const size_t end = std::min(rest_.find_first_not_of("-0123456789", begin), rest_.size());
    const std::string_view digits = rest_.substr(begin, end - begin);
    const char after = end < rest_.size() ? rest_[end] : ' ';
    if (quoted ? after != '"' : after == '.' || after == 'e' || after == 'E') return std::nullopt;
    const std::string_view bare = digits.substr(digits.starts_with('-') ? 1 : 0);
    if (bare.size() > 1 && bare[0] == '0') return std::nullopt;
    Number number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
    rest_.remove_prefix(end + begin);
    return number;
  }

  bool Object(Message& message, int depth) {
    const auto& type = *message.GetDescriptor();
    if (depth > kDepthMax || type.field_count() > kFieldsMax || !Take("{")) return false;
    if (Take("}")) return true;
    uint64_t seen = 0;
    do {
      const std::optional<std::string_view> name = Text();
      if (!name || !Take(":")) return false;
      const FieldDescriptor* field = type.FindFieldByName({name->data(), name->size()});
      if (field == nullptr || field->is_map()) return false;
      const uint64_t mark = uint64_t{1} << field->index();
      if ((seen & mark) != 0) return false;
      seen |= mark;
      if (!(field->is_repeated() ? List(message, *field, depth) : Value(message, *field, depth)))
        return false;
    } while (Take(","));
    return Take("}");
  }

  bool List(Message& message, const FieldDescriptor& field, int depth) {
    if (!Take("[")) return false;
    if (Take("]")) return true;
    do {
      if (!Value(message, field, depth)) return false;
    } while (Take(","));
    return Take("]");
  }

  // One value: that of a field, or the next of a repeated one.
  bool Value(Message& message, const FieldDescriptor& field, int depth) {
    const Reflection& to = *message.GetReflection();
    const auto* choice = field.real_containing_oneof();
    if (choice != nullptr && to.HasOneof(message, choice)) return false;
    const bool many = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Put(Whole<int32_t>(), message, field,
                   many ? &Reflection::AddInt32 : &Reflection::SetInt32);
      case FieldDescriptor::CPPTYPE_UINT32:
        return Put(Whole<uint32_t>(), message, field,
                   many ? &Reflection::AddUInt32 : &Reflection::SetUInt32);
      case FieldDescriptor::CPPTYPE_INT64:
        return Put(Whole<int64_t>(), message, field,
                   many ? &Reflection::AddInt64 : &Reflection::SetInt64);
      case FieldDescriptor::CPPTYPE_UINT64:
        return Put(Whole<uint64_t>(), message, field,
                   many ? &Reflection::AddUInt64 : &Reflection::SetUInt64);
      case FieldDescriptor::CPPTYPE_BOOL: {
        std::optional<bool> value;
        if (Take("true")) value = true;
        if (!value && Take("false")) value = false;
        return Put(value, message, field, many ? &Reflection::AddBool : &Reflection::SetBool);
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        if (field.type() == FieldDescriptor::TYPE_BYTES) return false;
        const std::optional<std::string_view> text = Text();
        if (!text) return false;
        if (many) {
          to.AddString(&message, &field, std::string(*text));
        } else {
          to.SetString(&message, &field, std::string(*text));
        }
        return true;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (field.message_type()->well_known_type() !=
            google::protobuf::Descriptor::WELLKNOWNTYPE_UNSPECIFIED)
          return false;
        return Object(
            *(many ? to.AddMessage(&message, &field) : to.MutableMessage(&message, &field)),
            depth + 1);
      default:
        return false;
    }
  }

  template <typename Number>
  static bool Put(std::optional<Number> value, Message& message, const FieldDescriptor& field,
                  void (Reflection::*put)(Message*, const FieldDescriptor*, Number) const) {
    if (value) (message.GetReflection()->*put)(&message, &field, *value);
    return value.has_value();
  }

  std::string_view rest_;
};

}  // namespace

bool ReadJson(std::string_view json, Message* message) {
  return Reader(json).Document(*message);
}

}  // namespace ticketing::wire
