// Taking mails apart for display: whatever arrives, from whatever program, becomes something to
// show. Nothing here refuses a message; what makes no sense is shown as it stands.
#ifndef TICKETING_LIB_PROVIDER_MAILBOX_MIME_READER_H_
#define TICKETING_LIB_PROVIDER_MAILBOX_MIME_READER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticketing::mailbox {

struct ParsedAttachment {
  std::string file_name;  // may be empty
  std::string content_type;
  std::string bytes;
};

struct ParsedMail {
  std::vector<std::pair<std::string, std::string>> headers;  // unfolded, encoded words decoded
  std::string text;
  std::string html;
  std::vector<ParsedAttachment> attachments;

  std::string Header(std::string_view name) const;  // the first of that name, or empty
};

ParsedMail ParseMail(std::string_view raw);

// Only the decoded value of one header field, for lists.
std::string DecodeHeaderText(std::string_view value);

// The text with every malformed UTF-8 sequence replaced by U+FFFD.
std::string RepairUtf8(std::string_view text);

}  // namespace ticketing::mailbox

#endif  // TICKETING_LIB_PROVIDER_MAILBOX_MIME_READER_H_
