// Tickets: issued with the booking, signed with the installation's key, shown to their holder and
// to staff.
#ifndef TICKETING_LIB_SERVICE_TICKETING_TICKETS_H_
#define TICKETING_LIB_SERVICE_TICKETING_TICKETS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/order_store.h"
#include "ticketing/admission/decision.h"
#include "ticketing/crypto/key_ring.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/notifications.pb.h"

namespace ticketing {

// The ticket type of what is of no other, in codes and event copies.
inline constexpr uint16_t kOrdinaryTicketType = 1;

// As many tickets as notifications take at once.
inline constexpr size_t kPagesMax = 200;

struct TicketRecord {
  TicketId id;
  OrderId order;
  EventId event;
  AccountId account;
  uint32_t ordinal = 0;  // dense in the event
  uint32_t object = 0;   // of the chart that it was issued by
  std::string label;
  std::string category;
  std::string sold_as;  // ticket type of its price, "season", or empty for the ordinary ticket
  uint16_t zone = 0;    // from 1 in the event's order; 0: none
  uint16_t ticket_type = kOrdinaryTicketType;  // inside its code: as the policy was at its issue
  uint16_t issue = 0;
  uint8_t key_id = 0;
  TicketStatus status = TicketStatus::kValid;
  int64_t price = 0;  // what the buyer paid for it
  Timestamp created_at;
  uint64_t copy_version = 0;  // of the event copy that it changed in last
  bool admitted = false;      // read only: somebody entered with it
  std::string device_key;     // read only: of the phone it is bound to; empty: of none
};

// The keys that sign ticket codes. Made on first use and kept in the database. Thread-safe.
class TicketKeys {
 public:
  static StatusOr<TicketKeys> Open(Database& database, Env env);

  uint8_t newest() const { return newest_; }
  const SigningKey& key(uint8_t id) const { return keys_.at(id); }
  const KeyRing& ring() const { return ring_; }

 private:
  std::map<uint8_t, SigningKey> keys_;
  KeyRing ring_;
  uint8_t newest_ = 0;
};

// "valid", "blocked", "suspended", "unpaid", "transferred", "refunded", "cancelled".
std::string_view TicketStatusName(TicketStatus status);

LaneInsert TicketInsert(const TicketRecord& ticket);
// For a ticket whose order is a row of the same command. Rows of one text are written together, so
// those of TicketInsert may be written before it.
LaneInsert TicketInsertWithOrder(const TicketRecord& ticket);

// Thread-safe.
class Tickets {
 public:
  Tickets(const Context& context, Catalog& catalog, const TicketKeys& keys)
      : context_(context), catalog_(catalog), keys_(keys) {}

  std::vector<Route> Routes();

  // The key that signs new tickets.
  uint8_t newest_key() const { return keys_.newest(); }

  StatusOr<std::vector<TicketRecord>> OfOrder(OrderId order);
  v1::Ticket Message(const EventInfo& event, const TicketRecord& ticket,
                     std::string_view language) const;
  // What is printed of it.
  v1::TicketPage Page(const EventInfo& event, const TicketRecord& ticket,
                      const OrderRecord& order) const;
  std::string CodeFor(const EventInfo& event, const TicketRecord& ticket) const;
  // The pages as a PDF, made by the notifications service.
  StatusOr<HttpResponse> Pdf(Call& call, const OrderRecord& order,
                             const std::vector<TicketRecord>& tickets);

  // The ticket, or the one of the path if the caller may see it. Error: kNotFound.
  StatusOr<TicketRecord> Find(TicketId ticket);
  StatusOr<TicketRecord> FindFor(Call& call);

 private:
  StatusOr<HttpResponse> List(Call& call);
  StatusOr<HttpResponse> Show(Call& call);
  StatusOr<HttpResponse> ShowPdf(Call& call);

  const Context& context_;
  Catalog& catalog_;
  const TicketKeys& keys_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_TICKETS_H_
