// HTTP/1.1 responses from bytes as they come (RFC 9112).
#ifndef TICKETING_LIB_HTTP_RESPONSE_PARSER_H_
#define TICKETING_LIB_HTTP_RESPONSE_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "lib/http/chunk_decoder.h"
#include "ticketing/env/http.h"

namespace ticketing::http {

class ResponseParser {
 public:
  enum class State { kHead, kBody, kDone, kError };

  // `method` is that of the request: the answer to a HEAD has no body.
  ResponseParser(std::string_view method, size_t head_bytes_max, size_t body_bytes_max);

  // Takes what it understands from the front of `input`. Interim responses (1xx) are skipped.
  State Advance(std::string& input);
  // The peer closed: ends a body that has no other end, and is an error otherwise.
  State Finish();

  HttpResponse Take() { return std::move(response_); }
  // After kDone: whether the connection can be used again.
  bool keep_alive() const { return keep_alive_; }
  // After kError: whether the body was the reason.
  bool too_long() const { return too_long_; }

 private:
  enum class Body { kNone, kLength, kChunks, kUntilClose };

  bool ParseHead(std::string_view head);
  bool ParseStatusLine(std::string_view line);
  bool Interpret();
  State AdvanceBody(std::string& input);

  const bool head_request_;
  const size_t head_bytes_max_;
  const size_t body_bytes_max_;
  State state_ = State::kHead;
  HttpResponse response_;
  bool http_1_0_ = false;
  bool keep_alive_ = true;
  bool too_long_ = false;
  Body body_ = Body::kNone;
  uint64_t missing_ = 0;
  ChunkDecoder chunks_;
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_RESPONSE_PARSER_H_
