// Requests about objects that cannot be sold like that: each refusal names the object, and nothing
// is applied. And labels that are unusual but good.
#include <algorithm>

#include "tests/service_ticketing/world.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/chart_json.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BadObjectsTest : public testing::Test {
 protected:
  HttpResponse Hold(const v1::CreateHoldRequest& request, const std::string& token = "") {
    return world_.Send("POST", "/v1/events/" + world_.event_id + "/holds",
                       token.empty() ? world_.visitor : token, wire::ToJson(request),
                       "k" + std::to_string(++keys_));
  }
  HttpResponse HoldLabels(const std::vector<std::string>& labels) {
    v1::CreateHoldRequest request;
    for (const std::string& label : labels) request.add_objects()->set_label(label);
    return Hold(request);
  }
  HttpResponse HoldPlaces(const std::string& label, int64_t quantity) {
    v1::CreateHoldRequest request;
    request.add_objects()->set_label("N-A-1");
    v1::ObjectRequest* area = request.add_objects();
    area->set_label(label);
    area->set_quantity(quantity);
    return Hold(request);
  }
  void ExpectRefused(const HttpResponse& response, int status, const std::string& code,
                     const std::vector<std::string>& objects) {
    EXPECT_EQ(response.status, status) << response.body;
    const v1::Problem problem = ProblemOf(response);
    EXPECT_EQ(problem.code(), code);
    EXPECT_EQ(std::vector<std::string>(problem.objects().begin(), problem.objects().end()),
              objects);
    EXPECT_TRUE(world_.Seats().empty()) << "something was applied";
  }

  World world_;
  int keys_ = 0;
};

TEST_F(BadObjectsTest, UnknownLabelsAreNamedWhateverTheyAre) {
  world_.MakeEvent();
  ExpectRefused(HoldLabels({"N-A-1", "Z-1", "'\";DROP TABLE seats;-- 🎟", "n-a-1"}), 422,
                "unknown-object", {"Z-1", "'\";DROP TABLE seats;-- 🎟", "n-a-1"});
  // What no label can be is named by its place, and not echoed.
  const HttpResponse longest = HoldLabels({"N-A-1", std::string(1000, 'x')});
  EXPECT_EQ(longest.status, 422);
  EXPECT_LT(longest.body.size(), 1000u);
  EXPECT_THAT(longest.body, HasSubstr("objects[1].label"));
  EXPECT_TRUE(world_.Seats().empty());
}

TEST_F(BadObjectsTest, DuplicatesAndQuantitiesAreNamed) {
  world_.MakeEvent();
  const HttpResponse twice = HoldLabels({"N-A-1", "N-A-2", "N-A-1"});
  ExpectRefused(twice, 422, "invalid-field", {});
  EXPECT_THAT(twice.body, HasSubstr("objects[2]"));
  EXPECT_THAT(twice.body, HasSubstr("N-A-1 is named twice"));
  for (const int64_t quantity : {int64_t{0}, int64_t{-1}, int64_t{51}, INT64_MAX}) {
    const HttpResponse refused = HoldPlaces("Pie", quantity);
    EXPECT_EQ(refused.status, 422) << quantity;
    EXPECT_THAT(refused.body, HasSubstr("objects[1].quantity")) << quantity;
  }
  const HttpResponse beyond = HoldPlaces("Pie", 51);
  EXPECT_THAT(beyond.body, HasSubstr("Pie"));
  EXPECT_TRUE(world_.Seats().empty());
}

TEST_F(BadObjectsTest, WhatIsTakenIsNamedAndTheRestStaysFree) {
  world_.MakeEvent();
  ASSERT_EQ(HoldLabels({"N-A-3", "N-A-4"}).status, 201);
  const HttpResponse refused = HoldLabels({"N-A-1", "N-A-2", "N-A-3", "N-A-4"});
  EXPECT_EQ(refused.status, 409);
  const v1::Problem problem = ProblemOf(refused);
  EXPECT_THAT(std::vector<std::string>(problem.objects().begin(), problem.objects().end()),
              ElementsAre("N-A-3", "N-A-4"));
  EXPECT_EQ(world_.Seats().size(), 2u);
}

TEST_F(BadObjectsTest, HoldsThatExpiredOrBelongToAnotherBuyNothing) {
  world_.MakeEvent();
  const auto hold = Parse<v1::Hold>(HoldLabels({"N-A-1", "N-A-2"}));
  const auto other = [&](const std::string& event, const std::string& id) {
    return world_.Send("POST", "/v1/orders", world_.customer,
                       R"({"event_id":")" + event + R"(","hold_id":")" + id + "\"}",
                       "o" + std::to_string(++keys_));
  };
  EXPECT_EQ(other(world_.MakeFreeEvent(), hold.id()).status, 404) << "a hold of another event";
  EXPECT_EQ(other(world_.event_id, HoldId{77}.ToString()).status, 404);
  world_.env.clock.Advance(Duration::Minutes(16));
  const HttpResponse late = other(world_.event_id, hold.id());
  EXPECT_TRUE(late.status == 404 || late.status == 409) << late.body;
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM orders"), 0);
  EXPECT_EQ(HoldLabels({"N-A-1", "N-A-2"}).status, 201) << "free again";
}

