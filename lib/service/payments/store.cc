#include "lib/service/payments/store.h"

#include <map>

#include "ticketing/service/common/idempotency.h"

namespace ticketing::payments {
namespace {

// The columns in the order of Save and Load.
constexpr char kPaymentColumns[] =
    "id, order_id, method, state, currency, amount, organizer, fees, tax, refunded_organizer, "
    "refunded_fees, refunded_tax, token, reference, decline_code, message, shift_id, tendered, "
    "description, created_at, updated_at, tries, next_at";
constexpr char kRefundColumns[] =
    "id, payment_id, state, currency, organizer, fees, tax, reference, reason, failure, "
    "created_at, updated_at, tries, next_at";
constexpr char kShiftColumns[] =
    "id, is_open, opened_by, closed_by, opened_at, closed_at, currency, opening, sales, refunds, "
    "drops, counted";

std::string Select(std::string_view columns, std::string_view table) {
  return "SELECT " + std::string(columns) + " FROM " + std::string(table) + " WHERE id = ?";
}

// INSERT of all columns that replaces every column but the first, the id, when the row is there.
std::string Upsert(std::string_view columns, std::string_view table) {
  std::string places, updates;
  std::string_view rest = columns;
  for (bool first = true; !rest.empty(); first = false) {
    const size_t end = std::min(rest.find(", "), rest.size());
    const std::string name(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 2, rest.size()));
    places += first ? "?" : ", ?";
    if (first) continue;
    if (!updates.empty()) updates += ", ";
    updates.append(name).append(" = excluded.").append(name);
  }
  return "INSERT INTO " + std::string(table) + " (" + std::string(columns) + ") VALUES (" + places +
         ") ON CONFLICT (id) DO UPDATE SET " + updates;
}

Status Damaged(std::string_view what) {
  return MakeError(ErrorCode::kDataLoss, "A stored " + std::string(what) + " cannot be read.");
}

Status ReadPayment(const SqlRow& row, std::optional<PaymentRow>& out) {
  const std::optional<Currency> currency = Currency::Parse(row.Text(4));
  if (!currency) return Damaged("payment");
  const auto money = [&](int column) { return Money{row.Int(column), *currency}; };
  PaymentRow loaded;
  Payment& payment = loaded.payment;
  payment.id = PaymentId::FromSql(row.Int(0));
  payment.order = OrderId::FromSql(row.Int(1));
  payment.method = static_cast<PaymentMethod>(row.Int(2));
  payment.state = static_cast<PaymentState>(row.Int(3));
  payment.amount = money(5);
  payment.shares = {money(6), money(7), money(8)};
  payment.refunded_shares = {money(9), money(10), money(11)};
  TICKETING_ASSIGN_OR_RETURN(payment.refunded, TotalOf(payment.refunded_shares));
  payment.token = row.Text(12);
  payment.reference = row.Text(13);
  payment.decline_code = row.Text(14);
  payment.message = row.Text(15);
  payment.shift = ShiftId::FromSql(row.Int(16));
  payment.tendered = money(17);
  loaded.description = row.Text(18);
  payment.created_at = Timestamp{row.Int(19)};
  payment.updated_at = Timestamp{row.Int(20)};
  loaded.schedule = {row.Int(21), Timestamp{row.Int(22)}};
  out = std::move(loaded);
  return OkStatus();
}

Status ReadRefund(const SqlRow& row, std::optional<RefundRow>& out) {
  const std::optional<Currency> currency = Currency::Parse(row.Text(3));
  if (!currency) return Damaged("refund");
  RefundRow refund;
  refund.id = RefundId::FromSql(row.Int(0));
  refund.payment = PaymentId::FromSql(row.Int(1));
  refund.state = static_cast<RefundState>(row.Int(2));
  refund.shares = {Money{row.Int(4), *currency}, Money{row.Int(5), *currency},
                   Money{row.Int(6), *currency}};
  TICKETING_ASSIGN_OR_RETURN(refund.amount, TotalOf(refund.shares));
  refund.reference = row.Text(7);
  refund.reason = row.Text(8);
  refund.failure = row.Text(9);
  refund.created_at = Timestamp{row.Int(10)};
  refund.updated_at = Timestamp{row.Int(11)};
  refund.schedule = {row.Int(12), Timestamp{row.Int(13)}};
  out = std::move(refund);
  return OkStatus();
}

Status ReadShift(const SqlRow& row, std::optional<CashShift>& out) {
  const std::optional<Currency> currency = Currency::Parse(row.Text(6));
  if (!currency) return Damaged("cash shift");
  const auto money = [&](int column) { return Money{row.Int(column), *currency}; };
  out = CashShift{.id = ShiftId::FromSql(row.Int(0)),
                  .open = row.Int(1) != 0,
                  .opened_by = row.Text(2),
                  .closed_by = row.Text(3),
                  .opened_at = Timestamp{row.Int(4)},
                  .closed_at = Timestamp{row.Int(5)},
                  .opening = money(7),
                  .sales = money(8),
                  .refunds = money(9),
                  .drops = money(10),
                  .counted = money(11)};
  return OkStatus();
}

template <typename Row, typename AnyId>
StatusOr<std::optional<Row>> Load(SqlTransaction& tx, const std::string& sql, AnyId id,
                                  Status (*read)(const SqlRow&, std::optional<Row>&)) {
  std::optional<Row> out;
  TICKETING_RETURN_IF_ERROR(
      tx.Query(sql, {id.ToSql()}, [&](const SqlRow& row) { return read(row, out); }));
  return out;
}

template <typename AnyId>
StatusOr<std::vector<AnyId>> Ids(SqlTransaction& tx, std::string_view sql, const SqlArgs& args) {
  std::vector<AnyId> ids;
  TICKETING_RETURN_IF_ERROR(tx.Query(sql, args, [&](const SqlRow& row) {
    ids.push_back(AnyId::FromSql(row.Int(0)));
    return OkStatus();
  }));
  return ids;
}

}  // namespace

