// Processes that end anywhere, lines that are cut, and two processes on one database: in the end
// seats, orders, tickets, messages and money agree.
#include <atomic>
#include <set>
#include <thread>

#include "tests/service_ticketing/world.h"
#include "ticketing/service/common/api.h"

namespace ticketing {
namespace {

using Death = MortalFactory::Death;

// One customer's way through a purchase, as far as it goes; each step is repeated with its key.
// True when it came to the end.
bool TryToBuy(World& world) {
  const HttpResponse hold = world.Hold({"N-A-1", "N-A-2"}, "k");
  if (hold.status != 201) return false;
  const HttpResponse order = world.Order(Parse<v1::Hold>(hold).id(), "k");
  if (order.status != 201) return false;
  return world.Pay(Parse<v1::Order>(order).id(), "pm_ok", "k").status == 200;
}

TEST(CrashTest, DyingAtAnyWriteOfAPurchaseLosesNothing) {
  for (const Death death : {Death::kBeforeWrite, Death::kAfterWrite}) {
    bool finished = false;
    int deaths = 0;
    for (int n = 1; !finished; ++n) {
      SCOPED_TRACE("write " + std::to_string(n) +
                   (death == Death::kBeforeWrite ? ", lost" : ", done but not heard of"));
      ASSERT_LT(n, 50);
      World world;
      world.MakeEvent();
      world.databases.DieAt(n, death);
      TryToBuy(world);
      (void)world.service->Tick();
      (void)world.service->Tick();
      finished = !world.databases.dead();
      deaths += world.databases.dead() ? 1 : 0;
      world.Restart();
      world.SettleAll();
      // The customer comes back and asks again, with the same keys.
      EXPECT_TRUE(TryToBuy(world));
      world.SettleAll();
      world.Audit();
      EXPECT_EQ(world.Count(seat::SeatStatus::kBooked), 2);
      EXPECT_EQ(world.payments.payments(), 1u);
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GE(deaths, 8);
  }
}

// Nobody comes back: what was started is finished, and what was not is let go.
TEST(CrashTest, DyingAtAnyWriteConvergesAlone) {
  for (const Death death : {Death::kBeforeWrite, Death::kAfterWrite}) {
    bool finished = false;
    for (int n = 1; !finished; ++n) {
      SCOPED_TRACE("write " + std::to_string(n));
      ASSERT_LT(n, 50);
      World world;
      world.MakeEvent();
      world.databases.DieAt(n, death);
      TryToBuy(world);
      (void)world.service->Tick();
      finished = !world.databases.dead();
      world.Restart();
      world.SettleAll();
      world.env.clock.Advance(limits::kHoldMax);
      world.SettleAll();
      world.Audit();
      EXPECT_EQ(world.Count(seat::SeatStatus::kHeld), 0);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// The hold is gone and its seats are somebody else's when the approval is found.
TEST(CrashTest, DyingAtAnyWriteOfALateApprovalGivesTheMoneyBack) {
  for (const Death death : {Death::kBeforeWrite, Death::kAfterWrite}) {
    bool finished = false;
    for (int n = 1; !finished; ++n) {
      SCOPED_TRACE("write " + std::to_string(n));
      ASSERT_LT(n, 50);
      World world;
      world.MakeEvent();
      const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1", "N-A-2"}, "k"));
      const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
      world.payments_client.cut_after = true;
      EXPECT_EQ(world.Pay(order.id(), "pm_ok", "p").status, 504);
      // For longer than a hold can live nobody hears of the approval, and the seats are sold again.
      for (int i = 0; i < 60; ++i) {
        EXPECT_OK(world.service->Tick());
        world.env.clock.Advance(Duration::Minutes(3));
      }
      world.payments_client.cut_after = false;
      world.payments_client.cut_before = true;
      const auto other = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k2"));
      EXPECT_NE(other.id(), "");
      world.payments_client.cut_before = false;
      world.databases.DieAt(n, death);
      (void)world.service->Tick();
      (void)world.service->Tick();
      finished = !world.databases.dead();
      world.Restart();
      world.SettleAll();
      world.Audit();
      const auto after =
          Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer));
      EXPECT_EQ(after.status(), "refunded");
      EXPECT_EQ(world.payments.refunds(), 1);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(SettlingTest, AnAnswerThatNeverCameIsAskedForAgain) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  world.payments_client.cut_after = true;
  const HttpResponse open = world.Pay(order.id(), "pm_ok", "p");
  EXPECT_EQ(open.status, 504);
  EXPECT_TRUE(open.headers.Get("Retry-After"));
  EXPECT_EQ(
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer)).status(),
      "paying");
  // Neither another payment nor a cancellation gets in between.
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "p2").status, 409);
  EXPECT_EQ(
      world.Send("POST", "/v1/orders/" + order.id() + "/cancel", world.customer, "", "c").status,
      409);
  world.payments_client.cut_after = false;
  world.env.clock.Advance(Duration::Seconds(2));
  EXPECT_OK(world.service->Tick());
  EXPECT_EQ(
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer)).status(),
      "completed");
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "p").status, 200);
  EXPECT_EQ(world.payments.payments(), 1u);
  world.SettleAll();
  world.Audit();
}

