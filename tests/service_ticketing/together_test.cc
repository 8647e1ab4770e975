// Several events under one hold and one order: all of it or nothing.
#include "tests/service_ticketing/season_world.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct TogetherWorld : SeasonWorld {
  // The single event and a match of the season: two lanes.
  std::string Body(const std::string& one, const std::string& two) {
    return R"({"events":[{"event_id":")" + event_id + R"(","hold":{"objects":[{"label":")" + one +
           R"("}]}},{"event_id":")" + matches[0] + R"(","hold":{"objects":[{"label":")" + two +
           R"("}]}}]})";
  }
  HttpResponse HoldBoth(const std::string& one, const std::string& two, const std::string& key) {
    return Send("POST", "/v1/holds", visitor, Body(one, two), key);
  }
};

TEST(TogetherTest, OneHoldOneOrderSeveralEvents) {
  TogetherWorld world;
  const HttpResponse held = world.HoldBoth("N-A-1", "N-B-1", "k");
  ASSERT_EQ(held.status, 201) << held.body;
  const auto hold = Parse<v1::Hold>(held);
  ASSERT_EQ(hold.objects_size(), 2);
  EXPECT_EQ(hold.objects(0).event_id(), world.event_id);
  EXPECT_EQ(hold.objects(1).event_id(), world.matches[0]);
  EXPECT_EQ(hold.quote().total().minor(), 55000 + 11000);
  EXPECT_EQ(world.HoldOf(world.season, {"N-B-1"}, "x").status, 409);
  const HttpResponse shown = world.Send("GET", "/v1/holds/" + hold.id(), world.visitor);
  EXPECT_EQ(Parse<v1::Hold>(shown).objects_size(), 2);
  EXPECT_EQ(
      world.Send("GET", "/v1/events/" + world.matches[1] + "/holds/" + hold.id(), world.visitor)
          .status,
      404);
  const auto order = Parse<v1::Order>(world.OrderOf(hold.id(), "k"));
  const HttpResponse paid = world.Pay(order.id(), "pm_ok", "k");
  ASSERT_EQ(paid.status, 200) << paid.body;
  const auto done = Parse<v1::Order>(paid);
  ASSERT_EQ(done.tickets_size(), 2);
  EXPECT_EQ(done.tickets(0).event_id(), world.event_id) << "the earlier one first";
  EXPECT_EQ(done.tickets(1).event_id(), world.matches[0]);
  EXPECT_EQ(world.Copy(world.matches[0]).count("N-B-1"), 1u);
  EXPECT_EQ(world.Copy(world.event_id).count("N-A-1"), 1u);
  world.SettleAll();
  world.AuditSeason();
  // And back: both are free, both gates know.
  ASSERT_EQ(world.Post("/v1/orders/" + order.id() + "/refund", "", "r").status, 200);
  world.SettleAll();
  world.AuditSeason();
  EXPECT_EQ(world.HoldBoth("N-A-1", "N-B-1", "again").status, 201);
}

TEST(TogetherTest, WhenOneIsRefusedNothingIsHeld) {
  TogetherWorld world;
  ASSERT_EQ(world.HoldOf(world.matches[0], {"N-B-1"}, "first").status, 201);
  const int64_t before = world.Free(world.event_id);
  const HttpResponse refused = world.HoldBoth("N-A-1", "N-B-1", "k");
  EXPECT_EQ(refused.status, 409);
  const v1::Problem problem = ProblemOf(refused);
  EXPECT_THAT(std::vector<std::string>(problem.objects().begin(), problem.objects().end()),
              ElementsAre("N-B-1"));
  EXPECT_EQ(world.Free(world.event_id), before);
  EXPECT_EQ(world.HoldOf(world.event_id, {"N-A-1"}, "y").status, 201);
  // Two matches of one season with one of them taken: the same, inside one lane.
  const std::string body = R"({"events":[{"event_id":")" + world.matches[1] +
                           R"(","hold":{"objects":[{"label":"N-B-1"}]}},{"event_id":")" +
                           world.matches[0] + R"(","hold":{"objects":[{"label":"N-B-1"}]}}]})";
  EXPECT_EQ(world.Send("POST", "/v1/holds", world.visitor, body, "z").status, 409);
  EXPECT_EQ(world.HoldOf(world.matches[1], {"N-B-1"}, "w").status, 201);
}

