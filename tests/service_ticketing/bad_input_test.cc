// Requests that cannot be right: each gets the problem document that names what is wrong, and
// changes nothing.
#include "tests/service_ticketing/world.h"

namespace ticketing {
namespace {

struct Row {
  const char* name;
  std::string method;
  std::string target;
  std::string token;
  std::string body;
  int status;
  std::string code;
  std::string field;  // one of the fields named; empty: none is looked for
};

void Check(World& world, const std::vector<Row>& rows) {
  int n = 0;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const HttpResponse response =
        world.Send(row.method, row.target, row.token, row.body, "bad-" + std::to_string(++n));
    EXPECT_EQ(response.status, row.status) << response.body;
    EXPECT_EQ(response.headers.Get("Content-Type"), "application/problem+json");
    const v1::Problem problem = ProblemOf(response);
    EXPECT_EQ(problem.code(), row.code) << response.body;
    EXPECT_NE(problem.detail(), "");
    if (row.field.empty()) continue;
    std::vector<std::string> fields;
    for (const v1::FieldProblem& error : problem.errors()) fields.push_back(error.field());
    EXPECT_THAT(fields, ::testing::Contains(row.field)) << response.body;
  }
}

TEST(BadInputTest, Catalog) {
  World world;
  world.MakeEvent();
  const auto event =
      Parse<v1::Event>(world.Send("GET", "/v1/events/" + world.event_id, world.admin));
  const auto make = [&](const std::string& prices, const std::string& more = "",
                        std::string venue = "", std::string chart = "") {
    if (venue.empty()) venue = event.venue().id();
    if (chart.empty()) chart = world.chart_id;
    return R"({"venue_id":")" + venue + R"(","chart_id":")" + chart +
           R"(","name":"X","starts_at":"2026-12-05T01:30:00Z","currency":"MXN","prices":[)" +
           prices + "]" + more + "}";
  };
  const std::string a = R"({"category":"A","price":{"minor":"1","currency":"MXN"}})";
  const std::string g = R"({"category":"G","price":{"minor":"1","currency":"MXN"}})";
  const std::string both = a + "," + g;
  Check(
      world,
      {
          {"no body", "POST", "/v1/venues", world.admin, "", 400, "bad-syntax", ""},
          {"not JSON", "POST", "/v1/venues", world.admin, "{\"name\":", 400, "bad-syntax", ""},
          {"bad UTF-8", "POST", "/v1/venues", world.admin, "{\"name\":\"\xc3\x28\"}", 400,
           "bad-syntax", ""},
          {"unknown field", "POST", "/v1/venues", world.admin, R"({"name":"V","colour":"red"})",
           422, "invalid-field", "colour"},
          {"no name", "POST", "/v1/venues", world.admin, "{}", 422, "invalid-field", "name"},
          {"long name", "POST", "/v1/venues", world.admin,
           R"({"name":")" + std::string(201, 'x') + "\"}", 422, "invalid-field", "name"},
          {"offset beyond the earth", "POST", "/v1/venues", world.admin,
           R"({"name":"V","utc_offset_minutes":9000})", 422, "invalid-field", "utc_offset_minutes"},
          {"offset of no place", "POST", "/v1/venues", world.admin,
           R"({"name":"V","utc_offset_minutes":-361})", 422, "invalid-field", "utc_offset_minutes"},
          {"time zone of no database", "POST", "/v1/venues", world.admin,
           R"({"name":"V","time_zone":"Mexico City","utc_offset_minutes":-360})", 422,
           "invalid-field", "time_zone"},
          {"offset of another continent", "POST", "/v1/venues", world.admin,
           R"({"name":"V","time_zone":"America/Mexico_City","utc_offset_minutes":60})", 422,
           "invalid-field", "utc_offset_minutes"},
          {"a field twice", "POST", "/v1/venues", world.admin, R"({"name":"V","name":"W"})", 422,
           "invalid-field", "name"},
          {"huge body", "POST", "/v1/venues", world.admin, std::string(2 << 20, 'x'), 413,
           "payload-too-large", ""},
          {"chart not JSON", "POST", "/v1/charts", world.admin, "[1,2", 422, "chart-invalid", ""},
          {"chart of another form", "POST", "/v1/charts", world.admin, R"({"format":"x"})", 422,
           "chart-invalid", "format"},
          {"no such chart", "GET", "/v1/charts/" + ChartId{5}.ToString(), world.admin, "", 404,
           "not-found", ""},
          {"no id at all", "GET", "/v1/events/nonsense", world.admin, "", 404, "not-found", ""},
          {"unknown venue", "POST", "/v1/events", world.admin,
           make(both, "", VenueId{5}.ToString()), 422, "invalid-field", "venue_id"},
          {"id of another kind", "POST", "/v1/events", world.admin, make(both, "", world.chart_id),
           422, "invalid-field", "venue_id"},
          {"unknown chart", "POST", "/v1/events", world.admin,
           make(both, "", "", ChartId{5}.ToString()), 422, "invalid-field", "chart_id"},
          {"a category without a price", "POST", "/v1/events", world.admin, make(a), 422,
           "invalid-field", "prices"},
          {"a price too many", "POST", "/v1/events", world.admin,
           make(both + R"(,{"category":"Z","price":{"minor":"1","currency":"MXN"}})"), 422,
           "invalid-field", "prices[2].category"},
          {"priced twice", "POST", "/v1/events", world.admin, make(both + "," + a), 422,
           "invalid-field", "prices[2].category"},
          {"negative price", "POST", "/v1/events", world.admin,
           make(a + R"(,{"category":"G","price":{"minor":"-5","currency":"MXN"}})"), 422,
           "invalid-field", "prices[1].price.minor"},
          {"price in other money", "POST", "/v1/events", world.admin,
           make(a + R"(,{"category":"G","price":{"minor":"5","currency":"USD"}})"), 422,
           "invalid-field", "prices[1].price.currency"},
          {"price beyond counting", "POST", "/v1/events", world.admin,
           make(a + R"(,{"category":"G","price":{"minor":"999999999999999","currency":"MXN"}})"),
           422, "invalid-field", "prices[1].price.minor"},
          {"price of no number", "POST", "/v1/events", world.admin,
           make(a + R"(,{"category":"G","price":{"minor":"ten","currency":"MXN"}})"), 422,
           "invalid-field", "prices[1].price.minor"},
          {"ends before it starts", "POST", "/v1/events", world.admin,
           make(both, R"(,"ends_at":"2026-12-04T00:00:00Z")"), 422, "invalid-field", "ends_at"},
          {"gate to nowhere", "POST", "/v1/events", world.admin,
           make(both, R"(,"gates":[{"id":"1","name":"1","zones":["x"]},{"id":"2","name":"2"}])"),
           422, "invalid-field", "gates[0].zones[0]"},
          {"empty fee", "POST", "/v1/events", world.admin, make(both, R"(,"fees":[{"name":"f"}])"),
           422, "invalid-field", "fees[0]"},
          {"page of nothing", "GET", "/v1/events?limit=0", world.admin, "", 422, "invalid-field",
           "limit"},
          {"cursor of nobody", "GET", "/v1/events?cursor=abc", world.admin, "", 422,
           "invalid-field", "cursor"},
          {"broken query", "GET", "/v1/events?limit=%zz", world.admin, "", 400, "bad-syntax", ""},
          {"wrong method", "DELETE", "/v1/events", world.admin, "", 405, "method-not-allowed", ""},
      });
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM events"), 1);
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM venues"), 1);
}

