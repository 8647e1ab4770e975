#include "ticketing/provider/sandbox/sandbox_gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "ticketing/base/bytes.h"
#include "ticketing/provider/stripe/stripe_gateway.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

struct Reply {
  int status;
  Json body;
  HttpResponse raw;
};

class SandboxTest : public ::testing::Test {
 protected:
  SandboxTest() { Open(); }

  void Open() {
    sandbox_.reset();
    database_.reset();
    SqliteDatabaseFactory factory({.data_dir = dir_.path()});
    StatusOr<std::unique_ptr<Database>> database =
        factory.Open("sandbox", SandboxGateway::Schema());
    ASSERT_OK(database);
    database_ = *std::move(database);
    sandbox_ = std::make_unique<SandboxGateway>(*database_, test_env_.env(), SandboxOptions{});
  }

  Reply Send(std::string method, std::string target, std::string body = "", std::string key = "") {
    HttpRequest request{.method = std::move(method), .target = std::move(target)};
    request.headers.Add("Authorization", "Bearer sk_test_sandbox");
    if (!key.empty()) request.headers.Add("Idempotency-Key", key);
    request.body = std::move(body);
    HttpResponse response = sandbox_->Handle(request);
    return {response.status, Json::parse(response.body), response};
  }
  Reply Post(std::string target, std::string body, std::string key = "") {
    return Send("POST", std::move(target), std::move(body), std::move(key));
  }
  Reply Pay(std::string more, std::string key = "") {
    return Post("/v1/payment_intents", "amount=16500&currency=mxn&confirm=true&" + more, key);
  }
  static std::string Path(const Reply& intent, std::string verb = "") {
    return "/v1/payment_intents/" + intent.body["id"].get<std::string>() + verb;
  }

  TempDir dir_;
  TestEnv test_env_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<SandboxGateway> sandbox_;
};

TEST_F(SandboxTest, CredentialsAreNeeded) {
  HttpRequest request{.target = "/v1/payment_intents/pi_1"};
  EXPECT_EQ(sandbox_->Handle(request).status, 401);
  request.headers.Set("Authorization", "Bearer sk_test_wrong");
  EXPECT_EQ(sandbox_->Handle(request).status, 401);
  request.headers.Set("Authorization", "Basic " + Base64Encode("sk_test_sandbox:"));
  EXPECT_EQ(sandbox_->Handle(request).status, 404);
}

TEST_F(SandboxTest, ApprovedCardSucceedsAndStays) {
  const Reply paid = Pay("payment_method=pm_card_visa&metadata[order]=7&description=Dos");
  EXPECT_EQ(paid.status, 200);
  EXPECT_EQ(paid.body["status"], "succeeded");
  EXPECT_EQ(paid.body["amount_received"], 16500);
  EXPECT_EQ(paid.body["metadata"]["order"], "7");
  Open();
  EXPECT_EQ(Send("GET", Path(paid)).body, paid.body);
}

TEST_F(SandboxTest, DeclinedCardIs402AndCanBePaidWithAnother) {
  const Reply declined = Pay("payment_method=pm_card_chargeDeclinedInsufficientFunds");
  EXPECT_EQ(declined.status, 402);
  const Json& error = declined.body["error"];
  EXPECT_EQ(error["type"], "card_error");
  EXPECT_EQ(error["decline_code"], "insufficient_funds");
  EXPECT_EQ(error["payment_intent"]["status"], "requires_payment_method");
  const std::string path =
      "/v1/payment_intents/" + error["payment_intent"]["id"].get<std::string>();
  const Reply paid = Post(path + "/confirm", "payment_method=pm_card_visa");
  EXPECT_EQ(paid.body["status"], "succeeded");
  EXPECT_TRUE(paid.body["last_payment_error"].is_null());
  EXPECT_EQ(Post(path + "/confirm", "").body["error"]["code"], "payment_intent_unexpected_state");
}

