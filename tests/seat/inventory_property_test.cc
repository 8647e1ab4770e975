// Random commands, against a model that is too simple to be wrong. What must hold after every step:
// the same answer as the model, the same state, the rows that changed rebuild the same storage, and
// nothing has two owners.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/inventory.h"

namespace ticketing::seat {
namespace {

// Who has how many places of what: (object, is an order, id) -> places. Nothing else is remembered
// but the holds.
class Model {
 public:
  explicit Model(const Chart& chart) : chart_(chart) {}

  int64_t Taken(uint32_t index) const {
    int64_t sum = 0;
    for (const auto& [key, quantity] : owned_) {
      if (std::get<0>(key) == index) sum += quantity;
    }
    return sum;
  }
  int64_t Capacity(uint32_t index) const {
    return chart_.IsUnit(index) ? 1 : chart_.object(index).capacity;
  }
  int64_t Owned(uint32_t index, bool order, uint64_t id) const {
    const auto found = owned_.find({index, order, id});
    return found == owned_.end() ? 0 : found->second;
  }

  ErrorCode Check(const std::vector<Pick>& picks) const {
    if (picks.empty()) return ErrorCode::kInvalidField;
    std::set<uint32_t> seen;
    ErrorCode code = ErrorCode::kOk;
    for (const Pick& pick : picks) {
      if (pick.index >= chart_.object_count()) return ErrorCode::kUnknownObject;
      const bool fits = pick.quantity >= 1 && pick.quantity <= Capacity(pick.index);
      if (!seen.insert(pick.index).second || !fits) code = ErrorCode::kInvalidField;
    }
    return code;
  }

  ErrorCode HoldObjects(uint64_t hold, const std::vector<Pick>& picks, Timestamp expires,
                        Timestamp now) {
    if (const ErrorCode code = Check(picks); code != ErrorCode::kOk) return code;
    const auto known = holds_.find(hold);
    if (known != holds_.end() && known->second.second <= now) return ErrorCode::kHoldExpired;
    const Timestamp created = known == holds_.end() ? now : known->second.first;
    if (expires <= now || expires > created + limits::kHoldMax) return ErrorCode::kInvalidField;
    for (const Pick& pick : picks) {
      const bool mine = chart_.IsUnit(pick.index) && Owned(pick.index, false, hold) == 1;
      if (!mine && Taken(pick.index) + pick.quantity > Capacity(pick.index)) {
        return ErrorCode::kSeatNotAvailable;
      }
    }
    for (const Pick& pick : picks) {
      int64_t& owned = owned_[{pick.index, false, hold}];
      owned = chart_.IsUnit(pick.index) ? 1 : owned + pick.quantity;
    }
    auto& entry = holds_.try_emplace(hold, now, expires).first->second;
    entry.second = std::max(entry.second, expires);
    return ErrorCode::kOk;
  }

  ErrorCode Extend(uint64_t hold, Timestamp expires, Timestamp now) {
    const auto known = holds_.find(hold);
    if (known == holds_.end()) return ErrorCode::kHoldNotFound;
    if (known->second.second <= now) return ErrorCode::kHoldExpired;
    if (expires <= now || expires > known->second.first + limits::kHoldMax) {
      return ErrorCode::kInvalidField;
    }
    known->second.second = expires;
    return ErrorCode::kOk;
  }

  ErrorCode Release(uint64_t hold) {
    if (!holds_.contains(hold)) return ErrorCode::kHoldNotFound;
    End(hold, 0);
    return ErrorCode::kOk;
  }

  ErrorCode ReleasePart(uint64_t hold, const std::vector<Pick>& picks) {
    if (const ErrorCode code = Check(picks); code != ErrorCode::kOk) return code;
    if (!holds_.contains(hold)) return ErrorCode::kHoldNotFound;
    const ErrorCode code = Take(picks, false, hold);
    bool left = false;
    for (const auto& [key, quantity] : owned_) {
      left |= !std::get<1>(key) && std::get<2>(key) == hold;
    }
    if (!left) holds_.erase(hold);
    return code;
  }

