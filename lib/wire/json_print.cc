#include "lib/wire/json_print.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <string_view>

#include "ticketing/base/bytes.h"

namespace ticketing::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

// Whether a text stands in JSON as it is: ASCII without what needs an escape, and the letters of
// western languages (U+00C0 to U+00FF).
bool IsPlain(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c == 0xc3 && i + 1 < text.size() && (static_cast<uint8_t>(text[i + 1]) & 0xc0) == 0x80) {
      ++i;
    } else if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>') {
      return false;
    }
  }
  return true;
}

bool PrintText(const std::string& text, std::string& out) {
  if (IsPlain(text)) {
    out.append("\"").append(text).append("\"");
    return true;
  }
  google::protobuf::StringValue value;
  value.set_value(text);
  std::string printed;
  if (!google::protobuf::util::MessageToJsonString(value, &printed).ok()) return false;
  out.append(printed);
  return true;
}

bool IsInRange(const Timestamp& time) {
  using google::protobuf::util::TimeUtil;
  return time.seconds() >= TimeUtil::kTimestampMinSeconds &&
         time.seconds() <= TimeUtil::kTimestampMaxSeconds && time.nanos() >= 0 &&
         time.nanos() < 1'000'000'000;
}

bool PrintMessage(const Message& message, std::string& out);

bool PrintNested(const Message& message, std::string& out) {
  const auto& type = *message.GetDescriptor();
  if (type.well_known_type() == google::protobuf::Descriptor::WELLKNOWNTYPE_UNSPECIFIED)
    return PrintMessage(message, out);
  if (type.well_known_type() != google::protobuf::Descriptor::WELLKNOWNTYPE_TIMESTAMP) return false;
  const auto* time = dynamic_cast<const Timestamp*>(&message);
  if (time == nullptr || !IsInRange(*time)) return false;
  out.append("\"").append(google::protobuf::util::TimeUtil::ToString(*time)).append("\"");
  return true;
}

// One value of a field; `index` counts in a repeated one and is -1 otherwise.
bool PrintValue(const Message& message, const Reflection& reflection, const FieldDescriptor& field,
                int index, std::string& out) {
  const bool one = index < 0;
  const auto quoted = [&out](const std::string& digits) {
    out.append("\"").append(digits).append("\"");
    return true;
  };
  const auto plain = [&out](std::string_view text) {
    out.append(text);
    return true;
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return plain(std::to_string(one ? reflection.GetInt32(message, &field)
                                      : reflection.GetRepeatedInt32(message, &field, index)));
    case FieldDescriptor::CPPTYPE_UINT32:
      return plain(std::to_string(one ? reflection.GetUInt32(message, &field)
                                      : reflection.GetRepeatedUInt32(message, &field, index)));
    case FieldDescriptor::CPPTYPE_INT64:
      return quoted(std::to_string(one ? reflection.GetInt64(message, &field)
                                       : reflection.GetRepeatedInt64(message, &field, index)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return quoted(std::to_string(one ? reflection.GetUInt64(message, &field)
                                       : reflection.GetRepeatedUInt64(message, &field, index)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return plain((one ? reflection.GetBool(message, &field)
                        : reflection.GetRepeatedBool(message, &field, index))
                       ? "true"
                       : "false");
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text =
          one ? reflection.GetStringReference(message, &field, &scratch)
              : reflection.GetRepeatedStringReference(message, &field, index, &scratch);
      if (field.type() == FieldDescriptor::TYPE_BYTES) return quoted(Base64Encode(text));
      return PrintText(text, out);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return PrintNested(one ? reflection.GetMessage(message, &field)
                             : reflection.GetRepeatedMessage(message, &field, index),
                         out);
    default:
      return false;
  }
}

bool PrintList(const Message& message, const Reflection& reflection, const FieldDescriptor& field,
               std::string& out) {
  if (field.is_map()) return false;
  out.push_back('[');
  const int size = reflection.FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (i > 0) out.push_back(',');
    if (!PrintValue(message, reflection, field, i, out)) return false;
  }
  out.push_back(']');
  return true;
}

bool PrintMessage(const Message& message, std::string& out) {
  const auto& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  out.push_back('{');
  bool first = true;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    // What can be missing is written when it is there; everything else always is.
    if (!field.is_repeated() && field.has_presence() && !reflection.HasField(message, &field))
      continue;
    if (!first) out.push_back(',');
    first = false;
    out.append("\"").append(field.name()).append("\":");
    const bool printed = field.is_repeated() ? PrintList(message, reflection, field, out)
                                             : PrintValue(message, reflection, field, -1, out);
    if (!printed) return false;
  }
  out.push_back('}');
  return true;
}

}  // namespace

bool PrintJson(const Message& message, std::string& out) {
  return PrintNested(message, out);
}

}  // namespace ticketing::wire
