#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "lib/wire/convert.h"
#include "ticketing/base/id.h"
#include "ticketing/base/limits.h"
#include "ticketing/v1/rules.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr uint32_t kTextBytesDefault = 1000;
constexpr uint32_t kItemsDefault = 200;
constexpr size_t kErrorsMax = 50;

using Errors = std::vector<FieldError>;

bool HasControlCharacters(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<uint8_t>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return true;
  }
  return false;
}

// An identifier of any kind: the prefix, '_' and 13 digits of base/id.h.
bool IsId(std::string_view text, const std::string& prefix) {
  return internal::ParseId(prefix, text).has_value();
}

void CheckText(const FieldDescriptor* field, const v1::FieldRule& rule, const std::string& text,
               const std::string& path, Errors& errors) {
  const uint32_t bytes_max = rule.max_bytes() > 0 ? rule.max_bytes() : kTextBytesDefault;
  const bool is_text = field->type() == FieldDescriptor::TYPE_STRING;
  if (text.empty()) {
    if (rule.required()) errors.push_back({path, "is required"});
    return;
  }
  if (text.size() > bytes_max) {
    errors.push_back({path, "is longer than " + std::to_string(bytes_max) + " bytes"});
  } else if (is_text && HasControlCharacters(text)) {
    errors.push_back({path, "has control characters"});
  } else if (!rule.id().empty() && !IsId(text, rule.id())) {
    errors.push_back({path, "is not an identifier of the form " + rule.id() + "_..."});
  } else if (rule.one_of_size() > 0) {
    std::string choices;
    for (const std::string& choice : rule.one_of()) {
      if (choice == text) return;
      choices += (choices.empty() ? "" : ", ") + choice;
    }
    errors.push_back({path, "must be one of " + choices});
  }
}

void CheckNumber(const v1::FieldRule& rule, int64_t number, const std::string& path,
                 Errors& errors) {
  if (rule.has_range() && (number < rule.min() || number > rule.max())) {
    errors.push_back(
        {path, "must be from " + std::to_string(rule.min()) + " to " + std::to_string(rule.max())});
  }
}

void CheckMessage(const Message& message, const std::string& path, Errors& errors);

void CheckValue(const Message& message, const FieldDescriptor* field, const v1::FieldRule& rule,
                int index, const std::string& path, Errors& errors) {
  const Reflection* reflection = message.GetReflection();
  const bool repeated = index >= 0;
  std::string scratch;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      CheckText(field, rule,
                repeated ? reflection->GetRepeatedStringReference(message, field, index, &scratch)
                         : reflection->GetStringReference(message, field, &scratch),
                path, errors);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      CheckNumber(rule,
                  repeated ? reflection->GetRepeatedInt32(message, field, index)
                           : reflection->GetInt32(message, field),
                  path, errors);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      CheckNumber(rule,
                  repeated ? reflection->GetRepeatedInt64(message, field, index)
                           : reflection->GetInt64(message, field),
                  path, errors);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      CheckMessage(repeated ? reflection->GetRepeatedMessage(message, field, index)
                            : reflection->GetMessage(message, field),
                   path, errors);
      break;
    default:
      break;
  }
}

void CheckMessage(const Message& message, const std::string& path, Errors& errors) {
  const auto* descriptor = message.GetDescriptor();
  const Reflection* reflection = message.GetReflection();
  if (descriptor->full_name() == v1::Money::descriptor()->full_name()) {
    const auto& money = static_cast<const v1::Money&>(message);
    if (!money.has_minor()) errors.push_back({path + ".minor", "is required"});
    if (const auto value = MoneyOf(money, path); !value.ok()) {
      for (FieldError& error : DetailsOf(value.status()).fields) errors.push_back(std::move(error));
    }
    return;
  }
  for (int i = 0; i < descriptor->field_count() && errors.size() < kErrorsMax; ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    const v1::FieldRule& rule = field->options().GetExtension(v1::rule);
    const std::string place = path.empty() ? field->name() : path + "." + field->name();
    if (field->is_repeated()) {
      const int count = reflection->FieldSize(message, field);
      const int count_max =
          static_cast<int>(rule.max_items() > 0 ? rule.max_items() : kItemsDefault);
      if (count == 0 && rule.required()) errors.push_back({place, "needs at least one item"});
      if (count > count_max) {
        errors.push_back({place, "has more than " + std::to_string(count_max) + " items"});
        continue;
      }
      for (int k = 0; k < count; ++k) {
        CheckValue(message, field, rule, k, place + "[" + std::to_string(k) + "]", errors);
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
               !reflection->HasField(message, field)) {
      if (rule.required()) errors.push_back({place, "is required"});
    } else if (field->containing_oneof() == nullptr || reflection->HasField(message, field)) {
      CheckValue(message, field, rule, -1, place, errors);
    }
  }
}

}  // namespace

Status Validate(const Message& message) {
  Errors errors;
  CheckMessage(message, "", errors);
  if (errors.empty()) return OkStatus();
  std::string text =
      errors.size() == 1 ? "One field is not valid: " : "Some fields are not valid: ";
  for (size_t i = 0; i < errors.size() && i < 3; ++i)
    text += (i == 0 ? "" : "; ") + errors[i].field + " " + errors[i].detail;
  if (errors.size() > 3) text += "; and others";
  return MakeError(ErrorCode::kInvalidField, text + ".", {.fields = std::move(errors)});
}

}  // namespace ticketing::wire
