// Channels, for-sale lists, windows, blocks, reports, history and changes of availability through
// the API.
#include "tests/service_ticketing/world.h"
#include "ticketing/seat/availability.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SeatApiTest : public testing::Test {
 protected:
  SeatApiTest() { world_.MakeEvent(); }

  std::string Path(const std::string& rest) { return "/v1/events/" + world_.event_id + "/" + rest; }
  HttpResponse SetRules(const std::string& body) {
    return world_.Send("PUT", Path("sale-rules"), world_.admin, body);
  }
  HttpResponse Hold(const std::string& body, const std::string& token) {
    return world_.Send("POST", Path("holds"), token, body, "k" + std::to_string(++keys_));
  }
  HttpResponse Block(const std::string& body) {
    return world_.Send("POST", Path("blocks"), world_.admin, body, "b" + std::to_string(++keys_));
  }
  std::vector<std::string> Objects(const HttpResponse& response) {
    const v1::Problem problem = ProblemOf(response);
    return {problem.objects().begin(), problem.objects().end()};
  }

  World world_;
  int keys_ = 0;
};

TEST_F(SeatApiTest, ACodeOpensItsChannel) {
  const HttpResponse set = SetRules(
      R"({"channels":[{"key":"presale","name":"Fans","access_codes":["FANS2026"],
          "objects":["N-A-1","N-A-2"]},{"key":"sponsor","objects":["N-A-3"]}]})");
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(Parse<v1::SaleRules>(set).channels(0).access_codes(0), "FANS2026");

  const std::string seats = R"("objects":[{"label":"N-A-1"},{"label":"N-A-2"}])";
  HttpResponse refused = Hold("{" + seats + "}", world_.customer);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("N-A-1", "N-A-2"));
  refused = Hold("{" + seats + R"(,"access_codes":["WRONG1"]})", world_.customer);
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("access_codes[0]"));
  EXPECT_EQ(Hold("{" + seats + R"(,"channels":["presale"]})", world_.customer).status, 422);
  EXPECT_EQ(Hold("{" + seats + R"(,"access_codes":["FANS2026"]})", world_.customer).status, 201);
  // Staff names channels; nobody sees the codes but who may set the rules.
  EXPECT_EQ(
      Hold(R"({"objects":[{"label":"N-A-3"}],"channels":["sponsor"]})", world_.box_office).status,
      201);
  EXPECT_EQ(
      Hold(R"({"objects":[{"label":"N-A-4"}],"channels":["nobody"]})", world_.box_office).status,
      422);
  for (const std::string& token : {world_.customer, world_.box_office, world_.visitor})
    EXPECT_EQ(world_.Send("GET", Path("sale-rules"), token).status, 403);
  // The rules outlive the process.
  world_.Restart();
  EXPECT_EQ(Hold(R"({"objects":[{"label":"N-A-3"},{"label":"N-A-4"}]})", world_.customer).status,
            409);
}

TEST_F(SeatApiTest, RulesThatNameWhatIsNotThereAreRefused) {
  for (const std::string& body :
       {std::string(R"({"channels":[{"key":"a","objects":["Z-1"]}]})"),
        std::string(
            R"({"channels":[{"key":"a","objects":["N-A-1"]},{"key":"b","objects":["N-A-1"]}]})"),
        std::string(R"({"channels":[{"key":"a"},{"key":"a"}]})"),
        std::string(R"({"channels":[{"key":"a","area_places":[{"area":"Pie","places":51}]}]})"),
        std::string(R"({"channels":[{"key":"a","access_codes":["x"]}]})"),
        std::string(R"({"for_sale":{"objects":["Z-1"]}})"),
        std::string(R"({"for_sale":{"categories":["Z"]}})"),
        std::string(R"({"windows":[{"category":"Z"}]})"), std::string(R"({"tables":"round"})")}) {
    const HttpResponse refused = SetRules(body);
    EXPECT_EQ(refused.status, 422) << body;
  }
  EXPECT_EQ(
      Parse<v1::SaleRules>(world_.Send("GET", Path("sale-rules"), world_.admin)).channels_size(),
      0);
}

