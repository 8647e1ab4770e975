// What this service keeps in memory of events and charts is bounded, and nobody notices.
#include <atomic>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "lib/service/seatsio/lru.h"
#include "lib/service/seatsio/memo.h"
#include "ticketing/base/bytes.h"
#include "ticketing/service/seatsio/seatsio_service.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using Json = nlohmann::json;

// --- The cache itself

TEST(LruTest, WhatWasUsedLongestAgoGoesFirst) {
  seatsio::Lru<int, int> cache(2);
  for (const int key : {1, 2}) cache.Keep(key, std::make_shared<int>(key));
  ASSERT_NE(cache.Find(1), nullptr);  // now 2 is the oldest
  cache.Keep(3, std::make_shared<int>(3));
  EXPECT_EQ(cache.Find(2), nullptr);
  EXPECT_EQ(*cache.Find(1), 1);
  EXPECT_EQ(*cache.Find(3), 3);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_TRUE(cache.trimmed());
}

TEST(LruTest, WhatSomebodyUsesStays) {
  seatsio::Lru<int, int> cache(2);
  const std::shared_ptr<int> used = cache.Keep(1, std::make_shared<int>(1));
  for (int key = 2; key < 50; ++key) cache.Keep(key, std::make_shared<int>(key));
  EXPECT_EQ(cache.Find(1), used);
  EXPECT_EQ(cache.size(), 2u);
  std::vector<std::shared_ptr<int>> all;
  for (int key = 50; key < 60; ++key) all.push_back(cache.Keep(key, std::make_shared<int>(key)));
  EXPECT_EQ(cache.size(), 11u) << "more than the limit while all are in use";
  all.clear();
  cache.Keep(99, std::make_shared<int>(99));
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.Find(1), used);
}

TEST(LruTest, TheFirstOfTwoThatWereMadeAtOnceIsTheOne) {
  seatsio::Lru<int, int> cache(2);
  const std::shared_ptr<int> first = cache.Keep(1, std::make_shared<int>(1));
  EXPECT_EQ(cache.Keep(1, std::make_shared<int>(2)), first);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(MemoTest, RemembersSoManyAndNotWhatIsTooOld) {
  TestEnv env;
  const seatsio::Setup setup(env.clock);
  seatsio::Memo<int> memo(setup, 4);
  const auto keep = [&](const std::string& name) { memo.Keep(name, setup.Now(), 1); };
  for (const char* name : {"a", "b", "c"}) keep(name);
  env.clock.Advance(Duration::Seconds(2));
  for (const char* name : {"d", "e"}) keep(name);  // the second finds it full of what is old
  EXPECT_EQ(memo.Find("a"), nullptr);
  EXPECT_NE(memo.Find("d"), nullptr);
  EXPECT_NE(memo.Find("e"), nullptr);
}

// --- The service with room for two events and one chart

class CacheTest : public ::testing::Test {
 protected:
  static constexpr int kEvents = 6;

  void SetUp() override {
    Open();
    const HttpResponse made =
        Call("superSecretSystemApi", "POST", "/system/private/create-test-company");
    ASSERT_EQ(made.status, 200) << made.body;
    key_ = Json::parse(made.body)["admin"]["secretKey"];
    std::ifstream file(std::string(TICKETING_SOURCE_DIR) + "/tests/seatsio/charts/simple.json");
    std::stringstream text;
    text << file.rdbuf();
    for (int i = 0; i < kEvents; ++i) {
      Json drawing = Json::parse(text.str());
      drawing["name"] = "chart " + std::to_string(i);  // another drawing
      const std::string chart = "chart" + std::to_string(i);
      ASSERT_EQ(Call(key_, "POST", "/system/public/charts/" + chart, drawing.dump()).status, 201);
      ASSERT_EQ(Post("/events", {{"chartKey", chart}, {"eventKey", Event(i)}}).status, 201);
    }
  }

  void Open() {
    service_.reset();
    SeatsioOptions options;
    options.test_mode = true;
    options.lanes_max = 2;
    options.charts_max = 1;
    auto service = SeatsioService::Open(env_.env(), databases_, options);
    ASSERT_OK(service);
    service_ = *std::move(service);
  }
  static std::string Event(int i) { return "event" + std::to_string(i); }
  HttpResponse Call(const std::string& user, std::string method, std::string target,
                    std::string body = "") {
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers.Set("Authorization", "Basic " + Base64Encode(user + ":"));
    return service_->api().Handle(request);
  }
  HttpResponse Post(std::string target, const Json& body) {
    return Call(key_, "POST", std::move(target), body.dump());
  }
  int Change(int event, const std::string& status, const std::string& label,
             Json more = Json::object()) {
    more["events"] = {Event(event)};
    more["status"] = status;
    more["objects"] = Json::array({{{"objectId", label}}});
    return Post("/events/groups/actions/change-object-status", more).status;
  }
  std::string StatusOf(int event, const std::string& label) {
    const HttpResponse got =
        Call(key_, "GET", "/events/" + Event(event) + "/objects?label=" + label);
    EXPECT_EQ(got.status, 200) << got.body;
    return Json::parse(got.body)[label]["status"];
  }

  TestEnv env_;
  TempDir folder_;
  SqliteDatabaseFactory databases_{SqliteOptions{.data_dir = folder_.path()}};
  std::unique_ptr<SeatsioService> service_;
  std::string key_;
};

TEST_F(CacheTest, MoreEventsThanFitAreSoldAndStayInBounds) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kEvents; ++i) {
      const std::string label = "A-" + std::to_string(round + 1);
      EXPECT_EQ(Change(i, "booked", label), 200);
      EXPECT_EQ(Change(i, "booked", label), 400);
      EXPECT_LE(service_->InMemory().lanes, 2u);
    }
  }
  for (int i = 0; i < kEvents; ++i) EXPECT_EQ(StatusOf(i, "A-3"), "booked");
  // What requests remember of an event for a second has its chart with it; then it goes.
  env_.clock.Advance(Duration::Seconds(2));
  for (int i = 0; i < kEvents; ++i) EXPECT_EQ(StatusOf(i, "A-4"), "free");
  EXPECT_LE(service_->InMemory().lanes, 2u);
}

