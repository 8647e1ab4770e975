#include "lib/http/response_parser.h"

#include <algorithm>
#include <limits>

#include "lib/http/syntax.h"

namespace ticketing::http {
namespace {

constexpr size_t kFieldsMax = 200;
constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

ResponseParser::ResponseParser(std::string_view method, size_t head_bytes_max,
                               size_t body_bytes_max)
    : head_request_(method == "HEAD"),
      head_bytes_max_(head_bytes_max),
      body_bytes_max_(body_bytes_max),
      chunks_(body_bytes_max, head_bytes_max) {}

ResponseParser::State ResponseParser::Advance(std::string& input) {
  while (state_ == State::kHead) {
    const size_t end = input.find("\r\n\r\n");
    if (std::min(end, input.size()) > head_bytes_max_) return state_ = State::kError;
    if (end == std::string::npos) return state_;
    response_ = HttpResponse();
    if (!ParseHead(std::string_view(input).substr(0, end + kLineEnd.size())))
      return state_ = State::kError;
    input.erase(0, end + 4);
    // Interim answers say nothing; another protocol (101) was never asked for.
    if (response_.status == 101) return state_ = State::kError;
    if (response_.status < 200) continue;
    state_ = Interpret() ? (body_ == Body::kNone ? State::kDone : State::kBody) : State::kError;
  }
  if (state_ == State::kBody) state_ = AdvanceBody(input);
  return state_;
}

ResponseParser::State ResponseParser::Finish() {
  if (state_ == State::kDone) return state_;
  return state_ =
             state_ == State::kBody && body_ == Body::kUntilClose ? State::kDone : State::kError;
}

// `head` ends with the line end of its last line.
bool ResponseParser::ParseHead(std::string_view head) {
  for (bool first = true; !head.empty(); first = false) {
    const size_t end = head.find(kLineEnd);
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + kLineEnd.size());
    const bool good =
        first ? ParseStatusLine(line)
              : response_.headers.all().size() < kFieldsMax && AddField(line, response_.headers);
    if (!good) return false;
  }
  return true;
}

// "HTTP/1.1 404 Not Found"; the words may be missing.
bool ResponseParser::ParseStatusLine(std::string_view line) {
  http_1_0_ = line.starts_with("HTTP/1.0 ");
  if (!http_1_0_ && !line.starts_with("HTTP/1.1 ")) return false;
  line.remove_prefix(9);
  if (line.size() < 3 || (line.size() > 3 && line[3] != ' ')) return false;
  bool too_large = false;
  const auto status = ParseLength(line.substr(0, 3), 599, too_large);
  response_.status = static_cast<int>(status.value_or(0));
  return response_.status >= 100;
}

bool ResponseParser::Interpret() {
  keep_alive_ = !http_1_0_;
  for (const auto& [name, value] : response_.headers.all()) {
    if (SameText(name, "Connection") && ListHolds(value, "close")) keep_alive_ = false;
  }
  if (head_request_ || response_.status == 204 || response_.status == 304) return true;
  const size_t lengths = CountFields(response_.headers, "Content-Length");
  const size_t encodings = CountFields(response_.headers, "Transfer-Encoding");
  if (lengths > 1 || encodings > 1 || (lengths == 1 && encodings == 1)) return false;
  if (encodings == 1) {
    body_ = Body::kChunks;
    return SameText(*response_.headers.Get("Transfer-Encoding"), "chunked");
  }
  if (lengths == 0) {
    body_ = Body::kUntilClose;
    keep_alive_ = false;
    return true;
  }
  const auto length =
      ParseLength(*response_.headers.Get("Content-Length"), body_bytes_max_, too_long_);
  missing_ = length.value_or(0);
  body_ = missing_ > 0 ? Body::kLength : Body::kNone;
  return length.has_value();
}

ResponseParser::State ResponseParser::AdvanceBody(std::string& input) {
  if (body_ == Body::kChunks) {
    const ChunkDecoder::State state = chunks_.Advance(input, response_.body);
    too_long_ =
        state == ChunkDecoder::State::kError && chunks_.error() == ErrorCode::kPayloadTooLarge;
    if (state == ChunkDecoder::State::kMore) return State::kBody;
    return state == ChunkDecoder::State::kDone ? State::kDone : State::kError;
  }
  const uint64_t wanted = body_ == Body::kLength ? missing_ : std::numeric_limits<uint64_t>::max();
  const size_t count = static_cast<size_t>(std::min<uint64_t>(wanted, input.size()));
  too_long_ = count > body_bytes_max_ - response_.body.size();
  if (too_long_) return State::kError;
  response_.body.append(input, 0, count);
  input.erase(0, count);
  if (body_ == Body::kUntilClose) return State::kBody;
  missing_ -= count;
  return missing_ == 0 ? State::kDone : State::kBody;
}

}  // namespace ticketing::http