  ErrorCode Book(uint64_t hold, uint64_t order, Timestamp now) {
    const auto known = holds_.find(hold);
    if (known == holds_.end()) return ErrorCode::kHoldNotFound;
    if (known->second.second <= now) return ErrorCode::kHoldExpired;
    End(hold, order);
    return ErrorCode::kOk;
  }

  ErrorCode BookDirect(uint64_t order, const std::vector<Pick>& picks) {
    if (const ErrorCode code = Check(picks); code != ErrorCode::kOk) return code;
    for (const Pick& pick : picks) {
      if (Taken(pick.index) + pick.quantity > Capacity(pick.index)) {
        return ErrorCode::kSeatNotAvailable;
      }
    }
    for (const Pick& pick : picks) owned_[{pick.index, true, order}] += pick.quantity;
    return ErrorCode::kOk;
  }

  ErrorCode Unbook(uint64_t order, const std::vector<Pick>& picks) {
    if (const ErrorCode code = Check(picks); code != ErrorCode::kOk) return code;
    return Take(picks, true, order);
  }

  std::vector<uint64_t> Expire(Timestamp now) {
    std::vector<std::pair<Timestamp, uint64_t>> due;
    for (const auto& [hold, times] : holds_) {
      if (times.second <= now) due.push_back({times.second, hold});
    }
    std::sort(due.begin(), due.end());
    std::vector<uint64_t> holds;
    for (const auto& [at, hold] : due) {
      End(hold, 0);
      holds.push_back(hold);
    }
    return holds;
  }

  std::vector<SeatRow> Rows() const {
    std::vector<SeatRow> rows;
    for (const auto& [key, quantity] : owned_) {
      const auto [index, order, id] = key;
      SeatRow row;
      row.index = index;
      row.quantity = static_cast<uint32_t>(quantity);
      row.status = order ? SeatStatus::kBooked : SeatStatus::kHeld;
      (order ? row.order.value : row.hold.value) = id;
      if (!chart_.IsUnit(index)) {
        row.part = order ? SeatRow::PartOf(row.order) : SeatRow::PartOf(row.hold);
      }
      rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [](const SeatRow& a, const SeatRow& b) {
      return std::pair(a.index, a.part) < std::pair(b.index, b.part);
    });
    return rows;
  }

  std::vector<Hold> Holds() const {
    std::vector<Hold> holds;
    for (const auto& [id, times] : holds_) {
      holds.push_back({HoldId{id}, times.first, times.second, false});
    }
    return holds;
  }

 private:
  // Frees all of a hold, or gives it to an order.
  void End(uint64_t hold, uint64_t order) {
    std::map<std::tuple<uint32_t, bool, uint64_t>, int64_t> kept;
    for (const auto& [key, quantity] : owned_) {
      if (std::get<1>(key) || std::get<2>(key) != hold) {
        kept[key] += quantity;
      } else if (order != 0) {
        kept[{std::get<0>(key), true, order}] += quantity;
      }
    }
    owned_ = kept;
    holds_.erase(hold);
  }
  ErrorCode Take(const std::vector<Pick>& picks, bool order, uint64_t id) {
    for (const Pick& pick : picks) {
      if (Owned(pick.index, order, id) < pick.quantity) return ErrorCode::kConflict;
    }
    for (const Pick& pick : picks) {
      if ((owned_[{pick.index, order, id}] -= pick.quantity) == 0) {
        owned_.erase({pick.index, order, id});
      }
    }
    return ErrorCode::kOk;
  }

  const Chart& chart_;
  std::map<std::tuple<uint32_t, bool, uint64_t>, int64_t> owned_;
  std::map<uint64_t, std::pair<Timestamp, Timestamp>> holds_;  // created, expires
};

// The tables that a service would keep, written only from what commands report.
struct Storage {
  std::map<std::pair<uint32_t, uint64_t>, SeatRow> rows;
  std::map<uint64_t, Hold> holds;