TEST_F(SeatApiTest, NothingIsSoldThatIsNotForSale) {
  ASSERT_EQ(
      SetRules(R"({"for_sale":{"objects":["N-A-1"],"area_places":[{"area":"Pie","places":48}]}})")
          .status,
      200);
  HttpResponse refused = Hold(R"({"objects":[{"label":"N-A-1"}]})", world_.customer);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("N-A-1"));
  EXPECT_EQ(Hold(R"({"objects":[{"label":"Pie","quantity":3}]})", world_.customer).status, 409);
  EXPECT_EQ(Hold(R"({"objects":[{"label":"Pie","quantity":2}]})", world_.customer).status, 201);
  EXPECT_EQ(
      Hold(R"({"objects":[{"label":"N-A-1"}],"ignore_for_sale":true})", world_.customer).status,
      422);
  EXPECT_EQ(
      Hold(R"({"objects":[{"label":"N-A-1"}],"ignore_for_sale":true})", world_.box_office).status,
      201);
}

TEST_F(SeatApiTest, AWindowOpensByItself) {
  const Timestamp opens = world_.env.clock.Now() + Duration::Hours(1);
  ASSERT_EQ(SetRules(R"({"windows":[{"opens_at":")" + FormatTimestamp(opens) + R"("}]})").status,
            200);
  EXPECT_EQ(Hold(R"({"objects":[{"label":"N-A-1"}]})", world_.customer).status, 409);
  world_.env.clock.Advance(Duration::Hours(1));
  EXPECT_EQ(Hold(R"({"objects":[{"label":"N-A-1"}]})", world_.customer).status, 201);
}

TEST_F(SeatApiTest, BuyersLeaveNoSingleSeatBehindStaffMay) {
  const std::string second = R"({"objects":[{"label":"N-A-2"}]})";
  const HttpResponse refused = Hold(second, world_.customer);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("N-A-1"));
  EXPECT_EQ(Hold(second, world_.box_office).status, 201);
  ASSERT_EQ(SetRules(R"({"allow_single_seats":true})").status, 200);
  EXPECT_EQ(Hold(R"({"objects":[{"label":"N-B-2"}]})", world_.customer).status, 201);
}

TEST_F(SeatApiTest, BestAvailableKeepsToAPrice) {
  const auto event =
      Parse<v1::Event>(world_.Send("GET", "/v1/events/" + world_.event_id, world_.admin));
  int64_t lowest = INT64_MAX;
  std::string cheapest;
  for (const v1::CategoryPrice& price : event.prices()) {
    if (price.price().minor() >= lowest) continue;
    lowest = price.price().minor();
    cheapest = price.category();
  }
  const auto ask = [&](int64_t most, const std::string& currency) {
    return Hold(R"({"best_available":{"quantity":1,"max_price":{"minor":")" + std::to_string(most) +
                    R"(","currency":")" + currency + R"("}}})",
                world_.customer);
  };
  EXPECT_EQ(ask(lowest - 1, "MXN").status, 422);
  EXPECT_EQ(ask(lowest, "EUR").status, 422);
  const HttpResponse held = ask(lowest, "MXN");
  if (held.status == 201) {
    EXPECT_EQ(Parse<v1::Hold>(held).objects(0).category(), cheapest);
  } else {
    EXPECT_EQ(held.status, 409) << held.body;  // the cheapest category is standing room
  }
  EXPECT_EQ(ask(INT32_MAX, "MXN").status, 201);
}

