// Goal: money is taken once and booked once, whatever repeats, fails or ends in between. Method:
// the whole service over real files, the Stripe adapter and the sandbox gateway.
#include "ticketing/service/payments/payments_service.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/service_payments/rig.h"

namespace ticketing {
namespace {

class PaymentsServiceTest : public ::testing::Test {
 protected:
  Rig rig_;
};

TEST_F(PaymentsServiceTest, DeclinedThenApprovedAsInTheStory) {
  const Reply declined = rig_.PayByCard("pm_card_chargeDeclined", "try-1");
  EXPECT_EQ(declined.status, 201);
  EXPECT_EQ(declined.Text("status"), "declined");
  EXPECT_EQ(declined.Text("decline_code"), "generic_decline");
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 0);
  const Reply paid = rig_.PayByCard("pm_card_visa", "try-2");
  EXPECT_EQ(paid.status, 201) << paid.raw.body;
  EXPECT_EQ(paid.Text("status"), "succeeded");
  EXPECT_NE(paid.Text("id"), declined.Text("id"));
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 16500);
  EXPECT_EQ(rig_.Balance("organizer-payable"), -(16500 - 500 - 2276));
  EXPECT_EQ(rig_.Balance("fees-income"), -500);
  EXPECT_EQ(rig_.Balance("tax-payable"), -2276);
  const Reply again =
      rig_.Send("GET", "/v1/payments/" + paid.Text("id"), rig_.Token(Role::kService));
  EXPECT_EQ(again.body, paid.body);
}

TEST_F(PaymentsServiceTest, RepeatsAreThatPayment) {
  const Reply first = rig_.PayByCard("pm_card_visa", "k");
  EXPECT_EQ(rig_.PayByCard("pm_card_visa", "k").body, first.body);
  rig_.Restart();
  EXPECT_EQ(rig_.PayByCard("pm_card_visa", "k").body, first.body);
  const Reply other = rig_.PayByCard("pm_card_mastercard", "k");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.Code(), "idempotency-mismatch");
  EXPECT_EQ(rig_.TakenByGateway(), 16500);
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 16500);
}

TEST_F(PaymentsServiceTest, UnknownOutcomeIs503AndTheSameRequestTells) {
  for (const Wire wire : {Wire::kLosesRequests, Wire::kLosesAnswers}) {
    const std::string key = "k" + std::to_string(static_cast<int>(wire));
    rig_.wire = wire;
    const int64_t before = rig_.Balance("gateway-clearing");
    const Reply unknown = rig_.PayByCard("pm_card_visa", key);
    EXPECT_EQ(unknown.status, 503);
    EXPECT_EQ(unknown.Code(), "gateway-unavailable");
    EXPECT_TRUE(unknown.raw.headers.Get("Retry-After"));
    EXPECT_EQ(rig_.Balance("gateway-clearing"), before);
    rig_.wire = Wire::kGood;
    EXPECT_EQ(rig_.PayByCard("pm_card_visa", key).Text("status"), "succeeded");
    EXPECT_EQ(rig_.Balance("gateway-clearing"), before + 16500);
    EXPECT_EQ(rig_.TakenByGateway(), before + 16500);
  }
}

TEST_F(PaymentsServiceTest, TickFinishesWhatNobodyAsksAbout) {
  rig_.wire = Wire::kLosesAnswers;
  EXPECT_EQ(rig_.PayByCard("pm_card_visa", "k").status, 503);
  rig_.Restart();
  rig_.wire = Wire::kGood;
  EXPECT_OK(rig_.Tick());
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 0) << "asked before its pause was over";
  rig_.test.clock.Advance(Duration::Seconds(11));
  EXPECT_OK(rig_.Tick());
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 16500);
  rig_.test.clock.Advance(Duration::Hours(1));
  EXPECT_OK(rig_.Tick());
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 16500);
  EXPECT_EQ(rig_.PayByCard("pm_card_visa", "k").Text("status"), "succeeded");
}

