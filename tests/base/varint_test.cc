#include "ticketing/base/varint.h"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

TEST(Varint, ComesBackAndIsShort) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{127}, uint64_t{128},
                               uint64_t{300}, uint64_t{1} << 32, UINT64_MAX - 1, UINT64_MAX}) {
    std::string bytes;
    AppendVarint(bytes, value);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), value);
    EXPECT_TRUE(reader.ok() && reader.at_end());
    EXPECT_EQ(bytes.size() == 1, value < 128);
  }
}

TEST(Varint, SignedNumbersComeBack) {
  for (const int64_t value :
       {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{-64}, INT64_MAX, INT64_MIN}) {
    std::string bytes;
    AppendSigned(bytes, value);
    EXPECT_EQ(ByteReader(bytes).Signed(), value);
  }
}

TEST(Varint, EveryValueHasOneForm) {
  for (const std::string& bytes : {std::string("\x80\x00", 2), std::string("\x80"), std::string(),
                                   std::string(10, '\xff'), std::string(9, '\xff') + "\x02"}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), 0u);
    EXPECT_FALSE(reader.ok());
  }
}

TEST(Varint, TextsNeverReachPastTheEnd) {
  std::string bytes;
  AppendText(bytes, "Norte 104");
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(reader.Text(), "");
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.Byte(), 0) << "once wrong, always wrong";
  }
  EXPECT_EQ(ByteReader(bytes).Text(), "Norte 104");
}

TEST(Varint, BoundsAreKept) {
  std::string bytes;
  AppendVarint(bytes, 5);
  EXPECT_EQ(ByteReader(bytes).Bounded(5), 5u);
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Bounded(4), 0u);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace ticketing
