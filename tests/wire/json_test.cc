#include "ticketing/wire/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ticketing/testing/matchers.h"
#include "ticketing/v1/ticketing.pb.h"

namespace ticketing {
namespace {

// The one field that an error names, or what it was instead.
std::string FieldOf(const std::string& json) {
  v1::CreateEventRequest request;
  const Status status = wire::FromJson(json, &request);
  if (status.ok()) return "ok";
  if (CodeOf(status) == ErrorCode::kBadSyntax) return "bad syntax";
  const auto fields = DetailsOf(status).fields;
  return fields.empty() ? "none" : fields[0].field;
}

TEST(JsonTest, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(FieldOf(R"({"name": "Final", "tax_basis_points": 1600})"), "ok");
  EXPECT_EQ(FieldOf(R"({"colour": 1})"), "colour");
  EXPECT_EQ(FieldOf(R"({"gates": [{"id": "1"}, {"door": "x"}]})"), "gates[1].door");
  EXPECT_EQ(FieldOf(R"({"tax_basis_points": "a lot"})"), "tax_basis_points");
  EXPECT_EQ(FieldOf(R"({"prices": [{"price": {"minor": 1.5}}]})"), "prices[0].price.minor");
  EXPECT_EQ(FieldOf(R"({"prices": [{"price": {"minor": "99999999999999999999"}}]})"),
            "prices[0].price.minor");
  EXPECT_EQ(FieldOf(R"({"starts_at": "tomorrow"})"), "starts_at");
  EXPECT_EQ(FieldOf(R"({"name": {"first": "x"}})"), "name");
}

TEST(JsonTest, RefusesWhatIsNotAJsonObject) {
  EXPECT_EQ(FieldOf(""), "bad syntax");
  EXPECT_EQ(FieldOf("[]"), "bad syntax");
  EXPECT_EQ(FieldOf("\"x\""), "bad syntax");
  EXPECT_EQ(FieldOf("{\"name\": \"x\""), "bad syntax");
  EXPECT_EQ(FieldOf("{\"name\": \"x\"} {}"), "bad syntax");
  EXPECT_EQ(FieldOf("{\"name\": \"\xff\"}"), "bad syntax");
  EXPECT_EQ(FieldOf(std::string(5000, '{')), "bad syntax");
  EXPECT_EQ(FieldOf("{\"gates\":" + std::string(100'000, '[')), "bad syntax");
}

TEST(JsonTest, RefusesAFieldThatStandsTwice) {
  EXPECT_EQ(FieldOf(R"({"name": "Final", "name": "Final"})"), "name");
  EXPECT_EQ(FieldOf(R"({"gates": [{"id": "1", "name": "a"}, {"id": "2", "id": "3"}]})"),
            "gates[1].id");
  // Both spellings are the same field.
  EXPECT_EQ(FieldOf(R"({"starts_at": "2030-01-01T20:00:00Z", "startsAt": null})"), "startsAt");
  EXPECT_EQ(FieldOf(R"({"na\u006de": "Final", "name": "Final"})"), "name");
  EXPECT_EQ(FieldOf(R"({"gates": [{"id": "1", "name": "a"}, {"id": "2", "name": "a"}]})"), "ok");
}

TEST(JsonTest, TellsWhereATextBreaks) {
  const auto message = [](const std::string& json) {
    v1::CreateEventRequest request;
    return std::string(MessageOf(wire::FromJson(json, &request)));
  };
  EXPECT_EQ(message("{\n  \"name\": Final\n}"),
            "The body is not valid JSON: it breaks at line 2, column 11.");
  EXPECT_EQ(message("{\"name\": \"x\",}"),
            "The body is not valid JSON: it breaks at line 1, column 14.");
  EXPECT_EQ(message("{'name': 'x'}"), "The body is not valid JSON: it breaks at line 1, column 2.");
}

TEST(JsonTest, WritesZerosAndKeepsNames) {
  v1::Ticket ticket;
  const auto json = nlohmann::json::parse(wire::ToJson(ticket));
  EXPECT_EQ(json["order_id"], "");
  EXPECT_EQ(json["admitted"], false);
  EXPECT_FALSE(json.contains("starts_at"));
}

TEST(JsonTest, SchemasDescribeEveryFieldWithItsRules) {
  const auto schemas = nlohmann::json::parse(wire::SchemasOf({"ticketing.v1.CreateHoldRequest"}));
  EXPECT_TRUE(schemas.contains("BestAvailableRequest"));
  EXPECT_EQ(schemas["BestAvailableRequest"]["properties"]["quantity"]["maximum"], 50);
  EXPECT_EQ(schemas["BestAvailableRequest"]["required"][0], "quantity");
  EXPECT_EQ(schemas["CreateHoldRequest"]["properties"]["objects"]["items"]["$ref"],
            "#/components/schemas/ObjectRequest");
}

}  // namespace
}  // namespace ticketing
