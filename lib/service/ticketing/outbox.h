// The outbox: messages that were promised in the transaction that made them necessary, delivered at
// least once; the notifications service sends one per dedupe key.
#ifndef TICKETING_LIB_SERVICE_TICKETING_OUTBOX_H_
#define TICKETING_LIB_SERVICE_TICKETING_OUTBOX_H_

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/order_store.h"
#include "lib/service/ticketing/tickets.h"

namespace ticketing {

// Queues the confirmation of a completed order, which has an address to write to.
LaneInsert ConfirmationInsert(const Order& order, Timestamp now);

class Outbox {
 public:
  Outbox(const Context& context, Catalog& catalog, Tickets& tickets)
      : context_(context), catalog_(catalog), tickets_(tickets) {}

  // Delivers what is due, oldest first. What cannot be delivered waits, longer each time; what the
  // receiver will never take is marked dead and logged. Not for two threads at once.
  Status Tick();

 private:
  struct Row;
  StatusOr<std::vector<Row>> Due();
  Status Deliver(const Row& row);
  Status Settle(const Row& row, const Status& outcome);

  const Context& context_;
  Catalog& catalog_;
  Tickets& tickets_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_OUTBOX_H_
