// identity-api: accounts, staff, devices, and the tokens that every other service checks.
#include "servers/common/hosting.h"
#include "ticketing/service/identity/identity_service.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  HostOptions host(kIdentityPort);
  IdentityOptions options;
  Flags flags("identity-api",
              "Accounts, staff, devices and tokens. A domain API: keep it behind the gateways.");
  host.DeclareListen(flags);
  host.storage.Declare(flags);
  host.DeclareOthers(flags, "");
  flags.Add("admin_email", &options.admin_email,
            "The first administrator, made when there is no such account.");
  flags.AddSecret("admin_password", &options.admin_password, "The first administrator's password.");
  return RunProgram(argc, argv, flags, [&](Program& program) -> Status {
    options.service_secret = host.service_secret;
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<DatabaseFactory> databases,
                               host.storage.Open());
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<IdentityService> service,
                               IdentityService::Open(program.env(), *databases, options));
    return Serve(program, host.listen, service->api(), [&] { return service->Tick(); });
  });
}
