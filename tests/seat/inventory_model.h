// An inventory that is too simple to be wrong: every place is a value of its own in a list, and
// every question is a loop over all of them. What inventory.h promises, said a second time.
#ifndef TICKETING_TESTS_SEAT_INVENTORY_MODEL_H_
#define TICKETING_TESTS_SEAT_INVENTORY_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ticketing/base/error_code.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {

// What the model says of a command: the code, and for codes that name objects, which.
struct Verdict {
  ErrorCode code = ErrorCode::kOk;
  std::set<std::string> objects;
  bool changed = false;
};

class InventoryModel {
 public:
  explicit InventoryModel(std::shared_ptr<const Chart> chart);

  Verdict Apply(const Step& step, Timestamp now);
  Verdict Extend(HoldId hold, Timestamp expires_at, Timestamp now, Duration hold_max);
  Verdict Release(HoldId hold);
  Verdict Book(HoldId hold, OrderId order, Timestamp now);
  Verdict ExpireHolds(Timestamp now);
  Verdict SetExtra(uint32_t index, const std::string& extra);
  // Of rules that hold together.
  void SetRules(const SaleRules& rules, Timestamp now);

  // What other events of a season take away.
  void SetOutside(std::set<uint32_t> units, std::map<uint32_t, uint32_t> places) {
    outside_units_ = std::move(units);
    outside_places_ = std::move(places);
  }

  bool Free(uint32_t unit) const;     // nobody has it, nor its table or its seats
  bool Blocked(uint32_t unit) const;  // by its table or its seats
  bool SoldHere(uint32_t index) const;
  bool ForSale(uint32_t index) const;
  int64_t PlacesForSale(uint32_t area) const;  // whoever has them
  int64_t QuotaLeft(const Channel& channel) const;
  std::string CategoryKey(uint32_t index) const;
  uint8_t Packed(uint32_t unit) const;
  const Channel* ChannelOf(uint32_t unit) const;
  bool MayTouch(uint32_t unit, const SaleAccess& access) const;
  // The units that best available may give.
  std::set<uint32_t> Candidates(const BestAvailableRequest& request) const;
  std::set<std::string> Orphans(const std::vector<Pick>& picks) const;

  const SeatRow& unit(uint32_t index) const { return units_[index]; }
  std::vector<SeatRow> Rows() const;  // sorted
  const std::map<uint64_t, Hold>& holds() const { return holds_; }
  const std::map<uint32_t, std::string>& extras() const { return extras_; }
  const SaleRules& rules() const { return rules_; }
  AreaState Area(uint32_t area) const;
  std::vector<CategoryTotals> Totals() const;

 private:
  friend class ModelStep;
  void EndEmptyHolds();
  // Everything of a hold goes to `to`.
  void MoveAll(HoldId hold, SeatStatus to, OrderId order);

  std::shared_ptr<const Chart> chart_;
  std::vector<SeatRow> units_;
  // Places of areas that somebody has, one value each.
  std::map<uint32_t, std::vector<SeatRow>> places_;
  std::map<uint32_t, std::string> extras_;
  std::map<uint64_t, Hold> holds_;
  std::set<uint32_t> outside_units_;
  std::map<uint32_t, uint32_t> outside_places_;
  SaleRules rules_;
  Timestamp clock_;  // what windows go by
};

// An order of rows in which equal sets of rows are equal lists.
bool RowLess(const SeatRow& a, const SeatRow& b);

}  // namespace ticketing::seat

#endif  // TICKETING_TESTS_SEAT_INVENTORY_MODEL_H_
