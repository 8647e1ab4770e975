#include "lib/service/ticketing/tickets.h"

#include "lib/service/ticketing/cursor.h"
#include "lib/wire/convert.h"
#include "ticketing/base/assert.h"
#include "ticketing/token/ticket_code.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

// A scan that let the holder in, whatever other scans say.
constexpr char kColumns[] =
    "SELECT t.id, t.order_id, t.event_id, t.account_id, t.ordinal, t.idx, t.label, t.category,"
    " t.zone, t.ticket_type, t.issue, t.key_id, t.status, t.price, t.created_at, t.copy_version,"
    " (SELECT COUNT(*) FROM scans s WHERE s.ticket_id = t.id AND s.outcome = 1 AND s.annulled = 0),"
    " (SELECT d.device_key FROM ticket_devices d WHERE d.ticket_id = t.id), t.sold_as"
    " FROM tickets t ";

TicketRecord RecordOf(const SqlRow& row) {
  TicketRecord ticket;
  ticket.id = TicketId::FromSql(row.Int(0));
  ticket.order = OrderId::FromSql(row.Int(1));
  ticket.event = EventId::FromSql(row.Int(2));
  ticket.account = AccountId::FromSql(row.Int(3));
  ticket.ordinal = static_cast<uint32_t>(row.Int(4));
  ticket.object = static_cast<uint32_t>(row.Int(5));
  ticket.label = row.Text(6);
  ticket.category = row.Text(7);
  ticket.zone = static_cast<uint16_t>(row.Int(8));
  ticket.ticket_type = static_cast<uint16_t>(row.Int(9));
  ticket.issue = static_cast<uint16_t>(row.Int(10));
  ticket.key_id = static_cast<uint8_t>(row.Int(11));
  ticket.status = static_cast<TicketStatus>(row.Int(12));
  ticket.price = row.Int(13);
  ticket.created_at = Timestamp{row.Int(14)};
  ticket.copy_version = static_cast<uint64_t>(row.Int(15));
  ticket.admitted = row.Int(16) > 0;
  ticket.device_key = row.Bytes(17);
  ticket.sold_as = row.Text(18);
  return ticket;
}

StatusOr<std::vector<TicketRecord>> Select(Database& database, std::string_view where,
                                           const SqlArgs& args) {
  std::vector<TicketRecord> tickets;
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
    tickets.clear();
    return tx.Query(std::string(kColumns) + std::string(where), args, [&](const SqlRow& row) {
      tickets.push_back(RecordOf(row));
      return OkStatus();
    });
  }));
  return tickets;
}

SqlArgs ArgsOf(const TicketRecord& ticket) {
  return {ticket.id.ToSql(),
          ticket.order.ToSql(),
          ticket.event.ToSql(),
          int64_t{ticket.ordinal},
          ticket.account.ToSql(),
          int64_t{ticket.object},
          ticket.label,
          ticket.category,
          int64_t{ticket.zone},
          int64_t{ticket.ticket_type},
          int64_t{ticket.issue},
          int64_t{ticket.key_id},
          static_cast<int64_t>(ticket.status),
          ticket.price,
          ticket.created_at.micros,
          static_cast<int64_t>(ticket.copy_version),
          ticket.sold_as};
}

}  // namespace

std::string_view TicketStatusName(TicketStatus status) {
  switch (status) {
    case TicketStatus::kValid:
      return "valid";
    case TicketStatus::kBlocked:
      return "blocked";
    case TicketStatus::kRevoked:
      return "refunded";
    case TicketStatus::kCancelled:
      return "cancelled";
    case TicketStatus::kUnpaid:
      return "unpaid";
    case TicketStatus::kSuspended:
      return "suspended";
    case TicketStatus::kTransferred:
      return "transferred";
  }
  return "cancelled";
}

