#include "lib/service/ticketing/moves.h"

#include <limits>
#include <utility>

#include "lib/wire/convert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/token/handover.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

Status Changed() {
  return MakeError(ErrorCode::kConflict, "The ticket is not valid or changed meanwhile.");
}

TicketClaims ClaimsOf(const EventInfo& event, const TicketRecord& ticket) {
  return {.key_id = ticket.key_id,
          .event_number = event.number,
          .ticket = ticket.id,
          .ordinal = ticket.ordinal,
          .issue = ticket.issue,
          .zone = ticket.zone,
          .ticket_type = ticket.ticket_type};
}

// Rows of one ticket, only if it is still what it was read as.
Status WriteIssue(SqlTransaction& tx, const TicketRecord& next, uint16_t from_issue) {
  TICKETING_ASSIGN_OR_RETURN(
      const int64_t rows,
      tx.Execute("UPDATE tickets SET issue = ?, key_id = ?, account_id = ?, copy_version = ?"
                 " WHERE id = ? AND issue = ? AND status = ?",
                 {int64_t{next.issue}, int64_t{next.key_id}, next.account.ToSql(),
                  static_cast<int64_t>(next.copy_version), next.id.ToSql(), int64_t{from_issue},
                  static_cast<int64_t>(TicketStatus::kValid)}));
  if (rows != 1) return Changed();
  if (next.device_key.empty()) {
    return tx.Execute("DELETE FROM ticket_devices WHERE ticket_id = ?", {next.id.ToSql()}).status();
  }
  return tx
      .Execute(
          "INSERT INTO ticket_devices (ticket_id, device_key) VALUES (?, ?)"
          " ON CONFLICT (ticket_id) DO UPDATE SET device_key = excluded.device_key",
          {next.id.ToSql(), Blob{next.device_key}})
      .status();
}

}  // namespace

std::vector<Route> TicketMoves::Routes() {
  const Access customers{.roles = {Role::kCustomer}};
  const Access holders{.roles = {Role::kCustomer, Role::kBoxOffice, Role::kAdmin}};
  return {{"POST", "/v1/tickets/{ticket_id}/device", "bindTicket",
           "Binds a ticket to the caller's phone, which ends its codes elsewhere", customers,
           "ticketing.v1.BindTicketRequest", "ticketing.v1.BoundTicket",
           [this](Call& call) { return Bind(call); }},
          {"DELETE", "/v1/tickets/{ticket_id}/device", "unbindTicket",
           "Takes a ticket from its phone: the answer has a code to print", holders, "",
           "ticketing.v1.Ticket", [this](Call& call) { return Unbind(call); }},
          {"POST", "/v1/ticket-handovers", "takeTicket",
           "Takes a ticket that another phone signed over to the caller's", customers,
           "ticketing.v1.TakeTicketRequest", "ticketing.v1.BoundTicket",
           [this](Call& call) { return Take(call); }}};
}

StatusOr<TicketRecord> TicketMoves::NextIssue(const TicketRecord& ticket, AccountId account,
                                              const std::string& device_key) {
  if (ticket.status != TicketStatus::kValid) return Changed();
  if (ticket.issue == std::numeric_limits<uint16_t>::max()) {
    return MakeError(ErrorCode::kConflict, "The ticket was moved too often.");
  }
  TicketRecord next = ticket;
  next.issue = static_cast<uint16_t>(ticket.issue + 1);
  next.key_id = keys_.newest();
  next.account = account;
  next.device_key = device_key;
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(ticket.event));
  TICKETING_RETURN_IF_ERROR(at->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    next.copy_version = ++state.counters[at.slot()].copy_version;
    LaneEffect effect;
    effect.rows = [row = next, from = ticket.issue](SqlTransaction& tx) {
      return WriteIssue(tx, row, from);
    };
    return effect;
  }));
  return next;
}

StatusOr<HttpResponse> TicketMoves::ReplyBound(Call& call, const TicketRecord& ticket) {
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(ticket.event));
  v1::BoundTicket bound;
  *bound.mutable_ticket() = tickets_.Message(*event, ticket, call.Query("language").value_or("es"));
  TICKETING_ASSIGN_OR_RETURN(
      *bound.mutable_rotating_ticket(),
      IssueRotatingTicket(ClaimsOf(*event, ticket), ticket.device_key, keys_.key(ticket.key_id)));
  for (const auto& [id, key] : keys_.ring().keys()) {
    v1::TicketKey* row = bound.add_keys();
    row->set_id(id);
    row->set_public_key(HexEncode(key.public_key));
  }
  wire::SetTime(context_.env.clock.Now(), bound.mutable_now());
  return call.Reply(200, bound);
}

StatusOr<HttpResponse> TicketMoves::Bind(Call& call) {
  v1::BindTicketRequest body;
  TICKETING_RETURN_IF_ERROR(call.Read(&body));
  const StatusOr<std::string> key = ParseDeviceCode(body.device_code());
  if (!key.ok()) return InvalidField("device_code", "is not a device code");
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord ticket, tickets_.FindFor(call));
  if (ticket.device_key == *key && ticket.status == TicketStatus::kValid) {
    return ReplyBound(call, ticket);
  }
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord next, NextIssue(ticket, ticket.account, *key));
  return ReplyBound(call, next);
}

StatusOr<HttpResponse> TicketMoves::Unbind(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(TicketRecord ticket, tickets_.FindFor(call));
  if (!ticket.device_key.empty()) {
    TICKETING_ASSIGN_OR_RETURN(ticket, NextIssue(ticket, ticket.account, ""));
  }
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(ticket.event));
  return call.Reply(200, tickets_.Message(*event, ticket, call.Query("language").value_or("es")));
}

StatusOr<HttpResponse> TicketMoves::Take(Call& call) {
  v1::TakeTicketRequest body;
  TICKETING_RETURN_IF_ERROR(call.Read(&body));
  const std::optional<AccountId> account = call.principal.account();
  if (!account) return MakeError(ErrorCode::kPermissionDenied, "Only accounts take tickets.");
  const StatusOr<Handover> claimed = ParseHandover(body.handover());
  const std::optional<std::string> proof = HexDecode(body.proof());
  if (!claimed.ok()) return InvalidField("handover", "is not a handover");
  if (!proof || !IsHandoverAccepted(body.handover(), *account, *proof)) {
    return InvalidField("proof", "is not the phone's signature for this account");
  }
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord ticket, tickets_.Find(claimed->ticket));
  const bool taken = ticket.device_key == claimed->device_key && ticket.account == *account &&
                     ticket.issue == claimed->issue + 1;
  if (taken && ticket.status == TicketStatus::kValid) return ReplyBound(call, ticket);
  // Whoever holds no signature of the ticket's phone learns at most that there is such a ticket,
  // and whether it was moved since: no more than its number, which is as hard to guess, tells of.
  const StatusOr<Handover> handover =
      VerifyHandover(body.handover(), ticket.device_key, context_.env.clock.Now());
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(ticket.event));
  if (CodeOf(handover.status()) == ErrorCode::kTokenExpired || claimed->issue != ticket.issue) {
    return MakeError(ErrorCode::kConflict, "The handover has ended or was used; ask for another.");
  }
  if (!handover.ok() || handover->event_number != event->number) {
    return InvalidField("handover", "was not signed by the ticket's phone");
  }
  TICKETING_ASSIGN_OR_RETURN(const TicketRecord next,
                             NextIssue(ticket, *account, handover->device_key));
  return ReplyBound(call, next);
}

}  // namespace ticketing
