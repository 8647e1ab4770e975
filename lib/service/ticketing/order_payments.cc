#include "lib/service/ticketing/order_payments.h"

#include <algorithm>

#include "lib/service/ticketing/issue.h"
#include "lib/service/ticketing/outbox.h"
#include "lib/wire/convert.h"
#include "ticketing/base/assert.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr int kStepsMax = 4;  // ask, decide, refund, done
constexpr Duration kFirstPause = Duration::Seconds(1);
constexpr Duration kLongestPause = Duration::Minutes(1);

// Whether payments read the request and refused it, so that surely no money moved. Everything else
// that is not an answer leaves the outcome open.
bool IsRefusal(ErrorCode code) {
  return code == ErrorCode::kPaymentDeclined || code == ErrorCode::kInvalidField ||
         code == ErrorCode::kBadSyntax || code == ErrorCode::kShiftNotOpen ||
         code == ErrorCode::kAmountOverflow || code == ErrorCode::kNotFound;
}

// Cash is for those who have a drawer, and must be enough.
Status CheckMethod(const Call& call, const OrderRecord& record,
                   const v1::PayOrderRequest& request) {
  if (request.has_card()) return OkStatus();
  if (!request.has_cash()) return InvalidField("card", "give card or cash");
  if (!call.principal.IsStaff())
    return MakeError(ErrorCode::kPermissionDenied, "Cash is taken at the box office only.");
  TICKETING_ASSIGN_OR_RETURN(const Money tendered,
                             wire::MoneyOf(request.cash().tendered(), "cash.tendered"));
  const Money total = record.order.total;
  if (tendered.currency != total.currency) {
    return InvalidField("cash.tendered.currency", "must be " + std::string(total.currency.code()));
  }
  if (tendered.minor < total.minor)
    return InvalidField("cash.tendered.minor", "is less than " + FormatMoney(total));
  return OkStatus();
}

v1::CreatePaymentRequest PaymentRequestOf(const OrderRecord& record, const EventInfo& event,
                                          const v1::PayOrderRequest& request,
                                          std::string_view taken_by) {
  v1::CreatePaymentRequest body;
  body.set_order_id(record.order.id.ToString());
  wire::SetMoney(record.order.total, body.mutable_amount());
  if (request.has_card()) *body.mutable_card() = request.card();
  if (request.has_cash()) {
    *body.mutable_cash() = request.cash();
    body.set_taken_by(std::string(taken_by));
  }
  body.set_description(event.event.name());
  Money fees{0, record.order.total.currency};
  Money taxes{0, record.order.total.currency};
  for (const OrderLine& line : record.order.lines) {
    fees.minor += line.fee_share.minor;
    taxes.minor += line.tax.minor;
  }
  wire::SetMoney(fees, body.mutable_fees());
  wire::SetMoney(taxes, body.mutable_taxes());
  return body;
}

void KeepAnswer(OrderRecord& record, PaymentId attempt, const v1::Payment& payment) {
  AttemptRecord& kept = record.attempts[attempt];
  if (!payment.id().empty()) kept.payment_id = payment.id();
  kept.message = payment.message();
  kept.change = payment.change().minor();
}

// While payments thinks, the seats must not run out from under the order, up to the ceiling.
Status ExtendHold(OrderRecord& record, const seat::Hold& hold, OrderSeats& seats, Timestamp now,
                  Duration time) {
  const Timestamp ceiling = record.lines.hold_until() == 0 ? hold.created_at + limits::kHoldMax
                                                           : Timestamp{record.lines.hold_until()};
  const Timestamp until = std::min(ceiling, now + time);
  if (until <= hold.expires_at) return OkStatus();
  TICKETING_RETURN_IF_ERROR(seats.Extend(hold.id, until, now, ceiling - hold.created_at));
  record.order.expires_at = until;
  return OkStatus();
}

Status StillOpen(std::string_view cause) {
  return MakeError(ErrorCode::kGatewayUnavailable, cause, {.retry_after = Duration::Seconds(2)});
}

}  // namespace

