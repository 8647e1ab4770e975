// Metrics for tests.
#ifndef TICKETING_TESTING_METRICS_H_
#define TICKETING_TESTING_METRICS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "ticketing/env/metrics.h"

namespace ticketing {

// Forgets everything.
class NullMetrics final : public Metrics {
 public:
  void Count(std::string_view, std::string_view, const MetricLabels&, double) override {}
  void Set(std::string_view, std::string_view, const MetricLabels&, double) override {}
  void Observe(std::string_view, std::string_view, const MetricLabels&, double) override {}
  std::string Text() override { return {}; }
};

// Remembers what was reported, by name and labels. Thread-safe.
class RecordingMetrics final : public Metrics {
 public:
  void Count(std::string_view name, std::string_view help, const MetricLabels& labels,
             double amount) override;
  void Set(std::string_view name, std::string_view help, const MetricLabels& labels,
           double value) override;
  void Observe(std::string_view name, std::string_view help, const MetricLabels& labels,
               double seconds) override;
  std::string Text()
      override;  // "name{label=value} number" lines in order, for a failing test's message

  // The sum of a counter, the last value of a gauge, the sum of what was observed; 0 when never
  // reported.
  double Value(std::string_view name, const MetricLabels& labels = {}) const;
  // How often that name and labels were reported.
  int64_t Calls(std::string_view name, const MetricLabels& labels = {}) const;

 private:
  struct Cell {
    double value = 0;
    int64_t calls = 0;
  };
  Cell Find(std::string_view name, const MetricLabels& labels) const;

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, MetricLabels>, Cell> cells_;
};

}  // namespace ticketing

#endif  // TICKETING_TESTING_METRICS_H_