TEST(SettlingTest, TheHoldLastsWhileThePaymentIsOpen) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  world.payments_client.cut_before = true;
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "p").status, 503);
  for (int i = 0; i < 30; ++i) {
    world.env.clock.Advance(Duration::Minutes(2));
    EXPECT_OK(world.service->Tick());
  }
  EXPECT_EQ(world.Hold({"N-A-1"}, "k2").status, 409);
  world.payments_client.cut_before = false;
  world.SettleAll();
  world.Audit();
  EXPECT_EQ(
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer)).status(),
      "completed");
}

TEST(SettlingTest, LateMoneyTakesTheSeatsIfTheyAreFree) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  world.payments_client.cut_after = true;
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "p").status, 504);
  world.env.clock.Advance(limits::kHoldMax * 2);
  EXPECT_OK(world.service->Tick());
  EXPECT_TRUE(world.Seats().empty());
  world.payments_client.cut_after = false;
  for (int i = 0; i < 3; ++i) world.SettleAll();
  EXPECT_EQ(
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer)).status(),
      "completed");
  world.Audit();
}

TEST(SettlingTest, TheCustomerHearsThatTheMoneyComesBack) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  // While the gateway thinks, the hold runs out and somebody else takes the seat.
  world.payments.before = [&](const HttpRequest&) -> std::optional<HttpResponse> {
    world.payments.before = nullptr;
    world.env.clock.Advance(limits::kHoldMax * 2);
    EXPECT_EQ(world.Hold({"N-A-1"}, "k2").status, 201);
    return std::nullopt;
  };
  const HttpResponse answer = world.Pay(order.id(), "pm_ok", "p");
  EXPECT_EQ(answer.status, 409) << answer.body;
  EXPECT_EQ(ProblemOf(answer).code(), "seat-not-available");
  EXPECT_THAT(ProblemOf(answer).detail(), ::testing::HasSubstr("given back"));
  EXPECT_EQ(
      Parse<v1::Order>(world.Send("GET", "/v1/orders/" + order.id(), world.customer)).status(),
      "refunded");
  EXPECT_TRUE(world.payments.Net().empty());
}

TEST(SettlingTest, ARefusalOfPaymentsIsPassedOnAndTheOrderStaysPayable) {
  World world;
  world.MakeEvent();
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  const auto order = Parse<v1::Order>(world.Order(hold.id(), "k"));
  world.payments.before = [&](const HttpRequest&) -> std::optional<HttpResponse> {
    world.payments.before = nullptr;
    return ProblemResponse(MakeError(ErrorCode::kShiftNotOpen, "Open a shift first."), "");
  };
  const HttpResponse refused = world.Pay(order.id(), "pm_ok", "p");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(ProblemOf(refused).code(), "shift-not-open");
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "p2").status, 200);
}