StatusOr<TicketKeys> TicketKeys::Open(Database& database, Env env) {
  // Two processes may open a new database at once: whoever comes first makes the key.
  const std::string seed = env.random.Bytes(kSignatureSeedBytes);
  const Timestamp now = env.clock.Now();
  const Status made = database.Write([&](SqlTransaction& tx) -> Status {
    bool known = false;
    TICKETING_RETURN_IF_ERROR(tx.Query("SELECT key_id FROM ticket_keys", {}, [&](const SqlRow&) {
      known = true;
      return OkStatus();
    }));
    if (known) return OkStatus();
    return tx
        .Execute("INSERT INTO ticket_keys (key_id, seed, created_at) VALUES (1, ?, ?)",
                 {Blob{seed}, now.micros})
        .status();
  });
  TICKETING_RETURN_IF_ERROR(made);
  TicketKeys keys;
  const Status read = database.Read([&](SqlTransaction& tx) {
    return tx.Query(
        "SELECT key_id, seed FROM ticket_keys ORDER BY key_id", {},
        [&](const SqlRow& row) -> Status {
          const auto id = static_cast<uint8_t>(row.Int(0));
          TICKETING_ASSIGN_OR_RETURN(SigningKey key, SigningKey::FromSeed(row.Bytes(1)));
          TICKETING_RETURN_IF_ERROR(keys.ring_.Add(id, TrustedKey{.public_key = key.public_key()}));
          keys.keys_.insert_or_assign(id, std::move(key));
          keys.newest_ = id;
          return OkStatus();
        });
  });
  TICKETING_RETURN_IF_ERROR(read);
  return keys;
}

