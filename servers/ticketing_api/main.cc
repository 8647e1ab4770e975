// ticketing-api: charts, events, seats, orders, tickets and scans.
#include "servers/common/hosting.h"
#include "servers/ticketing_api/seatsio_door.h"
#include "ticketing/service/ticketing/ticketing_service.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  HostOptions host(kTicketingPort);
  TicketingOptions options;
  Flags flags("ticketing-api",
              "Charts, events, seats, orders, tickets and scans. A domain API: keep it behind the "
              "gateways.");
  host.DeclareListen(flags);
  host.storage.Declare(flags);
  host.DeclareOthers(flags, "identity payments notifications");
  flags.Add("hold", &options.hold, "How long seats are held for a customer.");
  SeatsioDoor seatsio;
  seatsio.Declare(flags);
  return RunProgram(argc, argv, flags, [&](Program& program) -> Status {
    if (seatsio.open()) return seatsio.Run(program, host.storage);
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<DatabaseFactory> databases,
                               host.storage.Open());
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Others> others,
                               Others::Connect(host, "ticketing", program.env()));
    TICKETING_ASSIGN_OR_RETURN(
        const std::unique_ptr<TicketingService> service,
        TicketingService::Open({program.env(), *databases, *others->verifier, *others->payments,
                                *others->notifications, *others->identity, *others->token},
                               options));
    return Serve(
        program, host.listen, service->api(), [&] { return service->Tick(); },
        limits::kChartBodyBytesMax);
  });
}
