#include "lib/service/ticketing/orders.h"

#include <algorithm>

#include "lib/service/ticketing/cursor.h"
#include "lib/service/ticketing/frozen.h"
#include "lib/service/ticketing/issue.h"
#include "lib/service/ticketing/outbox.h"
#include "lib/wire/convert.h"
#include "ticketing/base/assert.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr int kChangeAttempts = 20;
constexpr int kOrderAttempts = 4;
constexpr int64_t kExpiredPerTick = 500;
constexpr size_t kContactsMax = 20'000;

Status OrderNotFound() {
  return MakeError(ErrorCode::kNotFound, "There is no such order.");
}

// What the last attempt shows of itself.
void FillPayment(const OrderRecord& record, v1::Payment* out) {
  const PaymentAttempt& attempt = record.order.attempts.back();
  const AttemptRecord& kept = record.attempts.at(attempt.payment);
  constexpr std::string_view kNames[] = {"processing", "requires_action", "succeeded",
                                         "declined",   "succeeded",       "refunded"};
  out->set_id(kept.payment_id);
  out->set_order_id(record.order.id.ToString());
  out->set_status(std::string(kNames[static_cast<size_t>(attempt.state)]));
  wire::SetMoney(attempt.amount, out->mutable_amount());
  out->set_method(attempt.method);
  out->set_decline_code(attempt.reason);
  out->set_message(kept.message);
  wire::SetMoney({kept.change, attempt.amount.currency}, out->mutable_change());
  wire::SetTime(attempt.started_at, out->mutable_created_at());
  const bool refunded = attempt.state == AttemptState::kRefunded;
  wire::SetMoney({refunded ? attempt.amount.minor : 0, attempt.amount.currency},
                 out->mutable_refunded());
}

// What makes a token's account a person with an address: identity says it, to the account itself.
StatusOr<v1::Account> AskAccount(HttpClient& identity, const Call& call, Duration timeout) {
  HttpRequest request;
  request.target = "/v1/me";
  request.headers.Set("Authorization", "Bearer " + call.principal.bearer);
  request.headers.Set("X-Request-Id", call.request_id);
  TICKETING_ASSIGN_OR_RETURN(const HttpResponse response, identity.Send(request, timeout));
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(response));
  v1::Account account;
  TICKETING_RETURN_IF_ERROR(wire::FromJson(response.body, &account));
  return account;
}

}  // namespace

std::optional<v1::Account> Contacts::Find(AccountId account, Duration now) const {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(account);
  if (it == entries_.end() || now - it->second.at >= kLife) return std::nullopt;
  return it->second.account;
}

void Contacts::Keep(AccountId account, Duration now, const v1::Account& known) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kContactsMax) entries_.clear();
  entries_.insert_or_assign(account, Entry{known, now});
}

