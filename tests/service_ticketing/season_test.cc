// Seasons through the API: who has a chair, on which match, and what the gates know of it.
#include <atomic>
#include <thread>

#include "tests/service_ticketing/season_world.h"
#include "ticketing/admission/decision.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr uint8_t kValid = static_cast<uint8_t>(TicketStatus::kValid);
constexpr uint8_t kRevoked = static_cast<uint8_t>(TicketStatus::kRevoked);
constexpr uint8_t kCancelled = static_cast<uint8_t>(TicketStatus::kCancelled);

std::vector<std::string> Objects(const HttpResponse& response) {
  const v1::Problem problem = ProblemOf(response);
  return {problem.objects().begin(), problem.objects().end()};
}

TEST(SeasonTest, IsMadeOfEventsThatShareTheirSeats) {
  SeasonWorld world;
  const auto season =
      Parse<v1::Season>(world.Send("GET", "/v1/seasons/" + world.season, world.visitor));
  EXPECT_EQ(season.season().kind(), "season");
  EXPECT_EQ(season.season().ends_at().seconds(), season.matches(2).ends_at().seconds());
  ASSERT_EQ(season.matches_size(), 3);
  EXPECT_EQ(season.matches(1).kind(), "match");
  EXPECT_EQ(season.matches(1).season_id(), world.season);
  EXPECT_EQ(season.matches(1).fees(0).basis_points(), 1000) << "as the season";
  EXPECT_EQ(season.matches(1).prices(0).price().minor(), 10000) << "its own";
  // A repeat is the same season; another body under the same key is none.
  EXPECT_EQ(Parse<v1::SeasonList>(world.Send("GET", "/v1/seasons", world.visitor)).seasons_size(),
            1);
  for (const std::string& id : {world.matches[0], world.event_id})
    EXPECT_EQ(world.Send("GET", "/v1/seasons/" + id, world.visitor).status, 404);
  for (const std::string& token : {world.customer, world.box_office})
    EXPECT_EQ(world.Send("POST", "/v1/seasons", token, "{}", "x").status, 403);
}

TEST(SeasonTest, OneBookingOpensEveryMatch) {
  SeasonWorld world;
  const v1::Order order = world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "s");
  EXPECT_EQ(order.status(), "completed");
  ASSERT_EQ(order.lines_size(), 2);
  EXPECT_EQ(order.lines(0).unit_price().minor(), 25001) << "a season ticket has its own price";
  ASSERT_EQ(order.tickets_size(), 6);
  std::map<std::string, int> by_match;
  for (const v1::Ticket& ticket : order.tickets()) by_match[ticket.event_id()] += 1;
  EXPECT_THAT(by_match, UnorderedElementsAre(Pair(world.matches[0], 2), Pair(world.matches[1], 2),
                                             Pair(world.matches[2], 2)));
  EXPECT_EQ(world.Sql("SELECT SUM(price) FROM tickets"), order.quote().total().minor());
  for (const std::string& match : world.matches) {
    EXPECT_THAT(world.Copy(match),
                UnorderedElementsAre(Pair("N-A-1", kValid), Pair("N-A-2", kValid)));
    const HttpResponse refused = world.HoldOf(match, {"N-A-2"}, "m" + match);
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(Objects(refused), ElementsAre("N-A-2"));
  }
  // Every ticket opens its own match once; the codes differ.
  std::set<std::string> codes;
  for (const v1::Ticket& ticket : order.tickets()) codes.insert(ticket.code());
  EXPECT_EQ(codes.size(), 6u);
  world.SettleAll();
  EXPECT_EQ(world.notifications.messages.size(), 1u);
  EXPECT_EQ(world.notifications.messages.begin()->second.tickets_size(), 6);
  world.AuditSeason();
}

TEST(SeasonTest, AMatchThatIsSoldBlocksTheSeasonSeatAndAnUnpaidHoldDoesToo) {
  SeasonWorld world;
  world.BuyOf(world.matches[1], {"N-A-1", "N-A-2"}, "m");
  EXPECT_EQ(world.HoldOf(world.season, {"N-A-1", "N-A-2"}, "s1").status, 409);
  EXPECT_EQ(world.HoldOf(world.matches[0], {"N-A-1", "N-A-2"}, "m0").status, 201);
  const auto held = Parse<v1::Hold>(world.HoldOf(world.season, {"N-B-1", "N-B-2"}, "s2"));
  EXPECT_EQ(world.HoldOf(world.matches[2], {"N-B-1"}, "m2").status, 409);
  // The hold runs out: the seat is free everywhere.
  world.env.clock.Advance(Duration::Minutes(16));
  EXPECT_EQ(world.HoldOf(world.matches[2], {"N-B-1", "N-B-2"}, "m3").status, 201);
  EXPECT_EQ(world.OrderOf(held.id(), "late").status, 409);
}

