// Characters and encodings of mail text, shared by the files of the MIME builder.
#ifndef TICKETING_LIB_NOTIFICATION_MIME_TEXT_H_
#define TICKETING_LIB_NOTIFICATION_MIME_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace ticketing::notification {

inline bool IsPrintableAscii(char c) {
  return c >= 0x20 && c < 0x7f;
}

inline bool IsAlnumAscii(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Characters with a meaning of their own in address lists.
inline bool IsAddressSpecial(char c) {
  return std::string_view("()<>[]:;@\\,\"").find(c) != std::string_view::npos;
}

std::string UpperHex(char c);

// The text with CRLF line ends, whatever it had before.
std::string CrlfText(std::string_view text);

// Encoded words (RFC 2047, B encoding), each on a line of its own; `used` characters stand before
// the first.
std::string EncodeWords(std::string_view text, size_t used);

// Printable ASCII folded at spaces to lines of 78 characters where spaces allow it.
std::string FoldAscii(std::string_view text, size_t used);

}  // namespace ticketing::notification

#endif  // TICKETING_LIB_NOTIFICATION_MIME_TEXT_H_
