// The identity domain API: accounts and their sessions, staff and their roles, devices and their
// keys, and the tokens that every other service checks offline.
//
// Access tokens live for limits::kAccessTokenLife and are signed with a key kept in the database;
// the public half stands at /.well-known/jwks.json. A session that is ended, a device that is
// revoked and an account that is suspended get no new token, so everybody knows of it within that
// life at the latest.
//
// Threads: api() answers many requests at once; how many passwords are hashed at the same time is
// bounded. Tick may run beside them, one at a time. There is no thread of its own.
#ifndef TICKETING_SERVICE_IDENTITY_IDENTITY_SERVICE_H_
#define TICKETING_SERVICE_IDENTITY_IDENTITY_SERVICE_H_

#include <memory>
#include <string>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/password.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"

namespace ticketing {

struct IdentityOptions {
  std::string database = "identity";  // its name at the factory

  // The first administrator, made when no account has this address; empty makes none. The password
  // of an account that exists is never changed by this.
  std::string admin_email;
  std::string admin_password;

  // What the installation's services prove themselves with at /v1/service-sessions. At least 16
  // bytes; empty refuses every service.
  std::string service_secret;

  Duration access_life = limits::kAccessTokenLife;
  Duration refresh_life = limits::kRefreshTokenLife;
  Duration pairing_life = limits::kPairingCodeLife;

  // Passwords: what a hash costs, how many run at once, and how many more may wait.
  PasswordCost password_cost;
  int hashes_at_once = 2;
  int hashes_waiting = 100;
};

class IdentityService {
 public:
  // Opens or makes the database, its keys and the first administrator. `env` and `databases` must
  // outlive it. Errors: kInvalidField for options that cannot work, and those of the database.
  static StatusOr<std::unique_ptr<IdentityService>> Open(Env env, DatabaseFactory& databases,
                                                         IdentityOptions options);

  // No request may be running, and none may come after.
  ~IdentityService();
  IdentityService(const IdentityService&) = delete;
  IdentityService& operator=(const IdentityService&) = delete;

  HttpHandler& api();

  // Forgets what has expired: sessions, pairing codes, failed attempts. Called every few seconds.
  Status Tick();

 private:
  struct Parts;
  explicit IdentityService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_IDENTITY_IDENTITY_SERVICE_H_
