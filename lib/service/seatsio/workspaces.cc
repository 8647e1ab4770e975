#include "lib/service/seatsio/workspaces.h"

#include <algorithm>

#include "lib/service/seatsio/pages.h"
#include "lib/service/seatsio/schema.h"

namespace ticketing::seatsio {

std::vector<Route> Workspaces::Routes() {
  const auto list = [this](Which which) {
    return [this, which](Call& call) { return List(call, which); };
  };
  const Auth company = Auth::kCompanyKey;
  const std::string one = "/workspaces/{workspace}";
  return {
      {"POST", "/workspaces", company, Bind(this, &Workspaces::Create)},
      {"GET", "/workspaces", company, list(Which::kAll)},
      {"GET", "/workspaces/active", company, list(Which::kActive)},
      {"GET", "/workspaces/inactive", company, list(Which::kInactive)},
      {"POST", "/workspaces/actions/set-default/{workspace}", company,
       Bind(this, &Workspaces::SetDefault)},
      {"GET", one, company, Bind(this, &Workspaces::Get)},
      {"POST", one, company, Bind(this, &Workspaces::Update)},
      {"DELETE", one, company, Bind(this, &Workspaces::Delete)},
      {"POST", one + "/actions/activate", company,
       [this](Call& call) { return SetActive(call, true); }},
      {"POST", one + "/actions/deactivate", company,
       [this](Call& call) { return SetActive(call, false); }},
      {"POST", one + "/actions/regenerate-secret-key", company,
       Bind(this, &Workspaces::RegenerateSecret)},
      {"POST", one + "/actions/add-secret-key", company, Bind(this, &Workspaces::AddSecret)},
      {"POST", one + "/actions/remove-secret-key", company, Bind(this, &Workspaces::RemoveSecret)},
  };
}

StatusOr<Json> Workspaces::Show(const Workspace& workspace) {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> secrets,
                             companies_.Secrets(workspace.company, workspace.id));
  TICKETING_ASSIGN_OR_RETURN(Json settings, companies_.Settings(workspace.company));
  return Json{{"id", workspace.id},
              {"key", workspace.key},
              {"name", workspace.name},
              {"secretKey", secrets.empty() ? "" : secrets.back()},
              {"secretKeys", secrets},
              {"isTest", workspace.is_test},
              {"isActive", workspace.is_active},
              {"isDefault", workspace.is_default},
              {"settings", std::move(settings)}};
}

StatusOr<Reply> Workspaces::Create(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  Workspace workspace;
  workspace.name = in.RequiredText("name");
  workspace.is_test = in.Flag("isTest").value_or(false);
  TICKETING_RETURN_IF_ERROR(in.status());
  workspace.company = call.principal.company;
  workspace.key = NewUuid(call.env.random);
  const std::string secret = NewUuid(call.env.random);
  const Timestamp now = call.env.clock.Now();
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(workspace.id, NextNumber(tx, "workspace"));
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO workspaces (id, company_id, key, name, is_test, is_active,"
                   " is_default, created_at) VALUES (?, ?, ?, ?, ?, 1, 0, ?)",
                   {workspace.id, workspace.company, workspace.key, workspace.name,
                    int64_t{workspace.is_test}, now.micros})
            .status());
    return Companies::AddSecret(tx, workspace.company, workspace.id, secret).status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  TICKETING_ASSIGN_OR_RETURN(const Json json, Show(workspace));
  return Ok(json, 201);
}

StatusOr<Reply> Workspaces::Get(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  TICKETING_ASSIGN_OR_RETURN(const Json json, Show(workspace));
  return Ok(json);
}

