// Sessions: logging in, refreshing, logging out; and the tokens that services get.
#include "lib/service/identity/sessions.h"

#include <algorithm>

#include "lib/service/identity/accounts.h"
#include "lib/service/identity/tables.h"
#include "lib/wire/convert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/v1/identity.pb.h"

namespace ticketing::identity {
namespace {

constexpr size_t kServiceSecretBytesMin = 16;

AccessClaims ClaimsOf(Context& context, const Account& account, SessionId session) {
  AccessClaims claims{.subject = account.id.ToString(), .session = session.ToString()};
  for (const Role role : account.roles) {
    if (const auto known = ParseRole(RoleName(role))) claims.roles.push_back(*known);
  }
  claims.token_id = Base64UrlEncode(context.env.random.Bytes(16));
  return claims;
}

HttpResponse ReplyWithTokens(Context& context, Call& call, const Account& account,
                             const Session& session, int status) {
  const Timestamp now = context.env.clock.Now();
  // An access token does not outlive its session, but for the second that tells its times apart.
  const Duration life = std::max(Duration::Seconds(1),
                                 std::min(context.options.access_life, session.expires_at - now));
  v1::Session out;
  out.set_access_token(context.keys.Sign(ClaimsOf(context, account, session.id), now, life));
  out.set_refresh_token(RefreshToken(session, context.keys.refresh_key()));
  wire::SetTime(now + life, out.mutable_access_expires_at());
  wire::SetTime(session.expires_at, out.mutable_refresh_expires_at());
  Fill(account, out.mutable_account());
  return call.Reply(status, out);
}

Status WrongCredentials() {
  return MakeError(ErrorCode::kWrongCredentials, "The address or the password is wrong.");
}

// The rows that count failures, and by which policy.
struct Throttled {
  std::string subject;
  ThrottlePolicy policy;
};

std::string GuessSubject(const std::string& email, const Call& call) {
  return "guess:" + ClientAddress(call) + " " + email;
}

std::string AccountSubject(const std::string& email) {
  return "account:" + email;
}

std::vector<Throttled> LoginThrottles(const std::string& email, const Call& call) {
  const std::string address = ClientAddress(call);
  std::vector<Throttled> out = {{GuessSubject(email, call), kGuessThrottle},
                                {AccountSubject(email), kAccountThrottle}};
  if (!address.empty()) out.push_back({"address:" + address, kAddressThrottle});
  return out;
}

Status CheckThrottles(Context& context, const std::vector<Throttled>& throttles) {
  const Timestamp now = context.env.clock.Now();
  Duration wait;
  const Status read = context.database.Read([&](SqlTransaction& tx) -> Status {
    wait = {};
    for (const Throttled& each : throttles) {
      ThrottleState state;
      TICKETING_RETURN_IF_ERROR(ReadThrottle(tx, each.subject, state));
      wait = std::max(wait, ThrottleWait(state, now).value_or(Duration{}));
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(read);
  if (wait == Duration{}) return OkStatus();
  return MakeError(ErrorCode::kRateLimited, "Too many failed attempts; wait before the next one.",
                   {.retry_after = wait});
}

Status CountFailure(Context& context, const std::vector<Throttled>& throttles) {
  const Timestamp now = context.env.clock.Now();
  return context.database.Write([&](SqlTransaction& tx) -> Status {
    for (const Throttled& each : throttles) {
      ThrottleState state;
      TICKETING_RETURN_IF_ERROR(ReadThrottle(tx, each.subject, state));
      TICKETING_RETURN_IF_ERROR(
          WriteThrottle(tx, each.subject, ThrottleAfterFailure(each.policy, state, now)));
    }
    return OkStatus();
  });
}

// After a success; the address's own failures stay.
Status ForgetFailures(Context& context, const std::string& email, const Call& call) {
  return context.database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(ClearThrottle(tx, GuessSubject(email, call)));
    return ClearThrottle(tx, AccountSubject(email));
  });
}

// Verifies against something in any case, so that the time does not tell who has an account.
Status VerifyAgainst(Context& context, const std::optional<Account>& account,
                     const std::string& password) {
  const bool usable = account && !account->password_hash.empty();
  const std::string stored(usable ? account->password_hash : UnmatchablePasswordHash());
  TICKETING_RETURN_IF_ERROR(context.hashes.Run([&] { return VerifyPassword(stored, password); }));
  return usable && account->active ? OkStatus() : WrongCredentials();
}

void RehashWhenCheap(Context& context, const Account& account, const std::string& password) {
  if (!NeedsRehash(account.password_hash, context.options.password_cost)) return;
  const std::string salt = context.env.random.Bytes(kPasswordSaltBytes);
  const auto hash = HashPassword(password, salt, context.options.password_cost);
  if (!hash.ok()) return;
  const Status stored = context.database.Write(
      [&](SqlTransaction& tx) { return SetPasswordHash(tx, account.id, *hash); });
  if (!stored.ok()) {
    context.env.log.Warning("password was not hashed anew", {{"account", account.id.ToString()}});
  }
}

// The gateway for staff says so; whoever has nothing to do there is told after the password was
// right, and gets no tokens.
Status CheckDoor(const Call& call, const Account& account) {
  if (call.request.headers.Get(kDoorHeader).value_or("") != kStaffDoor) return OkStatus();
  const auto is_staff = [](Role role) {
    return role == Role::kBoxOffice || role == Role::kGate || role == Role::kAdmin;
  };
  if (std::ranges::any_of(account.roles, is_staff)) return OkStatus();
  return MakeError(ErrorCode::kPermissionDenied,
                   "This account is a customer's: only staff log in here.");
}

StatusOr<HttpResponse> LogIn(Context& context, Call& call) {
  v1::CreateSessionRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const std::string email, NormalizeEmail(request.email()));
  const std::vector<Throttled> throttles = LoginThrottles(email, call);
  TICKETING_RETURN_IF_ERROR(CheckThrottles(context, throttles));
  std::optional<Account> account;
  TICKETING_RETURN_IF_ERROR(context.database.Read(
      [&](SqlTransaction& tx) { return FindAccountByEmail(tx, email, account); }));
  const Status verified = VerifyAgainst(context, account, request.password());
  if (CodeOf(verified) == ErrorCode::kWrongCredentials) {
    TICKETING_RETURN_IF_ERROR(CountFailure(context, throttles));
    context.env.metrics.Count("identity_login_failures_total", "Log-ins that were refused.");
    context.env.log.Warning("log-in refused", {{"request_id", call.request_id},
                                               {"account", account ? account->id.ToString() : ""}});
    return WrongCredentials();
  }
  TICKETING_RETURN_IF_ERROR(verified);
  TICKETING_RETURN_IF_ERROR(ForgetFailures(context, email, call));
  TICKETING_RETURN_IF_ERROR(CheckDoor(call, *account));
  RehashWhenCheap(context, *account, request.password());
  return OpenSession(context, call, *account);
}

StatusOr<HttpResponse> Refresh(Context& context, Call& call) {
  v1::RefreshSessionRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  const auto refused = [] {
    return MakeError(ErrorCode::kUnauthenticated, "This session has ended; log in again.");
  };
  const auto claim = ParseRefreshToken(request.refresh_token());
  if (!claim) return refused();
  RefreshResult result;
  std::optional<Account> account;
  const Timestamp now = context.env.clock.Now();
  // The end of a family must be stored, so a reuse is a success of the transaction.
  const Status written = context.database.Write([&](SqlTransaction& tx) -> Status {
    result = {};
    account.reset();
    std::optional<Session> session;
    TICKETING_RETURN_IF_ERROR(FindSession(tx, claim->session, session));
    if (!session) return OkStatus();
    TICKETING_RETURN_IF_ERROR(FindAccount(tx, session->account, account));
    if (!account || !account->active) return OkStatus();
    TICKETING_RETURN_IF_ERROR(CheckDoor(call, *account));
    result = UseRefreshToken(*session, *claim, context.keys.refresh_key(), now);
    if (result.verdict == RefreshVerdict::kRefused) return OkStatus();
    return UpdateSession(tx, result.session);
  });
  TICKETING_RETURN_IF_ERROR(written);
  if (result.verdict == RefreshVerdict::kReused) {
    context.env.metrics.Count("identity_refresh_reuses_total",
                              "Sessions ended because a refresh token was used twice.");
    context.env.log.Warning(
        "refresh token used twice; session ended",
        {{"request_id", call.request_id}, {"session", result.session.id.ToString()}});
  }
  const bool good =
      result.verdict == RefreshVerdict::kRotated || result.verdict == RefreshVerdict::kReplayed;
  if (!good) return refused();
  return ReplyWithTokens(context, call, *account, result.session, 200);
}

StatusOr<HttpResponse> LogOut(Context& context, Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const AccessClaims claims,
                             context.keys.Verify(call.principal.bearer, context.env.clock.Now()));
  const auto id = SessionId::Parse(claims.session);
  if (id) {
    const Status written = context.database.Write([&](SqlTransaction& tx) -> Status {
      std::optional<Session> session;
      TICKETING_RETURN_IF_ERROR(FindSession(tx, *id, session));
      if (!session) return OkStatus();
      session->revoked = true;
      return UpdateSession(tx, *session);
    });
    TICKETING_RETURN_IF_ERROR(written);
  }
  HttpResponse response;
  response.status = 204;
  return response;
}

bool IsServiceName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

StatusOr<HttpResponse> CreateServiceSession(Context& context, Call& call) {
  v1::CreateServiceSessionRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  if (!IsServiceName(request.service())) return InvalidField("service", "is not a service's name");
  const std::string& secret = context.options.service_secret;
  if (secret.size() < kServiceSecretBytesMin || !ConstantTimeEquals(secret, request.secret())) {
    context.env.log.Warning("service refused", {{"request_id", call.request_id}});
    return MakeError(ErrorCode::kWrongCredentials, "The secret of the services is another one.");
  }
  const Timestamp now = context.env.clock.Now();
  AccessClaims claims{.subject = request.service(), .roles = {ticketing::Role::kService}};
  claims.token_id = Base64UrlEncode(context.env.random.Bytes(16));
  v1::Session out;
  out.set_access_token(context.keys.Sign(claims, now, context.options.access_life));
  wire::SetTime(now + context.options.access_life, out.mutable_access_expires_at());
  return call.Reply(201, out);
}

StatusOr<HttpResponse> GetKeys(Context& context, Call&) {
  HttpResponse response;
  response.headers.Set("Content-Type", "application/jwk-set+json");
  response.headers.Set("Cache-Control", "public, max-age=60");
  response.body = context.keys.jwks_json();
  return response;
}

}  // namespace

