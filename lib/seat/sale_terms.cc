#include "lib/seat/sale_terms.h"

#include <algorithm>
#include <set>

#include "lib/seat/faults.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

// Labels and keys of a for-sale list, for one look per object.
struct Listed {
  std::set<std::string_view> objects;
  std::set<std::string_view> categories;

  explicit Listed(const ForSale& for_sale)
      : objects(for_sale.objects.begin(), for_sale.objects.end()),
        categories(for_sale.categories.begin(), for_sale.categories.end()) {}
};

std::string_view KeyOfCategory(const Chart& chart, const SaleRules& rules, uint32_t category) {
  const auto& drawn = chart.drawing().categories;
  return category < drawn.size() ? drawn[category].key
                                 : rules.categories[category - drawn.size()].key;
}

// Whether the windows that speak of a category let it be sold; the next moment at which that
// changes goes into `next`.
bool IsInWindows(const std::vector<SaleWindow>& windows, std::string_view category, Timestamp now,
                 std::optional<Timestamp>& next) {
  bool open = true;
  for (const SaleWindow& window : windows) {
    if (!window.category.empty() && window.category != category) continue;
    for (const Timestamp at : {window.opens_at, window.closes_at}) {
      if (at.micros != 0 && at > now && (!next || at < *next)) next = at;
    }
    const bool before = window.opens_at.micros != 0 && now < window.opens_at;
    const bool after = window.closes_at.micros != 0 && now >= window.closes_at;
    open = open && !before && !after;
  }
  return open;
}

std::string ChannelField(size_t i, std::string_view field) {
  return "channels[" + std::to_string(i) + "]." + std::string(field);
}

}  // namespace

StatusOr<SaleTerms> SaleTerms::Make(const Chart& chart, SaleRules rules, uint16_t last_channel) {
  SaleTerms terms;
  terms.rules = std::move(rules);
  terms.last_channel = last_channel;
  TICKETING_RETURN_IF_ERROR(terms.CheckChannels(chart));
  terms.SetCategories(chart);
  return terms;
}

Status SaleTerms::CheckChannels(const Chart& chart) {
  if (rules.channels.size() > limits::kChannelsMax) {
    return InvalidField("channels", "must be at most " + std::to_string(limits::kChannelsMax));
  }
  std::set<std::string_view> keys;
  std::set<uint16_t> ids;
  for (size_t i = 0; i < rules.channels.size(); ++i) {
    Channel& channel = rules.channels[i];
    if (const std::string why = WhyBadText(channel.key, limits::kLabelBytesMax); !why.empty()) {
      return InvalidField(ChannelField(i, "key"), why);
    }
    if (!keys.insert(channel.key).second) {
      return InvalidField(ChannelField(i, "key"), Quoted(channel.key) + " is there twice");
    }
    if (channel.id == 0 && last_channel == UINT16_MAX) {
      return InvalidField(ChannelField(i, "id"),
                          "there are no more ids for channels of this event");
    }
    if (channel.id == 0) channel.id = ++last_channel;
    last_channel = std::max(last_channel, channel.id);
    if (!ids.insert(channel.id).second) {
      return InvalidField(ChannelField(i, "id"), "is there twice");
    }
    std::sort(channel.objects.begin(), channel.objects.end());
    channel.objects.erase(std::unique(channel.objects.begin(), channel.objects.end()),
                          channel.objects.end());
    for (const uint32_t object : channel.objects) {
      if (!chart.IsUnit(object)) {
        return InvalidField(ChannelField(i, "objects"),
                            "an area is set aside by places, not as an object");
      }
      if (channel_of.empty()) channel_of.resize(chart.unit_count());
      if (channel_of[object] != 0) {
        return InvalidField(ChannelField(i, "objects"),
                            chart.object(object).label + " is in two channels");
      }
      channel_of[object] = channel.id;
    }
    for (const auto& [area, places] : channel.area_places) {
      if (area >= chart.object_count() || chart.IsUnit(area)) {
        return InvalidField(ChannelField(i, "area_places"), "names what is not an area");
      }
      if (places > 0) areas[area].channels.emplace_back(channel.id, places);
    }
  }
  for (auto& [area, terms] : areas) {
    uint64_t places = 0;
    for (const auto& [channel, count] : terms.channels) places += count;
    if (places > chart.object(area).capacity) {
      return InvalidField("channels",
                          "set aside more places of " + chart.object(area).label + " than it has");
    }
    std::sort(terms.channels.begin(), terms.channels.end());
  }
  return OkStatus();
}

