// Identifiers. Each kind of thing has its own type, so that an order's id cannot be passed for a
// ticket's. All are 63-bit numbers (they fit a signed SQL integer and a ticket code); people and
// APIs see a prefix and 13 digits and capital letters: "ord_0W2K9Q7ZC4T1A".
//
// An id is made from 8 bytes of entropy of the caller's Random. It is a name, not a secret.
#ifndef TICKETING_BASE_ID_H_
#define TICKETING_BASE_ID_H_

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ticketing {

namespace internal {
std::string FormatId(std::string_view prefix, uint64_t value);
std::optional<uint64_t> ParseId(std::string_view prefix, std::string_view text);
}  // namespace internal

// `Tag` names the kind and its three-letter prefix. Zero means "none" and is never made.
template <typename Tag>
struct Id {
  uint64_t value = 0;

  static constexpr Id FromEntropy(uint64_t entropy) {
    const uint64_t bits = entropy & 0x7fff'ffff'ffff'ffff;
    return Id{bits == 0 ? 1 : bits};
  }
  // nullopt unless `text` is exactly what ToString() gives for some id of this kind.
  static std::optional<Id> Parse(std::string_view text) {
    const std::optional<uint64_t> value = internal::ParseId(Tag::kPrefix, text);
    if (!value) return std::nullopt;
    return Id{*value};
  }
  static Id FromSql(int64_t column) { return Id{static_cast<uint64_t>(column)}; }
  int64_t ToSql() const { return static_cast<int64_t>(value); }

  std::string ToString() const { return internal::FormatId(Tag::kPrefix, value); }
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

#define TICKETING_ID(Name, prefix)                      \
  struct Name##Tag {                                    \
    static constexpr std::string_view kPrefix = prefix; \
  };                                                    \
  using Name = Id<Name##Tag>

TICKETING_ID(AccountId, "acc");
TICKETING_ID(SessionId, "ses");
TICKETING_ID(VenueId, "ven");
TICKETING_ID(ChartId, "cht");
TICKETING_ID(EventId, "evt");
TICKETING_ID(HoldId, "hld");
TICKETING_ID(OrderId, "ord");
TICKETING_ID(TicketId, "tkt");
TICKETING_ID(PaymentId, "pay");
TICKETING_ID(RefundId, "ref");
TICKETING_ID(EntryId, "jrn");
TICKETING_ID(ShiftId, "shf");
TICKETING_ID(DeviceId, "dev");
TICKETING_ID(PairingId, "pai");
TICKETING_ID(ScanId, "scn");
TICKETING_ID(MessageId, "msg");
TICKETING_ID(RequestId, "req");
#undef TICKETING_ID

}  // namespace ticketing

template <typename Tag>
struct std::hash<ticketing::Id<Tag>> {
  size_t operator()(const ticketing::Id<Tag>& id) const { return std::hash<uint64_t>{}(id.value); }
};

#endif  // TICKETING_BASE_ID_H_
