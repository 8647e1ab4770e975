#include "ticketing/seat/changes.h"

#include "ticketing/base/varint.h"

namespace ticketing::seat {
namespace {

// Which of the fields that are mostly empty follow.
enum Present : uint8_t {
  kHasQuantity = 1 << 0,  // one of the two is not 1
  kHasHold = 1 << 1,
  kHasOrder = 1 << 2,
  kHasChannel = 1 << 3,
  kHasCustom = 1 << 4,
  kHasOrderName = 1 << 5,
  kHasTicketType = 1 << 6,
  kIsResale = 1 << 7,
};

constexpr auto kLastStatus = static_cast<uint64_t>(SeatStatus::kCustom);

void AppendSeat(std::string& out, const SeatChange& change) {
  const SeatRow& row = change.row;
  uint8_t present = 0;
  if (row.quantity != 1 || change.quantity_was != 1) present |= kHasQuantity;
  if (row.hold) present |= kHasHold;
  if (row.order) present |= kHasOrder;
  if (row.channel != 0) present |= kHasChannel;
  if (!row.custom.empty()) present |= kHasCustom;
  if (!row.order_name.empty()) present |= kHasOrderName;
  if (!row.ticket_type.empty()) present |= kHasTicketType;
  if (row.resale) present |= kIsResale;
  AppendVarint(out, row.index);
  out.push_back(
      static_cast<char>(static_cast<uint8_t>(row.status) | static_cast<uint8_t>(change.was) << 4));
  out.push_back(static_cast<char>(present));
  if (present & kHasQuantity) {
    AppendVarint(out, row.quantity);
    AppendVarint(out, change.quantity_was);
  }
  if (row.hold) AppendVarint(out, row.hold.value);
  if (row.order) AppendVarint(out, row.order.value);
  if (row.channel != 0) AppendVarint(out, row.channel);
  if (!row.custom.empty()) AppendText(out, row.custom);
  if (!row.order_name.empty()) AppendText(out, row.order_name);
  if (!row.ticket_type.empty()) AppendText(out, row.ticket_type);
}

// nullopt for a form that AppendSeat does not write: a flag whose field says nothing.
std::optional<SeatChange> TakeSeat(ByteReader& in) {
  SeatChange change;
  SeatRow& row = change.row;
  row.index = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
  const uint8_t statuses = in.Byte();
  // Out of range on purpose when it is not a status: the caller looks.
  row.status = static_cast<SeatStatus>(statuses & 15);
  change.was = static_cast<SeatStatus>(statuses >> 4);
  const uint8_t present = in.Byte();
  change.quantity_was = 1;
  if (present & kHasQuantity) {
    row.quantity = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
    change.quantity_was = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
  }
  if (present & kHasHold) row.hold.value = in.Varint();
  if (present & kHasOrder) row.order.value = in.Varint();
  if (present & kHasChannel) row.channel = static_cast<uint16_t>(in.Bounded(UINT16_MAX));
  if (present & kHasCustom) row.custom = in.Text();
  if (present & kHasOrderName) row.order_name = in.Text();
  if (present & kHasTicketType) row.ticket_type = in.Text();
  row.resale = (present & kIsResale) != 0;
  const auto said = [&](uint8_t flag, bool something) {
    return ((present & flag) != 0) == something;
  };
  const bool plain = said(kHasQuantity, row.quantity != 1 || change.quantity_was != 1) &&
                     said(kHasHold, bool{row.hold}) && said(kHasOrder, bool{row.order}) &&
                     said(kHasChannel, row.channel != 0) && said(kHasCustom, !row.custom.empty()) &&
                     said(kHasOrderName, !row.order_name.empty()) &&
                     said(kHasTicketType, !row.ticket_type.empty());
  if (!plain) return std::nullopt;
  return change;
}

bool IsStatus(SeatStatus status) {
  return static_cast<uint64_t>(status) <= kLastStatus;
}

}  // namespace

std::string_view NameOfStatus(SeatStatus status) {
  constexpr std::string_view kNames[] = {"free", "held", "booked", "resale", "custom"};
  return IsStatus(status) ? kNames[static_cast<size_t>(status)] : "unknown";
}

void AppendChanges(std::string& out, const Changes& changes) {
  AppendVarint(out, changes.slot);
  AppendVarint(out, changes.version);
  AppendVarint(out, changes.seats.size());
  for (const SeatChange& change : changes.seats) AppendSeat(out, change);
  AppendVarint(out, changes.extras.size());
  for (const ExtraChange& change : changes.extras) {
    AppendVarint(out, change.index);
    AppendText(out, change.extra);
  }
  AppendVarint(out, changes.holds.size());
  for (const Hold& hold : changes.holds) {
    AppendVarint(out, hold.id.value);
    AppendSigned(out, hold.created_at.micros);
    // Wraps rather than overflows; so does the way back.
    AppendSigned(out, static_cast<int64_t>(static_cast<uint64_t>(hold.expires_at.micros) -
                                           static_cast<uint64_t>(hold.created_at.micros)));
    out.push_back(hold.ended ? '\1' : '\0');
  }
}

std::optional<Changes> TakeChanges(std::string_view& bytes) {
  ByteReader in(bytes);
  Changes changes;
  changes.slot = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
  changes.version = in.Varint();
  const uint64_t seats = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < seats && in.ok(); ++i) {
    std::optional<SeatChange> change = TakeSeat(in);
    if (!change || !IsStatus(change->row.status) || !IsStatus(change->was)) return std::nullopt;
    changes.seats.push_back(*std::move(change));
  }
  const uint64_t extras = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < extras && in.ok(); ++i) {
    const auto index = static_cast<uint32_t>(in.Bounded(UINT32_MAX));
    changes.extras.push_back({index, std::string(in.Text())});
  }
  const uint64_t holds = in.Bounded(in.rest().size());
  for (uint64_t i = 0; i < holds && in.ok(); ++i) {
    Hold hold;
    hold.id.value = in.Varint();
    hold.created_at.micros = in.Signed();
    hold.expires_at.micros = static_cast<int64_t>(static_cast<uint64_t>(hold.created_at.micros) +
                                                  static_cast<uint64_t>(in.Signed()));
    const uint8_t ended = in.Byte();
    if (ended > 1) return std::nullopt;
    hold.ended = ended == 1;
    changes.holds.push_back(hold);
  }
  if (!in.ok()) return std::nullopt;
  bytes = in.rest();
  return changes;
}

}  // namespace ticketing::seat