StatusOr<Reply> Workspaces::List(Call& call, Which which) {
  PageQuery query;
  query.columns = kWorkspaceColumns;
  query.where = "company_id = ?";
  query.args.emplace_back(call.principal.company);

  if (which != Which::kAll) {
    query.where += " AND is_active = ?";
    query.args.emplace_back(int64_t{which == Which::kActive});
  }
  if (const auto filter = call.Query("filter"); filter && !filter->empty()) {
    query.where += " AND name LIKE ? ESCAPE '\\'";
    query.args.emplace_back(LikePattern(*filter));
  }
  std::vector<Workspace> rows;
  TICKETING_ASSIGN_OR_RETURN(const PageRequest page, call.Page());
  TICKETING_ASSIGN_OR_RETURN(const bool before,
                             ReadPage(
                                 context_.database, query, page, [&rows] { rows.clear(); },
                                 [&rows](const SqlRow& row) { rows.push_back(WorkspaceOf(row)); }));
  if (page.before) std::ranges::reverse(rows);
  std::vector<PageItem> items;
  for (const Workspace& workspace : rows) {
    TICKETING_ASSIGN_OR_RETURN(Json json, Show(workspace));
    items.push_back({std::to_string(workspace.id), std::move(json)});
  }
  return Ok(PageOf(std::move(items), page, before));
}

StatusOr<Reply> Workspaces::Update(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const std::string name = in.RequiredText("name");
  TICKETING_RETURN_IF_ERROR(in.status());
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx.Execute("UPDATE workspaces SET name = ? WHERE id = ?", {name, workspace.id}).status();
  }));
  return NoContent();
}

StatusOr<Reply> Workspaces::Delete(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  if (workspace.is_default)
    return Refuse("GENERAL_ERROR", "The default workspace cannot be deleted");
  if (workspace.is_active)
    return Refuse("GENERAL_ERROR", "An active workspace cannot be deleted: deactivate it first");
  // Its charts and events stay in the database, out of reach, as records of what was sold.
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM secret_keys WHERE workspace_id = ?", {workspace.id}).status());
    return tx.Execute("DELETE FROM workspaces WHERE id = ?", {workspace.id}).status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return NoContent();
}

StatusOr<Reply> Workspaces::SetActive(Call& call, bool active) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  if (!active && workspace.is_default)
    return Refuse("GENERAL_ERROR", "The default workspace cannot be deactivated");
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx
        .Execute("UPDATE workspaces SET is_active = ? WHERE id = ?",
                 {int64_t{active}, workspace.id})
        .status();
  }));
  return NoContent();
}

StatusOr<Reply> Workspaces::SetDefault(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return tx
        .Execute(
            "UPDATE workspaces SET is_default = CASE WHEN id = ? THEN 1 ELSE 0 END"
            " WHERE company_id = ?",
            {workspace.id, workspace.company})
        .status();
  }));
  return NoContent();
}

StatusOr<Reply> Workspaces::RegenerateSecret(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  const std::string secret = NewUuid(call.env.random);
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM secret_keys WHERE workspace_id = ?", {workspace.id}).status());
    return Companies::AddSecret(tx, workspace.company, workspace.id, secret).status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return Ok({{"secretKey", secret}});
}

StatusOr<Reply> Workspaces::AddSecret(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  const std::string secret = NewUuid(call.env.random);
  TICKETING_RETURN_IF_ERROR(context_.database.Write([&](SqlTransaction& tx) {
    return Companies::AddSecret(tx, workspace.company, workspace.id, secret).status();
  }));
  return Ok({{"secretKey", secret}});
}

StatusOr<Reply> Workspaces::RemoveSecret(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(
      const Workspace workspace,
      companies_.FindWorkspace(call.principal.company, call.Path("workspace")));
  TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
  Fields in(body);
  const std::string secret = in.RequiredText("secretKey");
  TICKETING_RETURN_IF_ERROR(in.status());
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(
        const auto left,
        QueryNumber(tx, "SELECT COUNT(*) FROM secret_keys WHERE workspace_id = ? AND secret <> ?",
                    {workspace.id, secret}));
    if (left.value_or(0) == 0)
      return Refuse("GENERAL_ERROR", "The last secret key of a workspace cannot be removed");
    TICKETING_ASSIGN_OR_RETURN(
        const int64_t gone,
        tx.Execute("DELETE FROM secret_keys WHERE workspace_id = ? AND secret = ?",
                   {workspace.id, secret}));
    if (gone == 0) return Refuse("GENERAL_ERROR", "The workspace has no such secret key");
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return NoContent();
}

}  // namespace ticketing::seatsio
