#include <algorithm>

#include "lib/service/payments/desk.h"
#include "ticketing/base/limits.h"

namespace ticketing::payments {
namespace {

constexpr int64_t kResumedAtOnce = 50;

EntryHead HeadOf(std::string_view kind, const std::string& reference, Timestamp now) {
  return {.id = EntryIdOf(kind, reference), .at = now, .reference = reference};
}

// Whether a repeated request asks for what the stored payment was made for.
bool IsSameRequest(const PaymentRow& a, const PaymentRow& b) {
  return a.payment.order == b.payment.order && a.payment.method == b.payment.method &&
         a.payment.amount == b.payment.amount && a.payment.shares == b.payment.shares &&
         a.payment.token == b.payment.token && a.payment.shift == b.payment.shift &&
         a.payment.tendered == b.payment.tendered;
}

ChargeRequest ChargeOf(const PaymentRow& row) {
  return {.payment = row.payment.id,
          .order = row.payment.order,
          .amount = row.payment.amount,
          .payment_method = row.payment.token,
          .description = row.description};
}

}  // namespace

StatusOr<Payment> Desk::Pay(const PaymentRow& wanted) {
  TICKETING_RETURN_IF_ERROR(ValidatePayment(wanted.payment));
  PaymentRow row;
  Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<PaymentRow> known,
                               LoadPayment(tx, wanted.payment.id));
    row = known ? *known : wanted;
    if (known && !IsSameRequest(row, wanted)) {
      return MakeError(ErrorCode::kIdempotencyMismatch, "This key was used for another payment.");
    }
    return known ? OkStatus() : Insert(tx, row);
  });
  if (!done.ok()) return done;
  const PaymentState state = row.payment.state;
  if (IsDecided(state) || state == PaymentState::kRequiresAction) return row.payment;
  return Settle(row);
}

// Cash is here when it is written down; a card's payment is only written down.
Status Desk::Insert(SqlTransaction& tx, PaymentRow& row) {
  const Timestamp now = env_.clock.Now();
  Payment& payment = row.payment;
  payment.created_at = payment.updated_at = now;
  row.schedule.next_at = now + options_.first_pause;
  if (payment.method != PaymentMethod::kCash) return Save(tx, row);

  TICKETING_ASSIGN_OR_RETURN(std::optional<CashShift> shift, LoadShift(tx, payment.shift));
  if (!shift) return InvalidField("cash.shift_id", "names no shift");
  if (shift->opened_by != row.taken_by)
    return InvalidField("cash.shift_id", "is somebody else's shift; open your own");
  TICKETING_RETURN_IF_ERROR(RecordCashSale(*shift, payment.amount));
  TICKETING_RETURN_IF_ERROR(ApplyCash(payment, now));
  TICKETING_RETURN_IF_ERROR(Save(tx, *shift));
  TICKETING_RETURN_IF_ERROR(Save(tx, row));
  TICKETING_ASSIGN_OR_RETURN(
      const JournalEntry entry,
      SaleEntry(HeadOf("sale", payment.id.ToString(), now), TenderOf(payment), payment.shares));
  return PostEntry(tx, entry);
}

// Asks the gateway, outside of any transaction, and writes down what it says.
StatusOr<Payment> Desk::Settle(const PaymentRow& row) {
  const Payment& payment = row.payment;
  StatusOr<GatewayResult> result = MakeError(ErrorCode::kGatewayUnavailable, "not asked");
  if (!payment.reference.empty()) {
    result = gateway_.Retrieve(payment.reference);
  } else if (IsKeyStillKnown(payment.created_at)) {
    result = gateway_.Charge(ChargeOf(row), payment.id.ToString());
    // The gateway has looked at it and will not do it: no money was taken.
    if (CodeOf(result.status()) == ErrorCode::kInvalidField) {
      result = GatewayResult{.outcome = GatewayOutcome::kDeclined,
                             .amount = payment.amount,
                             .decline_code = kInvalidRequest,
                             .message = std::string(MessageOf(result.status()))};
    }
  } else {
    env_.log.Error("payment too old to ask about", {{"payment_id", payment.id.ToString()}});
  }
  if (result.ok() && result->outcome == GatewayOutcome::kRequiresAction &&
      payment.method == PaymentMethod::kCard) {
    result = GiveUp(payment, *result);
  }
  if (!result.ok()) return PutOff(payment.id, result.status());
  TICKETING_ASSIGN_OR_RETURN(Payment decided, Decide(payment.id, *result));
  if (IsDecided(decided.state) || decided.state == PaymentState::kRequiresAction) return decided;
  return MakeError(ErrorCode::kGatewayUnavailable, "The payment is still being processed.",
                   {.retry_after = options_.first_pause});
}

