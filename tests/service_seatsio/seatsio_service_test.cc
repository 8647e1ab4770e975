// Goal: what needs a clock that obeys, a second process, or a damaged request, and is cheaper to
// try without sockets than with the client in tests/seatsio. Method: the service in this process,
// on files, called as the server calls it.
#include "ticketing/service/seatsio/seatsio_service.h"

#include <atomic>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <utility>

#include "ticketing/base/bytes.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using Json = nlohmann::json;

// A database that lets something happen between what a request read and what it writes.
class HookedDatabase final : public Database {
 public:
  HookedDatabase(std::unique_ptr<Database> inner, std::function<void()>& hook)
      : inner_(std::move(inner)), hook_(hook) {}

  Status Read(const SqlFunction& fn) override { return inner_->Read(fn); }
  Status Write(const SqlFunction& fn) override { return inner_->Write(fn); }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
    if (const auto hook = std::exchange(hook_, nullptr)) hook();
    inner_->WriteAsync(std::move(fn), std::move(done));
  }

 private:
  std::unique_ptr<Database> inner_;
  std::function<void()>& hook_;
};

class HookedFactory final : public DatabaseFactory {
 public:
  HookedFactory(DatabaseFactory& inner, std::function<void()>& hook) : inner_(inner), hook_(hook) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, inner_.Open(name, schema));
    return std::unique_ptr<Database>(std::make_unique<HookedDatabase>(std::move(database), hook_));
  }

 private:
  DatabaseFactory& inner_;
  std::function<void()>& hook_;
};

class SeatsioTest : public ::testing::Test {
 protected:
  void SetUp() override {
    one_ = Open();
    const HttpResponse made =
        Call(*one_, "superSecretSystemApi", "POST", "/system/private/create-test-company");
    ASSERT_EQ(made.status, 200) << made.body;
    key_ = Json::parse(made.body)["admin"]["secretKey"];
    std::ifstream file(std::string(TICKETING_SOURCE_DIR) + "/tests/seatsio/charts/simple.json");
    std::stringstream chart;
    chart << file.rdbuf();
    ASSERT_EQ(Call(*one_, key_, "POST", "/system/public/charts/chart", chart.str()).status, 201);
    ASSERT_EQ(Post("/events", {{"chartKey", "chart"}, {"eventKey", "event"}}).status, 201);
  }

  std::unique_ptr<SeatsioService> Open() {
    SqliteDatabaseFactory sqlite({.data_dir = folder_.path()});
    HookedFactory databases(sqlite, before_lane_write_);
    SeatsioOptions options;
    options.test_mode = true;
    auto service = SeatsioService::Open(env_.env(), databases, options);
    EXPECT_OK(service);
    return *std::move(service);
  }

  static HttpResponse Call(SeatsioService& service, const std::string& user, std::string method,
                           std::string target, std::string body = "") {
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers.Set("Authorization", "Basic " + Base64Encode(user + ":"));
    return service.api().Handle(request);
  }
  HttpResponse Post(std::string target, const Json& body) {
    return Call(*one_, key_, "POST", std::move(target), body.dump());
  }
  HttpResponse Change(SeatsioService& service, const std::string& status, const Json& objects,
                      Json more = Json::object()) {
    more["events"] = {"event"};
    more["status"] = status;
    more["objects"] = objects;
    return Call(service, key_, "POST", "/events/groups/actions/change-object-status", more.dump());
  }
  static Json Seat(const std::string& label) { return Json::array({{{"objectId", label}}}); }

  std::string NewToken(int minutes) {
    const HttpResponse made = Post("/hold-tokens", {{"expiresInMinutes", minutes}});
    EXPECT_EQ(made.status, 201) << made.body;
    return Json::parse(made.body)["holdToken"];
  }
  Json Info(SeatsioService& service, const std::string& label) {
    const HttpResponse got = Call(service, key_, "GET", "/events/event/objects?label=" + label);
    EXPECT_EQ(got.status, 200) << got.body;
    return Json::parse(got.body)[label];
  }
  std::string StatusOfSeat(const std::string& label) { return Info(*one_, label)["status"]; }

  TestEnv env_;
  TempDir folder_;
  std::function<void()> before_lane_write_;  // runs once, on the thread of the request
  std::unique_ptr<SeatsioService> one_;
  std::string key_;
};

TEST_F(SeatsioTest, OnlyDrawingsMayBeLong) {
  const auto send = [&](const std::string& target, size_t bytes) {
    return Call(*one_, key_, "POST", target, std::string(bytes, ' ')).status;
  };
  for (const char* const target :
       {"/events", "/hold-tokens", "/charts", "/events/groups/actions/change-object-status"}) {
    EXPECT_EQ(send(target, (1 << 20) + 1), 413) << target;
    EXPECT_NE(send(target, 1 << 20), 413) << target;
  }
  EXPECT_EQ(send("/charts/actions/import", (1 << 20) + 1), 400) << "too long for others, not here";
  EXPECT_EQ(send("/charts/actions/import", (64 << 20) + 1), 413);
  // Who has no key is not told what is too long.
  EXPECT_EQ(Call(*one_, "nobody", "POST", "/events", std::string(2 << 20, ' ')).status, 401);
}