TEST_F(SandboxTest, CardNumbersDecideAndAreNeverKept) {
  const auto pay = [&](const std::string& number) {
    return Pay("payment_method_data[type]=card&payment_method_data[card][number]=" + number +
               "&payment_method_data[card][cvc]=123");
  };
  const Reply paid = pay("4242424242424242");
  EXPECT_EQ(paid.body["status"], "succeeded");
  EXPECT_EQ(pay("4000000000000002").body["error"]["decline_code"], "generic_decline");
  EXPECT_EQ(pay("4242424242424241").body["error"]["code"], "incorrect_number");
  EXPECT_EQ(pay("4111111111111111").body["error"]["decline_code"], "test_mode_live_card");
  const Reply method =
      Send("GET", "/v1/payment_methods/" + paid.body["payment_method"].get<std::string>());
  EXPECT_EQ(method.body["card"]["last4"], "4242");
  ASSERT_OK(database_->Read([](SqlTransaction& tx) {
    return tx.Query("SELECT state FROM sandbox_objects", {}, [](const SqlRow& row) {
      EXPECT_THAT(row.Text(0), Not(HasSubstr("4242424242424242")));
      return OkStatus();
    });
  }));
}

TEST_F(SandboxTest, CardThatAsksForItsBankWaits) {
  const Reply waiting = Pay("payment_method=pm_card_authenticationRequired");
  EXPECT_EQ(waiting.body["status"], "requires_action");
  EXPECT_EQ(waiting.body["next_action"]["type"], "use_stripe_sdk");
  test_env_.clock.Advance(Duration::Days(9));
  EXPECT_EQ(Send("GET", Path(waiting)).body["status"], "requires_action");
  EXPECT_EQ(Post(Path(waiting, "/cancel"), "").body["status"], "canceled");
}

TEST_F(SandboxTest, WrongParametersAreNamed) {
  const auto param = [&](const std::string& body) {
    const Reply reply = Post("/v1/payment_intents", body, "key");
    EXPECT_EQ(reply.status, 400) << body;
    return reply.body["error"].value("param", "");
  };
  EXPECT_EQ(param("currency=mxn"), "amount");
  for (const char* amount : {"0", "-5", "1.5", "x", "", "99999999999999999999", "100000000"}) {
    EXPECT_EQ(param("currency=mxn&amount=" + std::string(amount)), "amount") << amount;
  }
  EXPECT_EQ(param("amount=5&currency=pesos"), "currency");
  EXPECT_EQ(param("amount=5&currency=mxn&colour=red"), "colour");
  EXPECT_EQ(param("amount=5&currency=mxn&confirm=true"), "payment_method");
  EXPECT_EQ(param("amount=5&currency=mxn&confirm=true&payment_method=pm_x"), "payment_method");
  EXPECT_EQ(param("amount=5&currency=mxn&capture_method=later"), "capture_method");
  EXPECT_EQ(Post("/v1/payment_intents", "amount=%zz").status, 400);
  EXPECT_EQ(Post("/v1/payment_intents", "amount=5&amount=6&currency=mxn").status, 400);
  EXPECT_EQ(Post("/v1/payment_intents", "amount=5&currency=%ff").status, 400);
  EXPECT_EQ(Send("GET", "/v1/payment_intents/pi_none").status, 404);
  EXPECT_EQ(Send("GET", "/v1/nothing/x").status, 404);
  EXPECT_EQ(Send("DELETE", "/v1/payment_intents/x").status, 405);
  // None of them was saved under the key: it is still free.
  EXPECT_EQ(Post("/v1/payment_intents", "amount=5&currency=mxn", "key").status, 200);
}

TEST_F(SandboxTest, SameKeyGivesTheSameBytesAfterARestart) {
  const Reply first = Pay("payment_method=pm_card_visa", "pay_1");
  Open();
  const Reply again =
      Post("/v1/payment_intents",
           "payment_method=pm_card_visa&confirm=true&currency=mxn&amount=16500", "pay_1");
  EXPECT_EQ(again.raw.body, first.raw.body);
  EXPECT_EQ(again.raw.headers.Get("Idempotent-Replayed"), "true");
  EXPECT_EQ(first.raw.headers.Get("Idempotent-Replayed"), std::nullopt);
  const Reply declined = Pay("payment_method=pm_card_chargeDeclined", "pay_2");
  EXPECT_EQ(Pay("payment_method=pm_card_chargeDeclined", "pay_2").raw.body, declined.raw.body);
  EXPECT_EQ(Pay("payment_method=pm_card_chargeDeclined", "pay_2").status, 402);
}

TEST_F(SandboxTest, SameKeyWithAnotherRequestIs400) {
  const Reply first = Pay("payment_method=pm_card_visa", "k");
  Reply reply = Pay("payment_method=pm_card_visa&description=x", "k");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body["error"]["type"], "idempotency_error");
  EXPECT_THAT(reply.body["error"]["message"], HasSubstr("same parameters"));
  reply = Post("/v1/refunds", "payment_intent=" + first.body["id"].get<std::string>(), "k");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body["error"]["message"], HasSubstr("same endpoint"));
}

