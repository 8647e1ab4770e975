// Orders: made from a hold with its frozen prices, looked at by their buyer and by staff, given up
// while they are not paid. Paying is payments.h.
#ifndef TICKETING_LIB_SERVICE_TICKETING_ORDERS_H_
#define TICKETING_LIB_SERVICE_TICKETING_ORDERS_H_

#include <functional>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/holds.h"
#include "lib/service/ticketing/order_seats.h"
#include "lib/service/ticketing/order_store.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/order/state_machine.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// A change of an order in the lanes of its events. It gets the order as it is stored, and changes
// it and its seats. It must not change the seats and then fail.
using OrderChange = std::function<Status(OrderRecord& record, OrderSeats& seats, Timestamp now)>;

// Thread-safe.
class Orders {
 public:
  Orders(const Context& context, Catalog& catalog, Holds& holds, Tickets& tickets)
      : context_(context), catalog_(catalog), holds_(holds), tickets_(tickets) {}

  std::vector<Route> Routes();

  // The order of the path, if the caller may see it; kNotFound otherwise.
  StatusOr<OrderRecord> FindFor(Call& call);
  StatusOr<v1::Order> Message(const OrderRecord& record);

  // Applies `change` to the order, whatever else happens to it meanwhile, and gives the order as it
  // is stored then. Errors: those of `change`, kAborted after too many lost races.
  StatusOr<OrderRecord> Change(OrderId id, const OrderChange& change);

  // Lets go what nobody paid in time.
  Status ExpireDue();

 private:
  StatusOr<HttpResponse> Create(Call& call);
  StatusOr<HttpResponse> List(Call& call);
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> Cancel(Call& call);
  StatusOr<HttpResponse> Refund(Call& call);
  StatusOr<HttpResponse> ShowPdf(Call& call);

  StatusOr<OrderRecord> NewOrder(Call& call, const v1::CreateOrderRequest& request, OrderId id);
  Status FillBuyer(Call& call, const v1::CreateOrderRequest& request, Order& order);
  Status Insert(const OrderRecord& record);

  const Context& context_;
  Catalog& catalog_;
  Holds& holds_;
  Tickets& tickets_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_ORDERS_H_
