// The way to the world outside, chosen by flags: the payment gateway and the mail provider, or the
// embedded ones.
#ifndef TICKETING_SERVERS_COMMON_OUTSIDE_H_
#define TICKETING_SERVERS_COMMON_OUTSIDE_H_

#include <memory>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/notification/document.h"
#include "ticketing/notification/mail_sender.h"
#include "ticketing/payment/gateway.h"
#include "ticketing/provider/mailbox/mailbox.h"
#include "ticketing/provider/sandbox/sandbox_gateway.h"
#include "ticketing/system/flags.h"

namespace ticketing {

struct CardOptions {
  std::string stripe_secret_key;
  std::string stripe_url = "https://api.stripe.com";

  void Declare(Flags& flags);
};

// Stripe when there is a key for it, else the embedded sandbox behind the same protocol.
class CardGateway {
 public:
  static StatusOr<std::unique_ptr<CardGateway>> Open(const CardOptions& options, Env env,
                                                     DatabaseFactory& databases);
  ~CardGateway();

  PaymentGateway& gateway() { return *gateway_; }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<SandboxGateway> sandbox_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<PaymentGateway> gateway_;
};

struct MailOptions {
  std::string smtp_host;
  int64_t smtp_port = 587;
  std::string smtp_security = "starttls";
  std::string smtp_user;
  std::string smtp_password;
  int64_t mailbox_port = 0;

  void Declare(Flags& flags, int64_t default_mailbox_port);
};

// A mail provider when one is named, else the embedded mailbox, reached over SMTP all the same.
class Mail {
 public:
  static StatusOr<std::unique_ptr<Mail>> Open(const MailOptions& options, Env env,
                                              DatabaseFactory& databases);
  ~Mail();

  notification::MailSender& sender() { return *sender_; }
  notification::TicketDocument& documents() { return *documents_; }
  // Null when mails go to a provider.
  mailbox::Mailbox* mailbox() { return mailbox_.get(); }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<mailbox::Mailbox> mailbox_;
  std::unique_ptr<notification::MailSender> sender_;
  std::unique_ptr<notification::TicketDocument> documents_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVERS_COMMON_OUTSIDE_H_
