#include "ticketing/service/payments/payments_service.h"

#include <utility>

#include "lib/service/payments/desk.h"
#include "lib/wire/convert.h"
#include "ticketing/service/common/api.h"
#include "ticketing/service/common/idempotency.h"
#include "ticketing/v1/payments.pb.h"

namespace ticketing {
namespace {

using payments::Desk;
using payments::PaymentRow;
using payments::RefundRow;

std::string Message(std::string_view name) {
  return "ticketing.v1." + std::string(name);
}

// What other services and staff are shown; finer states stay inside.
std::string_view StatusOf(PaymentState state) {
  switch (state) {
    case PaymentState::kCreated:
      return "processing";
    case PaymentState::kPartiallyRefunded:
      return "succeeded";
    default:
      return NameOf(state);
  }
}

v1::Payment ToMessage(const Payment& payment) {
  v1::Payment out;
  out.set_id(payment.id.ToString());
  out.set_order_id(payment.order.ToString());
  out.set_status(std::string(StatusOf(payment.state)));
  wire::SetMoney(payment.amount, out.mutable_amount());
  out.set_method(std::string(NameOf(payment.method)));
  out.set_decline_code(payment.decline_code);
  out.set_message(payment.message);
  wire::SetMoney(ChangeOf(payment), out.mutable_change());
  wire::SetTime(payment.created_at, out.mutable_created_at());
  wire::SetMoney(payment.refunded, out.mutable_refunded());
  return out;
}

v1::Refund ToMessage(const RefundRow& refund) {
  v1::Refund out;
  out.set_id(refund.id.ToString());
  out.set_payment_id(refund.payment.ToString());
  wire::SetMoney(refund.amount, out.mutable_amount());
  out.set_status(std::string(payments::NameOf(refund.state)));
  wire::SetTime(refund.created_at, out.mutable_created_at());
  return out;
}

v1::Shift ToMessage(const CashShift& shift) {
  v1::Shift out;
  out.set_id(shift.id.ToString());
  out.set_status(shift.open ? "open" : "closed");
  out.set_opened_by(shift.opened_by);
  wire::SetTime(shift.opened_at, out.mutable_opened_at());
  wire::SetMoney(shift.opening, out.mutable_opening_cash());
  wire::SetMoney(shift.sales, out.mutable_cash_sales());
  wire::SetMoney(shift.refunds, out.mutable_cash_refunds());
  wire::SetMoney(ExpectedCash(shift), out.mutable_expected_cash());
  if (shift.open) return out;
  wire::SetTime(shift.closed_at, out.mutable_closed_at());
  wire::SetMoney(shift.counted, out.mutable_counted_cash());
  wire::SetMoney(CashDifference(shift), out.mutable_difference());
  return out;
}

// A part of the amount for the books; nothing when it was not sent.
StatusOr<Money> PartOf(bool sent, const v1::Money& part, Money amount, std::string_view field) {
  if (!sent) return Money{0, amount.currency};
  TICKETING_ASSIGN_OR_RETURN(const Money money, wire::MoneyOf(part, field));
  if (money.currency != amount.currency || money.minor < 0 || money.minor > amount.minor) {
    return InvalidField(field, "must be a part of the amount, in its currency");
  }
  return money;
}

StatusOr<PaymentRow> ReadPayment(const Call& call) {
  v1::CreatePaymentRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  PaymentRow row;
  row.description = request.description();
  row.taken_by = request.taken_by();
  Payment& payment = row.payment;
  payment.id = PaymentId::FromEntropy(call.Entropy("payment"));
  payment.order = OrderId::Parse(request.order_id()).value_or(OrderId{});
  TICKETING_ASSIGN_OR_RETURN(payment.amount, wire::MoneyOf(request.amount(), "amount"));
  if (payment.amount.minor < 1) return InvalidField("amount.minor", "must be positive");
  TICKETING_ASSIGN_OR_RETURN(payment.shares.fees,
                             PartOf(request.has_fees(), request.fees(), payment.amount, "fees"));
  TICKETING_ASSIGN_OR_RETURN(payment.shares.tax,
                             PartOf(request.has_taxes(), request.taxes(), payment.amount, "taxes"));
  const Currency currency = payment.amount.currency;
  payment.shares.organizer = {
      payment.amount.minor - payment.shares.fees.minor - payment.shares.tax.minor, currency};
  if (payment.shares.organizer.minor < 0) {
    return InvalidField("fees", "must not exceed the amount together with the taxes");
  }
  payment.refunded = payment.tendered = {0, currency};
  payment.refunded_shares = {{0, currency}, {0, currency}, {0, currency}};
  if (request.has_cash()) {
    payment.method = PaymentMethod::kCash;
    payment.shift = ShiftId::Parse(request.cash().shift_id()).value_or(ShiftId{});
    TICKETING_ASSIGN_OR_RETURN(payment.tendered,
                               wire::MoneyOf(request.cash().tendered(), "cash.tendered"));
  } else if (request.has_card()) {
    payment.token = request.card().payment_method();
  } else {
    return InvalidField("card", "must be there, or cash");
  }
  return row;
}

// The opposite of InvalidField, whose message is "field: detail".
Status RefusedField(std::string_view message) {
  const size_t colon = message.find(": ");
  if (colon == std::string_view::npos) return InvalidField("payment", message);
  return InvalidField(message.substr(0, colon), message.substr(colon + 2));
}

// The handlers.
class Endpoints {
 public:
  explicit Endpoints(Desk& desk) : desk_(desk) {}

