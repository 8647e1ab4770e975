// Goal: whatever comes in at the door gets the right answer before any handler sees it, and
// handlers' errors come out as problem documents that name the field.
#include "ticketing/service/common/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ticketing/crypto/signature.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/test_env.h"
#include "ticketing/token/jwk.h"
#include "ticketing/v1/ticketing.pb.h"

namespace ticketing {
namespace {

using nlohmann::json;

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() : key_(*SigningKey::FromSeed(std::string(32, 'k'))) {
    test_.clock.SetNow(Timestamp::FromSeconds(1'800'000'000));
    JwkSet keys;
    EXPECT_THAT(keys.Add(key_.public_key()), IsOk());
    identity_.SetFallback([text = keys.ToJson()](const HttpRequest&) -> StatusOr<HttpResponse> {
      HttpResponse response;
      response.body = text;
      return response;
    });
    ApiOptions options;
    options.service = "test-api";
    options.title = "Test";
    options.verifier = &verifier_;
    api_ = std::make_unique<Api>(std::move(options), test_.env(), Routes());
  }

  std::vector<Route> Routes() {
    Route venue{.method = "POST",
                .path = "/v1/venues",
                .operation = "createVenue",
                .summary = "Create.",
                .access = {.roles = {Role::kAdmin}},
                .request = "ticketing.v1.CreateVenueRequest",
                .response = "ticketing.v1.Venue",
                .success = 201};
    venue.handler = [](Call& call) -> StatusOr<HttpResponse> {
      v1::CreateVenueRequest request;
      TICKETING_RETURN_IF_ERROR(call.Read(&request));
      v1::Venue out;
      out.set_name(request.name());
      return call.Reply(201, out);
    };
    venue.body_bytes_max = 1000;
    Route seat{.method = "GET",
               .path = "/v1/venues/{venue_id}/seats/{label}",
               .operation = "getSeat",
               .summary = "Get.",
               .access = {.anonymous = true}};
    seat.handler = [](Call& call) -> StatusOr<HttpResponse> {
      TICKETING_RETURN_IF_ERROR(call.PathId<VenueId>("venue_id").status());
      HttpResponse response;
      response.body = std::string(call.Path("label")) + "|" + call.Query("q").value_or("-");
      return response;
    };
    Route broken{.method = "GET",
                 .path = "/v1/broken",
                 .operation = "broken",
                 .summary = "Break.",
                 .access = {.anonymous = true}};
    broken.handler = [](Call&) -> StatusOr<HttpResponse> {
      return MakeError(ErrorCode::kInternal, "the secret path /etc/keys");
    };
    Route hold{.method = "POST",
               .path = "/v1/holds",
               .operation = "hold",
               .summary = "Hold.",
               .access = {.anonymous = true},
               .idempotent_key = true};
    hold.handler = [](Call& call) -> StatusOr<HttpResponse> {
      HttpResponse response;
      response.body = std::to_string(call.Entropy("hold"));
      return response;
    };
    return {venue, seat, broken, hold};
  }

  std::string Token(Role role, Duration life = Duration::Minutes(5)) {
    AccessClaims claims;
    claims.issuer = kTokenIssuer;
    claims.audience = kTokenAudience;
    claims.subject = AccountId{7}.ToString();
    claims.roles = {role};
    claims.issued_at = claims.not_before = test_.clock.Now();
    claims.expires_at = test_.clock.Now() + life;
    claims.token_id = "t";
    return SignAccessToken(claims, JwkThumbprint(key_.public_key()), key_);
  }

  HttpResponse Send(const std::string& method, const std::string& target,
                    const std::string& token = "", const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    return api_->Handle(request);
  }

  static std::string CodeIn(const HttpResponse& response) {
    return json::parse(response.body)["code"];
  }

  TestEnv test_;
  SigningKey key_;
  FakeHttpClient identity_;
  TokenVerifier verifier_{identity_, test_.clock};
  std::unique_ptr<Api> api_;
};

TEST_F(ApiTest, RunsARouteForTheRightRole) {
  const HttpResponse response =
      Send("POST", "/v1/venues", Token(Role::kAdmin), R"({"name":"Estadio"})");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(json::parse(response.body)["name"], "Estadio");
  EXPECT_TRUE(response.headers.Get("X-Request-Id"));
  EXPECT_EQ(response.headers.Get("Cache-Control"), "no-store");
}

TEST_F(ApiTest, RefusesCallersWithoutTheRight) {
  const std::string body = R"({"name":"Estadio"})";
  EXPECT_EQ(Send("POST", "/v1/venues", "", body).status, 401);
  EXPECT_EQ(Send("POST", "/v1/venues", "garbage", body).status, 401);
  EXPECT_EQ(Send("POST", "/v1/venues", Token(Role::kCustomer), body).status, 403);
  std::string altered = Token(Role::kAdmin);
  altered[altered.size() / 2] = altered[altered.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Send("POST", "/v1/venues", altered, body).status, 401);
  const std::string token = Token(Role::kAdmin);
  test_.clock.Advance(Duration::Minutes(10));
  const HttpResponse expired = Send("POST", "/v1/venues", token, body);
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(CodeIn(expired), "token-expired");
  // A wrong token is refused even where none is needed: a client with a bug should learn of it.
  EXPECT_EQ(Send("GET", "/v1/broken", "garbage").status, 401);
}

TEST_F(ApiTest, NamesTheFieldInAProblemDocument) {
  const HttpResponse response =
      Send("POST", "/v1/venues", Token(Role::kAdmin), R"({"name":"", "utc_offset_minutes": 9000})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/problem+json");
  const json problem = json::parse(response.body);
  EXPECT_EQ(problem["status"], 422);
  EXPECT_EQ(problem["code"], "invalid-field");
  ASSERT_EQ(problem["errors"].size(), 2u);
  EXPECT_EQ(problem["errors"][0]["field"], "name");
  EXPECT_EQ(problem["errors"][1]["field"], "utc_offset_minutes");
}

TEST_F(ApiTest, AnswersBadRequestsByKind) {
  const std::string token = Token(Role::kAdmin);
  EXPECT_EQ(Send("POST", "/v1/venues", token, "{").status, 400);
  EXPECT_EQ(Send("POST", "/v1/venues", token, "{\"name\":\"\xff\"}").status, 400);
  EXPECT_EQ(Send("POST", "/v1/venues", token, R"({"name":"x","extra":1})").status, 422);
  EXPECT_EQ(Send("POST", "/v1/venues", token, std::string(1001, ' ')).status, 413);
  EXPECT_EQ(Send("PUT", "/v1/venues", token).status, 405);
  EXPECT_EQ(Send("GET", "/v1/nothing", token).status, 404);
  EXPECT_EQ(Send("GET", "/v1/venues/x/seats/A", token).status, 404);
  EXPECT_EQ(Send("GET", "/v1/broken?a=%zz").status, 400);
  HttpRequest xml;
  xml.method = "POST";
  xml.target = "/v1/venues";
  xml.headers.Set("Authorization", "Bearer " + token);
  xml.headers.Set("Content-Type", "application/xml");
  EXPECT_EQ(api_->Handle(xml).status, 415);
}

TEST_F(ApiTest, HeadIsGetWithoutABody) {
  const std::string venue = VenueId{9}.ToString();
  for (const std::string& path :
       {"/v1/venues/" + venue + "/seats/A-1", std::string("/healthz"), std::string("/readyz"),
        std::string("/metrics"), std::string("/openapi.json")}) {
    const HttpResponse get = Send("GET", path);
    const HttpResponse head = Send("HEAD", path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, "") << path;
    EXPECT_EQ(head.headers.Get("Content-Type"), get.headers.Get("Content-Type")) << path;
    // What is counted is counted before it is shown.
    if (path == "/metrics") continue;
    EXPECT_EQ(head.headers.Get("Content-Length"), std::to_string(get.body.size())) << path;
  }
  EXPECT_EQ(Send("HEAD", "/v1/venues").status, 405);
  EXPECT_EQ(Send("HEAD", "/v1/nothing").status, 404);
}

TEST_F(ApiTest, RefusesTwoHeadersWhereOneCounts) {
  for (const char* const name : {"Authorization", "idempotency-key", "Device-Auth"}) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/holds";
    request.headers.Set("Idempotency-Key", "k");
    request.headers.Set("Authorization", "Bearer " + Token(Role::kAdmin));
    request.headers.Set(name, std::string(request.headers.Get(name).value_or("x")));
    EXPECT_EQ(api_->Handle(request).status, 200) << name;
    request.headers.Add(name, std::string(*request.headers.Get(name)));
    const HttpResponse response = api_->Handle(request);
    EXPECT_EQ(response.status, 400) << name;
    EXPECT_EQ(CodeIn(response), "bad-syntax") << name;
  }
}

TEST_F(ApiTest, DecodesPathsAndQueries) {
  const std::string venue = VenueId{9}.ToString();
  EXPECT_EQ(Send("GET", "/v1/venues/" + venue + "/seats/Norte%20104-F-1?q=a%2Bb").body,
            "Norte 104-F-1|a+b");
  EXPECT_EQ(Send("GET", "/v1/venues/" + venue + "/seats/").status, 404);
  EXPECT_EQ(Send("GET", "/v1/venues/" + venue + "/seats/%ff").status, 404);
}

TEST_F(ApiTest, InternalErrorsSayNothingOutsideAndEverythingInTheLog) {
  const HttpResponse response = Send("GET", "/v1/broken");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  bool logged = false;
  for (const auto& record : test_.log.records()) {
    for (const auto& [name, value] : record.fields)
      logged = logged || value.find("secret path") != std::string::npos;
  }
  EXPECT_TRUE(logged);
}

TEST_F(ApiTest, EntropyFollowsTheIdempotencyKey) {
  const auto hold = [&](const std::string& key) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/v1/holds";
    if (!key.empty()) request.headers.Set("Idempotency-Key", key);
    return api_->Handle(request);
  };
  const std::string one = "one-that-nobody-guesses";
  EXPECT_EQ(hold(one).body, hold(one).body);
  EXPECT_NE(hold(one).body, hold("two-that-nobody-guesses").body);
  EXPECT_EQ(hold("sixteen-letters.").status, 200);
  EXPECT_EQ(hold("fifteen-letters").status, 400) << "strangers share their keys";
  EXPECT_EQ(hold("").status, 400);
  EXPECT_EQ(hold(std::string(256, 'x')).status, 400);
  EXPECT_EQ(hold("a b").status, 400);
}

// Visitors come through gateways, which speak for all of them with one token of their own.
class VisitorKeysTest : public ApiTest {
 protected:
  VisitorKeysTest() {
    Route sale{"POST", "/v1/{what}", "sell", "Sell.", {.roles = {}, .visitors = true}};
    sale.idempotent_key = true;
    sale.handler = [this](Call& call) -> StatusOr<HttpResponse> {
      ++made_;
      HttpResponse response;
      response.body = std::to_string(call.Entropy("hold"));
      return response;
    };
    Route money = sale;
    money.path = "/v2/{what}";
    money.access.visitors = false;
    SqliteDatabaseFactory factory{SqliteOptions{}};
    database_ = *factory.Open("keys", {{1, IdempotencyStore::Schema()}});
    store_ = std::make_unique<IdempotencyStore>(*database_);
    sales_ = std::make_unique<Api>(
        ApiOptions{.service = "t", .verifier = &verifier_, .idempotency = store_.get()},
        test_.env(), std::vector<Route>{sale, money});
  }

