#include "lib/service/seatsio/chart_store.h"

#include "lib/service/seatsio/drawing.h"
#include "lib/service/seatsio/event_log.h"
#include "lib/service/seatsio/schema.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing::seatsio {
namespace {

StatusOr<std::string> TextOfDrawing(Database& database, std::string_view column, int64_t drawing) {
  std::optional<std::string> text;
  const std::string sql = "SELECT " + std::string(column) + " FROM drawings WHERE id = ?";
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
    text.reset();
    return tx.Query(sql, {drawing}, [&](const SqlRow& row) {
      text = row.Text(0);
      return OkStatus();
    });
  }));
  if (!text) return MakeError(ErrorCode::kDataLoss, "A drawing is missing.");
  return *std::move(text);
}

}  // namespace

ChartRow ChartOf(const SqlRow& row) {
  return {row.Int(0),      row.Int(1),      row.Text(2), row.Text(3),
          row.Int(4) != 0, row.Int(5) != 0, row.Int(6),  row.Int(7)};
}

StatusOr<ChartRow> ChartStore::Find(const Principal& principal, std::string_view key) {
  std::optional<ChartRow> found;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    found.reset();
    return tx.Query(std::string(kChartColumns) + "WHERE key = ? AND workspace_id = ?",
                    {std::string(key), principal.workspace}, [&](const SqlRow& row) {
                      found = ChartOf(row);
                      return OkStatus();
                    });
  }));
  if (!found) {
    return Missing("CHART_NOT_FOUND", "Chart not found: " + std::string(key) +
                                          " was not found in workspace " + principal.workspace_key);
  }
  return *std::move(found);
}

StatusOr<ChartRow> ChartStore::FindById(int64_t id) {
  std::optional<ChartRow> found;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    found.reset();
    return tx.Query(std::string(kChartColumns) + "WHERE id = ?", {id}, [&](const SqlRow& row) {
      found = ChartOf(row);
      return OkStatus();
    });
  }));
  if (!found) return MakeError(ErrorCode::kDataLoss, "A chart is missing.");
  return *std::move(found);
}

StatusOr<int64_t> ChartStore::KeepDrawing(const Json& drawing) {
  const std::string body = Dump(drawing);
  const std::string hash = HexEncode(Sha256(body));
  const std::string summary = Dump(SummaryOf(drawing));
  int64_t id = 0;
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const auto known,
                               QueryNumber(tx, "SELECT id FROM drawings WHERE hash = ?", {hash}));
    if (known) {
      id = *known;
      return OkStatus();
    }
    TICKETING_ASSIGN_OR_RETURN(id, NextNumber(tx, "drawing"));
    return tx
        .Execute("INSERT INTO drawings (id, hash, summary, body, chart) VALUES (?, ?, ?, ?, '')",
                 {id, hash, summary, body})
        .status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return id;
}

StatusOr<std::string> ChartStore::Body(int64_t drawing) {
  return TextOfDrawing(context_.database, "body", drawing);
}

StatusOr<Json> ChartStore::Drawing(int64_t drawing) {
  TICKETING_ASSIGN_OR_RETURN(const std::string body, Body(drawing));
  return ParseJson(body);
}

StatusOr<Json> ChartStore::Summary(int64_t drawing) {
  TICKETING_ASSIGN_OR_RETURN(const std::string text,
                             TextOfDrawing(context_.database, "summary", drawing));
  return ParseJson(text);
}

StatusOr<std::shared_ptr<const ChartView>> ChartStore::View(int64_t drawing) {
  {
    const std::lock_guard lock(mutex_);
    if (std::shared_ptr<const ChartView> view = views_.Find(drawing)) return view;
  }
  TICKETING_ASSIGN_OR_RETURN(const std::string body, Body(drawing));
  TICKETING_ASSIGN_OR_RETURN(Json summary, Summary(drawing));
  TICKETING_ASSIGN_OR_RETURN(std::string kept, TextOfDrawing(context_.database, "chart", drawing));
  const bool made_before = !kept.empty();
  TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<const ChartView> view,
                             MakeChartView(body, std::move(summary), kept));
  if (!made_before && !kept.empty()) {
    TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
      return tx
          .Execute("UPDATE drawings SET chart = ? WHERE id = ? AND chart = ''", {kept, drawing})
          .status();
    }));
  }
  const std::lock_guard lock(mutex_);
  return views_.Keep(drawing, std::move(view));
}

size_t ChartStore::views() const {
  const std::lock_guard lock(mutex_);
  return views_.size();
}

StatusOr<ChartRow> ChartStore::Add(int64_t workspace, std::string_view workspace_key,
                                   std::string key, const Json& drawing) {
  TICKETING_RETURN_IF_ERROR(CheckDrawing(drawing));
  ChartRow chart;
  chart.workspace = workspace;
  chart.key = std::move(key);
  chart.name = SummaryOf(drawing)["name"].get<std::string>();
  TICKETING_ASSIGN_OR_RETURN(chart.published, KeepDrawing(drawing));
  const Timestamp now = context_.env.clock.Now();
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(chart.id, NextNumber(tx, "chart"));
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO charts (id, workspace_id, key, name, archived, used, published_id,"
                   " draft_id, created_at) VALUES (?, ?, ?, ?, 0, 0, ?, 0, ?)",
                   {chart.id, workspace, chart.key, chart.name, chart.published, now.micros})
            .status());
    return AppendLog(tx, workspace, workspace_key, "chart.created", chart.key, now);
  });
  TICKETING_RETURN_IF_ERROR(done);
  return chart;
}

}  // namespace ticketing::seatsio
