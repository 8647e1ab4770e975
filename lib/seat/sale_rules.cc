#include "ticketing/seat/sale_rules.h"

#include "ticketing/base/varint.h"

namespace ticketing::seat {
namespace {

constexpr uint8_t kFormat = 1;

void AppendTexts(std::string& out, const std::vector<std::string>& texts) {
  AppendVarint(out, texts.size());
  for (const std::string& text : texts) AppendText(out, text);
}

std::vector<std::string> TakeTexts(ByteReader& in) {
  std::vector<std::string> texts;
  const uint64_t count = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < count && in.ok(); ++i) texts.emplace_back(in.Text());
  return texts;
}

void AppendChannel(std::string& out, const Channel& channel) {
  AppendVarint(out, channel.id);
  AppendText(out, channel.key);
  AppendText(out, channel.name);
  AppendText(out, channel.color);
  AppendVarint(out, channel.index.has_value());
  if (channel.index) AppendSigned(out, *channel.index);
  AppendTexts(out, channel.access_codes);
  AppendVarint(out, channel.quota ? uint64_t{*channel.quota} + 1 : 0);
  AppendVarint(out, channel.objects.size());
  uint32_t last = 0;  // neighbours are the rule: differences are short
  for (const uint32_t object : channel.objects) {
    AppendVarint(out, object - last);
    last = object;
  }
  AppendVarint(out, channel.area_places.size());
  for (const auto& [area, places] : channel.area_places) {
    AppendVarint(out, area);
    AppendVarint(out, places);
  }
}

Channel TakeChannel(ByteReader& in) {
  Channel channel;
  channel.id = static_cast<uint16_t>(in.Bounded(UINT16_MAX));
  channel.key = in.Text();
  channel.name = in.Text();
  channel.color = in.Text();
  if (in.Bounded(1) == 1) channel.index = in.Signed();
  channel.access_codes = TakeTexts(in);
  const uint64_t quota = in.Bounded(uint64_t{UINT32_MAX} + 1);
  if (quota > 0) channel.quota = static_cast<uint32_t>(quota - 1);
  const uint64_t objects = in.Bounded(in.rest().size());
  uint32_t last = 0;
  for (uint64_t i = 0; i < objects && in.ok(); ++i) {
    last += static_cast<uint32_t>(in.Bounded(UINT32_MAX));
    channel.objects.push_back(last);
  }
  const uint64_t areas = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < areas && in.ok(); ++i) {
    const auto area = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
    channel.area_places[area] = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
  }
  return channel;
}

void AppendForSale(std::string& out, const ForSale& for_sale) {
  AppendVarint(out, for_sale.only_listed);
  AppendTexts(out, for_sale.objects);
  AppendVarint(out, for_sale.area_places.size());
  for (const auto& [label, places] : for_sale.area_places) {
    AppendText(out, label);
    AppendSigned(out, places);
  }
  AppendTexts(out, for_sale.categories);
}

ForSale TakeForSale(ByteReader& in) {
  ForSale for_sale;
  for_sale.only_listed = in.Bounded(1) == 1;
  for_sale.objects = TakeTexts(in);
  const uint64_t areas = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < areas && in.ok(); ++i) {
    std::string label(in.Text());
    for_sale.area_places[std::move(label)] = in.Signed();
  }
  for_sale.categories = TakeTexts(in);
  return for_sale;
}

}  // namespace

std::string EncodeRules(const SaleRules& rules) {
  std::string out(1, static_cast<char>(kFormat));
  AppendVarint(out, static_cast<uint64_t>(rules.tables.mode));
  AppendVarint(out, rules.tables.whole.size());
  for (const auto& [label, whole] : rules.tables.whole) {
    AppendText(out, label);
    AppendVarint(out, whole);
  }
  AppendVarint(out, rules.channels.size());
  for (const Channel& channel : rules.channels) AppendChannel(out, channel);
  AppendVarint(out, rules.for_sale.has_value());
  if (rules.for_sale) AppendForSale(out, *rules.for_sale);
  AppendVarint(out, rules.windows.size());
  for (const SaleWindow& window : rules.windows) {
    AppendText(out, window.category);
    AppendSigned(out, window.opens_at.micros);
    AppendSigned(out, window.closes_at.micros);
  }
  AppendVarint(out, rules.categories.size());
  for (const Category& category : rules.categories) {
    AppendText(out, category.key);
    AppendText(out, category.name);
    AppendText(out, category.color);
  }
  AppendVarint(out, rules.object_categories.size());
  for (const auto& [label, key] : rules.object_categories) {
    AppendText(out, label);
    AppendText(out, key);
  }
  AppendVarint(out, rules.refuse_orphans);
  return out;
}

namespace {

void TakeTables(ByteReader& in, TableSelling& tables) {
  tables.mode = static_cast<TableSelling::Mode>(
      in.Bounded(static_cast<uint64_t>(TableSelling::Mode::kListed)));
  const uint64_t count = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    std::string label(in.Text());
    tables.whole[std::move(label)] = in.Bounded(1) == 1;
  }
}

}  // namespace

std::optional<SaleRules> DecodeRules(std::string_view bytes) {
  ByteReader in(bytes);
  SaleRules rules;
  if (in.Byte() != kFormat) return std::nullopt;
  TakeTables(in, rules.tables);
  const uint64_t channels = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < channels && in.ok(); ++i) rules.channels.push_back(TakeChannel(in));
  if (in.Bounded(1) == 1) rules.for_sale = TakeForSale(in);
  const uint64_t windows = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < windows && in.ok(); ++i) {
    SaleWindow window;
    window.category = in.Text();
    window.opens_at.micros = in.Signed();
    window.closes_at.micros = in.Signed();
    rules.windows.push_back(std::move(window));
  }
  const uint64_t categories = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < categories && in.ok(); ++i) {
    Category category;
    category.key = in.Text();
    category.name = in.Text();
    category.color = in.Text();
    rules.categories.push_back(std::move(category));
  }
  const uint64_t objects = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < objects && in.ok(); ++i) {
    std::string label(in.Text());
    rules.object_categories[std::move(label)] = in.Text();
  }
  rules.refuse_orphans = in.Bounded(1) == 1;
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return rules;
}

}  // namespace ticketing::seat
