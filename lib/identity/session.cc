#include "ticketing/identity/session.h"

#include <charconv>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing::identity {
namespace {

constexpr size_t kTokenBytesMax = 128;
constexpr std::string_view kTagPrefix = "ticketing refresh token 1\n";

std::string Tag(const Session& session, int64_t generation, std::string_view key) {
  TICKETING_ASSERT(key.size() == kHashBytes);
  std::string message(kTagPrefix);
  AppendBigEndian(message, session.id.value, 8);
  AppendBigEndian(message, session.account.value, 8);
  AppendBigEndian(message, static_cast<uint64_t>(generation), 8);
  return HmacSha256(key, message);
}

}  // namespace

Session NewSession(SessionId id, AccountId account, Timestamp now, Duration life) {
  return {.id = id,
          .account = account,
          .generation = 1,
          .created_at = now,
          .rotated_at = now,
          .expires_at = now + life};
}

std::string RefreshToken(const Session& session, std::string_view key) {
  return session.id.ToString() + "." + std::to_string(session.generation) + "." +
         Base64UrlEncode(Tag(session, session.generation, key));
}

std::optional<RefreshClaim> ParseRefreshToken(std::string_view token) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;

  const auto session = SessionId::Parse(token.substr(0, first));
  const std::string_view digits = token.substr(first + 1, second - first - 1);
  int64_t generation = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  const bool canonical = read.ec == std::errc() && read.ptr == digits.data() + digits.size() &&
                         generation >= 1 && std::to_string(generation) == digits;
  auto tag = Base64UrlDecode(token.substr(second + 1));
  if (!session || !canonical || !tag || tag->size() != kHashBytes) return std::nullopt;
  return RefreshClaim{.session = *session, .generation = generation, .tag = *std::move(tag)};
}

RefreshResult UseRefreshToken(const Session& session, const RefreshClaim& claim,
                              std::string_view key, Timestamp now) {
  const bool authentic = claim.session == session.id &&
                         ConstantTimeEquals(claim.tag, Tag(session, claim.generation, key));
  if (!authentic || session.revoked || now >= session.expires_at) {
    return {RefreshVerdict::kRefused, session};
  }
  if (claim.generation == session.generation) {
    RefreshResult result{RefreshVerdict::kRotated, session};
    result.session.generation += 1;
    result.session.rotated_at = now;
    return result;
  }
  const Duration since = now - session.rotated_at;
  if (claim.generation + 1 == session.generation && since <= kRefreshGrace) {
    return {RefreshVerdict::kReplayed, session};
  }
  RefreshResult result{RefreshVerdict::kReused, session};
  result.session.revoked = true;
  return result;
}

}  // namespace ticketing::identity