std::vector<Route> Orders::Routes() {
  const Access buyers{.roles = {Role::kCustomer, Role::kBoxOffice, Role::kAdmin}};
  Route list{"GET",
             "/v1/orders",
             "listOrders",
             "Lists orders, newest first: a customer's own, or for staff all that match",
             buyers,
             "",
             "ticketing.v1.OrderList",
             [this](Call& call) { return List(call); }};
  list.query = {{"limit", "How many, 1 to 500."},
                {"cursor", "next_cursor of the page before."},
                {"event_id", "Only of this event; for staff."},
                {"email", "Only of this buyer; for staff."}};
  Route pdf{"GET",
            "/v1/orders/{order_id}/tickets.pdf",
            "getOrderPdf",
            "Gives the tickets of an order to print",
            buyers,
            "",
            "",
            [this](Call& call) { return ShowPdf(call); }};
  pdf.response_type = "application/pdf";
  pdf.query = {{"event_id", "Only the tickets of this event: one match of a season."}};
  Route create{"POST",
               "/v1/orders",
               "createOrder",
               "Makes an order from a hold; one that costs nothing is completed at once",
               buyers,
               "ticketing.v1.CreateOrderRequest",
               "ticketing.v1.Order",
               [this](Call& call) { return Create(call); },
               true,
               201};
  create.minimal = true;
  create.repeats = Repeats::kKnown;  // a hold has one order, which knows what asked for it
  return {
      std::move(create),
      std::move(list),
      {"GET", "/v1/orders/{order_id}", "getOrder", "Gives one order", buyers, "",
       "ticketing.v1.Order", [this](Call& call) { return Show(call); }},
      {"POST", "/v1/orders/{order_id}/cancel", "cancelOrder",
       "Gives up an order that is not paid and lets its seats go", buyers, "", "ticketing.v1.Order",
       [this](Call& call) { return Cancel(call); }, true},
      {"POST",
       "/v1/orders/{order_id}/refund",
       "refundOrder",
       "Takes a completed order back: its tickets open no gate any more, its seats are free, its"
       " money goes back",
       {.roles = {Role::kAdmin}},
       "",
       "ticketing.v1.Order",
       [this](Call& call) { return Refund(call); },
       true},
      std::move(pdf)};
}

// A customer buys in his own name; staff buys for whoever stands at the window.
Status Orders::FillBuyer(Call& call, const v1::CreateOrderRequest& request, Order& order) {
  order.contact = {request.buyer().name(), request.buyer().email(), request.buyer().phone()};
  order.language = request.language();
  if (call.principal.IsStaff()) {
    order.channel = SaleChannel::kBoxOffice;
    if (!request.has_buyer()) return InvalidField("buyer", "is required");
    if (order.contact.name.empty()) return InvalidField("buyer.name", "is required");
  } else {
    const std::optional<AccountId> account = call.principal.account();
    if (!account) return MakeError(ErrorCode::kPermissionDenied, "Only an account can buy.");
    if (request.has_buyer())
      return InvalidField("buyer", "is for staff; a customer's own account is who buys");
    order.channel = SaleChannel::kOnline;
    order.buyer = *account;
    if (order.contact.email.empty()) {
      const Duration now = context_.env.clock.Monotonic();
      std::optional<v1::Account> known = contacts_.Find(*account, now);
      if (!known) {
        TICKETING_ASSIGN_OR_RETURN(
            known, AskAccount(context_.identity, call, context_.options.call_timeout));
        contacts_.Keep(*account, now, *known);
      }
      order.contact.email = known->email();
      if (order.contact.name.empty()) order.contact.name = known->name();
      if (order.contact.phone.empty()) order.contact.phone = known->phone();
      if (order.language.empty()) order.language = known->language();
    }
  }
  if (order.language != "en") order.language = "es";
  return ValidateContact(order.contact, "buyer");
}

StatusOr<OrderRecord> Orders::NewOrder(Call& call, const v1::CreateOrderRequest& request,
                                       const StoredHold* remembered) {
  OrderRecord record;
  Order& order = record.order;
  TICKETING_RETURN_IF_ERROR(FillBuyer(call, request, order));
  order.hold = *HoldId::Parse(request.hold_id());
  const std::optional<EventId> event = EventId::Parse(request.event_id());
  if (event) {
    const Status known = catalog_.Event(*event).status();
    if (CodeOf(known) == ErrorCode::kNotFound) return InvalidField("event_id", "is not an event");
    TICKETING_RETURN_IF_ERROR(known);
  }
  StoredHold hold;
  if (remembered != nullptr) {
    hold = *remembered;
  } else {
    TICKETING_ASSIGN_OR_RETURN(hold, holds_.Stored(order.hold));
  }
  TICKETING_RETURN_IF_ERROR(CheckOwner(call.principal, hold.lines));
  TICKETING_RETURN_IF_ERROR(
      CheckBuyer(catalog_, hold.lines, call.principal.IsStaff() ? Buyer::kStaff : Buyer::kAnybody));
  const std::vector<EventId> events = EventsOf(hold.lines);
  if (event && std::ranges::find(events, *event) == events.end())
    return MakeError(ErrorCode::kHoldNotFound, "This hold is not of that event.");
  order.event = events.front();
  record.lines = std::move(hold.lines);
  record.lines.clear_request();  // the hold's
  record.created_by = call.principal.subject;
  order.lines = OrderLinesOf(record.lines);
  order.total = TotalOf(record.lines);
  order.expires_at = hold.expires_at;
  order.created_at = order.updated_at = context_.env.clock.Now();
  order.id = OrderIdAt(order.created_at, context_.env.random.Next64());
  TICKETING_RETURN_IF_ERROR(ValidateOrder(order));
  return record;
}

