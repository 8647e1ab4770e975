#include "ticketing/token/jwk.h"

#include <gtest/gtest.h>

#include <string>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/crypto/signature.h"

namespace ticketing {
namespace {

// RFC 8037 appendix A.
constexpr std::string_view kRfcX = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
constexpr std::string_view kRfcKid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

std::string PublicKey(char seed) {
  return SigningKey::FromSeed(std::string(32, seed)).value().public_key();
}

// A set of one key with `members` beside the RFC's public key.
std::string SetOf(std::string_view members) {
  return R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":")" + std::string(kRfcX) + "\"" +
         std::string(members) + "}]}";
}

ErrorCode CodeOfJson(std::string_view json) {
  return CodeOf(JwkSet::FromJson(json).status());
}

std::string FieldOf(std::string_view json) {
  const ErrorDetails details = DetailsOf(JwkSet::FromJson(json).status());
  return details.fields.empty() ? "" : details.fields[0].field;
}

TEST(JwkTest, Rfc8037Vectors) {
  const std::string seed = Base64UrlDecode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").value();
  const SigningKey key = SigningKey::FromSeed(seed).value();
  EXPECT_EQ(Base64UrlEncode(key.public_key()), kRfcX);  // A.1, A.2
  EXPECT_EQ(JwkThumbprint(key.public_key()), kRfcKid);  // A.3
  const std::string_view signed_text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  EXPECT_EQ(
      Base64UrlEncode(key.Sign(signed_text)),  // A.4
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

TEST(JwkTest, TheRfcsKeyIsRead) {
  const StatusOr<JwkSet> set = JwkSet::FromJson(SetOf(""));
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_EQ(set->size(), 1u);
  ASSERT_NE(set->Find(kRfcKid), nullptr);
  EXPECT_EQ(Base64UrlEncode(*set->Find(kRfcKid)), kRfcX);
  EXPECT_EQ(set->Find("other"), nullptr);
  EXPECT_EQ(set->Find(""), nullptr);
}

TEST(JwkTest, ASetComesBackFromItsText) {
  JwkSet set;
  for (const char seed : {'a', 'b', 'c'}) ASSERT_TRUE(set.Add(PublicKey(seed)).ok());
  ASSERT_TRUE(set.Add(PublicKey('a')).ok());
  EXPECT_EQ(set.size(), 3u);
  EXPECT_EQ(JwkSet::FromJson(set.ToJson()).value(), set);
  JwkSet reversed;
  for (const char seed : {'c', 'b', 'a'}) ASSERT_TRUE(reversed.Add(PublicKey(seed)).ok());
  EXPECT_EQ(reversed.ToJson(), set.ToJson());
  EXPECT_EQ(JwkSet().ToJson(), R"({"keys":[]})");
  EXPECT_TRUE(JwkSet::FromJson(R"({"keys":[]})")->empty());
}

TEST(JwkTest, TheTextIsTheDocumentedOne) {
  JwkSet set;
  ASSERT_TRUE(set.Add(Base64UrlDecode(kRfcX).value()).ok());
  EXPECT_EQ(set.ToJson(), R"({"keys":[{"alg":"EdDSA","crv":"Ed25519","kid":")" +
                              std::string(kRfcKid) + R"(","kty":"OKP","use":"sig","x":")" +
                              std::string(kRfcX) + R"("}]})");
}

TEST(JwkTest, KeysComeAndGo) {
  JwkSet set;
  ASSERT_TRUE(set.Add(PublicKey('a')).ok());
  EXPECT_FALSE(set.Remove("other"));
  EXPECT_TRUE(set.Remove(JwkThumbprint(PublicKey('a'))));
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(CodeOf(set.Add("")), ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(set.Add(std::string(32, '\0'))), ErrorCode::kInvalidField);
}

TEST(JwkTest, ASetIsBounded) {
  JwkSet set;
  for (size_t i = 0; i < limits::kJwkSetKeysMax; ++i) {
    ASSERT_TRUE(set.Add(PublicKey(static_cast<char>(i))).ok());
  }
  EXPECT_EQ(CodeOf(set.Add(PublicKey('z'))), ErrorCode::kInvalidField);
  EXPECT_TRUE(set.Add(PublicKey(0)).ok());
  // The largest set can be read back.
  EXPECT_EQ(JwkSet::FromJson(set.ToJson()).value(), set);
  const std::string full = set.ToJson();
  std::string one_more = full;
  one_more.insert(one_more.size() - 2, R"(,{"kty":"RSA"})");
  EXPECT_EQ(CodeOfJson(one_more), ErrorCode::kInvalidField);
  const std::string blanks(limits::kJwkSetBytesMax - full.size(), ' ');
  EXPECT_EQ(CodeOfJson(full + blanks), ErrorCode::kOk);
  EXPECT_EQ(CodeOfJson(full + blanks + " "), ErrorCode::kBadSyntax);
}

