#include "ticketing/provider/stripe/stripe_webhook.h"

#include <gtest/gtest.h>

#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'348'800);
constexpr char kBody[] = R"({"id":"evt_1","object":"event"})";
const std::vector<std::string> kSecrets = {"whsec_new", "whsec_old"};

Status Verify(std::string_view header, Timestamp now = kNow, std::string_view body = kBody) {
  return VerifyStripeSignature(body, header, kSecrets, now);
}

TEST(StripeWebhookTest, KnownVector) {
  // printf '%s' '1795348800.{"id":"evt_1","object":"event"}' | openssl dgst -sha256 -hmac whsec_new
  EXPECT_EQ(MakeStripeSignature(kBody, "whsec_new", kNow),
            "t=1795348800,v1=580c4b14d823d932c39bd58bf93097eacedf6b542a2e74fa58206f5bf31fa771");
}

TEST(StripeWebhookTest, AnyV1OfAnySecretPasses) {
  EXPECT_OK(Verify(MakeStripeSignature(kBody, "whsec_new", kNow)));
  EXPECT_OK(Verify(MakeStripeSignature(kBody, "whsec_old", kNow)));
  EXPECT_OK(Verify(MakeStripeSignature(kBody, "whsec_new", kNow) + ",v1=00,v0=xyz"));
  const std::string good = MakeStripeSignature(kBody, "whsec_old", kNow);
  EXPECT_OK(Verify("t=1795348800,v1=00," + good.substr(good.find("v1="))));
}

TEST(StripeWebhookTest, WrongSignaturesAreRefused) {
  const std::string good = MakeStripeSignature(kBody, "whsec_new", kNow);
  EXPECT_THAT(Verify(MakeStripeSignature(kBody, "whsec_other", kNow)),
              HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(Verify(good, kNow, R"({"id":"evt_2","object":"event"})"),
              HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(Verify("t=1795348801" + good.substr(good.find(','))),
              HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(Verify("t=1795348800"), HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(Verify("t=1795348800,v0=" + good.substr(good.find("v1=") + 3)),
              HasCode(ErrorCode::kUnauthenticated));
}

TEST(StripeWebhookTest, OnlyFreshOnesPass) {
  const std::string header = MakeStripeSignature(kBody, "whsec_new", kNow);
  EXPECT_OK(Verify(header, kNow + Duration::Seconds(300)));
  EXPECT_OK(Verify(header, kNow - Duration::Seconds(300)));
  EXPECT_THAT(Verify(header, kNow + Duration::Seconds(301)), HasCode(ErrorCode::kUnauthenticated));
  EXPECT_THAT(Verify(header, kNow - Duration::Seconds(301)), HasCode(ErrorCode::kUnauthenticated));
}

TEST(StripeWebhookTest, MalformedHeadersAreBadSyntax) {
  std::string many = "t=1";
  for (int i = 0; i < 100; ++i) many += ",v1=00";
  for (const std::string& header :
       {std::string(), std::string("x"), std::string("v1=00"), std::string("t=,v1=00"),
        std::string("t=-5,v1=00"), std::string("t=1x,v1=00"), std::string("t=99999999999999,v1=00"),
        many}) {
    EXPECT_THAT(Verify(header), HasCode(ErrorCode::kBadSyntax)) << header;
  }
}

TEST(StripeWebhookTest, EventNamesItsCharge) {
  ASSERT_OK_AND_ASSIGN(
      const StripeEvent event,
      ParseStripeEvent(R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded",
        "data":{"object":{"id":"pi_1","object":"payment_intent","status":"succeeded",
        "amount":100,"amount_received":100,"currency":"mxn",
        "metadata":{"payment_id":"pay_0000000000005"}}}})"));
  EXPECT_EQ(event.type, "payment_intent.succeeded");
  EXPECT_EQ(event.payment_id, "pay_0000000000005");
  EXPECT_TRUE(event.is_charge);
  EXPECT_EQ(event.charge.outcome, GatewayOutcome::kApproved);
}

TEST(StripeWebhookTest, OtherEventsAreReadAndNonsenseIsNot) {
  ASSERT_OK_AND_ASSIGN(const StripeEvent event,
                       ParseStripeEvent(R"({"id":"e","object":"event","type":"payout.paid"})"));
  EXPECT_FALSE(event.is_charge);
  for (const char* body : {"", "{}", "[]", R"({"id":"e","object":"event"})", "\xff"}) {
    EXPECT_THAT(ParseStripeEvent(body), HasCode(ErrorCode::kBadSyntax)) << body;
  }
}

}  // namespace
}  // namespace ticketing
