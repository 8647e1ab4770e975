#include <algorithm>

#include "lib/service/seatsio/charts.h"
#include "lib/service/seatsio/drawing.h"
#include "lib/service/seatsio/event_log.h"
#include "ticketing/seat/chart_svg.h"

namespace ticketing::seatsio {

std::vector<Route> ChartVersions::Routes() {
  const std::string one = "/charts/{chart}";
  const std::string version = one + "/version/{version}";
  return {
      {"GET", version, Auth::kKey, Bind(this, &ChartVersions::Get)},
      {"GET", version + "/thumbnail", Auth::kKey, Bind(this, &ChartVersions::Thumbnail)},
      {"POST", version + "/actions/validate", Auth::kKey, Bind(this, &ChartVersions::Validate)},
      {"POST", one + "/version/draft/actions/publish", Auth::kKey,
       Bind(this, &ChartVersions::Publish)},
      {"POST", one + "/version/draft/actions/discard", Auth::kKey,
       Bind(this, &ChartVersions::Discard)},
      {"POST", version + "/actions/copy", Auth::kKey, Bind(this, &ChartVersions::Copy)},
      {"POST", one + "/version/published/actions/copy-to-workspace/{workspace}", Auth::kCompanyKey,
       Bind(this, &ChartVersions::CopyToWorkspace)},
      {"POST", one + "/version/published/actions/copy/from/{from}/to/{to}", Auth::kCompanyKey,
       Bind(this, &ChartVersions::CopyBetween)},
      {"GET", one + "/categories", Auth::kKey, Bind(this, &ChartVersions::Categories)},
      {"POST", one + "/categories", Auth::kKey, Bind(this, &ChartVersions::AddCategory)},
      {"POST", one + "/categories/{category}", Auth::kKey,
       Bind(this, &ChartVersions::UpdateCategory)},
      {"DELETE", one + "/categories/{category}", Auth::kKey,
       Bind(this, &ChartVersions::RemoveCategory)},
  };
}

Status ChartVersions::Edit(const Principal& principal, const ChartRow& chart,
                           const std::function<Status(Json&)>& change) {
  TICKETING_ASSIGN_OR_RETURN(const Json settings, companies_.Settings(principal.company));
  const bool drafts = settings.value("draftChartDrawingsEnabled", true);
  const int64_t seen = chart.draft != 0 ? chart.draft : chart.published;
  TICKETING_ASSIGN_OR_RETURN(Json drawing, store_.Drawing(seen));
  TICKETING_RETURN_IF_ERROR(change(drawing));
  const std::string name = SummaryOf(drawing)["name"].get<std::string>();
  TICKETING_ASSIGN_OR_RETURN(const int64_t made, store_.KeepDrawing(drawing));
  const Timestamp now = context_.env.clock.Now();
  return context_.database.Write([&](SqlTransaction& tx) -> Status {
    // Whoever edited in between must not lose what he did.
    const bool as_draft = chart.used && drafts;
    StatusOr<int64_t> changed =
        as_draft ? tx.Execute(
                       "UPDATE charts SET draft_id = ? WHERE id = ? AND published_id = ?"
                       " AND draft_id = ?",
                       {made, chart.id, chart.published, chart.draft})
                 : tx.Execute(
                       "UPDATE charts SET published_id = ?, draft_id = 0, name = ? WHERE id = ?"
                       " AND published_id = ? AND draft_id = ?",
                       {made, name, chart.id, chart.published, chart.draft});
    TICKETING_RETURN_IF_ERROR(changed.status());
    if (*changed == 0)
      return Refuse("GENERAL_ERROR", "The chart was changed by somebody else: try again");
    if (as_draft) return OkStatus();
    return AppendLog(tx, principal.workspace, principal.workspace_key, "chart.published", chart.key,
                     now);
  });
}

StatusOr<int64_t> ChartVersions::DrawingOfPath(Call& call, const ChartRow& chart) {
  const std::string_view version = call.Path("version");
  if (version == "published") return chart.published;
  if (version == "draft" && chart.draft != 0) return chart.draft;
  return Missing("CHART_NOT_FOUND",
                 "The chart " + chart.key + " has no version " + std::string(version));
}

StatusOr<Reply> ChartVersions::Get(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const int64_t drawing, DrawingOfPath(call, chart));
  TICKETING_ASSIGN_OR_RETURN(std::string body, store_.Body(drawing));
  return Reply{200, "application/json", std::move(body)};
}

StatusOr<Reply> ChartVersions::Thumbnail(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const int64_t drawing, DrawingOfPath(call, chart));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, store_.View(drawing));
  return Reply{200, "image/svg+xml", seat::ToSvg(*view->chart)};
}

StatusOr<Json> ChartVersions::Validation(int64_t company, int64_t drawing) {
  TICKETING_ASSIGN_OR_RETURN(const Json settings, companies_.Settings(company));
  const Json rated = settings.value("chartValidation", Json::object());
  Json out = {{"errors", Json::array()}, {"warnings", Json::array()}};
  const bool asked = std::ranges::any_of(rated, [](const Json& r) { return r != "OFF"; });
  if (!asked) return out;
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, store_.View(drawing));
  for (const std::string& finding : view->findings) {
    const std::string rating = rated.value(finding, "OFF");
    if (rating == "ERROR") out["errors"].push_back(finding);
    if (rating == "WARNING") out["warnings"].push_back(finding);
  }
  return out;
}

