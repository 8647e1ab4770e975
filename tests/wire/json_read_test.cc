// Goal: what our reader takes, it reads as protobuf's own does, and the rest it leaves alone.
// Method: texts of requests, whole and with random damage, read by both.
#include "lib/wire/json_read.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "ticketing/v1/payments.pb.h"
#include "ticketing/v1/ticketing.pb.h"

namespace ticketing {
namespace {

template <typename Message>
bool Takes(const std::string& json) {
  Message message;
  return wire::ReadJson(json, &message);
}

// Whether ours took it, and then as protobuf does.
template <typename Message>
bool TakesAlike(const std::string& json) {
  Message ours, theirs;
  if (!wire::ReadJson(json, &ours)) return false;
  EXPECT_TRUE(nlohmann::json::accept(json)) << json;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &theirs).ok()) << json;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(ours, theirs)) << json;
  return true;
}

constexpr const char* kHold = R"({"objects":[{"label":"A-1"},{"label":"Área 2","quantity":3}]})";
constexpr const char* kBest =
    R"( { "best_available" : {"quantity":2,"accessible":true,"max_price":{"minor":"5000","currency":"MXN"}},
          "access_codes" : [ "one" , "two" ] } )";
constexpr const char* kEvent =
    R"({"name":"Final","prices":[{"category":"a","price":{"minor":-7,"currency":"MXN"}},{}],"gates":[]})";

TEST(JsonReadTest, ReadsRequestsAsProtobufDoes) {
  EXPECT_TRUE(TakesAlike<v1::CreateHoldRequest>("{}"));
  EXPECT_TRUE(TakesAlike<v1::CreateHoldRequest>(kHold));
  EXPECT_TRUE(TakesAlike<v1::CreateEventRequest>(kEvent));
  EXPECT_TRUE(
      TakesAlike<v1::CreateOrderRequest>(R"({"hold_id":"hld-1","buyer":{},"language":""})"));
}

TEST(JsonReadTest, LeavesTheUnusualAlone) {
  using Event = v1::CreateEventRequest;
  for (const char* json : {"",
                           "[]",
                           "{",
                           "{} {}",
                           R"({"name":"x",})",
                           R"({"name":"x" "season":1})",
                           R"({"name":"a\u0062"})",
                           "{\"name\":\"a\nb\"}",
                           R"({"name":null})",
                           R"({"colour":1})",
                           R"({"name":"x","name":"x"})",
                           R"({"startsAt":"2030-01-01T20:00:00Z"})",
                           R"({"starts_at":"2030-01-01T20:00:00Z"})",
                           R"({"tax_basis_points":1.0})",
                           R"({"tax_basis_points":1e3})",
                           R"({"tax_basis_points":01})",
                           R"({"tax_basis_points":-})",
                           R"({"tax_basis_points":"7})",
                           R"({"tax_basis_points":99999999999})",
                           R"({"tax_basis_points":true})",
                           R"({"name":7})",
                           R"({"name":{}})",
                           R"({"gates":{}})",
                           R"({"gates":[{"id":"1"},]})",
                           R"({"gates":[null]})"}) {
    EXPECT_FALSE(Takes<Event>(json)) << json;
  }
  // One of two.
  EXPECT_FALSE(Takes<v1::PayOrderRequest>(R"({"card":{},"cash":{}})"));
  EXPECT_TRUE(Takes<v1::PayOrderRequest>(R"({"card":{}})"));
}

TEST(JsonReadTest, NeverTakesDamageForSomethingElse) {
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "{}[]\",:-0123456789.eE \\ntrufalsx\n";
  int taken = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string json = i % 3 == 0 ? kHold : i % 3 == 1 ? kBest : kEvent;
    for (uint32_t n = 1 + random() % 3; n > 0; --n) {
      const size_t at = random() % json.size();
      const uint32_t kind = random() % 3;
      // Letters beyond ASCII stay whole: the reader is given valid UTF-8.
      if (static_cast<uint8_t>(json[at]) >= 0x80) continue;
      if (kind == 0) json.erase(at, 1);
      if (kind == 1) json[at] = kBytes[random() % kBytes.size()];
      if (kind == 2) json.insert(at, 1, kBytes[random() % kBytes.size()]);
    }
    taken += i % 3 == 2 ? TakesAlike<v1::CreateEventRequest>(json)
                        : TakesAlike<v1::CreateHoldRequest>(json);
  }
  // Changed letters in labels and blanks between tokens; enough to have tested something.
  EXPECT_GT(taken, 3'000);
}

}  // namespace
}  // namespace ticketing
