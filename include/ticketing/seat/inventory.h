// The inventory of one event: who has which seat. A pure state machine: no clock, no entropy, no
// storage, no threads. One lane owns an instance, applies commands in turn, and persists what each
// says has changed.
//
// States of a unit (seat or suite): free -> held (HoldObjects, HoldBestAvailable), held -> booked
// (Book), free -> booked (BookDirect), held -> free (Release, ExpireHolds), booked -> free
// (Unbook). Places of an area make the same steps by quantity. Every other step is refused. A seat
// that was booked belongs to its order and to no hold, so no expiry can free it.
//
// A command checks everything, then changes everything: an error leaves the inventory as it was.
// Same commands in the same order give the same answers on every machine.
//
// Time: a hold is expired from `expires_at` on. It then can be neither extended nor booked, but
// keeps its seats until ExpireHolds(now) or Release takes them: a lane calls ExpireHolds before
// each batch (O(1) when nothing is due).
//
// Storage: a SeatRow is one row with the key (index, part). Rows() gives all that are not free;
// Load takes them back. Memory: at most 64 bytes per seat, whatever their state.
#ifndef TICKETING_SEAT_INVENTORY_H_
#define TICKETING_SEAT_INVENTORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/seat/chart.h"

namespace ticketing::seat {

// Stored: append, never renumber.
enum class SeatStatus : uint8_t { kFree = 0, kHeld = 1, kBooked = 2 };
std::string_view NameOfStatus(SeatStatus status);  // "free", "held", "booked"

// What a command is about: a seat or suite (quantity 1) or places of an area.
struct Pick {
  uint32_t index = 0;
  int64_t quantity = 1;
  bool operator==(const Pick&) const = default;
};
struct LabelPick {
  std::string label;
  int64_t quantity = 1;
};
// Labels to numbers. kUnknownObject names every label that the chart does not have.
StatusOr<std::vector<Pick>> ResolveLabels(const Chart& chart, std::span<const LabelPick> picks);

// One stored row. After a change, `kFree` means: delete the row with this key.
struct SeatRow {
  uint32_t index = 0;
  // 0 for a unit. For an area, whose places many share: PartOf the hold or the order. A 64-bit
  // pattern; as a signed SQL integer it may be negative.
  uint64_t part = 0;
  SeatStatus status = SeatStatus::kFree;
  uint32_t quantity = 0;  // 1 for a unit; for an area the places this part has now, 0 when free
  HoldId hold;            // set when held
  OrderId order;          // set when booked
  bool operator==(const SeatRow&) const = default;

  static uint64_t PartOf(HoldId hold) { return hold.value << 1; }
  static uint64_t PartOf(OrderId order) { return order.value << 1 | 1; }
};
using SeatChange = SeatRow;

struct Hold {
  HoldId id;
  Timestamp created_at;
  Timestamp expires_at;
  bool ended = false;  // in changes: nothing is held any more, delete it
  bool operator==(const Hold&) const = default;
};

// What a command changed, in the order of (index, part): write exactly this.
struct Changes {
  uint64_t version = 0;  // after the command
  std::vector<SeatChange> seats;
  std::vector<Hold> holds;
};

struct BestAvailableRequest {
  int64_t quantity = 0;                 // 1 .. limits::kBestAvailableMax
  std::vector<std::string> categories;  // keys; empty: any
  std::vector<std::string> sections;    // labels; empty: any
  std::vector<std::string> zones;       // ids; empty: any
  int64_t accessible =
      0;  // exactly so many wheelchair places; companion places only when it is not 0
  bool adjacent_only = false;  // refuse (kNoAdjacentSeats) rather than part the group
  bool avoid_orphans = true;   // prefer blocks that leave no single free seat beside them
  bool areas = false;          // when no seats fit, places of one area will do
};
struct BestAvailable {
  std::vector<Pick> picks;  // in the order of their numbers
  bool adjacent = false;    // all side by side in one row
  bool orphans = false;     // leaves a single free seat that was not alone before
};

struct HoldOptions {
  bool refuse_orphans = false;  // apply CheckOrphans first
};

struct AreaState {
  uint32_t capacity = 0;
  uint32_t held = 0;
  uint32_t booked = 0;
  uint32_t free() const { return capacity - held - booked; }
};
// Places by category: a seat or suite counts as 1, an area by its places.
struct CategoryTotals {
  uint64_t free = 0;
  uint64_t held = 0;
  uint64_t booked = 0;
};

class Inventory {
 public:
  // Everything free, version 0.
  explicit Inventory(std::shared_ptr<const Chart> chart);
  ~Inventory();
  Inventory(Inventory&&) noexcept;
  Inventory& operator=(Inventory&&) noexcept;

