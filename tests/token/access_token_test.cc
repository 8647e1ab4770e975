#include "ticketing/token/access_token.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'375'800);

// A token for RFC 8037's key, made by Python with OpenSSL's Ed25519.
constexpr std::string_view kForeignToken =
    "eyJ0eXAiOiAiYXQrand0IiwgImtpZCI6ICJrUHJLX3FteFZXYVlWQTl3d0JGNkl1bzN2Vnp6N1R4SENUd1hCeWdy"
    "UzRrIiwgImFsZyI6ICJFZERTQSJ9.eyJqdGkiOiAidC0xIiwgImV4cCI6IDE3OTUzNzY0MDAsICJzdWIiOiAiYWN"
    "jXzBXMks5UTdaQzRUMUEiLCAiaXNzIjogImh0dHBzOi8vaWQuZXhhbXBsZS5teCIsICJhdWQiOiAidGlja2V0aW5"
    "nIiwgInNpZCI6ICJzZXNfMFcySzlRN1pDNFQxQiIsICJyb2xlcyI6IFsiY3VzdG9tZXIiLCAiYm94X29mZmljZSJ"
    "dLCAiaWF0IjogMTc5NTM3NTgwMCwgIm5iZiI6IDE3OTUzNzU3OTAsICJ2ZW51ZSI6ICJ2ZW5fMFcySzlRN1pDNFQ"
    "xQyIsICJzY29wZSI6IFsieCIsIHsieSI6IG51bGx9XX0.XyVo-QHrXlL1KcVkclghrg3pJGFV5rLFxT2ICWFPpKz"
    "IXX8I4RfPYUQG6L1HL5M3u4RwRy0W_c-QhXHFWbmbDw";

class AccessTokenTest : public ::testing::Test {
 protected:
  AccessTokenTest() { EXPECT_TRUE(keys_.Add(key_.public_key()).ok()); }

  std::string Sign(const AccessClaims& claims) const { return SignAccessToken(claims, kid_, key_); }
  std::string SignText(std::string_view header, std::string_view payload) const {
    const std::string text = Base64UrlEncode(header) + "." + Base64UrlEncode(payload);
    return text + "." + Base64UrlEncode(key_.Sign(text));
  }
  // A good token whose header or payload had one piece of text replaced before it was signed.
  std::string Altered(std::string_view from, std::string_view to) const {
    const std::string good = Sign(claims_);
    const size_t dot = good.find('.');
    std::string header = Base64UrlDecode(good.substr(0, dot)).value();
    std::string payload = Base64UrlDecode(good.substr(dot + 1, good.rfind('.') - dot - 1)).value();
    std::string& holder = header.find(from) == std::string::npos ? payload : header;
    EXPECT_NE(holder.find(from), std::string::npos) << from;
    holder.replace(holder.find(from), from.size(), to);
    return SignText(header, payload);
  }
  ErrorCode Verify(std::string_view token, Timestamp now = kNow) const {
    return CodeOf(VerifyAccessToken(token, keys_, policy_, now).status());
  }

  const SigningKey key_ = SigningKey::FromSeed(std::string(32, 'k')).value();
  const std::string kid_ = JwkThumbprint(key_.public_key());
  JwkSet keys_;
  const TokenPolicy policy_{.issuer = "https://id.example.mx", .audience = "ticketing"};
  const AccessClaims claims_{.issuer = "https://id.example.mx",
                             .audience = "ticketing",
                             .subject = "acc_0W2K9Q7ZC4T1A",
                             .session = "ses_0W2K9Q7ZC4T1B",
                             .roles = {Role::kBoxOffice, Role::kGate},
                             .venue = "ven_0W2K9Q7ZC4T1C",
                             .issued_at = kNow,
                             .not_before = kNow,
                             .expires_at = kNow + Duration::Minutes(10),
                             .token_id = "tok-1"};
};

