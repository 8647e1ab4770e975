#include "lib/seat/faults.h"

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// The code point that starts at `at` of valid UTF-8, and its length.
char32_t CodePointAt(std::string_view text, size_t at, size_t* size) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (byte(0) < 0x80) return *size = 1, byte(0);
  if (byte(0) < 0xe0) return *size = 2, (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  if (byte(0) < 0xf0) {
    *size = 3;
    return (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  }
  *size = 4;
  return (byte(0) & 0x07u) << 18 | (byte(1) & 0x3fu) << 12 | (byte(2) & 0x3fu) << 6 |
         (byte(3) & 0x3fu);
}

bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

}  // namespace

std::string Path::ToString() const {
  if (parent == nullptr) return std::string(name);
  std::string text = parent->ToString();
  if (name.empty()) return text + '[' + std::to_string(index) + ']';
  if (!text.empty()) text += '.';
  return text.append(name);
}

void Faults::Add(const Path& path, std::string_view code, std::string_view sentence) {
  if (faults_.size() >= limits::kChartErrorsMax) {
    ++dropped_;
    return;
  }
  std::string place = path.ToString();
  if (!places_.insert(place).second) return;
  faults_.push_back({std::move(place), std::string(code).append(": ").append(sentence)});
}

Status Faults::ToStatus(std::string_view what) const {
  if (faults_.empty()) return OkStatus();
  ErrorDetails details;
  details.fields = faults_;
  if (dropped_ > 0) {
    details.fields.push_back({"", "too-many: and " + std::to_string(dropped_) + " more"});
  }
  const FieldError& first = faults_.front();
  std::string message(what);
  message += first.field.empty() ? " has an error: " : " has an error at " + first.field + ": ";
  message += first.detail;
  if (details.fields.size() > 1) {
    message += " (and " + std::to_string(faults_.size() - 1 + dropped_) + " more)";
  }
  return MakeError(ErrorCode::kChartInvalid, message, details);
}

std::string Quoted(std::string_view text, size_t shown) {
  if (!IsValidUtf8(text)) return "(not UTF-8)";
  std::string out = "\"";
  size_t size = 0;
  for (size_t at = 0; at < text.size(); at += size) {
    if (at >= shown) {
      out += "...";
      break;
    }
    const char32_t c = CodePointAt(text, at, &size);
    if (IsControl(c)) {
      out += '?';
    } else {
      out.append(text, at, size);
    }
  }
  return out + '"';
}

std::string WhyBadText(std::string_view text, size_t max) {
  if (text.empty()) return "must not be empty";
  if (text.size() > max) return "must be at most " + std::to_string(max) + " bytes long";
  if (!IsValidUtf8(text)) return "must be UTF-8";
  if (text.front() == ' ' || text.back() == ' ') return "must not begin or end with a space";
  size_t size = 0;
  for (size_t at = 0; at < text.size(); at += size) {
    if (IsControl(CodePointAt(text, at, &size))) {
      return "must not have control characters, in " + Quoted(text);
    }
  }
  return {};
}

}  // namespace ticketing::seat
