// Accounts: registering customers, making staff, finding people.
#include "lib/service/identity/accounts.h"

#include "lib/service/identity/sessions.h"
#include "lib/service/identity/tables.h"
#include "lib/wire/convert.h"
#include "ticketing/v1/identity.pb.h"

namespace ticketing::identity {
namespace {

Status NobodyThere() {
  return MakeError(ErrorCode::kNotFound, "There is no such account.");
}

StatusOr<std::string> HashNewPassword(Context& context, const std::string& password) {
  std::string hash;
  const std::string salt = context.env.random.Bytes(kPasswordSaltBytes);
  TICKETING_RETURN_IF_ERROR(context.hashes.Run([&]() -> Status {
    TICKETING_ASSIGN_OR_RETURN(hash, HashPassword(password, salt, context.options.password_cost));
    return OkStatus();
  }));
  return hash;
}

StatusOr<HttpResponse> Register(Context& context, Call& call) {
  v1::RegisterRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  Account account{.roles = {Role::kCustomer}};
  TICKETING_ASSIGN_OR_RETURN(account.email, NormalizeEmail(request.email()));
  TICKETING_ASSIGN_OR_RETURN(account.name, NormalizeName(request.name()));
  TICKETING_ASSIGN_OR_RETURN(account.phone, NormalizePhone(request.phone()));
  TICKETING_ASSIGN_OR_RETURN(account.language, NormalizeLanguage(request.language()));
  TICKETING_RETURN_IF_ERROR(MakeAccount(context, account, request.password()));
  return OpenSession(context, call, account);
}

StatusOr<HttpResponse> CreateStaff(Context& context, Call& call) {
  v1::CreateStaffRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  Account account;
  std::vector<Role> roles;
  for (const std::string& name : request.roles()) {
    const auto role = RoleOfName(name);
    if (!role) return InvalidField("roles", "has a name that is no role");
    roles.push_back(*role);
  }
  TICKETING_ASSIGN_OR_RETURN(account.roles, NormalizeStaffRoles(roles));
  TICKETING_ASSIGN_OR_RETURN(account.email, NormalizeEmail(request.email()));
  TICKETING_ASSIGN_OR_RETURN(account.name, NormalizeName(request.name()));
  TICKETING_ASSIGN_OR_RETURN(account.language, NormalizeLanguage(request.language()));
  TICKETING_RETURN_IF_ERROR(MakeAccount(context, account, request.password()));
  context.env.log.Info("staff account made", {{"account", account.id.ToString()},
                                              {"by", call.principal.subject},
                                              {"request_id", call.request_id}});
  v1::Account out;
  Fill(account, &out);
  return call.Reply(201, out);
}

StatusOr<HttpResponse> ReplyWithAccount(Context& context, Call& call, AccountId id) {
  std::optional<Account> account;
  TICKETING_RETURN_IF_ERROR(
      context.database.Read([&](SqlTransaction& tx) { return FindAccount(tx, id, account); }));
  if (!account) return NobodyThere();
  v1::Account out;
  Fill(*account, &out);
  return call.Reply(200, out);
}

StatusOr<HttpResponse> GetMe(Context& context, Call& call) {
  const auto id = call.principal.account();
  if (!id) return NobodyThere();
  return ReplyWithAccount(context, call, *id);
}

StatusOr<HttpResponse> GetAccount(Context& context, Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const AccountId id, call.PathId<AccountId>("account_id"));
  return ReplyWithAccount(context, call, id);
}

StatusOr<HttpResponse> FindAccounts(Context& context, Call& call) {
  std::string email = call.Query("email").value_or("");
  std::string phone = call.Query("phone").value_or("");
  if (email.empty() && phone.empty()) {
    return InvalidField("email", "or phone is needed to find somebody");
  }
  if (!email.empty()) {
    TICKETING_ASSIGN_OR_RETURN(email, NormalizeEmail(email));
  }
  TICKETING_ASSIGN_OR_RETURN(phone, NormalizePhone(phone));
  std::vector<Account> accounts;
  TICKETING_RETURN_IF_ERROR(context.database.Read([&](SqlTransaction& tx) {
    accounts.clear();
    return ListAccounts(tx, email, phone, limits::kPageItemsDefault, accounts);
  }));
  v1::AccountList out;
  for (const Account& account : accounts) Fill(account, out.add_accounts());
  return call.Reply(200, out);
}

}  // namespace

Status MakeAccount(Context& context, Account& account, const std::string& password) {
  TICKETING_RETURN_IF_ERROR(CheckNewPassword(password, account.email));
  account.id = context.env.random.NewId<AccountId>();
  account.created_at = context.env.clock.Now();
  TICKETING_ASSIGN_OR_RETURN(account.password_hash, HashNewPassword(context, password));
  return context.database.Write([&](SqlTransaction& tx) { return InsertAccount(tx, account); });
}

void Fill(const Account& account, v1::Account* out) {
  out->set_id(account.id.ToString());
  out->set_email(account.email);
  out->set_name(account.name);
  out->set_phone(account.phone);
  out->set_language(account.language);
  for (const Role role : account.roles) out->add_roles(std::string(RoleName(role)));
  wire::SetTime(account.created_at, out->mutable_created_at());
}

std::vector<Route> AccountRoutes(Context& context) {
  const auto bind = [&context](auto handler) {
    return [&context, handler](Call& call) { return handler(context, call); };
  };
  const Access sales = {
      .roles = {ticketing::Role::kBoxOffice, ticketing::Role::kAdmin, ticketing::Role::kService}};
  return {
      {.method = "POST",
       .path = "/v1/accounts",
       .operation = "register",
       .summary = "Register a customer and log in.",
       .access = {},
       .request = MessageName("RegisterRequest"),
       .response = MessageName("Session"),
       .handler = bind(&Register),
       .success = 201},
      {.method = "POST",
       .path = "/v1/staff",
       .operation = "createStaff",
       .summary = "Create a staff account with roles.",
       .access = {.roles = {ticketing::Role::kAdmin}},
       .request = MessageName("CreateStaffRequest"),
       .response = MessageName("Account"),
       .handler = bind(&CreateStaff),
       .success = 201},
      {.method = "GET",
       .path = "/v1/me",
       .operation = "getMe",
       .summary = "Who I am.",
       .access = {},
       .response = MessageName("Account"),
       .handler = bind(&GetMe)},
      {.method = "GET",
       .path = "/v1/accounts",
       .operation = "findAccounts",
       .summary = "Find people by email or phone.",
       .access = sales,
       .response = MessageName("AccountList"),
       .handler = bind(&FindAccounts),
       .query = {{"email", "Exact address."}, {"phone", "Exact number."}}},
      {.method = "GET",
       .path = "/v1/accounts/{account_id}",
       .operation = "getAccount",
       .summary = "One account.",
       .access = sales,
       .response = MessageName("Account"),
       .handler = bind(&GetAccount)},
  };
}

}  // namespace ticketing::identity
