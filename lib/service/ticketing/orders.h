// Orders: made from a hold with its frozen prices, looked at by their buyer and by staff, given up
// while they are not paid. Paying is payments.h.
#ifndef TICKETING_LIB_SERVICE_TICKETING_ORDERS_H_
#define TICKETING_LIB_SERVICE_TICKETING_ORDERS_H_

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/holds.h"
#include "lib/service/ticketing/order_seats.h"
#include "lib/service/ticketing/order_store.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/order/state_machine.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/identity.pb.h"

namespace ticketing {

// What identity said of accounts that ordered a moment ago, so that an order need not ask it again.
// Thread-safe.
class Contacts {
 public:
  static constexpr Duration kLife = Duration::Minutes(1);

  std::optional<v1::Account> Find(AccountId account, Duration now) const;
  void Keep(AccountId account, Duration now, const v1::Account& known);

 private:
  struct Entry {
    v1::Account account;
    Duration at;
  };
  mutable std::mutex mutex_;
  std::map<AccountId, Entry> entries_;
};

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
  // `issued` are its tickets, for a caller who has them at hand.
  StatusOr<v1::Order> Message(const OrderRecord& record,
                              const std::vector<TicketRecord>* issued = nullptr);
  // The answer that shows it, or as much of it as the caller prefers.
  StatusOr<HttpResponse> Answer(const Call& call, int status, const OrderRecord& record,
                                const std::vector<TicketRecord>* issued = nullptr);

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

  // `remembered` may be null: then the hold is read.
  StatusOr<OrderRecord> NewOrder(Call& call, const v1::CreateOrderRequest& request,
                                 const StoredHold* remembered);
  Status FillBuyer(Call& call, const v1::CreateOrderRequest& request, Order& order);
  // An order that was just made. One that costs nothing is completed and has its tickets.
  struct Made {
    OrderRecord record;
    std::vector<TicketRecord> tickets;
  };
  StatusOr<Made> Make(Call& call, const v1::CreateOrderRequest& request, uint64_t entropy,
                      const StoredHold* remembered);
  Status CompleteFree(Made& made, OrderSeats& seats, Timestamp now) const;

  const Context& context_;
  Catalog& catalog_;
  Holds& holds_;
  Tickets& tickets_;
  Contacts contacts_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_ORDERS_H_
