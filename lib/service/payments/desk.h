// What the payments service does, without HTTP: payments, refunds and shifts over the database and
// the gateway. Thread-safe.
#ifndef TICKETING_LIB_SERVICE_PAYMENTS_DESK_H_
#define TICKETING_LIB_SERVICE_PAYMENTS_DESK_H_

#include <string>
#include <string_view>

#include "lib/service/payments/store.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/payment/gateway.h"
#include "ticketing/service/payments/payments_service.h"

namespace ticketing::payments {

// The decline code of a payment that the gateway did not try: the request was wrong. Its message
// reads "field: detail".
inline constexpr char kInvalidRequest[] = "invalid_request";

class Desk {
 public:
  Desk(Env env, Database& database, PaymentGateway& gateway, const PaymentsOptions& options)
      : env_(env), database_(database), gateway_(gateway), options_(options) {}

  // Takes the money that `wanted` (in state kCreated) asks for. A payment of the same id that asks
  // for the same is that payment. Errors: those of ValidatePayment; kIdempotencyMismatch when the
  // id stands for another request; kShiftNotOpen; kGatewayUnavailable while the outcome is unknown.
  StatusOr<Payment> Pay(const PaymentRow& wanted);

  // Gives money back. Errors: those of ApplyRefund and RecordCashRefund; kInvalidField for an
  // unknown payment; kIdempotencyMismatch; kGatewayUnavailable while the outcome is unknown.
  StatusOr<RefundRow> Refund(RefundId id, PaymentId payment, Money amount, std::string reason);

  StatusOr<CashShift> OpenShift(ShiftId id, const std::string& who, Money opening);
  // `who` must have opened it, unless `any`.
  StatusOr<CashShift> CloseShift(ShiftId id, const std::string& who, bool any, Money counted);

  // kNotFound when there is none.
  StatusOr<Payment> FindPayment(PaymentId id);
  StatusOr<RefundRow> FindRefund(RefundId id);
  StatusOr<CashShift> FindShift(ShiftId id);
  StatusOr<Balances> ReadBooks();

  // Asks the gateway about everything undecided whose time has come.
  Status Resume();

 private:
  // payments.cc
  Status Insert(SqlTransaction& tx, PaymentRow& row);
  StatusOr<Payment> Settle(const PaymentRow& row);
  StatusOr<GatewayResult> GiveUp(const Payment& payment, const GatewayResult& waiting);
  StatusOr<Payment> Decide(PaymentId id, const GatewayResult& result);
  // refunds.cc
  Status Insert(SqlTransaction& tx, RefundRow& row);
  StatusOr<RefundRow> SettleRefund(const RefundRow& row);
  StatusOr<RefundRow> DecideRefund(RefundId id, const RefundResult& result);
  // Puts the next question off and tells that the outcome is not known.
  Status PutOff(PaymentId id, const Status& cause);
  Status PutOff(RefundId id, const Status& cause);
  Schedule NextTry(const Schedule& schedule) const;
  // Whether the gateway surely remembers a key of that age: an older question could be taken for a
  // new one.
  bool IsKeyStillKnown(Timestamp created_at) const;

  Env env_;
  Database& database_;
  PaymentGateway& gateway_;
  const PaymentsOptions options_;
};

}  // namespace ticketing::payments

#endif  // TICKETING_LIB_SERVICE_PAYMENTS_DESK_H_