std::vector<Migration> Schema() {
  Migration first{.version = 1, .statements = IdempotencyStore::Schema()};
  for (const char* statement : {
           "CREATE TABLE payments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, method "
           "INTEGER NOT NULL, state INTEGER NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT "
           "NULL, organizer INTEGER NOT NULL, fees INTEGER NOT NULL, tax INTEGER NOT NULL, "
           "refunded_organizer INTEGER NOT NULL, refunded_fees INTEGER NOT NULL, refunded_tax "
           "INTEGER NOT NULL, token TEXT NOT NULL, reference TEXT NOT NULL, decline_code TEXT NOT "
           "NULL, message TEXT NOT NULL, shift_id INTEGER NOT NULL, tendered INTEGER NOT NULL, "
           "description TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, "
           "tries INTEGER NOT NULL, next_at INTEGER NOT NULL)",
           "CREATE INDEX payments_by_order ON payments (order_id)",
           "CREATE INDEX payments_by_due ON payments (state, next_at)",
           "CREATE TABLE refunds (id INTEGER PRIMARY KEY, payment_id INTEGER NOT NULL REFERENCES "
           "payments (id), state INTEGER NOT NULL, currency TEXT NOT NULL, organizer INTEGER NOT "
           "NULL, fees INTEGER NOT NULL, tax INTEGER NOT NULL, reference TEXT NOT NULL, reason "
           "TEXT NOT NULL, failure TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER "
           "NOT NULL, tries INTEGER NOT NULL, next_at INTEGER NOT NULL)",
           "CREATE INDEX refunds_by_due ON refunds (state, next_at)",
           "CREATE TABLE shifts (id INTEGER PRIMARY KEY, is_open INTEGER NOT NULL, opened_by TEXT "
           "NOT NULL, closed_by TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER NOT "
           "NULL, currency TEXT NOT NULL, opening INTEGER NOT NULL, sales INTEGER NOT NULL, "
           "refunds INTEGER NOT NULL, drops INTEGER NOT NULL, counted INTEGER NOT NULL)",
           "CREATE TABLE journal (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, "
           "reference TEXT NOT NULL)",
           "CREATE TABLE postings (entry_id INTEGER NOT NULL REFERENCES journal (id), line "
           "INTEGER NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL, amount INTEGER NOT "
           "NULL, PRIMARY KEY (entry_id, line))",
           "CREATE INDEX postings_by_account ON postings (account, currency)",
       }) {
    first.statements.push_back(statement);
  }
  return {first};
}

