#include "ticketing/notification/mime.h"

#include <algorithm>

#include "lib/notification/mime_text.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing::notification {
namespace {

constexpr size_t kHeaderLine = 78;
constexpr size_t kFileNameBytesMax = 150;
constexpr size_t kRecipientsMax = 100;
constexpr size_t kBodyTextBytesMax = 2 << 20;
constexpr std::string_view kCrlf = "\r\n";

Status CheckHeaderText(std::string_view field, std::string_view text) {
  if (!IsValidUtf8(text)) return InvalidField(field, "is not UTF-8");
  if (text.size() > 900) return InvalidField(field, "is too long");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return InvalidField(field, "has a control character");
  }
  return OkStatus();
}

bool IsAddrChar(char c) {
  return IsPrintableAscii(c) && c != ' ' && !IsAddressSpecial(c);
}

Status CheckAddress(std::string_view field, std::string_view address) {
  const size_t at = address.find('@');
  const bool shaped = at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
                      address.find('@', at + 1) == std::string_view::npos &&
                      address.size() <= limits::kEmailBytesMax;
  if (!shaped) return InvalidField(field, "is not an email address");
  for (const char c : address) {
    if (c != '@' && !IsAddrChar(c)) return InvalidField(field, "is not an email address");
  }
  return OkStatus();
}

bool IsTokenChar(char c) {
  return IsPrintableAscii(c) && c != ' ' &&
         std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

Status CheckContentType(std::string_view field, std::string_view type) {
  const size_t slash = type.find('/');
  const bool good = slash != std::string_view::npos && IsToken(type.substr(0, slash)) &&
                    IsToken(type.substr(slash + 1)) && type.size() <= 60;
  return good ? OkStatus() : InvalidField(field, "is not a media type");
}

Status CheckAttachment(std::string_view field, const MailAttachment& attachment) {
  std::string name_field(field);
  name_field.append(".file_name");
  const std::string& name = attachment.file_name;
  if (name.empty() || name.size() > kFileNameBytesMax) {
    return InvalidField(name_field, "is empty or too long");
  }
  TICKETING_RETURN_IF_ERROR(CheckHeaderText(name_field, name));
  if (name.find_first_of("/\\") != std::string::npos) {
    return InvalidField(name_field, "must be a name, not a path");
  }
  return CheckContentType(std::string(field) + ".content_type", attachment.content_type);
}

Status CheckExtraHeader(const std::pair<std::string, std::string>& header) {
  if (!IsToken(header.first)) return InvalidField("headers", "has a malformed name");
  TICKETING_RETURN_IF_ERROR(CheckHeaderText("headers." + header.first, header.second));
  for (const char c : header.second) {
    if (!IsPrintableAscii(c)) return InvalidField("headers." + header.first, "is not ASCII");
  }
  return OkStatus();
}

Status CheckMessage(const MailMessage& message) {
  TICKETING_RETURN_IF_ERROR(CheckAddress("from", message.from.address));
  TICKETING_RETURN_IF_ERROR(CheckHeaderText("from.name", message.from.name));
  if (message.to.empty() || message.to.size() > kRecipientsMax) {
    return InvalidField("to", "needs 1 to 100 recipients");
  }
  for (const MailAddress& to : message.to) {
    TICKETING_RETURN_IF_ERROR(CheckAddress("to", to.address));
    TICKETING_RETURN_IF_ERROR(CheckHeaderText("to.name", to.name));
  }
  TICKETING_RETURN_IF_ERROR(CheckHeaderText("subject", message.subject));
  TICKETING_RETURN_IF_ERROR(CheckAddress("message_id", message.message_id));
  for (const auto& header : message.headers) TICKETING_RETURN_IF_ERROR(CheckExtraHeader(header));
  if (!IsValidUtf8(message.text) || message.text.size() > kBodyTextBytesMax) {
    return InvalidField("text", "is not UTF-8 or too large");
  }
  if (!IsValidUtf8(message.html) || message.html.size() > kBodyTextBytesMax) {
    return InvalidField("html", "is not UTF-8 or too large");
  }
  if (message.attachments.size() > kAttachmentsMax) {
    return InvalidField("attachments", "are too many");
  }
  size_t bytes = 0;
  for (size_t i = 0; i < message.attachments.size(); ++i) {
    const std::string field = "attachments[" + std::to_string(i) + "]";
    TICKETING_RETURN_IF_ERROR(CheckAttachment(field, message.attachments[i]));
    bytes += message.attachments[i].bytes.size();
  }
  // Base64 adds a third, and line ends.
  if (bytes > kMailBytesMax / 4 * 3 - 3 * kBodyTextBytesMax) {
    return InvalidField("attachments", "are too large");
  }
  return OkStatus();
}

// A phrase before an address: quoted when ASCII, encoded words otherwise.
std::string Phrase(std::string_view name, size_t used) {
  const bool ascii = std::all_of(name.begin(), name.end(), IsPrintableAscii);
  if (!ascii || name.size() > 50 || name.find("=?") != std::string_view::npos) {
    return EncodeWords(name, used);
  }
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out.append("\"");
}

size_t LastLineLength(std::string_view text) {
  const size_t line = text.rfind('\n');
  return line == std::string_view::npos ? text.size() : text.size() - line - 1;
}

void AppendAddress(std::string& header, const MailAddress& address) {
  const auto overflows = [&](std::string_view text) {
    return LastLineLength(header) + std::min(text.find('\r'), text.size()) > kHeaderLine;
  };
  if (address.name.empty()) {
    if (overflows(address.address)) header.append("\r\n ");
    header.append(address.address);
    return;
  }
  std::string phrase = Phrase(address.name, LastLineLength(header));
  if (overflows(phrase)) {
    header.append("\r\n ");
    phrase = Phrase(address.name, 1);
  }
  header.append(phrase);
  const std::string angle = " <" + address.address + ">";
  if (overflows(angle)) header.append(kCrlf);
  header.append(angle);
}

std::string AddressHeader(std::string_view name, const std::vector<MailAddress>& addresses) {
  std::string out(name);
  out.append(": ");
  for (size_t i = 0; i < addresses.size(); ++i) {
    if (i > 0) out.append(",\r\n ");
    AppendAddress(out, addresses[i]);
  }
  return out.append(kCrlf);
}

// RFC 2231 continuations: name*0*=UTF-8''a%20b; name*1*=...
std::string FileNameParameter(std::string_view name) {
  const auto plain = [](char c) { return IsPrintableAscii(c) && c != '"' && c != '\\'; };
  if (name.size() <= 50 && std::all_of(name.begin(), name.end(), plain)) {
    return ";\r\n filename=\"" + std::string(name) + "\"";
  }
  std::string out;
  std::string piece = "UTF-8''";
  int index = 0;
  const auto flush = [&] {
    out.append(";\r\n filename*").append(std::to_string(index++)).append("*=").append(piece);
    piece.clear();
  };
  for (const char c : name) {
    const bool literal = IsPrintableAscii(c) && IsTokenChar(c) && c != '*' && c != '\'' && c != '%';
    std::string coded(1, c);
    if (!literal) coded = "%" + UpperHex(c);
    if (piece.size() + coded.size() > 55) flush();
    piece.append(coded);
  }
  flush();
  return out;
}

std::string TextPart(std::string_view type, std::string_view text) {
  const auto odd = std::count_if(text.begin(), text.end(),
                                 [](char c) { return !IsPrintableAscii(c) && c != '\n'; });
  const bool base64 = static_cast<size_t>(odd) * 3 > text.size();
  std::string out = "Content-Type: ";
  out.append(type).append("; charset=utf-8\r\nContent-Transfer-Encoding: ");
  out.append(base64 ? "base64" : "quoted-printable").append("\r\n\r\n");
  return out.append(base64 ? EncodeBase64Lines(CrlfText(text)) : EncodeQuotedPrintable(text));
}

std::string AttachmentPart(const MailAttachment& attachment) {
  std::string out = "Content-Type: " + attachment.content_type + "\r\n";
  out.append("Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment");
  out.append(FileNameParameter(attachment.file_name)).append("\r\n\r\n");
  return out.append(EncodeBase64Lines(attachment.bytes));
}

// Every boundary holds "=_", which neither quoted-printable nor base64 can produce, so no body can
// contain it.
std::string Multipart(std::string_view subtype, std::string_view boundary,
                      const std::vector<std::string>& parts) {
  std::string out = "Content-Type: multipart/";
  out.append(subtype).append(";\r\n boundary=\"").append(boundary).append("\"\r\n\r\n");
  for (const std::string& part : parts) {
    out.append("--").append(boundary).append(kCrlf).append(part);
    if (!part.ends_with(kCrlf)) out.append(kCrlf);
  }
  return out.append("--").append(boundary).append("--\r\n");
}

std::string BoundaryStem(std::string_view message_id) {
  std::string out;
  for (const char c : message_id) {
    if (IsAlnumAscii(c) && out.size() < 40) out.push_back(c);
  }
  return out;
}

}  // namespace