TEST(JwkTest, KeysMeantForSomethingElseAreSkipped) {
  const std::string_view kForeign[] = {
      R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
      R"({"kty":"OKP","crv":"X25519","x":"AAAA"})",
      R"({"kty":"OKP","crv":"Ed25519","x":"AAAA","use":"enc"})",
      R"({"kty":"OKP","crv":"Ed25519","x":"AAAA","alg":"none"})",
      R"({"kty":"OKP","crv":"Ed25519","x":"AAAA","key_ops":["sign"]})",
      R"({"kty":"OKP","crv":"Ed25519","x":"AAAA","key_ops":"verify"})",
      R"({"kty":1})",
      R"({})",
  };
  for (const std::string_view key : kForeign) {
    const std::string json = SetOf("").insert(9, std::string(key) + ",");
    const StatusOr<JwkSet> set = JwkSet::FromJson(json);
    ASSERT_TRUE(set.ok()) << key << set.status();
    EXPECT_EQ(set->size(), 1u) << key;
  }
}

TEST(JwkTest, OurKeysMustBeRight) {
  EXPECT_EQ(CodeOfJson(SetOf(R"(,"alg":"EdDSA","use":"sig","key_ops":["verify"],"more":[1])")),
            ErrorCode::kOk);
  EXPECT_EQ(CodeOfJson(SetOf(R"(,"kid":")" + std::string(kRfcKid) + "\"")), ErrorCode::kOk);
  EXPECT_EQ(FieldOf(SetOf(R"(,"kid":"2026-01")")), "keys[0].kid");
  EXPECT_EQ(FieldOf(SetOf(R"(,"kid":7)")), "keys[0].kid");
  EXPECT_EQ(FieldOf(SetOf(R"(,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")")), "keys[0].d");
  const auto with_x = [](std::string_view x) {
    return R"({"keys":[{},{"kty":"OKP","crv":"Ed25519","x":)" + std::string(x) + "}]}";
  };
  EXPECT_EQ(FieldOf(with_x("7")), "keys[1].x");
  EXPECT_EQ(FieldOf(with_x(R"("")")), "keys[1].x");
  EXPECT_EQ(FieldOf(with_x(R"("AAAA")")), "keys[1].x");
  EXPECT_EQ(FieldOf(with_x("\"" + std::string(43, 'A') + "\"")), "keys[1].x");
  EXPECT_EQ(FieldOf(with_x("\"" + std::string(kRfcX) + "=\"")), "keys[1].x");
  // The last character carries four bits of the key and two that must be zero.
  std::string spare(kRfcX);
  spare.back() = 'p';
  EXPECT_EQ(FieldOf(with_x("\"" + spare + "\"")), "keys[1].x");
  const std::string one = R"({"kty":"OKP","crv":"Ed25519","x":")" + std::string(kRfcX) + "\"}";
  EXPECT_EQ(FieldOf(R"({"keys":[)" + one + "," + one + "]}"), "keys[1]");
}

TEST(JwkTest, TextsThatAreNoSetAreBadSyntax) {
  const std::string kBad[] = {
      "",
      "null",
      "[]",
      "{}",
      R"({"keys":{}})",
      R"({"keys":[1]})",
      R"({"keys":[]}x)",
      R"({"keys":[],"keys":[]})",
      R"({"keys":[{"kty":"OKP","kty":"RSA"}]})",
      R"({"keys":[{"kty":"a","\u006bty":"b"}]})",
      "\xef\xbb\xbf{\"keys\":[]}",
      "{\"keys\":[{\"kty\":\"\xff\"}]}",
      R"({"keys":[{"a":)" + std::string(8, '[') + std::string(8, ']') + "}]}",
      std::string(limits::kJwkSetBytesMax, '['),
      std::string(R"({"keys":[]})").substr(0, 10),
  };
  for (const std::string& json : kBad) {
    EXPECT_EQ(CodeOfJson(json), ErrorCode::kBadSyntax) << json.substr(0, 60);
  }
}

}  // namespace
}  // namespace ticketing
