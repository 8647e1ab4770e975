#include "lib/service/seatsio/companies.h"

#include "lib/service/seatsio/schema.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing::seatsio {
namespace {

Status NoEntry() {
  return MakeError(ErrorCode::kUnauthenticated, "A secret key is needed.");
}

// The user name of HTTP Basic; the password does not matter.
std::optional<std::string> UserOf(const HttpRequest& request) {
  std::string_view header = request.headers.Get("Authorization").value_or("");
  constexpr std::string_view kScheme = "Basic ";
  if (!header.starts_with(kScheme)) return std::nullopt;
  header.remove_prefix(kScheme.size());
  std::optional<std::string> plain = Base64Decode(header);
  if (!plain) return std::nullopt;
  const size_t colon = plain->find(':');
  if (colon != std::string::npos) plain->resize(colon);
  if (plain->empty()) return std::nullopt;
  return plain;
}

std::string HashOf(std::string_view secret) {
  return HexEncode(Sha256(secret));
}

Status InsertWorkspace(SqlTransaction& tx, const Workspace& workspace, Timestamp now) {
  return tx
      .Execute(
          "INSERT INTO workspaces (id, company_id, key, name, is_test, is_active, is_default,"
          " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          {workspace.id, workspace.company, workspace.key, workspace.name,
           int64_t{workspace.is_test}, int64_t{workspace.is_active}, int64_t{workspace.is_default},
           now.micros})
      .status();
}

}  // namespace

Json DefaultSettings() {
  Json validation;
  for (const char* check : {"VALIDATE_DUPLICATE_LABELS", "VALIDATE_OBJECTS_WITHOUT_CATEGORIES",
                            "VALIDATE_UNLABELED_OBJECTS", "VALIDATE_FOCAL_POINT",
                            "VALIDATE_OBJECT_TYPES_PER_CATEGORY", "VALIDATE_EMPTY_FLOOR"}) {
    validation[check] = "OFF";
  }
  return {{"draftChartDrawingsEnabled", true},
          {"holdOnSelectForGAs", true},
          {"holdPeriodInMinutes", 15},
          {"chartValidation", std::move(validation)},
          {"defaultRendererSettings",
           {{"showFullScreenButton", false},
            {"multiSelectEnabled", false},
            {"companionSeatValidationEnabled", false}}}};
}

Workspace WorkspaceOf(const SqlRow& row) {
  return {row.Int(0),      row.Int(1),      row.Text(2),    row.Text(3),
          row.Int(4) != 0, row.Int(5) != 0, row.Int(6) != 0};
}

StatusOr<Principal> Companies::Authenticate(const HttpRequest& request, Auth auth) {
  const std::optional<std::string> secret = UserOf(request);
  if (!secret) return NoEntry();
  if (auth == Auth::kSystem) {
    if (!ConstantTimeEquals(*secret, context_.options.system_secret)) return NoEntry();
    return Principal{};
  }
  const std::string asked(request.headers.Get("X-Workspace-Key").value_or(""));
  const std::string hash = HashOf(*secret);
  const std::string name = hash + (auth == Auth::kCompanyKey ? "!" : "?") + asked;
  if (const auto known = principals_.Find(name)) return *known;
  const Setup::Mark mark = context_.setup.Now();
  TICKETING_ASSIGN_OR_RETURN(Principal principal, LookUp(*secret, hash, asked, auth));
  return *principals_.Keep(name, mark, std::move(principal));
}

StatusOr<Principal> Companies::LookUp(const std::string& secret, const std::string& hash,
                                      const std::string& asked, Auth auth) {
  Principal principal;
  bool known = false;
  std::optional<Workspace> workspace;
  const Status done = context_.database.Read([&](SqlTransaction& tx) -> Status {
    known = false;
    workspace.reset();
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT company_id, workspace_id, secret FROM secret_keys WHERE hash = ?", {hash},
                 [&](const SqlRow& row) {
                   known = ConstantTimeEquals(row.Text(2), secret);
                   principal.company = row.Int(0);
                   principal.workspace = row.Int(1);
                   return OkStatus();
                 }));
    if (!known) return OkStatus();
    const auto take = [&](const SqlRow& row) {
      workspace = WorkspaceOf(row);
      return OkStatus();
    };
    const std::string columns(kWorkspaceColumns);
    if (principal.workspace != 0)
      return tx.Query(columns + "WHERE id = ?", {principal.workspace}, take);
    if (!asked.empty()) {
      return tx.Query(columns + "WHERE company_id = ? AND key = ?", {principal.company, asked},
                      take);
    }
    return tx.Query(columns + "WHERE company_id = ? AND is_default = 1", {principal.company}, take);
  });
  TICKETING_RETURN_IF_ERROR(done);
  if (!known) return NoEntry();
  principal.admin = principal.workspace == 0;
  if (auth == Auth::kCompanyKey && !principal.admin)
    return MakeError(ErrorCode::kPermissionDenied, "This needs the company's secret key.");
  if (!workspace)
    return Missing("WORKSPACE_NOT_FOUND", "Workspace not found: " + asked + " was not found");
  principal.workspace = workspace->id;
  principal.workspace_key = workspace->key;
  return principal;
}

StatusOr<std::string> Companies::AddSecret(SqlTransaction& tx, int64_t company, int64_t workspace,
                                           const std::string& secret) {
  TICKETING_ASSIGN_OR_RETURN(const int64_t id, NextNumber(tx, "secret_key"));
  TICKETING_RETURN_IF_ERROR(tx.Execute("INSERT INTO secret_keys (hash, id, company_id,"
                                       " workspace_id, secret) VALUES (?, ?, ?, ?, ?)",
                                       {HashOf(secret), id, company, workspace, secret})
                                .status());
  return secret;
}

