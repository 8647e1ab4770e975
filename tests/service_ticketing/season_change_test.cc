// What happens to tickets when a match leaves a partial season, or sells places that season holders
// have: who loses his place, who has it back, and that nobody's place is sold twice.
#include "tests/service_ticketing/season_world.h"
#include "ticketing/admission/decision.h"
#include "ticketing/v1/gate_policy.pb.h"
#include "ticketing/v1/seasons.pb.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr uint8_t kValid = static_cast<uint8_t>(TicketStatus::kValid);
constexpr uint8_t kBlocked = static_cast<uint8_t>(TicketStatus::kBlocked);
constexpr uint8_t kCancelled = static_cast<uint8_t>(TicketStatus::kCancelled);

struct ChangingSeason : SeasonWorld {
  std::string MakePart(const std::string& name, const std::vector<std::string>& of) {
    std::string ids;
    for (const std::string& match : of) ids += (ids.empty() ? "\"" : ",\"") + match + "\"";
    const HttpResponse made = Post("/v1/seasons/" + season + "/partial-seasons",
                                   R"({"name":")" + name +
                                       R"(","prices":[
        {"category":"A","price":{"minor":"18000","currency":"MXN"}},
        {"category":"G","price":{"minor":"9000","currency":"MXN"}}],"match_ids":[)" +
                                       ids + "]}",
                                   name);
    EXPECT_EQ(made.status, 201) << made.body;
    return Parse<v1::PartialSeason>(made).event().id();
  }
  HttpResponse TakeOut(const std::string& part, const std::string& match,
                       const std::string& token = "") {
    return Send("DELETE",
                "/v1/seasons/" + season + "/partial-seasons/" + part + "/matches/" + match,
                token.empty() ? admin : token);
  }
  HttpResponse PutBack(const std::string& part, const std::string& match, const std::string& key) {
    return Post("/v1/seasons/" + season + "/partial-seasons/" + part + "/matches",
                R"({"match_ids":[")" + match + "\"]}", key);
  }
  v1::Order BuyPlaces(const std::string& event, int64_t quantity, const std::string& key) {
    const HttpResponse hold = HoldOf(event, {"Pie"}, key, quantity);
    EXPECT_EQ(hold.status, 201) << hold.body;
    const auto order = Parse<v1::Order>(OrderOf(Parse<v1::Hold>(hold).id(), key));
    const HttpResponse paid = Pay(order.id(), "pm_ok", key);
    EXPECT_EQ(paid.status, 200) << paid.body;
    return Parse<v1::Order>(paid);
  }
  static std::vector<std::string> TicketsFor(const v1::Order& order, const std::string& match) {
    std::vector<std::string> ids;
    for (const v1::Ticket& ticket : order.tickets())
      if (ticket.event_id() == match) ids.push_back(ticket.id());
    return ids;
  }
  HttpResponse Override(const std::string& match, const std::vector<std::string>& tickets,
                        const std::string& key, bool give_back = false) {
    std::string ids;
    for (const std::string& id : tickets) ids += (ids.empty() ? "\"" : ",\"") + id + "\"";
    return Post("/v1/events/" + match + "/place-overrides",
                R"({"ticket_ids":[)" + ids + R"(],"give_back":)" + (give_back ? "true" : "false") +
                    R"(,"reason":"se va"})",
                key);
  }
  HttpResponse SetStatus(const std::string& ticket, const std::string& status) {
    return Post("/v1/tickets/" + ticket + "/status",
                R"({"status":")" + status + R"(","reason":"staff"})", ticket + status);
  }
  int64_t PlacesFree(const std::string& event) {
    const auto map =
        Parse<v1::Availability>(Send("GET", "/v1/events/" + event + "/availability", visitor));
    return map.areas(0).free();
  }
  // Whoever holds a valid ticket for the area has a place in it.
  void AuditPlaces() {
    AuditSeason();
    for (const std::string& match : matches) {
      const int64_t valid =
          Sql("SELECT COUNT(*) FROM tickets t JOIN events e ON e.id = t.event_id WHERE t.label ="
              " 'Pie' AND t.status = 1 AND e.id = " +
              std::to_string(EventId::Parse(match)->ToSql()));
      EXPECT_EQ(valid, 50 - PlacesFree(match)) << match;
    }
  }
};

