#include "tests/service_ticketing/season_world.h"

#include "lib/service/ticketing/order_store.h"
#include "lib/service/ticketing/schema.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {
namespace {

constexpr char kPrices[] =
    R"("prices":[{"category":"A","price":{"minor":"10000","currency":"MXN"}},
                 {"category":"G","price":{"minor":"5000","currency":"MXN"}}])";

}  // namespace

std::string SeasonWorld::MatchBody(const std::string& name, int day) {
  return R"({"name":")" + name + R"(","starts_at":"2027-01-)" + std::to_string(10 + day) +
         R"(T01:30:00Z",)" + kPrices + "}";
}

SeasonWorld::SeasonWorld(int count, uint64_t seed) : World(seed) {
  MakeEvent();
  const auto event = Parse<v1::Event>(Send("GET", "/v1/events/" + event_id, admin));
  std::string body = R"({"season":{"venue_id":")" + event.venue().id() + R"(","chart_id":")" +
                     chart_id +
                     R"(","name":"Temporada","starts_at":"2027-01-10T01:30:00Z","currency":"MXN",
    "prices":[{"category":"A","price":{"minor":"25001","currency":"MXN"}},
              {"category":"G","price":{"minor":"12000","currency":"MXN"}}],
    "fees":[{"name":"servicio","basis_points":1000}],"tax_basis_points":1600},"matches":[)";
  for (int i = 0; i < count; ++i)
    body += (i > 0 ? "," : "") + MatchBody("Jornada " + std::to_string(i + 1), i);
  const HttpResponse made = Post("/v1/seasons", body + "]}", "season");
  EXPECT_EQ(made.status, 201) << made.body;
  const auto message = Parse<v1::Season>(made);
  season = message.season().id();
  for (const v1::Event& match : message.matches()) matches.push_back(match.id());
}

HttpResponse SeasonWorld::Post(const std::string& path, const std::string& body,
                               const std::string& key) {
  return Send("POST", path, admin, body, key);
}

HttpResponse SeasonWorld::HoldOf(const std::string& event, const std::vector<std::string>& labels,
                                 const std::string& key, int64_t quantity) {
  v1::CreateHoldRequest request;
  for (const std::string& label : labels) {
    request.add_objects()->set_label(label);
    if (quantity > 1) request.mutable_objects()->rbegin()->set_quantity(quantity);
  }
  return Send("POST", "/v1/events/" + event + "/holds", visitor, wire::ToJson(request), key);
}

HttpResponse SeasonWorld::OrderOf(const std::string& hold, const std::string& key,
                                  const std::string& token) {
  return Send("POST", "/v1/orders", token.empty() ? customer : token,
              R"({"hold_id":")" + hold + "\"}", key);
}

v1::Order SeasonWorld::BuyOf(const std::string& event, const std::vector<std::string>& labels,
                             const std::string& key) {
  const HttpResponse hold = HoldOf(event, labels, key);
  EXPECT_EQ(hold.status, 201) << hold.body;
  const HttpResponse order = OrderOf(Parse<v1::Hold>(hold).id(), key);
  EXPECT_EQ(order.status, 201) << order.body;
  const HttpResponse paid = Pay(Parse<v1::Order>(order).id(), "pm_ok", key);
  EXPECT_EQ(paid.status, 200) << paid.body;
  return Parse<v1::Order>(paid);
}

void SeasonWorld::ForgetAnswers() {
  service.reset();
  {
    SqliteDatabaseFactory other(SqliteOptions{.data_dir = dir.path()});
    auto database = other.Open("ticketing", TicketingSchema());
    EXPECT_OK(database);
    EXPECT_OK((*database)->Write(
        [](SqlTransaction& tx) { return tx.Execute("DELETE FROM idempotency", {}).status(); }));
  }
  Restart();
}

std::multimap<std::string, uint8_t> SeasonWorld::Copy(const std::string& event) {
  const HttpResponse answer = Send("GET", "/v1/events/" + event + "/copy", admin);
  EXPECT_EQ(answer.status, 200) << answer.body;
  const auto copy = DecodeEventCopy(answer.body);
  EXPECT_OK(copy);
  std::multimap<std::string, uint8_t> tickets;
  for (const CopyTicket& ticket : copy->tickets) tickets.emplace(ticket.seat_label, ticket.status);
  return tickets;
}

int64_t SeasonWorld::Free(const std::string& event) {
  const auto map =
      Parse<v1::Availability>(Send("GET", "/v1/events/" + event + "/availability", visitor));
  int64_t free = 0;
  for (const v1::CategoryAvailability& category : map.categories()) free += category.free();
  return free;
}

void SeasonWorld::AuditSeason() {
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM events e JOIN lane_counters c ON c.lane_id = e.lane_id AND"
                " c.slot = e.slot WHERE c.next_ordinal <>"
                " (SELECT COUNT(*) FROM tickets t WHERE t.event_id = e.id)"),
            0);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM (SELECT event_id FROM tickets GROUP BY event_id"
                " HAVING MAX(ordinal) + 1 <> COUNT(*)) x"),
            0);
  // Two valid tickets for one chair of one event: somebody stands in the aisle.
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM (SELECT event_id FROM tickets WHERE status = 1 AND label <>"
                " 'Pie' GROUP BY event_id, label HAVING COUNT(*) > 1) x"),
            0);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM tickets t JOIN orders o ON o.id = t.order_id"
                " WHERE t.status = 1 AND o.state <> 4"),
            0);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM tickets t JOIN events e ON e.id = t.event_id"
                " WHERE e.kind IN (1, 2)"),
            0)
      << "nobody goes to a season itself";
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM orders WHERE state IN (1, 2, 3, 7)"), 0);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM payment_attempts WHERE state IN (0, 1, 4)"), 0);
  std::map<std::string, int64_t> sold;
  for (const OrderRecord& record : Sold())
    sold[record.order.id.ToString()] = record.order.total.minor;
  EXPECT_EQ(payments.Net(), sold);
}

}  // namespace ticketing
