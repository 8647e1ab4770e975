#include "ticketing/system/prometheus_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

constexpr size_t kLabelSetsMax = 1000;
constexpr size_t kNamesMax = 2000;
constexpr char kDropped[] = "ticketing_metrics_dropped_total";

const prometheus::Histogram::BucketBoundaries& Bounds() {
  static const prometheus::Histogram::BucketBoundaries bounds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return bounds;
}

bool IsName(std::string_view name, bool colons) {
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (colons && c == ':');
  };
  return !name.empty() && std::ranges::all_of(name, allowed) && !(name[0] >= '0' && name[0] <= '9');
}

// "le" belongs to histograms and "__" to Prometheus itself.
bool AreLabels(const MetricLabels& labels) {
  return std::ranges::all_of(labels, [](const auto& label) {
    return IsName(label.first, false) && !label.first.starts_with("__") && label.first != "le" &&
           IsValidUtf8(label.second);
  });
}

template <typename Metric>
struct Family {
  prometheus::Family<Metric>* family = nullptr;
  std::map<MetricLabels, Metric*> members;
};

template <typename Metric>
using Families = std::map<std::string, Family<Metric>, std::less<>>;

}  // namespace

class PrometheusMetrics::Impl {
 public:
  void Count(std::string_view name, std::string_view help, const MetricLabels& labels,
             double amount) {
    const std::lock_guard lock(mutex_);
    prometheus::Counter* counter =
        std::isfinite(amount) && amount >= 0 ? Find(counters_, name, help, labels) : nullptr;
    Finish(counter, [&] { counter->Increment(amount); });
  }

  void Set(std::string_view name, std::string_view help, const MetricLabels& labels, double value) {
    const std::lock_guard lock(mutex_);
    prometheus::Gauge* gauge = Find(gauges_, name, help, labels);
    Finish(gauge, [&] { gauge->Set(value); });
  }

  void Observe(std::string_view name, std::string_view help, const MetricLabels& labels,
               double seconds) {
    const std::lock_guard lock(mutex_);
    prometheus::Histogram* histogram =
        std::isfinite(seconds) ? Find(histograms_, name, help, labels) : nullptr;
    Finish(histogram, [&] { histogram->Observe(seconds); });
  }

  std::string Text() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

 private:
  template <typename Metric, typename Use>
  void Finish(Metric* metric, const Use& use) {
    if (metric != nullptr) {
      use();
    } else if (auto* dropped = Find(counters_, kDropped,
                                    "Reports refused for a bad name or too many labels.", {})) {
      dropped->Increment();
    }
  }

  // The metric, made when it is new; nullptr when it may not be made. Our own maps stand in front
  // of the library's because its look-up hashes and copies every label each time.
  template <typename Metric>
  Metric* Find(Families<Metric>& families, std::string_view name, std::string_view help,
               const MetricLabels& labels) {
    auto found = families.find(name);
    if (found == families.end()) {
      if (!IsName(name, true) || kinds_.contains(name) || kinds_.size() >= kNamesMax)
        return nullptr;
      auto& family = Register(families, std::string(name), std::string(help));
      kinds_.insert(std::string(name));
      found = families.emplace(name, Family<Metric>{&family, {}}).first;
    }
    auto& members = found->second.members;
    const auto member = members.find(labels);
    if (member != members.end()) return member->second;
    if (members.size() >= kLabelSetsMax || !AreLabels(labels)) return nullptr;
    Metric& metric = Add(*found->second.family, prometheus::Labels(labels.begin(), labels.end()));
    members.emplace(labels, &metric);
    return &metric;
  }

  prometheus::Family<prometheus::Counter>& Register(Families<prometheus::Counter>&,
                                                    const std::string& name,
                                                    const std::string& help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
  }
  prometheus::Family<prometheus::Gauge>& Register(Families<prometheus::Gauge>&,
                                                  const std::string& name,
                                                  const std::string& help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry_);
  }
  prometheus::Family<prometheus::Histogram>& Register(Families<prometheus::Histogram>&,
                                                      const std::string& name,
                                                      const std::string& help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_);
  }

  static prometheus::Counter& Add(prometheus::Family<prometheus::Counter>& family,
                                  const prometheus::Labels& labels) {
    return family.Add(labels);
  }
  static prometheus::Gauge& Add(prometheus::Family<prometheus::Gauge>& family,
                                const prometheus::Labels& labels) {
    return family.Add(labels);
  }
  static prometheus::Histogram& Add(prometheus::Family<prometheus::Histogram>& family,
                                    const prometheus::Labels& labels) {
    return family.Add(labels, Bounds());
  }

  prometheus::Registry registry_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> kinds_;  // every name in use, whatever its kind
  Families<prometheus::Counter> counters_;
  Families<prometheus::Gauge> gauges_;
  Families<prometheus::Histogram> histograms_;
};

PrometheusMetrics::PrometheusMetrics() : impl_(std::make_unique<Impl>()) {}
PrometheusMetrics::~PrometheusMetrics() = default;

void PrometheusMetrics::Count(std::string_view name, std::string_view help,
                              const MetricLabels& labels, double amount) {
  impl_->Count(name, help, labels, amount);
}

void PrometheusMetrics::Set(std::string_view name, std::string_view help,
                            const MetricLabels& labels, double value) {
  impl_->Set(name, help, labels, value);
}

void PrometheusMetrics::Observe(std::string_view name, std::string_view help,
                                const MetricLabels& labels, double seconds) {
  impl_->Observe(name, help, labels, seconds);
}

std::string PrometheusMetrics::Text() {
  return impl_->Text();
}

}  // namespace ticketing
