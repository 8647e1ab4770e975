// Another chart under events that are on sale.
#include <atomic>
#include <thread>

#include "tests/service_ticketing/season_world.h"
#include "ticketing/seat/chart_json.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct MoveWorld : SeasonWorld {
  std::string Import(const std::string& chart) {
    const HttpResponse made = Send("POST", "/v1/charts", admin, chart);
    EXPECT_LT(made.status, 300) << made.body;
    return Parse<v1::ChartSummary>(made).id();
  }
  HttpResponse Move(const std::string& event, const std::string& chart, const std::string& key,
                    const std::string& more = "") {
    return Post("/v1/events/" + event + "/chart", R"({"chart_id":")" + chart + "\"" + more + "}",
                key);
  }
  v1::Event EventOf(const std::string& id) {
    return Parse<v1::Event>(Send("GET", "/v1/events/" + id, visitor));
  }
  // Two bits of a seat, as the public sees it.
  int State(const std::string& event, const std::string& label) {
    const auto chart = Send("GET", "/v1/charts/" + EventOf(event).chart_id(), visitor).body;
    const auto map =
        Parse<v1::Availability>(Send("GET", "/v1/events/" + event + "/availability", visitor));
    const auto parsed = seat::ParseChart(chart);
    EXPECT_OK(parsed);
    const uint32_t index = parsed->Find(label).value();
    return (static_cast<uint8_t>(map.states()[index / 4]) >> (index % 4 * 2)) & 3;
  }
};

TEST(ChartMoveTest, WhatIsHeldAndBookedStaysWhereItsLabelIs) {
  MoveWorld world;
  const v1::Order order = world.BuyOf(world.event_id, {"N-B-3", "N-B-4"}, "b");
  const auto hold = Parse<v1::Hold>(world.HoldOf(world.event_id, {"N-C-1", "N-C-2"}, "h"));
  const auto before = Parse<v1::Availability>(
      world.Send("GET", "/v1/events/" + world.event_id + "/availability", world.visitor));
  const std::string bigger = world.Import(SmallChart(6, 12));
  const HttpResponse dry = world.Move(world.event_id, bigger, "d", R"(,"dry_run":true)");
  ASSERT_EQ(dry.status, 200) << dry.body;
  EXPECT_FALSE(Parse<v1::ReplacedChart>(dry).done());
  EXPECT_EQ(Parse<v1::ReplacedChart>(dry).objects_in_use(), 4);
  EXPECT_GE(Parse<v1::ReplacedChart>(dry).differences(), 6 * 12 - 40);
  EXPECT_NE(world.EventOf(world.event_id).chart_id(), bigger);
  const HttpResponse moved = world.Move(world.event_id, bigger, "m");
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_TRUE(Parse<v1::ReplacedChart>(moved).done());
  EXPECT_EQ(world.EventOf(world.event_id).chart_id(), bigger);
  const auto after = Parse<v1::Availability>(
      world.Send("GET", "/v1/events/" + world.event_id + "/availability", world.visitor));
  EXPECT_GT(after.version(), before.version());
  EXPECT_EQ(after.objects(), 6 * 12 + 4);
  EXPECT_EQ(world.State(world.event_id, "N-B-3"), 2);
  EXPECT_EQ(world.State(world.event_id, "N-C-1"), 1);
  EXPECT_EQ(world.State(world.event_id, "N-F-12"), 0);
  EXPECT_EQ(world
                .Send("GET",
                      "/v1/events/" + world.event_id +
                          "/availability/changes?since=" + std::to_string(before.version()),
                      world.visitor)
                .status,
            409)
      << "the map is another one";
  // The hold is bought, tickets tell their seat, the seats cannot be had again, and the rest can.
  const auto bought = Parse<v1::Order>(world.OrderOf(hold.id(), "o"));
  const HttpResponse paid = world.Pay(bought.id(), "pm_ok", "p");
  ASSERT_EQ(paid.status, 200) << paid.body;
  EXPECT_EQ(Parse<v1::Order>(paid).tickets(0).label(), "N-C-1");
  EXPECT_EQ(Parse<v1::Order>(paid).tickets(0).row(), "C");
  const auto old = Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer));
  EXPECT_EQ(old.tickets(0).seat(), "3");
  EXPECT_EQ(world.HoldOf(world.event_id, {"N-B-3", "N-B-4"}, "x").status, 409);
  EXPECT_EQ(world.HoldOf(world.event_id, {"N-F-11", "N-F-12"}, "y").status, 201);
  ASSERT_EQ(world.Post("/v1/orders/" + order.id() + "/refund", "", "r").status, 200);
  EXPECT_EQ(world.State(world.event_id, "N-B-3"), 0);
  // History goes back over the move, newest first.
  const auto history = Parse<v1::SeatHistory>(
      world.Send("GET", "/v1/events/" + world.event_id + "/history?object=N-B-3", world.admin));
  std::vector<std::string> told;
  for (const v1::SeatHistoryEntry& entry : history.entries()) {
    EXPECT_EQ(entry.label(), "N-B-3");
    told.push_back(entry.was() + ">" + entry.status());
  }
  EXPECT_THAT(told, ElementsAre("booked>free", "held>booked", "free>held"));
  world.Restart();
  EXPECT_EQ(world.State(world.event_id, "N-C-1"), 2);
  world.SettleAll();
  world.AuditSeason();
}

