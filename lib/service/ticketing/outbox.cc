#include "lib/service/ticketing/outbox.h"

#include <algorithm>

#include "lib/wire/convert.h"
#include "ticketing/v1/notifications.pb.h"

namespace ticketing {
namespace {

constexpr int64_t kPerTick = 20;
constexpr Duration kFirstPause = Duration::Seconds(1);
constexpr Duration kLongestPause = Duration::Minutes(5);

// Whether asking again can never help: the receiver read the message and refused it.
bool IsFinal(ErrorCode code) {
  return code == ErrorCode::kInvalidField || code == ErrorCode::kBadSyntax ||
         code == ErrorCode::kPayloadTooLarge || code == ErrorCode::kUnsupportedMedia;
}

Duration PauseAfter(int64_t attempts) {
  Duration pause = kFirstPause;
  for (int64_t i = 1; i < attempts && pause < kLongestPause; ++i) pause = pause * 2;
  return std::min(pause, kLongestPause);
}

}  // namespace

struct Outbox::Row {
  std::string dedupe_key;
  OrderId order;
  int64_t attempts = 0;
};

LaneInsert ConfirmationInsert(const Order& order, Timestamp now) {
  return {
      "INSERT INTO outbox (dedupe_key, order_id, attempts, next_at, dead, created_at)"
      " VALUES (?, ?, 0, ?, 0, ?) ON CONFLICT (dedupe_key) DO NOTHING",
      {"order_confirmation/" + order.id.ToString(), order.id.ToSql(), now.micros, now.micros}};
}

StatusOr<std::vector<Outbox::Row>> Outbox::Due() {
  std::vector<Row> rows;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    rows.clear();
    return tx.Query(
        "SELECT dedupe_key, order_id, attempts FROM outbox"
        " WHERE dead = 0 AND next_at <= ? ORDER BY next_at, dedupe_key LIMIT ?",
        {context_.env.clock.Now().micros, kPerTick}, [&](const SqlRow& row) {
          rows.push_back({row.Text(0), OrderId::FromSql(row.Int(1)), row.Int(2)});
          return OkStatus();
        });
  }));
  return rows;
}

Status Outbox::Tick() {
  TICKETING_ASSIGN_OR_RETURN(const std::vector<Row> rows, Due());
  for (const Row& row : rows) {
    const Status outcome = Deliver(row);
    TICKETING_RETURN_IF_ERROR(Settle(row, outcome));
    // A service that does not answer is not asked for the rest of this round.
    if (CodeOf(outcome) == ErrorCode::kUnavailable ||
        CodeOf(outcome) == ErrorCode::kDeadlineExceeded) {
      break;
    }
  }
  return OkStatus();
}

Status Outbox::Deliver(const Row& row) {
  TICKETING_ASSIGN_OR_RETURN(const OrderRecord record, ReadOrder(context_.database, row.order));
  const Order& order = record.order;
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(order.event));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<TicketRecord> tickets, tickets_.OfOrder(row.order));
  v1::CreateMessageRequest message;
  message.set_dedupe_key(row.dedupe_key);
  message.set_template_("order_confirmation");
  message.set_language(order.language);
  message.mutable_to()->set_name(order.contact.name);
  message.mutable_to()->set_email(order.contact.email);
  message.mutable_to()->set_phone(order.contact.phone);
  message.set_order_id(order.id.ToString());
  message.set_event_name(event->event.name());
  message.set_venue_name(event->event.venue().name());
  message.set_starts_at_text(event->StartText(order.language));
  wire::SetMoney(order.total, message.mutable_total());
  // Of a season the first matches; its buyer finds the others in his account.
  // A ticket that is on a phone by now has no code to mail, and one given away is somebody else's.
  for (const TicketRecord& ticket : tickets) {
    if (static_cast<size_t>(message.tickets_size()) == kPagesMax) break;
    if (!ticket.device_key.empty() || ticket.account != order.buyer) continue;
    TICKETING_ASSIGN_OR_RETURN(const auto opened, catalog_.Event(ticket.event));
    *message.add_tickets() = tickets_.Page(*opened, ticket, record);
  }
  ServiceCall call;
  call.target = "/v1/messages";
  call.body = &message;
  call.idempotency_key = row.dedupe_key;
  call.timeout = context_.options.call_timeout;
  return CallService(context_.notifications, context_.token, call, nullptr);
}

Status Outbox::Settle(const Row& row, const Status& outcome) {
  const bool dead = IsFinal(CodeOf(outcome));
  if (!outcome.ok()) {
    context_.env.log.Write(dead ? LogLevel::kError : LogLevel::kWarning, "message not delivered",
                           {{"dedupe_key", row.dedupe_key},
                            {"attempts", std::to_string(row.attempts + 1)},
                            {"cause", std::string(MessageOf(outcome))}});
  }
  const Timestamp next = context_.env.clock.Now() + PauseAfter(row.attempts + 1);
  return context_.database.Write([&](SqlTransaction& tx) {
    if (outcome.ok())
      return tx.Execute("DELETE FROM outbox WHERE dedupe_key = ?", {row.dedupe_key}).status();
    return tx
        .Execute("UPDATE outbox SET attempts = ?, next_at = ?, dead = ? WHERE dedupe_key = ?",
                 {row.attempts + 1, next.micros, int64_t{dead}, row.dedupe_key})
        .status();
  });
}

}  // namespace ticketing