  std::vector<Route> Routes();

 private:
  using Handler = StatusOr<HttpResponse> (Endpoints::*)(Call&);

  Route Make(Route route, Handler handler) {
    route.handler = [this, handler](Call& call) { return (this->*handler)(call); };
    return route;
  }

  StatusOr<HttpResponse> CreatePayment(Call& call) {
    TICKETING_ASSIGN_OR_RETURN(const PaymentRow wanted, ReadPayment(call));
    TICKETING_ASSIGN_OR_RETURN(const Payment payment, desk_.Pay(wanted));
    // What the gateway did not even try is a mistake in the request, and the message names its
    // field.
    if (payment.decline_code == payments::kInvalidRequest) return RefusedField(payment.message);
    return call.Reply(201, ToMessage(payment));
  }

  StatusOr<HttpResponse> GetPayment(Call& call) {
    TICKETING_ASSIGN_OR_RETURN(const PaymentId id, call.PathId<PaymentId>("payment_id"));
    TICKETING_ASSIGN_OR_RETURN(const Payment payment, desk_.FindPayment(id));
    return call.Reply(200, ToMessage(payment));
  }

  StatusOr<HttpResponse> CreateRefund(Call& call) {
    v1::CreateRefundRequest request;
    TICKETING_RETURN_IF_ERROR(call.Read(&request));
    TICKETING_ASSIGN_OR_RETURN(const Money amount, wire::MoneyOf(request.amount(), "amount"));
    const RefundId id = RefundId::FromEntropy(call.Entropy("refund"));
    const PaymentId payment = PaymentId::Parse(request.payment_id()).value_or(PaymentId{});
    TICKETING_ASSIGN_OR_RETURN(const RefundRow refund,
                               desk_.Refund(id, payment, amount, request.reason()));
    return call.Reply(201, ToMessage(refund));
  }

  StatusOr<HttpResponse> GetRefund(Call& call) {
    TICKETING_ASSIGN_OR_RETURN(const RefundId id, call.PathId<RefundId>("refund_id"));
    TICKETING_ASSIGN_OR_RETURN(const RefundRow refund, desk_.FindRefund(id));
    return call.Reply(200, ToMessage(refund));
  }

  StatusOr<HttpResponse> OpenShift(Call& call) {
    v1::OpenShiftRequest request;
    TICKETING_RETURN_IF_ERROR(call.Read(&request));
    TICKETING_ASSIGN_OR_RETURN(const Money opening,
                               wire::MoneyOf(request.opening_cash(), "opening_cash"));
    const ShiftId id = ShiftId::FromEntropy(call.Entropy("shift"));
    TICKETING_ASSIGN_OR_RETURN(const CashShift shift,
                               desk_.OpenShift(id, call.principal.subject, opening));
    return call.Reply(201, ToMessage(shift));
  }

  StatusOr<HttpResponse> GetShift(Call& call) {
    TICKETING_ASSIGN_OR_RETURN(const ShiftId id, call.PathId<ShiftId>("shift_id"));
    TICKETING_ASSIGN_OR_RETURN(const CashShift shift, desk_.FindShift(id));
    return call.Reply(200, ToMessage(shift));
  }

  StatusOr<HttpResponse> CloseShift(Call& call) {
    TICKETING_ASSIGN_OR_RETURN(const ShiftId id, call.PathId<ShiftId>("shift_id"));
    v1::CloseShiftRequest request;
    TICKETING_RETURN_IF_ERROR(call.Read(&request));
    TICKETING_ASSIGN_OR_RETURN(const Money counted,
                               wire::MoneyOf(request.counted_cash(), "counted_cash"));
    TICKETING_ASSIGN_OR_RETURN(
        const CashShift shift,
        desk_.CloseShift(id, call.principal.subject, call.principal.Has(Role::kAdmin), counted));
    return call.Reply(200, ToMessage(shift));
  }

  StatusOr<HttpResponse> GetBalances(Call& call) {
    TICKETING_ASSIGN_OR_RETURN(const payments::Balances balances, desk_.ReadBooks());
    v1::LedgerBalances out;
    out.set_balanced(balances.balanced);
    out.set_entries(balances.entries);
    for (const payments::Balances::Row& row : balances.rows) {
      v1::LedgerAccount* account = out.add_accounts();
      account->set_name(row.account);
      wire::SetMoney({row.totals.debits, row.currency}, account->mutable_debits());
      wire::SetMoney({row.totals.credits, row.currency}, account->mutable_credits());
      wire::SetMoney({row.totals.Balance(), row.currency}, account->mutable_balance());
    }
    return call.Reply(200, out);
  }

  void AddMoneyRoutes(std::vector<Route>& routes);
  void AddShiftRoutes(std::vector<Route>& routes);

