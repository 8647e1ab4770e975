// The main job through the API: catalog, hold, order, payment, tickets, message.
#include <thread>

#include "tests/service_ticketing/world.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/seat/chart_json.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CatalogTest, GivesAChartWithAnETagAndTakesItBack) {
  World world;
  world.MakeEvent();
  const HttpResponse chart = world.Send("GET", "/v1/charts/" + world.chart_id, world.visitor);
  ASSERT_EQ(chart.status, 200);
  EXPECT_OK(seat::ParseChart(chart.body));
  const std::string etag(*chart.headers.Get("ETag"));
  HttpRequest request;
  request.target = "/v1/charts/" + world.chart_id;
  request.headers.Set("Authorization", "Bearer " + world.visitor);
  request.headers.Set("If-None-Match", etag);
  const HttpResponse again = world.service->api().Handle(request);
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  // Importing the same file again is the same chart.
  const HttpResponse repeat = world.Send("POST", "/v1/charts", world.admin, SmallChart());
  EXPECT_EQ(repeat.status, 200);
  EXPECT_EQ(Parse<v1::ChartSummary>(repeat).id(), world.chart_id);
}

TEST(CatalogTest, TakesGatesAndZonesFromTheChart) {
  World world;
  world.MakeEvent();
  const auto event =
      Parse<v1::Event>(world.Send("GET", "/v1/events/" + world.event_id, world.visitor));
  ASSERT_EQ(event.gates_size(), 2);
  EXPECT_EQ(event.gates(0).name(), "Puerta 1");
  EXPECT_THAT(event.gates(0).zones(), ElementsAre("n"));
  EXPECT_THAT(event.gates(1).zones(), ElementsAre("s"));
  EXPECT_EQ(event.zones(1).name(), "Sur");
  EXPECT_EQ(event.number(), 1);
  EXPECT_EQ(event.venue().name(), "Teatro Azul");
}

TEST(CatalogTest, ListsEventsInPages) {
  World world;
  world.MakeEvent();
  const auto first =
      Parse<v1::Event>(world.Send("GET", "/v1/events/" + world.event_id, world.admin));
  for (int i = 0; i < 4; ++i) {
    const std::string body =
        R"({"venue_id":")" + first.venue().id() + R"(","chart_id":")" + world.chart_id +
        R"(","name":"Otro","starts_at":"2026-12-0)" + std::to_string(i + 6) +
        R"(T01:30:00Z","currency":"MXN","prices":[{"category":"A","price":{"minor":"1","currency":"MXN"}},
        {"category":"G","price":{"minor":"1","currency":"MXN"}}]})";
    ASSERT_EQ(world.Send("POST", "/v1/events", world.admin, body).status, 201);
  }
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto page = Parse<v1::EventList>(world.Send(
        "GET", "/v1/events?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor), world.visitor));
    EXPECT_LE(page.events_size(), 2);
    for (const v1::Event& event : page.events()) seen.push_back(event.id());
    cursor = page.next_cursor();
  } while (!cursor.empty());
  EXPECT_EQ(seen.size(), 5u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 5u);
}

