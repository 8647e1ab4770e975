#include "ticketing/base/bytes.h"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(BytesTest, EveryEncodingGivesBackWhatItGot) {
  for (size_t size = 0; size <= 256; ++size) {
    const std::string bytes = AllBytes().substr(0, size);
    EXPECT_EQ(HexDecode(HexEncode(bytes)), bytes);
    EXPECT_EQ(Base32Decode(Base32Encode(bytes)), bytes);
    EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes);
    EXPECT_EQ(Base64UrlDecode(Base64UrlEncode(bytes)), bytes);
  }
}

// RFC 4648 section 10.
TEST(BytesTest, Base64MatchesTheVectorsOfTheStandard) {
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
}

TEST(BytesTest, DecodersRefuseASecondTextForTheSameBytes) {
  EXPECT_FALSE(Base64Decode("Zh=="));    // spare bits set
  EXPECT_FALSE(Base64Decode("Zg="));     // padding missing
  EXPECT_FALSE(Base64Decode("Zg==\n"));  // trailing space
  EXPECT_FALSE(Base64UrlDecode("Zh"));
  EXPECT_FALSE(Base64UrlDecode("Zg=="));
  EXPECT_FALSE(Base64UrlDecode("Z"));  // six bits are not a byte
  EXPECT_FALSE(HexDecode("0"));
  EXPECT_FALSE(HexDecode("AB"));
  EXPECT_FALSE(Base32Decode("01"));  // spare bits set
  EXPECT_FALSE(Base32Decode("0"));
  EXPECT_FALSE(Base32Decode("0U"));
  EXPECT_FALSE(Base32Decode("0l"));
}

TEST(BytesTest, BigEndianRoundTrips) {
  std::string out;
  AppendBigEndian(out, 0x0102030405060708, 8);
  AppendBigEndian(out, 0xbeef, 2);
  EXPECT_EQ(HexEncode(out), "0102030405060708beef");
  EXPECT_EQ(ReadBigEndian(out, 0, 8), 0x0102030405060708u);
  EXPECT_EQ(ReadBigEndian(out, 8, 2), 0xbeefu);
}

TEST(BytesTest, Utf8IsCheckedToTheLetter) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("Sección Ñandú €🎟"));
  EXPECT_FALSE(IsValidUtf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(IsValidUtf8("\xe0\x80\xaf"));      // overlong
  EXPECT_FALSE(IsValidUtf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(IsValidUtf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(IsValidUtf8("\xe2\x82"));          // cut off
  EXPECT_FALSE(IsValidUtf8("\x80"));              // continuation without a lead
}

TEST(BytesTest, ConstantTimeEqualsIsEquality) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
}

}  // namespace
}  // namespace ticketing