TEST_F(CacheTest, ManyAtOnceOverMoreEventsThanFitSellEachSeatOnce) {
  std::atomic<int> sold = 0;
  std::vector<std::thread> buyers;
  for (int t = 0; t < 4; ++t) {
    buyers.emplace_back([&] {
      for (int seat = 1; seat <= 8; ++seat) {
        for (int i = 0; i < kEvents; ++i) {
          const int status = Change(i, "booked", "B-" + std::to_string(seat));
          EXPECT_TRUE(status == 200 || status == 400) << status;
          if (status == 200) ++sold;
        }
      }
    });
  }
  for (std::thread& buyer : buyers) buyer.join();
  EXPECT_EQ(sold, 8 * kEvents);
  EXPECT_LE(service_->InMemory().lanes, 2u + 4u);
}

TEST_F(CacheTest, AHoldEndsInItsTimeAlsoWhenItsEventIsNotInMemory) {
  const std::string token =
      Json::parse(Post("/hold-tokens", {{"expiresInMinutes", 10}}).body)["holdToken"];
  ASSERT_EQ(Change(0, "reservedByToken", "A-1", {{"holdToken", token}}), 200);
  EXPECT_OK(service_->Tick());
  for (int i = 1; i < kEvents; ++i) ASSERT_EQ(Change(i, "booked", "A-1"), 200);
  env_.clock.Advance(Duration::Minutes(10) + Duration::Seconds(1));
  const Timestamp swept = env_.clock.Now();
  EXPECT_OK(service_->Tick());
  env_.clock.Advance(Duration::Hours(1));
  const Json changes =
      Json::parse(Call(key_, "GET", "/events/event0/status-changes?limit=1").body)["items"][0];
  EXPECT_EQ(changes["origin"]["type"], "HOLD_EXPIRED");
  EXPECT_EQ(changes["date"], FormatTimestamp(swept)) << "not when somebody looked";
  EXPECT_EQ(StatusOf(0, "A-1"), "free");
  EXPECT_LE(service_->InMemory().lanes, 2u);
}

}  // namespace
}  // namespace ticketing
