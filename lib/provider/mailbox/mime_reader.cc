#include "lib/provider/mailbox/mime_reader.h"

#include <algorithm>
#include <map>
#include <optional>

#include "ticketing/base/bytes.h"

namespace ticketing::mailbox {
namespace {

constexpr int kDepthMax = 8;
constexpr size_t kPartsMax = 500;
constexpr size_t kHeadersMax = 200;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Decodes <mark>XX pairs; a mark without two digits stays as it is.
std::string DecodeHexMarks(std::string_view text, char mark) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == mark && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string DecodeQuotedPrintable(std::string_view text) {
  std::string joined;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 3) == "=\r\n") {
      i += 2;  // a soft line break
    } else {
      joined.push_back(text[i]);
    }
  }
  return DecodeHexMarks(joined, '=');
}

std::string DecodeBase64(std::string_view text) {
  std::string dense;
  for (const char c : text) {
    if (c != '\r' && c != '\n' && c != ' ' && c != '\t') dense.push_back(c);
  }
  while (dense.size() % 4 != 0) dense.push_back('=');
  return Base64Decode(dense).value_or("");
}

std::string ToUtf8(const std::string& text, std::string_view charset) {
  const std::string name = Lower(charset);
  if (name != "iso-8859-1" && name != "windows-1252" && name != "latin1") return RepairUtf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xc0 | byte >> 6));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
    }
  }
  return out;
}

// One encoded word at the start of `text` (RFC 2047), and how long it is.
struct Word {
  std::string decoded;
  size_t length = 0;
};

std::optional<Word> EncodedWord(std::string_view text) {
  const size_t charset_end = text.find('?', 2);
  if (!text.starts_with("=?") || charset_end == std::string_view::npos) return std::nullopt;
  if (charset_end + 2 >= text.size() || text[charset_end + 2] != '?') return std::nullopt;
  const size_t end = text.find("?=", charset_end + 3);
  if (end == std::string_view::npos || end > 200) return std::nullopt;
  const char encoding = static_cast<char>(text[charset_end + 1] | 0x20);
  std::string payload(text.substr(charset_end + 3, end - charset_end - 3));
  if (encoding == 'q') {
    std::replace(payload.begin(), payload.end(), '_', ' ');
    payload = DecodeHexMarks(payload, '=');
  } else if (encoding == 'b') {
    payload = DecodeBase64(payload);
  } else {
    return std::nullopt;
  }
  return Word{ToUtf8(payload, text.substr(2, charset_end - 2)), end + 2};
}

using Parameters = std::map<std::string, std::string>;

// "text/plain; charset=utf-8; name*0*=..." as its first value (under "") and its parameters by
// lower-case name.
Parameters ParseParameters(std::string_view value) {
  Parameters out;
  size_t position = std::min(value.find(';'), value.size());
  out[""] = Lower(Trim(value.substr(0, position)));
  while (position < value.size() && out.size() < 50) {
    ++position;
    const size_t equals = value.find('=', position);
    if (equals == std::string_view::npos) break;
    const std::string name = Lower(Trim(value.substr(position, equals - position)));
    position = equals + 1;
    while (position < value.size() && (value[position] == ' ' || value[position] == '\t'))
      ++position;
    std::string text;
    if (position < value.size() && value[position] == '"') {
      for (++position; position < value.size() && value[position] != '"'; ++position) {
        if (value[position] == '\\' && position + 1 < value.size()) ++position;
        text.push_back(value[position]);
      }
      position = std::min(value.find(';', position), value.size());
    } else {
      const size_t end = std::min(value.find(';', position), value.size());
      text = Trim(value.substr(position, end - position));
      position = end;
    }
    out[name] = std::move(text);
  }
  return out;
}

// A parameter, put together from its RFC 2231 pieces if it has any.
std::string Parameter(const Parameters& all, const std::string& name) {
  if (const auto plain = all.find(name); plain != all.end()) return DecodeHeaderText(plain->second);
  std::string joined;
  bool coded = false;
  if (const auto whole = all.find(name + "*"); whole != all.end()) {
    joined = whole->second;
    coded = true;
  }
  for (int i = 0; i < 50; ++i) {
    const std::string piece = name + "*" + std::to_string(i);
    if (const auto extended = all.find(piece + "*"); extended != all.end()) {
      joined.append(extended->second);
      coded = true;
    } else if (const auto plain = all.find(piece); plain != all.end()) {
      joined.append(plain->second);
    } else {
      break;
    }
  }
  if (!coded) return RepairUtf8(joined);
  const size_t first = joined.find('\'');
  const size_t second = first == std::string::npos ? first : joined.find('\'', first + 1);
  if (second == std::string::npos) return RepairUtf8(joined);
  return ToUtf8(DecodeHexMarks(joined.substr(second + 1), '%'), joined.substr(0, first));
}

