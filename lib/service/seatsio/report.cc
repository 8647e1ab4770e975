#include "lib/service/seatsio/report.h"

#include <algorithm>
#include <set>

namespace ticketing::seatsio {
namespace {

using Portions = std::vector<const Portion*>;

bool IsCategory(std::string_view dimension) {
  return dimension == "byCategoryKey" || dimension == "byCategoryLabel";
}

std::map<std::string, Portions> Split(const Portions& portions, const std::string& dimension) {
  std::map<std::string, Portions> out;
  for (const Portion* portion : portions) {
    const auto value = portion->values.find(dimension);
    if (value != portion->values.end()) out[value->second].push_back(portion);
  }
  return out;
}

int64_t CountOf(const Portions& portions) {
  int64_t count = 0;
  for (const Portion* portion : portions) count += portion->count;
  return count;
}

// `used` are the dimensions above; `depth` how many levels of nodes come below this one.
Json Node(const ReportInput& input, const Portions& portions, const std::set<std::string>& used,
          int depth) {
  Json node = {{"count", CountOf(portions)}};
  const bool category_used = std::ranges::any_of(used, IsCategory);
  for (const Dimension& dimension : input.dimensions) {
    if (used.contains(dimension.name) || (category_used && IsCategory(dimension.name))) continue;
    Json buckets = Json::object();
    std::set<std::string> below = used;
    below.insert(dimension.name);
    for (const auto& [bucket, part] : Split(portions, dimension.name)) {
      buckets[bucket] = depth == 0 ? Json(CountOf(part)) : Node(input, part, below, depth - 1);
    }
    node[dimension.name] = std::move(buckets);
  }
  return node;
}

const Dimension* Find(const ReportInput& input, std::string_view name) {
  const auto it = std::ranges::find(input.dimensions, name, &Dimension::name);
  return it == input.dimensions.end() ? nullptr : &*it;
}

}  // namespace

Json DetailedReport(ReportInput input, std::string_view dimension,
                    const std::optional<std::string>& filter) {
  Json out = Json::object();
  if (const Dimension* known = Find(input, dimension); known != nullptr) {
    for (const std::string& bucket : known->always) {
      if (!filter || *filter == bucket) out[bucket] = Json::array();
    }
  }
  for (size_t i = 0; i < input.objects.size(); ++i) {
    const auto value = input.values[i].find(dimension);
    if (value == input.values[i].end() || (filter && *filter != value->second)) continue;
    out[value->second].push_back(std::move(input.objects[i]));
  }
  return out;
}

Json SummaryReport(const ReportInput& input, std::string_view dimension, bool deep) {
  Json out = Json::object();
  const Dimension* const known = Find(input, dimension);
  if (known == nullptr) return out;
  Portions all;
  for (const Portion& portion : input.portions) all.push_back(&portion);
  std::map<std::string, Portions> buckets = Split(all, known->name);
  for (const std::string& bucket : known->always) buckets[bucket];
  for (const auto& [bucket, part] : buckets)
    out[bucket] = Node(input, part, {known->name}, deep ? 1 : 0);
  return out;
}

bool HasDimension(const ReportInput& input, std::string_view dimension) {
  return Find(input, dimension) != nullptr;
}

}  // namespace ticketing::seatsio
