#include "ticketing/crypto/signature.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <type_traits>
#include <utility>

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

std::string Hex(std::string_view text) {
  return HexDecode(text).value();
}

SigningKey KeyOf(std::string_view seed) {
  return SigningKey::FromSeed(seed).value();
}

// RFC 8032 section 7.1, tests 1-3.
TEST(SignatureTest, Rfc8032Vectors) {
  const struct {
    std::string_view seed, public_key, message, signature;
  } kCases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "11d8c387b2eaeb4302aeeb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
       "dc6594a7c15e9716ed28dc027beceea1ec40a"},
  };
  for (const auto& c : kCases) {
    const SigningKey key = KeyOf(Hex(c.seed));
    EXPECT_EQ(HexEncode(key.public_key()), c.public_key);
    EXPECT_EQ(HexEncode(key.Sign(Hex(c.message))), c.signature);
    EXPECT_TRUE(VerifySignature(Hex(c.public_key), Hex(c.message), Hex(c.signature)));
  }
}

TEST(SignatureTest, EveryChangedBitIsRefused) {
  const SigningKey key = KeyOf(std::string(32, 's'));
  const std::string message = "one ticket, one seat";
  const std::string signature = key.Sign(message);
  const std::string public_key = key.public_key();
  ASSERT_TRUE(VerifySignature(public_key, message, signature));
  const auto flipped = [](std::string bytes, size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
  };
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    EXPECT_FALSE(VerifySignature(public_key, message, flipped(signature, bit))) << bit;
  }
  for (size_t bit = 0; bit < message.size() * 8; ++bit) {
    EXPECT_FALSE(VerifySignature(public_key, flipped(message, bit), signature)) << bit;
  }
  for (size_t bit = 0; bit < public_key.size() * 8; ++bit) {
    EXPECT_FALSE(VerifySignature(flipped(public_key, bit), message, signature)) << bit;
  }
}

TEST(SignatureTest, WrongLengthsAreRefused) {
  const SigningKey key = KeyOf(std::string(32, 's'));
  const std::string signature = key.Sign("m");
  EXPECT_FALSE(VerifySignature(key.public_key(), "m", signature + '\0'));
  EXPECT_FALSE(VerifySignature(key.public_key(), "m", signature.substr(0, 63)));
  EXPECT_FALSE(VerifySignature(key.public_key() + '\0', "m", signature));
  EXPECT_FALSE(VerifySignature("", "m", signature));
  EXPECT_FALSE(VerifySignature(key.public_key(), "m", ""));
  EXPECT_EQ(CodeOf(SigningKey::FromSeed(std::string(31, 's')).status()), ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(SigningKey::FromSeed(std::string(64, 's')).status()), ErrorCode::kInvalidField);
}

// S + L satisfies the equation too; a verifier that takes it lets anyone make a second signature
// from a first.
TEST(SignatureTest, ASignatureWithAnUnreducedScalarIsRefused) {
  const SigningKey key = KeyOf(std::string(32, 's'));
  std::string signature = key.Sign("m");
  const std::string order = Hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  int carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    const int sum =
        static_cast<uint8_t>(signature[32 + i]) + static_cast<uint8_t>(order[i]) + carry;
    signature[32 + i] = static_cast<char>(sum & 0xff);
    carry = sum >> 8;
  }
  ASSERT_EQ(carry, 0);
  EXPECT_FALSE(VerifySignature(key.public_key(), "m", signature));
}

// With a key of small order one signature (R the identity, S zero) would hold for messages without
// end.
TEST(SignatureTest, KeysOfSmallOrderAndOddEncodingsAreRefused) {
  const std::string_view kBad[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y = p
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y = p + 1
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "0200000000000000000000000000000000000000000000000000000000000000",  // not on the curve
  };
  std::string signature(64, '\0');
  signature[0] = 1;
  for (const std::string_view hex : kBad) {
    EXPECT_FALSE(IsValidPublicKey(Hex(hex))) << hex;
    EXPECT_FALSE(VerifySignature(Hex(hex), "m", signature)) << hex;
  }
  EXPECT_FALSE(IsValidPublicKey(""));
  EXPECT_FALSE(IsValidPublicKey(std::string(31, 'k')));
  EXPECT_TRUE(IsValidPublicKey(KeyOf(std::string(32, 's')).public_key()));
}

TEST(SignatureTest, RandomKeysSignAndOthersDoNotVerify) {
  std::mt19937_64 random(20261122);
  const auto bytes = [&random](size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text.push_back(static_cast<char>(random()));
    return text;
  };
  for (int round = 0; round < 50; ++round) {
    const SigningKey key = KeyOf(bytes(32));
    const SigningKey other = KeyOf(bytes(32));
    const std::string message = bytes(random() % 300);
    const std::string signature = key.Sign(message);
    EXPECT_EQ(signature, key.Sign(message));
    EXPECT_TRUE(IsValidPublicKey(key.public_key()));
    EXPECT_TRUE(VerifySignature(key.public_key(), message, signature));
    EXPECT_FALSE(VerifySignature(other.public_key(), message, signature));
    EXPECT_FALSE(VerifySignature(key.public_key(), message + "x", signature));
  }
}

TEST(SignatureTest, AKeyMovesButDoesNotCopy) {
  static_assert(!std::is_copy_constructible_v<SigningKey>);
  static_assert(!std::is_copy_assignable_v<SigningKey>);
  SigningKey first = KeyOf(std::string(32, 's'));
  const std::string signature = first.Sign("m");
  SigningKey second = std::move(first);
  EXPECT_EQ(second.Sign("m"), signature);
  SigningKey third = KeyOf(std::string(32, 't'));
  third = std::move(second);
  EXPECT_EQ(third.Sign("m"), signature);
}

TEST(SignatureDeathTest, AMovedFromKeySignsNothing) {
  SigningKey first = KeyOf(std::string(32, 's'));
  const SigningKey second = std::move(first);
  EXPECT_DEATH(first.Sign("m"), "usable");           // NOLINT(bugprone-use-after-move)
  EXPECT_DEATH((void)first.public_key(), "usable");  // NOLINT(bugprone-use-after-move)
}

TEST(SignatureTest, AMovedFromKeyIsWiped) {
  alignas(SigningKey) unsigned char storage[sizeof(SigningKey)];
  auto* key = new (storage) SigningKey(KeyOf(std::string(32, 's')));
  const auto holds_seed = [&storage] {
    return std::string_view(reinterpret_cast<char*>(storage), sizeof storage)
               .find(std::string(16, 's')) != std::string_view::npos;
  };
  EXPECT_TRUE(holds_seed());
  const SigningKey taken = std::move(*key);
  EXPECT_FALSE(holds_seed());
  key->~SigningKey();
}

}  // namespace
}  // namespace ticketing