std::vector<std::string> Objects(const HttpResponse& response) {
  const v1::Problem problem = ProblemOf(response);
  return {problem.objects().begin(), problem.objects().end()};
}

TEST(SeasonChangeTest, AMatchThatLeavesAPartClosesItsTicketsUntilItIsBack) {
  ChangingSeason world;
  const std::string match = world.matches[1];
  const std::string part = world.MakePart("Uno", {world.matches[0], match});
  const v1::Order holder = world.BuyOf(part, {"N-A-1", "N-A-2"}, "part");
  ASSERT_EQ(holder.tickets_size(), 4);
  const v1::Ticket& second = holder.tickets(3);
  ASSERT_EQ(second.event_id(), match);
  ASSERT_EQ(world.SetStatus(second.id(), "blocked").status, 200);

  EXPECT_EQ(world.TakeOut(part, match, world.box_office).status, 403);
  EXPECT_EQ(world.TakeOut(part, world.matches[2]).status, 404);
  EXPECT_EQ(world.TakeOut(part, world.event_id).status, 404);
  const HttpResponse out = world.TakeOut(part, match);
  ASSERT_EQ(out.status, 200) << out.body;
  const auto removed = Parse<v1::RemovedPartialMatch>(out);
  EXPECT_EQ(removed.cancelled_tickets(), 2) << "a blocked one could be made valid again";
  EXPECT_EQ(removed.partial_season().match_ids_size(), 1);
  EXPECT_THAT(world.Copy(match),
              UnorderedElementsAre(Pair("N-A-1", kCancelled), Pair("N-A-2", kCancelled)));
  EXPECT_THAT(world.Copy(world.matches[0]),
              UnorderedElementsAre(Pair("N-A-1", kValid), Pair("N-A-2", kValid)));
  EXPECT_EQ(world.SetStatus(second.id(), "valid").status, 409);
  EXPECT_EQ(world.TakeOut(part, match).status, 404);

  // The match sells it; then the part cannot have the match, and then it can.
  const v1::Order sold = world.BuyOf(match, {"N-A-1", "N-A-2"}, "m");
  const HttpResponse refused = world.PutBack(part, match, "back1");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("N-A-1", "N-A-2"));
  world.SettleAll();
  world.AuditSeason();
  ASSERT_EQ(world.Post("/v1/orders/" + sold.id() + "/refund", "", "r").status, 200);
  world.SettleAll();
  // Who bought the part meanwhile gets a ticket when the match is back.
  EXPECT_EQ(world.BuyOf(part, {"N-B-1", "N-B-2"}, "later").tickets_size(), 2);
  const HttpResponse back = world.PutBack(part, match, "back2");
  ASSERT_EQ(back.status, 200) << back.body;
  constexpr uint8_t kRevoked = static_cast<uint8_t>(TicketStatus::kRevoked);
  EXPECT_THAT(
      world.Copy(match),
      UnorderedElementsAre(Pair("N-A-1", kRevoked), Pair("N-A-2", kRevoked), Pair("N-A-1", kValid),
                           Pair("N-A-2", kBlocked), Pair("N-B-1", kValid), Pair("N-B-2", kValid)));
  world.SettleAll();
  world.AuditSeason();
}

TEST(SeasonChangeTest, ManyTicketsCloseAndOpenAgain) {
  ChangingSeason world;
  const std::string match = world.matches[1];
  const std::string part = world.MakePart("Uno", {world.matches[0], match});
  world.BuyPlaces(part, 50, "floor");
  const v1::Order seats = world.BuyOf(part, {"N-A-1", "N-A-2"}, "seats");
  ASSERT_EQ(seats.tickets(2).event_id(), match);
  ASSERT_EQ(world.SetStatus(seats.tickets(2).id(), "cancelled").status, 200);
  ASSERT_EQ(world.SetStatus(seats.tickets(3).id(), "blocked").status, 200);
  const auto status = [&](uint8_t wanted) {
    int64_t count = 0;
    for (const auto& [label, is] : world.Copy(match)) count += is == wanted ? 1 : 0;
    return count;
  };
  EXPECT_EQ(Parse<v1::RemovedPartialMatch>(world.TakeOut(part, match)).cancelled_tickets(), 51);
  EXPECT_EQ(status(kCancelled), 52);
  ASSERT_EQ(world.PutBack(part, match, "back").status, 200);
  EXPECT_EQ(status(kValid), 50);
  EXPECT_EQ(status(kBlocked), 1);
  EXPECT_EQ(status(kCancelled), 1) << "as staff had it";
  world.AuditPlaces();
}

