#include "ticketing/identity/account.h"

#include "ticketing/testing/matchers.h"

namespace ticketing::identity {
namespace {

using ::testing::ElementsAre;

TEST(NormalizeEmail, LowersAndTrims) {
  EXPECT_THAT(NormalizeEmail("  Ana.Gómez"), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(NormalizeEmail(" Ana.Gomez+FUT@Example.MX\n"),
              IsOkAndHolds("ana.gomez+fut@example.mx"));
}

TEST(NormalizeEmail, RefusesWhatIsNoAddress) {
  const std::string long_local = std::string(65, 'a') + "@example.mx";
  for (const std::string& bad :
       {std::string(), std::string("ana"), std::string("@example.mx"), std::string("ana@"),
        std::string("ana@localhost"), std::string("ana@@example.mx"),
        std::string(".ana@example.mx"), std::string("a..b@example.mx"),
        std::string("ana @example.mx"), std::string("ana@exa_mple.mx"),
        std::string("ana@-example.mx"), std::string("ana@example..mx"), std::string("ana@10.0.0.1"),
        std::string("ana@example.mx\r\nBcc: x@y.mx"), std::string("\"ana\"@example.mx"),
        std::string("ana@example.mx\0", 15), long_local,
        "ana@" + std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') +
            "." + std::string(60, 'd') + "." + std::string(60, 'e') + ".mx"}) {
    EXPECT_THAT(NormalizeEmail(bad), HasCode(ErrorCode::kInvalidField)) << bad;
  }
}

TEST(NormalizeEmail, NamesTheField) {
  const Status status = NormalizeEmail("ana", "buyer.email").status();
  ASSERT_EQ(DetailsOf(status).fields.size(), 1u);
  EXPECT_EQ(DetailsOf(status).fields[0].field, "buyer.email");
}

TEST(NormalizePhone, GivesE164) {
  EXPECT_THAT(NormalizePhone(""), IsOkAndHolds(""));
  EXPECT_THAT(NormalizePhone("614 123 45 67"), IsOkAndHolds("+526141234567"));
  EXPECT_THAT(NormalizePhone("+1 (555) 010-9999"), IsOkAndHolds("+15550109999"));
  for (const char* bad :
       {"123", "+0123456789", "61412345678", "6141234s67", "+52614123456789012", "+"}) {
    EXPECT_THAT(NormalizePhone(bad), HasCode(ErrorCode::kInvalidField)) << bad;
  }
}

TEST(NormalizeName, TrimsAndRefusesControls) {
  EXPECT_THAT(NormalizeName("  María   José  "), IsOkAndHolds("María José"));
  EXPECT_THAT(NormalizeName(" "), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(NormalizeName("a\x1b[31m"), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(NormalizeName("\xff\xfe"), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(NormalizeName(std::string(201, 'x')), HasCode(ErrorCode::kInvalidField));
}

TEST(NormalizeLanguage, KnowsTwo) {
  EXPECT_THAT(NormalizeLanguage(""), IsOkAndHolds("es"));
  EXPECT_THAT(NormalizeLanguage("es-MX"), IsOkAndHolds("es"));
  EXPECT_THAT(NormalizeLanguage("EN"), IsOkAndHolds("en"));
  EXPECT_THAT(NormalizeLanguage("fr-CA"), IsOkAndHolds("en"));
  EXPECT_THAT(NormalizeLanguage("e"), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(NormalizeLanguage("es_MX"), HasCode(ErrorCode::kInvalidField));
}

TEST(CheckNewPassword, RefusesWhatIsGuessed) {
  EXPECT_OK(CheckNewPassword("gradas norte 104", "ana@example.mx"));
  for (const char* bad : {"short", "Password123", "aaaaaaaaaaaa", "1234567890",
                          "ANA.GOMEZ@EXAMPLE.MX", "ana.gomez.r"}) {
    const std::string_view email =
        std::string_view(bad) == "ana.gomez.r" ? "ana.gomez.r@example.mx" : "ana.gomez@example.mx";
    const Status status = CheckNewPassword(bad, email);
    EXPECT_THAT(status, HasCode(ErrorCode::kInvalidField)) << bad;
    EXPECT_EQ(MessageOf(status).find(bad), std::string_view::npos)
        << "the error repeats the password";
  }
  EXPECT_THAT(CheckNewPassword(std::string(129, 'x') + "y", ""), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(CheckNewPassword("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", ""),
              HasCode(ErrorCode::kInvalidField));
}

TEST(Roles, NamesGoBothWays) {
  for (const char* name : {"customer", "box_office", "gate", "admin", "device", "service"}) {
    const auto role = RoleOfName(name);
    ASSERT_TRUE(role) << name;
    EXPECT_EQ(RoleName(*role), name);
  }
  EXPECT_FALSE(RoleOfName("Admin"));
  EXPECT_FALSE(RoleOfName(""));
}

TEST(Roles, StaffRolesAreSortedAndChecked) {
  EXPECT_THAT(NormalizeStaffRoles({Role::kAdmin, Role::kGate, Role::kAdmin}),
              IsOkAndHolds(ElementsAre(Role::kGate, Role::kAdmin)));
  EXPECT_THAT(NormalizeStaffRoles({}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(NormalizeStaffRoles({Role::kGate, Role::kService}),
              HasCode(ErrorCode::kInvalidField));
}

}  // namespace
}  // namespace ticketing::identity