TEST(ChartMoveTest, WhatIsInUseCannotGo) {
  MoveWorld world;
  world.BuyOf(world.event_id, {"N-D-9", "N-D-10"}, "b");
  ASSERT_EQ(world.HoldOf(world.event_id, {"N-A-1", "N-A-2"}, "h").status, 201);
  const std::string smaller = world.Import(SmallChart(3, 9));
  const HttpResponse refused = world.Move(world.event_id, smaller, "m");
  EXPECT_EQ(refused.status, 409);
  const v1::Problem problem = ProblemOf(refused);
  EXPECT_THAT(std::vector<std::string>(problem.objects().begin(), problem.objects().end()),
              ElementsAre("N-D-9", "N-D-10"));
  EXPECT_THAT(refused.body, HasSubstr("missing"));
  EXPECT_EQ(world.Move(world.event_id, smaller, "d", R"(,"dry_run":true)").status, 409);
  EXPECT_EQ(world.State(world.event_id, "N-D-9"), 2);
  // A category without a price; then with one.
  std::string other = SmallChart(4, 10);
  const std::string from = R"({"key":"G","name":"General","color":"#0011aa"})";
  other.replace(other.find(from), from.size(),
                from + R"(,{"key":"V","name":"VIP","color":"#00aa11"})");
  const std::string priced = world.Import(other);
  EXPECT_EQ(world.Move(world.event_id, priced, "v").status, 422);
  const HttpResponse moved = world.Move(
      world.event_id, priced, "v2",
      R"(,"prices":[{"prices":[{"category":"V","price":{"minor":"99","currency":"MXN"}}]}])");
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(world.EventOf(world.event_id).prices_size(), 3);
  EXPECT_EQ(world.Move(world.event_id, ChartId{9}.ToString(), "n").status, 422);
  EXPECT_EQ(
      world.Send("POST", "/v1/events/" + world.event_id + "/chart", world.box_office, "{}", "x")
          .status,
      403);
}

TEST(ChartMoveTest, ASeasonMovesWithAllItsMatches) {
  MoveWorld world;
  world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "s");
  world.BuyOf(world.matches[1], {"N-B-1", "N-B-2"}, "m");
  ASSERT_EQ(
      world.Post("/v1/events/" + world.matches[2] + "/overrides", R"({"objects":["N-A-1"]})", "o")
          .status,
      200);
  const HttpResponse moved = world.Move(world.matches[0], world.Import(SmallChart(5, 11)), "m");
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(Parse<v1::ReplacedChart>(moved).event_ids_size(), 4);
  for (const std::string& match : world.matches) {
    EXPECT_EQ(world.EventOf(match).chart_id(), world.EventOf(world.season).chart_id());
    EXPECT_EQ(world.HoldOf(match, {"N-A-2"}, "x" + match).status, 409);
  }
  EXPECT_EQ(world.HoldOf(world.season, {"N-B-1", "N-B-2"}, "y").status, 409);
  EXPECT_EQ(world.BuyOf(world.matches[2], {"N-A-1"}, "z").tickets_size(), 1);
  const HttpResponse added =
      world.Post("/v1/seasons/" + world.season + "/matches",
                 R"({"matches":[)" + SeasonWorld::MatchBody("Extra", 8) + "]}", "extra");
  ASSERT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(world.Copy(Parse<v1::Season>(added).matches(3).id()).size(), 2u);
  world.SettleAll();
  world.AuditSeason();
}

TEST(ChartMoveTest, ARepeatFindsItDone) {
  MoveWorld world;
  const std::string chart = world.Import(SmallChart(5, 10));
  ASSERT_EQ(world.Move(world.event_id, chart, "m").status, 200);
  world.ForgetAnswers();
  EXPECT_EQ(world.Move(world.event_id, chart, "m").status, 200);
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM chart_moves"), 1);
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM lanes"), 2);
}

// `rows` rows of 50 in each of 200 sections.
std::string HugeChart(int rows, const std::string& name) {
  std::string sections;
  for (int n = 1; n <= 200; ++n) {
    std::string list;
    for (int row = 1; row <= rows; ++row) {
      std::string seats;
      for (int seat = 1; seat <= 50; ++seat) {
        seats += std::string(seat > 1 ? "," : "") + R"({"label":")" + std::to_string(seat) +
                 R"(","at":[)" + std::to_string(seat * 50) + "," +
                 std::to_string((n * 30 + row) * 90) + "]}";
      }
      list += std::string(row > 1 ? "," : "") + R"({"label":")" + std::to_string(row) +
              R"(","seats":[)" + seats + "]}";
    }
    sections += std::string(n > 1 ? "," : "") + R"({"label":")" + std::to_string(n) +
                R"(","category":"A","rows":[)" + list + "]}";
  }
  return R"({"format":"ticketing-chart/1","name":")" + name +
         R"(","venue":"Estadio","focalPoint":[0,0],
    "categories":[{"key":"A","name":"Platea","color":"#c8102e"}],"sections":[)" +
         sections + "]}";
}

