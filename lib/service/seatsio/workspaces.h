// Workspaces as that API manages them.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_WORKSPACES_H_
#define TICKETING_LIB_SERVICE_SEATSIO_WORKSPACES_H_

#include <vector>

#include "lib/service/seatsio/companies.h"

namespace ticketing::seatsio {

// Thread-safe.
class Workspaces {
 public:
  Workspaces(const Context& context, Companies& companies)
      : context_(context), companies_(companies) {}

  std::vector<Route> Routes();

  // A workspace as the API shows it, its keys included.
  StatusOr<Json> Show(const Workspace& workspace);

 private:
  enum class Which { kAll, kActive, kInactive };
  StatusOr<Reply> Create(Call& call);
  StatusOr<Reply> Get(Call& call);
  StatusOr<Reply> List(Call& call, Which which);
  StatusOr<Reply> Update(Call& call);
  StatusOr<Reply> Delete(Call& call);
  StatusOr<Reply> SetActive(Call& call, bool active);
  StatusOr<Reply> SetDefault(Call& call);
  StatusOr<Reply> RegenerateSecret(Call& call);
  StatusOr<Reply> AddSecret(Call& call);
  StatusOr<Reply> RemoveSecret(Call& call);

  const Context& context_;
  Companies& companies_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_WORKSPACES_H_