// Nothing is to be paid, so nothing has to be waited for: the order books its seats as it is made.
Status Orders::CompleteFree(Made& made, OrderSeats& seats, Timestamp now) const {
  Order& order = made.record.order;
  TICKETING_ASSIGN_OR_RETURN(const std::vector<OpenedEvents> opened,
                             FindOpenedEvents(catalog_, order, seats));
  const OrderEvent nothing_to_pay{.kind = OrderEventKind::kPaymentApproved, .amount = order.total};
  TICKETING_RETURN_IF_ERROR(ApplyOrderEvent(order, nothing_to_pay, now).status());
  const bool booked = seats.Book(order, now);
  TICKETING_ASSERT(booked);  // its hold was just looked at
  const auto completed = ApplyOrderEvent(order, {.kind = OrderEventKind::kBooked}, now);
  TICKETING_ASSERT(completed.ok());  // a paid order takes it
  seats.SetNote({made.record.created_by, "order", {}});
  made.tickets = IssueTickets(order, opened, tickets_.newest_key(), seats, now);
  seats.Insert(OrderInsert(made.record));
  for (const TicketRecord& ticket : made.tickets) seats.Insert(TicketInsertWithOrder(ticket));
  if (!order.contact.email.empty()) seats.Insert(ConfirmationInsert(order, now));
  return OkStatus();
}

StatusOr<Orders::Made> Orders::Make(Call& call, const v1::CreateOrderRequest& request,
                                    uint64_t entropy, const StoredHold* remembered) {
  TICKETING_ASSIGN_OR_RETURN(OrderRecord fresh, NewOrder(call, request, remembered));
  fresh.request = entropy;
  TICKETING_ASSIGN_OR_RETURN(const OrderPlaces places, holds_.PlacesOf(fresh.lines));
  Made made;
  const auto insert = [&](OrderSeats& seats, Timestamp now) -> Status {
    made = {.record = fresh, .tickets = {}};
    Order& order = made.record.order;
    const std::optional<seat::Hold> hold = seats.FindHold(order.hold);
    TICKETING_RETURN_IF_ERROR(Holds::CheckAlive(hold, order.expires_at, now));
    if (remembered != nullptr && hold->expires_at != order.expires_at)
      return MakeError(ErrorCode::kPreconditionFailed, "This is another hold, or it lasts longer.");
    order.expires_at = hold->expires_at;
    if (order.total.IsZero()) return CompleteFree(made, seats, now);
    seats.Insert(OrderInsert(made.record));
    return OkStatus();
  };
  TICKETING_RETURN_IF_ERROR(places.Run(insert));
  made.record.revision = 1;
  return made;
}