TEST_F(AccessTokenTest, ClaimsComeBack) {
  EXPECT_EQ(VerifyAccessToken(Sign(claims_), keys_, policy_, kNow).value(), claims_);
  AccessClaims bare = claims_;
  bare.session.clear();
  bare.venue.clear();
  bare.roles.clear();
  EXPECT_EQ(VerifyAccessToken(Sign(bare), keys_, policy_, kNow).value(), bare);
  AccessClaims odd = claims_;
  odd.subject = "a \"quoted\" \\ ñ \n \x01 subject";
  EXPECT_EQ(VerifyAccessToken(Sign(odd), keys_, policy_, kNow).value(), odd);
  EXPECT_TRUE(claims_.HasRole(Role::kGate));
  EXPECT_FALSE(claims_.HasRole(Role::kAdmin));
}

TEST_F(AccessTokenTest, FractionsOfSecondsAreCutOff) {
  AccessClaims claims = claims_;
  claims.issued_at = kNow + Duration::Micros(999'999);
  EXPECT_EQ(VerifyAccessToken(Sign(claims), keys_, policy_, kNow).value(), claims_);
}

TEST_F(AccessTokenTest, TheTextIsTheDocumentedOne) {
  const std::string token = Sign(claims_);
  const size_t dot = token.find('.');
  EXPECT_EQ(Base64UrlDecode(token.substr(0, dot)),
            R"({"alg":"EdDSA","typ":"at+jwt","kid":")" + kid_ + R"("})");
  EXPECT_EQ(Base64UrlDecode(token.substr(dot + 1, token.rfind('.') - dot - 1)),
            R"({"iss":"https://id.example.mx","aud":"ticketing","sub":"acc_0W2K9Q7ZC4T1A",)"
            R"("sid":"ses_0W2K9Q7ZC4T1B","roles":["box_office","gate"],)"
            R"("venue":"ven_0W2K9Q7ZC4T1C","iat":1795375800,"nbf":1795375800,"exp":1795376400,)"
            R"("jti":"tok-1"})");
}

TEST_F(AccessTokenTest, ATokenOfAnotherImplementationIsRead) {
  JwkSet keys;
  ASSERT_TRUE(
      keys.Add(Base64UrlDecode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").value()).ok());
  const StatusOr<AccessClaims> claims = VerifyAccessToken(kForeignToken, keys, policy_, kNow);
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->subject, "acc_0W2K9Q7ZC4T1A");
  EXPECT_EQ(claims->session, "ses_0W2K9Q7ZC4T1B");
  EXPECT_EQ(claims->venue, "ven_0W2K9Q7ZC4T1C");
  EXPECT_EQ(claims->roles, (std::vector<Role>{Role::kCustomer, Role::kBoxOffice}));
  EXPECT_EQ(claims->issued_at, kNow);
  EXPECT_EQ(claims->not_before, kNow - Duration::Seconds(10));
  EXPECT_EQ(claims->expires_at, kNow + Duration::Minutes(10));
  EXPECT_EQ(claims->token_id, "t-1");
}

TEST_F(AccessTokenTest, EveryChangedCharacterIsRefused) {
  const std::string token = Sign(claims_);
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'B', '_', '.', '=', ' ', '\0'}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      EXPECT_EQ(Verify(changed), ErrorCode::kUnauthenticated) << i << " " << c;
    }
  }
}

TEST_F(AccessTokenTest, EveryTruncationAndExtensionIsRefused) {
  const std::string token = Sign(claims_);
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_EQ(Verify(token.substr(0, size)), ErrorCode::kUnauthenticated) << size;
  }
  for (const std::string_view more : {"A", "=", "==", ".", ".A", " ", "\n"}) {
    EXPECT_EQ(Verify(token + std::string(more)), ErrorCode::kUnauthenticated) << more;
    EXPECT_EQ(Verify(std::string(more) + token), ErrorCode::kUnauthenticated) << more;
  }
}

TEST_F(AccessTokenTest, TheLastCharacterHasOneForm) {
  // A signature has 512 bits, its text 516: four spare bits that a lenient decoder ignores.
  std::string token = Sign(claims_);
  const std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const size_t last = digits.find(token.back());
  ASSERT_EQ(last % 16, 0u);
  for (size_t spare = 1; spare < 16; ++spare) {
    token.back() = digits[last + spare];
    EXPECT_EQ(Verify(token), ErrorCode::kUnauthenticated) << spare;
  }
}