  Desk& desk_;
};

void Endpoints::AddMoneyRoutes(std::vector<Route>& routes) {
  const Access sellers{.roles = {Role::kService, Role::kBoxOffice, Role::kAdmin}};
  routes.push_back(Make({.method = "POST",
                         .path = "/v1/payments",
                         .operation = "createPayment",
                         .summary = "Take the money for an order.",
                         .access = {.roles = {Role::kService}},
                         .request = Message("CreatePaymentRequest"),
                         .response = Message("Payment"),
                         .idempotent_key = true,
                         .success = 201},
                        &Endpoints::CreatePayment));
  routes.push_back(Make({.method = "GET",
                         .path = "/v1/payments/{payment_id}",
                         .operation = "getPayment",
                         .summary = "One payment as it stands now.",
                         .access = sellers,
                         .response = Message("Payment")},
                        &Endpoints::GetPayment));
  routes.push_back(Make({.method = "POST",
                         .path = "/v1/refunds",
                         .operation = "createRefund",
                         .summary = "Give money back, in part or whole.",
                         .access = {.roles = {Role::kService, Role::kAdmin}},
                         .request = Message("CreateRefundRequest"),
                         .response = Message("Refund"),
                         .idempotent_key = true,
                         .success = 201},
                        &Endpoints::CreateRefund));
  routes.push_back(Make({.method = "GET",
                         .path = "/v1/refunds/{refund_id}",
                         .operation = "getRefund",
                         .summary = "One refund as it stands now.",
                         .access = sellers,
                         .response = Message("Refund")},
                        &Endpoints::GetRefund));
  routes.push_back(Make({.method = "GET",
                         .path = "/v1/ledger/balances",
                         .operation = "getLedgerBalances",
                         .summary = "The books, and whether they balance.",
                         .access = {.roles = {Role::kAdmin, Role::kService}},
                         .response = Message("LedgerBalances")},
                        &Endpoints::GetBalances));
}

void Endpoints::AddShiftRoutes(std::vector<Route>& routes) {
  const Access staff{.roles = {Role::kBoxOffice, Role::kAdmin}};
  routes.push_back(Make({.method = "POST",
                         .path = "/v1/shifts",
                         .operation = "openShift",
                         .summary = "Open a cash shift.",
                         .access = staff,
                         .request = Message("OpenShiftRequest"),
                         .response = Message("Shift"),
                         .idempotent_key = true,
                         .success = 201},
                        &Endpoints::OpenShift));
  routes.push_back(Make({.method = "GET",
                         .path = "/v1/shifts/{shift_id}",
                         .operation = "getShift",
                         .summary = "A shift and what its drawer should hold.",
                         .access = staff,
                         .response = Message("Shift")},
                        &Endpoints::GetShift));
  routes.push_back(Make({.method = "POST",
                         .path = "/v1/shifts/{shift_id}/close",
                         .operation = "closeShift",
                         .summary = "Close a shift with the counted cash.",
                         .access = staff,
                         .request = Message("CloseShiftRequest"),
                         .response = Message("Shift"),
                         .idempotent_key = true},
                        &Endpoints::CloseShift));
}

std::vector<Route> Endpoints::Routes() {
  std::vector<Route> routes;
  AddMoneyRoutes(routes);
  AddShiftRoutes(routes);
  return routes;
}

}  // namespace

struct PaymentsService::Parts {
  Parts(const PaymentsPorts& ports, std::unique_ptr<Database> opened,
        const PaymentsOptions& options)
      : env(ports.env),
        database(std::move(opened)),
        idempotency(*database),
        desk(ports.env, *database, ports.gateway, options),
        endpoints(desk),
        api({.service = "payments-api",
             .title = "Payments",
             .about = "Payments, refunds, cash shifts and the books.",
             .verifier = &ports.verifier,
             .idempotency = &idempotency,
             .ready =
                 [this] { return database->Read([](SqlTransaction&) { return OkStatus(); }); }},
            ports.env, endpoints.Routes()) {}

  Env env;
  std::unique_ptr<Database> database;
  IdempotencyStore idempotency;
  Desk desk;
  Endpoints endpoints;
  Api api;
  Timestamp keys_expired_at;
};

StatusOr<std::unique_ptr<PaymentsService>> PaymentsService::Open(PaymentsPorts ports,
                                                                 const PaymentsOptions& options) {
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                             ports.databases.Open(options.database, payments::Schema()));
  return std::unique_ptr<PaymentsService>(
      new PaymentsService(std::make_unique<Parts>(ports, std::move(database), options)));
}

PaymentsService::PaymentsService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PaymentsService::~PaymentsService() = default;

HttpHandler& PaymentsService::api() {
  return parts_->api;
}

Status PaymentsService::Tick() {
  TICKETING_RETURN_IF_ERROR(parts_->desk.Resume());
  const Timestamp now = parts_->env.clock.Now();
  if (now - parts_->keys_expired_at < Duration::Minutes(10)) return OkStatus();
  parts_->keys_expired_at = now;
  return parts_->idempotency.Expire(now);
}

}  // namespace ticketing
