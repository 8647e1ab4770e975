// The notifications domain API: takes orders to write to people, renders mails and the PDF tickets
// attached to them, and sends them until the provider has taken them or there is no hope.
//
// A message is written to the outbox before the request is answered, under the key its sender gave
// it: the same key never makes a second message. Sending happens in Tick; a process that dies while
// sending leaves a lease that runs out, and the mail may then arrive twice with one Message-ID.
//
// Threads: api() answers many requests at once. Tick may run beside them, one at a time. There is
// no thread of its own.
#ifndef TICKETING_SERVICE_NOTIFICATIONS_NOTIFICATIONS_SERVICE_H_
#define TICKETING_SERVICE_NOTIFICATIONS_NOTIFICATIONS_SERVICE_H_

#include <memory>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/notification/document.h"
#include "ticketing/notification/mail_sender.h"
#include "ticketing/service/common/token_verifier.h"

namespace ticketing {

struct NotificationsOptions {
  std::string database = "notifications";  // its name at the factory
  std::string from_name = "Boletos";
  std::string from_address = "boletos@localhost.localdomain";
  // Right side of Message-IDs; the domain of `from_address` when empty.
  std::string message_id_host;
  // Where client-web is, for the links in mails, such as "https://boletos.example.mx"; empty leaves
  // them out.
  std::string public_url;
  // No attempt is started later than this after a message was asked for.
  Duration message_life = Duration::Days(3);
  int messages_per_tick = 20;
};

// What the service is made of. Everything must outlive it.
struct NotificationsPorts {
  Env env;
  DatabaseFactory& databases;
  TokenVerifier& verifier;
  notification::MailSender& mail;
  notification::TicketDocument& documents;
};

class NotificationsService {
 public:
  // Opens or makes the database. Errors: kInvalidField for options that cannot work, and those of
  // the database.
  static StatusOr<std::unique_ptr<NotificationsService>> Open(NotificationsPorts ports,
                                                              NotificationsOptions options = {});

  // No request may be running, and none may come after.
  ~NotificationsService();
  NotificationsService(const NotificationsService&) = delete;
  NotificationsService& operator=(const NotificationsService&) = delete;

  HttpHandler& api();

  // Sends what is due and says how many messages it tried. Waits for the mail provider, so it
  // belongs on a thread that may wait. Errors are those of the database; what the provider says is
  // kept with its message. Called every 100 to 500 ms.
  StatusOr<int> Tick();

 private:
  struct Parts;
  explicit NotificationsService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_NOTIFICATIONS_NOTIFICATIONS_SERVICE_H_
