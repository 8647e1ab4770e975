// Goal: people, services and devices get exactly the tokens they have a right to, and nobody gets
// one by guessing, repeating or pretending.
#include "ticketing/service/identity/identity_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "lib/service/identity/hash_gate.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/identity/account.h"
#include "ticketing/identity/device.h"
#include "ticketing/identity/throttle.h"
#include "ticketing/service/common/api.h"
#include "ticketing/service/common/service_client.h"
#include "ticketing/service/common/token_verifier.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSecret[] = "a secret of the services";
constexpr char kPassword[] = "gradas norte 104";

class IdentityServiceTest : public testing::Test {
 protected:
  void SetUp() override { Start(); }

  void Start() {
    service_.reset();
    SqliteDatabaseFactory factory({.data_dir = dir_ / "data"});
    auto opened = IdentityService::Open(test_.env(), factory, Options());
    ASSERT_OK(opened);
    service_ = *std::move(opened);
    client_ = std::make_unique<InProcessHttpClient>(service_->api());
    verifier_ = std::make_unique<TokenVerifier>(*client_, test_.clock);
  }

  static IdentityOptions Options() {
    return {.admin_email = "Admin@Example.MX",
            .admin_password = "estadio olimpico 2026",
            .service_secret = kSecret,
            .password_cost = {.memory_kib = 8, .passes = 1}};
  }

  HttpResponse Send(const std::string& method, const std::string& target, const json& body,
                    const std::string& token, const std::string& address = "") {
    HttpRequest request{.method = method, .target = target};
    if (!body.is_null()) request.body = body.dump();
    if (!token.empty()) request.headers.Set("Authorization", "Bearer " + token);
    if (!address.empty()) request.headers.Set("X-Client-Address", address);
    return service_->api().Handle(request);
  }
  json Post(const std::string& target, const json& body, const std::string& token, int status) {
    const HttpResponse response = Send("POST", target, body, token);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return json::parse(response.body, nullptr, false);
  }
  json Get(const std::string& target, const std::string& token, int status = 200) {
    const HttpResponse response = Send("GET", target, nullptr, token);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return json::parse(response.body, nullptr, false);
  }

  // A service token, as a gateway has it.
  std::string Gateway() {
    const json session =
        Post("/v1/service-sessions", {{"service", "client-api"}, {"secret", kSecret}}, "", 201);
    return session.value("access_token", "");
  }
  json Register(const std::string& email = "ana@example.mx") {
    return Post("/v1/accounts",
                {{"email", email}, {"password", kPassword}, {"name", "Ana"}, {"language", "es"}},
                Gateway(), 201);
  }
  json LogIn(const std::string& email, const std::string& password, int status = 201) {
    return Post("/v1/sessions", {{"email", email}, {"password", password}}, Gateway(), status);
  }
  std::string Admin() {
    return LogIn("admin@example.mx", "estadio olimpico 2026").value("access_token", "");
  }

