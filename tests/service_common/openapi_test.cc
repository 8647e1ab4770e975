#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ticketing/service/common/api.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using nlohmann::json;

TEST(OpenApiTest, DescribesEveryRouteOfTheTable) {
  TestEnv test;
  std::vector<Route> routes(2);
  routes[0].method = "POST";
  routes[0].path = "/v1/events/{event_id}/holds";
  routes[0].operation = "createHold";
  routes[0].summary = "Hold seats.";
  routes[0].access = {.roles = {Role::kCustomer, Role::kBoxOffice}};
  routes[0].request = "ticketing.v1.CreateHoldRequest";
  routes[0].response = "ticketing.v1.Hold";
  routes[0].success = 201;
  routes[0].idempotent_key = true;
  routes[0].minimal = true;
  routes[1] = routes[0];
  routes[1].method = "GET";
  routes[1].operation = "listHolds";
  routes[1].request = "";
  routes[1].access = {.anonymous = true};
  routes[1].idempotent_key = false;
  routes[1].minimal = false;
  routes[1].query = {{"limit", "How many."}};
  const Api api({.service = "t", .title = "T", .about = "About."}, test.env(), routes);
  const json document = json::parse(api.openapi());
  EXPECT_EQ(document["openapi"], "3.1.0");
  const json& post = document["paths"]["/v1/events/{event_id}/holds"]["post"];
  EXPECT_EQ(post["operationId"], "createHold");
  EXPECT_EQ(post["parameters"][0]["name"], "event_id");
  EXPECT_EQ(post["parameters"][1]["name"], "Idempotency-Key");
  EXPECT_EQ(post["parameters"][2]["name"], "Prefer");
  EXPECT_EQ(post["requestBody"]["content"]["application/json"]["schema"]["$ref"],
            "#/components/schemas/CreateHoldRequest");
  EXPECT_TRUE(post["responses"].contains("201"));
  EXPECT_FALSE(post["security"].empty());
  const json& get = document["paths"]["/v1/events/{event_id}/holds"]["get"];
  EXPECT_TRUE(get["security"].empty());
  EXPECT_EQ(get["parameters"].size(), 2u);
  EXPECT_FALSE(get.contains("requestBody"));
  // Every reference leads somewhere.
  const std::string text = document.dump();
  size_t at = 0;
  const std::string mark = "#/components/schemas/";
  while ((at = text.find(mark, at)) != std::string::npos) {
    const size_t start = at + mark.size();
    const std::string name = text.substr(start, text.find('"', start) - start);
    EXPECT_TRUE(document["components"]["schemas"].contains(name)) << name;
    at = start;
  }
}

}  // namespace
}  // namespace ticketing
