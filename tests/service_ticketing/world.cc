#include "tests/service_ticketing/world.h"

#include "lib/service/ticketing/order_store.h"
#include "lib/service/ticketing/schema.h"
#include "lib/wire/convert.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/service/common/api.h"
#include "ticketing/token/jwk.h"
#include "ticketing/v1/identity.pb.h"

namespace ticketing {
namespace {

HttpResponse Json(int status, const google::protobuf::Message& message) {
  HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "application/json");
  response.body = wire::ToJson(message);
  return response;
}

}  // namespace

FakeIdentity::FakeIdentity(Clock& clock)
    : clock_(clock),
      key_(*SigningKey::FromSeed(std::string(kSignatureSeedBytes, 'i'))),
      kid_(JwkThumbprint(key_.public_key())) {}

std::string FakeIdentity::Token(std::string subject, std::vector<Role> roles) {
  AccessClaims claims;
  claims.issuer = kTokenIssuer;
  claims.audience = kTokenAudience;
  claims.subject = std::move(subject);
  claims.roles = std::move(roles);
  claims.issued_at = claims.not_before = clock_.Now();
  claims.expires_at = clock_.Now() + Duration::Days(30);
  claims.token_id = "t";
  return SignAccessToken(claims, kid_, key_);
}

HttpResponse FakeIdentity::Handle(const HttpRequest& request) {
  if (request.path() == "/.well-known/jwks.json") {
    JwkSet keys;
    EXPECT_OK(keys.Add(key_.public_key()));
    HttpResponse response;
    response.body = keys.ToJson();
    return response;
  }
  if (request.path() == "/v1/service-sessions") {
    v1::Session session;
    session.set_access_token(Token("ticketing-api", {Role::kService}));
    wire::SetTime(clock_.Now() + Duration::Days(30), session.mutable_access_expires_at());
    return Json(201, session);
  }
  if (request.path() == "/v1/me") {
    v1::Account account;
    account.set_name("Ana Pérez");
    account.set_email("ana@example.mx");
    account.set_language("es");
    return Json(200, account);
  }
  if (request.path() == "/v1/devices" && !devices_down) {
    v1::DeviceList list;
    for (const Device& device : devices) {
      v1::Device* out = list.add_devices();
      out->set_id(device.id.ToString());
      out->set_public_key(device.public_key);
      out->set_kind(device.kind);
      out->set_name("Lector");
      out->set_revoked(device.revoked);
    }
    return Json(200, list);
  }
  return ProblemResponse(MakeError(ErrorCode::kUnavailable, "Not now."), "");
}

HttpResponse FakePayments::Handle(const HttpRequest& request) {
  if (before) {
    if (std::optional<HttpResponse> answer = before(request)) return *std::move(answer);
  }
  if (request.path() == "/v1/payments") return Pay(request);
  if (request.path() == "/v1/refunds") return Refund(request);
  return ProblemResponse(MakeError(ErrorCode::kNotFound, "Nothing here."), "");
}

HttpResponse FakePayments::Pay(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  const std::string key(request.headers.Get("Idempotency-Key").value_or(""));
  EXPECT_FALSE(key.empty());
  v1::CreatePaymentRequest body;
  EXPECT_OK(wire::FromJson(request.body, &body));
  EXPECT_OK(wire::Validate(body));
  v1::Payment& payment = by_key_[key];
  if (!payment.id().empty()) {
    EXPECT_EQ(payment.order_id(), body.order_id());
    return Json(201, payment);
  }
  payment.set_id(PaymentId{by_key_.size()}.ToString());
  payment.set_order_id(body.order_id());
  *payment.mutable_amount() = body.amount();
  payment.set_method(body.has_cash() ? "cash" : "card");
  const std::string card = body.card().payment_method();
  payment.set_status(card == "pm_declined" ? "declined"
                     : card == "pm_action" ? "requires_action"
                                           : "succeeded");
  if (card == "pm_declined") {
    payment.set_decline_code("insufficient_funds");
    payment.set_message("La tarjeta no tiene fondos");
  }
  if (body.has_cash()) {
    *payment.mutable_change() = body.cash().tendered();
    payment.mutable_change()->set_minor(body.cash().tendered().minor() - body.amount().minor());
  }
  if (payment.status() == "succeeded") net_[body.order_id()] += body.amount().minor();
  return Json(201, payment);
}