TEST(ChartMoveTest, TheLargestChartMovesToo) {
  MoveWorld world;
  const std::string chart = world.Import(HugeChart(20, "a"));
  const HttpResponse made = world.Post(
      "/v1/events",
      R"({"venue_id":")" + world.EventOf(world.event_id).venue().id() + R"(","chart_id":")" +
          chart + R"(","name":"Final","starts_at":"2026-12-05T01:30:00Z","currency":"MXN",
          "prices":[{"category":"A","price":{"minor":"50000","currency":"MXN"}}]})",
      "e");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string event = Parse<v1::Event>(made).id();
  world.BuyOf(event, {"7-3-1", "7-3-2"}, "b");
  const auto hold = Parse<v1::Hold>(world.HoldOf(event, {"200-19-49", "200-19-50"}, "h"));
  const HttpResponse moved = world.Move(event, world.Import(HugeChart(19, "b")), "m");
  ASSERT_EQ(moved.status, 200) << moved.body.substr(0, 1000);
  const auto result = Parse<v1::ReplacedChart>(moved);
  EXPECT_EQ(result.objects_in_use(), 4);
  EXPECT_GE(result.differences(), 200 * 50);
  EXPECT_EQ(result.first_differences_size(), 500);
  EXPECT_EQ(world.HoldOf(event, {"7-3-1", "7-3-2"}, "x").status, 409);
  const auto order = Parse<v1::Order>(world.OrderOf(hold.id(), "o"));
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "o").status, 200);
  // What is sold in the last row keeps that row: named, up to a hundred of them.
  const HttpResponse back = world.Move(event, world.Import(HugeChart(18, "c")), "n");
  EXPECT_EQ(back.status, 409);
  EXPECT_EQ(ProblemOf(back).objects_size(), 2);
  EXPECT_EQ(ProblemOf(back).objects(0), "200-19-49");
}

// Two processes sell while a third hand moves the event back and forth: nothing is sold twice or
// lost, and nobody hears of it.
TEST(ChartMoveTest, SalesGoOnWhileTheChartChanges) {
  MoveWorld world;
  const std::string charts[] = {world.Import(SmallChart(5, 12)), world.Import(SmallChart(4, 10))};
  auto other = world.OpenAnother();
  std::atomic<int> sold{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      TicketingService& to = t == 0 ? *world.service : *other;
      for (int i = 1; i <= 9; i += 2) {
        const std::string row(1, static_cast<char>('A' + t));
        const std::string key = row + std::to_string(i);
        const std::string body = R"({"objects":[{"label":"N-)" + row + "-" + std::to_string(i) +
                                 R"("},{"label":"N-)" + row + "-" + std::to_string(i + 1) +
                                 R"("}]})";
        const HttpResponse hold = world.SendTo(
            to, "POST", "/v1/events/" + world.event_id + "/holds", world.visitor, body, key);
        ASSERT_EQ(hold.status, 201) << hold.body;
        const HttpResponse order =
            world.SendTo(to, "POST", "/v1/orders", world.customer,
                         R"({"hold_id":")" + Parse<v1::Hold>(hold).id() + "\"}", key);
        ASSERT_EQ(order.status, 201) << order.body;
        HttpResponse paid{.status = 0};
        for (int attempt = 0; attempt < 5 && paid.status != 200; ++attempt) {
          paid =
              world.SendTo(to, "POST", "/v1/orders/" + Parse<v1::Order>(order).id() + "/payments",
                           world.customer, R"({"card":{"payment_method":"pm_ok"}})", key);
          // The payment stands; its order is settled in the next round.
          if (paid.status == 503) ASSERT_OK(to.Tick());
        }
        ASSERT_EQ(paid.status, 200) << paid.body;
        ++sold;
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 10; ++i) {
      const HttpResponse moved =
          world.Move(world.event_id, charts[i % 2], "move" + std::to_string(i));
      ASSERT_EQ(moved.status, 200) << moved.body;
      std::this_thread::yield();
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sold, 15);
  other.reset();
  world.Restart();
  EXPECT_EQ(world.Copy(world.event_id).size(), 30u);
  for (const char row : {'A', 'B', 'C'}) {
    for (int seat = 1; seat <= 10; ++seat)
      EXPECT_EQ(world.State(world.event_id, std::string("N-") + row + "-" + std::to_string(seat)),
                2);
  }
  world.SettleAll();
  world.AuditSeason();
}

}  // namespace
}  // namespace ticketing