// A card whose bank wants to see the payer first. Nobody here can show the bank's page, and left
// alone the payment could succeed later, unseen: it is canceled, and only then called declined.
StatusOr<GatewayResult> Desk::GiveUp(const Payment& payment, const GatewayResult& waiting) {
  const StatusOr<GatewayResult> canceled =
      gateway_.Cancel(waiting.reference, payment.id.ToString() + "-cancel");
  // Too late to cancel: what it has become counts.
  if (CodeOf(canceled.status()) == ErrorCode::kConflict) {
    return gateway_.Retrieve(waiting.reference);
  }
  if (!canceled.ok()) return canceled.status();
  return GatewayResult{
      .outcome = GatewayOutcome::kDeclined,
      .reference = waiting.reference,
      .amount = payment.amount,
      .decline_code = "authentication_required",
      .message = "The card's bank asks for a confirmation that is not offered here."};
}

StatusOr<Payment> Desk::Decide(PaymentId id, const GatewayResult& result) {
  Payment decided;
  Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    const Timestamp now = env_.clock.Now();
    TICKETING_ASSIGN_OR_RETURN(std::optional<PaymentRow> row, LoadPayment(tx, id));
    if (!row) return MakeError(ErrorCode::kDataLoss, "A payment has vanished.");
    TICKETING_ASSIGN_OR_RETURN(const bool sold, ApplyGatewayResult(row->payment, result, now));
    if (!IsDecided(row->payment.state)) row->schedule = NextTry(row->schedule);
    TICKETING_RETURN_IF_ERROR(Save(tx, *row));
    decided = row->payment;
    if (!sold) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(
        const JournalEntry entry,
        SaleEntry(HeadOf("sale", id.ToString(), now), TenderOf(decided), decided.shares));
    return PostEntry(tx, entry);
  });
  if (!done.ok()) return done;
  return decided;
}

Status Desk::PutOff(PaymentId id, const Status& cause) {
  env_.log.Warning("payment undecided",
                   {{"payment_id", id.ToString()}, {"cause", std::string(MessageOf(cause))}});
  Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(std::optional<PaymentRow> row, LoadPayment(tx, id));
    if (!row || IsDecided(row->payment.state)) return OkStatus();
    row->schedule = NextTry(row->schedule);
    return Save(tx, *row);
  });
  if (!done.ok()) return done;
  return MakeError(ErrorCode::kGatewayUnavailable,
                   "The payment gateway did not answer. Nothing is lost: the same request again "
                   "will tell what became of the payment.",
                   {.retry_after = options_.first_pause});
}

Schedule Desk::NextTry(const Schedule& schedule) const {
  Duration pause = options_.first_pause;
  for (int64_t i = 0; i < schedule.tries && pause < options_.longest_pause; ++i) pause = pause * 2;
  return {schedule.tries + 1, env_.clock.Now() + std::min(pause, options_.longest_pause)};
}

bool Desk::IsKeyStillKnown(Timestamp created_at) const {
  return env_.clock.Now() - created_at < limits::kIdempotencyRetention - Duration::Hours(1);
}

StatusOr<Payment> Desk::FindPayment(PaymentId id) {
  std::optional<PaymentRow> row;
  Status done = database_.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(row, LoadPayment(tx, id));
    return OkStatus();
  });
  if (!done.ok()) return done;
  if (!row) return MakeError(ErrorCode::kNotFound, "There is no such payment.");
  return row->payment;
}

StatusOr<Balances> Desk::ReadBooks() {
  Balances balances;
  Status done = database_.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(balances, ReadBalances(tx));
    return OkStatus();
  });
  if (!done.ok()) return done;
  return balances;
}

Status Desk::Resume() {
  std::vector<PaymentRow> due_payments;
  std::vector<RefundRow> due_refunds;
  Status done = database_.Read([&](SqlTransaction& tx) -> Status {
    const Timestamp now = env_.clock.Now();
    TICKETING_ASSIGN_OR_RETURN(const auto payment_ids, DuePayments(tx, now, kResumedAtOnce));
    TICKETING_ASSIGN_OR_RETURN(const auto refund_ids, DueRefunds(tx, now, kResumedAtOnce));
    due_payments.clear();
    due_refunds.clear();
    for (const PaymentId id : payment_ids) {
      TICKETING_ASSIGN_OR_RETURN(std::optional<PaymentRow> row, LoadPayment(tx, id));
      if (row) due_payments.push_back(*std::move(row));
    }
    for (const RefundId id : refund_ids) {
      TICKETING_ASSIGN_OR_RETURN(std::optional<RefundRow> row, LoadRefund(tx, id));
      if (row) due_refunds.push_back(*std::move(row));
    }
    return OkStatus();
  });
  if (!done.ok()) return done;
  // One that fails does not keep the others waiting.
  for (const PaymentRow& row : due_payments) {
    const Status status = Settle(row).status();
    if (!status.ok() && CodeOf(status) != ErrorCode::kGatewayUnavailable) {
      env_.log.Error("payment cannot be settled", {{"payment_id", row.payment.id.ToString()},
                                                   {"cause", std::string(MessageOf(status))}});
    }
  }
  for (const RefundRow& row : due_refunds) {
    const Status status = SettleRefund(row).status();
    if (!status.ok() && CodeOf(status) != ErrorCode::kGatewayUnavailable) {
      env_.log.Error("refund cannot be settled",
                     {{"refund_id", row.id.ToString()}, {"cause", std::string(MessageOf(status))}});
    }
  }
  return OkStatus();
}

}  // namespace ticketing::payments