TEST(PurchaseTest, SellsTwoSeatsAndIssuesTickets) {
  World world;
  world.MakeEvent();
  const HttpResponse held = world.Hold({"N-A-1", "N-A-2"}, "k1");
  ASSERT_EQ(held.status, 201) << held.body;
  const auto hold = Parse<v1::Hold>(held);
  ASSERT_EQ(hold.objects_size(), 2);
  EXPECT_EQ(hold.objects(0).gate(), "Puerta 1");
  EXPECT_EQ(hold.objects(0).price().minor(), 50000);
  EXPECT_EQ(hold.quote().subtotal().minor(), 100000);
  EXPECT_EQ(hold.quote().fees().minor(), 10000);
  EXPECT_EQ(hold.quote().total().minor(), 110000);

  const HttpResponse ordered = world.Order(hold.id(), "k1");
  ASSERT_EQ(ordered.status, 201) << ordered.body;
  const auto order = Parse<v1::Order>(ordered);
  EXPECT_EQ(order.status(), "pending");
  EXPECT_EQ(order.channel(), "online");
  EXPECT_EQ(order.buyer().email(), "ana@example.mx");
  EXPECT_EQ(order.quote().total().minor(), 110000);

  const HttpResponse paid = world.Pay(order.id(), "pm_ok", "k1");
  ASSERT_EQ(paid.status, 200) << paid.body;
  const auto done = Parse<v1::Order>(paid);
  EXPECT_EQ(done.status(), "completed");
  EXPECT_EQ(done.payment().status(), "succeeded");
  ASSERT_EQ(done.tickets_size(), 2);
  const v1::Ticket& ticket = done.tickets(0);
  EXPECT_EQ(ticket.label(), "N-A-1");
  EXPECT_EQ(ticket.gate(), "Puerta 1");
  EXPECT_EQ(ticket.starts_at_text(), "viernes 4 de diciembre de 2026, 19:30");
  const auto claims = ParseTicketCode(ticket.code());
  ASSERT_OK(claims);
  EXPECT_EQ(claims->ticket.ToString(), ticket.id());
  EXPECT_EQ(claims->event_number, 1u);
  EXPECT_EQ(claims->zone, 1u);

  world.SettleAll();
  world.Audit();
  const v1::CreateMessageRequest& message =
      world.notifications.messages.at("order_confirmation/" + order.id());
  EXPECT_EQ(message.to().email(), "ana@example.mx");
  EXPECT_EQ(message.tickets(1).seat(), "2");
  EXPECT_EQ(message.tickets(1).code(), done.tickets(1).code());
  EXPECT_EQ(message.total().minor(), 110000);
  EXPECT_EQ(world.notifications.calls, 1);
}

TEST(PurchaseTest, NamesTheSeatsThatSomebodyElseHas) {
  World world;
  world.MakeEvent();
  ASSERT_EQ(world.Hold({"N-A-1", "N-A-2"}, "k1").status, 201);
  const HttpResponse second = world.Hold({"N-A-2", "N-A-1", "N-A-3"}, "k2");
  EXPECT_EQ(second.status, 409);
  const v1::Problem problem = ProblemOf(second);
  EXPECT_EQ(problem.code(), "seat-not-available");
  EXPECT_THAT(problem.objects(), ::testing::UnorderedElementsAre("N-A-1", "N-A-2"));
  // Nothing of the refused request stays: the third seat is free.
  EXPECT_EQ(world.Hold({"N-A-3"}, "k3").status, 201);
}

TEST(PurchaseTest, FindsTheBestSeatsTogether) {
  World world;
  world.MakeEvent();
  const HttpResponse held =
      world.Send("POST", "/v1/events/" + world.event_id + "/holds", world.visitor,
                 R"({"best_available":{"quantity":2,"category":"A","zone":"n"}})", "k");
  ASSERT_EQ(held.status, 201) << held.body;
  const auto hold = Parse<v1::Hold>(held);
  ASSERT_EQ(hold.objects_size(), 2);
  EXPECT_EQ(hold.objects(0).row(), hold.objects(1).row());
  EXPECT_EQ(hold.objects(0).index() + 1, hold.objects(1).index());
}

TEST(PurchaseTest, SellsPlacesOfAStandingArea) {
  World world;
  world.MakeEvent();
  const HttpResponse held =
      world.Send("POST", "/v1/events/" + world.event_id + "/holds", world.visitor,
                 R"({"objects":[{"label":"Pie","quantity":"3"}]})", "k");
  ASSERT_EQ(held.status, 201) << held.body;
  const auto order = Parse<v1::Order>(world.Order(Parse<v1::Hold>(held).id(), "k"));
  const auto done = Parse<v1::Order>(world.Pay(order.id(), "pm_ok", "k"));
  EXPECT_EQ(done.tickets_size(), 3);
  std::set<std::string> codes;
  for (const v1::Ticket& ticket : done.tickets()) codes.insert(ticket.code());
  EXPECT_EQ(codes.size(), 3u);
  world.SettleAll();
  world.Audit();
}

