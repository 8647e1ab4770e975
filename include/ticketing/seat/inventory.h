// The inventory of one event: who has which seat. A pure state machine: no clock, no entropy, no
// storage, no threads. One lane owns an instance, applies commands in turn, and persists what each
// says has changed.
//
// Transitions. One table says what may follow what; every other step is refused with the objects
// named. "own" is a hold that the command names.
//
//    from \ to      free       held     booked     resale   custom
//    free           stays      yes      yes        yes      yes
//    held, own      yes        stays    yes        yes      yes
//    held, other    staff      -        staff      staff    staff
//    booked         yes        -        -          yes      yes
//    resale         yes        yes      yes        stays    yes
//    custom         yes        -        yes        yes      yes
//
// A release (to free) makes `resale` again what was for resale before it was held or booked. What
// is booked belongs to an order and to no hold, so no expiry can free it. A whole table and its
// seats exclude each other, whatever is for sale.
//
// Places of an area make the same steps by quantity, but are never for resale. Which places:
//  - with `of_order` what this order has, booked before custom;
//  - a release with `hold` what it holds; without one what is booked, then custom, then (staff)
//    held. With a ticket type in its note it frees places of that type only;
//  - other steps what the hold holds, then free places: of the channels that the caller names, in
//    his order, then of none. Who has all channels takes from none first;
//  - where several rows are alike: by the number of the owner, then the channel.
// Guards see an area as "free" while it has free places, else as "booked". An area that is sold
// whole changes as a whole, whatever the size of the party.
//
// A command checks everything, then changes everything: an error leaves the inventory as it was.
// Same commands in the same order give the same answers on every machine.
//
// Time: a hold is expired from `expires_at` on. It then can be neither extended nor booked, but
// keeps its seats until ExpireHolds(now) or Release takes them: a lane calls ExpireHolds before
// each batch (O(1) when nothing is due).
//
// Memory: at most 64 bytes per seat, whatever their state, texts that ride on objects left out.
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
#include "ticketing/seat/changes.h"
#include "ticketing/seat/chart.h"
#include "ticketing/seat/sale_rules.h"

namespace ticketing::seat {

struct LabelPick {
  std::string label;
  int64_t quantity = 1;
};
// Labels to numbers. kUnknownObject names every label that the chart does not have.
StatusOr<std::vector<Pick>> ResolveLabels(const Chart& chart, std::span<const LabelPick> picks);

// Names of statuses: "free", "held", "booked", "resale", or a custom one.
using StatusNames = std::vector<std::string>;

// One change of status of a list of objects.
struct Step {
  SeatStatus to = SeatStatus::kHeld;
  std::string custom;           // for kCustom: its name, not one of the others'
  std::vector<Pick> picks;      // no unit twice; an area may come more than once
  std::vector<PickNote> notes;  // empty, or one per pick
  // For kHeld: who holds. Else: objects held by it may be changed; in areas its places go first.
  HoldId hold;
  Timestamp expires_at;   // for kHeld
  Duration hold_max;      // ceiling of the hold from its creation; zero: limits::kHoldMax
  bool any_hold = false;  // staff: objects held by others too, but not to kHeld
  OrderId order;          // whose they become
  std::string order_name;
  OrderId of_order;             // set: only what this order has may be changed
  StatusNames allowed_before;   // not empty: every object must be in one of these (areas: above)
  StatusNames rejected_before;  // no object may be in one of these
  SaleAccess access;            // looked at for what was free; of resale only what is for sale
  bool refuse_orphans = false;  // CheckOrphans first, but not for releases
  bool keep_extra = false;      // else a change of a unit takes its extra data away

  // The everyday ones.
  static Step ToHold(HoldId hold, std::span<const Pick> picks, Timestamp expires_at);
  static Step ToBook(OrderId order, std::span<const Pick> picks);  // free objects, at once
  static Step ToRelease(HoldId hold, std::span<const Pick> picks);
  static Step ToRefund(OrderId order, std::span<const Pick> picks);  // what the order has
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
  bool areas = false;          // when no seats fit, booths, one table or places of an area will do
  SaleAccess access;
};
struct BestAvailable {
  std::vector<Pick> picks;  // in the order of their numbers
  bool adjacent = false;    // all side by side in one row
  bool orphans = false;     // leaves a single free seat that was not alone before
};

struct AreaState {
  uint32_t capacity = 0;
  uint32_t held = 0;
  uint32_t booked = 0;   // booked, or in a custom status
  uint32_t blocked = 0;  // taken by a season, or for a season by its matches
  uint32_t free() const {
    const uint32_t taken = held + booked + blocked;
    return capacity > taken ? capacity - taken : 0;
  }
};
// Places by category: a unit counts as 1, an area by its places, a table in the form in which it is
// sold here (whole or by seat). Custom statuses and what others block count as booked.
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

  const Chart& chart() const;
  const std::shared_ptr<const Chart>& shared_chart() const;
  // Grows by one with every command that changed something.
  uint64_t version() const;

  // --- Commands. All: kInvalidField (field "objects[i]...") for an empty or too long list, a unit
  // named twice, a quantity that is not positive, not 1 for a unit, or beyond the area's capacity,
  // a text that is too long; kUnknownObject for a number that the chart does not have.

  // kSeatNotAvailable names every object from which the step is illegal, or whose status before is
  // not as asked for; kNotForSale every object that is not for sale, is in a channel that is not
  // open to the caller, or is not sold in this form (a table's seat while the table is sold whole);
  // kLeavesSingleSeat; kHoldExpired; kInvalidField "expires_at" when it is not after `now` or
  // beyond the hold's ceiling; kConflict names objects that `of_order` or, for a release, `hold`
  // does not have.
  StatusOr<Changes> Apply(const Step& step, Timestamp now);