StatusOr<std::string> BuildMime(const MailMessage& message) {
  TICKETING_RETURN_IF_ERROR(CheckMessage(message));
  const std::string stem = BoundaryStem(message.message_id);

  std::string body = TextPart("text/plain", message.text);
  if (!message.html.empty()) {
    body = Multipart("alternative", "=_alt_" + stem, {body, TextPart("text/html", message.html)});
  }
  if (!message.attachments.empty()) {
    std::vector<std::string> parts = {std::move(body)};
    for (const MailAttachment& attachment : message.attachments) {
      parts.push_back(AttachmentPart(attachment));
    }
    body = Multipart("mixed", "=_mix_" + stem, parts);
  }

  std::string out = "Date: " + FormatMailDate(message.date) + "\r\n";
  out.append(AddressHeader("From", {message.from}));
  out.append(AddressHeader("To", message.to));
  constexpr std::string_view kSubject = "Subject: ";
  out.append(kSubject).append(EncodeHeaderText(message.subject, kSubject.size())).append(kCrlf);
  out.append("Message-ID:");
  out.append(message.message_id.size() + 14 > kHeaderLine ? "\r\n <" : " <");
  out.append(message.message_id).append(">\r\n");
  for (const auto& [name, value] : message.headers) {
    out.append(name).append(": ").append(FoldAscii(value, name.size() + 2)).append(kCrlf);
  }
  out.append("MIME-Version: 1.0\r\n").append(body);
  if (out.size() > kMailBytesMax) return InvalidField("attachments", "are too large");
  return out;
}

}  // namespace ticketing::notification