LaneInsert TicketInsert(const TicketRecord& ticket) {
  return {
      "INSERT INTO tickets (id, order_id, event_id, ordinal, account_id, idx, label, category,"
      " zone, ticket_type, issue, key_id, status, price, created_at, copy_version, sold_as)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ArgsOf(ticket)};
}

LaneInsert TicketInsertWithOrder(const TicketRecord& ticket) {
  // The space at the end makes it a text of its own.
  return {
      "INSERT INTO tickets (id, order_id, event_id, ordinal, account_id, idx, label, category,"
      " zone, ticket_type, issue, key_id, status, price, created_at, copy_version, sold_as)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ",
      ArgsOf(ticket)};
}

std::vector<Route> Tickets::Routes() {
  const Access holders{.roles = {Role::kCustomer, Role::kBoxOffice, Role::kAdmin}};
  Route list{"GET",
             "/v1/tickets",
             "listTickets",
             "Lists the caller's tickets, newest first",
             {.roles = {Role::kCustomer}},
             "",
             "ticketing.v1.TicketList",
             [this](Call& call) { return List(call); }};
  list.query = {{"limit", "How many, 1 to 500."}, {"cursor", "next_cursor of the page before."}};
  Route pdf{"GET",
            "/v1/tickets/{ticket_id}/pdf",
            "getTicketPdf",
            "Gives one ticket to print",
            holders,
            "",
            "",
            [this](Call& call) { return ShowPdf(call); }};
  pdf.response_type = "application/pdf";
  return {std::move(list),
          {"GET", "/v1/tickets/{ticket_id}", "getTicket", "Gives one ticket", holders, "",
           "ticketing.v1.Ticket", [this](Call& call) { return Show(call); }},
          std::move(pdf)};
}

StatusOr<std::vector<TicketRecord>> Tickets::OfOrder(OrderId order) {
  return Select(context_.database,
                "JOIN events e ON e.id = t.event_id WHERE t.order_id = ?"
                " ORDER BY e.starts_at, t.event_id, t.ordinal",
                {order.ToSql()});
}

std::string Tickets::CodeFor(const EventInfo& event, const TicketRecord& ticket) const {
  return IssueTicketCode({.key_id = ticket.key_id,
                          .event_number = event.number,
                          .ticket = ticket.id,
                          .ordinal = ticket.ordinal,
                          .issue = ticket.issue,
                          .zone = ticket.zone,
                          .ticket_type = ticket.ticket_type},
                         keys_.key(ticket.key_id));
}

v1::Ticket Tickets::Message(const EventInfo& event, const TicketRecord& ticket,
                            std::string_view language) const {
  v1::Ticket out;
  out.set_id(ticket.id.ToString());
  out.set_order_id(ticket.order.ToString());
  out.set_event_id(ticket.event.ToString());
  out.set_event_name(event.event.name());
  out.set_venue_name(event.event.venue().name());
  *out.mutable_starts_at() = event.event.starts_at();
  out.set_starts_at_text(event.StartText(language));
  out.set_label(ticket.label);
  if (const std::optional<uint32_t> object = event.chart->Find(ticket.label)) {
    out.set_section(std::string(event.chart->section_label_of(*object)));
    out.set_row(std::string(event.chart->row_label_of(*object)));
    out.set_seat(std::string(event.chart->seat_label_of(*object)));
    out.set_category(event.chart->category_of(*object).name);
    out.set_zone(event.ZoneNameOf(*object));
    out.set_gate(event.GateNameOf(*object));
  }
  out.set_status(std::string(TicketStatusName(ticket.status)));
  // What is bound to a phone has no code but the phone's.
  out.set_bound(!ticket.device_key.empty());
  if (ticket.status == TicketStatus::kValid && !out.bound()) out.set_code(CodeFor(event, ticket));
  out.set_admitted(ticket.admitted);
  out.set_ticket_type(ticket.sold_as);
  return out;
}

v1::TicketPage Tickets::Page(const EventInfo& event, const TicketRecord& ticket,
                             const OrderRecord& order) const {
  v1::TicketPage page;
  page.set_ticket_id(ticket.id.ToString());
  page.set_order_id(ticket.order.ToString());
  page.set_event_name(event.event.name());
  page.set_venue_name(event.event.venue().name());
  page.set_starts_at_text(event.StartText(order.order.language));
  page.set_label(ticket.label);
  if (const std::optional<uint32_t> object = event.chart->Find(ticket.label)) {
    page.set_gate(event.GateNameOf(*object));
    page.set_zone(event.ZoneNameOf(*object));
    page.set_section(std::string(event.chart->section_label_of(*object)));
    page.set_row(std::string(event.chart->row_label_of(*object)));
    page.set_seat(std::string(event.chart->seat_label_of(*object)));
    page.set_category(event.chart->category_of(*object).name);
  }
  // Of a new holder nothing is known here, and the buyer is not him.
  if (ticket.account == order.order.buyer) page.set_holder(order.order.contact.name);
  wire::SetMoney({ticket.price, event.prices.currency}, page.mutable_price());
  page.set_code(CodeFor(event, ticket));
  return page;
}

StatusOr<HttpResponse> Tickets::Pdf(Call& call, const OrderRecord& order,
                                    const std::vector<TicketRecord>& tickets) {
  v1::RenderTicketsRequest body;
  body.set_language(order.order.language);
  const std::optional<std::string> only = call.Query("event_id");
  for (const TicketRecord& ticket : tickets) {
    if (ticket.status != TicketStatus::kValid || !ticket.device_key.empty()) continue;
    if (only && ticket.event.ToString() != *only) continue;
    if (static_cast<size_t>(body.tickets_size()) == kPagesMax) {
      return InvalidField("event_id", "is needed: the order has more than " +
                                          std::to_string(kPagesMax) + " tickets");
    }
    TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(ticket.event));
    *body.add_tickets() = Page(*event, ticket, order);
  }
  if (body.tickets_size() == 0)
    return MakeError(ErrorCode::kOrderState,
                     "There are no valid tickets to print; those on phones are not printed.");
  TICKETING_ASSIGN_OR_RETURN(const std::string bearer, context_.token.Get());
  HttpRequest request;
  request.method = "POST";
  request.target = "/v1/documents/tickets";
  request.headers.Set("Authorization", "Bearer " + bearer);
  request.headers.Set("Content-Type", "application/json");
  request.headers.Set("X-Request-Id", call.request_id);
  request.body = wire::ToJson(body);
  TICKETING_ASSIGN_OR_RETURN(HttpResponse answer,
                             context_.notifications.Send(request, context_.options.call_timeout));
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(answer));
  HttpResponse response;
  response.headers.Set("Content-Type", "application/pdf");
  response.headers.Set("Cache-Control", "private, no-store");
  response.body = std::move(answer.body);
  return response;
}

