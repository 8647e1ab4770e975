#include "ticketing/service/identity/identity_service.h"

#include <iterator>
#include <utility>

#include "lib/service/identity/accounts.h"
#include "lib/service/identity/context.h"
#include "lib/service/identity/schema.h"
#include "lib/service/identity/tables.h"
#include "ticketing/service/common/token_verifier.h"

namespace ticketing {
namespace identity {
namespace {

// Gives the verifier of our own API the keys without a way through HTTP.
class OwnKeys final : public HttpClient {
 public:
  explicit OwnKeys(const Keys& keys) : keys_(keys) {}
  StatusOr<HttpResponse> Send(const HttpRequest&, Duration) override {
    HttpResponse response;
    response.body = keys_.jwks_json();
    return response;
  }

 private:
  const Keys& keys_;
};

std::vector<Route> AllRoutes(Context& context) {
  std::vector<Route> routes;
  for (std::vector<Route> part :
       {AccountRoutes(context), SessionRoutes(context), DeviceRoutes(context)}) {
    std::move(part.begin(), part.end(), std::back_inserter(routes));
  }
  return routes;
}

Status CheckOptions(const IdentityOptions& options) {
  if (options.hashes_at_once < 1 || options.hashes_waiting < 0) {
    return InvalidField("hashes_at_once", "must be at least 1");
  }
  if (options.access_life < Duration::Seconds(1) || options.refresh_life < options.access_life) {
    return InvalidField("access_life", "must be from one second to the life of a session");
  }
  if (!options.service_secret.empty() && options.service_secret.size() < 16) {
    return InvalidField("service_secret", "needs at least 16 bytes");
  }
  return OkStatus();
}

Status MakeFirstAdmin(Context& context) {
  if (context.options.admin_email.empty()) return OkStatus();
  Account admin{.name = "Administrator", .language = "es", .roles = {Role::kAdmin}};
  TICKETING_ASSIGN_OR_RETURN(admin.email,
                             NormalizeEmail(context.options.admin_email, "admin_email"));
  std::optional<Account> known;
  TICKETING_RETURN_IF_ERROR(context.database.Read(
      [&](SqlTransaction& tx) { return FindAccountByEmail(tx, admin.email, known); }));
  if (known) return OkStatus();
  const Status made = MakeAccount(context, admin, context.options.admin_password);
  // Another process of the same installation may have been quicker.
  return CodeOf(made) == ErrorCode::kAccountExists ? OkStatus() : made;
}

}  // namespace

std::string ClientAddress(const Call& call) {
  if (call.principal.IsService()) {
    if (const auto told = call.request.headers.Get("X-Client-Address")) {
      return std::string(told->substr(0, 64));
    }
  }
  return call.request.remote_address;
}

std::string MessageName(const char* name) {
  return std::string("ticketing.v1.") + name;
}

}  // namespace identity

// In the order of construction: each refers to those above it.
struct IdentityService::Parts {
  Parts(Env env, IdentityOptions options, std::unique_ptr<Database> opened,
        std::unique_ptr<identity::Keys> loaded)
      : database(std::move(opened)),
        keys(std::move(loaded)),
        hashes(options.hashes_at_once, options.hashes_waiting),
        context{env, std::move(options), *database, *keys, hashes},
        own_keys(*keys),
        verifier(own_keys, env.clock),
        api({.service = "identity-api",
             .title = "Identity",
             .about = "Accounts, sessions, staff, devices and the keys behind every token.",
             .verifier = &verifier},
            env, identity::AllRoutes(context)) {}

  std::unique_ptr<Database> database;
  std::unique_ptr<identity::Keys> keys;
  identity::HashGate hashes;
  identity::Context context;
  identity::OwnKeys own_keys;
  TokenVerifier verifier;
  Api api;
};

StatusOr<std::unique_ptr<IdentityService>> IdentityService::Open(Env env,
                                                                 DatabaseFactory& databases,
                                                                 IdentityOptions options) {
  TICKETING_RETURN_IF_ERROR(identity::CheckOptions(options));
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                             databases.Open(options.database, identity::IdentitySchema()));
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<identity::Keys> keys,
                             identity::Keys::Load(*database, env));
  auto parts =
      std::make_unique<Parts>(env, std::move(options), std::move(database), std::move(keys));
  TICKETING_RETURN_IF_ERROR(identity::MakeFirstAdmin(parts->context));
  return std::unique_ptr<IdentityService>(new IdentityService(std::move(parts)));
}

IdentityService::IdentityService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
IdentityService::~IdentityService() = default;

HttpHandler& IdentityService::api() {
  return parts_->api;
}

Status IdentityService::Tick() {
  const Timestamp now = parts_->context.env.clock.Now();
  return parts_->database->Write(
      [now](SqlTransaction& tx) { return identity::ForgetExpired(tx, now); });
}

}  // namespace ticketing
