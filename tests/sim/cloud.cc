#include "tests/sim/cloud.h"

#include "lib/service/ticketing/tickets.h"
#include "lib/wire/convert.h"
#include "ticketing/base/assert.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/v1/identity.pb.h"

namespace ticketing::sim {
namespace {

constexpr int kZones = 4;

// Four stands for standing guests: what a gate needs, and as small as a chart can be.
std::string Chart() {
  std::string areas, zones;
  for (int zone = 1; zone <= kZones; ++zone) {
    const std::string n = std::to_string(zone);
    if (zone > 1) areas += ",", zones += ",";
    areas += R"({"label":"Grada )" + n + R"(","capacity":20000,"category":"G","zone":"z)" + n +
             R"(","gate":"g)" + std::to_string(2 * zone) + "\"}";
    zones += R"({"id":"z)" + n + R"(","name":"Zona )" + n + "\"}";
  }
  std::string gates;
  for (int gate = 1; gate <= 8; ++gate) {
    const std::string n = std::to_string(gate);
    if (gate > 1) gates += ",";
    gates += R"({"id":"g)" + n + R"(","name":"Puerta )" + n + "\"}";
  }
  return R"({"format":"ticketing-chart/1","name":"Estadio simulado","focalPoint":[0,0],)"
         R"("categories":[{"key":"G","name":"General","color":"#0011aa"}],"gates":[)" +
         gates + R"(],"zones":[)" + zones + R"(],"sections":[],"areas":[)" + areas + "]}";
}

// Gates 1 and 2 lead to zone 1, 3, 4 and 5 to zone 2, 5 and 6 to zone 3, 7 and 8 to zone 4: gate 5
// stands beside the other bastion, so that a copied code can be shown on both sides.
std::string Gates() {
  const char* const zones[] = {R"("z1")",      R"("z1")", R"("z2")", R"("z2")",
                               R"("z2","z3")", R"("z3")", R"("z4")", R"("z4")"};
  std::string gates;
  for (int gate = 1; gate <= 8; ++gate) {
    const std::string n = std::to_string(gate);
    if (gate > 1) gates += ",";
    gates +=
        R"({"id":"g)" + n + R"(","name":"Puerta )" + n + R"(","zones":[)" + zones[gate - 1] + "]}";
  }
  return gates;
}

// RFC 9110's form of "2026-11-22T12:00:00Z".
std::string HttpDate(Timestamp time) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::string text = FormatTimestamp(time);
  const auto month = static_cast<size_t>(std::stoi(text.substr(5, 2)) - 1);
  return "Sun, " + text.substr(8, 2) + " " + std::string(kMonths.substr(month * 3, 3)) + " " +
         text.substr(0, 4) + " " + text.substr(11, 8) + " GMT";
}

HttpResponse Problem(const Status& status) {
  return ProblemResponse(status, "");
}

}  // namespace

// Remembers which databases were opened.
class Cloud::Remembering final : public DatabaseFactory {
 public:
  Remembering(Cloud& cloud, DatabaseFactory& inner) : cloud_(cloud), inner_(inner) {}
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override {
    TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> database, inner_.Open(name, schema));
    cloud_.opened_[std::string(name)] = database.get();
    return database;
  }

 private:
  Cloud& cloud_;
  DatabaseFactory& inner_;
};

Cloud::Cloud(Setting& setting, Duration tick, uint64_t seed)
    : Machine(setting, "cloud", true, SqliteOptions().page_size, seed),
      tick_(tick),
      identity_(clock),
      identity_client_(identity_),
      payments_client_(payments_),
      notifications_client_(notifications_),
      verifier_(identity_client_, clock),
      token_(identity_client_, clock, "ticketing-api", "secret"),
      stranger_key_(std::make_unique<SigningKey>(
          *SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'x')))) {}

Cloud::~Cloud() = default;

Status Cloud::Open(DatabaseFactory& databases) {
  remembering_ = std::make_unique<Remembering>(*this, databases);
  TICKETING_ASSIGN_OR_RETURN(
      service_, TicketingService::Open({env(), *remembering_, verifier_, payments_client_,
                                        notifications_client_, identity_client_, token_}));
  return OkStatus();
}

