// What staff say of tickets that are sold: blocked, unpaid, suspended for overdue instalments,
// passed on to another ticket, cancelled, and valid again. Gates follow with their next copy; every
// change is kept with who made it and why.
#ifndef TICKETING_LIB_SERVICE_TICKETING_TICKET_STATUS_H_
#define TICKETING_LIB_SERVICE_TICKETING_TICKET_STATUS_H_

#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/gate_policy.pb.h"

namespace ticketing {

// Thread-safe.
class TicketStatuses {
 public:
  TicketStatuses(const Context& context, Catalog& catalog, Lanes& lanes, Tickets& tickets)
      : context_(context), catalog_(catalog), lanes_(lanes), tickets_(tickets) {}

  std::vector<Route> Routes();

 private:
  StatusOr<HttpResponse> ChangeOne(Call& call);
  StatusOr<HttpResponse> ChangeOrder(Call& call);
  StatusOr<HttpResponse> History(Call& call);

  StatusOr<v1::ChangedTicketStatus> Change(Call& call, const std::vector<TicketRecord>& tickets,
                                           const v1::ChangeTicketStatusRequest& wanted);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
  Tickets& tickets_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_TICKET_STATUS_H_