StatusOr<Companies::Made> Companies::Create(std::string_view workspace_name, bool is_test,
                                            bool undelivered) {
  Random& random = context_.env.random;
  Made made;
  made.company = {0, NewUuid(random), NewUuid(random), NewToken(random, 12) + "@example.com",
                  DefaultSettings()};
  made.company_secret = NewUuid(random);
  made.workspace_secret = NewUuid(random);
  made.workspace = {0, 0, NewUuid(random), std::string(workspace_name), is_test, true, true};
  const Timestamp now = context_.env.clock.Now();
  const Status done = context_.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(made.company.id, NextNumber(tx, "company"));
    TICKETING_RETURN_IF_ERROR(
        tx.Execute(
              "INSERT INTO companies (id, designer_key, public_key, email, settings,"
              " undelivered, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
              {made.company.id, made.company.designer_key, made.company.public_key,
               made.company.email, Dump(made.company.settings), int64_t{undelivered}, now.micros})
            .status());
    TICKETING_ASSIGN_OR_RETURN(made.workspace.id, NextNumber(tx, "workspace"));
    made.workspace.company = made.company.id;
    TICKETING_RETURN_IF_ERROR(InsertWorkspace(tx, made.workspace, now));
    TICKETING_RETURN_IF_ERROR(AddSecret(tx, made.company.id, 0, made.company_secret).status());
    return AddSecret(tx, made.company.id, made.workspace.id, made.workspace_secret).status();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return made;
}

StatusOr<bool> Companies::Any() {
  bool any = false;
  const Status done = context_.database.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const auto id,
                               QueryNumber(tx, "SELECT id FROM companies LIMIT 1", {}));
    any = id.has_value();
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return any;
}

StatusOr<std::optional<SeatsioKeys>> Companies::Undelivered() {
  std::optional<int64_t> company;
  std::optional<Workspace> workspace;
  const Status done = context_.database.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(
        company, QueryNumber(tx, "SELECT id FROM companies WHERE undelivered = 1 ORDER BY id", {}));
    if (!company) return OkStatus();
    return tx.Query(std::string(kWorkspaceColumns) + "WHERE company_id = ? AND is_default = 1",
                    {*company}, [&](const SqlRow& row) {
                      workspace = WorkspaceOf(row);
                      return OkStatus();
                    });
  });
  TICKETING_RETURN_IF_ERROR(done);
  if (!company || !workspace) return std::optional<SeatsioKeys>();
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> own, Secrets(*company, 0));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<std::string> theirs,
                             Secrets(*company, workspace->id));
  if (own.empty() || theirs.empty())
    return MakeError(ErrorCode::kDataLoss, "The first company has no keys.");
  return std::optional<SeatsioKeys>(SeatsioKeys{own[0], workspace->key, theirs[0]});
}

Status Companies::Delivered() {
  return context_.database.Write([](SqlTransaction& tx) {
    return tx.Execute("UPDATE companies SET undelivered = 0 WHERE undelivered = 1", {}).status();
  });
}

StatusOr<Company> Companies::Find(int64_t company) {
  std::optional<Company> found;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query(
        "SELECT id, designer_key, public_key, email, settings FROM companies WHERE id = ?",
        {company}, [&](const SqlRow& row) {
          found = Company{row.Int(0), row.Text(1), row.Text(2), row.Text(3),
                          Json::parse(row.Text(4), nullptr, false)};
          return OkStatus();
        });
  }));
  if (!found || !found->settings.is_object())
    return MakeError(ErrorCode::kDataLoss, "The company of a key is not there.");
  return *std::move(found);
}

StatusOr<Json> Companies::Settings(int64_t company) {
  TICKETING_ASSIGN_OR_RETURN(Company found, Find(company));
  return std::move(found.settings);
}

Status Companies::ChangeSettings(int64_t company, const std::function<Status(Json&)>& change) {
  return context_.database.Write([&](SqlTransaction& tx) -> Status {
    Json settings;
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT settings FROM companies WHERE id = ?", {company}, [&](const SqlRow& row) {
          settings = Json::parse(row.Text(0), nullptr, false);
          return OkStatus();
        }));
    TICKETING_RETURN_IF_ERROR(change(settings));
    return tx.Execute("UPDATE companies SET settings = ? WHERE id = ?", {Dump(settings), company})
        .status();
  });
}

StatusOr<Workspace> Companies::FindWorkspace(int64_t company, std::string_view key) {
  std::optional<Workspace> found;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    found.reset();
    return tx.Query(std::string(kWorkspaceColumns) + "WHERE company_id = ? AND key = ?",
                    {company, std::string(key)}, [&](const SqlRow& row) {
                      found = WorkspaceOf(row);
                      return OkStatus();
                    });
  }));
  if (!found) {
    return Missing("WORKSPACE_NOT_FOUND",
                   "Workspace not found: " + std::string(key) + " was not found");
  }
  return *std::move(found);
}

StatusOr<std::vector<std::string>> Companies::Secrets(int64_t company, int64_t workspace) {
  std::vector<std::string> secrets;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    secrets.clear();
    return tx.Query(
        "SELECT secret FROM secret_keys WHERE company_id = ? AND workspace_id = ? ORDER BY id",
        {company, workspace}, [&](const SqlRow& row) {
          secrets.push_back(row.Text(0));
          return OkStatus();
        });
  }));
  return secrets;
}

}  // namespace ticketing::seatsio