StatusOr<HttpResponse> Orders::Create(Call& call) {
  v1::CreateOrderRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  const HoldId hold = *HoldId::Parse(request.hold_id());
  const uint64_t entropy = call.Entropy("order " + call.Fingerprint());
  Status refused;
  for (int attempt = 0; attempt < kOrderAttempts; ++attempt) {
    const auto remembered = attempt == 0 ? holds_.Recall(hold) : std::nullopt;
    const StatusOr<Made> made = Make(call, request, entropy, remembered ? &*remembered : nullptr);
    if (made.ok()) {
      return Answer(call, 201, made->record, &made->tickets);
    }
    refused = made.status();
    if (remembered) continue;  // what is stored decides
    // A repeat runs into what it did before: its order is there, and the hold may be gone.
    TICKETING_ASSIGN_OR_RETURN(const std::optional<OrderRecord> before,
                               ReadOrderOfHold(context_.database, hold));
    if (before && before->request == entropy) {
      return Answer(call, 201, *before);
    }
    if (CodeOf(refused) != ErrorCode::kConflict) return refused;
    if (before)
      return MakeError(ErrorCode::kConflict, "These seats belong to another order already.");
    // Another order came by the same id in the same moment.
  }
  return refused;
}

StatusOr<HttpResponse> Orders::Answer(const Call& call, int status, const OrderRecord& record,
                                      const std::vector<TicketRecord>* issued) {
  const Order& order = record.order;
  if (!call.PrefersMinimal()) {
    TICKETING_ASSIGN_OR_RETURN(const v1::Order message, Message(record, issued));
    return call.Reply(status, message);
  }
  // Codes above all are not made for nobody: each costs a signature.
  v1::Order message;
  message.set_id(order.id.ToString());
  message.set_event_id(order.event.ToString());
  message.set_status(std::string(NameOf(order.state)));
  wire::SetTime(order.created_at, message.mutable_created_at());
  wire::SetTime(order.expires_at, message.mutable_expires_at());
  if (!order.attempts.empty()) FillPayment(record, message.mutable_payment());
  HttpResponse response = call.Reply(status, message);
  response.headers.Set("Preference-Applied", kPreferMinimal);
  return response;
}

StatusOr<v1::Order> Orders::Message(const OrderRecord& record,
                                    const std::vector<TicketRecord>* issued) {
  const Order& order = record.order;
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(order.event));
  v1::Order out;
  out.set_id(order.id.ToString());
  out.set_event_id(order.event.ToString());
  out.set_event_name(event->event.name());
  out.set_status(std::string(NameOf(order.state)));
  out.set_channel(std::string(NameOf(order.channel)));
  out.mutable_buyer()->set_name(order.contact.name);
  out.mutable_buyer()->set_email(order.contact.email);
  out.mutable_buyer()->set_phone(order.contact.phone);
  out.set_language(order.language);
  for (const OrderLine& line : order.lines) {
    v1::OrderLine* to = out.add_lines();
    to->set_event_id(line.event.ToString());
    to->set_label(line.object);
    to->set_quantity(line.quantity);
    to->set_category(line.category);
    to->set_ticket_type(line.ticket_type);
    wire::SetMoney(line.unit_price, to->mutable_unit_price());
    wire::SetMoney(line.fees, to->mutable_fees());
    wire::SetMoney(line.total, to->mutable_total());
  }
  *out.mutable_quote() = QuoteMessage(record.lines);
  wire::SetTime(order.created_at, out.mutable_created_at());
  wire::SetTime(order.expires_at, out.mutable_expires_at());
  if (!order.attempts.empty()) FillPayment(record, out.mutable_payment());
  if (order.completed_at.micros == 0) return out;
  std::vector<TicketRecord> stored;
  if (issued == nullptr) {
    TICKETING_ASSIGN_OR_RETURN(stored, tickets_.OfOrder(order.id));
    issued = &stored;
  }
  for (const TicketRecord& ticket : *issued) {
    TICKETING_ASSIGN_OR_RETURN(const auto opened, catalog_.Event(ticket.event));
    v1::Ticket& message = *out.add_tickets();
    message = tickets_.Message(*opened, ticket, order.language);
    // Whoever gave a ticket away still has the order, but the code is the new holder's alone.
    if (ticket.account != order.buyer) message.clear_code();
  }
  return out;
}