TEST_F(SandboxTest, KeysAreForgottenAfterADay) {
  const Reply first = Pay("payment_method=pm_card_visa", "k");
  test_env_.clock.Advance(Duration::Hours(24));
  EXPECT_NE(Pay("payment_method=pm_card_visa", "k").body["id"], first.body["id"]);
}

TEST_F(SandboxTest, ManualCaptureInPart) {
  const Reply held = Pay("payment_method=pm_card_visa&capture_method=manual");
  EXPECT_EQ(held.body["status"], "requires_capture");
  EXPECT_EQ(held.body["amount_capturable"], 16500);
  EXPECT_EQ(Post(Path(held, "/capture"), "amount_to_capture=16501").status, 400);
  const Reply captured = Post(Path(held, "/capture"), "amount_to_capture=10000");
  EXPECT_EQ(captured.body["status"], "succeeded");
  EXPECT_EQ(captured.body["amount_received"], 10000);
  EXPECT_EQ(captured.body["amount_capturable"], 0);
  EXPECT_EQ(Post(Path(held, "/cancel"), "").body["error"]["code"],
            "payment_intent_unexpected_state");
}

TEST_F(SandboxTest, CancelReleasesWhatWasHeld) {
  const Reply held = Pay("payment_method=pm_card_visa&capture_method=manual");
  EXPECT_EQ(Post(Path(held, "/cancel"), "cancellation_reason=bored").status, 400);
  const Reply canceled = Post(Path(held, "/cancel"), "cancellation_reason=abandoned");
  EXPECT_EQ(canceled.body["status"], "canceled");
  EXPECT_EQ(canceled.body["amount_capturable"], 0);
  EXPECT_EQ(Post(Path(held, "/capture"), "").status, 400);
}

TEST_F(SandboxTest, RefundsEndAtWhatWasPaid) {
  const Reply paid = Pay("payment_method=pm_card_visa");
  const std::string intent = "payment_intent=" + paid.body["id"].get<std::string>();
  EXPECT_EQ(Post("/v1/refunds", intent + "&amount=16501").status, 400);
  const Reply part = Post("/v1/refunds", intent + "&amount=6500", "r1");
  EXPECT_EQ(part.body["status"], "succeeded");
  EXPECT_EQ(Post("/v1/refunds", intent + "&amount=6500", "r1").body, part.body);
  EXPECT_EQ(Post("/v1/refunds", intent + "&amount=10001").status, 400);
  EXPECT_EQ(Post("/v1/refunds", intent).body["amount"], 10000);
  EXPECT_EQ(Post("/v1/refunds", intent).body["error"]["code"], "charge_already_refunded");
  EXPECT_EQ(Post("/v1/refunds", "").body["error"]["param"], "payment_intent");
  EXPECT_EQ(Send("GET", "/v1/refunds/" + part.body["id"].get<std::string>()).body, part.body);
  const Reply by_charge = Pay("payment_method=pm_card_visa");
  EXPECT_EQ(Post("/v1/refunds", "charge=" + by_charge.body["latest_charge"].get<std::string>())
                .body["amount"],
            16500);
}

TEST_F(SandboxTest, UnpaidIntentCannotBeRefunded) {
  const Reply open = Post("/v1/payment_intents", "amount=500&currency=mxn");
  EXPECT_EQ(open.body["status"], "requires_payment_method");
  EXPECT_EQ(Post("/v1/refunds", "payment_intent=" + open.body["id"].get<std::string>()).status,
            400);
}