TEST_F(AccessTokenTest, TimesAreCheckedWithTheSkew) {
  const std::string token = Sign(claims_);
  const Duration tick = Duration::Micros(1);
  const Duration skew = Duration::Seconds(60);
  EXPECT_EQ(Verify(token, kNow - skew - tick), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Verify(token, kNow - skew), ErrorCode::kOk);
  EXPECT_EQ(Verify(token, claims_.expires_at + skew - tick), ErrorCode::kOk);
  EXPECT_EQ(Verify(token, claims_.expires_at + skew), ErrorCode::kTokenExpired);
  EXPECT_EQ(Verify(token, claims_.expires_at + Duration::Days(10'000)), ErrorCode::kTokenExpired);

  TokenPolicy exact = policy_;
  exact.clock_skew = {};
  const auto verify = [&](Timestamp now) {
    return CodeOf(VerifyAccessToken(token, keys_, exact, now).status());
  };
  EXPECT_EQ(verify(kNow - tick), ErrorCode::kUnauthenticated);
  EXPECT_EQ(verify(kNow), ErrorCode::kOk);
  EXPECT_EQ(verify(claims_.expires_at), ErrorCode::kTokenExpired);

  AccessClaims later = claims_;
  later.not_before = kNow + Duration::Minutes(5);
  EXPECT_EQ(Verify(Sign(later)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Verify(Sign(later), later.not_before), ErrorCode::kOk);
  AccessClaims future = claims_;
  future.issued_at = kNow + Duration::Seconds(61);
  EXPECT_EQ(Verify(Sign(future)), ErrorCode::kUnauthenticated);
}

TEST_F(AccessTokenTest, ExpiredIsSaidOnlyOfGenuineTokens) {
  const Timestamp late = claims_.expires_at + Duration::Hours(1);
  std::string forged = Sign(claims_);
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Verify(forged, late), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Verify(Altered("\"ticketing\"", "\"payments\""), late), ErrorCode::kUnauthenticated);
}

TEST_F(AccessTokenTest, IssuerAndAudienceAreCompared) {
  for (const auto& change : std::initializer_list<std::function<void(TokenPolicy&)>>{
           [](TokenPolicy& p) { p.issuer = "https://id.example.mx/"; },
           [](TokenPolicy& p) { p.issuer = ""; }, [](TokenPolicy& p) { p.audience = "payments"; },
           [](TokenPolicy& p) { p.audience = ""; }}) {
    TokenPolicy policy = policy_;
    change(policy);
    EXPECT_EQ(CodeOf(VerifyAccessToken(Sign(claims_), keys_, policy, kNow).status()),
              ErrorCode::kUnauthenticated);
  }
}

TEST_F(AccessTokenTest, OnlyTheNamedKeyVerifies) {
  const SigningKey other = SigningKey::FromSeed(std::string(32, 'o')).value();
  const std::string other_kid = JwkThumbprint(other.public_key());
  // An unknown key; and, once both are known, the one key's name on the other's signature.
  EXPECT_EQ(Verify(SignAccessToken(claims_, other_kid, other)), ErrorCode::kUnauthenticated);
  ASSERT_TRUE(keys_.Add(other.public_key()).ok());
  EXPECT_EQ(Verify(SignAccessToken(claims_, other_kid, other)), ErrorCode::kOk);
  EXPECT_EQ(Verify(SignAccessToken(claims_, kid_, other)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Verify(SignAccessToken(claims_, "", key_)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(VerifyAccessToken(Sign(claims_), JwkSet(), policy_, kNow).status()),
            ErrorCode::kUnauthenticated);
}

// Each of these is signed with the right key, so only the reading can refuse it.
TEST_F(AccessTokenTest, SignedHeadersMustBeOurs) {
  ASSERT_EQ(Verify(Altered("\"alg\"", "\"alg\"")), ErrorCode::kOk);
  const std::pair<std::string_view, std::string_view> kChanges[] = {
      {R"("alg":"EdDSA")", R"("alg":"none")"},
      {R"("alg":"EdDSA")", R"("alg":"HS256")"},
      {R"("alg":"EdDSA")", R"("alg":"eddsa")"},
      {R"("alg":"EdDSA")", R"("alg":["EdDSA"])"},
      {R"("alg":"EdDSA",)", ""},
      {R"("typ":"at+jwt")", R"("typ":"JWT")"},
      {R"("typ":"at+jwt")", R"("typ":"AT+JWT")"},
      {R"("typ":"at+jwt")", R"("typ":null)"},
      {R"("typ":"at+jwt",)", ""},
      {R"("kid":)", R"("kid2":)"},
      {R"("kid":)", R"("crit":["exp"],"kid":)"},
      {R"("kid":)", R"("crit":[],"kid":)"},
      {R"("kid":)", R"("b64":false,"kid":)"},
      {R"("kid":)", R"("alg":"EdDSA","kid":)"},
      {R"("kid":)", R"("\u0061lg":"none","kid":)"},
      {R"({"alg")", R"([{"alg")"},
      {R"({"alg")", "\xef\xbb\xbf{\"alg\""},
  };
  for (const auto& [from, to] : kChanges) {
    EXPECT_EQ(Verify(Altered(from, to)), ErrorCode::kUnauthenticated) << to;
  }
  // What a header says of other keys is ignored, never fetched.
  EXPECT_EQ(Verify(Altered(R"("kid":)", R"("jku":"https://evil.example","kid":)")), ErrorCode::kOk);
}

TEST_F(AccessTokenTest, SignedClaimsMustBeWellFormed) {
  const std::pair<std::string_view, std::string_view> kChanges[] = {
      {R"("iss":)", R"("iss":"x","iss":)"},
      {R"("iss":"https://id.example.mx",)", ""},
      {R"("aud":"ticketing")", R"("aud":["ticketing"])"},
      {R"("sub":"acc_0W2K9Q7ZC4T1A")", R"("sub":"")"},
      {R"("sub":"acc_0W2K9Q7ZC4T1A")", R"("sub":7)"},
      {R"("sub":"acc_0W2K9Q7ZC4T1A",)", ""},
      {R"("sid":"ses_0W2K9Q7ZC4T1B")", R"("sid":null)"},
      {R"("venue":"ven_0W2K9Q7ZC4T1C")", R"("venue":["ven_0W2K9Q7ZC4T1C"])"},
      {R"("jti":"tok-1")", R"("jti":"")"},
      {R"(,"jti":"tok-1")", ""},
      {R"(["box_office","gate"])", R"("gate")"},
      {R"(["box_office","gate"])", R"(["gate","gate"])"},
      {R"(["box_office","gate"])", R"(["gate",1])"},
      {R"(["box_office","gate"])", R"({"gate":true})"},
      {R"("roles":["box_office","gate"],)", ""},
      {R"("exp":1795376400)", R"("exp":"1795376400")"},
      {R"("exp":1795376400)", R"("exp":1795376400.0)"},
      {R"("exp":1795376400)", R"("exp":1795376400.5)"},
      {R"("exp":1795376400)", R"("exp":1e12)"},
      {R"("exp":1795376400)", R"("exp":-1)"},
      {R"("exp":1795376400)", R"("exp":253402300800)"},
      {R"("exp":1795376400)", R"("exp":9223372036854775807)"},
      {R"("exp":1795376400)", R"("exp":18446744073709551615)"},
      {R"("exp":1795376400)", R"("exp":99999999999999999999999999)"},
      {R"("exp":1795376400)", R"("exp":true)"},
      {R"("exp":1795376400)", R"("exp":null)"},
      {R"(,"exp":1795376400)", ""},
      {R"("exp":1795376400)", R"("exp":1795375800)"},  // not after iat
      {R"("iat":1795375800,)", ""},
      {R"("nbf":1795375800,)", ""},
      {R"("nbf":1795375800)", R"("nbf":"now")"},
      {"acc_", "\xff\xfe"},
      {"{\"iss\"", "[{\"iss\""},
      {"\"tok-1\"}", "\"tok-1\"}}"},
      {"\"tok-1\"}", "\"tok-1\""},
      {"\"tok-1\"}", "\"tok-1\",\"x\":[[[[[[[[1]]]]]]]]}"},
  };
  for (const auto& [from, to] : kChanges) {
    EXPECT_EQ(Verify(Altered(from, to)), ErrorCode::kUnauthenticated) << to;
  }
  EXPECT_EQ(Verify(Altered("\"tok-1\"}", "\"tok-1\",\"more\":{\"a\":[1,2.5,null]}}")),
            ErrorCode::kOk);
}

TEST_F(AccessTokenTest, RolesOfNewerVersionsAreLeftOut) {
  const std::string token = Altered(R"(["box_office","gate"])", R"(["gate","auditor"])");
  EXPECT_EQ(VerifyAccessToken(token, keys_, policy_, kNow)->roles, std::vector<Role>{Role::kGate});
  std::string many = "[";
  for (size_t i = 0; i <= limits::kTokenRolesMax; ++i) many += "\"r" + std::to_string(i) + "\",";
  many.back() = ']';
  EXPECT_EQ(Verify(Altered(R"(["box_office","gate"])", many)), ErrorCode::kUnauthenticated);
}

TEST_F(AccessTokenTest, TokensAreBounded) {
  const auto padded = [this](size_t count) {
    return Altered("\"tok-1\"}", "\"tok-1\",\"x\":\"" + std::string(count, 'x') + "\"}");
  };
  const size_t base = padded(0).size();
  const size_t room = (limits::kAccessTokenBytesMax - base) / 4 * 3;
  EXPECT_LE(padded(room - 3).size(), limits::kAccessTokenBytesMax);
  EXPECT_EQ(Verify(padded(room - 3)), ErrorCode::kOk);
  EXPECT_GT(padded(room + 6).size(), limits::kAccessTokenBytesMax);
  EXPECT_EQ(Verify(padded(room + 6)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Verify(std::string(limits::kAccessTokenBytesMax, '.')), ErrorCode::kUnauthenticated);
}

TEST_F(AccessTokenTest, TheKeyIdCanBeReadBeforeTheKeyIsKnown) {
  EXPECT_EQ(AccessTokenKeyId(Sign(claims_)), kid_);
  EXPECT_EQ(AccessTokenKeyId("x.y.z"), std::nullopt);
  EXPECT_EQ(AccessTokenKeyId(""), std::nullopt);
  EXPECT_EQ(AccessTokenKeyId(Altered(R"("alg":"EdDSA")", R"("alg":"none")")), std::nullopt);
}

TEST_F(AccessTokenTest, ClaimsThatCannotBeWrittenAreBugs) {
  for (const auto& change : std::initializer_list<std::function<void(AccessClaims&)>>{
           [](AccessClaims& c) { c.issuer.clear(); }, [](AccessClaims& c) { c.audience.clear(); },
           [](AccessClaims& c) { c.subject.clear(); }, [](AccessClaims& c) { c.token_id.clear(); },
           [](AccessClaims& c) { c.expires_at = c.issued_at; },
           [](AccessClaims& c) { c.not_before = Timestamp{-1}; },
           [](AccessClaims& c) {
             c.roles = {Role::kGate, Role::kGate};
           }}) {
    AccessClaims claims = claims_;
    change(claims);
    EXPECT_DEATH((void)Sign(claims), "AreWritable");
  }
}

TEST(RoleTest, NamesAreFixed) {
  const std::pair<Role, std::string_view> kNames[] = {
      {Role::kCustomer, "customer"}, {Role::kBoxOffice, "box_office"}, {Role::kGate, "gate"},
      {Role::kAdmin, "admin"},       {Role::kDevice, "device"},        {Role::kService, "service"},
  };
  for (const auto& [role, name] : kNames) {
    EXPECT_EQ(ToString(role), name);
    EXPECT_EQ(ParseRole(name), role);
  }
  EXPECT_EQ(ParseRole("Admin"), std::nullopt);
  EXPECT_EQ(ParseRole("box-office"), std::nullopt);
  EXPECT_EQ(ParseRole(""), std::nullopt);
}

}  // namespace
}  // namespace ticketing