TEST(PurchaseTest, RepeatedRequestsGetTheFirstAnswer) {
  World world;
  world.MakeEvent();
  const HttpResponse first = world.Hold({"N-A-1"}, "k");
  const HttpResponse again = world.Hold({"N-A-1"}, "k");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.Get("Idempotent-Replayed"), "true");
  // Another visitor who came by the same key gets a hold of his own, and not the id of the first.
  const HttpResponse other = world.Hold({"N-B-1"}, "k");
  EXPECT_EQ(other.status, 201);
  EXPECT_NE(Parse<v1::Hold>(other).id(), Parse<v1::Hold>(first).id());
  // An account's key means one thing.
  const auto as_customer = [&](const std::string& label) {
    return world
        .Send("POST", "/v1/events/" + world.event_id + "/holds", world.customer,
              R"({"objects":[{"label":")" + label + "\"}]}", "k")
        .status;
  };
  EXPECT_EQ(as_customer("N-C-1"), 201);
  EXPECT_EQ(as_customer("N-D-1"), 422);
  const v1::Order order = world.Buy({"N-A-5"}, "buy");
  const auto repeat = Parse<v1::Order>(world.Pay(order.id(), "pm_ok", "buy"));
  EXPECT_EQ(repeat.id(), order.id());
  EXPECT_EQ(world.payments.payments(), 1u);
}

TEST(PurchaseTest, ADeclinedCardKeepsTheSeatsForAnother) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  const HttpResponse declined = world.Pay(order.id(), "pm_declined", "p1");
  EXPECT_EQ(declined.status, 402);
  EXPECT_EQ(ProblemOf(declined).code(), "payment-declined");
  EXPECT_THAT(ProblemOf(declined).detail(), HasSubstr("no tiene fondos"));
  const auto after =
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer));
  EXPECT_EQ(after.status(), "pending");
  EXPECT_EQ(after.payment().decline_code(), "insufficient_funds");
  EXPECT_EQ(world.Hold({"N-A-1"}, "k2").status, 409);
  EXPECT_EQ(world.Pay(order.id(), "pm_declined", "p1").status, 402);  // the same attempt
  EXPECT_EQ(world.payments.payments(), 1u);
  const HttpResponse paid = world.Pay(order.id(), "pm_ok", "p2");
  EXPECT_EQ(paid.status, 200) << paid.body;
  EXPECT_EQ(Parse<v1::Order>(paid).status(), "completed");
  world.SettleAll();
  world.Audit();
}

TEST(PurchaseTest, ACardThatAsksForMoreIsADecline) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  EXPECT_EQ(world.Pay(order.id(), "pm_action", "p1").status, 402);
}

TEST(PurchaseTest, ExpiredHoldsFreeTheirSeatsAndTheirOrders) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  const std::string hold_path = "/v1/events/" + world.event_id + "/holds/" + hold.id();
  EXPECT_EQ(world.Send("GET", hold_path, world.visitor).status, 200);
  world.env.clock.Advance(limits::kHoldDefault);
  EXPECT_EQ(world.Send("GET", hold_path, world.visitor).status, 409);
  const HttpResponse late = world.Pay(order.id(), "pm_ok", "late");
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(ProblemOf(late).code(), "hold-expired");
  EXPECT_EQ(world.payments.payments(), 0u);
  EXPECT_OK(world.service->Tick());
  const auto after =
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer));
  EXPECT_EQ(after.status(), "expired");
  EXPECT_EQ(world.Hold({"N-A-1"}, "k2").status, 201);
  EXPECT_EQ(ProblemOf(world.Send("GET", hold_path, world.visitor)).code(), "hold-expired");
  // In the end nothing is known of it.
  world.env.clock.Advance(limits::kHoldMax * 3);
  EXPECT_OK(world.service->Tick());
  EXPECT_EQ(world.Send("GET", hold_path, world.visitor).status, 404);
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM hold_lines"), 0);
}

