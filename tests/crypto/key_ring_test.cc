#include "ticketing/crypto/key_ring.h"

#include <gtest/gtest.h>

#include <string>

#include "ticketing/crypto/signature.h"

namespace ticketing {
namespace {

std::string PublicKey(char seed) {
  return SigningKey::FromSeed(std::string(32, seed)).value().public_key();
}

TEST(KeyRingTest, AKeyIsFoundWithinItsTime) {
  KeyRing ring;
  const TrustedKey key{PublicKey('a'), Timestamp::FromSeconds(100), Timestamp::FromSeconds(200)};
  ASSERT_TRUE(ring.Add(7, key).ok());
  EXPECT_EQ(ring.Find(7, Timestamp{100'000'000 - 1}), nullptr);
  ASSERT_NE(ring.Find(7, Timestamp::FromSeconds(100)), nullptr);
  EXPECT_EQ(*ring.Find(7, Timestamp{200'000'000 - 1}), key);
  EXPECT_EQ(ring.Find(7, Timestamp::FromSeconds(200)), nullptr);
  EXPECT_EQ(ring.Find(8, Timestamp::FromSeconds(150)), nullptr);
  EXPECT_EQ(ring.Find(0, Timestamp::FromSeconds(150)), nullptr);
}

TEST(KeyRingTest, WithoutBoundsAKeyIsAlwaysFound) {
  KeyRing ring;
  ASSERT_TRUE(ring.Add(1, {PublicKey('a')}).ok());
  EXPECT_NE(ring.Find(1, Timestamp{-1}), nullptr);
  EXPECT_NE(ring.Find(1, Timestamp{}), nullptr);
  EXPECT_NE(ring.Find(1, Timestamp::FromSeconds(253'402'300'799)), nullptr);
}

TEST(KeyRingTest, OldAndNewKeyOverlapWhileKeysRotate) {
  KeyRing ring;
  ASSERT_TRUE(ring.Add(1, {PublicKey('a'), Timestamp{}, Timestamp::FromSeconds(200)}).ok());
  ASSERT_TRUE(ring.Add(2, {PublicKey('b'), Timestamp::FromSeconds(100)}).ok());
  EXPECT_EQ(ring.Find(1, Timestamp::FromSeconds(150))->public_key, PublicKey('a'));
  EXPECT_EQ(ring.Find(2, Timestamp::FromSeconds(150))->public_key, PublicKey('b'));
  EXPECT_EQ(ring.size(), 2u);
}

TEST(KeyRingTest, AnIdNeverNamesASecondKey) {
  KeyRing ring;
  ASSERT_TRUE(ring.Add(1, {PublicKey('a')}).ok());
  EXPECT_EQ(CodeOf(ring.Add(1, {PublicKey('b')})), ErrorCode::kConflict);
  EXPECT_EQ(ring.Find(1, Timestamp{})->public_key, PublicKey('a'));
  // The same key with other times replaces them: this is how a key is retired.
  ASSERT_TRUE(ring.Add(1, {PublicKey('a'), Timestamp{}, Timestamp::FromSeconds(5)}).ok());
  EXPECT_EQ(ring.Find(1, Timestamp::FromSeconds(5)), nullptr);
  EXPECT_EQ(ring.size(), 1u);
}

TEST(KeyRingTest, BadKeysAreRefused) {
  KeyRing ring;
  EXPECT_EQ(CodeOf(ring.Add(0, {PublicKey('a')})), ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(ring.Add(1, {""})), ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(ring.Add(1, {std::string(32, '\0')})), ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(ring.Add(1, {PublicKey('a'), Timestamp{5}, Timestamp{5}})),
            ErrorCode::kInvalidField);
  EXPECT_TRUE(ring.empty());
}

}  // namespace
}  // namespace ticketing
