// payments-api: card and cash payments, refunds, shifts and the books.
#include "servers/common/hosting.h"
#include "servers/common/outside.h"
#include "ticketing/service/payments/payments_service.h"

int main(int argc, char** argv) {
  using namespace ticketing;
  HostOptions host(kPaymentsPort);
  CardOptions card;
  Flags flags("payments-api",
              "Card and cash payments, refunds, shifts and the books. A domain API: keep it behind "
              "the gateways.");
  host.DeclareListen(flags);
  host.storage.Declare(flags);
  host.DeclareOthers(flags, "identity");
  card.Declare(flags);
  return RunProgram(argc, argv, flags, [&](Program& program) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<DatabaseFactory> databases,
                               host.storage.Open());
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<Others> others,
                               Others::Connect(host, "payments", program.env()));
    TICKETING_ASSIGN_OR_RETURN(const std::unique_ptr<CardGateway> gateway,
                               CardGateway::Open(card, program.env(), *databases));
    TICKETING_ASSIGN_OR_RETURN(
        const std::unique_ptr<PaymentsService> service,
        PaymentsService::Open({program.env(), *databases, *others->verifier, gateway->gateway()}));
    return Serve(program, host.listen, service->api(), [&] { return service->Tick(); });
  });
}
