// Who may buy what of an event, and in which form: channels, what is for sale, how tables are sold,
// categories that differ from the chart's. Plain data; Inventory::SetRules checks and applies it.
//
// A channel sets objects and places of areas aside: for the box office, a presale, a sponsor, the
// away fans. An object is in at most one channel. Who sells (SaleAccess) names the channels whose
// objects he may touch; objects in no channel are open to all unless he leaves them out.
#ifndef TICKETING_SEAT_SALE_RULES_H_
#define TICKETING_SEAT_SALE_RULES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/time.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

struct Channel {
  uint16_t id = 0;  // from 1, given by Inventory::SetRules to new channels, never used again
  std::string key;  // "presale"
  std::string name;
  std::string color;             // "#rrggbb" or empty
  std::optional<int64_t> index;  // order in lists
  // Codes that open it to the public, as typed: compared in constant time. Empty: staff only.
  std::vector<std::string> access_codes;
  // At most so many objects and places may be held, booked or in a custom status out of it at a
  // time. Who sells in all channels is not bound by it.
  std::optional<uint32_t> quota;
  std::vector<uint32_t> objects;             // units, ascending
  std::map<uint32_t, uint32_t> area_places;  // by area: places set aside
  bool operator==(const Channel&) const = default;
};

// Labels and keys here need not exist: one configuration may serve several charts.
struct ForSale {
  // false: everything but what is listed is for sale. true: only what is listed is.
  bool only_listed = false;
  std::vector<std::string> objects;            // labels of units and areas
  std::map<std::string, int64_t> area_places;  // by area's label: so many places
  std::vector<std::string> categories;         // keys
  bool operator==(const ForSale&) const = default;
};

// When a category (empty: everything) may be sold: from `opens_at` (inclusive) to `closes_at`
// (exclusive); zero means no bound. All windows that speak of an object must agree.
struct SaleWindow {
  std::string category;
  Timestamp opens_at;
  Timestamp closes_at;
  bool operator==(const SaleWindow&) const = default;
};

// How the tables of an event are sold.
struct TableSelling {
  // Stored: append, never renumber.
  enum class Mode : uint8_t { kAsDrawn = 0, kWhole = 1, kBySeat = 2, kListed = 3 };
  Mode mode = Mode::kAsDrawn;
  std::map<std::string, bool> whole;  // for kListed: by table's label; others by seat
  bool operator==(const TableSelling&) const = default;
};

struct SaleRules {
  TableSelling tables;
  std::vector<Channel> channels;
  std::optional<ForSale> for_sale;  // nullopt: everything is for sale
  std::vector<SaleWindow> windows;
  // Categories of this event: keys beyond the chart's, and objects whose category is another here.
  // Those who ask for a category by key (best available, windows, for-sale) mean these.
  std::vector<Category> categories;
  std::map<std::string, std::string> object_categories;  // by label: key
  // Whether the public may leave single seats behind: who sells sets Step::refuse_orphans by this.
  bool refuse_orphans = false;
  bool operator==(const SaleRules&) const = default;
};

// What the one who sells may touch.
struct SaleAccess {
  bool all_channels = false;          // back office: channels do not matter
  std::vector<std::string> channels;  // keys
  bool without_channel = true;        // objects in no channel too
  bool ignore_for_sale = false;       // staff may sell what is not for sale
};

// Bytes of rules, versioned; the way back gives nullopt for anything that is not such bytes.
std::string EncodeRules(const SaleRules& rules);
std::optional<SaleRules> DecodeRules(std::string_view bytes);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_SALE_RULES_H_
