// Orders as they are stored.
#ifndef TICKETING_LIB_SERVICE_TICKETING_ORDER_STORE_H_
#define TICKETING_LIB_SERVICE_TICKETING_ORDER_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "ticketing/env/database.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/order/order.h"
#include "ticketing/v1/ticketing.pb.h"

namespace ticketing {

// What storage keeps of an attempt beside the order module's view of it.
struct AttemptRecord {
  std::string request;     // CreatePaymentRequest: a repeat asks for exactly the same
  std::string payment_id;  // at the payments service; empty while it has not answered
  std::string message;     // for the person who pays
  int64_t change = 0;      // of cash, in minor units
};

struct OrderRecord {
  Order order;
  v1::FrozenLines lines;
  std::string created_by;  // subject of the token that made it
  // Entropy of the request that made it, the same one when it is repeated: so a repeat is told from
  // another request for the same hold.
  uint64_t request = 0;
  int64_t revision = 0;  // counts the writes; 0: never stored
  std::map<PaymentId, AttemptRecord> attempts;
};

// An id for an order that is made now. Ids follow time, in steps of 4 ms, so that the rows of
// orders and what refers to them are written side by side; two orders of one step have the same id
// once in eight million pairs. It is a name: whoever may see an order is decided by its account.
OrderId OrderIdAt(Timestamp now, uint64_t entropy);

// Errors: kNotFound.
StatusOr<OrderRecord> ReadOrder(SqlTransaction& tx, OrderId id);
StatusOr<OrderRecord> ReadOrder(Database& database, OrderId id);
// The order that a hold was made, if there is one.
StatusOr<std::optional<OrderRecord>> ReadOrderOfHold(Database& database, HoldId hold);

// A new order, without attempts. kConflict when its id or hold has one already.
LaneInsert OrderInsert(const OrderRecord& record);

// Writes the order over the revision that `record` was read with. kPreconditionFailed when somebody
// wrote it since.
Status WriteOrder(SqlTransaction& tx, const OrderRecord& record);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_ORDER_STORE_H_
