#include "lib/service/payments/desk.h"

namespace ticketing::payments {
namespace {

StatusOr<JournalEntry> EntryOf(const RefundRow& refund, const Payment& payment, Timestamp now) {
  const std::string reference = refund.id.ToString();
  return RefundEntry({.id = EntryIdOf("refund", reference), .at = now, .reference = reference},
                     TenderOf(payment), refund.shares);
}

// The gateway has looked at it and will not do it, now or later.
bool IsFinalRefusal(ErrorCode code) {
  return code == ErrorCode::kInvalidField || code == ErrorCode::kConflict ||
         code == ErrorCode::kNotFound;
}

}  // namespace

StatusOr<RefundRow> Desk::Refund(RefundId id, PaymentId payment, Money amount, std::string reason) {
  RefundRow row;
  Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(std::optional<RefundRow> known, LoadRefund(tx, id));
    if (known) {
      row = *std::move(known);
      if (row.payment == payment && row.amount == amount) return OkStatus();
      return MakeError(ErrorCode::kIdempotencyMismatch, "This key was used for another refund.");
    }
    row = {.id = id, .payment = payment, .amount = amount, .reason = reason};
    return Insert(tx, row);
  });
  if (!done.ok()) return done;
  if (row.state != RefundState::kCreated) return row;
  return SettleRefund(row);
}

// Sets the money aside. Cash has left the drawer when it is written down.
Status Desk::Insert(SqlTransaction& tx, RefundRow& row) {
  const Timestamp now = env_.clock.Now();
  TICKETING_ASSIGN_OR_RETURN(std::optional<PaymentRow> paid, LoadPayment(tx, row.payment));
  if (!paid) return InvalidField("payment_id", "names no payment");
  TICKETING_ASSIGN_OR_RETURN(row.shares, ApplyRefund(paid->payment, row.amount, now));
  row.created_at = row.updated_at = now;
  row.schedule.next_at = now + options_.first_pause;
  TICKETING_RETURN_IF_ERROR(Save(tx, *paid));
  if (paid->payment.method != PaymentMethod::kCash) return Save(tx, row);

  TICKETING_ASSIGN_OR_RETURN(std::optional<CashShift> shift, LoadShift(tx, paid->payment.shift));
  if (!shift) return MakeError(ErrorCode::kDataLoss, "A cash shift has vanished.");
  TICKETING_RETURN_IF_ERROR(RecordCashRefund(*shift, row.amount));
  TICKETING_RETURN_IF_ERROR(Save(tx, *shift));
  row.state = RefundState::kSucceeded;
  TICKETING_RETURN_IF_ERROR(Save(tx, row));
  TICKETING_ASSIGN_OR_RETURN(const JournalEntry entry, EntryOf(row, paid->payment, now));
  return PostEntry(tx, entry);
}

StatusOr<RefundRow> Desk::SettleRefund(const RefundRow& row) {
  StatusOr<RefundResult> result = MakeError(ErrorCode::kGatewayUnavailable, "not asked");
  if (!row.reference.empty()) {
    result = gateway_.RetrieveRefund(row.reference);
  } else if (IsKeyStillKnown(row.created_at)) {
    TICKETING_ASSIGN_OR_RETURN(const Payment payment, FindPayment(row.payment));
    result =
        gateway_.Refund({.refund = row.id, .reference = payment.reference, .amount = row.amount},
                        row.id.ToString());
    if (!result.ok() && IsFinalRefusal(CodeOf(result.status()))) {
      result = RefundResult{.outcome = RefundResult::Outcome::kFailed,
                            .failure_reason = std::string(MessageOf(result.status()))};
    }
  } else {
    env_.log.Error("refund too old to ask about", {{"refund_id", row.id.ToString()}});
  }
  if (!result.ok()) return PutOff(row.id, result.status());
  return DecideRefund(row.id, *result);
}

StatusOr<RefundRow> Desk::DecideRefund(RefundId id, const RefundResult& result) {
  std::optional<RefundRow> row;
  Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    const Timestamp now = env_.clock.Now();
    TICKETING_ASSIGN_OR_RETURN(row, LoadRefund(tx, id));
    if (!row) return MakeError(ErrorCode::kDataLoss, "A refund has vanished.");
    if (!row->IsOpen()) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(std::optional<PaymentRow> paid, LoadPayment(tx, row->payment));
    if (!paid) return MakeError(ErrorCode::kDataLoss, "A payment has vanished.");
    row->updated_at = now;
    if (!result.reference.empty()) row->reference = result.reference;
    switch (result.outcome) {
      case RefundResult::Outcome::kPending:
        row->state = RefundState::kPending;
        row->schedule = NextTry(row->schedule);
        return Save(tx, *row);
      case RefundResult::Outcome::kFailed:
        row->state = RefundState::kFailed;
        row->failure = result.failure_reason;
        UndoRefund(paid->payment, row->shares, now);
        TICKETING_RETURN_IF_ERROR(Save(tx, *paid));
        return Save(tx, *row);
      case RefundResult::Outcome::kSucceeded:
        break;
    }
    row->state = RefundState::kSucceeded;
    TICKETING_RETURN_IF_ERROR(Save(tx, *row));
    TICKETING_ASSIGN_OR_RETURN(const JournalEntry entry, EntryOf(*row, paid->payment, now));
    return PostEntry(tx, entry);
  });
  if (!done.ok()) return done;
  return *row;
}

Status Desk::PutOff(RefundId id, const Status& cause) {
  env_.log.Warning("refund undecided",
                   {{"refund_id", id.ToString()}, {"cause", std::string(MessageOf(cause))}});
  Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(std::optional<RefundRow> row, LoadRefund(tx, id));
    if (!row || !row->IsOpen()) return OkStatus();
    row->schedule = NextTry(row->schedule);
    return Save(tx, *row);
  });
  if (!done.ok()) return done;
  return MakeError(ErrorCode::kGatewayUnavailable,
                   "The payment gateway did not answer. The refund stays noted: the same request "
                   "again will tell what became of it.",
                   {.retry_after = options_.first_pause});
}

StatusOr<RefundRow> Desk::FindRefund(RefundId id) {
  std::optional<RefundRow> row;
  Status done = database_.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(row, LoadRefund(tx, id));
    return OkStatus();
  });
  if (!done.ok()) return done;
  if (!row) return MakeError(ErrorCode::kNotFound, "There is no such refund.");
  return *row;
}

}  // namespace ticketing::payments