// Strangers reach this door, and what it counts is not for them.
TEST_F(SeatsioTest, OnlyItsOwnMachineReadsMetrics) {
  const auto ask = [&](const std::string& from, const std::string& passed_on_for) {
    HttpRequest request;
    request.target = "/metrics";
    request.remote_address = from;
    if (!passed_on_for.empty()) request.headers.Set("X-Forwarded-For", passed_on_for);
    return one_->api().Handle(request);
  };
  for (const char* here : {"127.0.0.1", "::1"}) {
    EXPECT_EQ(ask(here, "").status, 200) << here;
    EXPECT_NE(ask(here, "").body.find("http_requests_total"), std::string::npos) << here;
  }
  for (const char* stranger : {"10.0.0.9", "2001:db8::1"}) {
    EXPECT_EQ(ask(stranger, "").status, 404) << stranger;
    EXPECT_EQ(ask(stranger, "").body.find("http_requests_total"), std::string::npos) << stranger;
  }
  EXPECT_EQ(ask("127.0.0.1", "10.0.0.9").status, 404) << "a proxy speaks for others";
}

TEST_F(SeatsioTest, TimeFreesWhatIsHeldAndNothingElse) {
  const std::string token = NewToken(10);
  ASSERT_EQ(Change(*one_, "reservedByToken",
                   Json::array({{{"objectId", "A-1"}},
                                {{"objectId", "A-2"}},
                                {{"objectId", "GA1"}, {"quantity", 5}}}),
                   {{"holdToken", token}})
                .status,
            200);
  ASSERT_EQ(Change(*one_, "booked", Seat("A-1"), {{"holdToken", token}}).status, 200);
  env_.clock.Advance(Duration::Minutes(10));
  // Over at once, whether or not anybody has cleaned up.
  EXPECT_EQ(Change(*one_, "booked", Seat("A-2"), {{"holdToken", token}}).status, 400);
  EXPECT_EQ(Call(*one_, key_, "GET", "/hold-tokens/" + token).status, 404);
  EXPECT_OK(one_->Tick());
  EXPECT_EQ(StatusOfSeat("A-1"), "booked");
  EXPECT_EQ(StatusOfSeat("A-2"), "free");
  EXPECT_EQ(Info(*one_, "GA1")["numFree"], 100);
  const Json changes =
      Json::parse(Call(*one_, key_, "GET", "/events/event/status-changes?limit=1").body);
  EXPECT_EQ(changes["items"][0]["origin"]["type"], "HOLD_EXPIRED");
  EXPECT_EQ(Change(*one_, "booked", Seat("A-2")).status, 200);
}

TEST_F(SeatsioTest, AnExtensionReachesTheSeatsAndEndsAtTwoHours) {
  const std::string token = NewToken(10);
  ASSERT_EQ(Change(*one_, "reservedByToken", Seat("A-1"), {{"holdToken", token}}).status, 200);
  env_.clock.Advance(Duration::Minutes(9));
  ASSERT_EQ(Post("/hold-tokens/" + token, {{"expiresInMinutes", 110}}).status, 200);
  env_.clock.Advance(Duration::Minutes(60));
  EXPECT_OK(one_->Tick());
  EXPECT_EQ(StatusOfSeat("A-1"), "reservedByToken");
  ASSERT_EQ(Post("/hold-tokens/" + token, {{"expiresInMinutes", 120}}).status, 200);
  env_.clock.Advance(Duration::Minutes(51));  // two hours since it was made
  EXPECT_OK(one_->Tick());
  EXPECT_EQ(StatusOfSeat("A-1"), "free");
}

TEST_F(SeatsioTest, ATokenThatEndsWhileSomethingIsHeldWithItHoldsNothing) {
  const std::unique_ptr<SeatsioService> two = Open();
  const std::string token = NewToken(30);
  before_lane_write_ = [&] {
    EXPECT_EQ(
        Call(*two, key_, "POST", "/hold-tokens/" + token, R"({"expiresInMinutes": 0})").status,
        200);
  };
  EXPECT_EQ(Change(*one_, "reservedByToken", Seat("A-1"), {{"holdToken", token}}).status, 400);
  EXPECT_EQ(StatusOfSeat("A-1"), "free");
}

