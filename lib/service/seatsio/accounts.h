// The company's own account and its settings, and the reports of use that this server has none of.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_ACCOUNTS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_ACCOUNTS_H_

#include <vector>

#include "lib/service/seatsio/companies.h"

namespace ticketing::seatsio {

// Thread-safe.
class Accounts {
 public:
  Accounts(const Context& context, Companies& companies)
      : context_(context), companies_(companies) {}

  std::vector<Route> Routes();

 private:
  StatusOr<Reply> Get(Call& call);
  StatusOr<Reply> RegenerateSecret(Call& call);
  StatusOr<Reply> RegenerateDesignerKey(Call& call);
  StatusOr<Reply> SetDrafts(Call& call, bool enabled);
  StatusOr<Reply> ChangeHoldPeriod(Call& call);
  StatusOr<Reply> ChangeSetting(Call& call);

  const Context& context_;
  Companies& companies_;
};

// Nothing is billed here: these answer with empty reports.
std::vector<Route> UsageRoutes();

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_ACCOUNTS_H_