// One at a time in this process goes on with an order.
class OrderPayments::Claim {
 public:
  Claim(OrderPayments& owner, OrderId order) : owner_(owner), order_(order) {
    const std::lock_guard lock(owner_.mutex_);
    taken_ = owner_.claimed_.insert(order_).second;
  }
  ~Claim() {
    const std::lock_guard lock(owner_.mutex_);
    if (taken_) owner_.claimed_.erase(order_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  bool taken() const { return taken_; }

 private:
  OrderPayments& owner_;
  const OrderId order_;
  bool taken_ = false;
};

std::vector<Route> OrderPayments::Routes() {
  Route pay{"POST",
            "/v1/orders/{order_id}/payments",
            "payOrder",
            "Pays an order: books its seats and issues its tickets",
            {.roles = {Role::kCustomer, Role::kBoxOffice, Role::kAdmin}},
            "ticketing.v1.PayOrderRequest",
            "ticketing.v1.Order",
            [this](Call& call) { return Pay(call); },
            true};
  pay.minimal = true;
  return {std::move(pay)};
}

StatusOr<HttpResponse> OrderPayments::Pay(Call& call) {
  v1::PayOrderRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(OrderRecord record, orders_.FindFor(call));
  const OrderId id = record.order.id;
  const auto attempt = PaymentId::FromEntropy(call.Entropy("payment " + id.ToString()));
  const Claim claim(*this, id);
  if (!claim.taken()) {
    return MakeError(ErrorCode::kAborted,
                     "Another payment of this order is being settled. Ask again in a moment.",
                     {.retry_after = Duration::Seconds(1)});
  }
  if (FindAttempt(record.order, attempt) == nullptr) {
    if (record.order.total.IsZero()) {
      TICKETING_ASSIGN_OR_RETURN(record, CompleteFree(id));
      return orders_.Answer(call, 200, record);
    }
    TICKETING_RETURN_IF_ERROR(CheckMethod(call, record, request));
    TICKETING_RETURN_IF_ERROR(Start(record, attempt, request, call.principal.subject));
  }
  const Status outcome = Settle(id, attempt, call.request_id);
  Note(attempt, outcome, context_.env.clock.Now());
  TICKETING_ASSIGN_OR_RETURN(record, ReadOrder(context_.database, id));
  return Answer(call, record, attempt, outcome);
}

StatusOr<HttpResponse> OrderPayments::Answer(Call& call, const OrderRecord& record,
                                             PaymentId attempt, const Status& outcome) {
  const PaymentAttempt* found = FindAttempt(record.order, attempt);
  TICKETING_ASSERT(found != nullptr);
  switch (found->state) {
    case AttemptState::kApproved:
      return orders_.Answer(call, 200, record);
    case AttemptState::kDeclined: {
      // What payments said about the request itself is more exact than "declined".
      if (!outcome.ok() && CodeOf(outcome) != ErrorCode::kPaymentDeclined) return outcome;
      const std::string& said = record.attempts.at(attempt).message;
      return MakeError(ErrorCode::kPaymentDeclined,
                       "The payment was declined" + (said.empty() ? "" : ": " + said) +
                           ". No money was taken. Your seats are held until " +
                           FormatTimestamp(record.order.expires_at) +
                           ": pay another way, or cancel the order to let them go.",
                       {.fields = {{"payment", found->reason}}});
    }
    case AttemptState::kRefunding:
    case AttemptState::kRefunded: {
      ErrorDetails details;
      for (const OrderLine& line : record.order.lines) details.objects.push_back(line.object);
      return MakeError(
          ErrorCode::kSeatNotAvailable,
          "The payment came too late: the seats were gone. " + FormatMoney(found->amount) +
              (found->state == AttemptState::kRefunded ? " were given back."
                                                       : " are on their way back to you."),
          details);
    }
    default:
      // The lane of its event is gone, to another chart: looked for again by whoever calls this.
      if (CodeOf(outcome) == ErrorCode::kNotFound && record.attempts.at(attempt).payment_id.empty())
        return outcome;
      if (!outcome.ok() && CodeOf(outcome) != ErrorCode::kDeadlineExceeded)
        return StillOpen(
            "The payment has no answer yet. The order is being settled and your seats stay held: "
            "look at the order in a moment, do not pay again.");
      return MakeError(ErrorCode::kDeadlineExceeded,
                       "The payment takes long to answer. The order is being settled and your "
                       "seats stay held: look at the order in a moment, do not pay again.",
                       {.retry_after = Duration::Seconds(2)});
  }
}

Status OrderPayments::Start(const OrderRecord& stored, PaymentId attempt,
                            const v1::PayOrderRequest& request, std::string_view taken_by) {
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(stored.order.event));
  const std::string body = wire::ToBytes(PaymentRequestOf(stored, *event, request, taken_by));
  const Duration time = context_.options.payment_time;
  return orders_
      .Change(stored.order.id,
              [&](OrderRecord& record, OrderSeats& seats, Timestamp now) -> Status {
                Order& order = record.order;
                const OrderEvent started{.kind = OrderEventKind::kPaymentStarted,
                                         .payment = attempt,
                                         .method = request.has_card() ? "card" : "cash",
                                         .amount = order.total};
                TICKETING_RETURN_IF_ERROR(ApplyOrderEvent(order, started, now).status());
                record.attempts[attempt].request = body;
                if (request.has_cash())
                  order.shift = ShiftId::Parse(request.cash().shift_id()).value_or(ShiftId());
                const std::optional<seat::Hold> hold = seats.FindHold(order.hold);
                if (!hold) {
                  return MakeError(ErrorCode::kHoldExpired,
                                   "The time to pay is over and the seats were let go. Nothing was "
                                   "charged. Choose seats again.");
                }
                return ExtendHold(record, *hold, seats, now, time);
              })
      .status();
}

// The seats of an order whose money is there; without its hold they are tried once more.
Status OrderPayments::Book(OrderRecord& record, OrderSeats& seats, Timestamp now) const {
  Order& order = record.order;
  TICKETING_ASSIGN_OR_RETURN(const std::vector<OpenedEvents> opened,
                             FindOpenedEvents(catalog_, order, seats));
  const bool booked = seats.Book(order, now);
  const auto effects = ApplyOrderEvent(
      order, {.kind = booked ? OrderEventKind::kBooked : OrderEventKind::kHoldLost}, now);
  TICKETING_ASSERT(effects.ok());  // a paid order takes both
  if (!booked) return OkStatus();
  for (const TicketRecord& ticket : IssueTickets(order, opened, keys_.newest(), seats, now))
    seats.Insert(TicketInsert(ticket));
  if (!order.contact.email.empty()) seats.Insert(ConfirmationInsert(order, now));
  return OkStatus();
}

StatusOr<OrderRecord> OrderPayments::CompleteFree(OrderId id) {
  return orders_.Change(id, [&](OrderRecord& record, OrderSeats& seats, Timestamp now) -> Status {
    if (record.order.state == OrderState::kCompleted) return OkStatus();
    TICKETING_RETURN_IF_ERROR(
        ApplyOrderEvent(record.order,
                        {.kind = OrderEventKind::kPaymentApproved, .amount = record.order.total},
                        now)
            .status());
    return Book(record, seats, now);
  });
}

Status OrderPayments::Approve(OrderId id, PaymentId attempt, const v1::Payment& payment) {
  return orders_
      .Change(id,
              [&](OrderRecord& record, OrderSeats& seats, Timestamp now) -> Status {
                const PaymentAttempt* found = FindAttempt(record.order, attempt);
                TICKETING_ASSERT(found != nullptr);
                const OrderEvent approved{.kind = OrderEventKind::kPaymentApproved,
                                          .payment = attempt,
                                          .amount = found->amount};
                TICKETING_ASSIGN_OR_RETURN(const std::vector<OrderEffect> effects,
                                           ApplyOrderEvent(record.order, approved, now));
                KeepAnswer(record, attempt, payment);
                const bool book = std::ranges::any_of(effects, [](const OrderEffect& effect) {
                  return effect.action == OrderAction::kBookSeats;
                });
                if (!book) return OkStatus();
                return Book(record, seats, now);
              })
      .status();
}

Status OrderPayments::Decline(OrderId id, PaymentId attempt, std::string_view reason,
                              const v1::Payment& payment) {
  return orders_
      .Change(id,
              [&](OrderRecord& record, OrderSeats&, Timestamp now) -> Status {
                const OrderEvent declined{.kind = OrderEventKind::kPaymentDeclined,
                                          .payment = attempt,
                                          .reason = std::string(reason)};
                TICKETING_RETURN_IF_ERROR(ApplyOrderEvent(record.order, declined, now).status());
                KeepAnswer(record, attempt, payment);
                return OkStatus();
              })
      .status();
}

Status OrderPayments::NotePending(OrderId id, PaymentId attempt, std::string payment_id) {
  return orders_
      .Change(id,
              [&](OrderRecord& record, OrderSeats&, Timestamp) -> Status {
                record.attempts[attempt].payment_id = payment_id;
                return OkStatus();
              })
      .status();
}

Status OrderPayments::Settle(OrderId order, PaymentId attempt, std::string_view request_id) {
  for (int step = 0; step < kStepsMax; ++step) {
    TICKETING_ASSIGN_OR_RETURN(const OrderRecord record, ReadOrder(context_.database, order));
    const PaymentAttempt* found = FindAttempt(record.order, attempt);
    if (found == nullptr) return OkStatus();
    if (found->state == AttemptState::kStarted || found->state == AttemptState::kAwaiting) {
      TICKETING_RETURN_IF_ERROR(AskPayment(record, attempt, request_id));
    } else if (found->state == AttemptState::kRefunding && found->reason.empty()) {
      TICKETING_RETURN_IF_ERROR(AskRefund(record, attempt, request_id));
    } else {
      return OkStatus();
    }
  }
  return OkStatus();
}

Status OrderPayments::AskPayment(const OrderRecord& record, PaymentId attempt,
                                 std::string_view request_id) {
  const AttemptRecord& kept = record.attempts.at(attempt);
  v1::CreatePaymentRequest body;
  TICKETING_RETURN_IF_ERROR(wire::FromBytes(kept.request, &body));
  ServiceCall call;
  call.request_id = std::string(request_id);
  call.timeout = context_.options.payment_timeout;
  if (kept.payment_id.empty()) {
    call.target = "/v1/payments";
    call.body = &body;
    call.idempotency_key = attempt.ToString();
  } else {
    call.method = "GET";
    call.target = "/v1/payments/" + PercentEncode(kept.payment_id);
  }
  v1::Payment payment;
  const OrderId id = record.order.id;
  Status status = CallService(context_.payments, context_.token, call, &payment);
  if (IsRefusal(CodeOf(status)) && kept.payment_id.empty()) {
    payment.set_message(std::string(MessageOf(status)));
    TICKETING_RETURN_IF_ERROR(Decline(id, attempt, InfoOf(CodeOf(status)).slug, payment));
    return status;
  }
  if (!status.ok()) return status;
  const std::string& said = payment.status();
  if (said == "succeeded" || said == "partially_refunded" || said == "refunded")
    return Approve(id, attempt, payment);
  if (said == "declined" || said == "canceled") {
    return Decline(id, attempt, payment.decline_code().empty() ? said : payment.decline_code(),
                   payment);
  }
  // Nobody can take the step that the card's bank asks for, so this payment never goes on.
  if (said == "requires_action") return Decline(id, attempt, "authentication_required", payment);
  if (kept.payment_id.empty() && !payment.id().empty())
    TICKETING_RETURN_IF_ERROR(NotePending(id, attempt, payment.id()));
  return StillOpen("The payment is still being decided.");
}

Status OrderPayments::AskRefund(const OrderRecord& record, PaymentId attempt,
                                std::string_view request_id) {
  const PaymentAttempt* found = FindAttempt(record.order, attempt);
  v1::CreateRefundRequest body;
  body.set_payment_id(record.attempts.at(attempt).payment_id);
  wire::SetMoney(found->amount, body.mutable_amount());
  body.set_reason(record.order.completed_at.micros == 0
                      ? "The seats of order " + record.order.id.ToString() + " could not be booked."
                      : "Order " + record.order.id.ToString() + " was taken back.");
  ServiceCall call;
  call.request_id = std::string(request_id);
  call.timeout = context_.options.payment_timeout;
  call.target = "/v1/refunds";
  call.body = &body;
  call.idempotency_key = "refund-" + attempt.ToString();
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = refunds_.find(attempt); it != refunds_.end()) {
      call.method = "GET";
      call.target = "/v1/refunds/" + PercentEncode(it->second);
      call.body = nullptr;
      call.idempotency_key.clear();
    }
  }
  v1::Refund refund;
  Status status = CallService(context_.payments, context_.token, call, &refund);
  const bool refused = call.method == "POST" && IsRefusal(CodeOf(status));
  if (!status.ok() && !refused) return status;
  if (!refused && refund.status() != "succeeded" && refund.status() != "failed") {
    const std::lock_guard lock(mutex_);
    refunds_.insert_or_assign(attempt, refund.id());
    return StillOpen("The refund is still being decided.");
  }
  const bool failed = refused || refund.status() == "failed";
  if (failed) {
    context_.env.log.Error("refund failed: staff must give the money back",
                           {{"order", record.order.id.ToString()},
                            {"payment", body.payment_id()},
                            {"cause", std::string(MessageOf(status))}});
  }
  return orders_
      .Change(record.order.id,
              [&](OrderRecord& order, OrderSeats&, Timestamp now) -> Status {
                const OrderEvent event{
                    .kind = failed ? OrderEventKind::kRefundFailed : OrderEventKind::kRefundDone,
                    .payment = attempt,
                    .reason = failed ? "refund_failed" : ""};
                TICKETING_RETURN_IF_ERROR(ApplyOrderEvent(order.order, event, now).status());
                return OkStatus();
              })
      .status();
}

