// The embedded mailbox: an SMTP server on the loopback address that keeps what it receives, and
// pages to read it. The default where no mail provider is set up, so that mails take the same road
// as in production and can be looked at.
//
//   GET /mailbox                                 a page for people, newest first
//   GET /mailbox/{id}                            one message as a page
//   GET /mailbox/messages?to=address             JSON: {"messages": [...]}, newest first
//   GET /mailbox/messages/{id}                   JSON: headers, text, html, attachments
//   GET /mailbox/messages/{id}/raw               message/rfc822, byte for byte as received
//   GET /mailbox/messages/{id}/attachments/{n}   the decoded bytes of one attachment, from 0
#ifndef TICKETING_PROVIDER_MAILBOX_MAILBOX_H_
#define TICKETING_PROVIDER_MAILBOX_MAILBOX_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/clock.h"
#include "ticketing/env/database.h"
#include "ticketing/env/http.h"
#include "ticketing/env/log.h"

namespace ticketing::mailbox {

struct MailboxOptions {
  uint16_t port = 0;  // of the SMTP server on 127.0.0.1; 0 takes a free one
  std::string host_name = "mailbox.localhost";
  size_t message_bytes_max = 30 << 20;
  size_t recipients_max = 100;
  size_t connections_max = 32;
  size_t messages_kept = 10'000;  // the oldest are dropped beyond that
  Duration idle_timeout = Duration::Seconds(30);
  Duration session_timeout = Duration::Minutes(10);
};

// The schema of the database to hand in.
std::vector<Migration> MailboxSchema();

// Receives and shows mail. The database, clock and log must outlive it. Handle may be called from
// many threads. The destructor ends the open connections; a message is kept once its "250" was
// sent, else not.
class Mailbox : public HttpHandler {
 public:
  // The port the SMTP server listens on.
  virtual uint16_t smtp_port() const = 0;
  // Stops listening and ends the connections. The pages still answer.
  virtual void Stop() = 0;
};

// Listens at once. Errors: kUnavailable when the port cannot be had.
StatusOr<std::unique_ptr<Mailbox>> NewMailbox(const MailboxOptions& options, Database& database,
                                              Clock& clock, Log& log);

}  // namespace ticketing::mailbox

#endif  // TICKETING_PROVIDER_MAILBOX_MAILBOX_H_
