// Reads tests/golden/token/ticket_codes.json, which every binding reads too. Its texts were made by
// another implementation of the layout (Python with OpenSSL's Ed25519).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "ticketing/base/bytes.h"
#include "ticketing/token/handover.h"
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
  ASSERT_GE(golden_.at("refused").size(), 36u);
  for (const json& entry : golden_.at("refused")) {
    SCOPED_TRACE(entry.at("name"));
    const StatusOr<VerifiedTicket> verified =
        VerifyTicketCode(entry.at("text").get<std::string>(), ring_, NowOf(entry));
    EXPECT_EQ(InfoOf(CodeOf(verified.status())).slug, entry.at("error").get<std::string>());
  }
}

TEST_F(GoldenTest, KeysRotate) {
  KeyRing ring;
  for (const json& key : golden_.at("key_rotation").at("keys")) {
    ASSERT_TRUE(ring.Add(key.at("key_id").get<uint8_t>(),
                         {HexDecode(key.at("public_key").get<std::string>()).value(),
                          Timestamp::FromSeconds(key.at("not_before").get<int64_t>()),
                          Timestamp::FromSeconds(key.at("not_after").get<int64_t>())})
                    .ok());
  }
  ASSERT_GE(golden_.at("key_rotation").at("cases").size(), 10u);
  for (const json& entry : golden_.at("key_rotation").at("cases")) {
    SCOPED_TRACE(entry.at("name"));
    const auto verified = VerifyTicketCode(entry.at("text").get<std::string>(), ring, NowOf(entry));
    const std::string expected = entry.at("error").get<std::string>();
    EXPECT_EQ(verified.ok() ? "" : InfoOf(CodeOf(verified.status())).slug, expected);
  }
}

TEST_F(GoldenTest, HandoversAreMadeAndRead) {
  const json& golden = golden_.at("handovers");
  const SigningKey& from = devices_.at(golden.at("from_device").get<std::string>());
  const SigningKey to = KeyOf(golden);
  const std::string text = golden.at("text").get<std::string>();
  const Timestamp end = Timestamp::FromSeconds(golden.at("ends_at").get<int64_t>());
  const AccountId account{std::stoull(golden.at("account_id").get<std::string>())};
  const std::string proof = HexDecode(golden.at("proof").get<std::string>()).value();

  EXPECT_EQ(MakeDeviceCode(to.public_key()).value(), golden.at("device_code").get<std::string>());
  EXPECT_EQ(ParseDeviceCode(golden.at("device_code").get<std::string>()).value(), to.public_key());
  EXPECT_EQ(
      MakeHandover(golden.at("ticket").get<std::string>(), from, to.public_key(), end).value(),
      text);
  const auto verified = VerifyHandover(text, from.public_key(), end - Duration::Seconds(1));
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->device_key, to.public_key());
  EXPECT_EQ(verified->issue, 3);
  EXPECT_EQ(AcceptHandover(text, to, account).value(), proof);
  EXPECT_TRUE(IsHandoverAccepted(text, account, proof));

  ASSERT_GE(golden.at("refused").size(), 9u);
  for (const json& entry : golden.at("refused")) {
    SCOPED_TRACE(entry.at("name"));
    const auto refused =
        VerifyHandover(entry.at("text").get<std::string>(), from.public_key(), NowOf(entry));
    EXPECT_EQ(InfoOf(CodeOf(refused.status())).slug, entry.at("error").get<std::string>());
  }
  for (const json& entry : golden.at("refused_device_codes")) {
    EXPECT_FALSE(ParseDeviceCode(entry.at("text").get<std::string>()).ok()) << entry.at("name");
  }
}

}  // namespace
}  // namespace ticketing
