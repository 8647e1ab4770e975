// Prices for staff only: the box office sells at them, the public neither sees nor gets them.
#include "tests/service_ticketing/season_world.h"

namespace ticketing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// For the public 500 pesos, as a child 100, as a guest of the house nothing: at the window alone.
constexpr char kPrices[] =
    R"([{"category":"A","price":{"minor":"50000","currency":"MXN"}},
        {"category":"A","ticket_type":"child","price":{"minor":"10000","currency":"MXN"}},
        {"category":"A","ticket_type":"courtesy","price":{"minor":"0","currency":"MXN"},
         "staff_only":true},
        {"category":"G","price":{"minor":"20000","currency":"MXN"}}])";

std::vector<std::string> TypesOf(const v1::Event& event) {
  std::vector<std::string> types;
  for (const v1::CategoryPrice& price : event.prices()) types.push_back(price.ticket_type());
  return types;
}

class StaffPriceTest : public ::testing::Test {
 protected:
  StaffPriceTest() {
    venue_ = Parse<v1::Event>(world_.Send("GET", "/v1/events/" + world_.event_id, world_.admin))
                 .venue()
                 .id();
    const HttpResponse made = MakeEvent(kPrices);
    EXPECT_EQ(made.status, 201) << made.body;
    event_ = Parse<v1::Event>(made).id();
  }

  std::string EventBody(const std::string& prices) {
    return R"({"venue_id":")" + venue_ + R"(","chart_id":")" + world_.chart_id +
           R"(","name":"Gala","starts_at":"2026-12-05T01:30:00Z","currency":"MXN","prices":)" +
           prices + "}";
  }
  HttpResponse MakeEvent(const std::string& prices) {
    return world_.Send("POST", "/v1/events", world_.admin, EventBody(prices));
  }
  HttpResponse Hold(const std::string& body, const std::string& token) {
    return HoldOf(event_, body, token);
  }
  HttpResponse HoldOf(const std::string& event, const std::string& body, const std::string& token) {
    return world_.Send("POST", "/v1/events/" + event + "/holds", token, body,
                       "k" + std::to_string(++keys_));
  }
  std::vector<std::string> Public() { return {world_.visitor, world_.customer}; }

  SeasonWorld world_;
  std::string venue_;
  std::string event_;
  int keys_ = 0;
};

TEST_F(StaffPriceTest, OnlyStaffSeesThem) {
  for (const std::string& token : {world_.admin, world_.box_office}) {
    const auto event = Parse<v1::Event>(world_.Send("GET", "/v1/events/" + event_, token));
    EXPECT_THAT(TypesOf(event), ElementsAre("", "child", "courtesy", ""));
    EXPECT_TRUE(event.prices(2).staff_only());
  }
  for (const std::string& token : {world_.visitor, world_.customer, world_.device, world_.gate}) {
    const auto event = Parse<v1::Event>(world_.Send("GET", "/v1/events/" + event_, token));
    EXPECT_THAT(TypesOf(event), ElementsAre("", "child", ""));
    EXPECT_THAT(world_.Send("GET", "/v1/events", token).body, Not(HasSubstr("courtesy")));
  }
  EXPECT_THAT(world_.Send("GET", "/v1/events", world_.box_office).body, HasSubstr("courtesy"));
}

TEST_F(StaffPriceTest, OnlyStaffSellsAtThem) {
  const std::string seat = R"({"objects":[{"label":"N-A-1","ticket_type":"courtesy"}]})";
  const std::string best =
      R"({"best_available":{"quantity":1,"category":"A","ticket_type":"courtesy"}})";
  const std::string together =
      R"({"events":[{"event_id":")" + event_ + R"(","hold":)" + seat + "}]}";
  for (const std::string& token : Public()) {
    for (const std::string& body : {seat, best}) {
      const HttpResponse refused = Hold(body, token);
      EXPECT_EQ(refused.status, 422) << refused.body;
      EXPECT_THAT(refused.body, HasSubstr("courtesy has no price in the category A"))
          << "no word of a price that there is";
    }
    EXPECT_EQ(
        world_.Send("POST", "/v1/holds", token, together, "k" + std::to_string(++keys_)).status,
        422);
  }
  const HttpResponse held = Hold(seat, world_.box_office);
  ASSERT_EQ(held.status, 201) << held.body;
  EXPECT_EQ(Parse<v1::Hold>(held).quote().total().minor(), 0);
  EXPECT_EQ(Hold(best, world_.box_office).status, 201);
  EXPECT_EQ(
      Hold(R"({"objects":[{"label":"N-C-1","ticket_type":"child"}]})", world_.customer).status,
      201);
}

