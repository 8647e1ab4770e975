// What the readers of the gate's messages do alike. Whatever comes in is hostile: sizes, texts and
// numbers are looked at before anything is made of them.
#ifndef TICKETING_LIB_WIRE_CODEC_PARTS_H_
#define TICKETING_LIB_WIRE_CODEC_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "ticketing/base/bytes.h"
#include "ticketing/base/status.h"

namespace ticketing::codec {

// Ids and cursors are kept as signed numbers of a database.
inline constexpr uint64_t kIdMax = 0x7fff'ffff'ffff'ffff;

// `Message` is one of protobuf. Errors: kBadSyntax.
template <typename Message>
Status Parse(std::string_view bytes, Message& message) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return MakeError(ErrorCode::kBadSyntax, "The body is not this message.");
  }
  return OkStatus();
}

// Errors: kInvalidField.
inline Status CheckText(std::string_view field, std::string_view text, size_t max) {
  if (text.size() <= max && IsValidUtf8(text)) return OkStatus();
  return InvalidField(field, "The text is too long or not UTF-8.");
}

}  // namespace ticketing::codec

#endif  // TICKETING_LIB_WIRE_CODEC_PARTS_H_
