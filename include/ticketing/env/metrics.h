// The metrics port: counters and distributions, scraped at /metrics in production. Names follow
// Prometheus (snake_case, unit last, counters end in _total); labels are few and bounded: a route
// template, never a path.
#ifndef TICKETING_ENV_METRICS_H_
#define TICKETING_ENV_METRICS_H_

#include <map>
#include <string>
#include <string_view>

namespace ticketing {

using MetricLabels = std::map<std::string, std::string>;

class Metrics {
 public:
  virtual ~Metrics() = default;
  // Thread-safe. `help` of the first call with a name is kept.
  virtual void Count(std::string_view name, std::string_view help, const MetricLabels& labels = {},
                     double amount = 1) = 0;
  virtual void Set(std::string_view name, std::string_view help, const MetricLabels& labels,
                   double value) = 0;
  // Adds an observation in seconds to a histogram.
  virtual void Observe(std::string_view name, std::string_view help, const MetricLabels& labels,
                       double seconds) = 0;
  // All of it in the Prometheus text format 0.0.4.
  virtual std::string Text() = 0;
};

}  // namespace ticketing

#endif  // TICKETING_ENV_METRICS_H_
