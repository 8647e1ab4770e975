#include "ticketing/provider/stripe/stripe_gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

constexpr char kSucceeded[] =
    R"({"id":"pi_1","object":"payment_intent","amount":16500,"amount_received":16500,
        "currency":"mxn","status":"succeeded","last_payment_error":null,"next_action":null})";
constexpr char kDeclined[] =
    R"({"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds",
        "message":"Your card has insufficient funds.",
        "payment_intent":{"id":"pi_2","object":"payment_intent"}}})";

ChargeRequest CardCharge() {
  return {.payment = PaymentId{5},
          .order = OrderId{6},
          .amount = Mxn(16500),
          .payment_method = "pm_card_visa",
          .description = "2 tickets & more"};
}

class StripeGatewayTest : public ::testing::Test {
 protected:
  HttpRequest Sent(size_t index) { return client_.requests().at(index); }

  FakeHttpClient client_;
  StripeGateway gateway_{client_, {.secret_key = "sk_test_1", .attempts = 3}};
};

TEST_F(StripeGatewayTest, ChargeIsOneRequestInStripesForm) {
  client_.Push(200, kSucceeded);
  ASSERT_OK_AND_ASSIGN(const GatewayResult result, gateway_.Charge(CardCharge(), "pay_5"));
  EXPECT_EQ(result.outcome, GatewayOutcome::kApproved);
  EXPECT_EQ(result.reference, "pi_1");
  EXPECT_EQ(result.amount, Mxn(16500));
  const HttpRequest sent = Sent(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/v1/payment_intents");
  EXPECT_EQ(sent.headers.Get("authorization"), "Bearer sk_test_1");
  EXPECT_EQ(sent.headers.Get("idempotency-key"), "pay_5");
  EXPECT_EQ(sent.headers.Get("stripe-version"), "2026-07-29.dahlia");
  EXPECT_EQ(sent.headers.Get("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(sent.body,
            "amount=16500&currency=mxn&confirm=true&payment_method_types%5B0%5D=card&"
            "payment_method=pm_card_visa&description=2%20tickets%20%26%20more&"
            "metadata%5Bpayment_id%5D=pay_0000000000005&metadata%5Border_id%5D=ord_0000000000006");
}

TEST_F(StripeGatewayTest, DeclineIsAResultWithTheBanksReason) {
  client_.Push(402, kDeclined);
  ASSERT_OK_AND_ASSIGN(const GatewayResult result, gateway_.Charge(CardCharge(), "k"));
  EXPECT_EQ(result.outcome, GatewayOutcome::kDeclined);
  EXPECT_EQ(result.decline_code, "insufficient_funds");
  EXPECT_EQ(result.reference, "pi_2");
  EXPECT_EQ(client_.requests().size(), 1u);
}

TEST_F(StripeGatewayTest, SilenceIsRepeatedWithTheSameKeyAndBody) {
  client_.PushError(MakeError(ErrorCode::kUnavailable, "closed"));
  client_.PushError(MakeError(ErrorCode::kDeadlineExceeded, "late"));
  client_.Push(200, kSucceeded);
  ASSERT_OK(gateway_.Charge(CardCharge(), "pay_5"));
  ASSERT_EQ(client_.requests().size(), 3u);
  EXPECT_EQ(Sent(2).headers.Get("Idempotency-Key"), "pay_5");
  EXPECT_EQ(Sent(2).body, Sent(0).body);
}

TEST_F(StripeGatewayTest, RepeatsAreBoundedAndTheOutcomeStaysUnknown) {
  for (const int status : {500, 409, 429}) {
    client_.Push(status, R"({"error":{"type":"api_error","message":"x"}})");
  }
  EXPECT_THAT(gateway_.Charge(CardCharge(), "k"), HasCode(ErrorCode::kGatewayUnavailable));
  EXPECT_EQ(client_.requests().size(), 3u);
}

TEST_F(StripeGatewayTest, AnswerThatCannotBeReadIsNotASuccess) {
  const char* bodies[] = {"",
                          "{",
                          "[]",
                          "{\"object\":\"payment_intent\"}",
                          R"({"id":"pi_1","object":"payment_intent","status":"new_thing",
                              "amount":1,"currency":"mxn"})",
                          R"({"id":"pi_1","object":"payment_intent","status":"succeeded",
                              "amount_received":1.5,"currency":"mxn"})"};
  for (const char* body : bodies) {
    client_.Push(200, body);
    EXPECT_THAT(gateway_.Charge(CardCharge(), "k"), HasCode(ErrorCode::kGatewayUnavailable))
        << body;
  }
}

