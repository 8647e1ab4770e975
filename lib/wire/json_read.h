// JSON as messages by reflection alone, for texts as programs write them. Protobuf's own reader
// goes through a table of types and the bytes of the message, which costs several times as much as
// the rest of a request.
#ifndef TICKETING_LIB_WIRE_JSON_READ_H_
#define TICKETING_LIB_WIRE_JSON_READ_H_

#include <string_view>

namespace google::protobuf {
class Message;
}

namespace ticketing::wire {

// Fills an empty message from valid UTF-8 as protobuf's reader would. False when the text is wrong,
// or right in an unusual way (escapes, null, fractions, names in camel case, times and bytes): then
// the message is of no use, and another reader has to look.
bool ReadJson(std::string_view json, google::protobuf::Message* message);

}  // namespace ticketing::wire

#endif  // TICKETING_LIB_WIRE_JSON_READ_H_