// A match that is in a part already is not new to its holders: who lost his place stays without.
TEST(SeasonChangeTest, AMatchThatIsThereAlreadyOpensNothingAgain) {
  ChangingSeason world;
  const std::string match = world.matches[1];
  const std::string part = world.MakePart("Uno", {world.matches[0], match});
  const v1::Order ann = world.BuyPlaces(part, 2, "ann");
  const std::vector<std::string> tickets = ChangingSeason::TicketsFor(ann, match);
  ASSERT_EQ(world.Override(match, {tickets[0]}, "o").status, 200);
  ASSERT_EQ(world.PutBack(part, match, "again").status, 200);
  EXPECT_THAT(world.Copy(match),
              UnorderedElementsAre(Pair("Pie", kCancelled), Pair("Pie", kValid)));
  EXPECT_EQ(world.PlacesFree(match), 49);
  world.AuditPlaces();
}

TEST(SeasonChangeTest, MatchesOfAnotherSeasonAreStrangers) {
  ChangingSeason world;
  const auto event =
      Parse<v1::Event>(world.Send("GET", "/v1/events/" + world.event_id, world.admin));
  const HttpResponse made = world.Post(
      "/v1/seasons",
      R"({"season":{"venue_id":")" + event.venue().id() + R"(","chart_id":")" + world.chart_id +
          R"(","name":"Otra","starts_at":"2027-01-10T01:30:00Z","currency":"MXN",
          "prices":[{"category":"A","price":{"minor":"1","currency":"MXN"}},
                    {"category":"G","price":{"minor":"1","currency":"MXN"}}]},"matches":[)" +
          SeasonWorld::MatchBody("Ajeno", 8) + "]}",
      "other");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string theirs = Parse<v1::Season>(made).matches(0).id();
  const std::string part = world.MakePart("Uno", {world.matches[0], world.matches[1]});
  EXPECT_EQ(world.PutBack(part, theirs, "join").status, 422);
  EXPECT_EQ(world.TakeOut(part, theirs).status, 404);
  // A match that stands where ours does in its own season is not ours either.
  EXPECT_EQ(
      Parse<v1::PartialSeason>(world.PutBack(part, world.matches[2], "ours")).match_ids_size(), 3);
}

TEST(SeasonChangeTest, APartialSeasonIsMadeOnce) {
  ChangingSeason world;
  const std::vector<std::string> of = {world.matches[0], world.matches[1]};
  const std::string part = world.MakePart("Uno", of);
  world.ForgetAnswers();
  EXPECT_EQ(world.MakePart("Uno", of), part) << "a repeat after the answer was lost";
  EXPECT_EQ(Parse<v1::Season>(world.Send("GET", "/v1/seasons/" + world.season, world.admin))
                .partial_seasons_size(),
            1);
}

TEST(SeasonChangeTest, AMatchIsOnSaleAlthoughItsSeasonIsNotYet) {
  ChangingSeason world;
  const HttpResponse set =
      world.Send("PUT", "/v1/events/" + world.season + "/sale-rules", world.admin,
                 R"({"windows":[{"opens_at":"2027-01-01T00:00:00Z"}]})");
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(world.HoldOf(world.season, {"N-A-1"}, "s").status, 409);
  const auto more = Parse<v1::Season>(
      world.Post("/v1/seasons/" + world.season + "/matches",
                 R"({"matches":[)" + SeasonWorld::MatchBody("Extra", 7) + "]}", "extra"));
  EXPECT_EQ(world.HoldOf(more.matches(3).id(), {"N-A-1", "N-A-2"}, "m").status, 201);
  const std::string part = world.MakePart("Uno", {world.matches[0], world.matches[1]});
  EXPECT_EQ(world.HoldOf(part, {"N-B-1", "N-B-2"}, "p").status, 201);
}

