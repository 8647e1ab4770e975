// Holds: seats set aside for a while, with their prices frozen. The id of a hold is a bearer
// capability: whoever knows it may look at it, buy it or let it go.
#ifndef TICKETING_LIB_SERVICE_TICKETING_HOLDS_H_
#define TICKETING_LIB_SERVICE_TICKETING_HOLDS_H_

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/code_guesses.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/order_seats.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// A hold with its frozen prices.
struct StoredHold {
  HoldId id;
  Timestamp expires_at;
  v1::FrozenLines lines;
};

// The row of a hold's prices. It may be there already: a repeat with its key makes a hold anew that
// has ended.
LaneInsert HoldLinesInsert(const StoredHold& hold);

// Holds of a moment ago, so that the order that follows need not read one back. Only those of few
// lines, so that they take a few megabytes. What is remembered may be wrong, for the repeat of a
// request that ended makes its hold anew, perhaps in another process: whoever uses it compares when
// the hold ends with what its lane knows. Thread-safe.
class RecentHolds {
 public:
  void Keep(const StoredHold& hold);
  std::optional<StoredHold> Find(HoldId id) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<HoldId, StoredHold> recent_;
  std::unordered_map<HoldId, StoredHold> old_;
};

// Seats of one event that a hold is to have.
struct HoldWish;

// kHoldNotFound when the hold is kept for an account and the caller is neither that nor staff.
Status CheckOwner(const Principal& caller, const v1::FrozenLines& lines);

// Refuses when an order that may still be paid wants to buy the hold.
Status RefuseOrdered(SqlTransaction& tx, HoldId hold);

// Thread-safe.
class Holds {
 public:
  Holds(const Context& context, Catalog& catalog, Lanes& lanes)
      : context_(context), catalog_(catalog), lanes_(lanes) {}

  std::vector<Route> Routes();

  // A hold that lives, on each of its events. Errors: kHoldNotFound for one that is not there or
  // was bought or let go; kHoldExpired once its first time is over, however it ended.
  StatusOr<StoredHold> Find(HoldId id);
  // Its row alone: whether it lives, its lanes know. kHoldNotFound without one.
  StatusOr<StoredHold> Stored(HoldId id);
  // The same from memory, if it is there.
  std::optional<StoredHold> Recall(HoldId id) const { return recent_.Find(id); }
  // What Find says of a hold that its lanes know as `alive`; `expires_at` is what it was made for.
  static Status CheckAlive(const std::optional<seat::Hold>& alive, Timestamp expires_at,
                           Timestamp now);
  // Its events with their lanes.
  StatusOr<OrderPlaces> PlacesOf(const v1::FrozenLines& lines);

  // Forgets the prices of holds that are long over.
  Status Tick();

 private:
  StatusOr<HttpResponse> Create(Call& call);
  StatusOr<HttpResponse> CreateTogether(Call& call);
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> Delete(Call& call);

  StatusOr<HoldWish> WishOf(Call& call, EventId event, const v1::CreateHoldRequest& request);
  StatusOr<HttpResponse> Make(Call& call, HoldId id, const std::vector<HoldWish>& wishes);
  StatusOr<StoredHold> MadeBefore(HoldId id, uint64_t request, const Status& refused);
  StatusOr<StoredHold> FindFor(Call& call);
  StatusOr<v1::Hold> Message(const StoredHold& hold);

  const Context& context_;
  Catalog& catalog_;
  Lanes& lanes_;
  RecentHolds recent_;
  CodeGuesses guesses_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_HOLDS_H_