TEST_F(SandboxTest, VouchersFollowThePayersAddress) {
  const auto voucher = [&](const std::string& email) {
    return Pay(
        "payment_method_types[]=oxxo&payment_method_data[type]=oxxo&"
        "payment_method_data[billing_details][name]=Ana&"
        "payment_method_options[oxxo][expires_after_days]=2&"
        "payment_method_data[billing_details][email]=" +
        email);
  };
  const Reply soon = voucher("ana@example.com");
  EXPECT_EQ(soon.body["status"], "requires_action");
  const Json& details = soon.body["next_action"]["oxxo_display_details"];
  // 2026-11-22 12:00 UTC is 06:00 in Mexico City; the voucher ends there on the 24th at 23:59:59.
  EXPECT_EQ(details["expires_after"], 1795586399);
  EXPECT_EQ(details["number"].get<std::string>().size(), 14u);
  const Reply never = voucher("fill_never@example.com");
  const Reply expired = voucher("expire_immediately@example.com");
  const auto status = [&](const Reply& reply) { return Send("GET", Path(reply)).body["status"]; };
  EXPECT_EQ(status(soon), "requires_action");
  EXPECT_EQ(status(expired), "requires_payment_method");
  EXPECT_EQ(status(voucher("succeed_immediately@example.com")), "succeeded");
  test_env_.clock.Advance(Duration::Minutes(3));
  EXPECT_EQ(status(soon), "succeeded");
  EXPECT_EQ(status(never), "requires_action");
  test_env_.clock.Advance(Duration::Days(3));
  EXPECT_EQ(status(never), "requires_payment_method");
  EXPECT_EQ(voucher("").status, 400);
}

// A write that waits for us makes the second request arrive while the first runs.
TEST_F(SandboxTest, ConcurrentUseOfAKeyIs409) {
  class SlowDatabase final : public Database {
   public:
    explicit SlowDatabase(Database& inner) : inner_(inner) {}
    Status Read(const SqlFunction& fn) override { return inner_.Read(fn); }
    Status Write(const SqlFunction& fn) override {
      if (during_write) std::exchange(during_write, nullptr)();
      return inner_.Write(fn);
    }
    void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
      inner_.WriteAsync(std::move(fn), std::move(done));
    }
    std::function<void()> during_write;

   private:
    Database& inner_;
  };
  SlowDatabase slow(*database_);
  sandbox_ = std::make_unique<SandboxGateway>(slow, test_env_.env(), SandboxOptions{});
  slow.during_write = [&] {
    const Reply second = Pay("payment_method=pm_card_visa", "k");
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.body["error"]["code"], "idempotency_key_in_use");
    EXPECT_EQ(Pay("payment_method=pm_card_visa", "other").status, 200);
  };
  EXPECT_EQ(Pay("payment_method=pm_card_visa", "k").status, 200);
  EXPECT_EQ(Pay("payment_method=pm_card_visa", "k").status, 200);
}

// Our own adapter against our own gateway, with an answer that is lost on the way back: the charge
// exists once.
TEST_F(SandboxTest, AdapterFindsTheChargeWhoseAnswerWasLost) {
  FakeHttpClient client;
  client.Push([&](const HttpRequest& request) -> StatusOr<HttpResponse> {
    EXPECT_EQ(sandbox_->Handle(request).status, 200);
    return MakeError(ErrorCode::kUnavailable, "closed");
  });
  client.SetFallback([&](const HttpRequest& request) { return sandbox_->Handle(request); });
  StripeGateway gateway(client, {.secret_key = "sk_test_sandbox"});
  const ChargeRequest charge{.payment = PaymentId{1},
                             .order = OrderId{2},
                             .amount = Mxn(16500),
                             .payment_method = "pm_card_visa"};
  ASSERT_OK_AND_ASSIGN(const GatewayResult paid, gateway.Charge(charge, "pay_1"));
  EXPECT_EQ(paid.outcome, GatewayOutcome::kApproved);
  int intents = 0;
  ASSERT_OK(database_->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT 1 FROM sandbox_objects WHERE kind = 'intent'", {}, [&](const SqlRow&) {
      ++intents;
      return OkStatus();
    });
  }));
  EXPECT_EQ(intents, 1);
  EXPECT_EQ(*gateway.Retrieve(paid.reference), paid);
  EXPECT_THAT(gateway.Cancel(paid.reference, "c"), HasCode(ErrorCode::kConflict));
  EXPECT_EQ(gateway.Refund({RefundId{3}, paid.reference, Mxn(16500)}, "r")->outcome,
            RefundResult::Outcome::kSucceeded);
  ChargeRequest declined = charge;
  declined.payment_method = "pm_card_chargeDeclined";
  EXPECT_EQ(gateway.Charge(declined, "pay_2")->decline_code, "generic_decline");
  EXPECT_THAT(gateway.Charge(declined, "pay_1"), HasCode(ErrorCode::kIdempotencyMismatch));
  declined.payment_method = "pm_nothing";
  EXPECT_THAT(gateway.Charge(declined, "pay_3"), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(gateway.Retrieve("pi_none"), HasCode(ErrorCode::kNotFound));
}

}  // namespace
}  // namespace ticketing