std::string_view NameOf(RefundState state) {
  switch (state) {
    case RefundState::kSucceeded:
      return "succeeded";
    case RefundState::kFailed:
      return "failed";
    default:
      return "pending";
  }
}

StatusOr<std::optional<PaymentRow>> LoadPayment(SqlTransaction& tx, PaymentId id) {
  return Load<PaymentRow>(tx, Select(kPaymentColumns, "payments"), id, ReadPayment);
}

StatusOr<std::optional<RefundRow>> LoadRefund(SqlTransaction& tx, RefundId id) {
  return Load<RefundRow>(tx, Select(kRefundColumns, "refunds"), id, ReadRefund);
}

StatusOr<std::optional<CashShift>> LoadShift(SqlTransaction& tx, ShiftId id) {
  return Load<CashShift>(tx, Select(kShiftColumns, "shifts"), id, ReadShift);
}

Status Save(SqlTransaction& tx, const PaymentRow& row) {
  static const std::string sql = Upsert(kPaymentColumns, "payments");
  const Payment& p = row.payment;
  return tx
      .Execute(sql, {p.id.ToSql(),
                     p.order.ToSql(),
                     static_cast<int64_t>(p.method),
                     static_cast<int64_t>(p.state),
                     std::string(p.amount.currency.code()),
                     p.amount.minor,
                     p.shares.organizer.minor,
                     p.shares.fees.minor,
                     p.shares.tax.minor,
                     p.refunded_shares.organizer.minor,
                     p.refunded_shares.fees.minor,
                     p.refunded_shares.tax.minor,
                     p.token,
                     p.reference,
                     p.decline_code,
                     p.message,
                     p.shift.ToSql(),
                     p.tendered.minor,
                     row.description,
                     p.created_at.micros,
                     p.updated_at.micros,
                     row.schedule.tries,
                     row.schedule.next_at.micros})
      .status();
}

Status Save(SqlTransaction& tx, const RefundRow& row) {
  static const std::string sql = Upsert(kRefundColumns, "refunds");
  return tx
      .Execute(sql, {row.id.ToSql(), row.payment.ToSql(), static_cast<int64_t>(row.state),
                     std::string(row.amount.currency.code()), row.shares.organizer.minor,
                     row.shares.fees.minor, row.shares.tax.minor, row.reference, row.reason,
                     row.failure, row.created_at.micros, row.updated_at.micros, row.schedule.tries,
                     row.schedule.next_at.micros})
      .status();
}

Status Save(SqlTransaction& tx, const CashShift& shift) {
  static const std::string sql = Upsert(kShiftColumns, "shifts");
  return tx
      .Execute(sql,
               {shift.id.ToSql(), int64_t{shift.open}, shift.opened_by, shift.closed_by,
                shift.opened_at.micros, shift.closed_at.micros,
                std::string(shift.opening.currency.code()), shift.opening.minor, shift.sales.minor,
                shift.refunds.minor, shift.drops.minor, shift.counted.minor})
      .status();
}

StatusOr<std::vector<PaymentId>> DuePayments(SqlTransaction& tx, Timestamp now, int64_t limit) {
  // created, processing and requires_action are the states 0 to 2.
  return Ids<PaymentId>(tx,
                        "SELECT id FROM payments WHERE state <= 2 AND next_at <= ? ORDER BY "
                        "next_at LIMIT ?",
                        {now.micros, limit});
}

StatusOr<std::vector<RefundId>> DueRefunds(SqlTransaction& tx, Timestamp now, int64_t limit) {
  return Ids<RefundId>(tx,
                       "SELECT id FROM refunds WHERE state <= 1 AND next_at <= ? ORDER BY next_at "
                       "LIMIT ?",
                       {now.micros, limit});
}

}  // namespace ticketing::payments