  TempDir dir_;
  TestEnv test_;
  std::unique_ptr<IdentityService> service_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(IdentityServiceTest, RegisteringLogsIn) {
  const json session = Register("Ana@Example.MX");
  EXPECT_EQ(session["account"]["email"], "ana@example.mx");
  EXPECT_EQ(session["account"]["roles"], json::array({"customer"}));
  ASSERT_OK_AND_ASSIGN(const AccessClaims claims,
                       verifier_->Verify(session["access_token"].get<std::string>()));
  EXPECT_EQ(claims.subject, session["account"]["id"]);
  EXPECT_THAT(claims.roles, ElementsAre(Role::kCustomer));
  EXPECT_EQ(Get("/v1/me", session["access_token"])["name"], "Ana");
  EXPECT_FALSE(test_.log.Contains(kPassword));
  EXPECT_FALSE(test_.log.Contains("ana@example.mx"));
  EXPECT_FALSE(test_.log.Contains(session["refresh_token"].get<std::string>()));
}

TEST_F(IdentityServiceTest, AnAddressHasOneAccount) {
  Register();
  const json problem =
      Post("/v1/accounts", {{"email", "ANA@example.mx"}, {"password", kPassword}, {"name", "B"}},
           Gateway(), 409);
  EXPECT_EQ(problem["code"], "account-exists");
}

TEST_F(IdentityServiceTest, BadRegistrationsNameTheField) {
  const std::vector<std::pair<json, std::string>> cases = {
      {{{"email", "ana"}, {"password", kPassword}, {"name", "Ana"}}, "email"},
      {{{"email", "a@b.mx"}, {"password", "short"}, {"name", "Ana"}}, "password"},
      {{{"email", "a@b.mx"}, {"password", kPassword}, {"name", " "}}, "name"},
      {{{"email", "a@b.mx"}, {"password", kPassword}, {"name", "A"}, {"phone", "12"}}, "phone"},
      {{{"email", "a@b.mx"}, {"password", kPassword}, {"name", "A"}, {"language", "xx"}},
       "language"},
      {{{"email", "a@b.mx"}, {"password", kPassword}, {"name", "A"}, {"roles", {"admin"}}},
       "roles"}};
  for (const auto& [body, field] : cases) {
    const json problem = Post("/v1/accounts", body, Gateway(), 422);
    EXPECT_EQ(problem["errors"][0]["field"], field) << problem;
  }
}

TEST_F(IdentityServiceTest, NothingWorksWithoutAToken) {
  const json credentials = {{"email", "ana@example.mx"}, {"password", kPassword}};
  EXPECT_EQ(Send("POST", "/v1/sessions", credentials, "").status, 401);
  EXPECT_EQ(Send("GET", "/v1/me", nullptr, "").status, 401);
  EXPECT_EQ(Send("GET", "/v1/me", nullptr, "x.y.z").status, 401);
  EXPECT_EQ(Send("GET", "/.well-known/jwks.json", nullptr, "").status, 200);
}

TEST_F(IdentityServiceTest, WrongPasswordAndUnknownAddressLookTheSame) {
  Register();
  json wrong = LogIn("ana@example.mx", "another password", 401);
  json unknown = LogIn("nobody@example.mx", "another password", 401);
  wrong.erase("request_id");
  unknown.erase("request_id");
  EXPECT_EQ(wrong, unknown);
  LogIn("ANA@example.mx", kPassword);
}

TEST_F(IdentityServiceTest, GuessingGetsSlowerAndEnds) {
  Register();
  for (int i = 0; i < 6; ++i) LogIn("ana@example.mx", "wrong password", 401);
  const HttpResponse blocked = Send(
      "POST", "/v1/sessions", {{"email", "ana@example.mx"}, {"password", kPassword}}, Gateway());
  EXPECT_EQ(blocked.status, 429) << "even the right password waits";
  EXPECT_EQ(blocked.headers.Get("Retry-After"), "1");
  test_.clock.Advance(Duration::Seconds(1));
  LogIn("ana@example.mx", kPassword);
  LogIn("ana@example.mx", "wrong password", 401);
  LogIn("ana@example.mx", kPassword);
}

TEST_F(IdentityServiceTest, OneAddressCannotTryManyAccounts) {
  const std::string gateway = Gateway();
  const auto guess = [&](int i, const std::string& address) {
    const std::string email = "user" + std::to_string(i) + "@example.mx";
    return Send("POST", "/v1/sessions", {{"email", email}, {"password", "wrong password"}}, gateway,
                address)
        .status;
  };
  for (int i = 0; i < 51; ++i) EXPECT_EQ(guess(i, "192.0.2.1"), 401) << i;
  EXPECT_EQ(guess(99, "192.0.2.1"), 429);
  EXPECT_EQ(guess(99, "192.0.2.2"), 401) << "others are not held up";
}

TEST_F(IdentityServiceTest, GuessingElsewhereDoesNotLockTheOwnerOut) {
  Register();
  const std::string gateway = Gateway();
  const auto log_in = [&](const std::string& password, const std::string& address) {
    return Send("POST", "/v1/sessions", {{"email", "ana@example.mx"}, {"password", password}},
                gateway, address)
        .status;
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(log_in("wrong password", "192.0.2.1"), 401) << i;
  EXPECT_EQ(log_in("wrong password", "192.0.2.1"), 429);
  EXPECT_EQ(log_in(kPassword, "192.0.2.1"), 429) << "not even the right one from there";
  EXPECT_EQ(log_in(kPassword, "192.0.2.2"), 201) << "the owner is elsewhere";
  EXPECT_EQ(log_in(kPassword, "192.0.2.1"), 429) << "which helps nobody there";
}

TEST_F(IdentityServiceTest, GuessingFromManyAddressesReachesTheAccountsCeiling) {
  Register();
  const std::string gateway = Gateway();
  const auto guess = [&](int i) {
    return Send("POST", "/v1/sessions",
                {{"email", "ana@example.mx"}, {"password", "wrong password"}}, gateway,
                "2001:db8::" + std::to_string(i));
  };
  for (int i = 0; i <= identity::kAccountThrottle.free_failures; ++i)
    ASSERT_EQ(guess(i).status, 401) << i;
  const HttpResponse response = guess(9999);
  EXPECT_EQ(response.status, 429);
  test_.clock.Advance(identity::kAccountThrottle.longest_wait);
  LogIn("ana@example.mx", kPassword);
  EXPECT_EQ(guess(9999).status, 401) << "the owner's success forgets";
}

TEST_F(IdentityServiceTest, StaffsDoorIsForStaff) {
  const json session = Register();
  const auto send = [&](const std::string& target, const json& body, const char* door) {
    HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.body = body.dump();
    request.headers.Set("Authorization", "Bearer " + Gateway());
    if (door != nullptr) request.headers.Set("X-Door", door);
    return service_->api().Handle(request).status;
  };
  const json ana = {{"email", "ana@example.mx"}, {"password", kPassword}};
  EXPECT_EQ(send("/v1/sessions", ana, "staff"), 403);
  EXPECT_EQ(send("/v1/sessions", ana, nullptr), 201);
  const json refresh = {{"refresh_token", session["refresh_token"]}};
  EXPECT_EQ(send("/v1/sessions/refresh", refresh, "staff"), 403);
  EXPECT_EQ(send("/v1/sessions/refresh", refresh, nullptr), 200);
  const json wrong = {{"email", "ana@example.mx"}, {"password", "wrong password"}};
  EXPECT_EQ(send("/v1/sessions", wrong, "staff"), 401) << "a guess learns nothing";
  const json admin = {{"email", "admin@example.mx"}, {"password", "estadio olimpico 2026"}};
  EXPECT_EQ(send("/v1/sessions", admin, "staff"), 201);
}

TEST_F(IdentityServiceTest, RefreshTokensRotate) {
  const std::string gateway = Gateway();
  const json first = Register();
  const json second =
      Post("/v1/sessions/refresh", {{"refresh_token", first["refresh_token"]}}, gateway, 200);
  EXPECT_NE(second["refresh_token"], first["refresh_token"]);
  EXPECT_OK(verifier_->Verify(second["access_token"].get<std::string>()));
  // The answer was lost: the same question gets the same successor.
  const json again =
      Post("/v1/sessions/refresh", {{"refresh_token", first["refresh_token"]}}, gateway, 200);
  EXPECT_EQ(again["refresh_token"], second["refresh_token"]);
}

TEST_F(IdentityServiceTest, StolenRefreshTokenEndsTheSession) {
  const std::string gateway = Gateway();
  const json first = Register();
  const json second =
      Post("/v1/sessions/refresh", {{"refresh_token", first["refresh_token"]}}, gateway, 200);
  test_.clock.Advance(Duration::Seconds(11));
  Post("/v1/sessions/refresh", {{"refresh_token", first["refresh_token"]}}, gateway, 401);
  Post("/v1/sessions/refresh", {{"refresh_token", second["refresh_token"]}}, gateway, 401);
  EXPECT_EQ(test_.metrics.Value("identity_refresh_reuses_total"), 1);
}

TEST_F(IdentityServiceTest, LoggingOutEndsTheSession) {
  const json session = Register();
  EXPECT_EQ(Send("DELETE", "/v1/sessions/current", nullptr, session["access_token"]).status, 204);
  Post("/v1/sessions/refresh", {{"refresh_token", session["refresh_token"]}}, Gateway(), 401);
  EXPECT_EQ(Send("DELETE", "/v1/sessions/current", nullptr, session["access_token"]).status, 204);
}

TEST_F(IdentityServiceTest, TokensExpire) {
  const json session = Register();
  test_.clock.Advance(limits::kAccessTokenLife + limits::kClockSkewMax + Duration::Seconds(1));
  EXPECT_EQ(Send("GET", "/v1/me", nullptr, session["access_token"]).status, 401);
  Post("/v1/sessions/refresh", {{"refresh_token", session["refresh_token"]}}, Gateway(), 200);
  test_.clock.Advance(limits::kRefreshTokenLife);
  ASSERT_OK(service_->Tick());
  Post("/v1/sessions/refresh", {{"refresh_token", session["refresh_token"]}}, Gateway(), 401);
}

TEST_F(IdentityServiceTest, LastMomentOfASessionStillWorks) {
  const json session = Register();
  test_.clock.Advance(limits::kRefreshTokenLife - Duration::Micros(1));
  const json last =
      Post("/v1/sessions/refresh", {{"refresh_token", session["refresh_token"]}}, Gateway(), 200);
  EXPECT_OK(verifier_->Verify(last["access_token"].get<std::string>()));
  test_.clock.Advance(Duration::Micros(1));
  Post("/v1/sessions/refresh", {{"refresh_token", last["refresh_token"]}}, Gateway(), 401);
}

TEST_F(IdentityServiceTest, KeysAndSessionsOutliveTheProcess) {
  const json session = Register();
  const HttpResponse keys = Send("GET", "/.well-known/jwks.json", nullptr, "");
  Start();
  EXPECT_EQ(Send("GET", "/.well-known/jwks.json", nullptr, "").body, keys.body);
  EXPECT_OK(verifier_->Verify(session["access_token"].get<std::string>()));
  Post("/v1/sessions/refresh", {{"refresh_token", session["refresh_token"]}}, Gateway(), 200);
  Admin();  // the first administrator was not made twice
}

TEST_F(IdentityServiceTest, ServicesProveTheSecret) {
  const json body = {{"service", "ticketing-api"}, {"secret", kSecret}};
  const json session = Post("/v1/service-sessions", body, "", 201);
  ASSERT_OK_AND_ASSIGN(const AccessClaims claims,
                       verifier_->Verify(session["access_token"].get<std::string>()));
  EXPECT_EQ(claims.subject, "ticketing-api");
  EXPECT_THAT(claims.roles, ElementsAre(Role::kService));
  Post("/v1/service-sessions", {{"service", "ticketing-api"}, {"secret", "another secret here"}},
       "", 401);
  Post("/v1/service-sessions", {{"service", "acc_0000000000001"}, {"secret", kSecret}}, "", 422);
  ServiceToken token(*client_, test_.clock, "payments-api", kSecret);
  ASSERT_OK_AND_ASSIGN(const std::string bearer, token.Get());
  EXPECT_OK(verifier_->Verify(bearer));
}

TEST_F(IdentityServiceTest, StaffAreMadeByAdministratorsOnly) {
  const json seller = {{"email", "taquilla@example.mx"},
                       {"password", kPassword},
                       {"name", "Taquilla 1"},
                       {"roles", {"gate", "box_office"}}};
  EXPECT_EQ(Send("POST", "/v1/staff", seller, Register()["access_token"]).status, 403);
  EXPECT_EQ(Send("POST", "/v1/staff", seller, Gateway()).status, 403);
  const json made = Post("/v1/staff", seller, Admin(), 201);
  EXPECT_EQ(made["roles"], json::array({"box_office", "gate"}));
  json wrong = seller;
  wrong["roles"] = {"service"};
  Post("/v1/staff", wrong, Admin(), 422);

  const std::string token = LogIn("taquilla@example.mx", kPassword)["access_token"];
  const json found = Get("/v1/accounts?email=ANA%40example.mx", token);
  EXPECT_EQ(found["accounts"].size(), 1u);
  EXPECT_EQ(Get("/v1/accounts/" + found["accounts"][0]["id"].get<std::string>(), token)["name"],
            "Ana");
  EXPECT_EQ(Get("/v1/accounts", token, 422)["errors"][0]["field"], "email");
  Get("/v1/accounts?email=ana@example.mx",
      found.is_null() ? "" : Register("b@example.mx")["access_token"], 403);
}

class DeviceTest : public IdentityServiceTest {
 protected:
  DeviceTest() : key_(*SigningKey::FromSeed(std::string(32, 'd'))) {}

  std::string Pair(const std::string& kind = "handheld") {
    return Post("/v1/pairings", {{"kind", kind}, {"name", "Puerta 4"}}, Admin(), 201)["code"];
  }
  json EnrolBody(const std::string& code, uint64_t id = 42) {
    return {{"pairing_code", code},
            {"public_key", Base64Encode(key_.public_key())},
            {"device_id", DeviceId{id}.ToString()}};
  }
  json ProofBody(Timestamp time, uint64_t id = 42) {
    const std::string text = FormatTimestamp(time);
    return {
        {"device_id", DeviceId{id}.ToString()},
        {"time", text},
        {"signature", Base64Encode(key_.Sign(identity::DeviceProofMessage(DeviceId{id}, text)))}};
  }

  const SigningKey key_;
};

TEST_F(DeviceTest, EnrolsOnceWithACode) {
  const std::string code = Pair();
  const json device = Post("/v1/devices", EnrolBody(code), Gateway(), 201);
  EXPECT_EQ(device["kind"], "handheld");
  EXPECT_EQ(device["name"], "Puerta 4");
  EXPECT_EQ(device["revoked"], false);
  // The answer was lost: the same device may ask again, another may not.
  EXPECT_EQ(Post("/v1/devices", EnrolBody(code), Gateway(), 201), device);
  Post("/v1/devices", EnrolBody(code, 43), Gateway(), 403);
  EXPECT_EQ(Get("/v1/devices", Admin())["devices"].size(), 1u);
  EXPECT_FALSE(test_.log.Contains(code));
}

TEST_F(DeviceTest, CodesExpireAndGuessingIsThrottled) {
  const std::string code = Pair();
  test_.clock.Advance(limits::kPairingCodeLife);
  Post("/v1/devices", EnrolBody(code), Gateway(), 403);
  const std::string fresh = Pair();
  const std::string gateway = Gateway();
  const auto attempt = [&](const std::string& typed, const std::string& address) {
    return Send("POST", "/v1/devices", EnrolBody(typed), gateway, address).status;
  };
  for (int i = 0; i < 6; ++i) EXPECT_EQ(attempt("0000-000" + std::to_string(i), "192.0.2.9"), 403);
  EXPECT_EQ(attempt(fresh, "192.0.2.9"), 429);
  EXPECT_EQ(attempt(fresh, "192.0.2.10"), 201);
}

TEST_F(DeviceTest, NobodyTakesOverAnIdentifier) {
  Post("/v1/devices", EnrolBody(Pair()), Gateway(), 201);
  json other = EnrolBody(Pair());
  other["public_key"] = Base64Encode(SigningKey::FromSeed(std::string(32, 'x'))->public_key());
  Post("/v1/devices", other, Gateway(), 409);
  other["public_key"] = Base64Encode(std::string(32, '\0'));
  Post("/v1/devices", other, Gateway(), 422);
}

TEST_F(DeviceTest, KeyOpensASession) {
  Post("/v1/devices", EnrolBody(Pair()), Gateway(), 201);
  const json proof = ProofBody(test_.clock.Now());
  const json session = Post("/v1/device-sessions", proof, Gateway(), 201);
  ASSERT_OK_AND_ASSIGN(const AccessClaims claims,
                       verifier_->Verify(session["access_token"].get<std::string>()));
  EXPECT_EQ(claims.subject, DeviceId{42}.ToString());
  EXPECT_THAT(claims.roles, ElementsAre(Role::kDevice));
  Post("/v1/device-sessions", proof, Gateway(), 401);  // the same proof again
  Post("/v1/device-sessions", ProofBody(test_.clock.Now(), 43), Gateway(), 401);
}

TEST_F(DeviceTest, RevokedDevicesAreOut) {
  Post("/v1/devices", EnrolBody(Pair()), Gateway(), 201);
  const std::string path = "/v1/devices/" + DeviceId{42}.ToString() + "/revoke";
  EXPECT_EQ(Send("POST", path, nullptr, Gateway()).status, 403);
  EXPECT_EQ(Post(path, nullptr, Admin(), 200)["revoked"], true);
  const json problem = Post("/v1/device-sessions", ProofBody(test_.clock.Now()), Gateway(), 403);
  EXPECT_EQ(problem["code"], "device-revoked");
  Post("/v1/devices", EnrolBody(Pair()), Gateway(), 403);
  Post("/v1/devices/" + DeviceId{99}.ToString() + "/revoke", nullptr, Admin(), 404);
}

TEST_F(DeviceTest, OnlyBastionsRelay) {
  Post("/v1/devices", EnrolBody(Pair("bastion")), Gateway(), 201);
  const std::string bastion =
      Post("/v1/device-sessions", ProofBody(test_.clock.Now()), Gateway(), 201)["access_token"];
  const json handheld = {
      {"device_id", DeviceId{50}.ToString()},
      {"public_key", Base64Encode(SigningKey::FromSeed(std::string(32, 'h'))->public_key())},
      {"name", "Lector 7"}};
  const json relayed = Post("/v1/devices/relay", handheld, bastion, 200);
  EXPECT_EQ(relayed["kind"], "handheld");
  EXPECT_EQ(relayed["enrolled_by"], DeviceId{42}.ToString());
  EXPECT_EQ(Post("/v1/devices/relay", handheld, bastion, 200), relayed);
  EXPECT_EQ(Send("POST", "/v1/devices/relay", handheld, Admin()).status, 403);

  Post("/v1/devices", EnrolBody(Pair("handheld"), 44), Gateway(), 201);
  const std::string lone =
      Post("/v1/device-sessions", ProofBody(test_.clock.Now(), 44), Gateway(), 201)["access_token"];
  EXPECT_EQ(Send("POST", "/v1/devices/relay", handheld, lone).status, 403);

  // Who was shut out at the bastion: handhelds only, and only by a bastion in good standing.
  const auto revocation = [](uint64_t id) {
    return "/v1/devices/" + DeviceId{id}.ToString() + "/relay-revocation";
  };
  EXPECT_EQ(Send("POST", revocation(50), nullptr, lone).status, 403);
  EXPECT_EQ(Send("POST", revocation(50), nullptr, Admin()).status, 403);
  EXPECT_EQ(Send("POST", revocation(42), nullptr, bastion).status, 403);
  EXPECT_EQ(Send("POST", revocation(99), nullptr, bastion).status, 404);
  EXPECT_EQ(Post(revocation(50), nullptr, bastion, 200)["revoked"], true);
  EXPECT_EQ(Post(revocation(50), nullptr, bastion, 200)["revoked"], true);
  Post("/v1/devices/" + DeviceId{42}.ToString() + "/revoke", nullptr, Admin(), 200);
  EXPECT_EQ(Send("POST", revocation(44), nullptr, bastion).status, 403);
}

TEST(IdentityOptionsTest, MustMakeSense) {
  TestEnv test;
  SqliteDatabaseFactory factory({});
  EXPECT_FALSE(IdentityService::Open(test.env(), factory, {.service_secret = "short"}).ok());
  EXPECT_FALSE(IdentityService::Open(test.env(), factory, {.hashes_at_once = 0}).ok());
  EXPECT_FALSE(IdentityService::Open(test.env(), factory, {.admin_email = "nobody"}).ok());
  EXPECT_FALSE(IdentityService::Open(test.env(), factory,
                                     {.admin_email = "a@b.mx", .admin_password = "short"})
                   .ok());
}

// Two modules name the roles, because neither may see the other.
TEST(RolesTest, AreNamedAlike) {
  for (const Role role : {Role::kCustomer, Role::kBoxOffice, Role::kGate, Role::kAdmin,
                          Role::kDevice, Role::kService}) {
    EXPECT_TRUE(identity::RoleOfName(ToString(role))) << ToString(role);
  }
}

TEST(HashGateTest, BoundsWhatRunsAndWhatWaits) {
  identity::HashGate gate(1, 1);
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false;
  bool leave = false;
  std::thread first([&] {
    EXPECT_OK(gate.Run([&]() -> Status {
      std::unique_lock lock(mutex);
      inside = true;
      changed.notify_all();
      changed.wait(lock, [&] { return leave; });
      return OkStatus();
    }));
  });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside; });
  }
  // One may wait; which of these two it is does not matter, the other is refused at once.
  std::atomic<int> refused = 0;
  const auto other = [&] {
    const Status status = gate.Run([] { return OkStatus(); });
    if (CodeOf(status) == ErrorCode::kRateLimited) {
      ++refused;
      const std::lock_guard lock(mutex);
      leave = true;
      changed.notify_all();
    }
  };
  std::thread second(other);
  std::thread third(other);
  first.join();
  second.join();
  third.join();
  EXPECT_EQ(refused, 1);
}

}  // namespace
}  // namespace ticketing
