#include "lib/service/gateway/forward.h"

namespace ticketing {
namespace {

const Access kAnyone = {.anonymous = true};
const Access kAdmin = {.roles = {Role::kAdmin}};
const Access kSales = {.roles = {Role::kBoxOffice, Role::kAdmin}};
const Access kStaff = {.roles = {Role::kBoxOffice, Role::kGate, Role::kAdmin}};
const Access kDevice = {.roles = {Role::kDevice}};
const Access kStaffAndDevice = {
    .roles = {Role::kBoxOffice, Role::kGate, Role::kAdmin, Role::kDevice}};

void AddPeople(GatewayRoutes& routes, const Upstreams& up) {
  AddSessionRoutes(routes, up);
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/staff",
                           .operation = "createStaff",
                           .summary = "Create a staff account with roles.",
                           .access = kAdmin,
                           .request = Message("CreateStaffRequest"),
                           .response = Message("Account"),
                           .success = 201});
  routes.Add(up.identity, {.method = "GET",
                           .path = "/v1/accounts",
                           .operation = "findAccounts",
                           .summary = "Find customers by email or phone.",
                           .access = kSales,
                           .response = Message("AccountList"),
                           .query = {{"email", "Exact address."}, {"phone", "Exact number."}}});
}

void AddDevices(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/pairings",
                           .operation = "createPairing",
                           .summary = "Make a code that lets one device enrol.",
                           .access = kAdmin,
                           .request = Message("CreatePairingRequest"),
                           .response = Message("Pairing"),
                           .success = 201});
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/devices",
                           .operation = "enrolDevice",
                           .summary = "Enrol a device with a pairing code.",
                           .access = kAnyone,
                           .request = Message("EnrolDeviceRequest"),
                           .response = Message("Device"),
                           .success = 201});
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/devices/relay",
                           .operation = "relayDevice",
                           .summary = "A bastion tells of a handheld that enrolled with it.",
                           .access = kDevice,
                           .request = Message("RelayDeviceRequest"),
                           .response = Message("Device")});
  routes.Add(up.identity, {.method = "GET",
                           .path = "/v1/devices",
                           .operation = "listDevices",
                           .summary = "All devices with their public keys.",
                           .access = kStaffAndDevice,
                           .response = Message("DeviceList")});
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/devices/{device_id}/revoke",
                           .operation = "revokeDevice",
                           .summary = "Shut a lost or stolen device out.",
                           .access = kAdmin,
                           .response = Message("Device")});
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/devices/{device_id}/relay-revocation",
                           .operation = "relayRevocation",
                           .summary = "A bastion tells of a handheld that staff shut out there.",
                           .access = kDevice,
                           .response = Message("Device")});
  routes.Add(up.identity, {.method = "POST",
                           .path = "/v1/device-sessions",
                           .operation = "createDeviceSession",
                           .summary = "An access token for a device that proves its key.",
                           .access = kAnyone,
                           .request = Message("CreateDeviceSessionRequest"),
                           .response = Message("Session"),
                           .success = 201});
}

void AddCatalog(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/venues",
                            .operation = "createVenue",
                            .summary = "Create a venue.",
                            .access = kAdmin,
                            .request = Message("CreateVenueRequest"),
                            .response = Message("Venue"),
                            .success = 201});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/venues",
                            .operation = "listVenues",
                            .summary = "All venues.",
                            .access = kStaff,
                            .response = Message("VenueList")});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/charts",
                            .operation = "importChart",
                            .summary = "Import a chart in the format ticketing-chart/1.",
                            .access = kAdmin,
                            .response = Message("ChartSummary"),
                            .success = 201,
                            .request_type = "application/json; profile=ticketing-chart",
                            .body_bytes_max = limits::kChartBodyBytesMax});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/charts",
                            .operation = "listCharts",
                            .summary = "All charts.",
                            .access = kStaff,
                            .response = Message("ChartList")});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/charts/{chart_id}",
                            .operation = "getChart",
                            .summary = "A chart, in the format ticketing-chart/1.",
                            .access = kStaff});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/events",
                            .operation = "createEvent",
                            .summary = "Create an event with prices, gates and zones.",
                            .access = kAdmin,
                            .request = Message("CreateEventRequest"),
                            .response = Message("Event"),
                            .success = 201});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events",
                            .operation = "listEvents",
                            .summary = "All events.",
                            .access = kStaffAndDevice,
                            .response = Message("EventList"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}",
                            .operation = "getEvent",
                            .summary = "One event.",
                            .access = kStaffAndDevice,
                            .response = Message("Event")});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/availability",
                            .operation = "getAvailability",
                            .summary = "What is free, two bits a seat.",
                            .access = kStaff,
                            .response = Message("Availability")});
}

