#include "lib/service/identity/keys.h"

#include <vector>

#include "ticketing/crypto/hash.h"
#include "ticketing/service/common/token_verifier.h"

namespace ticketing::identity {
namespace {

constexpr char kSigning[] = "signing";
constexpr char kRefresh[] = "refresh";

// The secrets of a purpose, oldest first; one is made when there is none.
Status LoadSecrets(SqlTransaction& tx, const std::string& purpose, const std::string& fresh,
                   Timestamp now, std::vector<std::string>& out) {
  out.clear();
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT secret FROM secrets WHERE purpose = ? ORDER BY created_at, id", {purpose},
               [&out](const SqlRow& row) {
                 out.push_back(row.Bytes(0));
                 return OkStatus();
               }));
  if (!out.empty()) return OkStatus();
  out.push_back(fresh);
  return tx
      .Execute(
          "INSERT INTO secrets (id, purpose, secret, created_at)"
          " SELECT COALESCE(MAX(id), 0) + 1, ?, ?, ? FROM secrets",
          {purpose, Blob{fresh}, now.micros})
      .status();
}

}  // namespace

StatusOr<std::unique_ptr<Keys>> Keys::Load(Database& database, Env env) {
  const std::string fresh_seed = env.random.Bytes(kSignatureSeedBytes);
  const std::string fresh_refresh = env.random.Bytes(kHashBytes);
  const Timestamp now = env.clock.Now();
  std::vector<std::string> seeds;
  std::vector<std::string> refresh;
  const Status written = database.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(LoadSecrets(tx, kSigning, fresh_seed, now, seeds));
    return LoadSecrets(tx, kRefresh, fresh_refresh, now, refresh);
  });
  TICKETING_RETURN_IF_ERROR(written);
  TICKETING_ASSIGN_OR_RETURN(SigningKey newest, SigningKey::FromSeed(seeds.back()));
  if (refresh.back().size() != kHashBytes) {
    return MakeError(ErrorCode::kDataLoss, "A stored key has the wrong length.");
  }
  std::unique_ptr<Keys> keys(new Keys(std::move(newest), refresh.back()));
  for (const std::string& seed : seeds) {
    TICKETING_ASSIGN_OR_RETURN(const SigningKey key, SigningKey::FromSeed(seed));
    TICKETING_RETURN_IF_ERROR(keys->set_.Add(key.public_key()));
  }
  keys->kid_ = JwkThumbprint(keys->key_.public_key());
  keys->jwks_json_ = keys->set_.ToJson();
  return keys;
}

std::string Keys::Sign(AccessClaims claims, Timestamp now, Duration life) const {
  claims.issuer = kTokenIssuer;
  claims.audience = kTokenAudience;
  claims.issued_at = now;
  claims.not_before = now;
  claims.expires_at = now + life;
  return SignAccessToken(claims, kid_, key_);
}

StatusOr<AccessClaims> Keys::Verify(std::string_view token, Timestamp now) const {
  return VerifyAccessToken(token, set_, {kTokenIssuer, kTokenAudience}, now);
}

}  // namespace ticketing::identity
