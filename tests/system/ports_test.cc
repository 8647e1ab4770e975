// The clock, randomness, log and metrics of production.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "ticketing/system/clock.h"
#include "ticketing/system/files.h"
#include "ticketing/system/json_log.h"
#include "ticketing/system/prometheus_metrics.h"
#include "ticketing/system/random.h"
#include "ticketing/testing/fake_clock.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SystemClockTest, Goes) {
  SystemClock clock;
  EXPECT_GT(clock.Now(), Timestamp::FromSeconds(1'700'000'000));
  const Duration before = clock.Monotonic();
  EXPECT_GE(clock.Monotonic(), before);
}

TEST(SystemRandomTest, NeverRepeats) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random.Bytes(16)).second);
  EXPECT_EQ(random.Bytes(1 << 20).size(), size_t{1} << 20);
  random.Fill({});
}

class JsonLogTest : public ::testing::Test {
 protected:
  std::unique_ptr<JsonLog> Open(LogLevel level = LogLevel::kInfo) {
    auto log = JsonLog::Open({.service = "api", .level = level, .file = dir / "log"}, clock);
    EXPECT_OK(log);
    return *std::move(log);
  }
  std::string Text() { return *ReadFile(dir / "log"); }

  TempDir dir;
  FakeClock clock;
};

