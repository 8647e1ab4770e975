// Companies, their workspaces and their secret keys: who is who.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_COMPANIES_H_
#define TICKETING_LIB_SERVICE_SEATSIO_COMPANIES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/seatsio/context.h"

namespace ticketing::seatsio {

struct Workspace {
  int64_t id = 0;
  int64_t company = 0;
  std::string key;
  std::string name;
  bool is_test = false;
  bool is_active = true;
  bool is_default = false;
};

struct Company {
  int64_t id = 0;
  std::string designer_key;
  std::string public_key;
  std::string email;
  Json settings;  // as AccountSettings shows them
};

// What a company is born with.
Json DefaultSettings();

// Thread-safe.
class Companies {
 public:
  explicit Companies(const Context& context) : context_(context), principals_(context.setup) {}

  // Who the Authorization header says. kUnauthenticated, kPermissionDenied (a workspace key where
  // the company's is needed); WORKSPACE_NOT_FOUND for an X-Workspace-Key that the company lacks.
  // A key that was taken back at another process is let in for kMemoLife longer here.
  StatusOr<Principal> Authenticate(const HttpRequest& request, Auth auth);

  // A company with one workspace of that name.
  struct Made {
    Company company;
    Workspace workspace;
    std::string company_secret;
    std::string workspace_secret;
  };
  StatusOr<Made> Create(std::string_view workspace_name, bool is_test, bool undelivered);

  StatusOr<std::optional<SeatsioKeys>> Undelivered();
  Status Delivered();
  StatusOr<bool> Any();

  StatusOr<Company> Find(int64_t company);
  // The settings of the company that a workspace belongs to.
  StatusOr<Json> Settings(int64_t company);
  Status ChangeSettings(int64_t company, const std::function<Status(Json&)>& change);

  StatusOr<Workspace> FindWorkspace(int64_t company, std::string_view key);
  // The secret keys of a workspace (0: of the company), oldest first.
  StatusOr<std::vector<std::string>> Secrets(int64_t company, int64_t workspace);

  // Within a transaction of the caller.
  static StatusOr<std::string> AddSecret(SqlTransaction& tx, int64_t company, int64_t workspace,
                                         const std::string& secret);

 private:
  StatusOr<Principal> LookUp(const std::string& secret, const std::string& hash,
                             const std::string& asked, Auth auth);

  const Context& context_;
  Memo<Principal> principals_;  // by hash of the key, kind of route and workspace asked for
};

// Reads the columns of kWorkspaceColumns.
inline constexpr std::string_view kWorkspaceColumns =
    "SELECT id, company_id, key, name, is_test, is_active, is_default FROM workspaces ";
Workspace WorkspaceOf(const SqlRow& row);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_COMPANIES_H_