void Cloud::Close() {
  lane_.reset();
  service_.reset();
}

void Cloud::Started() {
  setting_.network.Bind(node(), this);
  Every(tick_, [this] { (void)service_->Tick(); });
}

HttpResponse Cloud::Handle(const HttpRequest& request) {
  const Inside inside(*this);
  HttpResponse response = request.path() == "/v1/device-sessions" ? Session(request)
                          : request.path() == "/v1/devices/relay" ? Relay(request)
                                                                  : service_->api().Handle(request);
  response.headers.Set("Date", HttpDate(clock.Now()));  // as the HTTP server does
  return response;
}

HttpResponse Cloud::Session(const HttpRequest& request) {
  v1::CreateDeviceSessionRequest body;
  const Status read = wire::FromJson(request.body, &body);
  if (!read.ok()) return Problem(read);
  const auto id = DeviceId::Parse(body.device_id());
  const auto found = id ? devices_.find(*id) : devices_.end();
  if (found == devices_.end()) {
    return Problem(MakeError(ErrorCode::kUnauthenticated, "no such device"));
  }
  const StatusOr<Timestamp> proof =
      identity::CheckDeviceProof(found->second, body.time(), body.signature(), clock.Now());
  if (!proof.ok()) return Problem(proof.status());
  found->second.last_proof_at = *proof;
  v1::Session session;
  session.set_access_token(identity_.Token(id->ToString(), {Role::kDevice}));
  wire::SetTime(clock.Now() + limits::kAccessTokenLife, session.mutable_access_expires_at());
  HttpResponse response;
  response.status = 201;
  response.headers.Set("Content-Type", "application/json");
  response.body = wire::ToJson(session);
  return response;
}

HttpResponse Cloud::Relay(const HttpRequest& request) {
  v1::RelayDeviceRequest body;
  const Status read = wire::FromJson(request.body, &body);
  if (!read.ok()) return Problem(read);
  const auto id = DeviceId::Parse(body.device_id());
  if (!id) return Problem(InvalidField("device_id", "is not one"));
  if (!devices_.contains(*id)) AddDevice(*id, body.public_key(), false);
  HttpResponse response;
  response.body = "{}";
  return response;
}

void Cloud::AddDevice(DeviceId id, const std::string& public_key, bool bastion) {
  identity::Device device;
  device.id = id;
  device.public_key = public_key;
  device.kind = bastion ? identity::DeviceKind::kBastion : identity::DeviceKind::kHandheld;
  devices_[id] = device;
  identity_.devices.push_back({id, public_key, bastion ? "bastion" : "handheld", false});
}

void Cloud::Revoke(DeviceId id) {
  devices_.at(id).revoked_at = clock.Now();
  for (FakeIdentity::Device& device : identity_.devices) {
    if (device.id == id) device.revoked = true;
  }
}

HttpResponse Cloud::Ask(std::string method, std::string target, std::string_view token,
                        std::string body, std::string key) {
  const Inside inside(*this);
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers.Set("Authorization", "Bearer " + std::string(token));
  if (!key.empty()) request.headers.Set("Idempotency-Key", key);
  if (!body.empty()) request.headers.Set("Content-Type", "application/json");
  request.body = std::move(body);
  return service_->api().Handle(request);
}