void SaleTerms::SetCategories(const Chart& chart) {
  category_of.clear();
  for (const auto& [label, key] : rules.object_categories) {
    const std::optional<uint32_t> object = chart.Find(label);
    const std::optional<uint32_t> category = FindCategory(chart, key);
    if (!object || !category) continue;
    if (category_of.empty()) {
      for (const Object& drawn : chart.objects()) category_of.push_back(drawn.category);
    }
    category_of[*object] = *category;
  }
}

const Channel* SaleTerms::FindChannel(std::string_view key) const {
  for (const Channel& channel : rules.channels) {
    if (channel.key == key) return &channel;
  }
  return nullptr;
}

std::optional<uint32_t> SaleTerms::FindCategory(const Chart& chart, std::string_view key) const {
  if (const std::optional<uint32_t> drawn = chart.FindCategory(key)) return drawn;
  for (size_t i = 0; i < rules.categories.size(); ++i) {
    if (rules.categories[i].key == key) {
      return static_cast<uint32_t>(chart.drawing().categories.size() + i);
    }
  }
  return std::nullopt;
}

bool SaleTerms::IsWhole(const Chart& chart, uint32_t table) const {
  switch (rules.tables.mode) {
    case TableSelling::Mode::kAsDrawn:
      return chart.object(table).whole;
    case TableSelling::Mode::kWhole:
      return true;
    case TableSelling::Mode::kBySeat:
      return false;
    case TableSelling::Mode::kListed:
      break;
  }
  const auto listed = rules.tables.whole.find(chart.object(table).label);
  return listed != rules.tables.whole.end() && listed->second;
}

void SaleTerms::SetTime(const Chart& chart, Timestamp now) {
  set_at = now;
  next_change.reset();
  not_for_sale.clear();
  for (auto& [area, terms] : areas) terms.for_sale = chart.object(area).capacity;
  if (!rules.for_sale && rules.windows.empty()) return;
  const ForSale none;
  const ForSale& for_sale = rules.for_sale ? *rules.for_sale : none;
  const Listed listed(for_sale);
  const uint32_t categories =
      static_cast<uint32_t>(chart.drawing().categories.size() + rules.categories.size());
  std::vector<bool> open, named;
  for (uint32_t i = 0; i < categories; ++i) {
    const std::string_view key = KeyOfCategory(chart, rules, i);
    open.push_back(IsInWindows(rules.windows, key, now, next_change));
    named.push_back(listed.categories.contains(key));
  }
  not_for_sale.resize(chart.unit_count());
  for (uint32_t i = 0; i < chart.object_count(); ++i) {
    const uint32_t category = CategoryOf(chart, i);
    const std::string& label = chart.object(i).label;
    const bool in_list = named[category] || listed.objects.contains(label);
    const bool sold = open[category] && in_list == for_sale.only_listed;
    if (chart.IsUnit(i)) {
      not_for_sale[i] = !sold;
      continue;
    }
    const uint32_t capacity = chart.object(i).capacity;
    int64_t places = sold ? capacity : 0;
    const auto partly = for_sale.area_places.find(label);
    if (partly != for_sale.area_places.end() && open[category] && !in_list) {
      const int64_t count = std::clamp<int64_t>(partly->second, 0, capacity);
      places = for_sale.only_listed ? count : capacity - count;
    }
    if (places != capacity || areas.contains(i)) areas[i].for_sale = static_cast<uint32_t>(places);
  }
}

uint32_t SaleTerms::PlacesForSale(const Chart& chart, uint32_t area) const {
  const auto found = areas.find(area);
  return found == areas.end() ? chart.object(area).capacity : found->second.for_sale;
}

}  // namespace ticketing::seat