TEST(PurchaseTest, APaidSeatSurvivesTheExpiryOfItsHold) {
  World world;
  world.MakeEvent();
  world.Buy({"N-A-1"}, "k");
  world.env.clock.Advance(Duration::Hours(3));
  EXPECT_OK(world.service->Tick());
  EXPECT_EQ(world.Hold({"N-A-1"}, "k2").status, 409);
  world.SettleAll();
  world.Audit();
}

TEST(PurchaseTest, GivingUpFreesTheSeats) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const std::string hold_path = "/v1/events/" + world.event_id + "/holds/" + hold.id();
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  // The hold of an order is not let go behind its back.
  EXPECT_EQ(world.Send("DELETE", hold_path, world.visitor).status, 409);
  const HttpResponse gone =
      world.Send("POST", "/v1/orders/" + order.id() + "/cancel", world.customer, "", "c");
  EXPECT_EQ(gone.status, 200) << gone.body;
  EXPECT_EQ(Parse<v1::Order>(gone).status(), "cancelled");
  const auto second = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k2"));
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "late").status, 409);
  const std::string path = "/v1/events/" + world.event_id + "/holds/" + second.id();
  EXPECT_EQ(world.Send("DELETE", path, world.visitor).status, 204);
  EXPECT_EQ(world.Send("DELETE", path, world.visitor).status, 404);
  EXPECT_EQ(world.Hold({"N-A-1"}, "k3").status, 201);
}

TEST(PurchaseTest, AHoldBuysOneOrderOnly) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  EXPECT_EQ(world.Order(hold.id(), "o1").status, 201);
  const HttpResponse second = world.Order(hold.id(), "o2");
  EXPECT_EQ(second.status, 409) << second.body;
  EXPECT_EQ(ProblemOf(second).code(), "conflict");
}

TEST(PurchaseTest, AvailabilityFollowsTheSeats) {
  World world;
  world.MakeEvent();
  const std::string path = "/v1/events/" + world.event_id + "/availability";
  const HttpResponse before = world.Send("GET", path, world.visitor);
  ASSERT_EQ(before.status, 200);
  EXPECT_EQ(before.headers.Get("Cache-Control"), "public, max-age=1");
  const auto map = Parse<v1::Availability>(before);
  EXPECT_EQ(map.objects(), 44);
  EXPECT_EQ(map.states(), std::string(11, '\0'));
  ASSERT_EQ(map.areas_size(), 1);
  EXPECT_EQ(map.areas(0).free(), 50);
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const HttpResponse after = world.Send("GET", path, world.visitor);
  EXPECT_NE(after.headers.Get("ETag"), before.headers.Get("ETag"));
  const auto changed = Parse<v1::Availability>(after);
  const auto index = static_cast<size_t>(hold.objects(0).index());
  EXPECT_EQ((static_cast<uint8_t>(changed.states()[index / 4]) >> (index % 4 * 2)) & 3, 1);
  EXPECT_EQ(changed.categories(0).free(), 43);
  world.env.clock.Advance(limits::kHoldDefault);
  const auto freed = Parse<v1::Availability>(world.Send("GET", path, world.visitor));
  EXPECT_EQ(freed.states(), map.states());
}

