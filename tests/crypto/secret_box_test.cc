#include "ticketing/crypto/secret_box.h"

#include <gtest/gtest.h>

#include <string>

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

std::string Hex(std::string_view text) {
  return HexDecode(text).value();
}

const std::string& Key() {
  static const std::string key =
      Hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  return key;
}
const std::string& Nonce() {
  static const std::string nonce = Hex("404142434445464748494a4b4c4d4e4f5051525354555657");
  return nonce;
}

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
TEST(SecretBoxTest, PublishedVector) {
  const std::string_view plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.";
  const std::string box = Hex(
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda"
      "7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b23835"
      "65d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
  const std::string associated = Hex("50515253c0c1c2c3c4c5c6c7");
  EXPECT_EQ(HexEncode(SealBox(Key(), Nonce(), associated, plain)), HexEncode(box));
  EXPECT_EQ(OpenBox(Key(), Nonce(), associated, box), plain);
}

TEST(SecretBoxTest, EveryChangedBitAndEveryOtherLengthIsRefused) {
  const std::string associated = "tkt_1";
  const std::string box = SealBox(Key(), Nonce(), associated, "Ana María");
  ASSERT_EQ(OpenBox(Key(), Nonce(), associated, box), "Ana María");
  const auto flipped = [](std::string bytes, size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
  };
  for (size_t bit = 0; bit < box.size() * 8; ++bit) {
    EXPECT_FALSE(OpenBox(Key(), Nonce(), associated, flipped(box, bit))) << bit;
  }
  for (size_t bit = 0; bit < Key().size() * 8; ++bit) {
    EXPECT_FALSE(OpenBox(flipped(Key(), bit), Nonce(), associated, box)) << bit;
  }
  for (size_t bit = 0; bit < Nonce().size() * 8; ++bit) {
    EXPECT_FALSE(OpenBox(Key(), flipped(Nonce(), bit), associated, box)) << bit;
  }
  for (size_t size = 0; size < box.size(); ++size) {
    EXPECT_FALSE(OpenBox(Key(), Nonce(), associated, box.substr(0, size))) << size;
  }
  EXPECT_FALSE(OpenBox(Key(), Nonce(), associated, box + '\0'));
  EXPECT_FALSE(OpenBox(Key(), Nonce(), "tkt_2", box));
  EXPECT_FALSE(OpenBox(Key(), Nonce(), "", box));
}

TEST(SecretBoxTest, NothingCanBeSealed) {
  const std::string box = SealBox(Key(), Nonce(), "", "");
  EXPECT_EQ(box.size(), kBoxOverheadBytes);
  EXPECT_EQ(OpenBox(Key(), Nonce(), "", box), "");
}

TEST(SecretBoxTest, WrongLengthsOpenNothing) {
  const std::string box = SealBox(Key(), Nonce(), "", "x");
  EXPECT_FALSE(OpenBox(Key().substr(1), Nonce(), "", box));
  EXPECT_FALSE(OpenBox(Key(), Nonce() + "x", "", box));
  EXPECT_FALSE(OpenBox("", "", "", ""));
}

TEST(SecretBoxDeathTest, WrongLengthsSealNothing) {
  EXPECT_DEATH((void)SealBox("short", Nonce(), "", ""), "key");
  EXPECT_DEATH((void)SealBox(Key(), "short", "", ""), "nonce");
}

TEST(SecretBoxTest, WipingLeavesNoByteBehind) {
  std::string secret(100, 's');
  const char* memory = secret.data();
  WipeSecret(secret);
  EXPECT_TRUE(secret.empty());
  ASSERT_EQ(secret.data(), memory);
  ASSERT_GE(secret.capacity(), 100u);
  for (size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(static_cast<volatile const char*>(memory)[i], '\0') << i;
  }
}

}  // namespace
}  // namespace ticketing
