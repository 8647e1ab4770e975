// Text forms of bytes, and bytes of integers. Bytes are std::string when owned and std::string_view
// when borrowed, as in protobuf. Every decoder is strict: one text for each byte string, everything
// else is nullopt.
#ifndef TICKETING_BASE_BYTES_H_
#define TICKETING_BASE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticketing {

// Lower-case hexadecimal.
std::string HexEncode(std::string_view bytes);
std::optional<std::string> HexDecode(std::string_view text);

// RFC 4648 section 5 without padding (JWT, URLs) and section 4 with padding (MIME, HTTP Basic).
std::string Base64UrlEncode(std::string_view bytes);
std::optional<std::string> Base64UrlDecode(std::string_view text);
std::string Base64Encode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);

// Crockford's 32 digits "0123456789ABCDEFGHJKMNPQRSTVWXYZ", most significant bit first, spare bits
// zero. Only digits and capital letters: QR alphanumeric mode, the same keys on every keyboard
// layout.
std::string Base32Encode(std::string_view bytes);
std::optional<std::string> Base32Decode(std::string_view text);

// Big-endian integers of `width` bytes (1-8), appended to or read from bytes.
void AppendBigEndian(std::string& out, uint64_t value, size_t width);
uint64_t ReadBigEndian(std::string_view bytes, size_t offset, size_t width);

// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool IsValidUtf8(std::string_view text);

// Whether the two are equal, in time that depends only on their lengths.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace ticketing

#endif  // TICKETING_BASE_BYTES_H_
