// Compact bytes for rows and logs: varints (7 bits a byte, least significant first, as LEB128) and
// length-prefixed texts. A reader is strict: one form per value, never past the end.
#ifndef TICKETING_BASE_VARINT_H_
#define TICKETING_BASE_VARINT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ticketing {

void AppendVarint(std::string& out, uint64_t value);
// Zigzag: small numbers of either sign are short.
void AppendSigned(std::string& out, int64_t value);
// Its length, then the bytes.
void AppendText(std::string& out, std::string_view text);

// Reads from the front of bytes that somebody else keeps alive. After the first thing that cannot
// be read ok() is false, and every read gives zero or nothing.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  uint64_t Varint();
  int64_t Signed();
  uint8_t Byte();
  std::string_view Text();
  // A varint that must be at most `max`: for enums, counts and narrow fields. A count of items that
  // take at least one byte each is bounded by what is left anyway: pass rest().size().
  uint64_t Bounded(uint64_t max);

 private:
  uint64_t Fail();

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace ticketing

#endif  // TICKETING_BASE_VARINT_H_