  HttpResponse Ask(const std::string& body, const std::string& key, const std::string& address,
                   Role role = Role::kService, const std::string& target = "/v1/seat") {
    HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.body = body;
    request.headers.Set("Authorization", "Bearer " + Token(role));
    request.headers.Set("Idempotency-Key", key);
    request.headers.Set("X-Client-Address", address);
    return sales_->Handle(request);
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<IdempotencyStore> store_;
  std::unique_ptr<Api> sales_;
  int made_ = 0;
};

TEST_F(VisitorKeysTest, AStrangerWithTheKeyHearsNothingOfTheFirstAnswer) {
  for (const char* const key : {"1", "1c0e7a52-8c0e-4f1b"}) {
    const HttpResponse first = Ask("two seats", key, "192.0.2.1");
    ASSERT_EQ(first.status, 200);
    const HttpResponse other = Ask("three seats", key, "192.0.2.1");
    EXPECT_EQ(other.status, 200) << "not even that the key was used before";
    EXPECT_NE(other.body, first.body) << "nor does his request run into what the first made";
    const HttpResponse elsewhere = Ask("two seats", key, "192.0.2.1", Role::kService, "/v1/table");
    EXPECT_NE(elsewhere.body, first.body);
  }
  EXPECT_EQ(made_, 6);
}

TEST_F(VisitorKeysTest, AnHonestRepeatHearsTheAnswerAgain) {
  const HttpResponse first = Ask("two seats", "k", "192.0.2.1");
  const HttpResponse again = Ask("two seats", "k", "198.51.100.2");
  EXPECT_EQ(again.body, first.body) << "though his phone has changed networks";
  EXPECT_EQ(again.headers.Get("Idempotent-Replayed"), "true");
  EXPECT_EQ(made_, 1);
  // The answer may not have been stored: then the same id is made again.
  test_.clock.Advance(limits::kIdempotencyRetention + Duration::Seconds(1));
  EXPECT_EQ(Ask("two seats", "k", "192.0.2.1").body, first.body);
}

TEST_F(VisitorKeysTest, WhoHasANameKeepsHisKeysToHimself) {
  for (const char* const key : {"1", "1c0e7a52-8c0e-4f1b"}) {
    const HttpResponse first = Ask("two seats", key, "192.0.2.1", Role::kCustomer);
    EXPECT_EQ(Ask("two seats", key, "192.0.2.9", Role::kCustomer).body, first.body);
    EXPECT_EQ(CodeIn(Ask("three seats", key, "192.0.2.1", Role::kCustomer)),
              "idempotency-mismatch");
    // A service that calls for itself must not pay twice because it says it in other words.
    const HttpResponse paid = Ask("100 pesos", key, "", Role::kService, "/v2/pay");
    EXPECT_EQ(Ask("100 pesos", key, "", Role::kService, "/v2/pay").body, paid.body);
    EXPECT_EQ(CodeIn(Ask("100.0 pesos", key, "", Role::kService, "/v2/pay")),
              "idempotency-mismatch");
  }
}

// A lost race may be won by the same request a moment later; what was settled stays settled.
TEST_F(ApiTest, KeepsOutcomesButNotLostRacesUnderAKey) {
  SqliteDatabaseFactory factory{SqliteOptions{}};
  ASSERT_OK_AND_ASSIGN(auto database, factory.Open("keys", {{1, IdempotencyStore::Schema()}}));
  IdempotencyStore store(*database);
  int calls = 0;
  Route route{"POST", "/v1/race", "race", "Race.", {.anonymous = true}};
  route.idempotent_key = true;
  route.handler = [&](Call&) -> StatusOr<HttpResponse> {
    if (++calls == 1) return MakeError(ErrorCode::kAborted, "Another came first.");
    return MakeError(ErrorCode::kSeatNotAvailable, "Taken.");
  };
  Api api({.service = "t", .idempotency = &store}, test_.env(), {route});
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/race";
  request.headers.Set("Idempotency-Key", "k");
  EXPECT_EQ(CodeIn(api.Handle(request)), "aborted");
  EXPECT_EQ(CodeIn(api.Handle(request)), "seat-not-available");
  EXPECT_EQ(CodeIn(api.Handle(request)), "seat-not-available");
  EXPECT_EQ(calls, 2);
}

TEST_F(ApiTest, KeepsARequestIdOnlyWhenItIsHarmless) {
  HttpRequest request;
  request.target = "/v1/nothing";
  request.headers.Set("X-Request-Id", "abc-1");
  EXPECT_EQ(api_->Handle(request).headers.Get("X-Request-Id"), "abc-1");
  request.headers.Set("X-Request-Id", "a b\n");
  EXPECT_NE(api_->Handle(request).headers.Get("X-Request-Id"), "a b\n");
}

TEST_F(ApiTest, AnswersHealthAndMetrics) {
  Send("GET", "/v1/broken");
  EXPECT_EQ(Send("GET", "/healthz").status, 200);
  EXPECT_EQ(Send("GET", "/readyz").status, 200);
  EXPECT_EQ(Send("GET", "/metrics").status, 200);
}

// Strangers reach an outward door: what is counted there, and what is wrong with a database, is not
// for them.
TEST_F(ApiTest, AnOutwardDoorTellsStrangersLittle) {
  ApiOptions options;
  options.service = "outward-api";
  options.outward = true;
  options.ready = [] { return MakeError(ErrorCode::kUnavailable, "password of db.internal"); };
  Api outward(std::move(options), test_.env(), {});
  const auto ask = [](Api& api, const std::string& target, const std::string& from) {
    HttpRequest request;
    request.target = target;
    request.remote_address = from;
    return api.Handle(request);
  };
  for (const char* stranger : {"10.0.0.9", "192.168.1.127", "2001:db8::1"}) {
    EXPECT_EQ(ask(outward, "/metrics", stranger).status, 404) << stranger;
    EXPECT_EQ(ask(*api_, "/metrics", stranger).status, 200) << stranger;
  }
  for (const char* here : {"127.0.0.1", "::1", ""}) {
    EXPECT_EQ(ask(outward, "/metrics", here).status, 200) << here;
  }
  // A proxy on the same machine speaks for others.
  HttpRequest passed;
  passed.target = "/metrics";
  passed.remote_address = "127.0.0.1";
  passed.headers.Set("X-Forwarded-For", "10.0.0.9");
  EXPECT_EQ(outward.Handle(passed).status, 404);
  const HttpResponse ready = ask(outward, "/readyz", "10.0.0.9");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, "not ready: outward-api\n");
}

TEST_F(ApiTest, ProblemsOfAnotherServiceComeBackAsTheSameError) {
  const Status first = MakeError(ErrorCode::kSeatNotAvailable, "Taken.",
                                 {.fields = {{"a", "b"}}, .objects = {"N-1"}});
  const Status second = StatusOfResponse(ProblemResponse(first, "req"));
  EXPECT_EQ(CodeOf(second), ErrorCode::kSeatNotAvailable);
  EXPECT_EQ(MessageOf(second), "Taken.");
  EXPECT_EQ(DetailsOf(second).objects, std::vector<std::string>{"N-1"});
  EXPECT_EQ(DetailsOf(second).fields, DetailsOf(first).fields);
}

}  // namespace
}  // namespace ticketing