StatusOr<Reply> ChartVersions::Validate(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const int64_t drawing, DrawingOfPath(call, chart));
  TICKETING_ASSIGN_OR_RETURN(const Json json, Validation(call.principal.company, drawing));
  return Ok(json);
}

StatusOr<Reply> ChartVersions::Publish(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  if (chart.draft == 0) return Missing("CHART_NOT_FOUND", "The chart has no draft");
  TICKETING_ASSIGN_OR_RETURN(const Json summary, store_.Summary(chart.draft));
  const Timestamp now = call.env.clock.Now();
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(
        const int64_t changed,
        tx.Execute("UPDATE charts SET published_id = draft_id, draft_id = 0, name = ?"
                   " WHERE id = ? AND draft_id = ?",
                   {summary["name"].get<std::string>(), chart.id, chart.draft}));
    if (changed == 0) return Refuse("GENERAL_ERROR", "The draft was changed: try again");
    return AppendLog(tx, call.principal.workspace, call.principal.workspace_key, "chart.published",
                     chart.key, now);
  });
  TICKETING_RETURN_IF_ERROR(done);
  return NoContent();
}

StatusOr<Reply> ChartVersions::Discard(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  if (chart.draft == 0) return Missing("CHART_NOT_FOUND", "The chart has no draft");
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx.Execute("UPDATE charts SET draft_id = 0 WHERE id = ?", {chart.id}).status();
  }));
  return NoContent();
}

StatusOr<Reply> ChartVersions::CopyOf(Call& call, int64_t drawing, const Workspace& to,
                                      bool renamed) {
  TICKETING_ASSIGN_OR_RETURN(Json copy, store_.Drawing(drawing));
  if (renamed) copy["name"] = SummaryOf(copy)["name"].get<std::string>() + " (copy)";
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart,
                             store_.Add(to.id, to.key, NewUuid(call.env.random), copy));
  return Ok(ShowChart(context_, chart, {}), 201);
}

StatusOr<Reply> ChartVersions::Copy(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const int64_t drawing, DrawingOfPath(call, chart));
  Workspace here;
  here.id = call.principal.workspace;
  here.key = call.principal.workspace_key;
  return CopyOf(call, drawing, here, true);
}

StatusOr<Reply> ChartVersions::CopyToWorkspace(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace to, companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  return CopyOf(call, chart.published, to, false);
}

StatusOr<Reply> ChartVersions::CopyBetween(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Workspace from,
                             companies_.FindWorkspace(call.principal.company, call.Path("from")));
  TICKETING_ASSIGN_OR_RETURN(const Workspace to,
                             companies_.FindWorkspace(call.principal.company, call.Path("to")));
  Principal there = call.principal;
  there.workspace = from.id;
  there.workspace_key = from.key;
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(there, call.Path("chart")));
  return CopyOf(call, chart.published, to, false);
}

StatusOr<Reply> ChartVersions::Categories(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const Json drawing,
                             store_.Drawing(chart.draft != 0 ? chart.draft : chart.published));
  return Ok({{"categories", CategoriesOf(drawing)}});
}

StatusOr<Reply> ChartVersions::AddCategory(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  TICKETING_ASSIGN_OR_RETURN(const Json category, CategoryOfRequest(body));
  TICKETING_RETURN_IF_ERROR(Edit(call.principal, chart, [&](Json& drawing) -> Status {
    Json list = CategoriesOf(drawing);
    for (const Json& known : list) {
      if (KeyText(known.value("key", Json())) == KeyText(category["key"]))
        return Refuse("GENERAL_ERROR", "category key is taken");
    }
    if (list.size() >= limits::kCategoriesPerChartMax)
      return Refuse("GENERAL_ERROR", "too many categories");
    list.push_back(category);
    SetCategories(drawing, std::move(list));
    return OkStatus();
  }));
  return NoContent();
}

StatusOr<Reply> ChartVersions::UpdateCategory(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const auto label = in.Text("label");
  const auto color = in.Text("color", 40);
  const auto accessible = in.Flag("accessible");
  TICKETING_RETURN_IF_ERROR(in.status());
  TICKETING_RETURN_IF_ERROR(Edit(call.principal, chart, [&](Json& drawing) -> Status {
    Json list = CategoriesOf(drawing);
    for (Json& category : list) {
      if (KeyText(category.value("key", Json())) != call.Path("category")) continue;
      if (label) category["label"] = *label;
      if (color) category["color"] = *color;
      if (accessible) category["accessible"] = *accessible;
      SetCategories(drawing, std::move(list));
      return OkStatus();
    }
    return Missing("CATEGORY_NOT_FOUND", "category not found");
  }));
  return NoContent();
}

StatusOr<Reply> ChartVersions::RemoveCategory(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_RETURN_IF_ERROR(Edit(call.principal, chart, [&](Json& drawing) -> Status {
    Json list = CategoriesOf(drawing);
    for (size_t i = 0; i < list.size(); ++i) {
      if (KeyText(list[i].value("key", Json())) != call.Path("category")) continue;
      list.erase(i);
      SetCategories(drawing, std::move(list));
      return OkStatus();
    }
    return Missing("CATEGORY_NOT_FOUND", "category not found");
  }));
  return NoContent();
}

}  // namespace ticketing::seatsio