StatusOr<OrderRecord> Orders::FindFor(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const OrderId id, call.PathId<OrderId>("order_id"));
  TICKETING_ASSIGN_OR_RETURN(OrderRecord record, ReadOrder(context_.database, id));
  if (call.principal.IsStaff()) return record;
  const std::optional<AccountId> caller = call.principal.account();
  if (!caller || record.order.buyer != *caller) return OrderNotFound();
  return record;
}

StatusOr<HttpResponse> Orders::List(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const size_t limit, call.PageLimit());
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Cursor> cursor, QueryCursor(call, "cursor"));
  const Cursor before = cursor.value_or(Cursor{INT64_MAX, INT64_MAX});
  std::string where = "id < ?";
  SqlArgs args = {before.second};
  if (!call.principal.IsStaff()) {
    const std::optional<AccountId> account = call.principal.account();
    if (!account) return MakeError(ErrorCode::kPermissionDenied, "Only accounts have orders.");
    where += " AND account_id = ?";
    args.emplace_back(account->ToSql());
  } else {
    if (const auto text = call.Query("event_id")) {
      const std::optional<EventId> event = EventId::Parse(*text);
      if (!event) return InvalidField("event_id", "is not the id of an event");
      where += " AND event_id = ?";
      args.emplace_back(event->ToSql());
    }
    if (const auto email = call.Query("email")) {
      where += " AND buyer_email = ?";
      args.emplace_back(*email);
    }
  }
  args.emplace_back(static_cast<int64_t>(limit + 1));
  std::vector<OrderId> ids;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    ids.clear();
    return tx.Query("SELECT id FROM orders WHERE " + where + " ORDER BY id DESC LIMIT ?", args,
                    [&](const SqlRow& row) {
                      ids.push_back(OrderId::FromSql(row.Int(0)));
                      return OkStatus();
                    });
  }));
  const bool more = ids.size() > limit;
  if (more) ids.pop_back();
  v1::OrderList list;
  for (const OrderId id : ids) {
    TICKETING_ASSIGN_OR_RETURN(const OrderRecord record, ReadOrder(context_.database, id));
    TICKETING_ASSIGN_OR_RETURN(*list.add_orders(), Message(record));
    if (more && id == ids.back())
      list.set_next_cursor(EncodeCursor({record.order.created_at.micros, id.ToSql()}));
  }
  return call.Reply(200, list);
}

StatusOr<HttpResponse> Orders::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const OrderRecord record, FindFor(call));
  TICKETING_ASSIGN_OR_RETURN(const v1::Order message, Message(record));
  return call.Reply(200, message);
}

StatusOr<HttpResponse> Orders::ShowPdf(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const OrderRecord record, FindFor(call));
  TICKETING_ASSIGN_OR_RETURN(std::vector<TicketRecord> tickets, tickets_.OfOrder(record.order.id));
  std::erase_if(tickets, [&](const TicketRecord& ticket) {
    return ticket.account != record.order.buyer;  // given away: its new holder prints it
  });
  return tickets_.Pdf(call, record, tickets);
}

StatusOr<OrderRecord> Orders::Change(OrderId id, const OrderChange& change) {
  for (int i = 0; i < kChangeAttempts; ++i) {
    TICKETING_ASSIGN_OR_RETURN(const OrderRecord stored, ReadOrder(context_.database, id));
    TICKETING_ASSIGN_OR_RETURN(const OrderPlaces places, holds_.PlacesOf(stored.lines));
    OrderRecord next;
    const Status status = places.Run([&](OrderSeats& seats, Timestamp now) -> Status {
      next = stored;
      TICKETING_RETURN_IF_ERROR(change(next, seats, now));
      seats.AlsoWrite([&next](SqlTransaction& tx) { return WriteOrder(tx, next); });
      return OkStatus();
    });
    // Somebody else changed the order between the read and the lane: look again.
    if (CodeOf(status) == ErrorCode::kPreconditionFailed) continue;
    TICKETING_RETURN_IF_ERROR(status);
    next.revision += 1;
    return next;
  }
  return MakeError(ErrorCode::kAborted, "The order kept changing. Nothing was done; try again.");
}