StatusOr<HttpResponse> Tickets::List(Call& call) {
  const std::optional<AccountId> account = call.principal.account();
  if (!account) return MakeError(ErrorCode::kPermissionDenied, "Only accounts have tickets.");
  TICKETING_ASSIGN_OR_RETURN(const size_t limit, call.PageLimit());
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Cursor> cursor, QueryCursor(call, "cursor"));
  const Cursor before = cursor.value_or(Cursor{INT64_MAX, INT64_MAX});
  TICKETING_ASSIGN_OR_RETURN(
      std::vector<TicketRecord> tickets,
      Select(context_.database,
             // Bought and kept, or taken over: only the latter are found by their holder.
             "WHERE t.id IN (SELECT k.id FROM orders o JOIN tickets k ON k.order_id = o.id"
             " WHERE o.account_id = ? AND k.issue = 0 UNION ALL"
             " SELECT k.id FROM tickets k WHERE k.account_id = ? AND k.issue > 0)"
             " AND (t.created_at < ? OR (t.created_at = ? AND t.id < ?))"
             " ORDER BY t.created_at DESC, t.id DESC LIMIT ?",
             {account->ToSql(), account->ToSql(), before.first, before.first, before.second,
              static_cast<int64_t>(limit + 1)}));
  v1::TicketList list;
  if (tickets.size() > limit) {
    tickets.pop_back();
    list.set_next_cursor(
        EncodeCursor({tickets.back().created_at.micros, tickets.back().id.ToSql()}));
  }
  for (const TicketRecord& ticket : tickets) {
    TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(ticket.event));
    *list.add_tickets() = Message(*event, ticket, call.Query("language").value_or("es"));
  }
  return call.Reply(200, list);
}

StatusOr<TicketRecord> Tickets::Find(TicketId ticket) {
  TICKETING_ASSIGN_OR_RETURN(std::vector<TicketRecord> tickets,
                             Select(context_.database, "WHERE t.id = ?", {ticket.ToSql()}));
  if (tickets.empty()) return MakeError(ErrorCode::kNotFound, "There is no such ticket.");
  return std::move(tickets[0]);
}

StatusOr<TicketRecord> Tickets::FindFor(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const TicketId id, call.PathId<TicketId>("ticket_id"));
  TICKETING_ASSIGN_OR_RETURN(std::vector<TicketRecord> tickets,
                             Select(context_.database, "WHERE t.id = ?", {id.ToSql()}));
  const std::optional<AccountId> caller = call.principal.account();
  const bool allowed =
      !tickets.empty() && (call.principal.IsStaff() || (caller && tickets[0].account == *caller));
  if (!allowed) return MakeError(ErrorCode::kNotFound, "There is no such ticket.");
  return std::move(tickets[0]);
}

StatusOr<HttpResponse> Tickets::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord ticket, FindFor(call));
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(ticket.event));
  return call.Reply(200, Message(*event, ticket, call.Query("language").value_or("es")));
}

StatusOr<HttpResponse> Tickets::ShowPdf(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord ticket, FindFor(call));
  TICKETING_ASSIGN_OR_RETURN(const OrderRecord order, ReadOrder(context_.database, ticket.order));
  return Pdf(call, order, {ticket});
}

}  // namespace ticketing
