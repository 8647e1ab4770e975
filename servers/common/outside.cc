#include "servers/common/outside.h"

#include "ticketing/http/http_client.h"
#include "ticketing/provider/pdf/ticket_pdf.h"
#include "ticketing/provider/smtp/smtp_sender.h"
#include "ticketing/provider/stripe/stripe_gateway.h"

namespace ticketing {

void CardOptions::Declare(Flags& flags) {
  flags.AddSecret("stripe_secret_key", &stripe_secret_key,
                  "The key of the Stripe account that takes card payments. Without one, payments "
                  "go to the embedded "
                  "sandbox, which moves no money.");
  flags.Add("stripe_url", &stripe_url, "Where Stripe's API answers.");
}

CardGateway::~CardGateway() = default;

StatusOr<std::unique_ptr<CardGateway>> CardGateway::Open(const CardOptions& options, Env env,
                                                         DatabaseFactory& databases) {
  auto card = std::make_unique<CardGateway>();
  StripeOptions stripe;
  if (options.stripe_secret_key.empty()) {
    const SandboxOptions sandbox;
    TICKETING_ASSIGN_OR_RETURN(card->database_,
                               databases.Open("sandbox", SandboxGateway::Schema()));
    card->sandbox_ = std::make_unique<SandboxGateway>(*card->database_, env, sandbox);
    card->client_ = std::make_unique<InProcessHttpClient>(*card->sandbox_);
    stripe.secret_key = sandbox.secret_key;
    env.log.Warning("card payments go to the embedded sandbox: no money moves");
  } else {
    HttpClientOptions http;
    http.base_url = options.stripe_url;
    TICKETING_ASSIGN_OR_RETURN(card->client_, SocketHttpClient::Create(std::move(http)));
    stripe.secret_key = options.stripe_secret_key;
  }
  card->gateway_ = std::make_unique<StripeGateway>(*card->client_, std::move(stripe));
  return card;
}

void MailOptions::Declare(Flags& flags, int64_t default_mailbox_port) {
  mailbox_port = default_mailbox_port;
  flags.Add("smtp_host", &smtp_host,
            "The mail provider's server. Without one, mails go to the embedded mailbox and can be "
            "read at /mailbox.");
  flags.Add("smtp_port", &smtp_port, "The mail provider's port.", 1, 65535);
  flags.AddChoice("smtp_security", &smtp_security, {"starttls", "tls", "none"},
                  "How the connection is protected.");
  flags.Add("smtp_user", &smtp_user, "The account at the mail provider; empty for none.");
  flags.AddSecret("smtp_password", &smtp_password, "Its password.");
  flags.Add("mailbox_port", &mailbox_port,
            "Where the embedded mailbox takes mails, on 127.0.0.1. 0 takes a free port.", 0, 65535);
}

Mail::~Mail() = default;

StatusOr<std::unique_ptr<Mail>> Mail::Open(const MailOptions& options, Env env,
                                           DatabaseFactory& databases) {
  auto mail = std::make_unique<Mail>();
  smtp::SmtpOptions sender;
  if (options.smtp_host.empty()) {
    TICKETING_ASSIGN_OR_RETURN(mail->database_,
                               databases.Open("mailbox", mailbox::MailboxSchema()));
    mailbox::MailboxOptions box;
    box.port = static_cast<uint16_t>(options.mailbox_port);
    TICKETING_ASSIGN_OR_RETURN(mail->mailbox_,
                               mailbox::NewMailbox(box, *mail->database_, env.clock, env.log));
    sender.port = mail->mailbox_->smtp_port();
    sender.security = smtp::Security::kNone;
  } else {
    sender.host = options.smtp_host;
    sender.port = static_cast<uint16_t>(options.smtp_port);
    sender.user = options.smtp_user;
    sender.password = options.smtp_password;
    sender.security = options.smtp_security == "tls"    ? smtp::Security::kTls
                      : options.smtp_security == "none" ? smtp::Security::kNone
                                                        : smtp::Security::kStartTls;
  }
  TICKETING_ASSIGN_OR_RETURN(mail->sender_, smtp::NewSmtpSender(sender));
  TICKETING_ASSIGN_OR_RETURN(mail->documents_, pdf::NewTicketPdf({}));
  return mail;
}

}  // namespace ticketing