TEST_F(PaymentsServiceTest, TickLeavesARequestThatRunsAlone) {
  rig_.wire = Wire::kLosesRequests;
  rig_.writes_left = 1;  // the payment is written down, nothing after it
  rig_.PayByCard("pm_card_visa", "k");
  rig_.wire = Wire::kGood;
  rig_.Restart();
  EXPECT_OK(rig_.Tick());
  EXPECT_EQ(rig_.TakenByGateway(), 0);
  rig_.test.clock.Advance(Duration::Seconds(5));
  EXPECT_OK(rig_.Tick());
  EXPECT_EQ(rig_.TakenByGateway(), 16500);
}

// The stored answer would refuse it first; without it the payment itself must.
TEST_F(PaymentsServiceTest, KeyOfAnotherPaymentIsRefusedWithoutItsAnswer) {
  rig_.writes_left = 2;  // the payment and its outcome, not the answer
  rig_.PayByCard("pm_card_visa", "k");
  rig_.Restart();
  EXPECT_EQ(rig_.PayByCard("pm_card_mastercard", "k").Code(), "idempotency-mismatch");
  EXPECT_EQ(rig_.PayByCard("pm_card_visa", "k").Text("status"), "succeeded");
  EXPECT_EQ(rig_.TakenByGateway(), 16500);
}

TEST_F(PaymentsServiceTest, KeyTheGatewayMayHaveForgottenIsNotUsedAgain) {
  rig_.wire = Wire::kLosesAnswers;
  EXPECT_EQ(rig_.PayByCard("pm_card_visa", "k").status, 503);
  rig_.wire = Wire::kGood;
  rig_.test.clock.Advance(Duration::Hours(25));
  EXPECT_OK(rig_.Tick());
  EXPECT_EQ(rig_.PayByCard("pm_card_visa", "k").status, 503);
  EXPECT_EQ(rig_.TakenByGateway(), 16500);
  bool told = false;
  for (const LogRecord& record : rig_.test.log.records()) {
    told |= record.level == LogLevel::kError && record.message == "payment too old to ask about";
  }
  EXPECT_TRUE(told);
}

// Lets the process die behind each of its writes in turn, then starts it again and repeats the
// request. Whatever was written, the money is taken once and the books say so.
TEST_F(PaymentsServiceTest, DeathAtAnyWriteLosesNothing) {
  int64_t taken = 0;
  for (int writes = 0; writes <= 4; ++writes) {
    const std::string key = "death-" + std::to_string(writes);
    rig_.writes_left = writes;
    rig_.PayByCard("pm_card_visa", key);
    rig_.Restart();
    const Reply paid = rig_.PayByCard("pm_card_visa", key);
    EXPECT_EQ(paid.Text("status"), "succeeded") << paid.raw.body;
    taken += 16500;
    EXPECT_EQ(rig_.TakenByGateway(), taken) << "after " << writes << " writes";
    EXPECT_EQ(rig_.Balance("gateway-clearing"), taken) << "after " << writes << " writes";

    rig_.writes_left = writes;
    rig_.Refund(paid.Text("id"), 6500, key);
    rig_.Restart();
    EXPECT_EQ(rig_.Refund(paid.Text("id"), 6500, key).Text("status"), "succeeded");
    taken -= 6500;
    EXPECT_EQ(rig_.TakenByGateway(), taken);
    EXPECT_EQ(rig_.Balance("gateway-clearing"), taken);
  }
}

TEST_F(PaymentsServiceTest, RequestTheGatewayRefusesNamesTheField) {
  for (int i = 0; i < 2; ++i) {
    const Reply reply = rig_.PayByCard("pm_card_unheard_of", "k");
    EXPECT_EQ(reply.status, 422) << reply.raw.body;
    EXPECT_EQ(reply.body["errors"][0]["field"], "card.payment_method") << reply.raw.body;
  }
  EXPECT_EQ(rig_.TakenByGateway(), 0);
}

