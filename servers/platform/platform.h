// All APIs in one process: the embedded default. Services call each other's handlers directly;
// otherwise nothing is different from six processes.
#ifndef TICKETING_SERVERS_PLATFORM_PLATFORM_H_
#define TICKETING_SERVERS_PLATFORM_PLATFORM_H_

#include <memory>
#include <string>
#include <vector>

#include "servers/common/hosting.h"
#include "servers/common/outside.h"
#include "ticketing/service/gateway/gateway.h"
#include "ticketing/service/identity/identity_service.h"
#include "ticketing/service/notifications/notifications_service.h"
#include "ticketing/service/payments/payments_service.h"
#include "ticketing/service/ticketing/ticketing_service.h"

namespace ticketing {

struct PlatformOptions {
  IdentityOptions identity;
  TicketingOptions ticketing;
  NotificationsOptions notifications;
  CardOptions card;
  MailOptions mail;
  GatewayLimits limits;
};

class Platform {
 public:
  // Opens the databases and puts the services together. The factory must outlive the platform.
  // Errors: those of the services, each with its reason in one line.
  static StatusOr<std::unique_ptr<Platform>> Open(PlatformOptions options, Env env,
                                                  DatabaseFactory& databases);
  ~Platform();

  Api& client_api() { return *client_api_; }
  Api& admin_api() { return *admin_api_; }
  HttpHandler& ticketing() { return ticketing_->api(); }
  mailbox::Mailbox* mailbox() { return mail_->mailbox(); }

  // Background work on threads of its own, one for each service, so that a slow mail provider holds
  // nobody up. Work stops when the vector goes.
  std::vector<std::unique_ptr<Ticker>> StartTickers();

 private:
  explicit Platform(Env env) : env_(env) {}
  Status OpenServices(PlatformOptions options, DatabaseFactory& databases);

  Env env_;
  std::unique_ptr<IdentityService> identity_;
  std::unique_ptr<HttpClient> to_identity_, to_payments_, to_notifications_, to_ticketing_;
  std::unique_ptr<TokenVerifier> verifier_;
  std::unique_ptr<ServiceToken> ticketing_token_, client_token_, admin_token_;
  std::unique_ptr<CardGateway> card_;
  std::unique_ptr<Mail> mail_;
  std::unique_ptr<PaymentsService> payments_;
  std::unique_ptr<NotificationsService> notifications_;
  std::unique_ptr<TicketingService> ticketing_;
  std::unique_ptr<Api> client_api_, admin_api_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVERS_PLATFORM_PLATFORM_H_
