// The metrics port over a Prometheus registry.
#ifndef TICKETING_SYSTEM_PROMETHEUS_METRICS_H_
#define TICKETING_SYSTEM_PROMETHEUS_METRICS_H_

#include <memory>
#include <string>
#include <string_view>

#include "ticketing/env/metrics.h"

namespace ticketing {

// Thread-safe. Histograms have bounds from 0.5 ms to 10 s. A call with an invalid name or label,
// with a name that is already another kind of metric, or beyond 1,000 label sets of one name is
// dropped and counted in ticketing_metrics_dropped_total, so that a wrong caller cannot fill the
// memory.
class PrometheusMetrics final : public Metrics {
 public:
  PrometheusMetrics();
  ~PrometheusMetrics() override;

  void Count(std::string_view name, std::string_view help, const MetricLabels& labels,
             double amount) override;
  void Set(std::string_view name, std::string_view help, const MetricLabels& labels,
           double value) override;
  void Observe(std::string_view name, std::string_view help, const MetricLabels& labels,
               double seconds) override;
  std::string Text() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_PROMETHEUS_METRICS_H_
