#include "ticketing/service/ticketing/ticketing_service.h"

#include <mutex>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/chart_moves.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/devices.h"
#include "lib/service/ticketing/event_copies.h"
#include "lib/service/ticketing/gate_policy.h"
#include "lib/service/ticketing/holds.h"
#include "lib/service/ticketing/lanes.h"
#include "lib/service/ticketing/moves.h"
#include "lib/service/ticketing/order_payments.h"
#include "lib/service/ticketing/orders.h"
#include "lib/service/ticketing/outbox.h"
#include "lib/service/ticketing/overrides.h"
#include "lib/service/ticketing/place_overrides.h"
#include "lib/service/ticketing/renewals.h"
#include "lib/service/ticketing/sale_rules.h"
#include "lib/service/ticketing/scans.h"
#include "lib/service/ticketing/schema.h"
#include "lib/service/ticketing/seasons.h"
#include "lib/service/ticketing/seat_staff.h"
#include "lib/service/ticketing/ticket_search.h"
#include "lib/service/ticketing/ticket_status.h"
#include "lib/service/ticketing/tickets.h"
#include "ticketing/gate/engine.h"
#include "ticketing/service/common/api.h"

namespace ticketing {
namespace {

constexpr Duration kForgetEvery = Duration::Minutes(10);
constexpr int kFollowAttempts = 20;

}  // namespace

struct TicketingService::Parts {
  Parts(const TicketingPorts& ports, TicketingOptions options, std::unique_ptr<Database> opened,
        TicketKeys ticket_keys, const CloudDevice& cloud, std::unique_ptr<GateEngine> engine)
      : database(std::move(opened)),
        context{ports.env,      *database,   ports.payments,    ports.notifications,
                ports.identity, ports.token, std::move(options)},
        keys(std::move(ticket_keys)),
        idempotency(*database),
        catalog(context),
        lanes(context, catalog),
        sale_rules(lanes),
        seat_staff(context, catalog, lanes),
        holds(context, catalog, lanes),
        tickets(context, catalog, keys),
        moves(context, catalog, lanes, tickets, keys),
        gate_policies(context, catalog, lanes),
        ticket_statuses(context, catalog, lanes, tickets),
        seasons(context, catalog, lanes, keys),
        overrides(context, lanes, keys),
        place_overrides(context, lanes, tickets),
        renewals(context, catalog, lanes),
        charts(catalog, lanes, [this] { return FollowMoves(); }),
        orders(context, catalog, holds, tickets),
        order_payments(context, catalog, orders, keys),
        outbox(context, catalog, tickets),
        devices(context, cloud),
        copies(context, catalog, lanes, devices, keys),
        scans(context, catalog, devices, copies, std::move(engine)),
        searches(context, devices, copies) {}

  // The database tells the lanes and the store of its last commits before it goes, so it goes
  // first.
  ~Parts() { database.reset(); }

  std::vector<Route> Routes() {
    std::vector<Route> all;
    for (std::vector<Route> part :
         {catalog.Routes(), lanes.Routes(), sale_rules.Routes(), seat_staff.Routes(),
          holds.Routes(), orders.Routes(), order_payments.Routes(), tickets.Routes(),
          seasons.Routes(), overrides.Routes(), place_overrides.Routes(), renewals.Routes(),
          charts.Routes(), moves.Routes(), copies.Routes(), scans.Routes(), gate_policies.Routes(),
          ticket_statuses.Routes(), searches.Routes()}) {
      for (Route& route : part) all.push_back(std::move(route));
    }
    for (Route& route : all) route.handler = Following(std::move(route.handler));
    return all;
  }

  // When the chart of an event is replaced, its lane ends, maybe in another process: who comes to
  // the old one finds nothing. He is sent again, as if he had repeated his request himself.
  using Handler = std::function<StatusOr<HttpResponse>(Call&)>;
  Handler Following(Handler handler) {
    return [this, handler = std::move(handler)](Call& call) -> StatusOr<HttpResponse> {
      for (int attempt = 1;; ++attempt) {
        const int64_t known = catalog.moves();
        StatusOr<HttpResponse> response = handler(call);
        if (CodeOf(response.status()) != ErrorCode::kNotFound || attempt == kFollowAttempts)
          return response;
        TICKETING_RETURN_IF_ERROR(FollowMoves());
        // Somebody beside this one may have followed them already.
        if (catalog.moves() == known) return response;
      }
    };
  }