TEST_F(JsonLogTest, WritesOneObjectPerLine) {
  const auto log = Open();
  log->Info("request", {{"status", "200"}, {"path", "/v1/events"}});
  clock.Advance(Duration::Micros(1'234));
  log->Error("failed");
  EXPECT_EQ(Text(),
            "{\"ts\":\"2026-11-22T12:00:00.000000Z\",\"level\":\"info\",\"msg\":\"request\","
            "\"service\":\"api\","
            "\"status\":\"200\",\"path\":\"/v1/events\"}\n"
            "{\"ts\":\"2026-11-22T12:00:00.001234Z\",\"level\":\"error\",\"msg\":\"failed\","
            "\"service\":\"api\"}\n");
}

TEST_F(JsonLogTest, ARecordStaysOneLineWhateverIsInIt) {
  Open()->Info("a\nb\"c\\{}\x01\x7f",
               {{"msg", "forged"}, {"x", "\xff ok \xc2\x9b ñ \xed\xa0\x80"}});
  EXPECT_EQ(Text(),
            "{\"ts\":\"2026-11-22T12:00:00.000000Z\",\"level\":\"info\",\"msg\":\"a\\nb\\\"c\\\\{}"
            "\\u0001\\u007f\","
            "\"service\":\"api\",\"field.msg\":\"forged\",\"x\":\"\xef\xbf\xbd ok \\u009b ñ "
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}\n");
}

TEST_F(JsonLogTest, CutsWhatIsFarTooLong) {
  Open()->Info(std::string(1 << 20, 'x'));
  EXPECT_LT(Text().size(), 10'000u);
  EXPECT_THAT(Text(), HasSubstr("x...\","));
}

TEST_F(JsonLogTest, DropsWhatIsBelowItsLevel) {
  const auto log = Open(LogLevel::kWarning);
  log->Info("quiet");
  log->Warning("loud");
  EXPECT_THAT(Text(), Not(HasSubstr("quiet")));
  EXPECT_THAT(Text(), HasSubstr("loud"));
}

TEST_F(JsonLogTest, AppendsAndIsPrivate) {
  Open()->Info("one");
  Open()->Info("two");
  EXPECT_THAT(Text(), HasSubstr("one"));
  EXPECT_THAT(Text(), HasSubstr("two"));
  struct stat info {};
  ASSERT_EQ(::stat((dir / "log").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_THAT(JsonLog::Open({.service = "api", .file = "/proc/nothing"}, clock),
              HasCode(ErrorCode::kUnavailable));
}

TEST_F(JsonLogTest, ThreadsDoNotMixTheirLines) {
  const auto log = Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 250; ++i) log->Info("line", {{"text", std::string(300, 'y')}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::istringstream lines(Text());
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    EXPECT_TRUE(line.starts_with("{\"ts\"") && line.ends_with("yyy\"}")) << line;
    ++count;
  }
  EXPECT_EQ(count, 1000);
}

TEST(LogLevelTest, NamesGoBothWays) {
  EXPECT_EQ(ParseLogLevel("warning"), LogLevel::kWarning);
  EXPECT_EQ(LogLevelName(LogLevel::kDebug), "debug");
  EXPECT_EQ(ParseLogLevel("loud"), std::nullopt);
}

TEST(PrometheusMetricsTest, WritesTheTextFormat) {
  PrometheusMetrics metrics;
  metrics.Count("requests_total", "Requests answered.", {{"route", "/v1/events/{id}"}}, 2);
  metrics.Count("requests_total", "ignored", {{"route", "/v1/events/{id}"}}, 1);
  metrics.Count("requests_total", "ignored", {{"route", "a\"b\\c\nd"}}, 1);
  metrics.Set("queue_depth", "Waiting.", {}, 4.5);
  metrics.Observe("latency_seconds", "Time to answer.", {}, 0.003);
  metrics.Observe("latency_seconds", "Time to answer.", {}, 60);
  const std::string text = metrics.Text();
  EXPECT_THAT(
      text, HasSubstr("# HELP requests_total Requests answered.\n# TYPE requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{route=\"/v1/events/{id}\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("requests_total{route=\"a\\\"b\\\\c\\nd\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("queue_depth 4.5\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{le=\"0.0025\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("latency_seconds_count 2\n"));
}

TEST(PrometheusMetricsTest, RefusesWhatWouldBreakTheFormat) {
  PrometheusMetrics metrics;
  metrics.Count("good_total", "Good.", {}, 1);
  metrics.Count("bad name", "Bad.", {}, 1);
  metrics.Count("good_total", "Good.", {{"bad-label", "x"}}, 1);
  metrics.Count("good_total", "Good.", {{"label", "\xff"}}, 1);
  metrics.Count("good_total", "Good.", {}, -1);
  metrics.Set("good_total", "Another kind.", {}, 1);
  metrics.Observe("time_seconds", "Time.", {{"le", "1"}}, 1);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("good_total 1\n"));
  EXPECT_THAT(text, HasSubstr("ticketing_metrics_dropped_total 6\n"));
  EXPECT_THAT(text, Not(HasSubstr("bad-label")));
  EXPECT_THAT(text, Not(HasSubstr("\nbad name")));
}

TEST(PrometheusMetricsTest, ManyLabelsDoNotFillTheMemory) {
  PrometheusMetrics metrics;
  for (int i = 0; i < 1500; ++i)
    metrics.Count("seen_total", "Seen.", {{"id", std::to_string(i)}}, 1);
  EXPECT_THAT(metrics.Text(), HasSubstr("ticketing_metrics_dropped_total 500\n"));
}

TEST(PrometheusMetricsTest, ThreadsAddUp) {
  PrometheusMetrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        metrics.Count("sold_total", "Sold.", {{"event", "a"}}, 1);
        if (i % 100 == 0) (void)metrics.Text();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Text(), HasSubstr("sold_total{event=\"a\"} 4000\n"));
}

TEST(PrometheusMetricsTest, PassesPromtool) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "promtool is not installed";
  PrometheusMetrics metrics;
  metrics.Count("requests_total", "Requests answered.", {{"route", "/"}}, 2);
  metrics.Set("queue_depth", "Waiting.", {}, 4);
  metrics.Observe("latency_seconds", "Time to answer.", {}, 0.003);
  const TempDir dir;
  std::ofstream(dir / "metrics") << metrics.Text();
  EXPECT_EQ(std::system(("promtool check metrics < " + (dir / "metrics")).c_str()), 0);
}

}  // namespace
}  // namespace ticketing