TEST(BadInputTest, Sales) {
  World world;
  world.MakeEvent();
  const std::string holds = "/v1/events/" + world.event_id + "/holds";
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  const std::string pay = "/v1/orders/" + order.id() + "/payments";
  const std::string other_event = EventId{5}.ToString();
  std::string many = R"({"objects":[)";
  for (int i = 0; i < 201; ++i) many += (i > 0 ? "," : "") + std::string(R"({"label":"x"})");
  many += "]}";
  Check(
      world,
      {
          {"nothing wanted", "POST", holds, world.visitor, "{}", 422, "invalid-field", "objects"},
          {"both wanted", "POST", holds, world.visitor,
           R"({"objects":[{"label":"N-A-2"}],"best_available":{"quantity":1}})", 422,
           "invalid-field", "objects"},
          {"unknown seats", "POST", holds, world.visitor,
           R"({"objects":[{"label":"N-A-2"},{"label":"Z-1"}]})", 422, "unknown-object", ""},
          {"same seat twice", "POST", holds, world.visitor,
           R"({"objects":[{"label":"N-A-2"},{"label":"N-A-2"}]})", 422, "invalid-field", ""},
          {"a seat for three", "POST", holds, world.visitor,
           R"({"objects":[{"label":"N-A-2","quantity":"3"}]})", 422, "invalid-field", ""},
          {"negative quantity", "POST", holds, world.visitor,
           R"({"objects":[{"label":"Pie","quantity":"-1"}]})", 422, "invalid-field",
           "objects[0].quantity"},
          {"nobody in an area", "POST", holds, world.visitor,
           R"({"objects":[{"label":"Pie","quantity":"0"}]})", 422, "invalid-field",
           "objects[0].quantity"},
          {"more than the area", "POST", holds, world.visitor,
           R"({"objects":[{"label":"Pie","quantity":"51"}]})", 422, "invalid-field", ""},
          {"too many seats", "POST", holds, world.visitor, many, 422, "invalid-field", "objects"},
          {"a label with quotes and emoji", "POST", holds, world.visitor,
           R"({"objects":[{"label":"'\";DROP TABLE seats;-- 🎟"}]})", 422, "unknown-object", ""},
          {"wrong type", "POST", holds, world.visitor, R"({"objects":"N-A-2"})", 422,
           "invalid-field", ""},
          {"best of too many", "POST", holds, world.visitor,
           R"({"best_available":{"quantity":51}})", 422, "invalid-field",
           "best_available.quantity"},
          {"best of no category", "POST", holds, world.visitor,
           R"({"best_available":{"quantity":1,"category":"Q"}})", 422, "invalid-field",
           "best_available.category"},
          {"best of more than there is", "POST", holds, world.visitor,
           R"({"best_available":{"quantity":5,"zone":"s","category":"A"}})", 409,
           "no-adjacent-seats", ""},
          {"event of nobody", "POST", "/v1/events/" + other_event + "/holds", world.visitor,
           R"({"objects":[{"label":"N-A-2"}]})", 404, "not-found", ""},
          {"hold of nobody", "GET", holds + "/" + HoldId{5}.ToString(), world.visitor, "", 404,
           "hold-not-found", ""},
          {"hold of no form", "DELETE", holds + "/what", world.visitor, "", 404, "hold-not-found",
           ""},
          {"order from nothing", "POST", "/v1/orders", world.customer,
           R"({"event_id":")" + world.event_id + R"(","hold_id":")" + HoldId{5}.ToString() + "\"}",
           404, "hold-not-found", ""},
          {"order for no event", "POST", "/v1/orders", world.customer,
           R"({"event_id":")" + other_event + R"(","hold_id":")" + hold.id() + "\"}", 422,
           "invalid-field", "event_id"},
          {"order without fields", "POST", "/v1/orders", world.customer, "{}", 422, "invalid-field",
           "hold_id"},
          {"order with a bad address", "POST", "/v1/orders", world.box_office,
           R"({"event_id":")" + world.event_id + R"(","hold_id":")" + hold.id() +
               R"(","buyer":{"name":"Luis","email":"nobody"}})",
           422, "invalid-field", "buyer.email"},
          {"order in another's name", "POST", "/v1/orders", world.customer,
           R"({"event_id":")" + world.event_id + R"(","hold_id":")" + hold.id() +
               R"(","buyer":{"email":"victim@example.mx"}})",
           422, "invalid-field", "buyer"},
          {"staff without a buyer", "POST", "/v1/orders", world.box_office,
           R"({"event_id":")" + world.event_id + R"(","hold_id":")" + hold.id() + "\"}", 422,
           "invalid-field", "buyer"},
          {"payment of nothing", "POST", pay, world.customer, "{}", 422, "invalid-field", "card"},
          {"payment with an empty card", "POST", pay, world.customer, R"({"card":{}})", 422,
           "invalid-field", "card.payment_method"},
          {"cash of another currency", "POST", pay, world.box_office,
           R"({"cash":{"shift_id":")" + ShiftId{9}.ToString() +
               R"(","tendered":{"minor":"90000","currency":"USD"}}})",
           422, "invalid-field", "cash.tendered.currency"},
          {"negative cash", "POST", pay, world.box_office,
           R"({"cash":{"shift_id":")" + ShiftId{9}.ToString() +
               R"(","tendered":{"minor":"-90000","currency":"MXN"}}})",
           422, "invalid-field", "cash.tendered.minor"},
          {"order of somebody else", "POST", pay, world.stranger,
           R"({"card":{"payment_method":"pm_ok"}})", 404, "not-found", ""},
          {"order of nobody", "GET", "/v1/orders/" + OrderId{5}.ToString(), world.customer, "", 404,
           "not-found", ""},
          {"tickets that are not there", "GET", "/v1/orders/" + order.id() + "/tickets.pdf",
           world.customer, "", 409, "order-state", ""},
          {"ticket of nobody", "GET", "/v1/tickets/" + TicketId{5}.ToString(), world.customer, "",
           404, "not-found", ""},
          {"filter that is no id", "GET", "/v1/orders?event_id=x", world.box_office, "", 422,
           "invalid-field", "event_id"},
      });
  EXPECT_EQ(world.payments.payments(), 0u);
  EXPECT_EQ(world.Seats().size(), 1u);
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM orders"), 1);
}

TEST(BadInputTest, MovingSeatsOrMoneyNeedsAKey) {
  World world;
  world.MakeEvent();
  const HttpResponse none = world.Send("POST", "/v1/events/" + world.event_id + "/holds",
                                       world.visitor, R"({"objects":[{"label":"N-A-2"}]})");
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(ProblemOf(none).code(), "idempotency-key-missing");
  EXPECT_TRUE(world.Seats().empty());
}

TEST(BadInputTest, SecretsStayOutOfTheLog) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1"}, "k");
  world.SettleAll();
  EXPECT_FALSE(world.env.log.Contains(order.tickets(0).code()));
  EXPECT_FALSE(world.env.log.Contains("ana@example.mx"));
  EXPECT_FALSE(world.env.log.Contains(world.customer));
  EXPECT_FALSE(world.env.log.Contains("pm_ok"));
}

}  // namespace
}  // namespace ticketing
