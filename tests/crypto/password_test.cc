#include "ticketing/crypto/password.h"

#include <gtest/gtest.h>

#include <string>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

constexpr PasswordCost kCheap{.memory_kib = 8, .passes = 1};
constexpr std::string_view kSalt = "ABCDEFGHIJKLMNOP";

std::string CheapHash(std::string_view password) {
  return HashPassword(password, kSalt, kCheap).value();
}

// Made with OpenSSL's Argon2id.
TEST(PasswordTest, AgreesWithAnotherImplementationAtTheDefaultCost) {
  std::string salt;
  for (char i = 0; i < 16; ++i) salt.push_back(i);
  EXPECT_EQ(HashPassword("correct horse battery staple", salt).value(),
            "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$"
            "gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU");
}

// Made with the reference program: argon2 ABCDEFGHIJKLMNOP -id -v 13 -k 1024 -t 5.
TEST(PasswordTest, AgreesWithTheReferenceProgram) {
  const std::string stored = HashPassword("123", kSalt, {.memory_kib = 1024, .passes = 5}).value();
  const std::string tag =
      Base64Decode(stored.substr(stored.rfind('$') + 1) + "=").value_or("not base64");
  EXPECT_EQ(HexEncode(tag), "3c5d010180ba0cf5b6b858cba23b318e42d33088983c404598599c3b029ecac6");
  EXPECT_TRUE(stored.starts_with("$argon2id$v=19$m=1024,t=5,p=1$")) << stored;
}

TEST(PasswordTest, OnlyTheSamePasswordVerifies) {
  const std::string stored = CheapHash("contraseña larga");
  EXPECT_TRUE(VerifyPassword(stored, "contraseña larga").ok());
  for (const std::string_view wrong :
       {"contraseña larg", "contraseña larga ", "Contraseña larga", ""}) {
    EXPECT_EQ(CodeOf(VerifyPassword(stored, wrong)), ErrorCode::kWrongCredentials) << wrong;
  }
  EXPECT_TRUE(VerifyPassword(CheapHash(""), "").ok());
  EXPECT_TRUE(VerifyPassword(CheapHash(std::string("a\0b", 3)), std::string("a\0b", 3)).ok());
  EXPECT_FALSE(VerifyPassword(CheapHash(std::string("a\0b", 3)), "a").ok());
}

TEST(PasswordTest, TheSaltChangesTheHash) {
  EXPECT_NE(CheapHash("password"), HashPassword("password", "0123456789abcdef", kCheap).value());
  EXPECT_EQ(CheapHash("password"), CheapHash("password"));
}

TEST(PasswordTest, LongPasswordsAreWholeOrRefused) {
  const std::string longest(limits::kPasswordBytesMax, 'x');
  const std::string stored = CheapHash(longest);
  EXPECT_TRUE(VerifyPassword(stored, longest).ok());
  std::string other = longest;
  other.back() = 'y';
  EXPECT_FALSE(VerifyPassword(stored, other).ok());
  EXPECT_EQ(CodeOf(HashPassword(longest + "x", kSalt, kCheap).status()), ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(VerifyPassword(stored, longest + "x")), ErrorCode::kWrongCredentials);
  // A password that is too long is not taken for the empty one that stands in for it.
  EXPECT_EQ(CodeOf(VerifyPassword(CheapHash(""), longest + "x")), ErrorCode::kWrongCredentials);
}

TEST(PasswordTest, DamagedTextsAreDataLossAndNeedANewHash) {
  const std::string stored = CheapHash("password");
  const auto with = [&stored](std::string_view from, std::string_view to) {
    std::string changed = stored;
    return changed.replace(changed.find(from), from.size(), to);
  };
  const std::string kBad[] = {
      "",
      "password",
      stored + "A",
      stored + "=",
      stored.substr(0, stored.size() - 1),
      with("argon2id", "argon2i"),
      with("v=19", "v=16"),
      with("m=8", "m=7"),
      with("m=8", "m=08"),
      with("m=8", "m=1048577"),
      with("m=8", "m=99999999999999999999"),
      with("m=8", "m=-8"),
      with("t=1", "t=0"),
      with("t=1", "t=17"),
      with("p=1", "p=2"),
      with("$QUJD", "$QUJ"),
      with("$QUJD", "$=UJD"),
      with("$QUJD", "QUJD"),
  };
  for (const std::string& text : kBad) {
    EXPECT_EQ(CodeOf(VerifyPassword(text, "password")), ErrorCode::kDataLoss) << text;
    EXPECT_TRUE(NeedsRehash(text, kCheap)) << text;
  }
}

TEST(PasswordTest, AnotherCostNeedsANewHash) {
  const std::string stored = CheapHash("password");
  EXPECT_FALSE(NeedsRehash(stored, kCheap));
  EXPECT_TRUE(NeedsRehash(stored, {.memory_kib = 16, .passes = 1}));
  EXPECT_TRUE(NeedsRehash(stored, {.memory_kib = 8, .passes = 2}));
  EXPECT_TRUE(NeedsRehash(stored));
}

TEST(PasswordTest, TheUnmatchableHashIsReadButNeverMatches) {
  EXPECT_FALSE(NeedsRehash(UnmatchablePasswordHash()));
  EXPECT_EQ(CodeOf(VerifyPassword(UnmatchablePasswordHash(), "")), ErrorCode::kWrongCredentials);
  EXPECT_EQ(CodeOf(VerifyPassword(UnmatchablePasswordHash(), "password")),
            ErrorCode::kWrongCredentials);
}

TEST(PasswordDeathTest, AWrongSaltOrCostIsABug) {
  EXPECT_DEATH((void)HashPassword("password", "short", kCheap), "salt");
  EXPECT_DEATH((void)HashPassword("password", kSalt, {.memory_kib = 7, .passes = 1}), "cost");
  EXPECT_DEATH((void)HashPassword("password", kSalt, {.memory_kib = 8, .passes = 17}), "cost");
}

}  // namespace
}  // namespace ticketing
