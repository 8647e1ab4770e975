#include "ticketing/service/common/token_verifier.h"

namespace ticketing {

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
  return VerifyAccessToken(token, *known, policy, clock_.Now());
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
