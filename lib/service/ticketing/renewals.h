// Renewals: last season's holders keep their seats, and suites, until a release time. What is kept
// is a hold like any other, but for its long life and its owner: it lets go by itself at the
// release time, and its holder renews by ordering with it. Whoever is paying at that moment has the
// time that a payment takes.
#ifndef TICKETING_LIB_SERVICE_TICKETING_RENEWALS_H_
#define TICKETING_LIB_SERVICE_TICKETING_RENEWALS_H_

#include <map>
#include <string>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "ticketing/seat/inventory.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// What an order had.
struct Holder {
  OrderId order;
  AccountId account;
  std::vector<seat::LabelPick> objects;
};

// Thread-safe.
class Renewals {
 public:
  Renewals(const Context& context, Catalog& catalog, Lanes& lanes)
      : context_(context), catalog_(catalog), lanes_(lanes) {}

  std::vector<Route> Routes();

 private:
  struct Row;

  StatusOr<HttpResponse> Start(Call& call);
  StatusOr<HttpResponse> List(Call& call);
  StatusOr<HttpResponse> ListOwn(Call& call);
  StatusOr<HttpResponse> Release(Call& call);

  StatusOr<std::vector<Holder>> HoldersOf(const EventOnLane& from);
  // The holds of an earlier start, by order.
  StatusOr<std::map<OrderId, HoldId>> KeptBefore(EventId event);
  StatusOr<v1::RenewalList> Show(std::string_view where, SqlArgs args, size_t limit);
  StatusOr<v1::Renewal> Message(const Row& row);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_RENEWALS_H_
