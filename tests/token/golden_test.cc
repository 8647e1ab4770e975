// Reads tests/golden/token/ticket_codes.json, which every binding reads too. Its texts were made by
// another implementation of the layout (Python with OpenSSL's Ed25519).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "ticketing/base/bytes.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

using nlohmann::json;

class GoldenTest : public ::testing::Test {
 protected:
  GoldenTest() {
    std::ifstream file(TICKETING_SOURCE_DIR "/tests/golden/token/ticket_codes.json");
    golden_ = json::parse(file);
    for (const json& key : golden_.at("issuer_keys")) {
      const auto id = key.at("key_id").get<uint8_t>();
      issuers_.emplace(id, KeyOf(key));
      EXPECT_TRUE(ring_.Add(id, {issuers_.at(id).public_key()}).ok());
    }
    for (const json& device : golden_.at("devices")) {
      devices_.emplace(device.at("name").get<std::string>(), KeyOf(device));
    }
  }

  static SigningKey KeyOf(const json& entry) {
    SigningKey key =
        SigningKey::FromSeed(HexDecode(entry.at("seed").get<std::string>()).value()).value();
    EXPECT_EQ(HexEncode(key.public_key()), entry.at("public_key").get<std::string>());
    return key;
  }

  static TicketClaims ClaimsOf(const json& entry, TicketForm form) {
    const json& claims = entry.at("claims");
    return {.form = form,
            .key_id = claims.at("key_id").get<uint8_t>(),
            .event_number = claims.at("event_number").get<uint32_t>(),
            .ticket = TicketId{std::stoull(claims.at("ticket_id").get<std::string>())},
            .ordinal = claims.at("ordinal").get<uint32_t>(),
            .issue = claims.at("issue").get<uint16_t>(),
            .zone = claims.at("zone").get<uint16_t>(),
            .ticket_type = claims.at("ticket_type").get<uint16_t>()};
  }

  static Timestamp NowOf(const json& entry) {
    return Timestamp::FromSeconds(entry.at("now").get<int64_t>());
  }

  json golden_;
  KeyRing ring_;
  std::map<uint8_t, SigningKey> issuers_;
  std::map<std::string, SigningKey> devices_;
};

TEST_F(GoldenTest, TheConstantsAgree) {
  EXPECT_EQ(golden_.at("window_seconds").get<int64_t>(), kRotatingWindow.seconds());
  EXPECT_EQ(golden_.at("window_skew").get<uint32_t>(), kRotatingWindowSkew);
}

TEST_F(GoldenTest, StaticCodesAreMadeAndRead) {
  ASSERT_EQ(golden_.at("static_codes").size(), 3u);
  for (const json& entry : golden_.at("static_codes")) {
    SCOPED_TRACE(entry.at("name"));
    const std::string text = entry.at("text").get<std::string>();
    const TicketClaims claims = ClaimsOf(entry, TicketForm::kStatic);
    EXPECT_EQ(IssueTicketCode(claims, issuers_.at(claims.key_id)), text);
    const StatusOr<VerifiedTicket> verified = VerifyTicketCode(text, ring_, Timestamp{});
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->claims, claims);
  }
}

TEST_F(GoldenTest, RotatingCodesAreMadeAndRead) {
  ASSERT_EQ(golden_.at("rotating_codes").size(), 3u);
  for (const json& entry : golden_.at("rotating_codes")) {
    SCOPED_TRACE(entry.at("name"));
    const std::string ticket = entry.at("ticket").get<std::string>();
    const std::string text = entry.at("text").get<std::string>();
    const TicketClaims claims = ClaimsOf(entry, TicketForm::kRotating);
    const SigningKey& device = devices_.at(entry.at("device").get<std::string>());
    EXPECT_EQ(IssueRotatingTicket(claims, device.public_key(), issuers_.at(claims.key_id)).value(),
              ticket);
    EXPECT_EQ(MakeRotatingCode(ticket, device, NowOf(entry)).value(), text);
    const StatusOr<VerifiedTicket> verified = VerifyTicketCode(text, ring_, NowOf(entry));
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->claims, claims);
    EXPECT_EQ(verified->window, entry.at("window").get<uint32_t>());
    EXPECT_EQ(verified->device_key, device.public_key());
  }
}

TEST_F(GoldenTest, TheRefusedAreRefusedForTheirReason) {
  ASSERT_GE(golden_.at("refused").size(), 29u);
  for (const json& entry : golden_.at("refused")) {
    SCOPED_TRACE(entry.at("name"));
    const StatusOr<VerifiedTicket> verified =
        VerifyTicketCode(entry.at("text").get<std::string>(), ring_, NowOf(entry));
    EXPECT_EQ(InfoOf(CodeOf(verified.status())).slug, entry.at("error").get<std::string>());
  }
}

}  // namespace
}  // namespace ticketing