HttpResponse FakePayments::Refund(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  const std::string key(request.headers.Get("Idempotency-Key").value_or(""));
  EXPECT_FALSE(key.empty());
  v1::CreateRefundRequest body;
  EXPECT_OK(wire::FromJson(request.body, &body));
  v1::Refund& refund = refunds_by_key_[key];
  if (refund.id().empty()) {
    refund.set_id(RefundId{refunds_by_key_.size()}.ToString());
    refund.set_payment_id(body.payment_id());
    refund.set_status("succeeded");
    for (auto& [paid, payment] : by_key_) {
      if (payment.id() == body.payment_id()) net_[payment.order_id()] -= body.amount().minor();
    }
  }
  return Json(201, refund);
}

std::map<std::string, int64_t> FakePayments::Net() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, int64_t> net;
  for (const auto& [order, amount] : net_) {
    if (amount != 0) net[order] = amount;
  }
  return net;
}

int FakePayments::refunds() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(refunds_by_key_.size());
}

size_t FakePayments::payments() const {
  const std::lock_guard lock(mutex_);
  return by_key_.size();
}

HttpResponse FakeNotifications::Handle(const HttpRequest& request) {
  if (down) return ProblemResponse(MakeError(ErrorCode::kUnavailable, "Not now."), "");
  if (request.path() == "/v1/documents/tickets") {
    rendered = request.body;
    HttpResponse response;
    response.headers.Set("Content-Type", "application/pdf");
    response.body = "%PDF-1.4 tickets";
    return response;
  }
  ++calls;
  v1::CreateMessageRequest message;
  EXPECT_OK(wire::FromJson(request.body, &message));
  EXPECT_OK(wire::Validate(message));
  messages.emplace(message.dedupe_key(), message);
  return Json(201, v1::Message());
}

StatusOr<HttpResponse> CutClient::Send(const HttpRequest& request, Duration) {
  if (cut_before) return MakeError(ErrorCode::kUnavailable, "The line is cut.");
  HttpResponse response = handler_.Handle(request);
  if (cut_after) return MakeError(ErrorCode::kDeadlineExceeded, "The answer did not come.");
  return response;
}

class MortalDatabase final : public Database {
 public:
  MortalDatabase(MortalFactory& factory, std::unique_ptr<Database> real)
      : factory_(factory), real_(std::move(real)) {}

  Status Read(const SqlFunction& fn) override {
    if (factory_.dead()) return Gone();
    return real_->Read(fn);
  }
  Status Write(const SqlFunction& fn) override {
    const Fate fate = Next();
    if (fate == Fate::kGone) return Gone();
    const Status status = real_->Write(fn);
    return fate == Fate::kLast ? Gone() : status;
  }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
    const Fate fate = Next();
    if (fate == Fate::kGone) return done(Gone());
    real_->WriteAsync(std::move(fn), [fate, done = std::move(done)](Status status) {
      done(fate == Fate::kLast ? Gone() : std::move(status));
    });
  }

 private:
  enum class Fate { kLives, kLast, kGone };

  static Status Gone() { return MakeError(ErrorCode::kUnavailable, "The process died."); }
  Fate Next() {
    const std::lock_guard lock(factory_.mutex_);
    if (factory_.dead_) return Fate::kGone;
    if (factory_.left_ == 0 || --factory_.left_ > 0) return Fate::kLives;
    factory_.dead_ = true;
    return factory_.death_ == MortalFactory::Death::kBeforeWrite ? Fate::kGone : Fate::kLast;
  }

  MortalFactory& factory_;
  std::unique_ptr<Database> real_;
};

StatusOr<std::unique_ptr<Database>> MortalFactory::Open(std::string_view name,
                                                        const std::vector<Migration>& schema) {
  TICKETING_ASSIGN_OR_RETURN(std::unique_ptr<Database> real, real_.Open(name, schema));
  return std::unique_ptr<Database>(std::make_unique<MortalDatabase>(*this, std::move(real)));
}

void MortalFactory::DieAt(int n, Death death) {
  const std::lock_guard lock(mutex_);
  left_ = n;
  death_ = death;
  dead_ = false;
}