TEST(PurchaseTest, SellsForCashToAGuestAtTheWindow) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-B-1"}, "k"));
  const HttpResponse made =
      world.Send("POST", "/v1/orders", world.box_office,
                 R"({"event_id":")" + world.event_id + R"(","hold_id":")" + hold.id() +
                     R"(","buyer":{"name":"Luis","email":"luis@example.mx"}})",
                 "k");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto order = Parse<v1::Order>(made);
  EXPECT_EQ(order.channel(), "box_office");
  const std::string path = "/v1/orders/" + order.id() + "/payments";
  const auto cash = [](int64_t minor) {
    return R"({"cash":{"shift_id":")" + ShiftId{9}.ToString() + R"(","tendered":{"minor":")" +
           std::to_string(minor) + R"(","currency":"MXN"}}})";
  };
  const HttpResponse little = world.Send("POST", path, world.box_office, cash(100), "c1");
  EXPECT_EQ(little.status, 422);
  EXPECT_EQ(ProblemOf(little).errors(0).field(), "cash.tendered.minor");
  const HttpResponse paid = world.Send("POST", path, world.box_office, cash(60000), "c2");
  ASSERT_EQ(paid.status, 200) << paid.body;
  EXPECT_EQ(Parse<v1::Order>(paid).payment().change().minor(), 5000);
  const HttpResponse found = world.Send(
      "GET", "/v1/orders?email=luis%40example.mx&event_id=" + world.event_id, world.box_office);
  EXPECT_EQ(Parse<v1::OrderList>(found).orders_size(), 1);
  EXPECT_EQ(Parse<v1::OrderList>(world.Send("GET", "/v1/orders", world.customer)).orders_size(), 0);
  const HttpResponse pdf =
      world.Send("GET", "/v1/orders/" + order.id() + "/tickets.pdf", world.box_office);
  EXPECT_EQ(pdf.status, 200);
  EXPECT_EQ(pdf.headers.Get("Content-Type"), "application/pdf");
  EXPECT_EQ(pdf.body, "%PDF-1.4 tickets");
  EXPECT_THAT(world.notifications.rendered, HasSubstr("N-B-1"));
  world.SettleAll();
  world.Audit();
}

TEST(PurchaseTest, TicketsBelongToTheirHolder) {
  World world;
  world.MakeEvent();
  const v1::Order order = world.Buy({"N-A-1", "N-A-2"}, "k");
  const auto mine = Parse<v1::TicketList>(world.Send("GET", "/v1/tickets?limit=1", world.customer));
  ASSERT_EQ(mine.tickets_size(), 1);
  const auto rest = Parse<v1::TicketList>(
      world.Send("GET", "/v1/tickets?limit=1&cursor=" + mine.next_cursor(), world.customer));
  ASSERT_EQ(rest.tickets_size(), 1);
  EXPECT_NE(rest.tickets(0).id(), mine.tickets(0).id());
  EXPECT_EQ(rest.next_cursor(), "");
  const std::string path = "/v1/tickets/" + order.tickets(0).id();
  EXPECT_EQ(world.Send("GET", path, world.customer).status, 200);
  EXPECT_EQ(world.Send("GET", path + "/pdf", world.customer).status, 200);
  EXPECT_EQ(world.Send("GET", path, world.box_office).status, 200);
  EXPECT_EQ(world.Send("GET", path, world.stranger).status, 404);
  EXPECT_EQ(world.Send("GET", path + "/pdf", world.stranger).status, 404);
  EXPECT_EQ(world.Send("GET", "/v1/orders/" + order.id(), world.stranger).status, 404);
  EXPECT_EQ(Parse<v1::TicketList>(world.Send("GET", "/v1/tickets", world.stranger)).tickets_size(),
            0);
}

TEST(PurchaseTest, AFreeEventNeedsNoPayment) {
  World world;
  world.MakeEvent();
  world.event_id = world.MakeFreeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  const HttpResponse done =
      world.Send("POST", "/v1/orders/" + order.id() + "/payments", world.customer, "{}", "p");
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Parse<v1::Order>(done).status(), "completed");
  EXPECT_EQ(Parse<v1::Order>(done).tickets_size(), 1);
  EXPECT_EQ(world.payments.payments(), 0u);
}

// Ids of orders follow time and have few random bits, so two may come by the same.
TEST(PurchaseTest, TwoOrdersOfOneMomentHaveTwoIds) {
  World world;
  world.MakeEvent();
  const std::string holds[] = {Parse<v1::Hold>(world.Hold({"N-A-1"}, "k1")).id(),
                               Parse<v1::Hold>(world.Hold({"N-A-2"}, "k2")).id()};
  std::set<std::string> orders;
  for (const std::string& hold : holds) {
    std::destroy_at(&world.env.random);
    std::construct_at(&world.env.random, 9);
    const HttpResponse made = world.Order(hold, "order-" + hold);
    EXPECT_EQ(made.status, 201) << made.body;
    orders.insert(Parse<v1::Order>(made).id());
  }
  EXPECT_EQ(orders.size(), 2u);
  EXPECT_EQ(world.Sql("SELECT COUNT(DISTINCT id >> 23) FROM orders"), 1);
}

