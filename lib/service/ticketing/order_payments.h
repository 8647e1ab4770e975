// Paying an order: one saga over the lane and the payments service.
//
//   1. The attempt is stored as started, with what it will ask for, and the hold is extended.
//   2. Payments is asked, with the attempt's id as the idempotency key.
//   3. Its answer is stored: booked and issued, or pending again, or nothing when there was none.
//   4. Money for seats that are gone is given back, with a key of its own.
//
// A process may end between any two steps: Tick finds attempts that are started or to be refunded,
// and does the next step again with the same key.
#ifndef TICKETING_LIB_SERVICE_TICKETING_ORDER_PAYMENTS_H_
#define TICKETING_LIB_SERVICE_TICKETING_ORDER_PAYMENTS_H_

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/orders.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/payments.pb.h"

namespace ticketing {

// Thread-safe.
class OrderPayments {
 public:
  OrderPayments(const Context& context, Catalog& catalog, Orders& orders, const TicketKeys& keys)
      : context_(context), catalog_(catalog), orders_(orders), keys_(keys) {}

  std::vector<Route> Routes();

  // Goes on with every attempt that is in between and due for another try.
  Status Tick();

 private:
  struct Try {
    int count = 0;
    Timestamp next;
  };

  StatusOr<HttpResponse> Pay(Call& call);
  StatusOr<HttpResponse> Answer(Call& call, const OrderRecord& record, PaymentId attempt,
                                const Status& outcome);
  Status Start(const OrderRecord& record, PaymentId attempt, const v1::PayOrderRequest& request,
               std::string_view taken_by);
  StatusOr<OrderRecord> CompleteFree(OrderId order);

  // One step after the other until the attempt is settled. Errors: that payments gave no answer, or
  // refused what it was asked for (the attempt is then declined).
  Status Settle(OrderId order, PaymentId attempt, std::string_view request_id);
  Status AskPayment(const OrderRecord& record, PaymentId attempt, std::string_view request_id);
  Status AskRefund(const OrderRecord& record, PaymentId attempt, std::string_view request_id);
  Status Approve(OrderId order, PaymentId attempt, const v1::Payment& payment);
  Status Decline(OrderId order, PaymentId attempt, std::string_view reason,
                 const v1::Payment& payment);
  Status NotePending(OrderId order, PaymentId attempt, std::string payment_id);
  Status Book(OrderRecord& record, OrderSeats& seats, Timestamp now) const;
  Status KeepHold(OrderId order);

  class Claim;
  bool IsDue(PaymentId attempt, Timestamp now);
  void Note(PaymentId attempt, const Status& outcome, Timestamp now);

  const Context& context_;
  Catalog& catalog_;
  Orders& orders_;
  const TicketKeys& keys_;
  std::mutex mutex_;
  std::set<OrderId> claimed_;  // somebody in this process is at it
  std::map<PaymentId, Try> tries_;
  std::map<PaymentId, std::string> refunds_;  // ids of refunds that were accepted but not done
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_ORDER_PAYMENTS_H_