  // Rebuilds the state from storage. kDataLoss when the rows contradict the chart or each other: a
  // number that the chart does not have, two owners, an area above its capacity, a held row without
  // its hold.
  static StatusOr<Inventory> Load(std::shared_ptr<const Chart> chart, std::span<const SeatRow> rows,
                                  std::span<const Hold> holds, uint64_t version);

  const Chart& chart() const;
  const std::shared_ptr<const Chart>& shared_chart() const;
  // Grows by one with every command that changed something.
  uint64_t version() const;

  // --- Commands. All: kInvalidField (field "objects[i]...") for an empty or too long list, a
  // number named twice, a quantity that is not positive, not 1 for a unit, or beyond the area's
  // capacity; kUnknownObject for a number that the chart does not have.

  // Holds objects for `hold`, new or live; a live one keeps what it has and takes the later expiry.
  // A unit that it already holds stays as it is. kSeatNotAvailable names every object that is not
  // free; kHoldExpired; kInvalidField "expires_at" when it is not after `now` or more than
  // limits::kHoldMax after the hold was created.
  StatusOr<Changes> HoldObjects(HoldId hold, std::span<const Pick> picks, Timestamp expires_at,
                                Timestamp now, HoldOptions options = {});

  // Chooses and holds in one step. Errors as FindBestAvailable and HoldObjects. `found` says what
  // was chosen.
  StatusOr<Changes> HoldBestAvailable(HoldId hold, const BestAvailableRequest& request,
                                      Timestamp expires_at, Timestamp now,
                                      BestAvailable* found = nullptr);

  // Moves the expiry, earlier too. kHoldNotFound, kHoldExpired, kInvalidField as for HoldObjects.
  StatusOr<Changes> Extend(HoldId hold, Timestamp expires_at, Timestamp now);

  // Frees all that the hold has, or a part of it. kHoldNotFound; kConflict names objects that it
  // does not hold, or not so many places of. Works on expired holds too.
  StatusOr<Changes> Release(HoldId hold);
  StatusOr<Changes> Release(HoldId hold, std::span<const Pick> picks);

  // Books all that the hold has for `order`, and ends the hold. kHoldNotFound, kHoldExpired.
  StatusOr<Changes> Book(HoldId hold, OrderId order, Timestamp now);

  // Books free objects at once. kSeatNotAvailable names every object that is not free.
  StatusOr<Changes> BookDirect(OrderId order, std::span<const Pick> picks);

  // Frees objects of an order (refund, cancellation). kConflict names those that the order does not
  // have.
  StatusOr<Changes> Unbook(OrderId order, std::span<const Pick> picks);

  // Frees everything of all holds that have expired by `now`; `holds` of the answer lists them. The
  // version stays when nothing was due.
  Changes ExpireHolds(Timestamp now);

  // --- Questions.

  // Best seats by rank: adjacent without leaving a single seat, else adjacent, else nearest
  // together, else one area if allowed. kNoAdjacentSeats when nothing fits; kInvalidField names the
  // wrong field of the request.
  StatusOr<BestAvailable> FindBestAvailable(const BestAvailableRequest& request) const;

  // The orphan rule for seats picked by hand: kLeavesSingleSeat names the free seats that would be
  // left alone between taken seats or aisles, if in the same stretch the same number of seats could
  // be taken without that. Seats that were alone before do not count.
  Status CheckOrphans(std::span<const Pick> picks) const;

  SeatStatus status(uint32_t unit) const;
  SeatRow row(uint32_t unit) const;      // quantity 1 whatever the status
  AreaState area(uint32_t index) const;  // index of an area
  std::optional<Hold> FindHold(HoldId hold) const;
  // Appends the statuses of all units, two bits each, four to a byte, the first in the lowest bits.
  void PackUnits(std::string& out) const;
  std::vector<SeatRow> RowsOf(HoldId hold) const;  // what it holds, by number
  std::vector<SeatRow> RowsOf(
      OrderId order) const;           // looks at every object: for refunds and reports
  std::vector<SeatRow> Rows() const;  // all that are not free
  std::vector<Hold> Holds() const;    // by id
  std::vector<CategoryTotals> TotalsByCategory() const;  // as drawing().categories
  // The earliest expiry of any hold: when to call ExpireHolds next. It may be earlier than needed,
  // never later.
  std::optional<Timestamp> NextExpiry() const;
  // Bytes of memory in use, the shared chart left out.
  size_t MemoryBytes() const;

 private:
  struct State;
  explicit Inventory(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_INVENTORY_H_
