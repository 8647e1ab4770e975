// Mails from anywhere, taken apart for display: every text that comes out is UTF-8, whatever came
// in.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/provider/mailbox/mime_reader.h"
#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ticketing;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const mailbox::ParsedMail mail = mailbox::ParseMail(bytes);
  TICKETING_ASSERT(IsValidUtf8(mail.text) && IsValidUtf8(mail.html));
  for (const auto& [name, value] : mail.headers) {
    TICKETING_ASSERT(IsValidUtf8(name) && IsValidUtf8(value));
  }
  for (const mailbox::ParsedAttachment& file : mail.attachments) {
    TICKETING_ASSERT(IsValidUtf8(file.file_name));
  }
  TICKETING_ASSERT(IsValidUtf8(mailbox::DecodeHeaderText(bytes)));
  return 0;
}
