// Charts as that API manages them: made, listed, copied, published, archived, tagged, checked.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_CHARTS_H_
#define TICKETING_LIB_SERVICE_SEATSIO_CHARTS_H_

#include <functional>
#include <vector>

#include "lib/service/seatsio/chart_store.h"
#include "lib/service/seatsio/companies.h"

namespace ticketing::seatsio {

// Shows the newest events of a chart, at most so many.
using EventsOfChart = std::function<StatusOr<Json>(const Principal&, int64_t chart, size_t limit)>;

// Thread-safe.
class Charts {
 public:
  Charts(const Context& context, ChartStore& store, Companies& companies, EventsOfChart events)
      : context_(context), store_(store), companies_(companies), events_(std::move(events)) {}

  std::vector<Route> Routes();

 private:
  struct Expand {
    bool events = false;
    bool validation = false;
    bool venue_type = false;
    bool zones = false;
    size_t events_limit = 0;
  };

  StatusOr<Reply> Create(Call& call);
  StatusOr<Reply> Upload(Call& call);
  StatusOr<Reply> Get(Call& call);
  StatusOr<Reply> List(Call& call, bool archived);
  StatusOr<Reply> Update(Call& call);
  StatusOr<Reply> SetArchived(Call& call, bool archived);
  StatusOr<Reply> ListTags(Call& call);
  StatusOr<Reply> AddTag(Call& call);
  StatusOr<Reply> RemoveTag(Call& call);

  StatusOr<Json> Show(const Principal& principal, const ChartRow& chart, const Expand& expand);
  StatusOr<std::vector<std::string>> Tags(int64_t chart);

  const Context& context_;
  ChartStore& store_;
  Companies& companies_;
  EventsOfChart events_;
};

// Versions of a chart, its copies and its categories: everything that makes or moves drawings.
class ChartVersions {
 public:
  ChartVersions(const Context& context, ChartStore& store, Companies& companies)
      : context_(context), store_(store), companies_(companies) {}

  std::vector<Route> Routes();

  // Changes the newest drawing of a chart: in place while it has no events, else as a draft.
  Status Edit(const Principal& principal, const ChartRow& chart,
              const std::function<Status(Json&)>& change);

  // Errors and warnings of a drawing, as the company's settings rate them.
  StatusOr<Json> Validation(int64_t company, int64_t drawing);

 private:
  StatusOr<Reply> Get(Call& call);
  StatusOr<Reply> Thumbnail(Call& call);
  StatusOr<Reply> Validate(Call& call);
  StatusOr<Reply> Publish(Call& call);
  StatusOr<Reply> Discard(Call& call);
  StatusOr<Reply> Copy(Call& call);
  StatusOr<Reply> CopyToWorkspace(Call& call);
  StatusOr<Reply> CopyBetween(Call& call);
  StatusOr<Reply> Categories(Call& call);
  StatusOr<Reply> AddCategory(Call& call);
  StatusOr<Reply> UpdateCategory(Call& call);
  StatusOr<Reply> RemoveCategory(Call& call);

  // The drawing that the path names: {version} published or draft.
  StatusOr<int64_t> DrawingOfPath(Call& call, const ChartRow& chart);
  StatusOr<Reply> CopyOf(Call& call, int64_t drawing, const Workspace& to, bool renamed);

  const Context& context_;
  ChartStore& store_;
  Companies& companies_;
};

// What every answer about one chart shows.
Json ShowChart(const Context& context, const ChartRow& chart, const std::vector<std::string>& tags);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_CHARTS_H_