TEST(TogetherTest, RepeatsAndBadRequests) {
  TogetherWorld world;
  const HttpResponse first = world.HoldBoth("N-A-1", "N-B-1", "k");
  ASSERT_EQ(first.status, 201);
  // The answer was lost, and what was stored of it too.
  world.ForgetAnswers();
  const HttpResponse again = world.HoldBoth("N-A-1", "N-B-1", "k");
  ASSERT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(Parse<v1::Hold>(again).id(), Parse<v1::Hold>(first).id());
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM hold_lines"), 1);
  const std::string twice = R"({"events":[{"event_id":")" + world.event_id +
                            R"(","hold":{"objects":[{"label":"N-C-1"}]}},{"event_id":")" +
                            world.event_id + R"(","hold":{"objects":[{"label":"N-C-2"}]}}]})";
  HttpResponse refused = world.Send("POST", "/v1/holds", world.visitor, twice, "t");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("events[1].event_id"));
  refused = world.Send("POST", "/v1/holds", world.visitor,
                       R"({"events":[{"event_id":")" + EventId{999}.ToString() +
                           R"(","hold":{"objects":[{"label":"N-C-1"}]}}]})",
                       "u");
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(world.Send("POST", "/v1/holds", world.visitor, R"({"events":[]})", "v").status, 422);
  // Letting go lets all of it go; an order keeps it.
  const std::string path = "/v1/holds/" + Parse<v1::Hold>(first).id();
  const auto order = Parse<v1::Order>(world.OrderOf(Parse<v1::Hold>(first).id(), "o"));
  EXPECT_EQ(world.Send("DELETE", path, world.visitor).status, 409);
  ASSERT_EQ(
      world.Send("POST", "/v1/orders/" + order.id() + "/cancel", world.customer, "", "c").status,
      200);
  EXPECT_EQ(world.HoldBoth("N-A-1", "N-B-1", "k2").status, 201);
}

TEST(TogetherTest, SeatsThatAreGoneWhenTheMoneyComesGiveAllOfItBack) {
  TogetherWorld world;
  const auto hold = Parse<v1::Hold>(world.HoldBoth("N-A-1", "N-B-1", "k"));
  const auto order = Parse<v1::Order>(world.OrderOf(hold.id(), "k"));
  // While payments thinks the hold runs out, and somebody takes one of the two seats.
  bool once = true;
  world.payments.before = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (!once || request.path() != "/v1/payments") return std::nullopt;
    once = false;
    world.env.clock.Advance(Duration::Hours(3));
    EXPECT_EQ(world.HoldOf(world.matches[0], {"N-B-1"}, "thief").status, 201);
    return std::nullopt;
  };
  const HttpResponse paid = world.Pay(order.id(), "pm_ok", "k");
  EXPECT_EQ(paid.status, 409) << paid.body;
  world.SettleAll();
  EXPECT_EQ(world.payments.refunds(), 1);
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM tickets"), 0);
  EXPECT_EQ(world.HoldOf(world.event_id, {"N-A-1"}, "free").status, 201);
  world.AuditSeason();
}

// The way through a purchase of a season ticket and a seat of another event, each step with its
// key. True when it came to the end.
bool TryToBuy(TogetherWorld& world) {
  const std::string body = R"({"events":[{"event_id":")" + world.event_id +
                           R"(","hold":{"objects":[{"label":"N-A-1"}]}},{"event_id":")" +
                           world.season + R"(","hold":{"objects":[{"label":"N-B-1"}]}}]})";
  const HttpResponse hold = world.Send("POST", "/v1/holds", world.visitor, body, "k");
  if (hold.status != 201) return false;
  const HttpResponse order = world.OrderOf(Parse<v1::Hold>(hold).id(), "k");
  if (order.status != 201) return false;
  return world.Pay(Parse<v1::Order>(order).id(), "pm_ok", "k").status == 200;
}

TEST(TogetherTest, DyingAtAnyWriteLosesNothingAndBooksAllOrNothing) {
  using Death = MortalFactory::Death;
  for (const Death death : {Death::kBeforeWrite, Death::kAfterWrite}) {
    bool finished = false;
    int deaths = 0;
    for (int n = 1; !finished; ++n) {
      SCOPED_TRACE("write " + std::to_string(n) +
                   (death == Death::kBeforeWrite ? ", lost" : ", done but not heard of"));
      ASSERT_LT(n, 50);
      TogetherWorld world;
      world.databases.DieAt(n, death);
      TryToBuy(world);
      (void)world.service->Tick();
      finished = !world.databases.dead();
      deaths += world.databases.dead() ? 1 : 0;
      world.Restart();
      world.SettleAll();
      world.AuditSeason();
      const int64_t tickets = world.Sql("SELECT COUNT(*) FROM tickets");
      EXPECT_TRUE(tickets == 0 || tickets == 4) << tickets;
      EXPECT_TRUE(TryToBuy(world));
      world.SettleAll();
      world.AuditSeason();
      EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM tickets"), 4);
      EXPECT_EQ(world.payments.payments(), 1u);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GE(deaths, 5);
  }
}

}  // namespace
}  // namespace ticketing