  // Chooses and holds in one step. Errors as FindBestAvailable and Apply. `found` says what was
  // chosen.
  StatusOr<Changes> HoldBestAvailable(HoldId hold, const BestAvailableRequest& request,
                                      Timestamp expires_at, Timestamp now,
                                      BestAvailable* found = nullptr);

  // Moves the expiry, earlier too. kHoldNotFound, kHoldExpired, kInvalidField as for Apply.
  StatusOr<Changes> Extend(HoldId hold, Timestamp expires_at, Timestamp now,
                           Duration hold_max = Duration());

  // Frees all that the hold has; works on expired holds too. kHoldNotFound.
  StatusOr<Changes> Release(HoldId hold);

  // Books all that the hold has for `order`, and ends the hold. kHoldNotFound, kHoldExpired.
  StatusOr<Changes> Book(HoldId hold, OrderId order, Timestamp now);

  // Frees everything of all holds that have expired by `now`; `holds` of the answer lists them. The
  // version stays when nothing was due.
  Changes ExpireHolds(Timestamp now);

  // Replaces the extra data of an object; empty takes it away.
  StatusOr<Changes> SetExtra(uint32_t index, std::string extra);

  // Replaces the rules; new channels (id 0) get an id. What is taken stays taken. kInvalidField
  // names what is wrong: a key twice, an object in two channels, more places than an area has.
  // Nothing that is stored but the rules changes; the version grows.
  // `last_channel` says that ids up to it were given before.
  Status SetRules(SaleRules rules, Timestamp now, uint16_t last_channel = 0);
  uint16_t last_channel() const;
  const SaleRules& rules() const;

  // --- Questions.

  // Best seats by rank: adjacent without leaving a single seat, else adjacent, else nearest
  // together, else (with `areas`) booths, one table, one area. A channel whose quota has less left
  // than the whole group is passed over. kNoAdjacentSeats when nothing fits;
  // kInvalidField names the wrong field of the request.
  StatusOr<BestAvailable> FindBestAvailable(const BestAvailableRequest& request) const;

  // The orphan rule for seats picked by hand: kLeavesSingleSeat names the free seats that would be
  // left alone between taken seats or aisles, if in the same stretch the same number of seats could
  // be taken without that. Seats that were alone before do not count; a free wheelchair or
  // companion place is company, and may itself be alone. Nobody is alone at a table.
  Status CheckOrphans(std::span<const Pick> picks) const;

  SeatStatus status(uint32_t unit) const;
  SeatRow row(uint32_t unit) const;       // quantity 1 whatever the status
  bool blocked(uint32_t unit) const;      // taken by a season, a match, its table or its seats
  bool for_sale(uint32_t index) const;    // by rules().for_sale and windows, not by channels
  bool sold_here(uint32_t index) const;   // as its table is sold: whole or by seat
  uint16_t channel(uint32_t unit) const;  // 0: none
  std::string_view category(uint32_t index) const;  // key, as the rules have it
  const std::string& extra(uint32_t index) const;
  AreaState area(uint32_t index) const;  // index of an area
  std::vector<SeatRow> AreaRows(uint32_t index) const;
  std::optional<Hold> FindHold(HoldId hold) const;
  std::vector<SeatRow> RowsOf(HoldId hold) const;  // what it holds, by number
  std::vector<SeatRow> RowsOf(
      OrderId order) const;           // looks at every object: for refunds and reports
  std::vector<SeatRow> Rows() const;  // all that are not free
  std::vector<Hold> Holds() const;    // by id
  std::vector<CategoryTotals> TotalsByCategory() const;  // as drawing().categories
  // Two bits each, four to a byte, the first in the lowest bits: 0 free, 1 held, 2 booked (or
  // custom, or blocked), 3 closed to the public: not for sale, in a channel, or not sold in this
  // form. Resale is 0 in a channel too.
  void PackUnits(std::string& out) const;
  uint8_t PackedUnit(uint32_t unit) const;
  // The earliest expiry of any hold, or the next time that a sale window opens or closes: when to
  // call ExpireHolds next. It may be earlier than needed, never later.
  std::optional<Timestamp> NextExpiry() const;
  // Bytes of memory in use, the shared chart left out.
  size_t MemoryBytes() const;

  // --- Storage and composition: for EventSet.

  // Everything that is stored, as one change from nothing.
  Changes Snapshot() const;
  // Puts rows back as changes said they were. kDataLoss when they contradict the chart or each
  // other: a number that the chart does not have, an area above its capacity, a held row without
  // its hold. Holds come with the rows that they have or before.
  Status Restore(const Changes& changes);
  // After Restore: kDataLoss for a hold that holds nothing or rows that lack it, and for a table
  // that is taken whole beside one of its seats.
  Status CheckWhole() const;
  // Puts the sale windows as they stood at a time. The version stays.
  void SetTime(Timestamp at);

  // While a mark is set, commands remember how to undo themselves: all but SetRules.
  size_t Mark();
  void Rollback(size_t mark);
  void Forget();  // drops all marks

  // Takes a unit out of sale, or gives it back, for what other events of the season say. Whether
  // that changed anything.
  bool Block(uint32_t unit, bool blocked);
  bool BlockPlaces(uint32_t area, uint32_t places);
  void NoteVersion();                   // grows the version for a change that came from outside
  void RaiseVersion(uint64_t version);  // to at least this

 private:
  struct State;
  class Change;
  class Chooser;

  Status RestoreRow(const SeatRow& row);
  std::unique_ptr<State> state_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_INVENTORY_H_