TEST(PurchaseTest, WhoPrefersLittleHearsWhatCameAbout) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1", "N-A-2"}, "k"));
  const auto ask = [&](std::string target, std::string body) {
    HttpRequest request;
    request.method = "POST";
    request.target = std::move(target);
    request.headers.Set("Authorization", "Bearer " + world.customer);
    request.headers.Set("Content-Type", "application/json");
    request.headers.Set("Idempotency-Key", "k");
    request.headers.Set("Prefer", "respond-async, return=minimal");
    request.body = std::move(body);
    return world.service->api().Handle(request);
  };
  const HttpResponse made = ask("/v1/orders", R"({"hold_id":")" + hold.id() + "\"}");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.headers.Get("Preference-Applied"), "return=minimal");
  const auto order = Parse<v1::Order>(made);
  EXPECT_EQ(order.status(), "pending");
  EXPECT_EQ(order.event_id(), world.event_id);
  EXPECT_TRUE(order.has_expires_at());
  EXPECT_EQ(order.lines_size(), 0);

  const std::string target = "/v1/orders/" + order.id();
  const HttpResponse paid = ask(target + "/payments", R"({"card":{"payment_method":"pm_ok"}})");
  EXPECT_EQ(Parse<v1::Order>(paid).status(), "completed") << paid.body;
  EXPECT_EQ(Parse<v1::Order>(paid).payment().status(), "succeeded");
  EXPECT_EQ(Parse<v1::Order>(paid).tickets_size(), 0);
  const HttpResponse whole = world.Send("GET", target, world.customer);
  EXPECT_EQ(whole.headers.Get("Preference-Applied"), std::nullopt);
  ASSERT_EQ(Parse<v1::Order>(whole).tickets_size(), 2);
  EXPECT_NE(Parse<v1::Order>(whole).tickets(0).code(), "");
}

// Nothing is stored for them, so after a restart the hold and the order themselves must tell.
TEST(PurchaseTest, ARepeatAfterARestartFindsWhatTheFirstDid) {
  World world;
  world.MakeEvent();
  const HttpResponse held = world.Hold({"N-A-1"}, "k");
  const auto hold = Parse<v1::Hold>(held);
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM idempotency"), 0) << "the hold stores itself";
  world.Restart();
  const HttpResponse again = world.Hold({"N-A-1"}, "k");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, held.body);
  EXPECT_EQ(again.headers.Get("Idempotent-Replayed"), std::nullopt) << "it was made again";
  const auto as_customer = [&](const std::string& label) {
    return world.Send("POST", "/v1/events/" + world.event_id + "/holds", world.customer,
                      R"({"objects":[{"label":")" + label + "\"}]}", "k");
  };
  ASSERT_EQ(as_customer("N-C-1").status, 201);
  world.Restart();
  const HttpResponse other = as_customer("N-A-2");
  EXPECT_EQ(ProblemOf(other).code(), "idempotency-mismatch") << other.body;
  EXPECT_EQ(world.Hold({"N-A-2"}, "l").status, 201) << "it stayed free";

  const HttpResponse made = world.Order(hold.id(), "k");
  ASSERT_EQ(made.status, 201) << made.body;
  world.Restart();
  const HttpResponse repeat = world.Order(hold.id(), "k");
  EXPECT_EQ(repeat.status, 201) << repeat.body;
  EXPECT_EQ(repeat.body, made.body);
  EXPECT_EQ(ProblemOf(world.Order(hold.id(), "l")).code(), "conflict");
  world.Restart();
  const std::string other_order = R"({"hold_id":")" + hold.id() + R"(","language":"en"})";
  const HttpResponse misused = world.Send("POST", "/v1/orders", world.customer, other_order, "k");
  EXPECT_EQ(ProblemOf(misused).code(), "conflict") << misused.body;
  // Also of a hold that became an order, but not of one that ran out and went to others.
  EXPECT_EQ(Parse<v1::Hold>(world.Hold({"N-A-1"}, "k")).id(), hold.id());
  ASSERT_EQ(world.Hold({"N-B-1", "N-B-2"}, "m").status, 201);
  world.env.clock.Advance(limits::kHoldMax);
  world.SettleAll();
  ASSERT_EQ(world.Hold({"N-B-1", "N-B-2"}, "n").status, 201);
  world.Restart();
  EXPECT_EQ(ProblemOf(world.Hold({"N-B-1", "N-B-2"}, "m")).code(), "seat-not-available");
}

