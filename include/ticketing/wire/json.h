// Messages of the APIs as JSON and as protobuf bytes, checked by the rules that stand beside their
// fields.
//
// JSON is proto3's mapping with the field names as written (snake_case); 64-bit integers are
// strings, bytes are base64, times are RFC 3339. Every field is written, so that a zero can be told
// from a missing field.
#ifndef TICKETING_WIRE_JSON_H_
#define TICKETING_WIRE_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace google::protobuf {
class Message;
}

namespace ticketing::wire {

// Reads `json` into `message`, which is cleared first. Errors: kBadSyntax for text that is not one
// JSON object in UTF-8 (naming line and column) or is nested too deep; kInvalidField, with the path
// of the field, for an unknown field, a wrong type, or a field that stands twice.
Status FromJson(std::string_view json, google::protobuf::Message* message);
std::string ToJson(const google::protobuf::Message& message);

// The same for protobuf bytes. Errors: kBadSyntax.
Status FromBytes(std::string_view bytes, google::protobuf::Message* message);
std::string ToBytes(const google::protobuf::Message& message);

// Holds a message to the rules of its fields (required, lengths, ranges, choices, identifiers,
// money), at every depth. Errors: kInvalidField with every field that broke a rule.
Status Validate(const google::protobuf::Message& message);

// A JSON object that maps the short name of each message in `names` ("Order", full name
// "ticketing.v1.Order"), and of every message these refer to, to its JSON Schema (draft 2020-12),
// made from the fields and their rules. Unknown names are a bug.
std::string SchemasOf(const std::vector<std::string>& names);

}  // namespace ticketing::wire

#endif  // TICKETING_WIRE_JSON_H_
