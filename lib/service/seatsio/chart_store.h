// Charts and their drawings as they are kept, and what was made of a drawing.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_CHART_STORE_H_
#define TICKETING_LIB_SERVICE_SEATSIO_CHART_STORE_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/seatsio/chart_view.h"
#include "lib/service/seatsio/context.h"
#include "lib/service/seatsio/lru.h"

namespace ticketing::seatsio {

struct ChartRow {
  int64_t id = 0;
  int64_t workspace = 0;
  std::string key;
  std::string name;
  bool archived = false;
  bool used = false;      // has or had events
  int64_t published = 0;  // drawing
  int64_t draft = 0;      // drawing; 0: none
};
inline constexpr std::string_view kChartColumns =
    "SELECT id, workspace_id, key, name, archived, used, published_id, draft_id FROM charts ";
ChartRow ChartOf(const SqlRow& row);

// Thread-safe.
class ChartStore {
 public:
  explicit ChartStore(const Context& context)
      : context_(context), views_(context.options.charts_max) {}

  // Errors: CHART_NOT_FOUND.
  StatusOr<ChartRow> Find(const Principal& principal, std::string_view key);
  StatusOr<ChartRow> FindById(int64_t id);

  // Writes a drawing, or finds the same one, and gives its number.
  StatusOr<int64_t> KeepDrawing(const Json& drawing);
  StatusOr<std::string> Body(int64_t drawing);
  StatusOr<Json> Drawing(int64_t drawing);
  StatusOr<Json> Summary(int64_t drawing);
  // What can be sold of a drawing; those used last stay in memory. Errors: those of the drawing.
  StatusOr<std::shared_ptr<const ChartView>> View(int64_t drawing);
  size_t views() const;  // in memory

  // Adds a chart with a published drawing. kConflict when the key is taken.
  StatusOr<ChartRow> Add(int64_t workspace, std::string_view workspace_key, std::string key,
                         const Json& drawing);

 private:
  const Context& context_;
  mutable std::mutex mutex_;
  Lru<int64_t, const ChartView> views_;
};

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_CHART_STORE_H_
