// A payments service with everything real around it but the wires: SQLite files, the Stripe
// adapter, the sandbox gateway, signed tokens. The wire to the gateway and the database can be made
// to fail.
#ifndef TICKETING_TESTS_SERVICE_PAYMENTS_RIG_H_
#define TICKETING_TESTS_SERVICE_PAYMENTS_RIG_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "ticketing/crypto/signature.h"
#include "ticketing/provider/sandbox/sandbox_gateway.h"
#include "ticketing/provider/stripe/stripe_gateway.h"
#include "ticketing/service/payments/payments_service.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"
#include "ticketing/token/access_token.h"
#include "ticketing/token/jwk.h"

namespace ticketing {

// Passes on `writes_left` writes and fails every later one, as a process that has ended does.
class MortalDatabase final : public Database {
 public:
  MortalDatabase(std::unique_ptr<Database> inner, std::atomic<int>& writes_left)
      : inner_(std::move(inner)), writes_left_(writes_left) {}
  Status Read(const SqlFunction& fn) override { return inner_->Read(fn); }
  Status Write(const SqlFunction& fn) override {
    if (writes_left_ == 0) return MakeError(ErrorCode::kUnavailable, "the process is dead");
    --writes_left_;
    return inner_->Write(fn);
  }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override { done(Write(fn)); }

 private:
  std::unique_ptr<Database> inner_;
  std::atomic<int>& writes_left_;
};

class MortalFactory final : public DatabaseFactory {
 public:
  MortalFactory(DatabaseFactory& inner, std::atomic<int>& writes_left)
      : inner_(inner), writes_left_(writes_left) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, inner_.Open(name, schema));
    return std::unique_ptr<Database>(new MortalDatabase(std::move(database), writes_left_));
  }

 private:
  DatabaseFactory& inner_;
  std::atomic<int>& writes_left_;
};

enum class Wire { kGood, kLosesRequests, kLosesAnswers };

struct Reply {
  int status = 0;
  nlohmann::json body;
  HttpResponse raw;

  std::string Code() const { return body.value("code", ""); }
  std::string Field() const {
    return body.contains("errors") && !body["errors"].empty() ? body["errors"][0].value("field", "")
                                                              : "";
  }
  // Empty when it is missing or, as the status of a problem document, not a text.
  std::string Text(const char* name) const {
    return body.contains(name) && body[name].is_string() ? body[name].get<std::string>() : "";
  }
};

class Rig {
 public:
  Rig() : key_(*SigningKey::FromSeed(std::string(32, 'k'))) {
    JwkSet keys;
    EXPECT_THAT(keys.Add(key_.public_key()), IsOk());
    identity_.SetFallback([text = keys.ToJson()](const HttpRequest&) -> StatusOr<HttpResponse> {
      return HttpResponse{.body = text};
    });
    wire_.SetFallback([this](const HttpRequest& request) -> StatusOr<HttpResponse> {
      if (wire == Wire::kLosesRequests) return MakeError(ErrorCode::kUnavailable, "lost");
      HttpResponse response = sandbox_->Handle(request);
      if (wire == Wire::kLosesAnswers) return MakeError(ErrorCode::kUnavailable, "lost");
      return response;
    });
    sandbox_db_ = *files_.Open("sandbox", SandboxGateway::Schema());
    sandbox_ = std::make_unique<SandboxGateway>(*sandbox_db_, test.env(), SandboxOptions{});
    Restart();
  }

  // Ends the service as it is and starts another on the same files.
  void Restart() {
    service_.reset();
    writes_left = 1'000'000;
    auto service = PaymentsService::Open({test.env(), mortal_, verifier_, gateway_}, {});
    ASSERT_THAT(service, IsOk());
    service_ = *std::move(service);
  }

  Status Tick() { return service_->Tick(); }

  std::string Token(Role role, uint64_t account = 7) {
    AccessClaims claims;
    claims.issuer = kTokenIssuer;
    claims.audience = kTokenAudience;
    claims.subject = role == Role::kService ? "ticketing" : AccountId{account}.ToString();
    claims.roles = {role};
    claims.issued_at = claims.not_before = test.clock.Now();
    claims.expires_at = test.clock.Now() + Duration::Minutes(5);
    claims.token_id = "t";
    return SignAccessToken(claims, JwkThumbprint(key_.public_key()), key_);
  }

  Reply Send(std::string method, std::string target, const std::string& token,
             std::string body = "", const std::string& key = "") {
    HttpRequest request{.method = std::move(method), .target = std::move(target)};
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    if (!key.empty()) request.headers.Set("Idempotency-Key", key);
    request.body = std::move(body);
    HttpResponse response = service_->api().Handle(request);
    return {response.status, nlohmann::json::parse(response.body, nullptr, false), response};
  }

