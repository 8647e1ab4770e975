#include "lib/service/ticketing/order_store.h"

#include <algorithm>

#include "lib/service/ticketing/frozen.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr char kSelectOrder[] =
    "SELECT event_id, hold_id, channel, state, account_id, buyer_name, buyer_email, buyer_phone,"
    " language, shift_id, lines, created_by, created_at, updated_at, expires_at, completed_at,"
    " revision, request FROM orders WHERE id = ?";
constexpr int kTimeShift = 12;    // of microseconds: steps of 4 ms
constexpr int kEntropyBits = 23;  // and 40 bits of steps, enough until 2109

Status FillOrder(const SqlRow& row, OrderRecord& record) {
  TICKETING_RETURN_IF_ERROR(wire::FromBytes(row.Bytes(10), &record.lines));
  Order& order = record.order;
  order.event = EventId::FromSql(row.Int(0));
  order.hold = HoldId::FromSql(row.Int(1));
  order.channel = static_cast<SaleChannel>(row.Int(2));
  order.state = static_cast<OrderState>(row.Int(3));
  order.buyer = AccountId::FromSql(row.Int(4));
  order.contact = {row.Text(5), row.Text(6), row.Text(7)};
  order.language = row.Text(8);
  order.shift = ShiftId::FromSql(row.Int(9));
  order.lines = OrderLinesOf(record.lines);
  order.total = TotalOf(record.lines);
  record.created_by = row.Text(11);
  order.created_at = Timestamp{row.Int(12)};
  order.updated_at = Timestamp{row.Int(13)};
  order.expires_at = Timestamp{row.Int(14)};
  order.completed_at = Timestamp{row.Int(15)};
  record.revision = row.Int(16);
  record.request = static_cast<uint64_t>(row.Int(17));
  return OkStatus();
}

void FillAttempt(const SqlRow& row, OrderRecord& record) {
  PaymentAttempt attempt;
  attempt.payment = PaymentId::FromSql(row.Int(0));
  attempt.method = row.Text(1);
  attempt.state = static_cast<AttemptState>(row.Int(2));
  attempt.amount = {row.Int(3), CurrencyOf(record.lines)};
  attempt.reason = row.Text(4);
  attempt.started_at = Timestamp{row.Int(5)};
  attempt.decided_at = Timestamp{row.Int(6)};
  record.attempts[attempt.payment] = {row.Bytes(7), row.Text(8), row.Text(9), row.Int(10)};
  record.order.attempts.push_back(std::move(attempt));
}

Status UpdateOrder(SqlTransaction& tx, const OrderRecord& record) {
  const Order& order = record.order;
  TICKETING_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute(
          "UPDATE orders SET state = ?, shift_id = ?, updated_at = ?, expires_at = ?,"
          " completed_at = ?, revision = revision + 1 WHERE id = ? AND revision = ?",
          {static_cast<int64_t>(order.state), order.shift.ToSql(), order.updated_at.micros,
           order.expires_at.micros, order.completed_at.micros, order.id.ToSql(), record.revision}));
  if (rows == 1) return OkStatus();
  return MakeError(ErrorCode::kPreconditionFailed, "The order was changed meanwhile.");
}

Status WriteAttempt(SqlTransaction& tx, const OrderRecord& record, size_t position) {
  const PaymentAttempt& attempt = record.order.attempts[position];
  const AttemptRecord& kept = record.attempts.at(attempt.payment);
  return tx
      .Execute(
          "INSERT INTO payment_attempts (id, order_id, position, method, state, amount, reason,"
          " request, payment_id, message, change, started_at, decided_at)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
          " state = excluded.state, reason = excluded.reason, payment_id = excluded.payment_id,"
          " message = excluded.message, change = excluded.change,"
          " decided_at = excluded.decided_at",
          {attempt.payment.ToSql(), record.order.id.ToSql(), static_cast<int64_t>(position),
           attempt.method, static_cast<int64_t>(attempt.state), attempt.amount.minor,
           attempt.reason, Blob{kept.request}, kept.payment_id, kept.message, kept.change,
           attempt.started_at.micros, attempt.decided_at.micros})
      .status();
}

}  // namespace

LaneInsert OrderInsert(const OrderRecord& record) {
  const Order& order = record.order;
  return {
      "INSERT INTO orders (id, event_id, hold_id, channel, state, account_id, buyer_name,"
      " buyer_email, buyer_phone, language, shift_id, lines, created_by, created_at,"
      " updated_at, expires_at, completed_at, request, revision)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
      {order.id.ToSql(), order.event.ToSql(), order.hold.ToSql(),
       static_cast<int64_t>(order.channel), static_cast<int64_t>(order.state), order.buyer.ToSql(),
       order.contact.name, order.contact.email, order.contact.phone, order.language,
       order.shift.ToSql(), Blob{wire::ToBytes(record.lines)}, record.created_by,
       order.created_at.micros, order.updated_at.micros, order.expires_at.micros,
       order.completed_at.micros, static_cast<int64_t>(record.request)}};
}

OrderId OrderIdAt(Timestamp now, uint64_t entropy) {
  const uint64_t steps = static_cast<uint64_t>(std::max<int64_t>(now.micros, 0)) >> kTimeShift;
  return OrderId::FromEntropy(steps << kEntropyBits | entropy >> (64 - kEntropyBits));
}

StatusOr<OrderRecord> ReadOrder(SqlTransaction& tx, OrderId id) {
  OrderRecord record;
  record.order.id = id;
  TICKETING_RETURN_IF_ERROR(tx.Query(kSelectOrder, {id.ToSql()},
                                     [&](const SqlRow& row) { return FillOrder(row, record); }));
  if (record.revision == 0) return MakeError(ErrorCode::kNotFound, "There is no such order.");
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT id, method, state, amount, reason, started_at, decided_at, request,"
               " payment_id, message, change FROM payment_attempts WHERE order_id = ?"
               " ORDER BY position",
               {id.ToSql()}, [&](const SqlRow& row) {
                 FillAttempt(row, record);
                 return OkStatus();
               }));
  return record;
}

StatusOr<OrderRecord> ReadOrder(Database& database, OrderId id) {
  StatusOr<OrderRecord> record = MakeError(ErrorCode::kNotFound, "There is no such order.");
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
    record = ReadOrder(tx, id);
    return record.status();
  }));
  return record;
}

StatusOr<std::optional<OrderRecord>> ReadOrderOfHold(Database& database, HoldId hold) {
  std::optional<OrderRecord> record;
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) -> Status {
    record.reset();
    std::optional<OrderId> id;
    Status found =
        tx.Query("SELECT id FROM orders WHERE hold_id = ?", {hold.ToSql()}, [&](const SqlRow& row) {
          id = OrderId::FromSql(row.Int(0));
          return OkStatus();
        });
    if (!found.ok() || !id) return found;
    TICKETING_ASSIGN_OR_RETURN(record, ReadOrder(tx, *id));
    return OkStatus();
  }));
  return record;
}

Status WriteOrder(SqlTransaction& tx, const OrderRecord& record) {
  TICKETING_RETURN_IF_ERROR(UpdateOrder(tx, record));
  for (size_t i = 0; i < record.order.attempts.size(); ++i)
    TICKETING_RETURN_IF_ERROR(WriteAttempt(tx, record, i));
  return OkStatus();
}

}  // namespace ticketing