Status Cloud::MakeEvent(Duration until_kickoff) {
  const std::string admin = identity_.Token(AccountId{1}.ToString(), {Role::kAdmin});
  const HttpResponse venue =
      Ask("POST", "/v1/venues", admin,
          R"({"name":"Estadio","city":"Puebla","utc_offset_minutes":-360})", "");
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(venue));
  const HttpResponse chart = Ask("POST", "/v1/charts", admin, Chart(), "");
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(chart));
  const Timestamp kickoff = kSimStart + until_kickoff;
  const HttpResponse event = Ask(
      "POST", "/v1/events", admin,
      R"({"venue_id":")" + Parse<v1::Venue>(venue).id() + R"(","chart_id":")" +
          Parse<v1::ChartSummary>(chart).id() + R"(","name":"Final","starts_at":")" +
          FormatTimestamp(kickoff) + R"(","doors_open_at":")" +
          FormatTimestamp(kSimStart - Duration::Minutes(30)) + R"(","ends_at":")" +
          FormatTimestamp(kickoff + Duration::Hours(6)) +
          R"(","currency":"MXN","prices":[{"category":"G","price":{"minor":"20000","currency":"MXN"}}],)"
          R"("gates":[)" +
          Gates() + "]}",
      "");
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(event));
  const v1::Event made = Parse<v1::Event>(event);
  event_id_ = made.id();
  event_number_ = static_cast<uint32_t>(made.number());
  TICKETING_ASSIGN_OR_RETURN(seat::Chart parsed, seat::ParseChart(Chart()));
  chart_ = std::make_shared<const seat::Chart>(std::move(parsed));
  lane_ =
      std::make_unique<EventLane>(env(), Tables("ticketing"), *EventId::Parse(event_id_), chart_);
  return ReadKeys();
}

Status Cloud::ReadKeys() {
  return Tables("ticketing").Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT key_id, seed FROM ticket_keys ORDER BY key_id", {},
                    [&](const SqlRow& row) -> Status {
                      TICKETING_ASSIGN_OR_RETURN(SigningKey key,
                                                 SigningKey::FromSeed(row.Bytes(1)));
                      key_id_ = static_cast<uint8_t>(row.Int(0));
                      ticket_key_ = std::make_unique<SigningKey>(std::move(key));
                      return OkStatus();
                    });
  });
}

// Through a lane of the service's own database, with the rows that the service itself would write:
// 25,000 purchases one by one would take longer than the match.
StatusOr<std::vector<SoldTicket>> Cloud::SellBefore(size_t count, SeededRandom& random) {
  TICKETING_RETURN_IF_ERROR(Buy(1, 1, 0).status());
  TICKETING_RETURN_IF_ERROR(service_->Tick());  // its mail goes before it has so many tickets
  OrderId order;
  TICKETING_RETURN_IF_ERROR(Tables("ticketing").Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT id FROM orders", {}, [&](const SqlRow& row) {
      order = OrderId::FromSql(row.Int(0));
      return OkStatus();
    });
  }));
  std::vector<SoldTicket> sold(count);
  for (size_t i = 0; i < count; ++i) {
    sold[i].id = random.NewId<TicketId>();
    sold[i].zone = static_cast<uint16_t>(1 + i % kZones);
  }
  const Timestamp now = clock.Now();
  TICKETING_RETURN_IF_ERROR(lane_->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneCounters& counters = state.counters[0];
    counters.copy_version += 1;
    LaneEffect effect;
    for (SoldTicket& ticket : sold) {
      TicketRecord record;
      record.id = ticket.id;
      record.order = order;
      record.event = *EventId::Parse(event_id_);
      record.account = AccountId{77};
      record.ordinal = ticket.ordinal = counters.next_ordinal++;
      record.label = "Grada " + std::to_string(ticket.zone);
      record.category = "G";
      record.zone = ticket.zone;
      record.key_id = key_id_;
      record.created_at = now;
      record.copy_version = counters.copy_version;
      effect.inserts.push_back(TicketInsert(record));
    }
    return effect;
  }));
  return sold;
}

Status Cloud::SetPolicy(bool reentry, int area_max) {
  const std::string admin = identity_.Token(AccountId{1}.ToString(), {Role::kAdmin});
  std::string body = "{";
  if (reentry) {
    body += R"("ticket_types":[{"id":"general","name":"General","reentry":"after_exit"}])";
  }
  if (area_max > 0) {
    if (reentry) body += ",";
    body += R"("areas":[{"zone":"z4","persons_max":)" + std::to_string(area_max) + "}]";
  }
  return StatusOfResponse(
      Ask("PUT", "/v1/events/" + event_id_ + "/gate-policy", admin, body + "}", ""));
}

