// Messages as JSON by reflection alone. Protobuf's own printer goes through the bytes of the
// message and a table of types, which costs several times as much as the rest of a request.
#ifndef TICKETING_LIB_WIRE_JSON_PRINT_H_
#define TICKETING_LIB_WIRE_JSON_PRINT_H_

#include <string>

namespace google::protobuf {
class Message;
}

namespace ticketing::wire {

// Appends what protobuf's printer says with preserve_proto_field_names and
// always_print_primitive_fields. False when the message holds a kind of field that our messages do
// not have; then `out` is of no use.
bool PrintJson(const google::protobuf::Message& message, std::string& out);

}  // namespace ticketing::wire

#endif  // TICKETING_LIB_WIRE_JSON_PRINT_H_
