#include "ticketing/testing/metrics.h"

#include <sstream>

namespace ticketing {

void RecordingMetrics::Count(std::string_view name, std::string_view, const MetricLabels& labels,
                             double amount) {
  const std::lock_guard lock(mutex_);
  Cell& cell = cells_[{std::string(name), labels}];
  cell.value += amount;
  ++cell.calls;
}

void RecordingMetrics::Set(std::string_view name, std::string_view, const MetricLabels& labels,
                           double value) {
  const std::lock_guard lock(mutex_);
  Cell& cell = cells_[{std::string(name), labels}];
  cell.value = value;
  ++cell.calls;
}

void RecordingMetrics::Observe(std::string_view name, std::string_view help,
                               const MetricLabels& labels, double seconds) {
  Count(name, help, labels, seconds);
}

std::string RecordingMetrics::Text() {
  const std::lock_guard lock(mutex_);
  std::ostringstream out;
  for (const auto& [key, cell] : cells_) {
    out << key.first << '{';
    const char* separator = "";
    for (const auto& [label, value] : key.second) {
      out << separator << label << '=' << value;
      separator = ",";
    }
    out << "} " << cell.value << '\n';
  }
  return out.str();
}

double RecordingMetrics::Value(std::string_view name, const MetricLabels& labels) const {
  return Find(name, labels).value;
}

int64_t RecordingMetrics::Calls(std::string_view name, const MetricLabels& labels) const {
  return Find(name, labels).calls;
}

RecordingMetrics::Cell RecordingMetrics::Find(std::string_view name,
                                              const MetricLabels& labels) const {
  const std::lock_guard lock(mutex_);
  const auto found = cells_.find({std::string(name), labels});
  return found == cells_.end() ? Cell{} : found->second;
}

}  // namespace ticketing