// Left alone it could succeed when the order has long been given up.
TEST_F(PaymentsServiceTest, CardThatAsksForItsBankIsCanceledBeforeItIsDeclined) {
  const Reply reply = rig_.PayByCard("pm_card_authenticationRequired", "k");
  EXPECT_EQ(reply.status, 201) << reply.raw.body;
  EXPECT_EQ(reply.Text("status"), "declined");
  EXPECT_EQ(reply.Text("decline_code"), "authentication_required");
  EXPECT_EQ(rig_.StatusAtGateway(), "canceled");
  EXPECT_EQ(rig_.PayByCard("pm_card_authenticationRequired", "k").body, reply.body);
}

TEST_F(PaymentsServiceTest, RefundsNeverExceedThePayment) {
  const std::string payment = rig_.PayByCard("pm_card_visa", "k").Text("id");
  const Reply part = rig_.Refund(payment, 10000, "r1");
  EXPECT_EQ(part.status, 201) << part.raw.body;
  EXPECT_EQ(part.Text("status"), "succeeded");
  EXPECT_EQ(rig_.Refund(payment, 10000, "r1").body, part.body);
  Reply reply = rig_.Refund(payment, 6501, "r2");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.Field(), "amount");
  EXPECT_EQ(rig_.Refund(payment, 6500, "r3").Text("status"), "succeeded");
  EXPECT_EQ(rig_.Refund(payment, 1, "r4").status, 409);
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 0);
  EXPECT_EQ(rig_.Balance("fees-income"), 0);
  EXPECT_EQ(rig_.Balance("tax-payable"), 0);
  EXPECT_EQ(rig_.Balance("refunds") + rig_.Balance("organizer-payable"), 0);
  reply = rig_.Send("GET", "/v1/payments/" + payment, rig_.Token(Role::kAdmin));
  EXPECT_EQ(reply.Text("status"), "refunded");
  EXPECT_EQ(reply.body["refunded"]["minor"], "16500");
  reply = rig_.Send("GET", "/v1/refunds/" + part.Text("id"), rig_.Token(Role::kAdmin));
  EXPECT_EQ(reply.body, part.body);
}

TEST_F(PaymentsServiceTest, RefundsAtTheSameTimeShareWhatIsThere) {
  const std::string payment = rig_.PayByCard("pm_card_visa", "k").Text("id");
  std::atomic<int> done = 0;
  std::vector<std::thread> desks;
  for (int i = 0; i < 8; ++i) {
    desks.emplace_back([&, i] {
      if (rig_.Refund(payment, 4000, "r" + std::to_string(i)).Text("status") == "succeeded") ++done;
    });
  }
  for (std::thread& desk : desks) desk.join();
  EXPECT_EQ(done, 4);
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 500);
  EXPECT_EQ(rig_.TakenByGateway(), 500);
}

TEST_F(PaymentsServiceTest, DeclinedOrUnknownPaymentsHaveNothingToRefund) {
  const std::string declined = rig_.PayByCard("pm_card_chargeDeclined", "k").Text("id");
  EXPECT_EQ(rig_.Refund(declined, 1, "r1").status, 409);
  EXPECT_EQ(rig_.Refund("pay_0000000000009", 1, "r2").Field(), "payment_id");
}

TEST_F(PaymentsServiceTest, RefundTheGatewayRefusesIsTakenBack) {
  const std::string payment = rig_.PayByCard("pm_card_visa", "k").Text("id");
  // Somebody refunded it at the gateway's own desk.
  ASSERT_EQ(rig_.TakenByGateway(), 16500);
  const Reply probe = rig_.Refund(payment, 1, "r0");
  ASSERT_EQ(probe.Text("status"), "succeeded");
  ASSERT_OK(rig_.RefundAtGateway(16499));
  const Reply failed = rig_.Refund(payment, 100, "r1");
  EXPECT_EQ(failed.status, 201);
  EXPECT_EQ(failed.Text("status"), "failed");
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 16499);
  const Reply after = rig_.Send("GET", "/v1/payments/" + payment, rig_.Token(Role::kAdmin));
  EXPECT_EQ(after.body["refunded"]["minor"], "1");
}

