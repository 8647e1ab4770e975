// One SMTP session as a state machine: bytes in, replies out, no sockets (RFC 5321). Only CRLF ends
// a line, and a message with a bare CR or LF is refused, so that nobody can smuggle a second
// message past us.
#ifndef TICKETING_LIB_PROVIDER_MAILBOX_SMTP_SESSION_H_
#define TICKETING_LIB_PROVIDER_MAILBOX_SMTP_SESSION_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing::mailbox {

struct ReceivedMail {
  std::string from;  // empty for the null path
  std::vector<std::string> to;
  std::string raw;  // dot-unstuffed, CRLF line ends
};

struct SessionLimits {
  size_t message_bytes_max = 30 << 20;
  size_t recipients_max = 100;
};

class SmtpSession {
 public:
  // Keeps one mail; the "250" goes out only when it returned OK.
  using Keep = std::function<Status(const ReceivedMail&)>;

  SmtpSession(std::string host_name, SessionLimits limits, Keep keep);

  std::string Greeting() const;
  // Takes what came in and gives what to send back, perhaps nothing.
  std::string Feed(std::string_view bytes);
  // Whether the connection is to be closed when the replies are out.
  bool closed() const { return closed_; }

 private:
  void Line(std::string_view line);
  void Command(std::string_view line);
  void Hello(std::string_view argument, bool extended);
  void MailFrom(std::string_view argument);
  void RcptTo(std::string_view argument);
  void StartData();
  void DataLine(std::string_view line);
  void EndData();
  void LongLine();
  void Reply(std::string_view text);
  void Fail(std::string_view text);
  void ResetMail();

  const std::string host_name_;
  const SessionLimits limits_;
  const Keep keep_;
  std::string in_;  // the line that is not complete yet
  std::string out_;
  bool greeted_ = false;
  bool mail_open_ = false;  // a MAIL command was accepted
  bool in_data_ = false;
  bool skip_line_ = false;  // the rest of a line that was too long
  std::string data_error_;  // the reply that a broken message gets at its end
  ReceivedMail mail_;
  int failures_ = 0;
  bool closed_ = false;
};

}  // namespace ticketing::mailbox

#endif  // TICKETING_LIB_PROVIDER_MAILBOX_SMTP_SESSION_H_
