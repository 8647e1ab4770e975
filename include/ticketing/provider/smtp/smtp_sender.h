// Mails over SMTP (RFC 5321) to any provider, through libcurl.
#ifndef TICKETING_PROVIDER_SMTP_SMTP_SENDER_H_
#define TICKETING_PROVIDER_SMTP_SMTP_SENDER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/notification/mail_sender.h"

namespace ticketing::smtp {

enum class Security {
  kNone,      // plain text: only for a server on this machine
  kStartTls,  // upgrade required; no upgrade, no mail
  kTls,       // TLS from the first byte (port 465)
};

struct SmtpOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 25;
  Security security = Security::kStartTls;
  std::string user;  // empty: no AUTH
  std::string password;
  std::string ca_file;  // empty: the system's authorities
  std::string helo_name = "localhost";
  Duration connect_timeout = Duration::Seconds(10);
  Duration timeout = Duration::Seconds(60);  // for one whole message
};

// A sender with one connection per message. Errors: kInvalidField for options that cannot work: an
// empty host, port 0, a password to be sent over a plain connection to another machine.
StatusOr<std::unique_ptr<notification::MailSender>> NewSmtpSender(const SmtpOptions& options);

}  // namespace ticketing::smtp

#endif  // TICKETING_PROVIDER_SMTP_SMTP_SENDER_H_