// What this process remembers of a hold is not what another one made under its id since.
TEST(PurchaseTest, AnOrderIsOfTheHoldAsItIsNow) {
  World world;
  world.MakeEvent();
  auto other = world.OpenAnother();
  const auto hold = [&](const std::string& objects) {
    return Parse<v1::Hold>(world.Send("POST", "/v1/events/" + world.event_id + "/holds",
                                      world.customer, R"({"objects":[)" + objects + "]}", "k"));
  };
  const v1::Hold first = hold(R"({"label":"N-A-1"})");
  world.env.clock.Advance(limits::kIdempotencyRetention + Duration::Seconds(1));
  std::swap(world.service, other);
  const v1::Hold again = hold(R"({"label":"N-A-1"},{"label":"N-A-2"})");
  EXPECT_EQ(again.id(), first.id());
  std::swap(world.service, other);
  const auto order = Parse<v1::Order>(world.Order(again.id(), "k"));
  EXPECT_EQ(order.lines_size(), 2);
}

TEST(PurchaseTest, IdsOfOrdersFollowTime) {
  const Timestamp now{1'800'000'000'000'000};
  EXPECT_LT(OrderIdAt(now, ~uint64_t{0}), OrderIdAt(now + Duration::Millis(5), 0));
  EXPECT_NE(OrderIdAt(now, 0), OrderIdAt(now, ~uint64_t{0}));
  EXPECT_TRUE(OrderIdAt(Timestamp{-1}, 0));
  // 140 years after the epoch they still fit.
  EXPECT_GT(OrderIdAt(Timestamp{4'400'000'000'000'000}, 0), OrderIdAt(now, ~uint64_t{0}));
}

TEST(RolesTest, EveryRouteKnowsItsCallers) {
  World world;
  world.MakeEvent();
  struct Row {
    const char* method;
    std::string target;
    std::string token;
    int status;
  };
  const std::string event = "/v1/events/" + world.event_id;
  const Row rows[] = {
      {"POST", "/v1/venues", world.customer, 403},
      {"POST", "/v1/venues", world.box_office, 403},
      {"POST", "/v1/charts", world.visitor, 403},
      {"POST", "/v1/events", world.gate, 403},
      {"GET", "/v1/events", "", 401},
      {"GET", "/v1/events", "nonsense", 401},
      {"GET", event, world.device, 200},
      {"POST", event + "/holds", world.device, 403},
      {"POST", event + "/holds", world.gate, 403},
      {"POST", "/v1/orders", world.visitor, 403},
      {"GET", "/v1/orders", world.visitor, 403},
      {"GET", "/v1/tickets", world.box_office, 403},
  };
  for (const Row& row : rows) {
    const HttpResponse response = world.Send(row.method, row.target, row.token);
    EXPECT_EQ(response.status, row.status) << row.method << " " << row.target;
  }
  // Cash is not for customers.
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  const HttpResponse cash =
      world.Send("POST", "/v1/orders/" + order.id() + "/payments", world.customer,
                 R"({"cash":{"shift_id":")" + ShiftId{9}.ToString() +
                     R"(","tendered":{"minor":"90000","currency":"MXN"}}})",
                 "p");
  EXPECT_EQ(cash.status, 403);
}

}  // namespace
}  // namespace ticketing