TEST_F(StripeGatewayTest, RefusalsKeepTheirKinds) {
  const auto charge = [&](int status, const char* body) {
    client_.Push(status, body);
    return CodeOf(gateway_.Charge(CardCharge(), "k").status());
  };
  EXPECT_EQ(charge(401, "{}"), ErrorCode::kInternal);
  EXPECT_EQ(charge(400, R"({"error":{"type":"idempotency_error","message":"Keys"}})"),
            ErrorCode::kIdempotencyMismatch);
  EXPECT_EQ(charge(400, R"({"error":{"type":"invalid_request_error","code":"resource_missing",
                            "param":"payment_method","message":"No such"}})"),
            ErrorCode::kInvalidField);
  EXPECT_EQ(charge(400, R"({"error":{"type":"invalid_request_error","param":"amount",
                            "message":"Invalid integer"}})"),
            ErrorCode::kInvalidField);
  EXPECT_EQ(charge(404, "<html>"), ErrorCode::kNotFound);
  EXPECT_EQ(charge(418, "<html>"), ErrorCode::kGatewayUnavailable);
}

TEST_F(StripeGatewayTest, CredentialsNeverAppearInErrors) {
  client_.Push(401, R"({"error":{"type":"x","message":"Invalid API Key: sk_test_1"}})");
  const Status status = gateway_.Charge(CardCharge(), "k").status();
  EXPECT_THAT(std::string(MessageOf(status)), Not(HasSubstr("sk_test_1")));
}

TEST_F(StripeGatewayTest, RetrieveSendsNoKeyAndEscapesTheReference) {
  client_.Push(200, kSucceeded);
  ASSERT_OK(gateway_.Retrieve("pi_1/../x"));
  EXPECT_EQ(Sent(0).method, "GET");
  EXPECT_EQ(Sent(0).target, "/v1/payment_intents/pi_1%2F..%2Fx");
  EXPECT_EQ(Sent(0).headers.Get("Idempotency-Key"), std::nullopt);
  EXPECT_THAT(gateway_.Retrieve(""), HasCode(ErrorCode::kInvalidField));
}

TEST_F(StripeGatewayTest, VoucherCarriesItsNumberAndDeadline) {
  client_.Push(200, R"({"id":"pi_3","object":"payment_intent","amount":5000,"currency":"mxn",
    "status":"requires_action","next_action":{"type":"oxxo_display_details",
    "oxxo_display_details":{"expires_after":1795348800,"number":"123","hosted_voucher_url":"https://v"}}})");
  ChargeRequest request = CardCharge();
  request.method = ChargeRequest::Method::kOxxo;
  request.payer_name = "Ana";
  request.payer_email = "ana@example.com";
  ASSERT_OK_AND_ASSIGN(const GatewayResult result, gateway_.Charge(request, "k"));
  EXPECT_EQ(result.outcome, GatewayOutcome::kRequiresAction);
  EXPECT_EQ(result.voucher_number, "123");
  EXPECT_EQ(result.voucher_expires_at, Timestamp::FromSeconds(1795348800));
  EXPECT_EQ(result.action_url, "https://v");
  EXPECT_THAT(Sent(0).body, HasSubstr("payment_method_data%5Btype%5D=oxxo"));
}

TEST_F(StripeGatewayTest, RefundOutcomes) {
  const RefundRequest request{RefundId{7}, "pi_1", Mxn(500)};
  client_.Push(200, R"({"id":"re_1","object":"refund","status":"succeeded"})");
  EXPECT_EQ(gateway_.Refund(request, "ref_7")->outcome, RefundResult::Outcome::kSucceeded);
  EXPECT_EQ(Sent(0).body,
            "payment_intent=pi_1&amount=500&metadata%5Brefund_id%5D=ref_0000000000007");
  client_.Push(200, R"({"id":"re_1","object":"refund","status":"pending"})");
  EXPECT_EQ(gateway_.RetrieveRefund("re_1")->outcome, RefundResult::Outcome::kPending);
  client_.Push(200, R"({"id":"re_1","object":"refund","status":"failed",
                        "failure_reason":"expired_or_canceled_card"})");
  EXPECT_EQ(gateway_.Refund(request, "ref_7")->failure_reason, "expired_or_canceled_card");
  client_.Push(400, R"({"error":{"type":"invalid_request_error","code":"charge_already_refunded",
                        "message":"x"}})");
  EXPECT_THAT(gateway_.Refund(request, "ref_7"), HasCode(ErrorCode::kConflict));
}

}  // namespace
}  // namespace ticketing
