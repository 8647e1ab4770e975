// The one way an HTTP API is made here: a table of routes, and what every route has in common done
// once: request ids, tokens and roles, body limits, reading and checking of messages, idempotency
// keys, problem documents (RFC 9457), metrics, the access log, health, and the OpenAPI 3.1
// document, which is made from the same table.
#ifndef TICKETING_SERVICE_COMMON_API_H_
#define TICKETING_SERVICE_COMMON_API_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/service/common/idempotency.h"
#include "ticketing/service/common/token_verifier.h"
#include "ticketing/token/access_token.h"

namespace google::protobuf {
class Message;
}

namespace ticketing {

// Who calls. The subject is empty for an anonymous caller.
struct Principal {
  std::string subject;  // "acc_...", "dev_..." or the name of a service
  std::vector<Role> roles;
  std::string bearer;  // the token itself, to pass on; never logged

  bool Has(Role role) const;
  bool IsStaff() const { return Has(Role::kBoxOffice) || Has(Role::kAdmin); }
  bool IsService() const { return Has(Role::kService); }
  // The account behind the subject, or none for devices and services.
  std::optional<AccountId> account() const { return AccountId::Parse(subject); }
};

// A gateway tells identity with this header through which door somebody logs in.
inline constexpr std::string_view kDoorHeader = "X-Door";
inline constexpr std::string_view kStaffDoor = "staff";

inline constexpr std::string_view kPreferMinimal = "return=minimal";

// Who may use a route. With no roles, any valid token will do; `anonymous` needs none at all (a
// token that is sent must still be right).
struct Access {
  bool anonymous = false;
  std::vector<Role> roles;
  bool visitors = false;  // a service that calls is a gateway, and speaks for somebody unknown
};

// One request on its way through a route. Lives as long as the handler runs; not thread-safe.
class Call {
 public:
  Call(const HttpRequest& request, Env env);

  const HttpRequest& request;
  Env env;
  Principal principal;
  std::string request_id;
  std::string idempotency_key;  // empty when the route asks for none
  std::string key_owner;        // whose it is: see idempotency.h
  std::string route;            // "POST /v1/events/{event_id}/holds"
  std::map<std::string, std::string, std::less<>> path_values;

  // A path value; an identifier that cannot be one is kNotFound, as is one that nobody has.
  std::string_view Path(std::string_view name) const;
  template <typename AnyId>
  StatusOr<AnyId> PathId(std::string_view name) const {
    const std::optional<AnyId> id = AnyId::Parse(Path(name));
    if (!id) return MakeError(ErrorCode::kNotFound, "There is nothing at this address.");
    return *id;
  }
  // A query value, decoded; nullopt when absent.
  std::optional<std::string> Query(std::string_view name) const;
  // The page asked for: "limit" (1 to kPageItemsMax) and "cursor". Errors: kInvalidField.
  StatusOr<size_t> PageLimit() const;

  // Reads the body, JSON or protobuf by its Content-Type, and holds it to its rules. Errors:
  // kBadSyntax, kUnsupportedMedia, kInvalidField naming every field.
  Status Read(google::protobuf::Message* message) const;

  // Entropy for a new identifier. With an Idempotency-Key it depends only on its owner, the route,
  // the key and `purpose`: doing the same request again after a crash makes the same identifier, so
  // a handler can see that it did it before. Without a key it is random.
  uint64_t Entropy(std::string_view purpose) const;

  // All that is asked for, hashed: the same for a repeat, another one for another request.
  std::string Fingerprint() const;

  // Whether the caller wants to know no more than what came about, and fetches the rest when it is
  // needed: "Prefer: return=minimal" (RFC 7240 section 4.2).
  bool PrefersMinimal() const;

  // A response with the message as JSON, or as protobuf when the Accept header asks for it.
  HttpResponse Reply(int status, const google::protobuf::Message& message) const;
};

// Whoever guessed the key of somebody without an account, and sent the same body, would hear his
// answer.
inline constexpr size_t kStrangersKeyBytesMin = 16;

struct QueryParameter {
  std::string name;
  std::string about;
};

// A row of the table. Messages are named in full ("ticketing.v1.Order"); empty means no body, or
// one that is not a message (then `response_type` tells its media type).
struct Route {
  std::string method;
  std::string path;  // "/v1/events/{event_id}/holds"
  std::string operation;
  std::string summary;
  Access access;
  std::string request;
  std::string response;
  std::function<StatusOr<HttpResponse>(Call&)> handler;
  bool idempotent_key = false;  // POSTs that move seats or money: the key is required
  int success = 200;
  std::vector<QueryParameter> query = {};
  std::string request_type = "application/json";
  std::string response_type = "application/json";
  size_t body_bytes_max = limits::kBodyBytesMax;
  Repeats repeats = Repeats::kStored;  // where `idempotent_key` is
  bool minimal = false;                // heeds Call::PrefersMinimal
};

struct ApiOptions {
  std::string service;  // "ticketing-api"
  std::string title;    // of the OpenAPI document
  std::string about;
  TokenVerifier* verifier = nullptr;        // null: the API has no tokens to check (tests, sandbox)
  IdempotencyStore* idempotency = nullptr;  // null: keys are passed on, not kept (gateways)
  // For /readyz; null: always. What it says is for the log: callers hear only that this service is
  // down.
  std::function<Status()> ready;
  // Strangers reach this door, so only its own machine reads /metrics there (MayReadMetrics).
  bool outward = false;
};

// Answers /healthz, /readyz, /metrics and /openapi.json by itself, and HEAD wherever it answers
// GET. Thread-safe; what the options point to must outlive it.
class Api final : public HttpHandler {
 public:
  Api(ApiOptions options, Env env, std::vector<Route> routes);
  ~Api() override;

  HttpResponse Handle(const HttpRequest& request) override;

  const std::vector<Route>& routes() const { return routes_; }
  // OpenAPI 3.1, JSON.
  const std::string& openapi() const { return openapi_; }

 private:
  struct Match;
  struct Wanted;  // a route's method and path, taken apart
  HttpResponse HandleWithBody(const HttpRequest& request);
  HttpResponse Answer(const HttpRequest& request, Call& call, std::string& route_label);
  std::optional<HttpResponse> Builtin(const HttpRequest& request);
  Match Find(std::string_view method, std::string_view path) const;
  StatusOr<HttpResponse> Run(const Route& route, Call& call);
  Status Authorize(const Route& route, Call& call) const;
  StatusOr<HttpResponse> RunOnce(const Route& route, Call& call);

  ApiOptions options_;
  Env env_;
  std::vector<Route> routes_;
  std::vector<Wanted> wanted_;  // by route
  std::string openapi_;
};

// Whether a request to an outward door comes from the door's own machine, and no proxy says that it
// passed it on for somebody else.
bool MayReadMetrics(const HttpRequest& request);

// A status as a problem document. Internal errors say nothing of their cause.
HttpResponse ProblemResponse(const Status& status, std::string_view request_id);

// The status that a problem document tells of: what a service makes of another service's refusal.
// Success statuses are OK.
Status StatusOfResponse(const HttpResponse& response);

}  // namespace ticketing

#endif  // TICKETING_SERVICE_COMMON_API_H_
