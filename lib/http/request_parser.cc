#include "lib/http/request_parser.h"

#include <algorithm>
#include <utility>

#include "lib/http/syntax.h"

namespace ticketing::http {
namespace {

constexpr size_t kMethodBytesMax = 32;
constexpr size_t kFieldsMax = 100;
constexpr std::string_view kLineEnd = "\r\n";

// What may stand at the beginning of a connection that will become a request: printable ASCII up to
// the line's end.
bool LooksLikeRequest(std::string_view input) {
  const std::string_view line = input.substr(0, input.find('\r'));
  return std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

RequestParser::State RequestParser::Fail(ErrorCode code) {
  error_ = code;
  keep_alive_ = false;
  return state_ = State::kError;
}

RequestParser::State RequestParser::Advance(std::string& input) {
  if (state_ == State::kHead) state_ = AdvanceHead(input);
  if (state_ == State::kBody) state_ = AdvanceBody(input);
  return state_;
}

HttpRequest RequestParser::Take() {
  HttpRequest request = std::move(request_);
  *this = RequestParser(head_bytes_max_, body_bytes_max_);
  return request;
}

bool RequestParser::TakeContinue() {
  return std::exchange(continue_, false);
}

RequestParser::State RequestParser::AdvanceHead(std::string& input) {
  // A line end before a request is left over from sloppy clients; RFC 9112 section 2.2 allows to
  // skip it.
  if (!started_ && input.starts_with(kLineEnd)) input.erase(0, kLineEnd.size());
  if (input.empty() || input == "\r") return State::kHead;
  started_ = true;
  const size_t end = input.find("\r\n\r\n", scanned_);
  if (end == std::string::npos) {
    if (!LooksLikeRequest(input)) return Fail(ErrorCode::kBadSyntax);
    if (input.size() > head_bytes_max_) return Fail(ErrorCode::kHeadersTooLarge);
    scanned_ = input.size() < 3 ? 0 : input.size() - 3;
    return State::kHead;
  }
  if (end + 4 > head_bytes_max_) return Fail(ErrorCode::kHeadersTooLarge);
  if (!ParseHead(std::string_view(input).substr(0, end + 2)) || !Interpret()) {
    return Fail(error_ == ErrorCode::kOk ? ErrorCode::kBadSyntax : error_);
  }
  input.erase(0, end + 4);
  return !chunked_ && missing_ == 0 ? State::kDone : State::kBody;
}

// `head` ends with the line end of its last line.
bool RequestParser::ParseHead(std::string_view head) {
  for (bool first = true; !head.empty(); first = false) {
    const size_t end = head.find(kLineEnd);
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + kLineEnd.size());
    if (!(first ? ParseRequestLine(line) : ParseField(line))) return false;
  }
  return true;
}

bool RequestParser::ParseRequestLine(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method) || method.size() > kMethodBytesMax) return false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  http_1_0_ = version == "HTTP/1.0";
  request_.method = method;
  return ParseTarget(line.substr(first + 1, last - first - 1));
}

bool RequestParser::ParseTarget(std::string_view target) {
  if (!IsVisible(target)) return false;
  // Tunnels and echoes of headers are never what a client of ours wants.
  if (request_.method == "CONNECT" || request_.method == "TRACE") {
    error_ = ErrorCode::kMethodNotAllowed;
    return false;
  }
  // The form that proxies use; the authority in it says no more than Host.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !SameText(target.substr(0, scheme.size()), scheme))
      continue;
    const size_t path = target.find_first_of("/?", scheme.size());
    const std::string_view rest =
        path == std::string_view::npos ? std::string_view() : target.substr(path);
    request_.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
    return true;
  }
  request_.target = target;
  return target.starts_with('/') || (target == "*" && request_.method == "OPTIONS");
}

bool RequestParser::ParseField(std::string_view line) {
  if (request_.headers.all().size() < kFieldsMax) return AddField(line, request_.headers);
  error_ = ErrorCode::kHeadersTooLarge;
  return false;
}

bool RequestParser::Interpret() {
  const size_t hosts = CountFields(request_.headers, "Host");
  if (hosts > 1 || (hosts == 0 && !http_1_0_)) return false;
  keep_alive_ = !http_1_0_;
  for (const auto& [name, value] : request_.headers.all()) {
    if (!SameText(name, "Connection")) continue;
    if (http_1_0_ && ListHolds(value, "keep-alive")) keep_alive_ = true;
    if (ListHolds(value, "close")) keep_alive_ = false;
  }
  if (!InterpretFraming()) return false;
  const auto expect = request_.headers.Get("Expect");
  if (expect && !SameText(*expect, "100-continue")) return false;
  continue_ = expect.has_value() && !http_1_0_ && (chunked_ || missing_ > 0);
  return true;
}

bool RequestParser::InterpretFraming() {
  const size_t lengths = CountFields(request_.headers, "Content-Length");
  const size_t encodings = CountFields(request_.headers, "Transfer-Encoding");
  // Two ways to say where a body ends are how requests are smuggled past a proxy.
  if (lengths > 1 || encodings > 1 || (lengths == 1 && encodings == 1)) return false;
  if (encodings == 1) {
    chunked_ = !http_1_0_ && SameText(*request_.headers.Get("Transfer-Encoding"), "chunked");
    return chunked_;
  }
  if (lengths == 0) return true;
  bool too_large = false;
  const auto length =
      ParseLength(*request_.headers.Get("Content-Length"), body_bytes_max_, too_large);
  if (too_large) error_ = ErrorCode::kPayloadTooLarge;
  missing_ = length.value_or(0);
  return length.has_value();
}

RequestParser::State RequestParser::AdvanceBody(std::string& input) {
  if (chunked_) {
    const ChunkDecoder::State state = chunks_.Advance(input, request_.body);
    if (state == ChunkDecoder::State::kError) return Fail(chunks_.error());
    return state == ChunkDecoder::State::kDone ? State::kDone : State::kBody;
  }
  const size_t count = static_cast<size_t>(std::min<uint64_t>(missing_, input.size()));
  request_.body.append(input, 0, count);
  input.erase(0, count);
  missing_ -= count;
  return missing_ == 0 ? State::kDone : State::kBody;
}

}  // namespace ticketing::http