TEST(SeasonTest, AMatchThatIsAddedLaterInheritsItsHolders) {
  SeasonWorld world;
  const v1::Order order = world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "s");
  const auto pie = world.HoldOf(world.season, {"Pie"}, "pie", 3);
  const auto unpaid = Parse<v1::Order>(world.OrderOf(Parse<v1::Hold>(pie).id(), "pie"));
  ASSERT_EQ(world.Pay(unpaid.id(), "pm_ok", "pie").status, 200);
  const std::string body = R"({"matches":[)" + SeasonWorld::MatchBody("Final", 9) + "]}";
  const HttpResponse added = world.Post("/v1/seasons/" + world.season + "/matches", body, "add");
  ASSERT_EQ(added.status, 200) << added.body;
  const auto season = Parse<v1::Season>(added);
  ASSERT_EQ(season.matches_size(), 4);
  const std::string last = season.matches(3).id();
  EXPECT_THAT(world.Copy(last),
              UnorderedElementsAre(Pair("N-A-1", kValid), Pair("N-A-2", kValid),
                                   Pair("Pie", kValid), Pair("Pie", kValid), Pair("Pie", kValid)));
  EXPECT_EQ(world.Free(last), 44 - 2 + 50 - 3);
  EXPECT_EQ(world.HoldOf(last, {"N-A-1", "N-A-2"}, "x").status, 409);
  const auto shown =
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer));
  EXPECT_EQ(shown.tickets_size(), 8);
  // A repeat adds nothing, also after the answer was lost and the stored one with it.
  world.ForgetAnswers();
  EXPECT_EQ(world.Post("/v1/seasons/" + world.season + "/matches", body, "add").status, 200);
  EXPECT_EQ(Parse<v1::Season>(world.Send("GET", "/v1/seasons/" + world.season, world.admin))
                .matches_size(),
            4);
  world.SettleAll();
  world.AuditSeason();
}

TEST(SeasonTest, AWrongMatchAddsNothing) {
  SeasonWorld world;
  const HttpResponse refused = world.Post(
      "/v1/seasons/" + world.season + "/matches",
      R"({"matches":[)" + SeasonWorld::MatchBody("a", 5) +
          R"(,{"name":"b","starts_at":"2027-02-01T00:00:00Z","prices":[{"category":"A","price":{"minor":"1","currency":"MXN"}}]}]})",
      "k");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("matches[1].prices"));
  EXPECT_EQ(Parse<v1::Season>(world.Send("GET", "/v1/seasons/" + world.season, world.admin))
                .matches_size(),
            3);
  EXPECT_EQ(world
                .Post("/v1/seasons/" + world.event_id + "/matches",
                      R"({"matches":[)" + SeasonWorld::MatchBody("a", 5) + "]}", "k2")
                .status,
            404);
}