TEST_F(SeatApiTest, StaffBlocksSeatsButNeverWhatIsSold) {
  world_.Buy({"N-A-1", "N-A-2"}, "buy");
  HttpResponse refused =
      Block(R"({"steps":[{"status":"kill","objects":[{"label":"N-B-1"},{"label":"N-A-1"}]}]})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(Objects(refused), ElementsAre("N-A-1"));
  EXPECT_EQ(Block(R"({"steps":[{"status":"free","objects":[{"label":"N-A-1"}]}]})").status, 409);
  const HttpResponse blocked = Block(
      R"({"reason":"camera","steps":[{"status":"press","objects":[{"label":"N-B-1"},{"label":"Pie","quantity":5}]},
          {"status":"kill","objects":[{"label":"N-B-1"}],"allowed_before":["press"]}]})");
  ASSERT_EQ(blocked.status, 200) << blocked.body;
  EXPECT_EQ(Hold(R"({"objects":[{"label":"N-B-1"}]})", world_.customer).status, 409);
  ASSERT_EQ(
      Block(
          R"({"steps":[{"status":"free","objects":[{"label":"N-B-1"},{"label":"Pie","quantity":5}]}]})")
          .status,
      200);
  EXPECT_EQ(Hold(R"({"objects":[{"label":"N-B-1"}]})", world_.customer).status, 201);
  EXPECT_EQ(world_.Send("POST", Path("blocks"), world_.box_office, "{}", "x").status, 403);

  const auto history =
      Parse<v1::SeatHistory>(world_.Send("GET", Path("history?object=N-B-1"), world_.admin));
  std::vector<std::string> told;
  for (const v1::SeatHistoryEntry& entry : history.entries())
    told.push_back(entry.was() + ">" + entry.status() + " " + entry.origin() + " " +
                   entry.reason());
  EXPECT_THAT(told, ElementsAre("free>held hold ", "custom>free block ", "custom>kill block camera",
                                "free>press block camera"));
  EXPECT_NE(history.entries(3).actor(), "");
}

TEST_F(SeatApiTest, HistoryComesInPages) {
  world_.Buy({"N-A-1", "N-A-2"}, "buy");
  std::vector<std::string> ids;
  std::string cursor;
  do {
    const auto page = Parse<v1::SeatHistory>(
        world_.Send("GET", Path("history?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor)),
                    world_.admin));
    for (const v1::SeatHistoryEntry& entry : page.entries()) ids.push_back(entry.id());
    cursor = page.next_cursor();
  } while (!cursor.empty() && ids.size() < 10);
  EXPECT_EQ(ids.size(), 4u) << "two seats held, two booked";
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_EQ(world_.Send("GET", Path("history?object=Z"), world_.admin).status, 422);
  EXPECT_EQ(world_.Send("GET", Path("history?cursor=x"), world_.admin).status, 422);
}

TEST_F(SeatApiTest, ReportsCountWhatIsSold) {
  world_.Buy({"N-A-1", "N-A-2"}, "buy");
  const auto report =
      Parse<v1::SeatReport>(world_.Send("GET", Path("report?by=section"), world_.admin));
  int64_t booked = 0, places = 0;
  for (const v1::SeatReportGroup& group : report.groups()) {
    booked += group.booked();
    places += group.places();
  }
  EXPECT_EQ(booked, 2);
  EXPECT_EQ(places, 4 * 10 + 4 + 50);
  EXPECT_EQ(world_.Send("GET", Path("report?by=colour"), world_.admin).status, 422);
  const HttpResponse csv = world_.Send("GET", Path("report.csv"), world_.admin);
  EXPECT_EQ(csv.headers.Get("Content-Type").value_or(""), "text/csv; charset=utf-8");
  EXPECT_THAT(csv.body, HasSubstr("N-A-1,seat,booked,1,no,"));
}

TEST_F(SeatApiTest, AvailabilityFollowsByItsChanges) {
  const auto before =
      Parse<v1::Availability>(world_.Send("GET", Path("availability"), world_.visitor));
  ASSERT_EQ(Hold(R"({"objects":[{"label":"N-A-1"},{"label":"Pie","quantity":2}]})", world_.customer)
                .status,
            201);
  const HttpResponse answer =
      world_.Send("GET", Path("availability/changes?since=" + std::to_string(before.version())),
                  world_.visitor);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto changes = Parse<v1::AvailabilityDelta>(answer);
  EXPECT_GT(changes.version(), before.version());
  seat::AvailabilityMap map;
  map.version = static_cast<uint64_t>(before.version());
  map.units.resize(static_cast<size_t>(before.objects()));
  map.area_free = {50};
  ASSERT_OK(seat::ApplyDelta(changes.delta(), map));
  EXPECT_EQ(map.units[0], seat::Availability::kHeld);
  EXPECT_EQ(map.area_free[0], 48u);
  EXPECT_EQ(world_.Send("GET", Path("availability/changes?since=x"), world_.visitor).status, 422);
  EXPECT_EQ(world_.Send("GET", Path("availability/changes?since=999999"), world_.visitor).status,
            409);
}

}  // namespace
}  // namespace ticketing