  void Write(const Changes& changes) {
    for (const SeatChange& row : changes.seats) {
      if (row.status == SeatStatus::kFree) {
        rows.erase({row.index, row.part});
      } else {
        rows[{row.index, row.part}] = row;
      }
    }
    for (const Hold& hold : changes.holds) {
      if (hold.ended) {
        holds.erase(hold.id.value);
      } else {
        holds[hold.id.value] = hold;
      }
    }
  }
  std::vector<SeatRow> Rows() const {
    std::vector<SeatRow> out;
    for (const auto& [key, row] : rows) out.push_back(row);
    return out;
  }
  std::vector<Hold> Holds() const {
    std::vector<Hold> out;
    for (const auto& [id, hold] : holds) out.push_back(hold);
    return out;
  }
};

class Walk {
 public:
  explicit Walk(uint64_t seed) : random_(seed), model_(*chart_), inventory_(chart_) {}

  void Step() {
    now_ = now_ + Duration::Seconds(random_.Below(120));
    const HoldId hold = {1 + random_.Below(12)};
    const OrderId order = {1 + random_.Below(12)};
    const Timestamp expires = now_ + Duration::Seconds(int64_t{random_.Below(1500)} - 20);
    switch (random_.Below(10)) {
      case 0:
      case 1:
      case 2: {
        const std::vector<Pick> picks = RandomPicks();
        const ErrorCode wanted = model_.HoldObjects(hold.value, picks, expires, now_);
        Compare("hold", wanted, inventory_.HoldObjects(hold, picks, expires, now_));
        break;
      }
      case 3:
        HoldBest(hold, expires);
        break;
      case 4: {
        const ErrorCode wanted = model_.Book(hold.value, order.value, now_);
        Compare("book", wanted, inventory_.Book(hold, order, now_));
        break;
      }
      case 5: {
        const std::vector<Pick> picks = RandomPicks();
        const ErrorCode wanted = model_.BookDirect(order.value, picks);
        Compare("book direct", wanted, inventory_.BookDirect(order, picks));
        break;
      }
      case 6: {
        const std::vector<Pick> picks = OwnedPicks(inventory_.RowsOf(order));
        const ErrorCode wanted = model_.Unbook(order.value, picks);
        Compare("unbook", wanted, inventory_.Unbook(order, picks));
        break;
      }
      case 7: {
        const std::vector<Pick> picks = OwnedPicks(inventory_.RowsOf(hold));
        const ErrorCode wanted = model_.ReleasePart(hold.value, picks);
        Compare("release part", wanted, inventory_.Release(hold, picks));
        break;
      }
      case 8: {
        const bool extend = random_.Chance(60);
        const ErrorCode wanted =
            extend ? model_.Extend(hold.value, expires, now_) : model_.Release(hold.value);
        Compare("extend or release", wanted,
                extend ? inventory_.Extend(hold, expires, now_) : inventory_.Release(hold));
        break;
      }
      default:
        Expire();
    }
  }

  void Reload() {
    auto loaded = Inventory::Load(chart_, storage_.Rows(), storage_.Holds(), inventory_.version());
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    inventory_ = *std::move(loaded);
  }

  // Every part of the state, and that no seat has two owners and no area more than it holds.
  void CheckState() {
    const std::vector<SeatRow> rows = inventory_.Rows();
    ASSERT_EQ(rows, model_.Rows());
    ASSERT_EQ(rows, storage_.Rows());
    ASSERT_EQ(inventory_.Holds(), model_.Holds());
    ASSERT_EQ(inventory_.Holds(), storage_.Holds());
    std::map<uint32_t, int64_t> places;
    for (const SeatRow& row : rows) places[row.index] += row.quantity;
    for (const auto& [index, taken] : places) {
      ASSERT_LE(taken, model_.Capacity(index)) << chart_->object(index).label;
    }
  }

  int applied() const { return applied_; }

