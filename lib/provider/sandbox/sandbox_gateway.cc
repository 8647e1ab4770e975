#include "ticketing/provider/sandbox/sandbox_gateway.h"

#include <optional>
#include <utility>

#include "lib/provider/sandbox/answer.h"
#include "lib/provider/sandbox/endpoints.h"
#include "lib/provider/sandbox/form.h"
#include "lib/provider/sandbox/objects.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/crypto/hash.h"

namespace ticketing {
namespace {

using sandbox::Answer;
using sandbox::Form;
using sandbox::FormatError;

Answer Plain(int status, std::string_view type, std::string_view code, std::string_view message) {
  return {.status = status,
          .body = FormatError({.type = type, .code = code, .message = message}),
          .executed = false};
}

// The key of "Bearer <key>" or of Basic with the key as user name.
std::string KeyOf(const HttpRequest& request) {
  const std::string_view header = request.headers.Get("Authorization").value_or("");
  if (header.starts_with("Bearer ")) return std::string(header.substr(7));
  if (header.starts_with("Basic ")) {
    const std::string pair = Base64Decode(header.substr(6)).value_or("");
    return pair.substr(0, pair.find(':'));
  }
  return {};
}

HttpResponse ToResponse(const HttpRequest& request, const Answer& answer, Random& random) {
  HttpResponse response;
  response.status = answer.status;
  response.headers.Add("Content-Type", "application/json");
  response.headers.Add("Request-Id", "req_" + Base32Encode(random.Bytes(10)));
  for (const char* echoed : {"Idempotency-Key", "Stripe-Version"}) {
    if (const auto value = request.headers.Get(echoed)) response.headers.Add(echoed, *value);
  }
  response.body = answer.body;
  return response;
}

// An answer that was saved under a key.
struct Saved {
  std::string fingerprint;
  std::string endpoint;
  Answer answer;
};

StatusOr<std::optional<Saved>> LoadSaved(SqlTransaction& tx, const std::string& key) {
  std::optional<Saved> saved;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT fingerprint, endpoint, status, body FROM sandbox_keys WHERE key = ?", {key},
      [&](const SqlRow& row) {
        saved = Saved{.fingerprint = row.Text(0),
                      .endpoint = row.Text(1),
                      .answer = {.status = static_cast<int>(row.Int(2)), .body = row.Text(3)}};
        return OkStatus();
      }));
  return saved;
}

Answer Mismatch(const Saved& saved, const std::string& endpoint) {
  if (saved.endpoint != endpoint) {
    return Plain(400, "idempotency_error", "",
                 "Keys for idempotent requests can only be used for the same endpoint they were "
                 "first used for ('" +
                     endpoint + "' vs '" + saved.endpoint + "').");
  }
  return Plain(400, "idempotency_error", "",
               "Keys for idempotent requests can only be used with the same parameters they were "
               "first used with.");
}

}  // namespace

std::vector<Migration> SandboxGateway::Schema() {
  std::vector<std::string> statements = sandbox::ObjectTables();
  statements.push_back(
      "CREATE TABLE sandbox_keys (key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, fingerprint TEXT "
      "NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL)");
  statements.push_back("CREATE INDEX sandbox_keys_by_age ON sandbox_keys (created_at)");
  return {{.version = 1, .statements = std::move(statements)}};
}

SandboxGateway::SandboxGateway(Database& database, Env env, SandboxOptions options)
    : database_(database), env_(env), options_(std::move(options)) {}

HttpResponse SandboxGateway::Handle(const HttpRequest& request) {
  const std::string key = KeyOf(request);
  if (key.empty()) {
    return ToResponse(request,
                      Plain(401, "invalid_request_error", "", "You did not provide an API key."),
                      env_.random);
  }
  if (!ConstantTimeEquals(key, options_.secret_key)) {
    return ToResponse(request, Plain(401, "invalid_request_error", "", "Invalid API Key provided."),
                      env_.random);
  }
  if (request.method == "POST") return HandlePost(request);
  Answer answer = Plain(405, "invalid_request_error", "", "The sandbox knows GET and POST.");
  if (request.method == "GET") {
    const Status status = database_.Read([&](SqlTransaction& tx) -> Status {
      const sandbox::Scene scene{tx, env_.random, env_.clock.Now(), options_};
      TICKETING_ASSIGN_OR_RETURN(answer, sandbox::Get(scene, request.path()));
      return OkStatus();
    });
    if (!status.ok()) answer = Plain(500, "api_error", "", "The sandbox cannot read its database.");
  }
  return ToResponse(request, answer, env_.random);
}

HttpResponse SandboxGateway::HandlePost(const HttpRequest& request) {
  const std::string key(request.headers.Get("Idempotency-Key").value_or(""));
  if (key.size() > limits::kIdempotencyKeyBytesMax || !IsValidUtf8(key)) {
    return ToResponse(request,
                      Plain(400, "invalid_request_error", "", "Idempotency-Key is too long."),
                      env_.random);
  }
  if (key.empty()) return Execute(request, key);
  {
    const std::lock_guard lock(mutex_);
    if (!running_.insert(key).second) {
      return ToResponse(request,
                        Plain(409, "idempotency_error", "idempotency_key_in_use",
                              "There is currently another in-progress request using this "
                              "Idempotency-Key."),
                        env_.random);
    }
  }
  HttpResponse response = Execute(request, key);
  const std::lock_guard lock(mutex_);
  running_.erase(key);
  return response;
}

HttpResponse SandboxGateway::Execute(const HttpRequest& request, const std::string& key) {
  const std::optional<Form> form = request.body.size() <= limits::kGatewayBodyBytesMax
                                       ? Form::Parse(request.body)
                                       : std::nullopt;
  if (!form) {
    return ToResponse(request,
                      Plain(400, "invalid_request_error", "", "The request body cannot be read."),
                      env_.random);
  }
  const std::string endpoint(request.path());
  const std::string fingerprint = HexEncode(Sha256(endpoint + "?" + form->Canonical()));
  const Timestamp now = env_.clock.Now();
  Answer answer;
  bool replayed = false;
  const Status status = database_.Write([&](SqlTransaction& tx) -> Status {
    replayed = false;
    if (!key.empty()) {
      TICKETING_RETURN_IF_ERROR(tx.Execute("DELETE FROM sandbox_keys WHERE created_at <= ?",
                                           {(now - limits::kIdempotencyRetention).micros})
                                    .status());
      TICKETING_ASSIGN_OR_RETURN(const std::optional<Saved> saved, LoadSaved(tx, key));
      if (saved) {
        replayed = saved->fingerprint == fingerprint;
        answer = replayed ? saved->answer : Mismatch(*saved, endpoint);
        return OkStatus();
      }
    }
    const sandbox::Scene scene{tx, env_.random, now, options_};
    TICKETING_ASSIGN_OR_RETURN(answer, sandbox::Post(scene, endpoint, *form));
    // Undoes what a refused request may have written before it was refused.
    if (!answer.executed) return MakeError(ErrorCode::kConflict, "Not executed.");
    if (key.empty()) return OkStatus();
    return tx
        .Execute(
            "INSERT INTO sandbox_keys (key, endpoint, fingerprint, status, body, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            {key, endpoint, fingerprint, int64_t{answer.status}, answer.body, now.micros})
        .status();
  });
  if (!status.ok() && answer.executed) {
    answer = Plain(500, "api_error", "", "The sandbox cannot write its database.");
  }
  HttpResponse response = ToResponse(request, answer, env_.random);
  if (replayed) response.headers.Add("Idempotent-Replayed", "true");
  return response;
}

}  // namespace ticketing
