#include "lib/http/chunk_decoder.h"

#include <algorithm>

#include "lib/http/syntax.h"

namespace ticketing::http {
namespace {

constexpr size_t kLineBytesMax = 256;
constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

ChunkDecoder::State ChunkDecoder::Fail(ErrorCode code) {
  error_ = code;
  return State::kError;
}

ChunkDecoder::State ChunkDecoder::Advance(std::string& input, std::string& body) {
  size_t at = 0;
  State state = State::kMore;
  while (state == State::kMore) {
    if (part_ == Part::kData) {
      const size_t count = static_cast<size_t>(std::min<uint64_t>(missing_, input.size() - at));
      body.append(input, at, count);
      at += count;
      missing_ -= count;
      if (missing_ > 0) break;
      part_ = Part::kDataEnd;
    }
    const size_t end = input.find(kLineEnd, at);
    if (std::min(end, input.size()) - at >
        (part_ == Part::kTrailer ? trailer_bytes_max_ : kLineBytesMax)) {
      state = Fail(part_ == Part::kTrailer ? ErrorCode::kHeadersTooLarge : ErrorCode::kBadSyntax);
    } else if (end == std::string::npos) {
      break;
    } else {
      state = TakeLine(std::string_view(input).substr(at, end - at), body.size());
      at = end + kLineEnd.size();
    }
  }
  input.erase(0, at);
  return state;
}

ChunkDecoder::State ChunkDecoder::TakeLine(std::string_view line, size_t body_size) {
  if (part_ == Part::kSize) return TakeSize(line, body_size);
  if (part_ == Part::kDataEnd) {
    part_ = Part::kSize;
    return line.empty() ? State::kMore : Fail(ErrorCode::kBadSyntax);
  }
  // Trailers say nothing we need, but they must end.
  trailer_bytes_ += line.size();
  if (trailer_bytes_ > trailer_bytes_max_) return Fail(ErrorCode::kHeadersTooLarge);
  return line.empty() ? State::kDone : State::kMore;
}

// "1a" or "1a;name=value": the extension is ignored.
ChunkDecoder::State ChunkDecoder::TakeSize(std::string_view line, size_t body_size) {
  if (!IsFieldValue(line)) return Fail(ErrorCode::kBadSyntax);
  const std::string_view digits = Trim(line.substr(0, line.find(';')));
  if (digits.empty() || digits.size() > 15) return Fail(ErrorCode::kBadSyntax);
  uint64_t size = 0;
  for (const char c : digits) {
    const char lower = Lower(c);
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && (lower < 'a' || lower > 'f')) return Fail(ErrorCode::kBadSyntax);
    size = size * 16 + static_cast<uint64_t>(decimal ? c - '0' : lower - 'a' + 10);
  }
  if (size > body_bytes_max_ - body_size) return Fail(ErrorCode::kPayloadTooLarge);
  missing_ = size;
  part_ = size == 0 ? Part::kTrailer : Part::kData;
  return State::kMore;
}

}  // namespace ticketing::http
