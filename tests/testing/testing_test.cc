#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "ticketing/testing/fake_http_client.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"
#include "ticketing/testing/test_env.h"

namespace ticketing {
namespace {

using ::testing::Not;

TEST(FakeClockTest, StandsStillUntilMoved) {
  FakeClock clock;
  EXPECT_EQ(FormatTimestamp(clock.Now()), "2026-11-22T12:00:00Z");
  EXPECT_EQ(clock.Now(), clock.Now());
  clock.Advance(Duration::Seconds(90));
  EXPECT_EQ(FormatTimestamp(clock.Now()), "2026-11-22T12:01:30Z");
  EXPECT_EQ(clock.Monotonic(), Duration::Seconds(90));
  clock.SetNow(FakeClock::kStart - Duration::Days(1));
  EXPECT_EQ(FormatTimestamp(clock.Now()), "2026-11-21T12:00:00Z");
  EXPECT_EQ(clock.Monotonic(), Duration::Seconds(90));
}

// The first outputs of SplitMix64 for the seed 1234567, as published with its reference
// implementation.
TEST(SeededRandomTest, IsSplitMix64) {
  SeededRandom random(1234567);
  EXPECT_EQ(random.Next64(), 6457827717110365317u);
  EXPECT_EQ(random.Next64(), 3203168211198807973u);
  EXPECT_EQ(random.Next64(), 9817491932198370423u);
}

TEST(SeededRandomTest, SeedsDiffer) {
  EXPECT_EQ(SeededRandom(7).Bytes(20), SeededRandom(7).Bytes(20));
  EXPECT_NE(SeededRandom(7).Bytes(20), SeededRandom(8).Bytes(20));
}

TEST(MemoryLogTest, FindsWhatWasWritten) {
  MemoryLog log;
  log.Warning("late", {{"order", "ord_1"}});
  ASSERT_EQ(log.records().size(), 1u);
  EXPECT_EQ(log.records()[0].level, LogLevel::kWarning);
  EXPECT_EQ(log.records()[0].Field("order"), "ord_1");
  EXPECT_EQ(log.records()[0].Field("ticket"), std::nullopt);
  EXPECT_TRUE(log.Contains("ord_"));
  EXPECT_FALSE(log.Contains("tkt_"));
  log.Clear();
  EXPECT_FALSE(log.Contains("ord_"));
}

TEST(RecordingMetricsTest, SumsAndCounts) {
  RecordingMetrics metrics;
  metrics.Count("sold_total", "Seats sold.", {{"event", "a"}}, 2);
  metrics.Count("sold_total", "Seats sold.", {{"event", "a"}}, 1);
  metrics.Set("queue", "Waiting.", {}, 5);
  metrics.Set("queue", "Waiting.", {}, 4);
  EXPECT_EQ(metrics.Value("sold_total", {{"event", "a"}}), 3);
  EXPECT_EQ(metrics.Value("sold_total"), 0);
  EXPECT_EQ(metrics.Value("queue"), 4);
  EXPECT_EQ(metrics.Calls("queue"), 2);
  EXPECT_EQ(metrics.Text(), "queue{} 4\nsold_total{event=a} 3\n");
}

TEST(TempDirTest, IsGoneAfterwards) {
  std::string path;
  {
    const TempDir dir;
    path = dir.path();
    std::ofstream(dir / "file") << "x";
    EXPECT_TRUE(std::filesystem::exists(path + "/file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(FakeHttpClientTest, FollowsItsScript) {
  FakeHttpClient client;
  client.Push(201, "{}");
  client.PushError(MakeError(ErrorCode::kUnavailable, "cut"));
  const HttpRequest request{.method = "POST", .target = "/v1/orders"};
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, client.Send(request, Duration::Seconds(1)));
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.Get("content-type"), "application/json");
  EXPECT_EQ(client.pending(), 1u);
  EXPECT_THAT(client.Send(request, Duration::Seconds(1)), HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(client.Send(request, Duration::Seconds(1)), HasCode(ErrorCode::kUnavailable));
  client.SetFallback([](const HttpRequest&) { return HttpResponse{.status = 404}; });
  EXPECT_EQ(client.Send(request, Duration::Seconds(1))->status, 404);
  EXPECT_EQ(client.requests().size(), 4u);
  EXPECT_EQ(client.requests()[0].target, "/v1/orders");
}

TEST(MatchersTest, TellErrorsApart) {
  const StatusOr<int> good = 3;
  const StatusOr<int> bad = MakeError(ErrorCode::kHoldExpired, "too late");
  EXPECT_OK(good);
  EXPECT_THAT(good, IsOkAndHolds(3));
  EXPECT_THAT(good, Not(IsOkAndHolds(4)));
  EXPECT_THAT(bad, Not(IsOk()));
  EXPECT_THAT(bad, HasCode(ErrorCode::kHoldExpired));
  EXPECT_THAT(bad.status(), Not(HasCode(ErrorCode::kConflict)));
}

}  // namespace
}  // namespace ticketing
