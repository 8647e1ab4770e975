#include "ticketing/env/http.h"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

TEST(HttpTest, HeadersCompareWithoutCase) {
  HttpHeaders headers;
  headers.Add("Content-Type", "a");
  headers.Add("content-type", "b");
  EXPECT_EQ(headers.Get("CONTENT-TYPE"), "a");
  headers.Set("CoNtEnT-tYpE", "c");
  EXPECT_EQ(headers.all().size(), 1u);
  headers.Remove("content-type");
  EXPECT_FALSE(headers.Get("Content-Type"));
}

TEST(HttpTest, TargetsSplitAtTheFirstQuestionMark) {
  HttpRequest request;
  request.target = "/v1/events?a=1?b";
  EXPECT_EQ(request.path(), "/v1/events");
  EXPECT_EQ(request.query(), "a=1?b");
}

TEST(HttpTest, PercentCodingIsStrictAndRoundTrips) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(PercentDecode(PercentEncode(all), false), all);
  EXPECT_EQ(PercentDecode("a+b", true), "a b");
  EXPECT_EQ(PercentDecode("a+b", false), "a+b");
  EXPECT_FALSE(PercentDecode("%", false));
  EXPECT_FALSE(PercentDecode("%4", false));
  EXPECT_FALSE(PercentDecode("%zz", false));
}

TEST(HttpTest, QueriesKeepOrderAndRepeats) {
  const auto pairs = ParseQuery("a=1&b&&a=%20x");
  ASSERT_TRUE(pairs);
  ASSERT_EQ(pairs->size(), 3u);
  EXPECT_EQ((*pairs)[1], (std::pair<std::string, std::string>("b", "")));
  EXPECT_EQ((*pairs)[2].second, " x");
  EXPECT_FALSE(ParseQuery("a=%"));
}

}  // namespace
}  // namespace ticketing