Status OrderPayments::KeepHold(OrderId id) {
  TICKETING_ASSIGN_OR_RETURN(const OrderRecord stored, ReadOrder(context_.database, id));
  const Duration time = context_.options.payment_time;
  const Timestamp soon = context_.env.clock.Now() + Duration{time.micros / 2};
  if (stored.order.state != OrderState::kPaying || stored.order.expires_at > soon)
    return OkStatus();
  return orders_
      .Change(id,
              [&](OrderRecord& record, OrderSeats& seats, Timestamp now) -> Status {
                const std::optional<seat::Hold> hold = seats.FindHold(record.order.hold);
                if (!hold) return OkStatus();
                return ExtendHold(record, *hold, seats, now, time);
              })
      .status();
}

bool OrderPayments::IsDue(PaymentId attempt, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto it = tries_.find(attempt);
  return it == tries_.end() || it->second.next <= now;
}

void OrderPayments::Note(PaymentId attempt, const Status& outcome, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (outcome.ok()) {
    tries_.erase(attempt);
    refunds_.erase(attempt);
    return;
  }
  Try& tried = tries_[attempt];
  Duration pause = kFirstPause;
  for (int i = 0; i < tried.count && pause < kLongestPause; ++i) pause = pause * 2;
  tried.count += 1;
  tried.next = now + std::min(pause, kLongestPause);
}