TEST(SeasonTest, PartialSeasonsThatShareAMatchShareItsSeats) {
  SeasonWorld world;
  const auto make = [&](const std::string& name, const std::string& a, const std::string& b) {
    const HttpResponse made =
        world.Post("/v1/seasons/" + world.season + "/partial-seasons",
                   R"({"name":")" + name +
                       R"(","prices":[{"category":"A","price":{"minor":"18000","currency":"MXN"}},
             {"category":"G","price":{"minor":"9000","currency":"MXN"}}],"match_ids":[")" +
                       a + "\",\"" + b + "\"]}",
                   name);
    EXPECT_EQ(made.status, 201) << made.body;
    return Parse<v1::PartialSeason>(made).event().id();
  };
  const std::string first = make("Uno", world.matches[0], world.matches[1]);
  const std::string second = make("Dos", world.matches[1], world.matches[2]);
  const v1::Order order = world.BuyOf(first, {"N-A-1", "N-A-2"}, "first");
  EXPECT_EQ(order.tickets_size(), 4);
  EXPECT_EQ(world.HoldOf(second, {"N-A-1", "N-A-2"}, "second").status, 409);
  EXPECT_EQ(world.HoldOf(world.season, {"N-A-1", "N-A-2"}, "season").status, 409);
  EXPECT_EQ(world.HoldOf(world.matches[1], {"N-A-1", "N-A-2"}, "m1").status, 409);
  world.BuyOf(world.matches[2], {"N-A-1", "N-A-2"}, "m2");
  // The third match cannot join the first part: its seats are another's there.
  const std::string path = "/v1/seasons/" + world.season + "/partial-seasons/" + first + "/matches";
  const HttpResponse refused =
      world.Post(path, R"({"match_ids":[")" + world.matches[2] + "\"]}", "join");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("N-A-1", "N-A-2"));
  // One that is free can, and its holders get tickets for it.
  const auto more = Parse<v1::Season>(
      world.Post("/v1/seasons/" + world.season + "/matches",
                 R"({"matches":[)" + SeasonWorld::MatchBody("Extra", 7) + "]}", "extra"));
  const std::string extra = more.matches(3).id();
  EXPECT_THAT(world.Copy(extra), IsEmpty());
  const HttpResponse joined = world.Post(path, R"({"match_ids":[")" + extra + "\"]}", "join2");
  ASSERT_EQ(joined.status, 200) << joined.body;
  EXPECT_EQ(Parse<v1::PartialSeason>(joined).match_ids_size(), 3);
  EXPECT_THAT(world.Copy(extra),
              UnorderedElementsAre(Pair("N-A-1", kValid), Pair("N-A-2", kValid)));
  EXPECT_EQ(world.Post(path, R"({"match_ids":[")" + world.event_id + "\"]}", "join3").status, 422);
  world.SettleAll();
  world.AuditSeason();
}

TEST(SeasonTest, AnOverrideMovesOneSeatOfOneMatch) {
  SeasonWorld world;
  world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "s");
  const std::string match = world.matches[1];
  const std::string path = "/v1/events/" + match + "/overrides";
  const HttpResponse done =
      world.Post(path, R"({"objects":["N-A-1","N-C-1"],"reason":"cámara"})", "o1");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Parse<v1::SeasonOverrides>(done).cancelled_tickets(), 1);
  EXPECT_THAT(world.Copy(match),
              UnorderedElementsAre(Pair("N-A-1", kCancelled), Pair("N-A-2", kValid)));
  EXPECT_EQ(world.Copy(world.matches[0]).count("N-A-1"), 1u);
  // The match sells it; then the season cannot have it back, and then it can.
  const v1::Order sold = world.BuyOf(match, {"N-A-1"}, "m");
  HttpResponse refused = world.Post(path, R"({"objects":["N-A-1"],"give_back":true})", "o2");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("N-A-1"));
  world.AuditSeason();
  ASSERT_EQ(world.Post("/v1/orders/" + sold.id() + "/refund", "", "r").status, 200);
  const HttpResponse back = world.Post(path, R"({"objects":["N-A-1"],"give_back":true})", "o3");
  ASSERT_EQ(back.status, 200) << back.body;
  EXPECT_EQ(Parse<v1::SeasonOverrides>(back).restored_tickets(), 1);
  // A seat that the season sells after the override has no ticket for that match, until it is
  // given back.
  const v1::Order later = world.BuyOf(world.season, {"N-C-1", "N-C-2"}, "later");
  EXPECT_EQ(later.tickets_size(), 5);
  EXPECT_EQ(world.Copy(match).count("N-C-1"), 0u);
  ASSERT_EQ(world.Post(path, R"({"objects":["N-C-1"],"give_back":true})", "o4").status, 200);
  EXPECT_EQ(world.Copy(match).count("N-C-1"), 1u);
  EXPECT_EQ(world.Post(path, R"({"objects":["Pie"]})", "o5").status, 422);
  EXPECT_EQ(
      world.Post("/v1/events/" + world.event_id + "/overrides", R"({"objects":["N-A-1"]})", "o6")
          .status,
      422);
  world.SettleAll();
  world.AuditSeason();
}