StatusOr<HttpResponse> Orders::Cancel(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(OrderRecord record, FindFor(call));
  if (record.order.state != OrderState::kCancelled) {
    const OrderChange give_up = [](OrderRecord& order, OrderSeats& seats, Timestamp now) -> Status {
      if (order.order.state != OrderState::kPending &&
          order.order.state != OrderState::kCancelled) {
        return MakeError(ErrorCode::kOrderState, "An order that is " +
                                                     std::string(NameOf(order.order.state)) +
                                                     " cannot be given up. Nothing was changed.");
      }
      TICKETING_RETURN_IF_ERROR(
          ApplyOrderEvent(order.order, {.kind = OrderEventKind::kCancelled}, now).status());
      seats.Release(order.order.hold);
      return OkStatus();
    };
    TICKETING_ASSIGN_OR_RETURN(record, Change(record.order.id, give_up));
  }
  TICKETING_ASSIGN_OR_RETURN(const v1::Order message, Message(record));
  return call.Reply(200, message);
}

// The money follows by itself: attempts that are to be refunded are found by OrderPayments::Tick.
StatusOr<HttpResponse> Orders::Refund(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(OrderRecord record, FindFor(call));
  const OrderChange refund = [&](OrderRecord& order, OrderSeats& seats, Timestamp now) -> Status {
    const OrderState was = order.order.state;
    if (was == OrderState::kRefunding || was == OrderState::kRefunded) return OkStatus();
    if (was == OrderState::kCancelled && order.order.completed_at.micros != 0) return OkStatus();
    if (was != OrderState::kCompleted) {
      return MakeError(ErrorCode::kOrderState,
                       "An order that is " + std::string(NameOf(was)) +
                           " has nothing to take back. Nothing was changed.");
    }
    TICKETING_RETURN_IF_ERROR(
        ApplyOrderEvent(order.order, {.kind = OrderEventKind::kCancelled}, now).status());
    TICKETING_RETURN_IF_ERROR(seats.FreeBooked(order.order, now));
    seats.SetNote({call.principal.subject, "refund", {}});
    RevokeTickets(order.order, seats);
    return OkStatus();
  };
  TICKETING_ASSIGN_OR_RETURN(record, Change(record.order.id, refund));
  TICKETING_ASSIGN_OR_RETURN(const v1::Order message, Message(record));
  return call.Reply(200, message);
}

Status Orders::ExpireDue() {
  const Timestamp now = context_.env.clock.Now();
  std::vector<OrderId> due;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    due.clear();
    // As the index says it.
    static_assert(static_cast<int>(OrderState::kPending) == 0);
    return tx.Query("SELECT id FROM orders WHERE state = 0 AND expires_at <= ? LIMIT ?",
                    {now.micros, kExpiredPerTick}, [&](const SqlRow& row) {
                      due.push_back(OrderId::FromSql(row.Int(0)));
                      return OkStatus();
                    });
  }));
  for (const OrderId id : due) {
    const auto changed =
        Change(id, [](OrderRecord& order, OrderSeats& seats, Timestamp at) -> Status {
          TICKETING_RETURN_IF_ERROR(
              ApplyOrderEvent(order.order, {.kind = OrderEventKind::kExpired}, at).status());
          seats.Release(order.order.hold);
          return OkStatus();
        });
    // Somebody paid or gave it up at the same moment: then there is nothing to do.
    const ErrorCode code = CodeOf(changed.status());
    if (code != ErrorCode::kOk && code != ErrorCode::kOrderState) return changed.status();
  }
  return OkStatus();
}

}  // namespace ticketing