  // As the ticketing service, for order 5.
  Reply Pay(const std::string& method, const std::string& key, int64_t minor = 16500) {
    return Send("POST", "/v1/payments", Token(Role::kService),
                R"({"order_id":"ord_0000000000005","amount":{"minor":")" + std::to_string(minor) +
                    R"(","currency":"MXN"},"fees":{"minor":"500","currency":"MXN"},)" +
                    R"("taxes":{"minor":"2276","currency":"MXN"},)" + method + "}",
                key);
  }
  Reply PayByCard(const std::string& token, const std::string& key) {
    return Pay(R"("card":{"payment_method":")" + token + "\"}", key);
  }
  Reply PayInCash(const std::string& shift, int64_t tendered, const std::string& key,
                  uint64_t account = 7) {
    return Pay(R"("cash":{"shift_id":")" + shift + R"(","tendered":{"minor":")" +
                   std::to_string(tendered) + R"(","currency":"MXN"}},"taken_by":")" +
                   AccountId{account}.ToString() + "\"",
               key);
  }
  Reply Refund(const std::string& payment, int64_t minor, const std::string& key) {
    return Send("POST", "/v1/refunds", Token(Role::kService),
                R"({"payment_id":")" + payment + R"(","amount":{"minor":")" +
                    std::to_string(minor) + R"(","currency":"MXN"},"reason":"rain"})",
                key);
  }
  Reply OpenShift(int64_t opening, const std::string& key, uint64_t account = 7) {
    return Send(
        "POST", "/v1/shifts", Token(Role::kBoxOffice, account),
        R"({"opening_cash":{"minor":")" + std::to_string(opening) + R"(","currency":"MXN"}})", key);
  }

  // What an account holds, debits less credits; the books must balance.
  int64_t Balance(const std::string& account) {
    const Reply reply = Send("GET", "/v1/ledger/balances", Token(Role::kAdmin));
    EXPECT_EQ(reply.status, 200) << reply.raw.body;
    EXPECT_TRUE(reply.body.value("balanced", false)) << reply.raw.body;
    for (const nlohmann::json& row : reply.body["accounts"]) {
      if (row["name"] == account) return std::stoll(row["balance"]["minor"].get<std::string>());
    }
    return 0;
  }

  // What the gateway believes it has taken and not given back.
  int64_t TakenByGateway() {
    int64_t taken = 0;
    EXPECT_THAT(sandbox_db_->Read([&](SqlTransaction& tx) {
      return tx.Query("SELECT state FROM sandbox_objects WHERE kind = 'intent'", {},
                      [&](const SqlRow& row) {
                        const auto state = nlohmann::json::parse(row.Text(0));
                        taken += state["amount_received"].get<int64_t>();
                        taken -= state["refunded"].get<int64_t>();
                        return OkStatus();
                      });
    }),
                IsOk());
    return taken;
  }

  // Of the only intent there is.
  std::string StatusAtGateway() {
    std::string status;
    EXPECT_THAT(sandbox_db_->Read([&](SqlTransaction& tx) {
      return tx.Query("SELECT state FROM sandbox_objects WHERE kind = 'intent'", {},
                      [&](const SqlRow& row) {
                        status = nlohmann::json::parse(row.Text(0))["status"];
                        return OkStatus();
                      });
    }),
                IsOk());
    return status;
  }

  // As somebody at the gateway's own desk, who refunds the only charge there is.
  Status RefundAtGateway(int64_t minor) {
    std::string reference;
    TICKETING_RETURN_IF_ERROR(sandbox_db_->Read([&](SqlTransaction& tx) {
      return tx.Query("SELECT id FROM sandbox_objects WHERE kind = 'intent'", {},
                      [&](const SqlRow& row) {
                        reference = row.Text(0);
                        return OkStatus();
                      });
    }));
    return gateway_.Refund({RefundId{1}, reference, Money{minor, Currency::Mxn()}}, "desk")
        .status();
  }

  TestEnv test;
  Wire wire = Wire::kGood;
  std::atomic<int> writes_left = 1'000'000;  // of the payments database, before the process "dies"

 private:
  TempDir dir_;
  SqliteDatabaseFactory files_{SqliteOptions{.data_dir = dir_.path()}};
  MortalFactory mortal_{files_, writes_left};
  SigningKey key_;
  FakeHttpClient identity_;
  TokenVerifier verifier_{identity_, test.clock};
  std::unique_ptr<Database> sandbox_db_;
  std::unique_ptr<SandboxGateway> sandbox_;
  FakeHttpClient wire_;
  StripeGateway gateway_{wire_, {.secret_key = "sk_test_sandbox"}};
  std::unique_ptr<PaymentsService> service_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_SERVICE_PAYMENTS_RIG_H_