bool MortalFactory::dead() const {
  const std::lock_guard lock(mutex_);
  return dead_;
}

std::string SmallChart(int rows, int seats) {
  std::string row_list;
  for (int r = 0; r < rows; ++r) {
    std::string seat_list;
    for (int s = 1; s <= seats; ++s) {
      seat_list += (s > 1 ? "," : "") + std::string("{\"label\":\"") + std::to_string(s) +
                   "\",\"at\":[" + std::to_string(s * 50) + "," + std::to_string(r * 90 + 500) +
                   "]}";
    }
    row_list += (r > 0 ? "," : "") + std::string("{\"label\":\"") + static_cast<char>('A' + r) +
                "\",\"seats\":[" + seat_list + "]}";
  }
  return R"({"format":"ticketing-chart/1","name":"Sala","venue":"Teatro","focalPoint":[0,0],
    "categories":[{"key":"A","name":"Platea","color":"#c8102e"},
                  {"key":"G","name":"General","color":"#0011aa"}],
    "gates":[{"id":"1","name":"Puerta 1"},{"id":"2","name":"Puerta 2"}],
    "zones":[{"id":"n","name":"Norte"},{"id":"s","name":"Sur"}],
    "sections":[{"label":"N","zone":"n","gate":"1","category":"A","rows":[)" +
         row_list + R"(]},
      {"label":"S","zone":"s","gate":"2","category":"A","rows":[{"label":"A","seats":[
        {"label":"1","at":[0,-900]},{"label":"2","at":[50,-900]},
        {"label":"3","at":[100,-900]},{"label":"4","at":[150,-900]}]}]}],
    "areas":[{"label":"Pie","capacity":50,"category":"G","zone":"s","gate":"2"}]})";
}

World::World(uint64_t seed)
    : env(seed),
      identity(env.clock),
      identity_client(identity),
      payments_client(payments),
      notifications_client(notifications),
      verifier(identity_client, env.clock),
      service_token(identity_client, env.clock, "ticketing-api", "secret"),
      sqlite(SqliteOptions{.data_dir = dir.path()}),
      databases(sqlite),
      customer_id(AccountId{77}),
      device_id(DeviceId{55}) {
  admin = identity.Token(AccountId{1}.ToString(), {Role::kAdmin});
  box_office = identity.Token(AccountId{2}.ToString(), {Role::kBoxOffice});
  customer = identity.Token(customer_id.ToString(), {Role::kCustomer});
  stranger = identity.Token(AccountId{78}.ToString(), {Role::kCustomer});
  visitor = identity.Token("client-api", {Role::kService});
  gate = identity.Token(AccountId{3}.ToString(), {Role::kGate});
  device = identity.Token(device_id.ToString(), {Role::kDevice});
  Open();
}

World::~World() = default;

std::unique_ptr<TicketingService> World::OpenAnother() {
  auto opened = TicketingService::Open({env.env(), databases, verifier, payments_client,
                                        notifications_client, identity_client, service_token});
  EXPECT_OK(opened);
  return opened.ok() ? *std::move(opened) : nullptr;
}

void World::Open() {
  service = OpenAnother();
}

void World::Restart() {
  service.reset();
  databases.DieAt(0, MortalFactory::Death::kBeforeWrite);
  Open();
}

HttpResponse World::SendTo(TicketingService& to, std::string method, std::string target,
                           std::string_view token, std::string body, std::string key) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  if (!token.empty()) request.headers.Set("Authorization", "Bearer " + std::string(token));
  if (!key.empty()) request.headers.Set("Idempotency-Key", key);
  if (!body.empty()) request.headers.Set("Content-Type", "application/json");
  request.body = std::move(body);
  return to.api().Handle(request);
}

HttpResponse World::Send(std::string method, std::string target, std::string_view token,
                         std::string body, std::string key) {
  return SendTo(*service, std::move(method), std::move(target), token, std::move(body),
                std::move(key));
}