void AddSeats(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/availability/changes",
                            .operation = "getAvailabilityChanges",
                            .summary = "What changed since a version.",
                            .access = kStaff,
                            .response = Message("AvailabilityDelta"),
                            .query = {{"since", "The version that you have."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/sale-rules",
                            .operation = "getSaleRules",
                            .summary = "Who may buy what of an event.",
                            .access = kAdmin,
                            .response = Message("SaleRules")});
  routes.Add(up.ticketing, {.method = "PUT",
                            .path = "/v1/events/{event_id}/sale-rules",
                            .operation = "replaceSaleRules",
                            .summary = "Replace channels, for-sale lists, windows and table rules.",
                            .access = kAdmin,
                            .request = Message("SaleRules"),
                            .response = Message("SaleRules"),
                            .body_bytes_max = limits::kChartBodyBytesMax});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/events/{event_id}/blocks",
                            .operation = "blockSeats",
                            .summary = "Take seats out of sale, or give them back.",
                            .access = kAdmin,
                            .request = Message("BlockSeatsRequest"),
                            .response = Message("BlockSeatsResult"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/report",
                            .operation = "getSeatReport",
                            .summary = "Places counted by any of their fields.",
                            .access = kAdmin,
                            .response = Message("SeatReport"),
                            .query = {{"by",
                                       "status, category, section, zone, gate, channel,"
                                       " order, kind or available."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/report.csv",
                            .operation = "getSeatTable",
                            .summary = "Every object of an event as a table.",
                            .access = kAdmin,
                            .response_type = "text/csv"});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/history",
                            .operation = "getSeatHistory",
                            .summary = "Every change of every seat, newest first.",
                            .access = kAdmin,
                            .response = Message("SeatHistory"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."},
                                      {"object", "Only of the object with this label."}}});
}

void AddOrders(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.ticketing,
             {.method = "POST",
              .path = "/v1/orders",
              .operation = "createOrder",
              .summary = "Make an order from a hold, for a buyer with or without an account.",
              .access = kSales,
              .request = Message("CreateOrderRequest"),
              .response = Message("Order"),
              .idempotent_key = true,
              .success = 201});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/orders",
                            .operation = "listOrders",
                            .summary = "Orders, newest first.",
                            .access = kSales,
                            .response = Message("OrderList"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."},
                                      {"event_id", "Of this event."},
                                      {"email", "Of this buyer."}}});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/orders/{order_id}",
                            .operation = "getOrder",
                            .summary = "One order.",
                            .access = kSales,
                            .response = Message("Order")});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/orders/{order_id}/payments",
                            .operation = "payOrder",
                            .summary = "Take cash or a card for an order.",
                            .access = kSales,
                            .request = Message("PayOrderRequest"),
                            .response = Message("Order"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/orders/{order_id}/cancel",
                            .operation = "cancelOrder",
                            .summary = "Give up an unpaid order and let its seats go.",
                            .access = kSales,
                            .response = Message("Order"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "POST",
                            .path = "/v1/orders/{order_id}/refund",
                            .operation = "refundOrder",
                            .summary = "Take a completed order back: tickets, seats and money.",
                            .access = kAdmin,
                            .response = Message("Order"),
                            .idempotent_key = true});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/orders/{order_id}/tickets.pdf",
                            .operation = "getOrderPdf",
                            .summary = "All tickets of an order, to print.",
                            .access = kSales,
                            .query = {{"event_id", "Only of this event: one match of a season."}},
                            .response_type = "application/pdf"});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/tickets/{ticket_id}",
                            .operation = "getTicket",
                            .summary = "One ticket.",
                            .access = kSales,
                            .response = Message("Ticket")});
}

