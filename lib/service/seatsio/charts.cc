#include "lib/service/seatsio/charts.h"

#include <algorithm>
#include <charconv>

#include "lib/service/seatsio/drawing.h"
#include "lib/service/seatsio/pages.h"
#include "lib/service/seatsio/schema.h"

namespace ticketing::seatsio {
namespace {

constexpr size_t kEventsShownMax = 1000;

std::string StatusOf(const ChartRow& chart) {
  if (!chart.used) return "NOT_USED";
  return chart.draft != 0 ? "PUBLISHED_WITH_DRAFT" : "PUBLISHED";
}

}  // namespace

Json ShowChart(const Context& context, const ChartRow& chart,
               const std::vector<std::string>& tags) {
  const std::string address =
      context.options.public_url + "/charts/" + PercentEncode(chart.key) + "/version/";
  Json json = {{"id", chart.id},
               {"key", chart.key},
               {"name", chart.name},
               {"status", StatusOf(chart)},
               {"tags", tags},
               {"archived", chart.archived},
               {"publishedVersionThumbnailUrl", address + "published/thumbnail"}};
  if (chart.draft != 0) json["draftVersionThumbnailUrl"] = address + "draft/thumbnail";
  return json;
}

std::vector<Route> Charts::Routes() {
  const std::string one = "/charts/{chart}";
  std::vector<Route> routes = {
      {"POST", "/charts", Auth::kKey, Bind(this, &Charts::Create)},
      {"GET", "/charts", Auth::kKey, [this](Call& call) { return List(call, false); }},
      {"GET", "/charts/archive", Auth::kKey, [this](Call& call) { return List(call, true); }},
      {"GET", "/charts/tags", Auth::kKey, Bind(this, &Charts::ListTags)},
      // That service draws charts in its own designer; here drawings come in as files.
      {"POST", "/charts/actions/import", Auth::kKey, Bind(this, &Charts::Upload),
       limits::kChartBodyBytesMax},
      {"GET", one, Auth::kKey, Bind(this, &Charts::Get)},
      {"POST", one, Auth::kKey, Bind(this, &Charts::Update)},
      {"POST", one + "/actions/move-to-archive", Auth::kKey,
       [this](Call& call) { return SetArchived(call, true); }},
      {"POST", one + "/actions/move-out-of-archive", Auth::kKey,
       [this](Call& call) { return SetArchived(call, false); }},
      {"POST", one + "/tags/{tag}", Auth::kKey, Bind(this, &Charts::AddTag)},
      {"DELETE", one + "/tags/{tag}", Auth::kKey, Bind(this, &Charts::RemoveTag)},
  };
  if (context_.options.test_mode) {
    routes.push_back({"POST", "/system/public/charts/{chart}", Auth::kKey,
                      Bind(this, &Charts::Upload), limits::kChartBodyBytesMax});
  }
  return routes;
}

StatusOr<Reply> Charts::Create(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const std::string name = in.Text("name").value_or("Untitled chart");
  const std::string venue_type = in.Text("venueType", 40).value_or("SIMPLE");
  TICKETING_RETURN_IF_ERROR(in.status());
  Json drawing = NewDrawing(name, venue_type);
  if (in.Has("categories")) {
    TICKETING_ASSIGN_OR_RETURN(Json categories, CategoriesOfRequest(body["categories"]));
    SetCategories(drawing, std::move(categories));
  }
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart,
                             store_.Add(call.principal.workspace, call.principal.workspace_key,
                                        NewUuid(call.env.random), drawing));
  return Ok(ShowChart(context_, chart, {}), 201);
}

StatusOr<Reply> Charts::Upload(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json drawing, call.Body());
  std::string key(call.Path("chart"));
  if (key.empty()) key = NewUuid(call.env.random);
  if (key.size() > limits::kNameBytesMax)
    return Refuse("GENERAL_ERROR", "A chart's key has 1 to 200 bytes");
  TICKETING_ASSIGN_OR_RETURN(
      const ChartRow chart,
      store_.Add(call.principal.workspace, call.principal.workspace_key, key, drawing));
  return Ok(ShowChart(context_, chart, {}), 201);
}

StatusOr<std::vector<std::string>> Charts::Tags(int64_t chart) {
  std::vector<std::string> tags;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    tags.clear();
    return tx.Query("SELECT tag FROM chart_tags WHERE chart_id = ? ORDER BY id", {chart},
                    [&](const SqlRow& row) {
                      tags.push_back(row.Text(0));
                      return OkStatus();
                    });
  }));
  return tags;
}

StatusOr<Json> Charts::Show(const Principal& principal, const ChartRow& chart,
                            const Expand& expand) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> tags, Tags(chart.id));
  Json json = ShowChart(context_, chart, tags);
  if (expand.events) {
    TICKETING_ASSIGN_OR_RETURN(json["events"], events_(principal, chart.id, expand.events_limit));
  }
  if (expand.validation) {
    ChartVersions versions(context_, store_, companies_);
    TICKETING_ASSIGN_OR_RETURN(json["validation"],
                               versions.Validation(principal.company, chart.published));
  }
  if (expand.venue_type || expand.zones) {
    TICKETING_ASSIGN_OR_RETURN(Json summary, store_.Summary(chart.published));
    if (expand.venue_type) json["venueType"] = summary["venueType"];
    if (expand.zones) json["zones"] = summary["zones"];
  }
  return json;
}