StatusOr<std::vector<SoldTicket>> Cloud::Buy(uint16_t zone, int quantity, uint64_t key) {
  const std::string name = "sim-" + std::to_string(key);
  const std::string visitor = identity_.Token("client-api", {Role::kService});
  const std::string customer = identity_.Token(AccountId{77}.ToString(), {Role::kCustomer});
  const HttpResponse hold = Ask("POST", "/v1/events/" + event_id_ + "/holds", visitor,
                                R"({"objects":[{"label":"Grada )" + std::to_string(zone) +
                                    R"(","quantity":)" + std::to_string(quantity) + "}]}",
                                name);
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(hold));
  const HttpResponse order =
      Ask("POST", "/v1/orders", customer,
          R"({"event_id":")" + event_id_ + R"(","hold_id":")" + Parse<v1::Hold>(hold).id() + "\"}",
          name);
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(order));
  const HttpResponse paid = Ask("POST", "/v1/orders/" + Parse<v1::Order>(order).id() + "/payments",
                                customer, R"({"card":{"payment_method":"pm_ok"}})", name);
  TICKETING_RETURN_IF_ERROR(StatusOfResponse(paid));
  std::vector<SoldTicket> tickets;
  const OrderId id = *OrderId::Parse(Parse<v1::Order>(order).id());
  TICKETING_RETURN_IF_ERROR(Tables("ticketing").Read([&](SqlTransaction& tx) {
    return tx.Query(
        "SELECT id, ordinal, zone, issue FROM tickets WHERE order_id = ?"
        " ORDER BY ordinal",
        {id.ToSql()}, [&](const SqlRow& row) {
          tickets.push_back({TicketId::FromSql(row.Int(0)), static_cast<uint32_t>(row.Int(1)),
                             static_cast<uint16_t>(row.Int(2)), static_cast<uint16_t>(row.Int(3))});
          return OkStatus();
        });
  }));
  return tickets;
}

Status Cloud::ChangeTicket(const char* sql, TicketId ticket) {
  const Inside inside(*this);
  return lane_->Run([sql, ticket](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    const uint64_t version = state.counters[0].copy_version += 1;
    LaneEffect effect;
    effect.rows = [sql, ticket, version](SqlTransaction& tx) {
      return tx.Execute(sql, {static_cast<int64_t>(version), ticket.ToSql()}).status();
    };
    return effect;
  });
}

Status Cloud::Refund(TicketId ticket) {
  static_assert(static_cast<int>(TicketStatus::kRevoked) == 3);
  return ChangeTicket("UPDATE tickets SET status = 3, copy_version = ? WHERE id = ?", ticket);
}

StatusOr<uint16_t> Cloud::Reissue(TicketId ticket) {
  TICKETING_RETURN_IF_ERROR(
      ChangeTicket("UPDATE tickets SET issue = issue + 1, copy_version = ? WHERE id = ?", ticket));
  uint16_t issue = 0;
  TICKETING_RETURN_IF_ERROR(Tables("ticketing").Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT issue FROM tickets WHERE id = ?", {ticket.ToSql()},
                    [&](const SqlRow& row) {
                      issue = static_cast<uint16_t>(row.Int(0));
                      return OkStatus();
                    });
  }));
  return issue;
}

TicketClaims Cloud::ClaimsOf(const SoldTicket& ticket) const {
  TicketClaims claims;
  claims.key_id = key_id_;
  claims.event_number = event_number_;
  claims.ticket = ticket.id;
  claims.ordinal = ticket.ordinal;
  claims.issue = ticket.issue;
  claims.zone = ticket.zone;
  claims.ticket_type = kOrdinaryTicketType;
  return claims;
}

std::string Cloud::CodeFor(const SoldTicket& ticket, bool forged) const {
  TicketClaims claims = ClaimsOf(ticket);
  if (forged && ticket.ordinal % 2 == 1) claims.key_id = kStrangeKeyId;
  return IssueTicketCode(claims, forged ? *stranger_key_ : *ticket_key_);
}

StatusOr<std::string> Cloud::RotatingTicketFor(const SoldTicket& ticket,
                                               const std::string& device_key) const {
  return IssueRotatingTicket(ClaimsOf(ticket), device_key, *ticket_key_);
}

KeyRing Cloud::Issuers() const {
  KeyRing issuers;
  TICKETING_ASSERT(issuers.Add(key_id_, TrustedKey{.public_key = ticket_key_->public_key()}).ok());
  return issuers;
}

}  // namespace ticketing::sim