// The whole chart is made of labels that break careless programs.
TEST_F(BadObjectsTest, LabelsWithQuotesAndEmojiAreSoldLikeAnyOther) {
  std::string chart = SmallChart(1, 2);
  const auto replace = [&](const std::string& from, const std::string& to) {
    const size_t at = chart.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    chart.replace(at, from.size(), to);
  };
  replace(R"("label":"N")", R"("label":"N'\"; 🎸")");
  replace(R"("label":"A")", R"("label":"<b>&%00")");
  replace(R"("label":"Pie")", R"("label":"Ñandú 席 \\ =1+1")");
  world_.MakeEvent(chart);
  const std::string seat = "N'\"; 🎸-<b>&%00-1", area = "Ñandú 席 \\ =1+1";
  const v1::Order order = world_.Buy({seat, "N'\"; 🎸-<b>&%00-2", area}, "k");
  ASSERT_EQ(order.tickets_size(), 3);
  EXPECT_EQ(order.tickets(0).label(), seat);
  const HttpResponse again = HoldLabels({seat, area});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(ProblemOf(again).objects(0), seat);
  const HttpResponse csv =
      world_.Send("GET", "/v1/events/" + world_.event_id + "/report.csv", world_.admin);
  EXPECT_THAT(csv.body, HasSubstr("\"N'\"\"; 🎸-<b>&%00-1\""));
  EXPECT_EQ(world_
                .Send("GET",
                      "/v1/events/" + world_.event_id +
                          "/history?object=N%27%22%3B+%F0%9F%8E%B8"
                          "-%3Cb%3E%26%2500-1",
                      world_.admin)
                .status,
            200);
  world_.SettleAll();
}

TEST_F(BadObjectsTest, ALabelOfAThousandCharactersIsNoLabel) {
  std::string chart = SmallChart(1, 2);
  const std::string from = R"("label":"Pie")";
  chart.replace(chart.find(from), from.size(), "\"label\":\"" + std::string(1000, 'x') + "\"");
  const HttpResponse refused = world_.Send("POST", "/v1/charts", world_.admin, chart);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(ProblemOf(refused).code(), "chart-invalid");
  EXPECT_THAT(refused.body, HasSubstr("areas[0].label"));
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM charts"), 0);
}

// 200,000 seats are a chart; one more is none.
TEST_F(BadObjectsTest, TheLargestChartIsSoldAndALargerOneRefused) {
  const auto chart = [](int rows, int seats, int extra) {
    std::string list;
    for (int r = 0; r < rows; ++r) {
      list +=
          (r > 0 ? "," : "") + std::string(R"({"label":")") + std::to_string(r) + R"(","seats":[)";
      const int count = seats + (r == 0 ? extra : 0);
      for (int s = 0; s < count; ++s) {
        list += (s > 0 ? R"(,{"label":")" : R"({"label":")") + std::to_string(s) + R"(","at":[)" +
                std::to_string(s * 50) + "," + std::to_string(r * 90) + "]}";
      }
      list += "]}";
    }
    return R"({"format":"ticketing-chart/1","name":"S","venue":"T","focalPoint":[0,0],"categories":
      [{"key":"A","name":"A","color":"#c8102e"},{"key":"G","name":"G","color":"#0011aa"}],
      "sections":[{"label":"N","category":"A","rows":[)" +
           list + R"(]}],"areas":[{"label":"Pie","capacity":50,"category":"G"}]})";
  };
  const int rows = static_cast<int>(limits::kSeatsPerChartMax) / 500;
  const HttpResponse larger = world_.Send("POST", "/v1/charts", world_.admin, chart(rows, 500, 1));
  EXPECT_EQ(larger.status, 422) << larger.body.substr(0, 500);
  EXPECT_EQ(ProblemOf(larger).code(), "chart-invalid");
  world_.MakeEvent(chart(rows, 500, 0));
  const std::string last = "N-" + std::to_string(rows - 1) + "-499";
  EXPECT_EQ(HoldLabels({last, "N-0-0"}).status, 201);
  const HttpResponse refused = HoldLabels({"N-0-1", last});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(ProblemOf(refused).objects(0), last);
}

}  // namespace
}  // namespace ticketing