TEST(SeasonTest, ARefundFreesEveryMatchAndTheGatesKnow) {
  SeasonWorld world;
  const v1::Order order = world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "s");
  const std::string path = "/v1/orders/" + order.id() + "/refund";
  EXPECT_EQ(world.Send("POST", path, world.customer, "", "r0").status, 403);
  EXPECT_EQ(world.Send("POST", path, world.box_office, "", "r0").status, 403);
  const HttpResponse refunded = world.Post(path, "", "r");
  ASSERT_EQ(refunded.status, 200) << refunded.body;
  EXPECT_EQ(Parse<v1::Order>(refunded).status(), "refunding");
  EXPECT_EQ(Parse<v1::Order>(world.Post(path, "", "r2")).status(), "refunding");
  world.SettleAll();
  EXPECT_EQ(Parse<v1::Order>(world.Post(path, "", "r3")).status(), "refunded");
  EXPECT_EQ(world.payments.refunds(), 1);
  for (const std::string& match : world.matches) {
    EXPECT_THAT(world.Copy(match),
                UnorderedElementsAre(Pair("N-A-1", kRevoked), Pair("N-A-2", kRevoked)));
    EXPECT_EQ(world.Free(match), 44 + 50);
  }
  world.BuyOf(world.matches[0], {"N-A-1", "N-A-2"}, "again");
  // What was never paid has nothing to take back.
  const auto hold = Parse<v1::Hold>(world.HoldOf(world.season, {"N-B-1", "N-B-2"}, "h"));
  const auto pending = Parse<v1::Order>(world.OrderOf(hold.id(), "h"));
  EXPECT_EQ(world.Post("/v1/orders/" + pending.id() + "/refund", "", "r4").status, 409);
  ASSERT_EQ(
      world.Send("POST", "/v1/orders/" + pending.id() + "/cancel", world.customer, "", "c").status,
      200);
  EXPECT_EQ(world.Free(world.matches[1]), 44 + 50) << "given up: free on every match";
  world.SettleAll();
  world.AuditSeason();
}

TEST(SeasonTest, SeasonAgainstMatchEndsWithOneOwner) {
  SeasonWorld world;
  auto other = world.OpenAnother();
  std::vector<std::thread> threads;
  std::atomic<int> seasons{0}, singles{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int seat = 1; seat <= 9; seat += 2) {
        const std::string a = std::to_string(seat), b = std::to_string(seat + 1);
        const std::string body =
            R"({"objects":[{"label":"N-A-)" + a + R"("},{"label":"N-A-)" + b + R"("}]})";
        const bool whole = t % 2 == 0;
        const std::string& event =
            whole ? world.season : world.matches[static_cast<size_t>(seat) % 3];
        TicketingService& to = t < 2 ? *world.service : *other;
        const std::string key = "t" + std::to_string(t) + "-" + a;
        const HttpResponse hold =
            world.SendTo(to, "POST", "/v1/events/" + event + "/holds", world.visitor, body, key);
        if (hold.status != 201) {
          EXPECT_EQ(hold.status, 409) << hold.body;
          continue;
        }
        const auto order =
            world.SendTo(to, "POST", "/v1/orders", world.customer,
                         R"({"hold_id":")" + Parse<v1::Hold>(hold).id() + "\"}", key);
        ASSERT_EQ(order.status, 201) << order.body;
        const auto paid =
            world.SendTo(to, "POST", "/v1/orders/" + Parse<v1::Order>(order).id() + "/payments",
                         world.customer, R"({"card":{"payment_method":"pm_ok"}})", key);
        ASSERT_EQ(paid.status, 200) << paid.body;
        ++(whole ? seasons : singles);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seasons + singles, 5) << "each pair of seats has one owner";
  other.reset();
  world.SettleAll();
  world.AuditSeason();
}

TEST(SeasonTest, GatesAreToldOfMatchesAndNotOfSeasons) {
  SeasonWorld world;
  world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "s");
  const HttpResponse copy = world.Send("GET", "/v1/events/" + world.season + "/copy", world.admin);
  ASSERT_EQ(copy.status, 200);
  const auto known = DecodeEventCopy(copy.body);
  ASSERT_OK(known);
  EXPECT_THAT(known->tickets, IsEmpty());
  world.env.clock.SetNow(*ParseTimestamp("2027-01-09T12:00:00Z"));
  const std::string device =
      world.identity.Token(world.device_id.ToString(), {Role::kDevice});  // the other ran out
  const HttpResponse changes = world.Send("GET", "/v1/gate/changes", device);
  ASSERT_EQ(changes.status, 200) << changes.body;
  std::vector<std::string> names;
  const auto told = DecodeChanges(changes.body);
  ASSERT_OK(told);
  for (const EventVersion& event : told->events) names.push_back(event.name);
  EXPECT_THAT(names, ElementsAre("Jornada 1", "Jornada 2", "Jornada 3"));
}

}  // namespace
}  // namespace ticketing
