#include "lib/service/gateway/forward.h"

namespace ticketing {
namespace {

const Access kAdmin = {.roles = {Role::kAdmin}};
const Access kSales = {.roles = {Role::kBoxOffice, Role::kAdmin}};
const Access kGates = {.roles = {Role::kGate, Role::kAdmin}};
const Access kStaff = {.roles = {Role::kBoxOffice, Role::kGate, Role::kAdmin}};

}  // namespace

void AddGatePolicyRoutes(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/gate-policy",
                            .operation = "getGatePolicy",
                            .summary = "How an event is entered.",
                            .access = kStaff,
                            .response = Message("GatePolicy")});
  routes.Add(up.ticketing,
             {.method = "PUT",
              .path = "/v1/events/{event_id}/gate-policy",
              .operation = "replaceGatePolicy",
              .summary = "Replace ticket types, gates, limits of areas, rules and supervisors.",
              .access = kAdmin,
              .request = Message("GatePolicy"),
              .response = Message("GatePolicy")});
  routes.Add(up.ticketing,
             {.method = "POST",
              .path = "/v1/tickets/{ticket_id}/status",
              .operation = "changeTicketStatus",
              .summary = "Block, suspend or cancel a ticket at the gates, or make it valid again.",
              .access = kSales,
              .request = Message("ChangeTicketStatusRequest"),
              .response = Message("Ticket")});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/tickets/{ticket_id}/status-changes",
                            .operation = "listTicketStatusChanges",
                            .summary = "Who changed the status of a ticket, when and why.",
                            .access = kSales,
                            .response = Message("TicketStatusHistory")});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/orders/{order_id}/ticket-status",
                            .operation = "changeOrderTicketStatus",
                            .summary = "The same for all tickets of an order.",
                            .access = kSales,
                            .request = Message("ChangeTicketStatusRequest"),
                            .response = Message("ChangedTicketStatus")});
  routes.Add(up.ticketing,
             {.method = "POST",
              .path = "/v1/scans/{scan_id}/annulments",
              .operation = "annulScan",
              .summary = "Take a mistaken scan back, so that its ticket may enter again.",
              .access = kGates,
              .request = Message("AnnulScanRequest"),
              .success = 204});
}

}  // namespace ticketing
