// HTTP/1.1 requests from bytes as they come (RFC 9112), strictly: what two readers could take
// differently is refused.
#ifndef TICKETING_LIB_HTTP_REQUEST_PARSER_H_
#define TICKETING_LIB_HTTP_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/http/chunk_decoder.h"
#include "ticketing/base/error_code.h"
#include "ticketing/env/http.h"

namespace ticketing::http {

class RequestParser {
 public:
  enum class State { kHead, kBody, kDone, kError };

  RequestParser(size_t head_bytes_max, size_t body_bytes_max)
      : head_bytes_max_(head_bytes_max),
        body_bytes_max_(body_bytes_max),
        chunks_(body_bytes_max, head_bytes_max) {}

  // Takes what it understands from the front of `input`. With kHead and kBody it needs more; with
  // kDone the request is whole and what is left in `input` belongs to the next one; kError is
  // final.
  State Advance(std::string& input);
  State state() const { return state_; }
  // Whether anything of a request was seen since the start or the last Take.
  bool started() const { return started_; }

  // The finished request; the parser is then ready for the next.
  HttpRequest Take();

  // Of the finished request, or of one that was refused.
  bool keep_alive() const { return keep_alive_; }
  bool is_http_1_0() const { return http_1_0_; }
  const std::string& method() const { return request_.method; }
  ErrorCode error() const { return error_; }
  // The body so far, to account for its memory.
  size_t body_size() const { return request_.body.size(); }
  // True once when the peer waits for "100 Continue" before it sends the body.
  bool TakeContinue();

 private:
  State Fail(ErrorCode code);
  State AdvanceHead(std::string& input);
  State AdvanceBody(std::string& input);
  bool ParseHead(std::string_view head);
  bool ParseRequestLine(std::string_view line);
  bool ParseTarget(std::string_view target);
  bool ParseField(std::string_view line);
  bool Interpret();
  bool InterpretFraming();

  size_t head_bytes_max_;
  size_t body_bytes_max_;
  State state_ = State::kHead;
  bool started_ = false;
  size_t scanned_ = 0;  // of the head, known not to hold its end
  HttpRequest request_;
  bool http_1_0_ = false;
  bool keep_alive_ = true;
  bool continue_ = false;
  bool chunked_ = false;
  uint64_t missing_ = 0;  // bytes of the body still to come
  ChunkDecoder chunks_;
  ErrorCode error_ = ErrorCode::kOk;
};

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_REQUEST_PARSER_H_
