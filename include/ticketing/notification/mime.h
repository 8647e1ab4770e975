// Building mails: RFC 5322 messages with MIME bodies (RFC 2045-2049), encoded words in headers (RFC
// 2047) and file names beyond ASCII (RFC 2231). The output is 7-bit ASCII with CRLF line ends and
// no line over 78 characters in headers or 76 in bodies, so that it passes every server and a
// signature over it survives. The same message gives the same bytes.
//
//   multipart/mixed { multipart/alternative { text/plain, text/html }, attachment, ... }
//   (levels with a single part are left out)
#ifndef TICKETING_NOTIFICATION_MIME_H_
#define TICKETING_NOTIFICATION_MIME_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing::notification {

struct MailAddress {
  std::string name;     // UTF-8, may be empty
  std::string address;  // ASCII addr-spec
};

struct MailAttachment {
  std::string file_name;     // UTF-8, without a path
  std::string content_type;  // "application/pdf"
  std::string bytes;
};

struct MailMessage {
  MailAddress from;
  std::vector<MailAddress> to;  // at least one
  std::string subject;          // UTF-8
  std::string text;             // UTF-8; line ends of either kind
  std::string html;             // may be empty
  std::vector<MailAttachment> attachments;
  Timestamp date;
  std::string message_id;  // "left@right", without brackets; stays the same over retries
  // Further header fields, ASCII names: "List-Unsubscribe". Values are folded at spaces.
  std::vector<std::pair<std::string, std::string>> headers;
};

inline constexpr size_t kAttachmentsMax = 200;
inline constexpr size_t kMailBytesMax = 25 << 20;

// The message, complete. Errors: kInvalidField for a line break or control character in any header
// value (nobody adds header lines through a name or a subject), an address that is none, text that
// is not UTF-8, a file name with a path, a malformed content type, too many or too large
// attachments.
StatusOr<std::string> BuildMime(const MailMessage& message);

// Building stones, public for tests.
std::string EncodeQuotedPrintable(std::string_view text);  // text with LF or CRLF line ends
std::string EncodeBase64Lines(std::string_view bytes);     // lines of 76, each ended by CRLF
// An unstructured header value: as it stands when printable ASCII, else as encoded words of at most
// 75 characters that never split a UTF-8 character. Folded to 78 characters; `used` is how many
// stand before it on the first line.
std::string EncodeHeaderText(std::string_view text, size_t used);
std::string FormatMailDate(Timestamp time);  // RFC 5322: "Sat, 28 Nov 2026 19:00:00 +0000"

}  // namespace ticketing::notification

#endif  // TICKETING_NOTIFICATION_MIME_H_