StatusOr<Reply> Charts::Get(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  Expand expand;
  expand.venue_type = expand.zones = true;
  expand.events_limit = kEventsShownMax;
  for (const std::string& name : call.QueryAll("expand")) expand.events |= name == "events";
  TICKETING_ASSIGN_OR_RETURN(const Json json, Show(call.principal, chart, expand));
  return Ok(json);
}

StatusOr<Reply> Charts::List(Call& call, bool archived) {
  Expand expand;
  for (const std::string& name : call.QueryAll("expand")) {
    expand.events |= name == "events";
    expand.validation |= name == "validation";
    expand.venue_type |= name == "venueType";
    expand.zones |= name == "zones";
  }
  const std::string limit = call.Query("eventsLimit").value_or("50");
  const auto [end, error] =
      std::from_chars(limit.data(), limit.data() + limit.size(), expand.events_limit);
  if (error != std::errc() || end != limit.data() + limit.size())
    return Refuse("GENERAL_ERROR", "eventsLimit must be a number");
  expand.events_limit = std::min(expand.events_limit, kEventsShownMax);
  PageQuery query;
  query.columns = kChartColumns;
  query.where = "workspace_id = ? AND archived = ?";
  query.args.emplace_back(call.principal.workspace);
  query.args.emplace_back(int64_t{archived});
  if (const auto filter = call.Query("filter"); filter && !filter->empty()) {
    query.where += " AND name LIKE ? ESCAPE '\\'";
    query.args.emplace_back(LikePattern(*filter));
  }
  if (const auto tag = call.Query("tag"); tag && !tag->empty()) {
    query.where += " AND id IN (SELECT chart_id FROM chart_tags WHERE tag = ?)";
    query.args.emplace_back(*tag);
  }
  TICKETING_ASSIGN_OR_RETURN(const PageRequest page, call.Page());
  std::vector<ChartRow> rows;
  TICKETING_ASSIGN_OR_RETURN(const bool before,
                             ReadPage(
                                 context_.database, query, page, [&rows] { rows.clear(); },
                                 [&rows](const SqlRow& row) { rows.push_back(ChartOf(row)); }));
  if (page.before) std::ranges::reverse(rows);
  std::vector<PageItem> items;
  for (const ChartRow& chart : rows) {
    TICKETING_ASSIGN_OR_RETURN(Json json, Show(call.principal, chart, expand));
    items.push_back({std::to_string(chart.id), std::move(json)});
  }
  return Ok(PageOf(std::move(items), page, before));
}

StatusOr<Reply> Charts::Update(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const auto name = in.Text("name");
  TICKETING_RETURN_IF_ERROR(in.status());
  std::optional<Json> categories;
  if (in.Has("categories")) {
    TICKETING_ASSIGN_OR_RETURN(categories, CategoriesOfRequest(body["categories"]));
  }
  ChartVersions versions(context_, store_, companies_);
  TICKETING_RETURN_IF_ERROR(versions.Edit(call.principal, chart, [&](Json& drawing) {
    if (name) drawing["name"] = *name;
    if (categories) SetCategories(drawing, *categories);
    return OkStatus();
  }));
  return NoContent();
}

StatusOr<Reply> Charts::SetArchived(Call& call, bool archived) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx.Execute("UPDATE charts SET archived = ? WHERE id = ?", {int64_t{archived}, chart.id})
        .status();
  }));
  return NoContent();
}

StatusOr<Reply> Charts::ListTags(Call& call) {
  Json tags;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    tags = Json::array();
    return tx.Query(
        "SELECT DISTINCT tag FROM chart_tags WHERE chart_id IN"
        " (SELECT id FROM charts WHERE workspace_id = ?) ORDER BY tag",
        {call.principal.workspace}, [&](const SqlRow& row) {
          tags.push_back(row.Text(0));
          return OkStatus();
        });
  }));
  return Ok({{"tags", tags}});
}

StatusOr<Reply> Charts::AddTag(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  const std::string tag(call.Path("tag"));
  if (tag.empty() || tag.size() > limits::kNameBytesMax)
    return Refuse("GENERAL_ERROR", "A tag has 1 to 200 bytes");
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const int64_t id, NextNumber(tx, "chart_tag"));
    return tx
        .Execute(
            "INSERT INTO chart_tags (chart_id, tag, id) VALUES (?, ?, ?)"
            " ON CONFLICT (chart_id, tag) DO NOTHING",
            {chart.id, tag, id})
        .status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return NoContent();
}

StatusOr<Reply> Charts::RemoveTag(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const ChartRow chart, store_.Find(call.principal, call.Path("chart")));
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx
        .Execute("DELETE FROM chart_tags WHERE chart_id = ? AND tag = ?",
                 {chart.id, std::string(call.Path("tag"))})
        .status();
  }));
  return NoContent();
}

}  // namespace ticketing::seatsio
