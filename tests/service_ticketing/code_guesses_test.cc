// Wrong access codes cost tries, and only those of who sends them.
#include "lib/service/ticketing/code_guesses.h"

#include "tests/service_ticketing/world.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;

constexpr int kTries = 10;

class CodeGuessesTest : public ::testing::Test {
 protected:
  CodeGuessesTest() {
    world_.MakeEvent();
    event_ = world_.event_id;
    SetRules(event_);
  }

  void SetRules(const std::string& event) {
    const HttpResponse set = world_.Send(
        "PUT", "/v1/events/" + event + "/sale-rules", world_.admin,
        R"({"allow_single_seats":true,"channels":[{"key":"presale","access_codes":["FANS2026"],
            "objects":["N-A-1","N-A-2","N-A-3","N-A-4","N-A-5"]}]})");
    EXPECT_EQ(set.status, 200) << set.body;
  }
  static std::string Body(int seat, const std::string& code) {
    return R"({"objects":[{"label":"N-A-)" + std::to_string(seat) + R"("}],"access_codes":[")" +
           code + "\"]}";
  }
  HttpResponse Send(const std::string& path, const std::string& token, const std::string& address,
                    std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.target = path;
    request.headers.Set("Authorization", "Bearer " + token);
    request.headers.Set("Idempotency-Key", "k" + std::to_string(++keys_));
    request.headers.Set("Content-Type", "application/json");
    if (!address.empty()) request.headers.Set("X-Client-Address", address);
    request.body = std::move(body);
    return world_.service->api().Handle(request);
  }
  HttpResponse Try(int seat, const std::string& code, const std::string& token,
                   const std::string& address = "") {
    return Send("/v1/events/" + event_ + "/holds", token, address, Body(seat, code));
  }
  // Tries wrong codes until the service has enough of it: how many it looked at.
  int GuessAll(const std::string& token, const std::string& address = "") {
    for (int i = 0; i < 200; ++i) {
      if (Try(1, "WRONG" + std::to_string(i), token, address).status == 429) return i;
    }
    return 200;
  }

  World world_;
  std::string event_;
  int keys_ = 0;
};

TEST_F(CodeGuessesTest, AGuesserIsStoppedAndToldWhatToDo) {
  EXPECT_EQ(GuessAll(world_.customer), kTries);
  const HttpResponse refused = Try(1, "WRONG", world_.customer);
  EXPECT_EQ(ProblemOf(refused).code(), "rate-limited");
  EXPECT_EQ(refused.headers.Get("Retry-After"), "60");
  EXPECT_THAT(ProblemOf(refused).detail(), HasSubstr("Wait, then try again"));
  // Not even a right one is told from a wrong one now.
  EXPECT_EQ(Try(1, "FANS2026", world_.customer).status, 429);
  // Without a code he buys as everybody.
  EXPECT_EQ(Send("/v1/events/" + event_ + "/holds", world_.customer, "",
                 R"({"objects":[{"label":"N-B-1"}]})")
                .status,
            201);
  world_.env.clock.Advance(Duration::Minutes(1));
  EXPECT_EQ(Try(1, "FANS2026", world_.customer).status, 201);
  EXPECT_EQ(Try(2, "WRONG", world_.customer).status, 422) << "the one try of that minute";
  EXPECT_EQ(Try(2, "WRONG", world_.customer).status, 429);
}

TEST_F(CodeGuessesTest, OthersAreNotSlowed) {
  EXPECT_EQ(GuessAll(world_.visitor, "192.0.2.7"), kTries);
  EXPECT_EQ(Try(1, "FANS2026", world_.visitor, "192.0.2.7").status, 429);
  EXPECT_EQ(Try(1, "FANS2026", world_.visitor, "192.0.2.8").status, 201) << "another address";
  EXPECT_EQ(Try(2, "FANS2026", world_.customer, "192.0.2.7").status, 201) << "an account there";
  EXPECT_THAT(ProblemOf(Try(1, "WRONG", world_.visitor, "192.0.2.7")).detail(),
              HasSubstr("log in"));
  EXPECT_EQ(GuessAll(world_.customer, "192.0.2.7"), kTries);
  EXPECT_EQ(Try(3, "FANS2026", world_.stranger, "192.0.2.7").status, 201);
  // The window types in what buyers read out, all day.
  EXPECT_EQ(GuessAll(world_.box_office, "192.0.2.7"), 200);
}

TEST_F(CodeGuessesTest, RightCodesCostNothing) {
  for (int i = 0; i < 3 * kTries; ++i) {
    const HttpResponse held = Try(1, "FANS2026", world_.customer);
    ASSERT_EQ(held.status, 201) << i << held.body;
    ASSERT_EQ(
        world_.Send("DELETE", "/v1/holds/" + Parse<v1::Hold>(held).id(), world_.customer).status,
        204);
  }
  // Nor does a seat that is taken, which only a right code hears of.
  ASSERT_EQ(Try(1, "FANS2026", world_.stranger).status, 201);
  for (int i = 0; i < 3 * kTries; ++i)
    ASSERT_EQ(Try(1, "FANS2026", world_.customer).status, 409) << i;
}

TEST_F(CodeGuessesTest, HoldsOfSeveralEventsCountByTheEvent) {
  const std::string other = world_.MakeFreeEvent();
  SetRules(other);
  const auto together = [&](const std::string& first, const std::string& second) {
    return Send("/v1/holds", world_.customer, "",
                R"({"events":[{"event_id":")" + event_ + R"(","hold":)" + Body(1, first) +
                    R"(},{"event_id":")" + other + R"(","hold":)" + Body(1, second) + "}]}")
        .status;
  };
  for (int i = 0; i < kTries; ++i) ASSERT_EQ(together("FANS2026", "WRONG"), 422);
  EXPECT_EQ(together("FANS2026", "FANS2026"), 429);
  EXPECT_EQ(Try(1, "FANS2026", world_.customer).status, 201) << "the event whose code was right";
}

TEST_F(CodeGuessesTest, ManyAccountsOfOneNetworkShareAWiderLimit) {
  int tries = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string token = world_.identity.Token(
        AccountId{1000 + static_cast<uint64_t>(i)}.ToString(), {Role::kCustomer});
    tries += GuessAll(token, "2001:db8:0:7::" + std::to_string(i + 1));
  }
  EXPECT_EQ(tries, 100);
  EXPECT_EQ(Try(1, "FANS2026", world_.customer, "2001:db8:0:8::1").status, 201);
}

TEST(NetworkOfTest, IsAnIpv4AddressOrTheFirstHalfOfAnIpv6One) {
  EXPECT_EQ(NetworkOf("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(NetworkOf("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(NetworkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(NetworkOf("2001:db8:1:2::"), NetworkOf("2001:db8:1:2:ffff::1"));
  EXPECT_NE(NetworkOf("2001:db8:1:3::1"), NetworkOf("2001:db8:1:2::1"));
  EXPECT_EQ(NetworkOf("2001:db8::1"), NetworkOf("2001:db8:0:0:9::"));
  EXPECT_EQ(NetworkOf("::1"), "0:0:0:0::/64");
  for (const char* odd :
       {"", ":", ":::", "a::b::c", "1:2:3:4:5:6:7:8:9:a:b", "::1:2:3:4:5:6:7:8:9"})
    EXPECT_LE(NetworkOf(odd).size(), 64u) << odd;
}

}  // namespace
}  // namespace ticketing