TEST(SeasonChangeTest, AMatchSellsThePlacesOfTheTicketsThatStaffNames) {
  ChangingSeason world;
  const std::string match = world.matches[1];
  const v1::Order ann = world.BuyPlaces(world.season, 3, "ann");
  const v1::Order bob = world.BuyPlaces(world.season, 2, "bob");
  const std::vector<std::string> tickets = ChangingSeason::TicketsFor(ann, match);
  ASSERT_EQ(tickets.size(), 3u);
  EXPECT_EQ(world.PlacesFree(match), 45);
  const HttpResponse done = world.Override(match, {tickets[0], tickets[2]}, "o1");
  ASSERT_EQ(done.status, 200) << done.body;
  const auto overrides = Parse<v1::PlaceOverrides>(done);
  EXPECT_EQ(overrides.cancelled_tickets(), 2);
  ASSERT_EQ(overrides.places_size(), 1);
  EXPECT_EQ(overrides.places(0).label(), "Pie");
  EXPECT_EQ(overrides.places(0).order_id(), ann.id());
  EXPECT_EQ(overrides.places(0).places(), 2);
  EXPECT_EQ(world.PlacesFree(match), 47);
  EXPECT_EQ(world.PlacesFree(world.matches[0]), 45);
  world.AuditPlaces();

  // Who comes later has a place in every match all the same.
  EXPECT_EQ(world.BuyPlaces(world.season, 1, "carl").tickets_size(), 3);
  // The match sells out; nobody can have his place back, and nobody is one too many.
  const v1::Order rest = world.BuyPlaces(match, 46, "rest");
  EXPECT_EQ(world.PlacesFree(match), 0);
  const HttpResponse refused = world.Override(match, {tickets[0]}, "o2", true);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("Pie"));
  world.SettleAll();
  world.AuditPlaces();
  // Ann refunds: only the place that was still hers in this match comes free.
  ASSERT_EQ(world.Post("/v1/orders/" + ann.id() + "/refund", "", "ra").status, 200);
  EXPECT_EQ(world.PlacesFree(match), 1);
  EXPECT_EQ(world.PlacesFree(world.matches[0]), 47);
  EXPECT_EQ(world.Override(match, {tickets[0]}, "o3", true).status, 409);
  world.SettleAll();
  world.AuditPlaces();
}

TEST(SeasonChangeTest, AHolderHasHisPlaceBack) {
  ChangingSeason world;
  const std::string match = world.matches[0];
  const v1::Order ann = world.BuyPlaces(world.season, 2, "ann");
  const std::vector<std::string> tickets = ChangingSeason::TicketsFor(ann, match);
  ASSERT_EQ(world.Override(match, tickets, "o1").status, 200);
  EXPECT_EQ(world.PlacesFree(match), 50);
  const auto back = Parse<v1::PlaceOverrides>(world.Override(match, {tickets[1]}, "o2", true));
  EXPECT_EQ(back.restored_tickets(), 1);
  EXPECT_EQ(back.places(0).places(), 1);
  EXPECT_EQ(world.PlacesFree(match), 49);
  EXPECT_THAT(world.Copy(match),
              UnorderedElementsAre(Pair("Pie", kCancelled), Pair("Pie", kValid)));
  world.service.reset();
  world.Restart();
  EXPECT_EQ(world.PlacesFree(match), 49);
  const auto shown = Parse<v1::PlaceOverrides>(
      world.Send("GET", "/v1/events/" + match + "/place-overrides", world.admin));
  ASSERT_EQ(shown.places_size(), 1);
  EXPECT_EQ(shown.places(0).places(), 1);
  EXPECT_EQ(Parse<v1::SeasonOverrides>(
                world.Send("GET", "/v1/events/" + match + "/overrides", world.admin))
                .objects_size(),
            0)
      << "seats alone";
  world.AuditPlaces();
}