TEST(OutboxTest, AMessageWaitsForItsReceiverAndIsSentOnce) {
  World world;
  world.MakeEvent();
  world.notifications.down = true;
  const v1::Order order = world.Buy({"N-A-1"}, "k");
  EXPECT_OK(world.service->Tick());
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM outbox"), 1);
  world.notifications.down = false;
  world.notifications_client.cut_after = true;  // it is taken, but we do not hear of it
  world.env.clock.Advance(Duration::Minutes(1));
  EXPECT_OK(world.service->Tick());
  EXPECT_EQ(world.Sql("SELECT COUNT(*) FROM outbox"), 1);
  world.notifications_client.cut_after = false;
  world.SettleAll();
  world.Audit();
  EXPECT_EQ(world.notifications.messages.size(), 1u);
}

TEST(ConcurrencyTest, OfManyWhoWantOneSeatExactlyOneGetsIt) {
  World world;
  world.MakeEvent();
  for (int round = 1; round <= 5; ++round) {
    constexpr int kThreads = 12;
    std::atomic<int> got = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const HttpResponse response =
            world.Hold({"N-A-" + std::to_string(round)},
                       "r" + std::to_string(round) + "t" + std::to_string(i));
        if (response.status == 201) ++got;
        if (response.status == 409) ++refused;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(got, 1);
    EXPECT_EQ(refused, kThreads - 1);
  }
}

TEST(ConcurrencyTest, TwoProcessesOnOneDatabaseSellEverySeatOnce) {
  World world;
  world.MakeEvent();
  const std::unique_ptr<TicketingService> second = world.OpenAnother();
  constexpr int kSeats = 40;
  constexpr int kThreads = 4;
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      TicketingService& service = t % 2 == 0 ? *world.service : *second;
      for (int i = 0; i < kSeats; ++i) {
        const std::string label =
            std::string("N-") + static_cast<char>('A' + i / 10) + "-" + std::to_string(i % 10 + 1);
        const HttpResponse response =
            world.SendTo(service, "POST", "/v1/events/" + world.event_id + "/holds", world.visitor,
                         R"({"objects":[{"label":")" + label + "\"}]}",
                         "t" + std::to_string(t) + "i" + std::to_string(i));
        EXPECT_TRUE(response.status == 201 || response.status == 409) << response.body;
        if (response.status == 201) ++got;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, kSeats);
  EXPECT_EQ(world.Count(seat::SeatStatus::kHeld), kSeats);
  std::set<HoldId> holds;
  for (const seat::SeatRow& row : world.Seats()) holds.insert(row.hold);
  EXPECT_EQ(holds.size(), kSeats);
}

TEST(ConcurrencyTest, AStaleLaneBelievesTheDatabase) {
  World world;
  world.MakeEvent();
  const std::unique_ptr<TicketingService> second = world.OpenAnother();
  const std::string path = "/v1/events/" + world.event_id;
  // Both lanes know the empty event.
  EXPECT_EQ(world.SendTo(*second, "GET", path + "/availability", world.visitor).status, 200);
  const auto hold = Parse<v1::Hold>(world.Hold({"N-A-1"}, "k"));
  // The second has never heard of this hold, and orders from it all the same.
  const HttpResponse made = world.SendTo(
      *second, "POST", "/v1/orders", world.customer,
      R"({"event_id":")" + world.event_id + R"(","hold_id":")" + hold.id() + "\"}", "k");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto order = Parse<v1::Order>(made);
  EXPECT_EQ(world.Pay(order.id(), "pm_ok", "k").status, 200);
  // And it does not sell the seat again.
  const HttpResponse again = world.SendTo(*second, "POST", path + "/holds", world.visitor,
                                          R"({"objects":[{"label":"N-A-1"}]})", "k2");
  EXPECT_EQ(again.status, 409);
  world.env.clock.Advance(Duration::Seconds(2));
  const auto map =
      Parse<v1::Availability>(world.SendTo(*second, "GET", path + "/availability", world.visitor));
  EXPECT_EQ(map.categories(0).free(), 43);
  world.SettleAll();
  world.Audit();
}

}  // namespace
}  // namespace ticketing
