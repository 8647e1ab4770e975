// The port through which finished mails leave: one message to one or more recipients of one
// envelope.
#ifndef TICKETING_NOTIFICATION_MAIL_SENDER_H_
#define TICKETING_NOTIFICATION_MAIL_SENDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing::notification {

// The SMTP envelope: plain addresses, no names, no angle brackets.
struct Envelope {
  std::string from;
  std::vector<std::string> to;
};

class MailSender {
 public:
  virtual ~MailSender() = default;

  // Hands a message (RFC 5322, CRLF line ends, no dot-stuffing) to the provider and returns when
  // the provider has taken responsibility for it. May block for as long as its time-outs; safe from
  // any thread.
  //
  // Errors that another attempt may cure are retryable (kUnavailable, kDeadlineExceeded): no
  // connection, a time-out, an SMTP reply of 4xx. All others are final: kConflict for a reply of
  // 5xx, kInvalidField for an envelope that cannot be sent. After a retryable error the mail may
  // have arrived all the same; its Message-ID tells doubles.
  virtual Status Send(const Envelope& envelope, std::string_view message) = 0;
};

// Whether a later attempt may succeed where this one failed.
inline bool IsTransient(const Status& status) {
  return !status.ok() && InfoOf(CodeOf(status)).retryable;
}

}  // namespace ticketing::notification

#endif  // TICKETING_NOTIFICATION_MAIL_SENDER_H_
