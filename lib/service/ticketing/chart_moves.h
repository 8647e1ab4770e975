// Another chart under an event that is on sale. Its lane ends and another one begins in the same
// transaction (lane/lane_move.h), with everything that is held, booked and set aside; a season
// moves with all its matches.
#ifndef TICKETING_LIB_SERVICE_TICKETING_CHART_MOVES_H_
#define TICKETING_LIB_SERVICE_TICKETING_CHART_MOVES_H_

#include <functional>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/lanes.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe.
class ChartMoves {
 public:
  // `follow` makes this process see the move.
  ChartMoves(Catalog& catalog, Lanes& lanes, std::function<Status()> follow)
      : catalog_(catalog), lanes_(lanes), follow_(std::move(follow)) {}

  std::vector<Route> Routes();

 private:
  // An event as it will be.
  struct Refit {
    std::shared_ptr<const EventInfo> was;
    v1::Event body;
  };

  StatusOr<HttpResponse> Replace(Call& call);
  StatusOr<std::vector<Refit>> RefitAll(const EventOnLane& at, const ChartInfo& chart,
                                        const v1::ReplaceChartRequest& request);
  Status Move(const Call& call, const EventOnLane& at, const ChartInfo& chart, LaneId to,
              const std::vector<Refit>& events, bool dry_run, int64_t& in_use);

  Catalog& catalog_;
  Lanes& lanes_;
  const std::function<Status()> follow_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_CHART_MOVES_H_
