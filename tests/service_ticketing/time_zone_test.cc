#include "lib/service/ticketing/time_zone.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ticketing {
namespace {

// The field that is refused, or "ok".
std::string Refused(std::string_view name, int64_t offset) {
  const Status status = CheckTimeZone(name, offset);
  return status.ok() ? "ok" : DetailsOf(status).fields.at(0).field;
}

TEST(TimeZoneTest, TakesNamesOfTheDatabaseWithTheirOffsets) {
  EXPECT_EQ(Refused("", -360), "ok");
  EXPECT_EQ(Refused("America/Mexico_City", -360), "ok");
  EXPECT_EQ(Refused("America/Argentina/ComodRivadavia", -180), "ok");
  EXPECT_EQ(Refused("America/Port-au-Prince", -300), "ok");
  EXPECT_EQ(Refused("America/St_Johns", -210), "ok");
  EXPECT_EQ(Refused("Antarctica/DumontDUrville", 600), "ok");
  EXPECT_EQ(Refused("Asia/Kathmandu", 345), "ok");
  EXPECT_EQ(Refused("Europe/Madrid", 120), "ok");
  EXPECT_EQ(Refused("Pacific/Chatham", 825), "ok");
  EXPECT_EQ(Refused("UTC", 0), "ok");
  EXPECT_EQ(Refused("Etc/UTC", 0), "ok");
  EXPECT_EQ(Refused("Etc/GMT+6", -360), "ok");
}

TEST(TimeZoneTest, RefusesOtherNames) {
  for (const char* name : {"Mexico",
                           "Mexico City",
                           "america/mexico_city",
                           "America/",
                           "America/mexico",
                           "/Mexico",
                           "America/Mexico_",
                           "America/Mexico__City",
                           "America/Mexico/City/Center",
                           "America//City",
                           "Mars/Base",
                           "America/Mexico_City ",
                           "America/\xc3\x81vila",
                           "UTC-6",
                           "GMT",
                           "CST6CDT",
                           "Etc/GMT+06",
                           "Etc/GMT+13",
                           "Etc/GMT",
                           "Etc/GMT+",
                           "Etc/Mexico",
                           "America/TooLongALocation",
                           "../../etc/passwd"}) {
    const bool offset_only = std::string_view(name) == "Etc/GMT";
    EXPECT_EQ(Refused(name, -360), offset_only ? "utc_offset_minutes" : "time_zone") << name;
  }
}

TEST(TimeZoneTest, RefusesOffsetsThatNoClockThereShows) {
  EXPECT_EQ(Refused("America/Mexico_City", 0), "utc_offset_minutes");
  EXPECT_EQ(Refused("America/Mexico_City", 360), "utc_offset_minutes");
  EXPECT_EQ(Refused("Asia/Tokyo", -540), "utc_offset_minutes");
  EXPECT_EQ(Refused("UTC", 60), "utc_offset_minutes");
  EXPECT_EQ(Refused("Etc/GMT+6", 360), "utc_offset_minutes");
  EXPECT_EQ(Refused("", -361), "utc_offset_minutes");
}

}  // namespace
}  // namespace ticketing
