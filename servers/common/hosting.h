// What the servers' main.cc have in common: flags, the way to the other services, and the loop that
// serves.
#ifndef TICKETING_SERVERS_COMMON_HOSTING_H_
#define TICKETING_SERVERS_COMMON_HOSTING_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/env/http.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/service/common/service_client.h"
#include "ticketing/service/common/token_verifier.h"
#include "ticketing/system/flags.h"
#include "ticketing/system/program.h"

namespace ticketing {

// Where everything listens unless a flag says otherwise.
inline constexpr uint16_t kStartPagePort = 7400;
inline constexpr uint16_t kClientWebPort = 7401;
inline constexpr uint16_t kAdminPortalPort = 7402;
inline constexpr uint16_t kClientMobilePort = 7403;
inline constexpr uint16_t kIdentityPort = 7411;
inline constexpr uint16_t kTicketingPort = 7412;
inline constexpr uint16_t kPaymentsPort = 7413;
inline constexpr uint16_t kNotificationsPort = 7414;
inline constexpr uint16_t kMailboxPort = 7425;

// Where a server keeps its data.
struct StorageOptions {
  std::string data_dir = "ticketing-data";
  std::string database_url;

  void Declare(Flags& flags);
  // Errors: kInvalidField for a connection string of another engine.
  StatusOr<std::unique_ptr<DatabaseFactory>> Open() const;
};

// The flags of every server.
struct HostOptions {
  HostPort listen{"127.0.0.1", 0};
  StorageOptions storage;
  std::string service_secret;
  std::string identity_url = "http://127.0.0.1:" + std::to_string(kIdentityPort);
  std::string ticketing_url = "http://127.0.0.1:" + std::to_string(kTicketingPort);
  std::string payments_url = "http://127.0.0.1:" + std::to_string(kPaymentsPort);
  std::string notifications_url = "http://127.0.0.1:" + std::to_string(kNotificationsPort);

  explicit HostOptions(uint16_t port) { listen.port = port; }
  void DeclareListen(Flags& flags);
  // `others` names those it talks to: any of "identity ticketing payments notifications".
  void DeclareOthers(Flags& flags, std::string_view others);
};

// The other services over HTTP, the keys to check tokens with, and this service's own token.
class Others {
 public:
  // Errors: kInvalidField for a URL that is none, or without a service secret.
  static StatusOr<std::unique_ptr<Others>> Connect(const HostOptions& options, std::string service,
                                                   Env env);

  std::unique_ptr<HttpClient> identity, ticketing, payments, notifications;
  std::unique_ptr<TokenVerifier> verifier;
  std::unique_ptr<ServiceToken> token;
};

// Serves until the program is told to stop, then drains. `tick` runs every 100 ms on a thread of
// its own; its errors are logged, once per kind and minute. Prints one line with the address when
// it is ready.
Status Serve(Program& program, const HostPort& listen, HttpHandler& handler,
             std::function<Status()> tick, size_t body_bytes_max = limits::kBodyBytesMax);

// A ticker as Serve uses it, for programs with several servers.
std::unique_ptr<Ticker> TickEvery(Duration interval, Env env, std::function<Status()> tick);

}  // namespace ticketing

#endif  // TICKETING_SERVERS_COMMON_HOSTING_H_
