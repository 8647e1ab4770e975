#include <google/protobuf/descriptor.h>

#include <nlohmann/json.hpp>
#include <set>

#include "ticketing/base/assert.h"
#include "ticketing/v1/common.pb.h"
#include "ticketing/v1/gate_policy.pb.h"
#include "ticketing/v1/identity.pb.h"
#include "ticketing/v1/notifications.pb.h"
#include "ticketing/v1/payments.pb.h"
#include "ticketing/v1/rules.pb.h"
#include "ticketing/v1/seasons.pb.h"
#include "ticketing/v1/ticketing.pb.h"
#include "ticketing/wire/json.h"

namespace ticketing::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

// Naming a message of each file keeps the linker from dropping it, and with it the descriptors
// found by name.
const Descriptor* const kFiles[] = {v1::Problem::descriptor(),       v1::Account::descriptor(),
                                    v1::Message::descriptor(),       v1::Payment::descriptor(),
                                    v1::Order::descriptor(),         v1::GatePolicy::descriptor(),
                                    v1::PlaceOverrides::descriptor()};

constexpr char kTimestampName[] = "google.protobuf.Timestamp";

void AddTextRules(const v1::FieldRule& rule, Json& schema) {
  if (rule.max_bytes() > 0) schema["maxLength"] = rule.max_bytes();
  if (rule.one_of_size() > 0) {
    schema["enum"] = Json::array();
    for (const std::string& choice : rule.one_of()) schema["enum"].push_back(choice);
    // An empty text is the same as a missing field.
    if (!rule.required()) schema["enum"].push_back("");
  }
  if (!rule.id().empty()) schema["examples"] = Json::array({rule.id() + "_0W2K9Q7ZC4T1A"});
}

Json ValueSchema(const FieldDescriptor* field, const v1::FieldRule& rule) {
  Json schema = Json::object();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      schema["type"] = "string";
      if (field->type() == FieldDescriptor::TYPE_BYTES) {
        schema["contentEncoding"] = "base64";
      } else {
        AddTextRules(rule, schema);
      }
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      schema["type"] = Json::array({"string", "integer"});
      schema["format"] = "int64";
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      schema["type"] = "integer";
      schema["format"] = "int32";
      if (rule.has_range()) {
        schema["minimum"] = rule.min();
        schema["maximum"] = rule.max();
      }
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      schema["type"] = "boolean";
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field->message_type()->full_name() == kTimestampName) {
        schema["type"] = "string";
        schema["format"] = "date-time";
      } else {
        schema["$ref"] = "#/components/schemas/" + field->message_type()->name();
      }
      break;
    default:
      TICKETING_ASSERT(!"a field type that the APIs do not use");
  }
  return schema;
}

Json MessageSchema(const Descriptor* message) {
  Json properties = Json::object();
  Json required = Json::array();
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    const v1::FieldRule& rule = field->options().GetExtension(v1::rule);
    Json schema = ValueSchema(field, rule);
    if (field->is_repeated()) {
      schema = Json{{"type", "array"}, {"items", schema}};
      if (rule.max_items() > 0) schema["maxItems"] = rule.max_items();
    }
    if (!rule.about().empty()) schema["description"] = rule.about();
    properties[field->name()] = schema;
    if (rule.required()) required.push_back(field->name());
  }
  Json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

void Collect(const Descriptor* message, std::set<const Descriptor*>& seen, Json& schemas) {
  if (!seen.insert(message).second) return;
  schemas[message->name()] = MessageSchema(message);
  for (int i = 0; i < message->field_count(); ++i) {
    const Descriptor* type = message->field(i)->message_type();
    if (type != nullptr && type->full_name() != kTimestampName) Collect(type, seen, schemas);
  }
}

}  // namespace

std::string SchemasOf(const std::vector<std::string>& names) {
  TICKETING_ASSERT(kFiles[0] != nullptr);
  Json schemas = Json::object();
  std::set<const Descriptor*> seen;
  for (const std::string& name : names) {
    const Descriptor* message =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
    TICKETING_ASSERT(message != nullptr);
    Collect(message, seen, schemas);
  }
  return schemas.dump();
}

}  // namespace ticketing::wire