TEST_F(PaymentsServiceTest, LostRefundAnswersAreAskedAgain) {
  const std::string payment = rig_.PayByCard("pm_card_visa", "k").Text("id");
  rig_.wire = Wire::kLosesAnswers;
  EXPECT_EQ(rig_.Refund(payment, 500, "r").status, 503);
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 16500);
  rig_.wire = Wire::kGood;
  rig_.test.clock.Advance(Duration::Seconds(11));
  EXPECT_OK(rig_.Tick());
  EXPECT_EQ(rig_.Balance("gateway-clearing"), 16000);
  EXPECT_EQ(rig_.TakenByGateway(), 16000);
  EXPECT_EQ(rig_.Refund(payment, 500, "r").Text("status"), "succeeded");
}

TEST_F(PaymentsServiceTest, BoxOfficeDay) {
  const Reply shift = rig_.OpenShift(50000, "morning");
  EXPECT_EQ(shift.status, 201) << shift.raw.body;
  const std::string id = shift.Text("id");
  const Reply paid = rig_.PayInCash(id, 20000, "c1");
  EXPECT_EQ(paid.status, 201) << paid.raw.body;
  EXPECT_EQ(paid.Text("status"), "succeeded");
  EXPECT_EQ(paid.body["change"]["minor"], "3500");
  EXPECT_EQ(rig_.PayInCash(id, 20000, "c1").body, paid.body);
  EXPECT_EQ(rig_.Balance("cash-drawer:" + id), 66500);
  EXPECT_EQ(rig_.Refund(paid.Text("id"), 6500, "r1").Text("status"), "succeeded");
  const Reply now = rig_.Send("GET", "/v1/shifts/" + id, rig_.Token(Role::kBoxOffice));
  EXPECT_EQ(now.body["expected_cash"]["minor"], "60000");
  EXPECT_EQ(now.body["cash_sales"]["minor"], "16500");

  const std::string counted = R"({"counted_cash":{"minor":"59900","currency":"MXN"}})";
  const std::string close = "/v1/shifts/" + id + "/close";
  EXPECT_EQ(rig_.Send("POST", close, rig_.Token(Role::kBoxOffice, 8), counted, "x").status, 403);
  const Reply closed = rig_.Send("POST", close, rig_.Token(Role::kBoxOffice), counted, "evening");
  EXPECT_EQ(closed.status, 200) << closed.raw.body;
  EXPECT_EQ(closed.Text("status"), "closed");
  EXPECT_EQ(closed.body["difference"]["minor"], "-100");
  EXPECT_EQ(rig_.Balance("cash-drawer:" + id), 0);
  EXPECT_EQ(rig_.Balance("cash-over-short"), 100);
  EXPECT_EQ(rig_.Balance("cash-safe"), 59900 - 50000);
  EXPECT_EQ(rig_.PayInCash(id, 20000, "c2").Code(), "shift-not-open");
  EXPECT_EQ(rig_.Refund(paid.Text("id"), 1, "r2").Code(), "shift-not-open");
  // A repeat whose first answer was lost, and another count.
  EXPECT_EQ(rig_.Send("POST", close, rig_.Token(Role::kBoxOffice), counted, "late").body,
            closed.body);
  EXPECT_EQ(rig_.Send("POST", close, rig_.Token(Role::kBoxOffice),
                      R"({"counted_cash":{"minor":"1","currency":"MXN"}})", "other")
                .Code(),
            "shift-not-open");
}

TEST_F(PaymentsServiceTest, CashIsTakenWhollyOrNotAtAll) {
  const std::string id = rig_.OpenShift(0, "s").Text("id");
  EXPECT_EQ(rig_.PayInCash(id, 16499, "c1").Field(), "cash.tendered");
  EXPECT_EQ(rig_.PayInCash("shf_0000000000009", 20000, "c2").Field(), "cash.shift_id");
  // Nobody else's cash goes into this drawer.
  EXPECT_EQ(rig_.PayInCash(id, 20000, "c3", 8).Field(), "cash.shift_id");
  EXPECT_EQ(rig_.Balance("cash-drawer:" + id), 0);
  const Reply shift = rig_.Send("GET", "/v1/shifts/" + id, rig_.Token(Role::kAdmin));
  EXPECT_EQ(shift.body["cash_sales"]["minor"], "0");
}