TEST_F(StaffPriceTest, ACeilingDoesNotSearchTheirCategoriesForThePublic) {
  const auto ask = [&](const std::string& type, const std::string& token) {
    return Hold(R"({"best_available":{"quantity":1,"ticket_type":")" + type +
                    R"(","max_price":{"minor":"10000","currency":"MXN"}}})",
                token);
  };
  for (const std::string& token : Public()) {
    const HttpResponse refused = ask("courtesy", token);
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_EQ(ProblemOf(refused).detail(), ProblemOf(ask("nothing", token)).detail());
  }
  EXPECT_EQ(ask("courtesy", world_.box_office).status, 201);
  EXPECT_EQ(ask("child", world_.customer).status, 201);
}

TEST_F(StaffPriceTest, AHoldOfStaffDoesNotCarryThemToTheDoorOfThePublic) {
  const auto hold = Parse<v1::Hold>(
      Hold(R"({"objects":[{"label":"N-A-1","ticket_type":"courtesy"}]})", world_.box_office));
  const HttpResponse refused = world_.OrderOf(hold.id(), "customer");
  EXPECT_EQ(refused.status, 403) << refused.body;
  const HttpResponse order =
      world_.Send("POST", "/v1/orders", world_.box_office,
                  R"({"hold_id":")" + hold.id() + R"(","buyer":{"name":"Luis"}})", "window");
  ASSERT_EQ(order.status, 201) << order.body;
  EXPECT_EQ(Parse<v1::Order>(order).status(), "completed");
  EXPECT_EQ(Parse<v1::Order>(order).lines(0).ticket_type(), "courtesy");
  // What staff holds at a price of everybody, a customer may still buy.
  const auto plain = Parse<v1::Hold>(
      Hold(R"({"objects":[{"label":"N-B-1","ticket_type":"child"}]})", world_.box_office));
  EXPECT_EQ(world_.OrderOf(plain.id(), "child").status, 201);
}

TEST_F(StaffPriceTest, SeasonsAndTheirPartsHaveThemToo) {
  const std::string at = R"(,"starts_at":"2027-02-01T01:30:00Z","prices":)" + std::string(kPrices);
  const HttpResponse made = world_.Post(
      "/v1/seasons",
      R"({"season":)" + EventBody(kPrices) + R"(,"matches":[{"name":"1")" + at + "}]}", "season2");
  ASSERT_EQ(made.status, 201) << made.body;
  auto season = Parse<v1::Season>(made);
  const std::string path = "/v1/seasons/" + season.season().id();
  const HttpResponse part =
      world_.Post(path + "/partial-seasons",
                  R"({"name":"Mitad","match_ids":[")" + season.matches(0).id() + R"("],"prices":)" +
                      kPrices + "}",
                  "part");
  ASSERT_EQ(part.status, 201) << part.body;
  season = Parse<v1::Season>(world_.Send("GET", path, world_.box_office));
  const std::vector<v1::Event> events = {season.season(), season.matches(0),
                                         season.partial_seasons(0).event()};
  for (const v1::Event& event : events) EXPECT_THAT(TypesOf(event), Contains("courtesy"));
  for (const std::string& token : Public()) {
    EXPECT_THAT(world_.Send("GET", path, token).body, Not(HasSubstr("courtesy")));
    EXPECT_THAT(world_.Send("GET", "/v1/seasons", token).body, Not(HasSubstr("courtesy")));
    for (const v1::Event& event : events) {
      EXPECT_EQ(
          HoldOf(event.id(), R"({"objects":[{"label":"N-A-1","ticket_type":"courtesy"}]})", token)
              .status,
          422);
    }
  }
  EXPECT_THAT(world_.Send("GET", "/v1/seasons", world_.box_office).body, HasSubstr("courtesy"));
  EXPECT_EQ(HoldOf(season.season().id(),
                   R"({"objects":[{"label":"N-A-1","ticket_type":"courtesy"}]})", world_.box_office)
                .status,
            201);
}

TEST_F(StaffPriceTest, AnOrdinaryPriceIsEverybodys) {
  const HttpResponse refused = MakeEvent(
      R"([{"category":"A","price":{"minor":"50000","currency":"MXN"},"staff_only":true},
          {"category":"G","price":{"minor":"20000","currency":"MXN"}}])");
  ASSERT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(ProblemOf(refused).errors(0).field(), "prices[0].staff_only");
}

TEST_F(StaffPriceTest, TheyStaySoWithANewProcessAndOnAnotherChart) {
  const HttpResponse chart =
      world_.Send("POST", "/v1/charts", world_.admin, SmallChart(/*rows=*/5));
  const HttpResponse moved =
      world_.Post("/v1/events/" + event_ + "/chart",
                  R"({"chart_id":")" + Parse<v1::ChartSummary>(chart).id() + "\"}", "move");
  ASSERT_EQ(moved.status, 200) << moved.body;
  world_.Restart();
  const std::string body = R"({"objects":[{"label":"N-E-1","ticket_type":"courtesy"}]})";
  EXPECT_EQ(Hold(body, world_.customer).status, 422);
  EXPECT_EQ(Hold(body, world_.box_office).status, 201);
}

}  // namespace
}  // namespace ticketing
