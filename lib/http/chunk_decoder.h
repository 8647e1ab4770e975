// The chunked transfer coding (RFC 9112 section 7.1), read strictly.
#ifndef TICKETING_LIB_HTTP_CHUNK_DECODER_H_
#define TICKETING_LIB_HTTP_CHUNK_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/error_code.h"

namespace ticketing::http {

class ChunkDecoder {
 public:
  enum class State { kMore, kDone, kError };

  // Bounds of the decoded body and of all trailers together.
  ChunkDecoder(size_t body_bytes_max, size_t trailer_bytes_max)
      : body_bytes_max_(body_bytes_max), trailer_bytes_max_(trailer_bytes_max) {}

  // Takes what it understands from the front of `input` and appends what it decodes to `body`.
  State Advance(std::string& input, std::string& body);
  // kBadSyntax, kPayloadTooLarge or kHeadersTooLarge after kError.
  ErrorCode error() const { return error_; }

 private:
  enum class Part { kSize, kData, kDataEnd, kTrailer };

  State Fail(ErrorCode code);
  State TakeLine(std::string_view line, size_t body_size);
  State TakeSize(std::string_view line, size_t body_size);

  size_t body_bytes_max_;
  size_t trailer_bytes_max_;
  Part part_ = Part::kSize;
  uint64_t missing_ = 0;  // of the present chunk
  size_t trailer_bytes_ = 0;
  ErrorCode error_ = ErrorCode::kOk;
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_CHUNK_DECODER_H_