TEST_F(PaymentsServiceTest, OnlyTheRightCallersMayMoveMoney) {
  const std::string body =
      R"({"order_id":"ord_0000000000005","amount":{"minor":"100","currency":"MXN"},)"
      R"("card":{"payment_method":"pm_card_visa"}})";
  EXPECT_EQ(rig_.Send("POST", "/v1/payments", "", body, "k").status, 401);
  for (const Role role : {Role::kCustomer, Role::kBoxOffice, Role::kAdmin, Role::kDevice}) {
    EXPECT_EQ(rig_.Send("POST", "/v1/payments", rig_.Token(role), body, "k").status, 403);
  }
  EXPECT_EQ(rig_.Send("POST", "/v1/payments", rig_.Token(Role::kService), body).Code(),
            "idempotency-key-missing");
  EXPECT_EQ(rig_.Send("POST", "/v1/refunds", rig_.Token(Role::kBoxOffice), "{}", "k").status, 403);
  EXPECT_EQ(rig_.Send("POST", "/v1/shifts", rig_.Token(Role::kCustomer), "{}", "k").status, 403);
  EXPECT_EQ(rig_.Send("GET", "/v1/ledger/balances", rig_.Token(Role::kBoxOffice)).status, 403);
  EXPECT_EQ(rig_.TakenByGateway(), 0);
}

TEST_F(PaymentsServiceTest, WrongFieldsAreNamed) {
  const auto field = [&](const std::string& body) {
    const Reply reply = rig_.Send("POST", "/v1/payments", rig_.Token(Role::kService), body, "k");
    EXPECT_EQ(reply.status, 422) << body << reply.raw.body;
    return reply.Field();
  };
  const std::string card = R"("card":{"payment_method":"pm_card_visa"}})";
  const auto amount = [&](const std::string& minor, const std::string& currency = "MXN") {
    return R"({"order_id":"ord_0000000000005","amount":{"minor":")" + minor + R"(","currency":")" +
           currency + "\"},";
  };
  EXPECT_EQ(field(amount("0") + card), "amount.minor");
  EXPECT_EQ(field(amount("-5") + card), "amount.minor");
  EXPECT_EQ(field(amount("100000000001") + card), "amount.minor");
  EXPECT_EQ(field(amount("5", "mxn") + card), "amount.currency");
  EXPECT_EQ(field(amount("5") + R"("fees":{"minor":"6","currency":"MXN"},)" + card), "fees");
  EXPECT_EQ(field(amount("5") + R"("fees":{"minor":"-1","currency":"MXN"},)" + card), "fees");
  EXPECT_EQ(field(amount("5") + R"("taxes":{"minor":"1","currency":"USD"},)" + card), "taxes");
  EXPECT_EQ(field(amount("5") + R"("fees":{"minor":"3","currency":"MXN"},)" +
                  R"("taxes":{"minor":"3","currency":"MXN"},)" + card),
            "fees");
  EXPECT_EQ(field(amount("5") + R"("description":"x"})"), "card");
  EXPECT_EQ(field(R"({"order_id":"5","amount":{"minor":"5","currency":"MXN"},)" + card),
            "order_id");
  EXPECT_EQ(field(amount("5") + R"("colour":"red",)" + card), "colour");
  EXPECT_EQ(rig_.Send("POST", "/v1/payments", rig_.Token(Role::kService), "{", "k").status, 400);
  EXPECT_EQ(rig_.OpenShift(-1, "k").Field(), "opening_cash");
  EXPECT_EQ(rig_.Send("GET", "/v1/payments/pay_1", rig_.Token(Role::kService)).status, 404);
  EXPECT_EQ(rig_.Send("GET", "/v1/payments/pay_0000000000009", rig_.Token(Role::kService)).status,
            404);
}

TEST_F(PaymentsServiceTest, NoSecretIsLogged) {
  rig_.wire = Wire::kLosesRequests;
  rig_.PayByCard("pm_card_visa", "k");
  EXPECT_FALSE(rig_.test.log.Contains("sk_test"));
  EXPECT_FALSE(rig_.test.log.Contains("pm_card_visa"));
}

}  // namespace
}  // namespace ticketing
