// Sale rules made ready: numbers in place of keys and labels, one look per object.
#ifndef TICKETING_LIB_SEAT_SALE_TERMS_H_
#define TICKETING_LIB_SEAT_SALE_TERMS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/seat/chart.h"
#include "ticketing/seat/sale_rules.h"

namespace ticketing::seat {

// What the rules say of one area.
struct AreaTerms {
  uint32_t for_sale = 0;                                // places, set aside or not
  std::vector<std::pair<uint16_t, uint32_t>> channels;  // places by channel, ascending
};

struct SaleTerms {
  // Checks rules against a chart and gives ids to new channels. `last_channel` is the highest id
  // that was ever given. Errors as Inventory::SetRules.
  static StatusOr<SaleTerms> Make(const Chart& chart, SaleRules rules, uint16_t last_channel);

  // Works out what is for sale at a time.
  void SetTime(const Chart& chart, Timestamp now);

  const Channel* FindChannel(std::string_view key) const;
  // The position of a category's key: of the chart, then of the rules.
  std::optional<uint32_t> FindCategory(const Chart& chart, std::string_view key) const;
  uint32_t CategoryOf(const Chart& chart, uint32_t index) const {
    return category_of.empty() ? chart.object(index).category : category_of[index];
  }
  // Whether a table is sold whole; `table` is its object.
  bool IsWhole(const Chart& chart, uint32_t table) const;
  uint32_t PlacesForSale(const Chart& chart, uint32_t area) const;

  SaleRules rules;
  uint16_t last_channel = 0;
  std::vector<uint16_t> channel_of;      // by unit; empty: none is in a channel
  std::vector<uint32_t> category_of;     // by object; empty: as the chart has it
  std::vector<bool> not_for_sale;        // by unit; empty: all are for sale
  std::map<uint32_t, AreaTerms> areas;   // those about which there is something to say
  Timestamp set_at;                      // the time that SetTime was told last
  std::optional<Timestamp> next_change;  // when a window opens or closes next

 private:
  Status CheckChannels(const Chart& chart);
  void SetCategories(const Chart& chart);
};

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_SALE_TERMS_H_