void World::MakeEvent(std::string chart) {
  const HttpResponse venue =
      Send("POST", "/v1/venues", admin,
           R"({"name":"Teatro Azul","city":"Puebla","utc_offset_minutes":-360})");
  ASSERT_EQ(venue.status, 201) << venue.body;
  const HttpResponse made = Send("POST", "/v1/charts", admin, std::move(chart));
  ASSERT_EQ(made.status, 201) << made.body;
  chart_id = Parse<v1::ChartSummary>(made).id();
  const HttpResponse event =
      Send("POST", "/v1/events", admin,
           R"({"venue_id":")" + Parse<v1::Venue>(venue).id() + R"(","chart_id":")" + chart_id +
               R"(","name":"Final","starts_at":"2026-12-05T01:30:00Z","currency":"MXN",
          "prices":[{"category":"A","price":{"minor":"50000","currency":"MXN"}},
                    {"category":"G","price":{"minor":"20000","currency":"MXN"}}],
          "fees":[{"name":"servicio","basis_points":1000}],"tax_basis_points":1600})");
  ASSERT_EQ(event.status, 201) << event.body;
  event_id = Parse<v1::Event>(event).id();
}

std::string World::MakeFreeEvent() {
  const auto paid = Parse<v1::Event>(Send("GET", "/v1/events/" + event_id, admin));
  const HttpResponse made =
      Send("POST", "/v1/events", admin,
           R"({"venue_id":")" + paid.venue().id() + R"(","chart_id":")" + chart_id +
               R"(","name":"Libre","starts_at":"2026-12-06T01:30:00Z","currency":"MXN","prices":[
          {"category":"A","price":{"minor":"0","currency":"MXN"}},
          {"category":"G","price":{"minor":"0","currency":"MXN"}}]})");
  EXPECT_EQ(made.status, 201) << made.body;
  return Parse<v1::Event>(made).id();
}

HttpResponse World::Hold(const std::vector<std::string>& labels, std::string key) {
  v1::CreateHoldRequest request;
  for (const std::string& label : labels) request.add_objects()->set_label(label);
  return Send("POST", "/v1/events/" + event_id + "/holds", visitor, wire::ToJson(request),
              std::move(key));
}

HttpResponse World::Order(const std::string& hold_id, std::string key) {
  return Send("POST", "/v1/orders", customer,
              R"({"event_id":")" + event_id + R"(","hold_id":")" + hold_id + "\"}", std::move(key));
}

HttpResponse World::Pay(const std::string& order_id, std::string card, std::string key) {
  return Send("POST", "/v1/orders/" + order_id + "/payments", customer,
              R"({"card":{"payment_method":")" + card + "\"}}", std::move(key));
}

v1::Order World::Buy(const std::vector<std::string>& labels, const std::string& key) {
  const HttpResponse hold = Hold(labels, key);
  EXPECT_EQ(hold.status, 201) << hold.body;
  const HttpResponse order = Order(Parse<v1::Hold>(hold).id(), key);
  EXPECT_EQ(order.status, 201) << order.body;
  const HttpResponse paid = Pay(Parse<v1::Order>(order).id(), "pm_ok", key);
  EXPECT_EQ(paid.status, 200) << paid.body;
  return Parse<v1::Order>(paid);
}

int64_t World::Sql(const std::string& query) {
  SqliteDatabaseFactory other(SqliteOptions{.data_dir = dir.path()});
  auto database = other.Open("ticketing", TicketingSchema());
  EXPECT_OK(database);
  int64_t value = -1;
  EXPECT_OK((*database)->Read([&](SqlTransaction& tx) {
    return tx.Query(query, {}, [&](const SqlRow& row) {
      value = row.Int(0);
      return OkStatus();
    });
  }));
  return value;
}

std::vector<seat::SeatRow> World::Seats(std::vector<seat::Hold>* holds) {
  std::vector<seat::SeatRow> rows;
  if (event_id.empty()) return rows;
  SqliteDatabaseFactory other(SqliteOptions{.data_dir = dir.path()});
  auto database = other.Open("ticketing", TicketingSchema());
  EXPECT_OK(database);
  std::string body;
  EXPECT_OK((*database)->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT c.body FROM charts c JOIN events e ON e.chart_id = c.id WHERE e.id = ?",
                    {EventId::Parse(event_id)->ToSql()}, [&](const SqlRow& row) {
                      body = row.Text(0);
                      return OkStatus();
                    });
  }));
  const auto chart = std::make_shared<const seat::Chart>(*seat::ParseChart(body));
  // The clock of long ago: what has expired is still there.
  TestEnv before;
  before.clock.SetNow(Timestamp{});
  EventLane lane(before.env(), **database, *EventId::Parse(event_id), chart);
  EXPECT_OK(lane.Ask([&](const LaneState& state) {
    rows = state.seats.at(0).Rows();
    if (holds != nullptr) *holds = state.seats.at(0).Holds();
    return OkStatus();
  }));
  return rows;
}

