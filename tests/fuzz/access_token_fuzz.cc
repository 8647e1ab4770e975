// Tokens from anywhere; and, since a fuzzer cannot sign, the input also as "header\npayload" with a
// right signature.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/token/access_token.h"

namespace ticketing {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'375'800);

struct World {
  SigningKey key = SigningKey::FromSeed(std::string(32, 'k')).value();
  std::string kid = JwkThumbprint(key.public_key());
  JwkSet keys;
  TokenPolicy policy{.issuer = "i", .audience = "a"};
  World() { TICKETING_ASSERT(keys.Add(key.public_key()).ok()); }
};

void CheckToken(const World& world, std::string_view token) {
  (void)AccessTokenKeyId(token);
  const StatusOr<AccessClaims> claims = VerifyAccessToken(token, world.keys, world.policy, kNow);
  if (!claims.ok()) {
    const ErrorCode code = CodeOf(claims.status());
    TICKETING_ASSERT(code == ErrorCode::kUnauthenticated || code == ErrorCode::kTokenExpired);
    return;
  }
  TICKETING_ASSERT(!claims->subject.empty() && claims->expires_at > claims->issued_at);
  if (token.size() > limits::kAccessTokenBytesMax / 2) return;
  const std::string again = SignAccessToken(*claims, world.kid, world.key);
  TICKETING_ASSERT(*VerifyAccessToken(again, world.keys, world.policy, kNow) == *claims);
}

}  // namespace
}  // namespace ticketing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ticketing::Base64UrlEncode;
  static const ticketing::World world;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ticketing::CheckToken(world, input);
  const size_t line = input.find('\n');
  const std::string header = line == std::string_view::npos
                                 ? R"({"alg":"EdDSA","typ":"at+jwt","kid":")" + world.kid + "\"}"
                                 : std::string(input.substr(0, line));
  const std::string_view payload = line == std::string_view::npos ? input : input.substr(line + 1);
  const std::string text = Base64UrlEncode(header) + "." + Base64UrlEncode(payload);
  ticketing::CheckToken(world, text + "." + Base64UrlEncode(world.key.Sign(text)));
  return 0;
}
