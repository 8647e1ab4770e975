// Tickets on phones: binding one to a device, moving it to another phone or person, and taking it
// back to paper. Each makes the next issue, which ends the codes of the lower ones at every gate
// that hears of it through the event copy or sees the new one (token/CODE.md, section 6).
#ifndef TICKETING_LIB_SERVICE_TICKETING_MOVES_H_
#define TICKETING_LIB_SERVICE_TICKETING_MOVES_H_

#include <string>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe. All of it may be asked again after a lost answer: what is already so stays as it is.
class TicketMoves {
 public:
  TicketMoves(const Context& context, Catalog& catalog, Lanes& lanes, Tickets& tickets,
              const TicketKeys& keys)
      : context_(context), catalog_(catalog), lanes_(lanes), tickets_(tickets), keys_(keys) {}

  std::vector<Route> Routes();

 private:
  StatusOr<HttpResponse> Bind(Call& call);
  StatusOr<HttpResponse> Unbind(Call& call);
  StatusOr<HttpResponse> Take(Call& call);
  StatusOr<HttpResponse> ReplyBound(Call& call, const TicketRecord& ticket);
  // Makes the next issue of a valid ticket for `account`, bound to `device_key` (empty: to none).
  // Error: kConflict when it changed meanwhile or is not valid.
  StatusOr<TicketRecord> NextIssue(const TicketRecord& ticket, AccountId account,
                                   const std::string& device_key);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
  Tickets& tickets_;
  const TicketKeys& keys_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_MOVES_H_