Status OrderPayments::Tick() {
  std::vector<std::pair<PaymentId, OrderId>> open;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    open.clear();
    return tx.Query(
        "SELECT id, order_id FROM payment_attempts WHERE state IN (?, ?)"
        " OR (state = ? AND reason = '') ORDER BY started_at, id",
        {static_cast<int64_t>(AttemptState::kStarted),
         static_cast<int64_t>(AttemptState::kAwaiting),
         static_cast<int64_t>(AttemptState::kRefunding)},
        [&](const SqlRow& row) {
          open.emplace_back(PaymentId::FromSql(row.Int(0)), OrderId::FromSql(row.Int(1)));
          return OkStatus();
        });
  }));
  bool answering = true;
  for (const auto& [attempt, order] : open) {
    const Claim claim(*this, order);
    if (!claim.taken()) continue;
    TICKETING_RETURN_IF_ERROR(KeepHold(order));
    const Timestamp now = context_.env.clock.Now();
    // When payments does not answer one it is not asked for the others of this round.
    if (!answering || !IsDue(attempt, now)) continue;
    const Status outcome = Settle(order, attempt, "");
    const bool refused = IsRefusal(CodeOf(outcome));
    Note(attempt, refused ? OkStatus() : outcome, now);
    if (outcome.ok() || refused) continue;
    context_.env.log.Warning("payment not settled yet",
                             {{"order", order.ToString()},
                              {"attempt", attempt.ToString()},
                              {"cause", std::string(MessageOf(outcome))}});
    answering = CodeOf(outcome) == ErrorCode::kGatewayUnavailable;
  }
  return OkStatus();
}

}  // namespace ticketing