StatusOr<HttpResponse> OpenSession(Context& context, Call& call, const Account& account) {
  const Session session = NewSession(context.env.random.NewId<SessionId>(), account.id,
                                     context.env.clock.Now(), context.options.refresh_life);
  TICKETING_RETURN_IF_ERROR(
      context.database.Write([&](SqlTransaction& tx) { return InsertSession(tx, session); }));
  return ReplyWithTokens(context, call, account, session, 201);
}

std::vector<Route> SessionRoutes(Context& context) {
  const auto bind = [&context](auto handler) {
    return [&context, handler](Call& call) { return handler(context, call); };
  };
  return {
      {.method = "POST",
       .path = "/v1/sessions",
       .operation = "logIn",
       .summary = "Log in.",
       .access = {},
       .request = MessageName("CreateSessionRequest"),
       .response = MessageName("Session"),
       .handler = bind(&LogIn),
       .success = 201},
      {.method = "POST",
       .path = "/v1/sessions/refresh",
       .operation = "refreshSession",
       .summary = "Exchange a refresh token for new tokens.",
       .access = {},
       .request = MessageName("RefreshSessionRequest"),
       .response = MessageName("Session"),
       .handler = bind(&Refresh)},
      {.method = "DELETE",
       .path = "/v1/sessions/current",
       .operation = "logOut",
       .summary = "End this session.",
       .access = {},
       .handler = bind(&LogOut),
       .success = 204},
      {.method = "POST",
       .path = "/v1/service-sessions",
       .operation = "createServiceSession",
       .summary = "A token for a service of this installation.",
       .access = {.anonymous = true},
       .request = MessageName("CreateServiceSessionRequest"),
       .response = MessageName("Session"),
       .handler = bind(&CreateServiceSession),
       .success = 201},
      {.method = "GET",
       .path = "/.well-known/jwks.json",
       .operation = "getKeys",
       .summary = "The public keys that tokens are checked with.",
       .access = {.anonymous = true},
       .handler = bind(&GetKeys),
       .response_type = "application/jwk-set+json"},
  };
}

}  // namespace ticketing::identity
