#include "ticketing/base/time.h"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

TEST(TimeTest, FormatsAndParsesBack) {
  EXPECT_EQ(FormatTimestamp({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatTimestamp({951'782'400'000'000}), "2000-02-29T00:00:00Z");
  EXPECT_EQ(FormatTimestamp({1'795'000'000'123'000}), "2026-11-18T11:06:40.123Z");
  EXPECT_EQ(FormatTimestamp({1'795'000'000'123'456}), "2026-11-18T11:06:40.123456Z");
  for (int64_t micros = 0; micros < 4'000'000'000'000'000; micros += 86'399'999'991) {
    EXPECT_EQ(ParseTimestamp(FormatTimestamp({micros})), Timestamp{micros});
  }
}

TEST(TimeTest, ParsesOffsets) {
  EXPECT_EQ(ParseTimestamp("2026-11-22T13:30:00-06:00"), ParseTimestamp("2026-11-22T19:30:00Z"));
  EXPECT_EQ(ParseTimestamp("1970-01-01T01:00:00.5+01:00"), Timestamp{500'000});
}

TEST(TimeTest, RefusesWhatIsNotATime) {
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T19:30:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T19:60:00Z", "2026-11-22T19:30:60Z",
        "2026-11-22T19:30:00.Z", "2026-11-22T19:30:00.1234567Z", "2026-11-22T19:30:00Z ",
        "2026-11-22 19:30:00Z", "1969-12-31T23:59:59Z", "2026-11-22T19:30:00+24:00"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

TEST(TimeTest, ParsesDurationsOfFlags) {
  EXPECT_EQ(ParseDuration("300ms"), Duration::Millis(300));
  EXPECT_EQ(ParseDuration("7d"), Duration::Days(7));
  for (const char* text : {"", "5", "s", "-1s", "1.5s", "1 s", "9999999999s", "999999999d"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

}  // namespace
}  // namespace ticketing