struct Part {
  std::vector<std::pair<std::string, std::string>> headers;  // unfolded, still encoded
  std::string_view body;

  std::string_view Header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (Lower(key) == name) return value;
    }
    return {};
  }
};

Part SplitPart(std::string_view raw) {
  Part part;
  while (!raw.empty()) {
    const size_t end = std::min(raw.find("\r\n"), raw.size());
    const std::string_view line = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 2, raw.size()));
    if (line.empty()) break;
    if ((line[0] == ' ' || line[0] == '\t') && !part.headers.empty()) {
      part.headers.back().second.append(" ").append(Trim(line));
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || part.headers.size() >= kHeadersMax) continue;
    part.headers.emplace_back(Trim(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  }
  part.body = raw;
  return part;
}

std::vector<std::string_view> SplitMultipart(std::string_view body, const std::string& boundary) {
  std::vector<std::string_view> parts;
  const std::string mark = "--" + boundary;
  size_t begin = std::string_view::npos;  // of the part we are in
  for (size_t at = 0; at < body.size() && parts.size() < kPartsMax;) {
    const size_t end = std::min(body.find("\r\n", at), body.size());
    const std::string_view line = body.substr(at, end - at);
    const size_t next = std::min(end + 2, body.size());
    if (line.starts_with(mark)) {
      if (begin != std::string_view::npos) {
        parts.push_back(body.substr(begin, at - begin - std::min<size_t>(2, at - begin)));
      }
      begin = next;
      if (line.substr(mark.size()).starts_with("--")) return parts;
    }
    at = next;
  }
  if (begin != std::string_view::npos && begin < body.size()) parts.push_back(body.substr(begin));
  return parts;
}

void ReadPart(std::string_view raw, int depth, ParsedMail& mail) {
  const Part part = SplitPart(raw);
  if (depth == 0) {
    for (const auto& [name, value] : part.headers) {
      mail.headers.emplace_back(RepairUtf8(name), DecodeHeaderText(value));
    }
  }
  const std::string_view type_header = part.Header("content-type");
  const Parameters type = ParseParameters(type_header.empty() ? "text/plain" : type_header);
  const std::string media = type.at("");
  if (media.starts_with("multipart/") && depth < kDepthMax) {
    const auto boundary = type.find("boundary");
    if (boundary != type.end() && !boundary->second.empty()) {
      for (const std::string_view inner : SplitMultipart(part.body, boundary->second)) {
        ReadPart(inner, depth + 1, mail);
      }
      return;
    }
  }
  const std::string encoding = Lower(Trim(part.Header("content-transfer-encoding")));
  std::string body(part.body);
  if (encoding == "quoted-printable") body = DecodeQuotedPrintable(part.body);
  if (encoding == "base64") body = DecodeBase64(part.body);

  const Parameters disposition = ParseParameters(part.Header("content-disposition"));
  std::string* shown = nullptr;
  if (disposition.at("") != "attachment") {
    if (media == "text/plain" && mail.text.empty()) shown = &mail.text;
    if (media == "text/html" && mail.html.empty()) shown = &mail.html;
  }
  if (shown != nullptr) {
    const auto charset = type.find("charset");
    *shown = ToUtf8(body, charset == type.end() ? "utf-8" : charset->second);
    return;
  }
  if (mail.attachments.size() >= kPartsMax) return;
  std::string name = Parameter(disposition, "filename");
  if (name.empty()) name = Parameter(type, "name");
  mail.attachments.push_back({std::move(name), media, std::move(body)});
}

}  // namespace

std::string ParsedMail::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (Lower(key) == Lower(name)) return value;
  }
  return {};
}

std::string RepairUtf8(std::string_view text) {
  if (IsValidUtf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    size_t length = 0;
    for (size_t n = 1; n <= 4 && n <= text.size() && length == 0; ++n) {
      if (IsValidUtf8(text.substr(0, n))) length = n;
    }
    if (length == 0) {
      out.append("\xef\xbf\xbd");
      length = 1;
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string DecodeHeaderText(std::string_view value) {
  std::string out;
  size_t plain = 0;  // where the text that is not encoded begins
  bool after_word = false;
  for (size_t i = 0; i < value.size();) {
    const auto word = value[i] == '=' ? EncodedWord(value.substr(i)) : std::nullopt;
    if (!word) {
      ++i;
      continue;
    }
    const std::string_view between = value.substr(plain, i - plain);
    // White space between two encoded words belongs to the encoding.
    if (!after_word || !Trim(between).empty()) out.append(RepairUtf8(between));
    out.append(word->decoded);
    i += word->length;
    plain = i;
    after_word = true;
  }
  return out.append(RepairUtf8(value.substr(plain)));
}

ParsedMail ParseMail(std::string_view raw) {
  ParsedMail mail;
  ReadPart(raw, 0, mail);
  return mail;
}

}  // namespace ticketing::mailbox
