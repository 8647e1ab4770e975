#include "ticketing/service/common/token_verifier.h"

#include <utility>

#include "ticketing/crypto/hash.h"

namespace ticketing {
namespace {

constexpr size_t kRecentMax = 20'000;

}  // namespace

TokenVerifier::TokenVerifier(HttpClient& identity, Clock& clock)
    : identity_(identity), clock_(clock) {}

std::shared_ptr<const JwkSet> TokenVerifier::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

bool TokenVerifier::ready() const {
  return keys() != nullptr;
}

StatusOr<AccessClaims> TokenVerifier::Verify(std::string_view token) {
  const Timestamp now = clock_.Now();
  const std::string hash = Blake2b256(token);
  if (const auto remembered = Recall(hash, now)) return remembered->claims;
  const TokenPolicy policy{kTokenIssuer, kTokenAudience};
  std::shared_ptr<const JwkSet> known = keys();
  const std::optional<std::string> kid = AccessTokenKeyId(token);
  if (!kid) return MakeError(ErrorCode::kUnauthenticated, "The access token is not valid.");
  if (known == nullptr || known->Find(*kid) == nullptr) {
    const Status fetched = Fetch();
    known = keys();
    if (known == nullptr)
      return fetched.ok() ? MakeError(ErrorCode::kUnavailable, "No keys to check tokens with yet.")
                          : fetched;
  }
  TICKETING_ASSIGN_OR_RETURN(AccessClaims claims, VerifyAccessToken(token, *known, policy, now));
  Remember(hash, std::make_shared<const Known>(Known{claims, std::move(known), now}));
  return claims;
}

// Only where the slow way would say the same: with the keys of now, not before the time of the
// check and not after the end, however far clocks may be apart.
std::shared_ptr<const TokenVerifier::Known> TokenVerifier::Recall(const std::string& hash,
                                                                  Timestamp now) const {
  const std::lock_guard lock(mutex_);
  const auto in = [&](const KnownTokens& tokens) -> std::shared_ptr<const Known> {
    const auto it = tokens.find(hash);
    if (it == tokens.end() || it->second->keys != keys_ || now < it->second->checked_at ||
        now >= it->second->claims.expires_at)
      return nullptr;
    return it->second;
  };
  if (auto known = in(recent_)) return known;
  return in(old_);
}

void TokenVerifier::Remember(const std::string& hash, std::shared_ptr<const Known> known) {
  const std::lock_guard lock(mutex_);
  if (recent_.size() >= kRecentMax) old_ = std::exchange(recent_, {});
  recent_.insert_or_assign(hash, std::move(known));
}

Status TokenVerifier::Tick() {
  {
    const std::lock_guard lock(mutex_);
    if (keys_ != nullptr && clock_.Now() - fetched_at_ < kKeysFresh) return OkStatus();
  }
  return Fetch();
}

Status TokenVerifier::Fetch() {
  {
    const std::lock_guard lock(mutex_);
    const Timestamp now = clock_.Now();
    if (tried_at_.micros != 0 && now - tried_at_ < kRefetchPause && keys_ != nullptr)
      return OkStatus();
    tried_at_ = now;
  }
  HttpRequest request;
  request.target = "/.well-known/jwks.json";
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response,
                             identity_.Send(request, Duration::Seconds(3)));
  if (response.status != 200)
    return MakeError(ErrorCode::kUnavailable, "Identity does not give its keys.");
  TICKETING_ASSIGN_OR_RETURN(JwkSet keys, JwkSet::FromJson(response.body));
  const std::lock_guard lock(mutex_);
  keys_ = std::make_shared<const JwkSet>(std::move(keys));
  fetched_at_ = clock_.Now();
  return OkStatus();
}

}  // namespace ticketing
