#include "lib/service/gateway/forward.h"

namespace ticketing {
namespace {

const Access kAnyone = {.anonymous = true};
const Access kCustomer = {.roles = {Role::kCustomer}};

void AddAccounts(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/accounts",
                           .operation = "register",
                           .summary = "Register a customer and log in.",
                           .access = kAnyone,
                           .request = Message("RegisterRequest"),
                           .response = Message("Session"),
                           .success = 201});
  AddSessionRoutes(routes, up);
}

void AddBrowsing(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events",
                            .operation = "listEvents",
                            .summary = "Events on sale, the next one first.",
                            .access = kAnyone,
                            .response = Message("EventList"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}",
                            .operation = "getEvent",
                            .summary = "One event with its prices.",
                            .access = kAnyone,
                            .response = Message("Event")});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/charts/{chart_id}",
                            .operation = "getChart",
                            .summary = "The chart of a venue, in the format ticketing-chart/1.",
                            .access = kAnyone});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/availability",
                            .operation = "getAvailability",
                            .summary = "What is free, two bits a seat.",
                            .access = kAnyone,
                            .response = Message("Availability")});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/availability/changes",
                            .operation = "getAvailabilityChanges",
                            .summary = "What changed since a version.",
                            .access = kAnyone,
                            .response = Message("AvailabilityDelta"),
                            .query = {{"since", "The version that you have."}}});
}

void AddOrders(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/orders",
                            .operation = "createOrder",
                            .summary = "Make an order from a hold; its prices are frozen.",
                            .access = kCustomer,
                            .request = Message("CreateOrderRequest"),
                            .response = Message("Order"),
                            .idempotent_key = true,
                            .success = 201});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/orders",
                            .operation = "listOrders",
                            .summary = "My orders.",
                            .access = kCustomer,
                            .response = Message("OrderList"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/orders/{order_id}",
                            .operation = "getOrder",
                            .summary = "One of my orders.",
                            .access = kCustomer,
                            .response = Message("Order")});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/orders/{order_id}/payments",
                            .operation = "payOrder",
                            .summary = "Pay an order; a declined payment keeps the seats held.",
                            .access = kCustomer,
                            .request = Message("PayOrderRequest"),
                            .response = Message("Order"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/orders/{order_id}/cancel",
                            .operation = "cancelOrder",
                            .summary = "Give up an unpaid order and let its seats go.",
                            .access = kCustomer,
                            .response = Message("Order"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/orders/{order_id}/tickets.pdf",
                            .operation = "getOrderPdf",
                            .summary = "All tickets of an order, one page each.",
                            .access = kCustomer,
                            .query = {{"event_id", "Only of this event: one match of a season."}},
                            .response_type = "application/pdf"});
}

void AddTickets(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(
      up.ticketing,
      {.method = "GET",
       .path = "/v1/renewals",
       .operation = "listRenewals",
       .summary = "Seats of last season that are kept for me; I renew by ordering.",
       .access = kCustomer,
       .response = Message("RenewalList"),
       .query = {{"limit", "How many, 1 to 500."}, {"cursor", "next_cursor of the page before."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/tickets",
                            .operation = "listTickets",
                            .summary = "My tickets.",
                            .access = kCustomer,
                            .response = Message("TicketList"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/tickets/{ticket_id}",
                            .operation = "getTicket",
                            .summary = "One of my tickets.",
                            .access = kCustomer,
                            .response = Message("Ticket")});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/tickets/{ticket_id}/pdf",
                            .operation = "getTicketPdf",
                            .summary = "A ticket to print.",
                            .access = kCustomer,
                            .response_type = "application/pdf"});
  routes.Add(up.ticketing,
             {.method = "POST",
              .path = "/v1/tickets/{ticket_id}/device",
              .operation = "bindTicket",
              .summary = "Bind a ticket to my phone; its codes elsewhere are no longer taken.",
              .access = kCustomer,
              .request = Message("BindTicketRequest"),
              .response = Message("BoundTicket")});
  routes.Add(up.ticketing, {.method = "DELETE",
                            .path = "/v1/tickets/{ticket_id}/device",
                            .operation = "unbindTicket",
                            .summary = "Take a ticket from its phone, to print it.",
                            .access = kCustomer,
                            .response = Message("Ticket")});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/ticket-handovers",
                            .operation = "takeTicket",
                            .summary = "Take a ticket that another phone signed over to mine.",
                            .access = kCustomer,
                            .request = Message("TakeTicketRequest"),
                            .response = Message("BoundTicket")});
}

}  // namespace

std::unique_ptr<Api> MakeClientApi(const Upstreams& upstreams, const GatewayLimits& limits,
                                   Env env) {
  GatewayRoutes routes(upstreams, limits);
  AddAccounts(routes, upstreams);
  AddBrowsing(routes, upstreams);
  AddSeasonBrowsing(routes, upstreams, kAnyone);
  AddHoldRoutes(routes, upstreams, kAnyone);
  AddOrders(routes, upstreams);
  AddTickets(routes, upstreams);
  ApiOptions options;
  options.service = "client-api";
  options.title = "Customer API";
  options.about =
      "Browse events, hold seats, order, pay and carry tickets. The only door for customers.";
  options.verifier = &upstreams.verifier;
  options.outward = true;
  return std::make_unique<Api>(std::move(options), env, routes.Take());
}

}  // namespace ticketing
