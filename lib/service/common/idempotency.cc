#include "ticketing/service/common/idempotency.h"

#include <utility>

#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

// Outcomes are kept; validation errors, failures and lost races may turn out differently next time.
bool IsOutcome(const HttpResponse& response) {
  if (response.status >= 200 && response.status < 300) return true;
  return response.status == 402 || response.status == 409;
}

constexpr std::string_view kStore =
    "INSERT INTO idempotency (scope, fingerprint, status, content_type, body, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope) DO UPDATE SET"
    " fingerprint = excluded.fingerprint, status = excluded.status,"
    " content_type = excluded.content_type, body = excluded.body,"
    " created_at = excluded.created_at";

// Two generations of answers that are not stored take at most twice this.
constexpr size_t kRecentBytesMax = 8 << 20;

Status Mismatch() {
  return MakeError(ErrorCode::kIdempotencyMismatch,
                   "This Idempotency-Key was used with another request.");
}

}  // namespace

std::vector<std::string> IdempotencyStore::Schema() {
  return {
      "CREATE TABLE idempotency (scope TEXT PRIMARY KEY, fingerprint BLOB NOT NULL, status INTEGER "
      "NOT NULL,"
      " content_type TEXT NOT NULL, body BLOB NOT NULL, created_at INTEGER NOT NULL)",
      "CREATE INDEX idempotency_created ON idempotency (created_at)",
  };
}

StatusOr<std::optional<HttpResponse>> IdempotencyStore::Start(std::string_view scope,
                                                              std::string_view fingerprint,
                                                              Timestamp now, Repeats repeats) {
  {
    const std::lock_guard lock(running_->mutex);
    if (const Answered* recent = running_->Recent(std::string(scope), now)) {
      if (recent->fingerprint != fingerprint) return Mismatch();
      return std::optional<HttpResponse>(recent->response);
    }
    const auto [it, first] = running_->scopes.emplace(std::string(scope), std::nullopt);
    if (!first && it->second) {
      if (it->second->fingerprint != fingerprint) return Mismatch();
      return std::optional<HttpResponse>(it->second->response);
    }
    if (!first) {
      return MakeError(ErrorCode::kIdempotencyInFlight,
                       "The first request with this key is still running.",
                       {.retry_after = Duration::Seconds(1)});
    }
  }
  if (repeats == Repeats::kKnown) return std::optional<HttpResponse>();
  std::optional<HttpResponse> stored;
  bool mismatch = false;
  const Status status = database_.Read([&](SqlTransaction& tx) {
    stored.reset();
    return tx.Query(
        "SELECT fingerprint, status, content_type, body FROM idempotency WHERE scope = ? AND "
        "created_at > ?",
        {std::string(scope), (now - limits::kIdempotencyRetention).micros}, [&](const SqlRow& row) {
          mismatch = row.Bytes(0) != fingerprint;
          HttpResponse response;
          response.status = static_cast<int>(row.Int(1));
          response.headers.Set("Content-Type", row.Text(2));
          response.body = row.Bytes(3);
          stored = std::move(response);
          return OkStatus();
        });
  });
  if (status.ok() && !stored) return std::optional<HttpResponse>();
  running_->Remove(scope);
  if (!status.ok()) return status;
  if (mismatch) return Mismatch();
  return stored;
}

void IdempotencyStore::Finish(std::string_view scope, std::string_view fingerprint,
                              const HttpResponse& response, Timestamp now, Repeats repeats) {
  if (!IsOutcome(response)) return Abandon(scope);
  if (repeats == Repeats::kKnown) {
    const std::lock_guard lock(running_->mutex);
    running_->scopes.erase(std::string(scope));
    running_->Remember(std::string(scope), {std::string(fingerprint), response, now});
    return;
  }
  SqlArgs row = {std::string(scope),
                 Blob{std::string(fingerprint)},
                 int64_t{response.status},
                 std::string(response.headers.Get("Content-Type").value_or("application/json")),
                 Blob{response.body},
                 now.micros};
  {
    const std::lock_guard lock(running_->mutex);
    running_->scopes.insert_or_assign(std::string(scope),
                                      Answered{std::string(fingerprint), response, now});
    running_->waiting.push_back(std::move(row));
    if (std::exchange(running_->storing, true)) return;
  }
  // Not waited for: see the header on why an answer may be lost.
  StoreWaiting(database_, running_);
}

// The end of one write begins the next, so a busy service stores many answers in each.
void IdempotencyStore::StoreWaiting(Database& database, const std::shared_ptr<Running>& running) {
  auto rows = std::make_shared<std::vector<SqlArgs>>();
  {
    const std::lock_guard lock(running->mutex);
    if (running->waiting.empty()) {
      running->storing = false;
      return;
    }
    rows->swap(running->waiting);
  }
  database.WriteAsync([rows](SqlTransaction& tx) { return tx.ExecuteMany(kStore, *rows).status(); },
                      [&database, running, rows](const Status&) {
                        {
                          const std::lock_guard lock(running->mutex);
                          for (const SqlArgs& row : *rows)
                            running->scopes.erase(std::get<std::string>(row[0]));
                        }
                        StoreWaiting(database, running);
                      });
}

void IdempotencyStore::Abandon(std::string_view scope) {
  running_->Remove(scope);
}

void IdempotencyStore::Running::Remove(std::string_view scope) {
  const std::lock_guard lock(mutex);
  scopes.erase(std::string(scope));
}

const IdempotencyStore::Answered* IdempotencyStore::Running::Recent(const std::string& scope,
                                                                    Timestamp now) const {
  for (const Answers* answers : {&recent, &older}) {
    const auto found = answers->find(scope);
    if (found == answers->end()) continue;
    return now - found->second.at < limits::kIdempotencyRetention ? &found->second : nullptr;
  }
  return nullptr;
}

void IdempotencyStore::Running::Remember(std::string scope, Answered answered) {
  if (recent_bytes > kRecentBytesMax) {
    older = std::exchange(recent, {});
    recent_bytes = 0;
  }
  recent_bytes += scope.size() + answered.fingerprint.size() + answered.response.body.size();
  recent.insert_or_assign(std::move(scope), std::move(answered));
}

Status IdempotencyStore::Expire(Timestamp now) {
  return database_.Write([&](SqlTransaction& tx) {
    return tx
        .Execute("DELETE FROM idempotency WHERE created_at < ?",
                 {(now - limits::kIdempotencyRetention).micros})
        .status();
  });
}

}  // namespace ticketing
