#include "ticketing/service/gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// Identity as far as a gateway needs it: one key, and tokens for the gateway itself.
class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest() : key_(*SigningKey::FromSeed(std::string(32, 'g'))) {
    test_.clock.SetNow(Timestamp::FromSeconds(1'800'000'000));
    identity_.SetFallback([this](const HttpRequest& request) -> StatusOr<HttpResponse> {
      HttpResponse response;
      if (request.path() == "/.well-known/jwks.json") {
        JwkSet keys;
        TICKETING_RETURN_IF_ERROR(keys.Add(key_.public_key()));
        response.body = keys.ToJson();
      } else if (request.path() == "/v1/service-sessions") {
        response.status = 201;
        response.body = nlohmann::json{{"access_token", Token("client-api", Role::kService)},
                                       {"access_expires_at",
                                        FormatTimestamp(test_.clock.Now() + Duration::Minutes(10))}}
                            .dump();
      } else {
        response.body = "{}";
      }
      return response;
    });
    ticketing_.SetFallback([](const HttpRequest&) -> StatusOr<HttpResponse> {
      HttpResponse response;
      response.headers.Set("ETag", "\"7\"");
      response.headers.Set("X-Internal", "secret");
      response.body = "from ticketing";
      return response;
    });
    limits_.requests_per_second = 1;
    limits_.burst = 9;
    client_ = MakeClientApi(
        Upstreams{identity_, ticketing_, payments_, notifications_, verifier_, token_}, limits_,
        test_.env());
    admin_ =
        MakeAdminApi(Upstreams{identity_, ticketing_, payments_, notifications_, verifier_, token_},
                     limits_, test_.env());
  }

  std::string Token(const std::string& subject, Role role) {
    AccessClaims claims;
    claims.issuer = kTokenIssuer;
    claims.audience = kTokenAudience;
    claims.subject = subject;
    claims.roles = {role};
    claims.issued_at = claims.not_before = test_.clock.Now();
    claims.expires_at = test_.clock.Now() + Duration::Minutes(5);
    claims.token_id = "t";
    return SignAccessToken(claims, JwkThumbprint(key_.public_key()), key_);
  }

  static HttpRequest Get(const std::string& target, const std::string& token = "") {
    HttpRequest request;
    request.target = target;
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    return request;
  }

  TestEnv test_;
  SigningKey key_;
  FakeHttpClient identity_, ticketing_, payments_, notifications_;
  TokenVerifier verifier_{identity_, test_.clock};
  ServiceToken token_{identity_, test_.clock, "client-api", "s"};
  GatewayLimits limits_;
  std::unique_ptr<Api> client_, admin_;
};

TEST_F(GatewayTest, PassesACustomersTokenOn) {
  const std::string token = Token(AccountId{3}.ToString(), Role::kCustomer);
  const HttpResponse response = client_->Handle(Get("/v1/orders?limit=3", token));
  EXPECT_EQ(response.status, 200);
  ASSERT_THAT(ticketing_.requests(), SizeIs(1));
  EXPECT_EQ(ticketing_.requests()[0].target, "/v1/orders?limit=3");
  EXPECT_EQ(ticketing_.requests()[0].headers.Get("Authorization"), "Bearer " + token);
  EXPECT_EQ(response.headers.Get("ETag"), "\"7\"");
  EXPECT_FALSE(response.headers.Get("X-Internal"));
}

TEST_F(GatewayTest, AnonymousVisitorsTravelWithTheGatewaysToken) {
  HttpRequest request = Get("/v1/events");
  request.headers.Set("Cookie", "tracking=1");
  EXPECT_EQ(client_->Handle(request).status, 200);
  ASSERT_THAT(ticketing_.requests(), SizeIs(1));
  ASSERT_OK_AND_ASSIGN(
      const AccessClaims claims,
      verifier_.Verify(ticketing_.requests()[0].headers.Get("Authorization")->substr(7)));
  EXPECT_EQ(claims.subject, "client-api");
  EXPECT_FALSE(ticketing_.requests()[0].headers.Get("Cookie"));
}

TEST_F(GatewayTest, TheDoorsOfStaffStayShutForCustomers) {
  const std::string token = Token(AccountId{3}.ToString(), Role::kCustomer);
  for (const Route& route : admin_->routes()) {
    if (route.access.anonymous || route.access.roles.empty()) continue;
    std::string target = route.path;
    while (target.find('{') != std::string::npos) {
      const size_t open = target.find('{');
      target.replace(open, target.find('}') - open + 1, "x");
    }
    HttpRequest request = Get(target, token);
    request.method = route.method;
    EXPECT_EQ(admin_->Handle(request).status, 403) << route.method << " " << route.path;
    request.headers.Remove("Authorization");
    EXPECT_EQ(admin_->Handle(request).status, 401) << route.method << " " << route.path;
  }
  EXPECT_THAT(ticketing_.requests(), IsEmpty());
  EXPECT_THAT(payments_.requests(), IsEmpty());
}

// The largest body that a route takes, and one byte more. Who sends too much needs no name for it.
TEST_F(GatewayTest, NoDoorTakesALongerBodyThanItsRouteAllows) {
  const std::map<std::string, size_t> larger = {
      {"importChart", 64 << 20}, {"replaceSaleRules", 64 << 20}, {"uploadLogEntries", 4 << 20}};
  size_t found = 0;
  for (Api* const door : {client_.get(), admin_.get()}) {
    for (const Route& route : door->routes()) {
      const auto own = larger.find(route.operation);
      const size_t most = own == larger.end() ? size_t{1} << 20 : own->second;
      found += own == larger.end() ? 0 : 1;
      std::string target = route.path;
      while (target.find('{') != std::string::npos) {
        const size_t open = target.find('{');
        target.replace(open, target.find('}') - open + 1, "x");
      }
      HttpRequest request = Get(target);
      request.method = route.method;
      request.body.assign(most + 1, ' ');
      const HttpResponse refused = door->Handle(request);
      EXPECT_EQ(refused.status, 413) << route.method << " " << route.path;
      EXPECT_EQ(nlohmann::json::parse(refused.body)["code"], "payload-too-large");
      request.body.pop_back();
      EXPECT_NE(door->Handle(request).status, 413) << route.method << " " << route.path;
    }
  }
  EXPECT_EQ(found, larger.size());
  // Nothing of what is too long reaches the services, and all of what is not does.
  const auto sent = [&](size_t bytes) {
    HttpRequest request = Get("/v1/orders", Token(AccountId{9}.ToString(), Role::kCustomer));
    request.method = "POST";
    request.headers.Set("Idempotency-Key", "k");
    request.body.assign(bytes, ' ');
    const size_t before = ticketing_.requests().size();
    (void)client_->Handle(request);
    return ticketing_.requests().size() - before;
  };
  EXPECT_EQ(sent((1 << 20) + 1), 0u);
  EXPECT_EQ(sent(1 << 20), 1u);
  EXPECT_THAT(ticketing_.requests().back().body, SizeIs(1 << 20));
}

TEST_F(GatewayTest, OnlyTheStaffsDoorIsCalledSo) {
  HttpRequest request = Get("/v1/sessions");
  request.method = "POST";
  request.body = "{}";
  request.headers.Set("X-Door", "other");
  EXPECT_EQ(client_->Handle(request).status, 200);
  EXPECT_FALSE(identity_.requests().back().headers.Get("X-Door"));
  EXPECT_EQ(admin_->Handle(request).status, 200);
  EXPECT_EQ(identity_.requests().back().headers.Get("X-Door"), "staff");
}

TEST_F(GatewayTest, HoldsACallerToItsRate) {
  const std::string token = Token(AccountId{3}.ToString(), Role::kCustomer);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client_->Handle(Get("/v1/orders", token)).status, 200);
  const HttpResponse response = client_->Handle(Get("/v1/orders", token));
  EXPECT_EQ(response.status, 429);
  EXPECT_TRUE(response.headers.Get("Retry-After"));
  EXPECT_EQ(
      client_->Handle(Get("/v1/orders", Token(AccountId{4}.ToString(), Role::kCustomer))).status,
      200);
}

TEST_F(GatewayTest, SaysSoWhenADomainApiIsAway) {
  ticketing_.SetFallback([](const HttpRequest&) -> StatusOr<HttpResponse> {
    return MakeError(ErrorCode::kUnavailable, "connection refused");
  });
  EXPECT_EQ(client_->Handle(Get("/v1/events")).status, 503);
}

}  // namespace
}  // namespace ticketing
