// An SMTP session fed with anything, whole and in pieces: the replies must not depend on how the
// bytes were cut, and nothing may be kept that breaks the limits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/provider/mailbox/smtp_session.h"
#include "ticketing/base/assert.h"

namespace ticketing::mailbox {
namespace {

constexpr SessionLimits kLimits = {.message_bytes_max = 2000, .recipients_max = 3};

struct Played {
  std::string replies;
  std::string kept;
  bool closed = false;
};

Played Play(std::string_view bytes, size_t piece) {
  Played out;
  SmtpSession session("mx.test", kLimits, [&out](const ReceivedMail& mail) {
    TICKETING_ASSERT(mail.raw.size() <= kLimits.message_bytes_max);
    TICKETING_ASSERT(!mail.to.empty() && mail.to.size() <= kLimits.recipients_max);
    TICKETING_ASSERT(mail.raw.empty() || mail.raw.ends_with("\r\n"));
    for (size_t i = 0; i < mail.raw.size(); ++i) {
      if (mail.raw[i] == '\n') TICKETING_ASSERT(i > 0 && mail.raw[i - 1] == '\r');
    }
    out.kept.append(mail.from).append("|").append(mail.raw).append("|");
    return OkStatus();
  });
  while (!bytes.empty() && !session.closed()) {
    out.replies.append(session.Feed(bytes.substr(0, piece)));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  out.closed = session.closed();
  return out;
}

}  // namespace
}  // namespace ticketing::mailbox

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ticketing::mailbox::Play;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const bool greeted : {false, true}) {
    std::string all = greeted ? "EHLO x\r\nMAIL FROM:<a@b.mx>\r\nRCPT TO:<c@d.mx>\r\nDATA\r\n" : "";
    all.append(bytes);
    const auto whole = Play(all, all.size() + 1);
    const auto single = Play(all, 1);
    TICKETING_ASSERT(whole.replies == single.replies);
    TICKETING_ASSERT(whole.kept == single.kept && whole.closed == single.closed);
  }
  return 0;
}
