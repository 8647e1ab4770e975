#include "ticketing/service/common/api.h"

#include <algorithm>
#include <cctype>

#include "lib/service/common/openapi.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing {
namespace {

// Segments of a path; a trailing slash makes an empty last segment, which matches nothing.
std::vector<std::string_view> Segments(std::string_view path) {
  std::vector<std::string_view> out;
  if (path.empty() || path[0] != '/') return out;
  path.remove_prefix(1);
  while (true) {
    const size_t slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

bool IsVariable(std::string_view segment) {
  return segment.starts_with('{');
}

// Before anything is decoded: most routes end here.
bool FixedPartsFit(const std::vector<std::string_view>& wanted,
                   const std::vector<std::string_view>& given) {
  return std::ranges::equal(wanted, given, [](std::string_view want, std::string_view got) {
    return IsVariable(want) || want == got;
  });
}

bool IsPlainToken(std::string_view text, size_t size_max) {
  if (text.empty() || text.size() > size_max) return false;
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// Headers that say who asks and what for. Of two, a proxy may heed one and we the other.
Status CheckSingle(const HttpHeaders& headers) {
  for (const std::string_view name : {"Authorization", "Idempotency-Key", "Device-Auth"}) {
    const auto same = [name](const auto& field) {
      return std::ranges::equal(field.first, name, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
      });
    };
    if (std::ranges::count_if(headers.all(), same) > 1) {
      return MakeError(ErrorCode::kBadSyntax,
                       "The header " + std::string(name) + " stands more than once.");
    }
  }
  return OkStatus();
}

// See idempotency.h. The names of accounts, devices and services have no spaces.
std::string KeyOwner(const Route& route, const Call& call) {
  const Principal& caller = call.principal;
  const bool visitor = caller.subject.empty() || (route.access.visitors && caller.IsService());
  if (!visitor) return caller.subject;
  return "visitor of " + caller.subject + " " + Base64UrlEncode(call.Fingerprint());
}

HttpResponse Text(int status, std::string_view type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", type);
  response.body = std::move(body);
  return response;
}

}  // namespace

bool MayReadMetrics(const HttpRequest& request) {
  const std::string_view from = request.remote_address;
  const bool here = from.empty() || from.starts_with("127.") || from == "::1";
  return here && !request.headers.Get("X-Forwarded-For") && !request.headers.Get("Forwarded");
}

struct Api::Wanted {
  std::string label;  // "GET /v1/events/{event_id}"
  std::vector<std::string_view> segments;
};

struct Api::Match {
  const Route* route = nullptr;
  const std::string* label = nullptr;
  bool path_known = false;
  std::map<std::string, std::string, std::less<>> values;
};

Api::Api(ApiOptions options, Env env, std::vector<Route> routes)
    : options_(std::move(options)), env_(env), routes_(std::move(routes)) {
  for (const Route& route : routes_)
    wanted_.push_back({route.method + " " + route.path, Segments(route.path)});
  openapi_ = OpenApiDocument({options_.title, options_.about}, routes_);
}

Api::~Api() = default;

// A HEAD is answered as its GET without the body (RFC 9110 section 9.3.2).
HttpResponse Api::Handle(const HttpRequest& request) {
  if (request.method != "HEAD") return HandleWithBody(request);
  HttpRequest get = request;
  get.method = "GET";
  HttpResponse response = HandleWithBody(get);
  if (!response.body.empty())
    response.headers.Set("Content-Length", std::to_string(response.body.size()));
  response.body.clear();
  return response;
}

HttpResponse Api::HandleWithBody(const HttpRequest& request) {
  if (std::optional<HttpResponse> builtin = Builtin(request)) return *std::move(builtin);
  const Duration start = env_.clock.Monotonic();
  Call call(request, env_);
  // A request id from outside is kept only when it cannot break a log line.
  const std::string_view given = request.headers.Get("X-Request-Id").value_or("");
  call.request_id =
      IsPlainToken(given, 64) ? std::string(given) : env_.random.NewId<RequestId>().ToString();
  std::string route_label = "none";
  HttpResponse response = Answer(request, call, route_label);
  response.headers.Set("X-Request-Id", call.request_id);
  response.headers.Set("X-Content-Type-Options", "nosniff");
  if (!response.headers.Get("Cache-Control")) response.headers.Set("Cache-Control", "no-store");

  const Duration spent = env_.clock.Monotonic() - start;
  const std::string status = std::to_string(response.status);
  MetricLabels labels = {{"service", options_.service}, {"route", route_label}};
  env_.metrics.Observe("http_request_seconds", "Time to answer a request.", labels,
                       static_cast<double>(spent.micros) / 1e6);
  labels.emplace("status", status);
  env_.metrics.Count("http_requests_total", "Requests answered.", labels);
  env_.log.Write(response.status >= 500 ? LogLevel::kError : LogLevel::kInfo, "request",
                 {{"api", options_.service},
                  {"request_id", call.request_id},
                  {"route", route_label},
                  {"status", status},
                  {"micros", std::to_string(spent.micros)},
                  {"subject", call.principal.subject}});
  return response;
}

std::optional<HttpResponse> Api::Builtin(const HttpRequest& request) {
  if (request.method != "GET") return std::nullopt;
  const std::string_view path = request.path();
  if (path == "/healthz") return Text(200, "text/plain", "ok\n");
  if (path == "/readyz") {
    Status ready = options_.ready ? options_.ready() : OkStatus();
    if (ready.ok()) return Text(200, "text/plain", "ready\n");
    env_.log.Warning("not ready",
                     {{"api", options_.service}, {"cause", std::string(MessageOf(ready))}});
    return Text(503, "text/plain", "not ready: " + options_.service + "\n");
  }
  if (path == "/metrics" && (!options_.outward || MayReadMetrics(request)))
    return Text(200, "text/plain; version=0.0.4", env_.metrics.Text());
  if (path == "/openapi.json") {
    HttpResponse response = Text(200, "application/json", openapi_);
    response.headers.Set("Cache-Control", "public, max-age=60");
    return response;
  }
  return std::nullopt;
}

HttpResponse Api::Answer(const HttpRequest& request, Call& call, std::string& route_label) {
  Match match = Find(request.method, request.path());
  if (match.route == nullptr) {
    const Status status =
        match.path_known ? MakeError(ErrorCode::kMethodNotAllowed,
                                     "This address does not know " + request.method + ".")
                         : MakeError(ErrorCode::kNotFound, "There is nothing at this address.");
    return ProblemResponse(status, call.request_id);
  }
  const Route& route = *match.route;
  route_label = *match.label;
  call.route = route_label;
  call.path_values = std::move(match.values);
  if (request.body.size() > route.body_bytes_max) {
    return ProblemResponse(
        MakeError(ErrorCode::kPayloadTooLarge,
                  "The body may have at most " + std::to_string(route.body_bytes_max) + " bytes."),
        call.request_id);
  }
  StatusOr<HttpResponse> response = Run(route, call);
  if (response.ok()) return *std::move(response);
  if (InfoOf(CodeOf(response.status())).http_status >= 500) {
    env_.log.Error("request failed", {{"api", options_.service},
                                      {"request_id", call.request_id},
                                      {"route", route_label},
                                      {"cause", std::string(MessageOf(response.status()))}});
  }
  return ProblemResponse(response.status(), call.request_id);
}

Api::Match Api::Find(std::string_view method, std::string_view path) const {
  const std::vector<std::string_view> given = Segments(path);
  Match match;
  for (size_t r = 0; r < routes_.size(); ++r) {
    const Route& route = routes_[r];
    const std::vector<std::string_view>& wanted = wanted_[r].segments;
    if (wanted.size() != given.size() || !FixedPartsFit(wanted, given)) continue;
    std::map<std::string, std::string, std::less<>> values;
    bool fits = true;
    for (size_t i = 0; i < wanted.size() && fits; ++i) {
      if (!IsVariable(wanted[i])) continue;
      std::optional<std::string> value = PercentDecode(given[i], false);
      fits = value && !value->empty() && IsValidUtf8(*value);
      if (fits) values.emplace(wanted[i].substr(1, wanted[i].size() - 2), *std::move(value));
    }
    if (!fits) continue;
    match.path_known = true;
    if (route.method != method) continue;
    match.route = &route;
    match.label = &wanted_[r].label;
    match.values = std::move(values);
    return match;
  }
  return match;
}

StatusOr<HttpResponse> Api::Run(const Route& route, Call& call) {
  TICKETING_RETURN_IF_ERROR(CheckSingle(call.request.headers));
  TICKETING_RETURN_IF_ERROR(Authorize(route, call));
  if (!call.request.query().empty() && !ParseQuery(call.request.query())) {
    return MakeError(ErrorCode::kBadSyntax, "The query of this address cannot be read.");
  }
  if (!route.idempotent_key) return route.handler(call);
  const std::string_view key = call.request.headers.Get("Idempotency-Key").value_or("");
  if (key.empty()) {
    return MakeError(ErrorCode::kIdempotencyKeyMissing,
                     "Send an Idempotency-Key header: a new random text for each new request, the "
                     "same one for a repeat.");
  }
  if (!IsPlainToken(key, limits::kIdempotencyKeyBytesMax)) {
    return MakeError(ErrorCode::kBadSyntax,
                     "The Idempotency-Key must be 1 to 255 visible ASCII characters.");
  }
  const bool stranger = options_.verifier != nullptr && call.principal.subject.empty();
  if (stranger && key.size() < kStrangersKeyBytesMin) {
    return MakeError(ErrorCode::kBadSyntax,
                     "Without an account the Idempotency-Key must have at least 16 characters that "
                     "nobody can guess.");
  }
  call.idempotency_key = std::string(key);
  call.key_owner = KeyOwner(route, call);
  return options_.idempotency == nullptr ? route.handler(call) : RunOnce(route, call);
}

Status Api::Authorize(const Route& route, Call& call) const {
  const std::string_view header = call.request.headers.Get("Authorization").value_or("");
  if (header.empty()) {
    if (route.access.anonymous || options_.verifier == nullptr) return OkStatus();
    return MakeError(ErrorCode::kUnauthenticated,
                     "Send an access token: Authorization: Bearer ...");
  }
  if (options_.verifier == nullptr) return OkStatus();
  constexpr std::string_view kScheme = "Bearer ";
  if (!header.starts_with(kScheme)) {
    return MakeError(ErrorCode::kUnauthenticated,
                     "The Authorization header must be a Bearer token.");
  }
  const std::string_view bearer = header.substr(kScheme.size());
  TICKETING_ASSIGN_OR_RETURN(const AccessClaims claims, options_.verifier->Verify(bearer));
  call.principal = {claims.subject, claims.roles, std::string(bearer)};
  if (route.access.roles.empty() || route.access.anonymous) return OkStatus();
  for (const Role role : route.access.roles) {
    if (call.principal.Has(role)) return OkStatus();
  }
  return MakeError(ErrorCode::kPermissionDenied, "Your roles do not allow this.");
}

StatusOr<HttpResponse> Api::RunOnce(const Route& route, Call& call) {
  // Short, because it stands in an index; 128 bits of a hash name one thing only.
  const std::string scope = Base64UrlEncode(
      Blake2b256(call.key_owner + "\n" + call.route + "\n" + call.idempotency_key).substr(0, 16));
  const std::string fingerprint = call.Fingerprint();
  const Timestamp now = env_.clock.Now();
  TICKETING_ASSIGN_OR_RETURN(std::optional<HttpResponse> stored,
                             options_.idempotency->Start(scope, fingerprint, now, route.repeats));
  if (stored) {
    stored->headers.Set("Idempotent-Replayed", "true");
    return *std::move(stored);
  }
  StatusOr<HttpResponse> response = route.handler(call);
  if (!response.ok() && InfoOf(CodeOf(response.status())).retryable) {
    options_.idempotency->Abandon(scope);
    return response;
  }
  options_.idempotency->Finish(
      scope, fingerprint,
      response.ok() ? *response : ProblemResponse(response.status(), call.request_id), now,
      route.repeats);
  return response;
}

}  // namespace ticketing
