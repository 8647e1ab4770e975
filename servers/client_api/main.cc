// client-api: the public door for customers.
#include "servers/common/hosting.h"
#include "ticketing/service/gateway/gateway.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  HostOptions options(kClientWebPort);
  GatewayLimits limits;
  Flags flags("client-api", "The public door for customers: checks tokens and passes requests on.");
  options.DeclareListen(flags);
  options.DeclareOthers(flags, "identity ticketing payments notifications");
  flags.Add("requests_per_second", &limits.requests_per_second, "The steady rate of one caller.", 1,
            1'000'000);
  flags.Add("burst", &limits.burst, "How many requests a caller may send at once on top.", 0,
            1'000'000);
  flags.Add("upstream_timeout", &limits.upstream_timeout,
            "How long a service behind may take to answer.");
  return RunProgram(argc, argv, flags, [&](Program& program) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Others> others,
                               Others::Connect(options, "client-api", program.env()));
    const Upstreams upstreams{*others->identity,      *others->ticketing, *others->payments,
                              *others->notifications, *others->verifier,  *others->token};
    const std::unique_ptr<Api> api = MakeClientApi(upstreams, limits, program.env());
    return Serve(
        program, options.listen, *api, [&] { return others->verifier->Tick(); },
        ticketing::limits::kBodyBytesMax);
  });
}
