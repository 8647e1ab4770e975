#include "lib/http/request_parser.h"

#include <algorithm>
#include <utility>

namespace ticketing::http {
namespace {

constexpr size_t kMethodBytesMax = 32;
constexpr size_t kFieldsMax = 100;
constexpr size_t kChunkLineBytesMax = 256;
constexpr std::string_view kLineEnd = "\r\n";

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool SameText(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Lower, Lower);
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Whether a list such as "keep-alive, upgrade" holds `item`.
bool ListHolds(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    if (SameText(Trim(list.substr(0, end)), item)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

size_t CountFields(const HttpHeaders& headers, std::string_view name) {
  return static_cast<size_t>(std::ranges::count_if(
      headers.all(), [&](const auto& field) { return SameText(field.first, name); }));
}

// What may stand at the beginning of a connection that will become a request: printable ASCII up to
// the line's end.
bool LooksLikeRequest(std::string_view input) {
  const std::string_view line = input.substr(0, input.find('\r'));
  return std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, allowed);
}

bool IsFieldValue(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto code = static_cast<uint8_t>(c);
    return code == '\t' || (code >= 0x20 && code != 0x7f);
  });
}

RequestParser::State RequestParser::Fail(ErrorCode code) {
  error_ = code;
  keep_alive_ = false;
  return state_ = State::kError;
}

RequestParser::State RequestParser::Advance(std::string& input) {
  if (state_ == State::kHead) state_ = AdvanceHead(input);
  if (state_ == State::kBody) state_ = chunked_ ? AdvanceChunks(input) : AdvanceBody(input);
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
  const bool printable = std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!printable) return false;
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
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) return false;
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!IsFieldValue(value)) return false;
  if (request_.headers.all().size() >= kFieldsMax) {
    error_ = ErrorCode::kHeadersTooLarge;
    return false;
  }
  request_.headers.Add(line.substr(0, colon), value);
  return true;
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
  const std::string_view text = *request_.headers.Get("Content-Length");
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, digit)) return false;
  for (const char c : text) {
    missing_ = missing_ * 10 + static_cast<uint64_t>(c - '0');
    if (missing_ <= body_bytes_max_) continue;
    error_ = ErrorCode::kPayloadTooLarge;
    return false;
  }
  return true;
}

RequestParser::State RequestParser::AdvanceBody(std::string& input) {
  const size_t count = static_cast<size_t>(std::min<uint64_t>(missing_, input.size()));
  request_.body.append(input, 0, count);
  input.erase(0, count);
  missing_ -= count;
  return missing_ == 0 ? State::kDone : State::kBody;
}

// The line that begins at `from`, without its end; nullopt when it is not whole yet.
std::optional<std::string_view> RequestParser::Line(std::string_view input, size_t from) {
  const size_t end = input.find(kLineEnd, from);
  if (end == std::string_view::npos) return std::nullopt;
  return input.substr(from, end - from);
}

RequestParser::State RequestParser::AdvanceChunks(std::string& input) {
  size_t at = 0;
  State result = State::kBody;
  while (result == State::kBody) {
    if (chunk_ == Chunk::kData) {
      const size_t count = static_cast<size_t>(std::min<uint64_t>(missing_, input.size() - at));
      request_.body.append(input, at, count);
      at += count;
      missing_ -= count;
      if (missing_ > 0) break;
      chunk_ = Chunk::kDataEnd;
    }
    const std::optional<std::string_view> line = Line(input, at);
    if (!line) {
      if (input.size() - at > kChunkLineBytesMax) result = Fail(ErrorCode::kBadSyntax);
      break;
    }
    at += line->size() + kLineEnd.size();
    if (chunk_ == Chunk::kDataEnd) {
      if (!line->empty()) result = Fail(ErrorCode::kBadSyntax);
      chunk_ = Chunk::kSize;
    } else if (chunk_ == Chunk::kSize) {
      if (!ParseChunkSize(*line))
        result = Fail(error_ == ErrorCode::kOk ? ErrorCode::kBadSyntax : error_);
    } else {
      // Trailers say nothing we need, but they must end.
      trailer_bytes_ += line->size();
      if (trailer_bytes_ > head_bytes_max_) result = Fail(ErrorCode::kHeadersTooLarge);
      if (line->empty()) result = State::kDone;
    }
  }
  input.erase(0, at);
  return result;
}

// "1a" or "1a;name=value": the extension is ignored.
bool RequestParser::ParseChunkSize(std::string_view line) {
  if (line.size() > kChunkLineBytesMax || !IsFieldValue(line)) return false;
  const std::string_view digits = Trim(line.substr(0, line.find(';')));
  if (digits.empty() || digits.size() > 15) return false;
  uint64_t size = 0;
  for (const char c : digits) {
    const char lower = Lower(c);
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && (lower < 'a' || lower > 'f')) return false;
    size = size * 16 + static_cast<uint64_t>(decimal ? c - '0' : lower - 'a' + 10);
  }
  if (size > body_bytes_max_ - request_.body.size()) {
    error_ = ErrorCode::kPayloadTooLarge;
    return false;
  }
  missing_ = size;
  chunk_ = size == 0 ? Chunk::kTrailer : Chunk::kData;
  return true;
}

}  // namespace ticketing::http