  Status FollowMoves() {
    TICKETING_ASSIGN_OR_RETURN(const bool moved, catalog.FollowMoves());
    return moved ? lanes.FollowMoves() : OkStatus();
  }

  // Whatever changes about the devices is known to the engine and in the copies of all events.
  Status FollowDevices() {
    devices.OnChange([this](const std::vector<CopyDevice>& all) -> Status {
      TICKETING_RETURN_IF_ERROR(scans.engine().AddDevices(all));
      return copies.BumpAll();
    });
    TICKETING_RETURN_IF_ERROR(devices.Load());
    return scans.engine().AddDevices(devices.All());
  }

  Status Ready() {
    return database->Read([](SqlTransaction& tx) {
      return tx.Query("SELECT 1", {}, [](const SqlRow&) { return OkStatus(); });
    });
  }

  std::unique_ptr<Database> database;
  const Context context;
  const TicketKeys keys;
  IdempotencyStore idempotency;
  Catalog catalog;
  Lanes lanes;
  SaleRulesRoutes sale_rules;
  SeatStaff seat_staff;
  Holds holds;
  Tickets tickets;
  TicketMoves moves;
  GatePolicies gate_policies;
  TicketStatuses ticket_statuses;
  Seasons seasons;
  Overrides overrides;
  PlaceOverrides place_overrides;
  Renewals renewals;
  ChartMoves charts;
  Orders orders;
  OrderPayments order_payments;
  Outbox outbox;
  Devices devices;
  EventCopies copies;
  Scans scans;
  TicketSearches searches;
  std::unique_ptr<Api> api;
  Duration forgot_at;
  bool forgot = false;
};

StatusOr<std::unique_ptr<TicketingService>> TicketingService::Open(TicketingPorts ports,
                                                                   TicketingOptions options) {
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                             ports.databases.Open(options.database, TicketingSchema()));
  TICKETING_ASSIGN_OR_RETURN(TicketKeys keys, TicketKeys::Open(*database, ports.env));
  TICKETING_ASSIGN_OR_RETURN(const CloudDevice cloud, CloudDevice::Open(*database, ports.env));
  TICKETING_ASSIGN_OR_RETURN(SigningKey gate_key, SigningKey::FromSeed(cloud.seed));
  TICKETING_ASSIGN_OR_RETURN(
      std::unique_ptr<GateEngine> engine,
      GateEngine::Open(ports.env, ports.databases, options.database + "-gates", std::move(gate_key),
                       GateConfig{.device = cloud.id, .decides_as = DecidedBy::kCloud}));
  auto parts = std::make_unique<Parts>(ports, std::move(options), std::move(database),
                                       std::move(keys), cloud, std::move(engine));
  TICKETING_RETURN_IF_ERROR(parts->FollowDevices());
  ApiOptions api;
  api.service = "ticketing-api";
  api.title = "Ticketing API";
  api.about = "Venues, charts, events, availability, holds, orders, tickets and scans.";
  api.verifier = &ports.verifier;
  api.idempotency = &parts->idempotency;
  api.ready = [raw = parts.get()] { return raw->Ready(); };
  parts->api = std::make_unique<Api>(std::move(api), ports.env, parts->Routes());
  return std::unique_ptr<TicketingService>(new TicketingService(std::move(parts)));
}

TicketingService::TicketingService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

TicketingService::~TicketingService() = default;

HttpHandler& TicketingService::api() {
  return *parts_->api;
}

Status TicketingService::Tick() {
  // Each part is given its turn whatever happened to the others.
  Status first = parts_->FollowMoves();
  first.Update(parts_->lanes.Tick());
  first.Update(parts_->orders.ExpireDue());
  first.Update(parts_->order_payments.Tick());
  first.Update(parts_->outbox.Tick());
  first.Update(parts_->scans.Tick());
  const Duration now = parts_->context.env.clock.Monotonic();
  if (!parts_->forgot || now - parts_->forgot_at >= kForgetEvery) {
    parts_->forgot = true;
    parts_->forgot_at = now;
    first.Update(parts_->idempotency.Expire(parts_->context.env.clock.Now()));
    first.Update(parts_->holds.Tick());
  }
  return first;
}

}  // namespace ticketing