TEST(SeasonChangeTest, OnlyTicketsOfPlacesOfASeasonCanBeNamed) {
  ChangingSeason world;
  const std::string match = world.matches[1];
  const v1::Order ann = world.BuyPlaces(world.season, 2, "ann");
  const std::vector<std::string> tickets = ChangingSeason::TicketsFor(ann, match);
  const v1::Order seat = world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "seat");
  const v1::Order single = world.BuyPlaces(match, 1, "single");
  const auto refused = [&](const std::vector<std::string>& ids, int at, const std::string& key) {
    const HttpResponse answer = world.Override(match, ids, key);
    EXPECT_EQ(answer.status, 422) << answer.body;
    EXPECT_THAT(answer.body, ::testing::HasSubstr("\"ticket_ids[" + std::to_string(at) + "]\""));
  };
  refused({tickets[0], tickets[0]}, 1, "a");
  refused({tickets[0], ChangingSeason::TicketsFor(seat, match)[0]}, 1, "b");
  refused({single.tickets(0).id()}, 0, "c");
  refused({tickets[0], ChangingSeason::TicketsFor(ann, world.matches[0])[0]}, 1, "d");
  refused({TicketId{5}.ToString()}, 0, "e");
  EXPECT_EQ(world.Override(match, {}, "f").status, 422);
  EXPECT_EQ(world.PlacesFree(match), 47) << "nothing was applied";
  // What is open is not given back, what is closed not taken again; all or nothing.
  EXPECT_EQ(world.Override(match, {tickets[0]}, "g", true).status, 409);
  ASSERT_EQ(world.Override(match, {tickets[0]}, "h").status, 200);
  const HttpResponse again = world.Override(match, {tickets[1], tickets[0]}, "i");
  EXPECT_EQ(again.status, 409) << again.body;
  EXPECT_EQ(world.PlacesFree(match), 48);
  EXPECT_THAT(world.Copy(match), UnorderedElementsAre(Pair("Pie", kCancelled), Pair("Pie", kValid),
                                                      Pair("Pie", kValid), Pair("N-A-1", kValid),
                                                      Pair("N-A-2", kValid)));
  // A ticket that staff closed cannot lose its place; nothing is applied.
  ASSERT_EQ(world.SetStatus(tickets[1], "cancelled").status, 200);
  const HttpResponse closed = world.Override(match, {tickets[1]}, "j");
  EXPECT_EQ(closed.status, 409);
  EXPECT_THAT(Objects(closed), ElementsAre(tickets[1]));
  EXPECT_EQ(world.PlacesFree(match), 48);
  EXPECT_EQ(world
                .Send("POST", "/v1/events/" + match + "/place-overrides", world.box_office,
                      R"({"ticket_ids":[")" + tickets[1] + "\"]}", "k")
                .status,
            403);
}

// A seat's override undoes what it did and nothing else.
TEST(SeasonChangeTest, ATicketComesBackAsWhatItWas) {
  ChangingSeason world;
  const std::string match = world.matches[1];
  const v1::Order order = world.BuyOf(world.season, {"N-A-1", "N-A-2"}, "s");
  std::map<std::string, std::string> ids;
  for (const v1::Ticket& ticket : order.tickets())
    if (ticket.event_id() == match) ids[ticket.label()] = ticket.id();
  ASSERT_EQ(world.SetStatus(ids["N-A-1"], "blocked").status, 200);
  ASSERT_EQ(world.SetStatus(ids["N-A-2"], "cancelled").status, 200);
  const std::string path = "/v1/events/" + match + "/overrides";
  const auto taken =
      Parse<v1::SeasonOverrides>(world.Post(path, R"({"objects":["N-A-1","N-A-2"]})", "o1"));
  EXPECT_EQ(taken.cancelled_tickets(), 1);
  EXPECT_EQ(world.SetStatus(ids["N-A-1"], "valid").status, 409) << "its seat is for sale";
  const auto back = Parse<v1::SeasonOverrides>(
      world.Post(path, R"({"objects":["N-A-1","N-A-2"],"give_back":true})", "o2"));
  EXPECT_EQ(back.restored_tickets(), 1);
  EXPECT_THAT(world.Copy(match),
              UnorderedElementsAre(Pair("N-A-1", kBlocked), Pair("N-A-2", kCancelled)));
  const auto history = Parse<v1::TicketStatusHistory>(
      world.Send("GET", "/v1/tickets/" + ids["N-A-1"] + "/status-changes", world.admin));
  EXPECT_EQ(history.changes_size(), 3);
}

}  // namespace
}  // namespace ticketing