void AddMoney(GatewayRoutes& routes, const Upstreams& up) {
  routes.Add(up.payments, {.method = "POST",
                           .path = "/v1/shifts",
                           .operation = "openShift",
                           .summary = "Open a cash shift.",
                           .access = kSales,
                           .request = Message("OpenShiftRequest"),
                           .response = Message("Shift"),
                           .idempotent_key = true,
                           .success = 201});
  routes.Add(up.payments, {.method = "GET",
                           .path = "/v1/shifts/{shift_id}",
                           .operation = "getShift",
                           .summary = "A shift and what its drawer should hold.",
                           .access = kSales,
                           .response = Message("Shift")});
  routes.Add(up.payments, {.method = "POST",
                           .path = "/v1/shifts/{shift_id}/close",
                           .operation = "closeShift",
                           .summary = "Close a shift with the counted cash.",
                           .access = kSales,
                           .request = Message("CloseShiftRequest"),
                           .response = Message("Shift"),
                           .idempotent_key = true});
  routes.Add(up.payments, {.method = "GET",
                           .path = "/v1/ledger/balances",
                           .operation = "getLedgerBalances",
                           .summary = "The books, and whether they balance.",
                           .access = kAdmin,
                           .response = Message("LedgerBalances")});
}

void AddGate(GatewayRoutes& routes, const Upstreams& up) {
  const std::string bytes = "application/x-protobuf";
  routes.Add(up.ticketing,
             {.method = "GET",
              .path = "/v1/gate/event-copies/{number}",
              .operation = "getEventCopy",
              .summary = "What a gate needs of an event, as the message EventCopy.",
              .access = kDevice,
              .query = {{"since", "The version that the device has; a delta comes back."}},
              .response_type = bytes});
  routes.Add(up.ticketing,
             {.method = "GET",
              .path = "/v1/gate/changes",
              .operation = "getChanges",
              .summary = "What others scanned since a cursor, as the message Changes.",
              .access = kDevice,
              .query = {{"after", "The cursor of the answer before."}},
              .response_type = bytes});
  routes.Add(
      up.ticketing,
      {.method = "POST",
       .path = "/v1/gate/log-entries",
       .operation = "uploadLogEntries",
       .summary = "Upload log entries, as the message LogUpload; each is acknowledged by itself.",
       .access = kDevice,
       .request_type = bytes,
       .response_type = bytes,
       .body_bytes_max = 4 << 20});
  routes.Add(
      up.ticketing,
      {.method = "POST",
       .path = "/v1/gate/scans",
       .operation = "decideScan",
       .summary = "Let the cloud decide a scan, as the messages ScanRequest and ScanResponse.",
       .access = kDevice,
       .request_type = bytes,
       .response_type = bytes});
  routes.Add(up.ticketing,
             {.method = "POST",
              .path = "/v1/gate/ticket-searches",
              .operation = "findTickets",
              .summary = "Find tickets by name, order or seat for a supervisor's device, as the "
                         "messages TicketSearch and FoundTickets.",
              .access = kDevice,
              .request_type = bytes,
              .response_type = bytes});
  routes.Add(up.ticketing, {.method = "GET",
                            .path = "/v1/events/{event_id}/scans",
                            .operation = "listScans",
                            .summary = "Scans of an event, each once, newest first.",
                            .access = kStaff,
                            .response = Message("ScanList"),
                            .query = {{"limit", "How many, 1 to 500."},
                                      {"cursor", "next_cursor of the page before."}}});
}

}  // namespace

std::unique_ptr<Api> MakeAdminApi(const Upstreams& upstreams, const GatewayLimits& limits,
                                  Env env) {
  GatewayRoutes routes(upstreams, limits);
  routes.SetDoor(kStaffDoor);
  AddPeople(routes, upstreams);
  AddDevices(routes, upstreams);
  AddCatalog(routes, upstreams);
  AddHoldRoutes(routes, upstreams, kSales);
  AddSeasonBrowsing(routes, upstreams, kStaff);
  AddStaffSeasonRoutes(routes, upstreams);
  AddSeats(routes, upstreams);
  AddOrders(routes, upstreams);
  AddMoney(routes, upstreams);
  AddGate(routes, upstreams);
  AddGatePolicyRoutes(routes, upstreams);
  ApiOptions options;
  options.service = "admin-api";
  options.title = "Staff API";
  options.about =
      "Venues, events, box office, devices and gates. The only door for staff and for the "
      "bastions' sync.";
  options.verifier = &upstreams.verifier;
  options.outward = true;
  return std::make_unique<Api>(std::move(options), env, routes.Take());
}

}  // namespace ticketing