TEST_F(SeatsioTest, ATokenThatIsExtendedWhileSomethingIsHeldWithItHoldsUntilItsNewEnd) {
  const std::unique_ptr<SeatsioService> two = Open();
  const std::string token = NewToken(10);
  before_lane_write_ = [&] {
    EXPECT_EQ(
        Call(*two, key_, "POST", "/hold-tokens/" + token, R"({"expiresInMinutes": 60})").status,
        200);
  };
  EXPECT_EQ(Change(*one_, "reservedByToken", Seat("A-1"), {{"holdToken", token}}).status, 200);
  env_.clock.Advance(Duration::Minutes(30));
  EXPECT_OK(one_->Tick());
  EXPECT_EQ(StatusOfSeat("A-1"), "reservedByToken");
}

TEST_F(SeatsioTest, AServiceThatStartsLaterFreesWhatRanOutMeanwhile) {
  const std::string token = NewToken(10);
  ASSERT_EQ(Change(*one_, "reservedByToken", Seat("A-1"), {{"holdToken", token}}).status, 200);
  one_.reset();
  env_.clock.Advance(Duration::Minutes(11));
  one_ = Open();
  EXPECT_OK(one_->Tick());
  EXPECT_EQ(StatusOfSeat("A-1"), "free");
}

TEST_F(SeatsioTest, TwoProcessesOnOneDatabaseSellEachSeatOnce) {
  const std::unique_ptr<SeatsioService> two = Open();
  std::atomic<int> sold = 0, refused = 0;
  const auto sell = [&](SeatsioService& service) {
    for (const char row : {'A', 'B', 'C', 'D'}) {
      for (int seat = 1; seat <= 8; ++seat) {
        const std::string label = std::string(1, row) + "-" + std::to_string(seat);
        const int status = Change(service, "booked", Seat(label)).status;
        ++(status == 200 ? sold : refused);
        EXPECT_TRUE(status == 200 || status == 400) << status;
      }
    }
  };
  std::thread other([&] { sell(*two); });
  sell(*one_);
  other.join();
  EXPECT_EQ(sold, 32);
  EXPECT_EQ(refused, 32);
  const Json page = Json::parse(Call(*one_, key_, "GET", "/events/event/status-changes").body);
  EXPECT_EQ(page["items"].size(), 32u);
}

TEST_F(SeatsioTest, DamagedRequestsAreRefusedAndChangeNothing) {
  for (const Json& objects :
       {Json(), Json(5), Json::array(), Json::array({5}), Json::array({Json::object()}),
        Json::array({{{"objectId", 5}}}), Json::array({{{"objectId", "A-1"}, {"quantity", 0}}}),
        Json::array({{{"objectId", "A-1"}, {"quantity", 2}}}),
        Json::array({{{"objectId", "A-1"}, {"quantity", 1.5}}}),
        Json::array({{{"objectId", "A-1"}, {"extraData", 5}}}),
        Json::array({{{"objectId", "A-1"}}, {{"objectId", "A-1"}}}),
        Json::array({{{"objectId", "A-1"}}, {{"objectId", "nowhere"}}}),
        Json::array({{{"objectId", "A-1"}, {"ticketType", std::string(1000, 'x')}}}),
        Json::array({{{"objectId", "GA1"}, {"quantity", 9'000'000'000'000'000'000}}})}) {
    EXPECT_EQ(Change(*one_, "booked", objects).status, 400) << objects;
  }
  for (const std::string& status : {std::string(), std::string(1000, 'x'), std::string("a\nb")})
    EXPECT_EQ(Change(*one_, status, Seat("A-1")).status, 400) << status;
  EXPECT_EQ(StatusOfSeat("A-1"), "free");
}

TEST_F(SeatsioTest, SecretsAreNotLogged) {
  EXPECT_EQ(Call(*one_, "a-wrong-secret-key", "GET", "/events").status, 401);
  EXPECT_EQ(Call(*one_, key_, "GET", "/accounts/me").status, 200);
  EXPECT_FALSE(env_.log.Contains(key_));
  EXPECT_FALSE(env_.log.Contains("a-wrong-secret-key"));
}

TEST(SeatsioFirstStartTest, TheFirstWorkspaceIsMadeOnceAndItsKeysAreKeptUntilDelivered) {
  TestEnv env;
  const TempDir folder;
  SqliteDatabaseFactory databases({.data_dir = folder.path()});
  std::string secret;
  for (int start = 0; start < 2; ++start) {
    ASSERT_OK_AND_ASSIGN(const auto service, SeatsioService::Open(env.env(), databases));
    ASSERT_OK_AND_ASSIGN(const std::optional<SeatsioKeys> keys, service->UndeliveredKeys());
    ASSERT_TRUE(keys);
    if (start == 1) EXPECT_EQ(keys->workspace_secret_key, secret);
    secret = keys->workspace_secret_key;
  }
  ASSERT_OK_AND_ASSIGN(const auto service, SeatsioService::Open(env.env(), databases));
  EXPECT_OK(service->KeysDelivered());
  ASSERT_OK_AND_ASSIGN(const std::optional<SeatsioKeys> none, service->UndeliveredKeys());
  EXPECT_FALSE(none);
}

}  // namespace
}  // namespace ticketing
