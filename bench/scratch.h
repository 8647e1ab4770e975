// What the benchmarks share: a folder that goes away, and the environment of production without its
// log.
#ifndef TICKETING_BENCH_SCRATCH_H_
#define TICKETING_BENCH_SCRATCH_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "ticketing/env/env.h"
#include "ticketing/system/clock.h"
#include "ticketing/system/prometheus_metrics.h"
#include "ticketing/system/random.h"

namespace ticketing {

class Scratch {
 public:
  // Beside the build, on a real disk: /tmp may be memory, and a commit there is no commit.
  Scratch() {
    std::string pattern = (std::filesystem::current_path() / "bench-XXXXXX").string();
    path_ = mkdtemp(pattern.data()) == nullptr ? std::string() : pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class QuietLog final : public Log {
 public:
  void Write(LogLevel, std::string_view, const LogFields&) override {}
};

struct BenchEnv {
  SystemClock clock;
  SystemRandom random;
  QuietLog log;
  PrometheusMetrics metrics;
  Env env() { return Env{clock, random, log, metrics}; }
};

}  // namespace ticketing

#endif  // TICKETING_BENCH_SCRATCH_H_
