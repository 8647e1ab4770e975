// What commands on an inventory name, and what they change: the data that storage, history and
// reports see.
#ifndef TICKETING_SEAT_CHANGES_H_
#define TICKETING_SEAT_CHANGES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/time.h"

namespace ticketing::seat {

// Stored: append, never renumber.
enum class SeatStatus : uint8_t {
  kFree = 0,
  kHeld = 1,    // by a hold, until it expires
  kBooked = 2,  // for good: only a release frees it
  kResale = 3,  // its holder offers it: anybody may hold or book it
  kCustom = 4,  // a status with a name of the venue's own: "kill", "press"
};
std::string_view NameOfStatus(SeatStatus status);  // "free", "held", "booked", "resale", "custom"

// What a command is about: a unit (quantity 1) or places of an area.
struct Pick {
  uint32_t index = 0;
  int64_t quantity = 1;
  bool operator==(const Pick&) const = default;
};

// What rides on a pick: kept with the object. No rule reads it but one: a release of places of an
// area with a ticket type frees places of that type.
struct PickNote {
  // At most limits::kTicketTypeBytesMax. Empty: what was held keeps its type, and in areas what was
  // booked too.
  std::string ticket_type;
  std::optional<std::string> extra;  // at most limits::kExtraBytesMax; nullopt: nothing new
};

// One row of the state. A unit has one row. The places of an area are shared: it has a row for
// every different owner and kind of place, and all fields but the quantity say which row it is.
struct SeatRow {
  uint32_t index = 0;
  uint32_t quantity = 1;  // 1 for a unit. In an area 0 means: there is no such row any more
  SeatStatus status = SeatStatus::kFree;
  bool resale = false;     // units: a release makes it `resale` again instead of `free`
  uint16_t channel = 0;    // areas: the channel (Channel::id) whose places these are; 0 none
  HoldId hold;             // set when held
  OrderId order;           // may be set when not held or free
  std::string custom;      // name of a custom status
  std::string order_name;  // an order as another system names it
  std::string ticket_type;
  bool operator==(const SeatRow&) const = default;
};

// A row after a command, and what it was before: the status of the unit, the quantity of the row.
struct SeatChange {
  SeatRow row;
  SeatStatus was = SeatStatus::kFree;
  uint32_t quantity_was = 0;
  bool operator==(const SeatChange&) const = default;
};

struct ExtraChange {
  uint32_t index = 0;
  std::string extra;  // empty: there is none any more
  bool operator==(const ExtraChange&) const = default;
};

struct Hold {
  HoldId id;
  Timestamp created_at;
  Timestamp expires_at;
  bool ended = false;  // in changes: nothing is held any more
  bool operator==(const Hold&) const = default;
};

// What a command changed in one event.
struct Changes {
  uint32_t slot = 0;     // of the event, in its EventSet
  uint64_t version = 0;  // of its inventory after the command
  std::vector<SeatChange> seats;
  std::vector<ExtraChange> extras;
  std::vector<Hold> holds;
  bool empty() const { return seats.empty() && extras.empty() && holds.empty(); }
  bool operator==(const Changes&) const = default;
};

// --- Bytes ---

// Appends a compact form that says where it ends: varints and length-prefixed texts, no names, no
// padding. One form per value; append fields only with a new version of the container's format.
void AppendChanges(std::string& out, const Changes& changes);
// Takes one off the front of `bytes`. nullopt for anything that AppendChanges does not write.
std::optional<Changes> TakeChanges(std::string_view& bytes);

}  // namespace ticketing::seat

#endif  // TICKETING_SEAT_CHANGES_H_