int64_t World::Count(seat::SeatStatus status) {
  int64_t places = 0;
  for (const seat::SeatRow& row : Seats()) places += row.status == status ? row.quantity : 0;
  return places;
}

void World::SettleAll() {
  for (int i = 0; i < 12; ++i) {
    EXPECT_OK(service->Tick());
    env.clock.Advance(Duration::Seconds(2) * (i + 1));
  }
}

std::vector<OrderRecord> World::Sold() {
  std::vector<OrderRecord> sold;
  SqliteDatabaseFactory other(SqliteOptions{.data_dir = dir.path()});
  auto database = other.Open("ticketing", TicketingSchema());
  EXPECT_OK(database);
  if (!database.ok()) return sold;
  EXPECT_OK((*database)->Read([&](SqlTransaction& tx) -> Status {
    std::vector<OrderId> ids;
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT id FROM orders WHERE state = 4", {}, [&](const SqlRow& row) {
          ids.push_back(OrderId::FromSql(row.Int(0)));
          return OkStatus();
        }));
    for (const OrderId id : ids) {
      TICKETING_ASSIGN_OR_RETURN(OrderRecord record, ReadOrder(tx, id));
      sold.push_back(std::move(record));
    }
    return OkStatus();
  }));
  return sold;
}

void World::Audit() {
  // A sold seat has its order, that order is completed, and has as many tickets as places.
  std::map<OrderId, int64_t> places;
  for (const seat::SeatRow& row : Seats()) {
    if (row.status == seat::SeatStatus::kBooked) places[row.order] += row.quantity;
  }
  for (const auto& [order, quantity] : places) {
    const std::string id = std::to_string(order.ToSql());
    EXPECT_EQ(Sql("SELECT COUNT(*) FROM orders WHERE state = 4 AND id = " + id), 1);
    EXPECT_EQ(Sql("SELECT COUNT(*) FROM tickets WHERE order_id = " + id), quantity);
  }
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM orders WHERE state = 4"),
            static_cast<int64_t>(places.size()));
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM tickets t LEFT JOIN orders o ON o.id = t.order_id"
                " WHERE o.id IS NULL OR o.state <> 4"),
            0);
  // A hold has its prices.
  std::vector<seat::Hold> live;
  Seats(&live);
  for (const seat::Hold& hold : live) {
    EXPECT_EQ(Sql("SELECT COUNT(*) FROM hold_lines WHERE id = " + std::to_string(hold.id.ToSql())),
              1);
  }
  // Nothing is in between: paying, awaiting, paid, refunding.
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM orders WHERE state IN (1, 2, 3, 7)"), 0);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM payment_attempts WHERE state IN (0, 1, 4)"), 0);
  // Ordinals are dense.
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM lane_counters c WHERE c.next_ordinal <>"
                " (SELECT COUNT(*) FROM tickets t WHERE t.event_id = c.lane_id)"),
            0);
  EXPECT_EQ(Sql("SELECT COALESCE(MAX(ordinal) + 1 - COUNT(*), 0) FROM tickets"), 0);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM outbox"), 0);

  // The money that stayed is that of the completed orders, and each was told once.
  std::map<std::string, int64_t> sold;
  for (const OrderRecord& record : Sold()) {
    const std::string id = record.order.id.ToString();
    sold[id] = record.order.total.minor;
    int64_t tickets_due = 0;
    for (const OrderLine& line : record.order.lines) tickets_due += line.quantity;
    const auto told = notifications.messages.find("order_confirmation/" + id);
    EXPECT_NE(told, notifications.messages.end());
    if (told != notifications.messages.end()) {
      EXPECT_EQ(told->second.tickets_size(), tickets_due);
    }
  }
  EXPECT_EQ(payments.Net(), sold);
  EXPECT_EQ(notifications.messages.size(), sold.size());
}

}  // namespace ticketing