 private:
  std::vector<Pick> RandomPicks() {
    std::vector<Pick> picks;
    const uint32_t count = 1 + random_.Below(4);
    for (uint32_t i = 0; i < count; ++i) {
      const bool wild = random_.Chance(2);
      Pick pick = {random_.Below(chart_->object_count() + (wild ? 3 : 0)), 1};
      if (pick.index >= chart_->unit_count()) pick.quantity = 1 + random_.Below(3);
      if (wild) pick.quantity = int64_t{random_.Below(9)} - 2;
      picks.push_back(pick);
    }
    return picks;
  }

  // Mostly some of what somebody has; sometimes anything.
  std::vector<Pick> OwnedPicks(const std::vector<SeatRow>& rows) {
    if (rows.empty() || random_.Chance(15)) return RandomPicks();
    std::vector<Pick> picks;
    for (const SeatRow& row : rows) {
      if (random_.Chance(60)) picks.push_back({row.index, 1 + random_.Below(row.quantity)});
    }
    return picks;
  }

  void Compare(const char* what, ErrorCode wanted, StatusOr<Changes> changes) {
    ASSERT_EQ(CodeOf(changes.status()), wanted) << what << " " << changes.status();
    if (!changes.ok()) {
      ASSERT_EQ(inventory_.version(), version_) << what;
      return;
    }
    ++applied_;
    Note(*changes);
  }

  void Note(const Changes& changes) {
    const bool changed = !changes.seats.empty() || !changes.holds.empty();
    ASSERT_EQ(changes.version, version_ + (changed ? 1 : 0));
    ASSERT_EQ(changes.version, inventory_.version());
    version_ = changes.version;
    storage_.Write(changes);
  }

  void HoldBest(HoldId hold, Timestamp expires) {
    BestAvailableRequest request;
    request.quantity = 1 + random_.Below(5);
    request.areas = random_.Chance(30);
    request.adjacent_only = random_.Chance(30);
    if (random_.Chance(30)) request.categories = {random_.Chance(50) ? "P" : "Q"};
    BestAvailable best;
    const auto changes = inventory_.HoldBestAvailable(hold, request, expires, now_, &best);
    const ErrorCode code = CodeOf(changes.status());
    if (code == ErrorCode::kNoAdjacentSeats) return;
    if (!changes.ok()) {
      // Only the hold itself can be the reason: what was found is free.
      ASSERT_TRUE(code == ErrorCode::kHoldExpired || code == ErrorCode::kInvalidField)
          << changes.status();
      return;
    }
    int64_t places = 0;
    for (const Pick& pick : best.picks) {
      places += pick.quantity;
      ASSERT_LE(model_.Taken(pick.index) + pick.quantity, model_.Capacity(pick.index));
    }
    ASSERT_EQ(places, request.quantity);
    ASSERT_EQ(model_.HoldObjects(hold.value, best.picks, expires, now_), ErrorCode::kOk);
    ++applied_;
    Note(*changes);
  }

  void Expire() {
    const std::vector<uint64_t> wanted = model_.Expire(now_);
    const Changes changes = inventory_.ExpireHolds(now_);
    std::vector<uint64_t> holds;
    for (const Hold& hold : changes.holds) holds.push_back(hold.id.value);
    ASSERT_EQ(holds, wanted);
    Note(changes);
  }

  const std::shared_ptr<const Chart> chart_ = SmallChart();
  Sequence random_;
  Model model_;
  Inventory inventory_;
  Storage storage_;
  Timestamp now_ = Timestamp::FromSeconds(1'000'000);
  uint64_t version_ = 0;
  int applied_ = 0;
};

class InventoryPropertyTest : public testing::TestWithParam<uint64_t> {};

TEST_P(InventoryPropertyTest, AgreesWithTheModelAtEveryStep) {
  Walk walk(GetParam());
  for (int step = 0; step < 5'000; ++step) {
    walk.Step();
    walk.CheckState();
    if (step % 97 == 0) walk.Reload();
    if (HasFatalFailure()) {
      FAIL() << "seed " << GetParam() << ", step " << step;
    }
  }
  EXPECT_GT(walk.applied(), 800);  // the walk does not only bounce off
}

INSTANTIATE_TEST_SUITE_P(Seeds, InventoryPropertyTest, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace ticketing::seat
