#include "ticketing/token/access_token.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/token/strict_json.h"
#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

using internal::QuoteJson;
using internal::StrictJson;

constexpr std::string_view kAlgorithm = "EdDSA";
constexpr std::string_view kType = "at+jwt";
// The last second of the year 9999; later times would overflow microseconds one day.
constexpr int64_t kSecondsMax = 253'402'300'799;

constexpr std::array<std::pair<Role, std::string_view>, 6> kRoleNames = {{
    {Role::kCustomer, "customer"},
    {Role::kBoxOffice, "box_office"},
    {Role::kGate, "gate"},
    {Role::kAdmin, "admin"},
    {Role::kDevice, "device"},
    {Role::kService, "service"},
}};

// The four parts of a compact JWS, still encoded but for the header.
struct Parts {
  StrictJson header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;
};

// Splits a token and reads its header. What the header may say is fixed: the algorithm and type are
// ours, no extension is understood, and keys it might carry or point to are never looked at.
std::optional<Parts> SplitToken(std::string_view token) {
  if (token.size() > limits::kAccessTokenBytesMax) return std::nullopt;
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> text = Base64UrlDecode(token.substr(0, first));
  if (!text) return std::nullopt;
  std::optional<StrictJson> header = StrictJson::Parse(*text);
  if (!header || header->String("alg") != kAlgorithm || header->String("typ") != kType ||
      header->Has("crit") || header->Has("b64")) {
    return std::nullopt;
  }
  return Parts{*std::move(header), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

std::optional<Timestamp> ReadTime(const StrictJson& claims, std::string_view name) {
  const std::optional<int64_t> seconds = claims.Integer(name);
  if (!seconds || *seconds < 0 || *seconds > kSecondsMax) return std::nullopt;
  return Timestamp::FromSeconds(*seconds);
}

// A member that may be missing, and then reads as empty; false when it has another type.
bool ReadOptional(const StrictJson& claims, std::string_view name, std::string& value) {
  if (!claims.Has(name)) return true;
  std::optional<std::string> text = claims.String(name);
  if (!text) return false;
  value = *std::move(text);
  return true;
}

std::optional<std::vector<Role>> ReadRoles(const StrictJson& claims) {
  const std::optional<std::vector<std::string>> names = claims.Strings("roles");
  if (!names || names->size() > limits::kTokenRolesMax) return std::nullopt;
  if (std::set<std::string>(names->begin(), names->end()).size() != names->size()) {
    return std::nullopt;
  }
  std::vector<Role> roles;
  for (const std::string& name : *names) {
    if (const std::optional<Role> role = ParseRole(name)) roles.push_back(*role);
  }
  return roles;
}

std::optional<AccessClaims> ReadClaims(std::string_view json) {
  const std::optional<StrictJson> object = StrictJson::Parse(json);
  if (!object) return std::nullopt;
  std::optional<std::string> issuer = object->String("iss");
  std::optional<std::string> audience = object->String("aud");
  std::optional<std::string> subject = object->String("sub");
  std::optional<std::string> token_id = object->String("jti");
  std::optional<std::vector<Role>> roles = ReadRoles(*object);
  const std::optional<Timestamp> issued_at = ReadTime(*object, "iat");
  const std::optional<Timestamp> not_before = ReadTime(*object, "nbf");
  const std::optional<Timestamp> expires_at = ReadTime(*object, "exp");
  if (!issuer || !audience || !subject || !token_id || !roles || !issued_at || !not_before ||
      !expires_at || subject->empty() || token_id->empty() || *expires_at <= *issued_at) {
    return std::nullopt;
  }
  AccessClaims claims;
  if (!ReadOptional(*object, "sid", claims.session) ||
      !ReadOptional(*object, "venue", claims.venue)) {
    return std::nullopt;
  }
  claims.issuer = *std::move(issuer);
  claims.audience = *std::move(audience);
  claims.subject = *std::move(subject);
  claims.roles = *std::move(roles);
  claims.issued_at = *issued_at;
  claims.not_before = *not_before;
  claims.expires_at = *expires_at;
  claims.token_id = *std::move(token_id);
  return claims;
}

std::string WriteClaims(const AccessClaims& claims) {
  std::string roles;
  for (const Role role : claims.roles) {
    if (!roles.empty()) roles += ',';
    roles += QuoteJson(ToString(role));
  }
  std::string json = R"({"iss":)" + QuoteJson(claims.issuer) + R"(,"aud":)" +
                     QuoteJson(claims.audience) + R"(,"sub":)" + QuoteJson(claims.subject);
  if (!claims.session.empty()) json += R"(,"sid":)" + QuoteJson(claims.session);
  json += R"(,"roles":[)" + roles + "]";
  if (!claims.venue.empty()) json += R"(,"venue":)" + QuoteJson(claims.venue);
  json += R"(,"iat":)" + std::to_string(claims.issued_at.seconds());
  json += R"(,"nbf":)" + std::to_string(claims.not_before.seconds());
  json += R"(,"exp":)" + std::to_string(claims.expires_at.seconds());
  return json + R"(,"jti":)" + QuoteJson(claims.token_id) + "}";
}

bool AreWritable(const AccessClaims& claims) {
  const auto in_range = [](Timestamp time) {
    return time.micros >= 0 && time.seconds() <= kSecondsMax;
  };
  return !claims.issuer.empty() && !claims.audience.empty() && !claims.subject.empty() &&
         !claims.token_id.empty() && claims.roles.size() <= limits::kTokenRolesMax &&
         std::set<Role>(claims.roles.begin(), claims.roles.end()).size() == claims.roles.size() &&
         in_range(claims.issued_at) && in_range(claims.not_before) && in_range(claims.expires_at) &&
         claims.expires_at.seconds() > claims.issued_at.seconds();
}

Status Refused() {
  return MakeError(ErrorCode::kUnauthenticated, "The token is not valid.");
}

}  // namespace

std::string_view ToString(Role role) {
  for (const auto& [known, name] : kRoleNames) {
    if (known == role) return name;
  }
  TICKETING_ASSERT(false);
}

std::optional<Role> ParseRole(std::string_view name) {
  for (const auto& [role, known] : kRoleNames) {
    if (known == name) return role;
  }
  return std::nullopt;
}

bool AccessClaims::HasRole(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::string SignAccessToken(const AccessClaims& claims, std::string_view kid,
                            const SigningKey& key) {
  TICKETING_ASSERT(AreWritable(claims));
  const std::string header = R"({"alg":"EdDSA","typ":"at+jwt","kid":)" + QuoteJson(kid) + "}";
  std::string token = Base64UrlEncode(header) + "." + Base64UrlEncode(WriteClaims(claims));
  token += "." + Base64UrlEncode(key.Sign(token));
  TICKETING_ASSERT(token.size() <= limits::kAccessTokenBytesMax);
  return token;
}

StatusOr<AccessClaims> VerifyAccessToken(std::string_view token, const JwkSet& keys,
                                         const TokenPolicy& policy, Timestamp now) {
  TICKETING_ASSERT(policy.clock_skew >= Duration{} && policy.clock_skew <= limits::kClockSkewMax);
  const std::optional<Parts> parts = SplitToken(token);
  if (!parts) return Refused();
  const std::optional<std::string> kid = parts->header.String("kid");
  const std::string* public_key = kid ? keys.Find(*kid) : nullptr;
  const std::optional<std::string> signature = Base64UrlDecode(parts->signature);
  if (public_key == nullptr || !signature ||
      !VerifySignature(*public_key, parts->signed_text, *signature)) {
    return Refused();
  }
  // From here on the bytes are identity's; they are still read strictly, because identity may be
  // newer than we are.
  const std::optional<std::string> payload = Base64UrlDecode(parts->payload);
  if (!payload) return Refused();
  std::optional<AccessClaims> claims = ReadClaims(*payload);
  if (!claims || claims->issuer != policy.issuer || claims->audience != policy.audience) {
    return Refused();
  }
  if (now + policy.clock_skew < claims->not_before || now + policy.clock_skew < claims->issued_at) {
    return Refused();
  }
  if (now >= claims->expires_at + policy.clock_skew) {
    return MakeError(ErrorCode::kTokenExpired, "The token has expired; get a new one.");
  }
  return *std::move(claims);
}

std::optional<std::string> AccessTokenKeyId(std::string_view token) {
  const std::optional<Parts> parts = SplitToken(token);
  return parts ? parts->header.String("kid") : std::nullopt;
}

}  // namespace ticketing
